"""Whether a preview holds: the shared model that is trained for a mix, and how far its lists are from the preview's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Final

import pandas as pd

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.estimates import Estimate, bootstrap
from relvid_core.evaluation.protocol import NDCG, POPULAR_SHARE, RECALL, TAIL_SHARE, TOPIC_MATCH
from relvid_core.evaluation.rank_overlap import jaccard, rank_biased_overlap, shared_share
from relvid_core.experiments.alike import without_seed
from relvid_core.experiments.preview import Position, Preview, View
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.warm import nearest_run
from relvid_core.retrieval.ranking import Neighbours

COMPARED: Final = (RECALL, NDCG, TOPIC_MATCH, POPULAR_SHARE, TAIL_SHARE)
PREVIEW: Final = "preview"
ERROR: Final = "error"  # preview − retrained


@dataclass(frozen=True)
class Overlap:
    """What two sets of lists of length `k` have in common, averaged over the seeds."""

    k: int
    shared: float  # share of a list that stands in the other one too
    jaccard: float  # shared videos ÷ all videos of both lists
    rank_biased: float  # the same with the top counting most, see `rank_overlap.rank_biased_overlap`


@dataclass(frozen=True)
class Confirmation:
    """A preview against the model that was trained for the same position, on the same seeds."""

    table: pd.DataFrame  # metric, preview, mean, low, high (of the retrained model), error
    overlap: Overlap
    n_seeds: int


@dataclass(frozen=True)
class NoiseFloor:
    """How far two trainings are apart that differ only in their random seed: nothing can be closer than that."""

    apart: dict[str, float]  # metric → |difference of the means|
    overlap: Overlap


def shared_config(config: ExperimentConfig, position: Position) -> ExperimentConfig:
    """The settings that train one shared head for a position of `config`'s sliders.

    Of split heads, ω and 1 − ω become the weights of the losses, the latter times the ratio of relevance to engagement
    in `config`. A shared model keeps its weights: only κ can move, which no training reads.
    """
    changed = config.with_values(
        towers__heads="shared", objective__popularity_term=round(position.kappa, 6), training__warm_start=False
    )
    if config.towers.heads == "shared":
        return changed
    engagement, relevance = config.objective.engagement_weight, config.objective.relevance_weight
    if engagement == 0:
        raise ConfigError(
            "engagement weight: received 0, so the engagement head of this run has learned nothing that could be "
            "retrained. Choose a run in which both losses count."
        )
    return changed.with_values(
        objective__engagement_weight=round(position.omega, 6),
        objective__relevance_weight=round((1 - position.omega) * relevance / engagement, 6),
    )


def with_start(config: ExperimentConfig, fingerprint: str, infos: list[RunInfo]) -> ExperimentConfig:
    """The config, begun from an earlier run where one fits, so that it takes a second or two."""
    fits = nearest_run(config, fingerprint, infos) is not None
    return config.with_values(training__warm_start=fits)


def confirming_run(config: ExperimentConfig, fingerprint: str, infos: list[RunInfo]) -> RunInfo | None:
    """The newest model with these settings, however it was begun; None if there is none. `infos` is newest first."""
    asked = _settings(config)
    return next((info for info in _models(fingerprint, infos) if _settings(info.config) == asked), None)


def confirm(preview: Preview, view: View, retrained: Run) -> Confirmation:
    """The measures of both on the seeds of the preview, with intervals for the retrained model, and their overlap."""
    seeds = preview.shortlists.seeds
    if retrained.info.evaluation_key != preview.info.evaluation_key or retrained.info.n_videos != preview.info.n_videos:
        raise RunError(
            f"run {retrained.info.label!r} was measured otherwise than {preview.info.label!r}, so it confirms nothing. "
            "Train it again with the settings of this page."
        )
    k = view.lists.k
    lists = Neighbours(retrained.neighbours.rows[seeds], retrained.neighbours.scores[seeds]).first(k)
    measured, settings = preview.judge.measure(lists), retrained.info.config.evaluation
    rows: list[tuple[str, float, float, float, float, float]] = []
    for metric in COMPARED:
        found: Estimate = bootstrap(
            measured.per_seed[metric], replicates=settings.bootstrap_replicates, confidence=settings.confidence
        )
        shown = view.reading.means[metric]
        rows.append((metric, shown, found.mean, found.low, found.high, shown - found.mean))
    table = pd.DataFrame(rows, columns=[c.METRIC, PREVIEW, c.MEAN, c.LOW, c.HIGH, ERROR])
    return Confirmation(table, overlap(view.lists.rows, lists.rows), len(seeds))


def seed_twins(config: ExperimentConfig, fingerprint: str, infos: list[RunInfo]) -> tuple[RunInfo, RunInfo] | None:
    """Two models trained from the start that differ only in their random seed: of this config if there are, else the
    newest of any shared-head config measured alike; None without such a pair. `infos` is newest first."""
    own_settings = but_seed(config)
    fresh = [
        info
        for info in _models(fingerprint, infos)
        if info.started_from is None
        and (info.config.towers.heads == "shared" or but_seed(info.config) == own_settings)
        and (info.config.split, info.config.coengagement, info.config.evaluation)
        == (config.split, config.coengagement, config.evaluation)
    ]
    pairs = [
        (a, b)
        for a, b in combinations(fresh, 2)
        if a.config.training.seed != b.config.training.seed and but_seed(a.config) == but_seed(b.config)
    ]
    own = [(a, b) for a, b in pairs if but_seed(a.config) == own_settings]
    return next(iter([*own, *pairs]), None)


def noise_floor(a: Run, b: Run) -> NoiseFloor:
    """How far two runs are apart, on all their seeds; they must be measured alike."""
    apart = {metric: abs(a.estimates[metric].mean - b.estimates[metric].mean) for metric in COMPARED}
    return NoiseFloor(apart, measured_overlap(a, b))


def measured_overlap(a: Run, b: Run) -> Overlap:
    """What the measured lists of two runs have in common, on all their seeds; they must be measured alike."""
    k = a.info.config.evaluation.k
    return overlap(*(run.neighbours.rows[run.seeds, :k] for run in (a, b)))


def overlap(a: Rows, b: Rows) -> Overlap:
    """What the lists `[n_seeds, k]` of both have in common, seed by seed; no list holds a video twice."""
    measures = (shared_share, jaccard, rank_biased_overlap)
    return Overlap(a.shape[1], *(float(measure(a, b).mean()) for measure in measures))


def _models(fingerprint: str, infos: list[RunInfo]) -> list[RunInfo]:
    return [info for info in infos if info.kind == "model" and info.dataset_fingerprint == fingerprint]


def _settings(config: ExperimentConfig) -> ExperimentConfig:
    """The config without what a shared model does not read, or only begins with."""
    plain = ExperimentConfig()
    training = replace(config.training, warm_start=plain.training.warm_start, warm_epochs=plain.training.warm_epochs)
    blend = plain.objective.blend if config.towers.heads == "shared" else config.objective.blend
    return replace(config, training=training, objective=replace(config.objective, blend=blend))


@lru_cache(maxsize=4096)  # as `without_seed`
def but_seed(config: ExperimentConfig) -> ExperimentConfig:
    """What decides on the lists but for chance: equal for two runs that differ in their random seed only."""
    return _settings(without_seed(config))
