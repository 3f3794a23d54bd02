"""What stored runs say beside each other: which can be compared, against what, and whether a correction pays."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Final

import pandas as pd

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig, OffPolicyConfig
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.estimates import Estimate, bootstrap
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL
from relvid_core.experiments.judging import judged_fingerprint
from relvid_core.experiments.prepared import evaluation_key
from relvid_core.experiments.run import Run, RunInfo

# Settings that decide what is measured, in words.
_MEASURED: Final = {
    "split.kind": "split",
    "split.test_share": "test share",
    "split.validation_share": "validation share",
    "split.fold": "window scored",
    "split.cold_share": "share of hidden videos",
    "coengagement.window": "steps that make a pair",
    "coengagement.symmetric": "pairs in both directions",
    "coengagement.pair_weight": "weight of a pair",
    "evaluation.k": "list length",
    "evaluation.topic_rule": "topic rule",
    "evaluation.topic_level": "topic level",
    "evaluation.head_share": "share of popular videos",
    "evaluation.hidden_share": "share of hidden topics",
    "evaluation.bootstrap_replicates": "bootstrap replicates",
    "evaluation.confidence": "confidence",
}


@dataclass(frozen=True)
class Standings:
    """The runs of one dataset, newest first, sorted by whether they were measured like the newest model."""

    models: list[RunInfo]
    baselines: list[RunInfo]
    others: list[tuple[RunInfo, str]]  # models measured otherwise, with the reason


def standings(infos: list[RunInfo]) -> Standings:
    """Sort the runs of one dataset (newest first) around the newest model; other baselines are left out."""
    models = [info for info in infos if info.kind == "model"]
    if not models:
        return Standings([], [], [])
    newest = models[0]
    return Standings(
        [info for info in models if info.evaluation_key == newest.evaluation_key],
        [info for info in infos if info.kind == "baseline" and info.evaluation_key == newest.evaluation_key],
        [(info, why_not_comparable(info, newest)) for info in models if info.evaluation_key != newest.evaluation_key],
    )


def why_not_comparable(info: RunInfo, reference: RunInfo) -> str:
    """In words: what differs between how two runs were measured."""
    if info.dataset_fingerprint != reference.dataset_fingerprint:
        return "made from other data: the catalogue or the log has changed since"
    mine, theirs = _measured(info.config), _measured(reference.config)
    different = [name for name in mine if mine[name] != theirs[name]]
    said = [f"{_MEASURED[name]} {mine[name]} instead of {theirs[name]}" for name in different]
    return ", ".join(said) or "measured by another version of the program"


def _measured(config: ExperimentConfig) -> dict[str, object]:
    sections = asdict(config)
    return {name: sections[name.split(".")[0]][name.split(".")[1]] for name in _MEASURED}


def reference_for(info: RunInfo, infos: list[RunInfo]) -> RunInfo | None:
    """What to hold a run against: the newest engagement-only run measured alike, else the run before it, else None."""
    alike = [
        other
        for other in infos
        if other.kind == "model" and other.evaluation_key == info.evaluation_key and other.run_id != info.run_id
    ]
    plain = [other for other in alike if is_engagement_only(other.config)]
    before = [other for other in alike if other.created_at < info.created_at]
    return next(iter([*plain, *before]), None)


def is_engagement_only(config: ExperimentConfig) -> bool:
    """Whether neither relevance nor any kind of popularity correction had a say."""
    objective = config.objective
    as_in_the_log = objective.popularity_offset == 0 and objective.popularity_term == 0 and config.training.log_q
    return objective.relevance_weight == 0 and config.off_policy.strength == 0 and as_in_the_log


def current_runs(infos: list[RunInfo], dataset: Dataset) -> list[RunInfo]:
    """The runs made from the present data that are measured as they would be now; nothing stands beside the others."""
    judged = judged_fingerprint(dataset)
    return [
        info
        for info in infos
        if info.dataset_fingerprint == dataset.fingerprint
        and info.evaluation_key == evaluation_key(judged, info.config)
    ]


def same_run(config: ExperimentConfig, fingerprint: str, infos: list[RunInfo]) -> RunInfo | None:
    """The newest stored model with these settings on this data, or None."""
    return next(
        (
            info
            for info in infos
            if info.kind == "model" and info.config == config and info.dataset_fingerprint == fingerprint
        ),
        None,
    )


def difference(a: Run, b: Run, metric: str) -> Estimate:
    """Mean of a − b over the seed videos that both have, with its interval; the runs must be measured alike."""
    settings = a.info.config.evaluation
    values = a.per_seed[metric] - b.per_seed[metric]
    return bootstrap(values, replicates=settings.bootstrap_replicates, confidence=settings.confidence)


@dataclass(frozen=True)
class CorrectionVerdict:
    """A run with off-policy correction against its twin without."""

    corrected: RunInfo
    plain: RunInfo
    recall: Estimate  # corrected − plain
    popular_share: Estimate  # corrected − plain

    @property
    def pays(self) -> bool:
        """Whether recall is higher beyond its interval."""
        return self.recall.low > 0


def correction_pair(models: list[RunInfo]) -> tuple[RunInfo, RunInfo] | None:
    """The newest run with correction and its twin, equal but for having none; None if there is no such pair."""
    for corrected in models:
        if corrected.config.off_policy.strength == 0:
            continue
        for plain in models:
            off = plain.config.off_policy.strength == 0 and plain.evaluation_key == corrected.evaluation_key
            if off and _without_correction(plain.config) == _without_correction(corrected.config):
                return corrected, plain
    return None


def correction_verdict(corrected: Run, plain: Run) -> CorrectionVerdict:
    """Judge the pair that `correction_pair` found."""
    return CorrectionVerdict(
        corrected.info,
        plain.info,
        difference(corrected, plain, RECALL),
        difference(corrected, plain, POPULAR_SHARE),
    )


def _without_correction(config: ExperimentConfig) -> ExperimentConfig:
    return replace(config, off_policy=OffPolicyConfig())


def estimates_frame(estimates: dict[str, dict[str, Estimate]]) -> pd.DataFrame:
    """Tidy run / metric / mean / low / high / n_seeds table of run name → metric → estimate."""
    rows = [(run, metric, e.mean, e.low, e.high, e.n) for run, of in estimates.items() for metric, e in of.items()]
    return pd.DataFrame(rows, columns=[c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH, c.N_SEEDS])
