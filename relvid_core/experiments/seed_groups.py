"""Measures of a run for some of its seed videos: by how well they are known, down to those that nobody ever watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from relvid_core.config import EvaluationConfig
from relvid_core.errors import NotEnoughData
from relvid_core.evaluation import metrics
from relvid_core.evaluation.estimates import Estimate, bootstrap
from relvid_core.evaluation.metrics import STRATUM_NAMES, PerSeed
from relvid_core.evaluation.protocol import RECALL, TOPIC_MATCH
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run
from relvid_core.retrieval.ranking import Neighbours

SeedGroup = Literal["all", "head", "mid", "tail", "cold"]
COLD: Final[SeedGroup] = "cold"
WARM_GROUPS: Final[tuple[SeedGroup, ...]] = ("all", "head", "mid", "tail")


@dataclass(frozen=True)
class GroupReading:
    """One measure of one group of seeds, `[n]` values and their mean; the same seeds for every run measured alike."""

    group: SeedGroup
    metric: str
    values: PerSeed
    estimate: Estimate


def read_groups(run: Run, prepared: Prepared) -> dict[tuple[SeedGroup, str], GroupReading]:
    """Recall and topic match of a run for all seeds, for head, mid and tail seeds, and for cold ones.

    Head, mid and tail are strata of the *seed* by its own popularity in the history, unlike the recall by stratum of
    the Judge, which is by target. Cold seeds have no engagement in the history at all: either nobody had watched them
    yet, or `split.cold_share` hid them. They are asked about what viewers watched with them in the target window, with
    the lists that the run stored for them. Groups without seeds are left out.
    """
    settings = run.info.config.evaluation
    readings = [
        _reading(group, metric, values, settings)
        for metric in (RECALL, TOPIC_MATCH)
        for group, values in group_values(run, prepared, metric).items()
    ]
    return {(one.group, one.metric): one for one in readings if one.estimate.n}


def group_values(run: Run, prepared: Prepared, metric: str) -> dict[SeedGroup, PerSeed]:
    """One measure by group of seeds, `[n]` each; cold seeds have recall and topic match only."""
    stratum = prepared.judge.stratum[prepared.evaluation.seeds]
    values = run.per_seed[metric]
    of: dict[SeedGroup, PerSeed] = {"all": values}
    of |= {name: values[stratum == STRATUM_NAMES.index(name)] for name in WARM_GROUPS[1:]}
    if prepared.evaluation.n_cold_seeds and metric in (RECALL, TOPIC_MATCH):
        of[COLD] = _cold(run, prepared, metric)
    return of


def cold_recall(lists: Neighbours, prepared: Prepared, k: int) -> PerSeed:
    """Recall@k of lists for every video of the catalogue, `[n_cold_seeds]`. Raises NotEnoughData without cold seeds."""
    asked = prepared.evaluation.of_cold_seeds()
    hits = metrics.found_in_truth(lists.rows[asked.seeds][:, :k], asked.truth)
    return metrics.recall(hits, asked.n_truth)


def _cold(run: Run, prepared: Prepared, metric: str) -> PerSeed:
    k = run.info.config.evaluation.k
    if metric == RECALL:
        return cold_recall(run.neighbours, prepared, k)
    asked = prepared.evaluation.of_cold_seeds()
    return prepared.judge.topic_match(run.neighbours.rows[asked.seeds][:, :k], asked.seeds)


def _reading(group: SeedGroup, metric: str, values: PerSeed, settings: EvaluationConfig) -> GroupReading:
    mean = bootstrap(values, replicates=settings.bootstrap_replicates, confidence=settings.confidence)
    return GroupReading(group, metric, values, mean)


def cold_in_lists(run: Run, prepared: Prepared) -> float:
    """Share of the places in the lists of known seeds that hold a video without any history."""
    if not prepared.evaluation.n_seeds:
        raise NotEnoughData("cold videos: there are no seed videos with a history to look at")
    rows = run.measured_lists.rows
    return float((~prepared.evaluation.known)[rows].mean())
