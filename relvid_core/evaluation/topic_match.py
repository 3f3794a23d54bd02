"""Topic match by seed video, with the chance level and the ceiling that it must be read against.

Our definitions: the paper reports a topic match and gives no formula. A seed without a topic is undefined (NaN); a
neighbour without one is no match.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.config import TopicRule
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts
from relvid_core.data.topics import Topics, equal_rows
from relvid_core.evaluation.metrics import PerSeed

_BLOCK_CELLS = 1 << 22  # pairs of topic sets compared at a time


def topic_labels(topics: Topics, rule: TopicRule, level: int) -> sparse.csr_matrix:
    """What two videos must share one of: `[n_videos, n_topics]` of 0 and 1.

    "any": every topic of the video; "primary": its first-named one. `level` cuts the taxonomy (1 = top, 0 = finest).
    """
    return topics.incidence(level, primary_only=rule == "primary")


def topic_match(rows: Rows, seeds: Rows, labels: sparse.csr_matrix) -> PerSeed:
    """Share of each list `[n_seeds, k]` that shares a label with its seed."""
    n_seeds, k = rows.shape
    shared = labels[np.repeat(seeds, k)].multiply(labels[rows.ravel()]).sum(axis=1)
    match = (np.asarray(shared).reshape(n_seeds, k) > 0).mean(axis=1)
    return np.where(_labelled(labels)[seeds], match, np.nan)


def sharing_videos(seeds: Rows, labels: sparse.csr_matrix) -> Counts:
    """How many other videos share a label with each seed, `[n_seeds]`. Exact.

    Videos with the same labels are counted as one pattern, and patterns are compared block by block.
    """
    pattern_of, first, size = _patterns(labels)
    patterns = labels[first]
    wanted, place = np.unique(pattern_of[seeds], return_inverse=True)
    counts = np.zeros(len(wanted), dtype=np.int64)
    step = max(1, _BLOCK_CELLS // len(first))
    for start in range(0, len(wanted), step):
        overlap = sparse.csr_matrix(patterns[wanted[start : start + step]] @ patterns.T)
        overlap.data = (overlap.data > 0).astype(np.float64)
        counts[start : start + step] = overlap @ size
    return counts[place] - _labelled(labels)[seeds]  # a labelled seed shares with itself


def topic_chance(seeds: Rows, labels: sparse.csr_matrix) -> PerSeed:
    """Chance level of topic match: the share of all other videos that share a label with the seed."""
    others = max(1, labels.shape[0] - 1)
    return np.where(_labelled(labels)[seeds], sharing_videos(seeds, labels) / others, np.nan)


def topic_ceiling(seeds: Rows, labels: sparse.csr_matrix, k: int) -> PerSeed:
    """The best topic match that k neighbours could have: min(videos that share a label, k) / k."""
    best = np.minimum(sharing_videos(seeds, labels), k) / k
    return np.where(_labelled(labels)[seeds], best, np.nan)


def _labelled(labels: sparse.csr_matrix) -> npt.NDArray[np.bool_]:
    labelled: npt.NDArray[np.bool_] = np.diff(labels.indptr) > 0
    return labelled


def _patterns(labels: sparse.csr_matrix) -> tuple[Counts, Counts, npt.NDArray[np.float64]]:
    """For distinct label sets: the set of every video `[n_videos]`, a video that has it, and how many do."""
    pattern_of, first = equal_rows(labels)
    return pattern_of, first, np.bincount(pattern_of).astype(np.float64)
