"""Measures of a run for some of its seed videos: by how well they are known, down to those that nobody ever watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from relvid_core.config import EvaluationConfig
from relvid_core.data.catalog import Rows
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
    readings = [
        _reading(group, metric, run.per_seed[metric][_members(group, prepared)], run.info.config.evaluation)
        for group in WARM_GROUPS
        for metric in (RECALL, TOPIC_MATCH)
    ]
    if prepared.evaluation.n_cold_seeds:
        readings += _cold(run.neighbours, prepared, run.info.config.evaluation)
    return {(one.group, one.metric): one for one in readings if one.estimate.n}


def _members(group: SeedGroup, prepared: Prepared) -> np.ndarray:
    stratum = prepared.judge.stratum[prepared.evaluation.seeds]
    return np.ones(len(stratum), dtype=bool) if group == "all" else stratum == STRATUM_NAMES.index(group)


def cold_recall(lists: Neighbours, prepared: Prepared, k: int) -> PerSeed:
    """Recall@k of lists for every video of the catalogue, `[n_cold_seeds]`. Raises NotEnoughData without cold seeds."""
    asked = prepared.evaluation.of_cold_seeds()
    hits = metrics.found_in_truth(lists.rows[asked.seeds][:, :k], asked.truth)
    return metrics.recall(hits, asked.n_truth)


def _cold(lists: Neighbours, prepared: Prepared, settings: EvaluationConfig) -> list[GroupReading]:
    asked = prepared.evaluation.of_cold_seeds()
    rows: Rows = lists.rows[asked.seeds][:, : settings.k]
    return [
        _reading(COLD, RECALL, cold_recall(lists, prepared, settings.k), settings),
        _reading(COLD, TOPIC_MATCH, prepared.judge.topic_match(rows, asked.seeds), settings),
    ]


def _reading(group: SeedGroup, metric: str, values: PerSeed, settings: EvaluationConfig) -> GroupReading:
    mean = bootstrap(values, replicates=settings.bootstrap_replicates, confidence=settings.confidence)
    return GroupReading(group, metric, values, mean)


def cold_in_lists(run: Run, prepared: Prepared) -> float:
    """Share of the places in the lists of known seeds that hold a video without any history."""
    if not prepared.evaluation.n_seeds:
        raise NotEnoughData("cold videos: there are no seed videos with a history to look at")
    rows = run.neighbours.rows[run.seeds][:, : run.info.config.evaluation.k]
    return float((~prepared.evaluation.known)[rows].mean())
