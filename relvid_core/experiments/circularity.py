"""Where a measure grades a run by what it was trained on, in a plain sentence: circular readings look like success."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.judge_encoders import SEMANTIC_TEACHER, SEMANTIC_TEXT, SEMANTIC_VISUAL
from relvid_core.evaluation.protocol import TOPIC_MATCH, WEIGHTED_RECALL
from relvid_core.evaluation.topic_readings import FINE_MATCH, HIDDEN_MATCH
from relvid_core.experiments.run import RunInfo

_CONTENT_BASELINE: Final = "baseline-content_only-"
_BY_TOPIC: Final = (TOPIC_MATCH, HIDDEN_MATCH, FINE_MATCH)
_TOLD: Final = "a gain shows that training did what it was told, not that viewers find the lists more relevant."


def circularity(info: RunInfo, metric: str) -> str | None:
    """Why a metric grades this run on what trained it; None where it does not."""
    config = info.config
    if info.kind == "baseline":
        judged_alike = metric == SEMANTIC_TEXT and config.towers.text_encoder == info.judge_of(metric)
        if judged_alike and info.run_id.startswith(_CONTENT_BASELINE):
            return "This baseline ranks by the very vectors that judge it here."
        return None
    if metric in _BY_TOPIC:
        return _of_topics(info, metric)
    if metric == SEMANTIC_TEACHER and _learns(config, "teacher"):
        return f"The relevance loss learned from the very encoder that judges here: {_TOLD}"
    towers = config.towers
    if metric == SEMANTIC_TEXT and towers.use_text and towers.text_encoder == info.judge_of(metric):
        return "The towers read the very text vectors that judge here, so likeness to them is no finding."
    if metric == SEMANTIC_VISUAL and towers.use_visual and towers.visual_encoder == info.judge_of(metric):
        return "The towers read the very picture vectors that judge here, so likeness to them is no finding."
    if metric == WEIGHTED_RECALL and config.off_policy.strength > 0:
        return (
            "The correction gave rarely shown videos more weight in training, and this measure gives them more weight "
            "in grading. Read it beside plain recall, which errs on the other side."
        )
    return None


def _of_topics(info: RunInfo, metric: str) -> str | None:
    config = info.config
    if not learns_topics(config):
        if info.started_from is None:
            return None
        return "Training began from an earlier run, which may have learned from the topics that grade here."
    coarse, hidden = config.objective.topic_level == 1, config.objective.hide_topics
    if (metric == HIDDEN_MATCH and hidden) or (metric == FINE_MATCH and coarse):
        return None
    if metric == HIDDEN_MATCH:
        return f"No topic was hidden from this run: the relevance loss learned from these very labels, so {_TOLD}"
    if metric == FINE_MATCH:
        return f"The relevance loss of this run learned from the finest topics too, so {_TOLD}"
    of_what = "from the same topics that grade here"
    if hidden:
        of_what = f"from {1 - config.evaluation.hidden_share:.0%} of the topics that grade here".replace("%", "\u202f%")
    elif coarse and config.evaluation.topic_level != 1:
        of_what = "from the top level of the topics that grade here"
    return f"The relevance loss learned {of_what}: {_TOLD}"


def untold(info: RunInfo) -> tuple[str, ...]:
    """The topic readings by what a run was kept from though it learns from topics: its honest ones."""
    if info.kind == "baseline" or not learns_topics(info.config):
        return ()
    return tuple(metric for metric in (HIDDEN_MATCH, FINE_MATCH) if circularity(info, metric) is None)


def learns_topics(config: ExperimentConfig) -> bool:
    """Whether a relevance loss learns from topics."""
    return _learns(config, "topics")


def _learns(config: ExperimentConfig, source: str) -> bool:
    return config.objective.relevance_weight > 0 and config.objective.relevance_source == source


def shows_no_more(earlier: ExperimentConfig, config: ExperimentConfig) -> bool:
    """Whether an earlier training saw no topic that is kept from this one: else it must not begin from there."""
    keeps_some = config.objective.hide_topics or config.objective.topic_level == 1
    if not (learns_topics(config) and keeps_some and learns_topics(earlier)):
        return True
    return _kept_back(earlier) == _kept_back(config)


def _kept_back(config: ExperimentConfig) -> tuple[bool, int, float]:
    return config.objective.hide_topics, config.objective.topic_level, config.evaluation.hidden_share


def first_reason(infos: Sequence[RunInfo], metrics: Iterable[str]) -> dict[str, str]:
    """Metric → why it is circular for the first of the runs for which it is; the others are left out."""
    reasons = {
        metric: next((why for info in infos if (why := circularity(info, metric)) is not None), None)
        for metric in metrics
    }
    return {metric: why for metric, why in reasons.items() if why is not None}
