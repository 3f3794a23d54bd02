"""The seed video to open on: one whose lists are as usual, so that the first thing seen flatters no run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.protocol import Judge
from relvid_core.evaluation.rank_overlap import shared_share
from relvid_core.evaluation.topic_match import topic_match
from relvid_core.experiments.compare import check_comparable
from relvid_core.experiments.run import Run

# What `typical_seed` does, for whoever wonders why the page shows just this video.
CHOSEN_BY: Final = (
    "a typical one: of the videos whose lists differ, topic match, popular share and what the lists have in common "
    "come closest to the averages over all seed videos here"
)


def typical_seed(runs: Sequence[Run], judge: Judge, k: int) -> int:
    """The row of the seed video whose first `k` places come closest to what the runs show on average: on topic,
    popular, what lies between the first run and every other in both, and what their lists share.

    Seeds for which a run shows the same videos as the first come last: with them there is nothing to compare. Raises
    RunError where the runs were not asked the same seeds.
    """
    check_comparable(runs)
    seeds, k = runs[0].seeds, min(k, *(run.neighbours.k for run in runs))
    first, *others = (run.neighbours.rows[seeds, :k] for run in runs)
    on_topic = [topic_match(rows, seeds, judge.labels) for rows in (first, *others)]
    popular: list[PerSeed] = [judge.head[rows].mean(axis=1) for rows in (first, *others)]
    shared = [shared_share(first, rows) for rows in others]
    differences = [values - each[0] for each in (on_topic, popular) for values in each[1:]]
    away = sum((_from_mean(values) for values in (*on_topic, *popular, *differences, *shared)), np.zeros(len(seeds)))
    same = np.any([values == 1 for values in shared], axis=0) if shared else np.zeros(len(seeds), dtype=np.bool_)
    return int(seeds[np.lexsort((away, same))[0]])


def _from_mean(values: PerSeed) -> PerSeed:
    """How far each seed is from the mean of all; 1, the most it could be, where it has no value."""
    if np.isnan(values).all():
        return np.zeros(len(values))
    found: PerSeed = np.nan_to_num(np.abs(values - np.nanmean(values)), nan=1.0)
    return found
