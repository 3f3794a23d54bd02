"""A Run: one training (or one baseline) with everything needed to look at it again and to repeat it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig, TextEncoder, TowersConfig, VisualEncoder
from relvid_core.data.catalog import Rows
from relvid_core.data.propensity import ImportanceWeights, PropensityKind
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.training.towers import FittedTowers

RunKind = Literal["model", "baseline"]
LIST_LENGTH = 50  # neighbours kept for every video, or k where that is more
MAX_LABEL = 80  # characters


@dataclass(frozen=True)
class OffPolicySummary:
    """What the weights of a run were like; see `data.propensity.ImportanceWeights`."""

    propensity: PropensityKind
    effective_sample_size: float
    largest: float
    share_clipped: float
    logit_bound: float

    @classmethod
    def of(cls, weights: ImportanceWeights, kind: PropensityKind) -> OffPolicySummary:
        """The figures of `weights` without the weights themselves."""
        return cls(kind, weights.effective_sample_size, weights.largest, weights.share_clipped, weights.logit_bound)


@dataclass(frozen=True)
class RunInfo:
    """The card of a run: small, and enough to list, label and repeat it."""

    run_id: str
    label: str
    kind: RunKind
    created_at: float  # seconds since 1970, UTC
    dataset_key: str
    dataset_title: str
    dataset_fingerprint: str
    evaluation_key: str  # runs with the same one can be compared seed by seed
    config: ExperimentConfig
    n_videos: int
    seconds: float  # of training, or of making the baseline's lists
    off_policy: OffPolicySummary | None = None  # models only
    content: tuple[str, ...] = ()  # models only: who encoded what the towers read, and what could not be read
    started_from: str | None = None  # the run whose parameters training began from; None: from the start
    notes: tuple[str, ...] = ()  # baselines only: how its settings were found
    judged_by: tuple[tuple[str, str], ...] = ()  # metric → the encoder or the kind of propensity that it stands on

    def judge_of(self, metric: str) -> str | None:
        """What a metric stands on, where there is a choice: an encoder, a kind of propensity."""
        return dict(self.judged_by).get(metric)


@dataclass(frozen=True)
class Run:
    """A run with its results. Tables are tidy; `neighbours` holds a list for every video of the catalogue."""

    info: RunInfo
    seeds: Rows  # [n_seeds] evaluated seed videos
    per_seed: dict[str, PerSeed]  # metric → [n_seeds]
    estimates: dict[str, Estimate]  # metric → mean with interval
    neighbours: Neighbours  # rows and scores [n_videos, list length]
    history: pd.DataFrame  # epoch, term, value; empty for a baseline
    towers: FittedTowers | None = None  # None for a baseline

    @property
    def measured_lists(self) -> Neighbours:
        """The lists that its measures are of: those of `seeds`, `[n_seeds, k]`."""
        asked = Neighbours(self.neighbours.rows[self.seeds], self.neighbours.scores[self.seeds])
        return asked.first(self.info.config.evaluation.k)

    def neighbours_of(self, row: int, k: int) -> Neighbours:
        """The list of one video: `[1, k]`."""
        one = Neighbours(self.neighbours.rows[row : row + 1], self.neighbours.scores[row : row + 1])
        return one.first(min(k, one.k))


def list_length(config: ExperimentConfig, n_videos: int) -> int:
    """Neighbours that a run keeps for every video."""
    return min(max(LIST_LENGTH, config.evaluation.k), n_videos - 1)


def new_run_id() -> str:
    """Sorts by time and never repeats: 20250131-235959-1a2b3c."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + "-" + secrets.token_hex(3)


def history_frame(losses: list[tuple[float, dict[str, float]]]) -> pd.DataFrame:
    """Tidy epoch / term / value table of `(epoch, losses)` pairs; epochs may be fractions."""
    rows = [(epoch, term, value) for epoch, parts in losses for term, value in parts.items()]
    return pd.DataFrame(rows, columns=[c.EPOCH, c.TERM, c.VALUE])


def default_label(config: ExperimentConfig) -> str:
    """A short name that says what is special about a config.

    >>> default_label(ExperimentConfig())
    'engagement only'
    >>> default_label(ExperimentConfig().with_values(towers__use_visual=True, split__cold_share=0.1))
    'engagement only, + pictures, cold 10 %'
    """
    objective, off_policy, towers = config.objective, config.off_policy, config.towers
    parts = []
    if objective.relevance_weight == 0:
        parts.append("engagement only")
    elif objective.engagement_weight == 0:
        parts.append("relevance only")
    else:
        parts.append(f"relevance {objective.relevance_weight / objective.engagement_weight:.2g}")
    if off_policy.strength > 0:
        parts.append(f"OPC {off_policy.strength:.2g}")
    if objective.popularity_offset > 0:
        parts.append(f"λ {objective.popularity_offset:.2g}")
    if objective.popularity_term != 0:
        parts.append(f"κ {objective.popularity_term:.2g}")
    if config.training.softmax == "sampled":
        parts.append("sampled" if config.training.log_q else "sampled, no logQ")
    if objective.relevance_weight > 0 and objective.relevance_source == "topics":
        parts += ["topics hidden"] * objective.hide_topics + ["topics guessed"] * objective.guess_topics
        parts += ["coarse topics"] * (objective.topic_level == 1)
    if objective.weighting != "fixed":
        parts.append({"uncertainty": "Kendall", "pcgrad": "PCGrad"}[objective.weighting])
    if towers.heads == "split":
        parts.append(f"split ω {objective.blend:.2g}")
    if config.training.warm_start:
        parts.append("warm")
    parts += _what_is_read(towers)
    if config.split.cold_share > 0:
        parts.append(f"cold {100 * config.split.cold_share:.2g} %")
    return _cut(", ".join(parts))


_TEXTS: Final[dict[TextEncoder, str]] = {
    "tfidf": "text",
    "sentence": "sentences",
    "clip": "CLIP text",
    "file": "own text",
}
_PICTURES: Final[dict[VisualEncoder, str]] = {"descriptor": "pictures", "clip": "CLIP pictures", "file": "own pictures"}


def _what_is_read(towers: TowersConfig) -> list[str]:
    """What the towers read and how, where it is not the default."""
    text, pictures = _TEXTS[towers.text_encoder], _PICTURES[towers.visual_encoder]
    named = [text] if towers.use_text and towers.text_encoder != "tfidf" else []
    parts = []
    if not towers.use_id and towers.use_text and towers.use_visual:
        parts.append("content only")
    elif not towers.use_id:
        parts.append(f"{text if towers.use_text else pictures} only")
        named = []
    elif not towers.use_text:
        parts.append("no text")
    parts += named
    if towers.use_visual and (towers.use_id or towers.use_text):
        parts.append(f"+ {pictures}")
    if towers.fusion != "concat":
        parts.append(towers.fusion)
    if towers.modality_dropout > 0:
        parts.append(f"dropout {towers.modality_dropout:.2g}")
    return parts


def _cut(label: str) -> str:
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1].rstrip(" ,") + "…"
