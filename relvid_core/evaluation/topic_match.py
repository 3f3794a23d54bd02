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
from relvid_core.data.copies import Groups
from relvid_core.data.interactions import Counts, Mask
from relvid_core.data.topics import Topics, equal_rows
from relvid_core.evaluation.metrics import PerSeed, share

_BLOCK_CELLS = 1 << 22  # pairs of topic sets compared at a time
_FEW_SEEDS = 16


def topic_labels(topics: Topics, rule: TopicRule, level: int) -> sparse.csr_matrix:
    """What two videos must share one of: `[n_videos, n_topics]` of 0 and 1.

    "any": every topic of the video; "primary": its first-named one. `level` cuts the taxonomy (1 = top, 0 = finest).
    """
    return topics.incidence(level, primary_only=rule == "primary")


def shared_places(rows: Rows, seeds: Rows, labels: sparse.csr_matrix) -> Mask:
    """Which places of the lists `[n_seeds, k]` share a label with their seed."""
    if labels.nnz == _labelled(labels).sum():  # one label a video at most: compare numbers
        label = np.full(labels.shape[0], -1, dtype=np.int64)
        label[_labelled(labels)] = labels.indices
        same: Mask = (label[rows] == label[seeds][:, None]) & (label[rows] >= 0)
        return same
    shared = labels[np.repeat(seeds, rows.shape[1])].multiply(labels[rows.ravel()]).sum(axis=1)
    places: Mask = np.asarray(shared).reshape(rows.shape) > 0
    return places


def copied_places(rows: Rows, seeds: Rows, copies: Groups) -> Mask:
    """Which places of the lists `[n_seeds, k]` hold a copy of their seed."""
    places: Mask = copies[rows] == copies[seeds][:, None]
    return places


def topic_match(rows: Rows, seeds: Rows, labels: sparse.csr_matrix, copies: Groups | None = None) -> PerSeed:
    """Share of each list `[n_seeds, k]` that shares a label with its seed.

    Copies of the seed, videos with its number in `copies` `[n_videos]`, are left out: to retrieve a video's own copy
    is no feat. NaN for a seed without a label, or with nothing but copies in its list.
    """
    shared = shared_places(rows, seeds, labels)
    if copies is None:
        match: PerSeed = shared.mean(axis=1)
    else:
        counted = ~copied_places(rows, seeds, copies)
        match = share((shared & counted).sum(axis=1), counted.sum(axis=1))
    return np.where(_labelled(labels)[seeds], match, np.nan)


def sharing_videos(seeds: Rows, labels: sparse.csr_matrix) -> Counts:
    """How many other videos share a label with each seed, `[n_seeds]`. Exact.

    Videos with the same labels are counted as one pattern, and patterns are compared block by block; for a few seeds,
    finding the patterns would take longer than comparing all videos.
    """
    itself = _labelled(labels)[seeds]  # a labelled seed shares with itself
    if len(seeds) <= _FEW_SEEDS:
        return np.diff(sparse.csr_matrix(labels[seeds] @ labels.T).indptr).astype(np.int64) - itself
    pattern_of, first, size = _patterns(labels)
    patterns = labels[first]
    wanted, place = np.unique(pattern_of[seeds], return_inverse=True)
    counts = np.zeros(len(wanted), dtype=np.int64)
    step = max(1, _BLOCK_CELLS // len(first))
    for start in range(0, len(wanted), step):
        overlap = sparse.csr_matrix(patterns[wanted[start : start + step]] @ patterns.T)
        overlap.data = (overlap.data > 0).astype(np.float64)
        counts[start : start + step] = overlap @ size
    return counts[place] - itself


def sharing_others(seeds: Rows, labels: sparse.csr_matrix, copies: Groups | None) -> Counts:
    """`sharing_videos` without the copies of each seed."""
    sharing = sharing_videos(seeds, labels)
    return sharing if copies is None else sharing - sharing_videos(seeds, _among_copies(labels, copies))


def other_videos(seeds: Rows, copies: Groups | None, among: Mask) -> Counts:
    """How many videos of `among` `[n_videos]` are neither the seed nor a copy of it, `[n_seeds]`."""
    if copies is None:
        return np.asarray(among.sum() - among[seeds], dtype=np.int64)
    return np.asarray(among.sum() - np.bincount(copies[among], minlength=copies.max() + 1)[copies[seeds]])


def topic_chance(seeds: Rows, labels: sparse.csr_matrix, copies: Groups | None = None) -> PerSeed:
    """Chance level of topic match: the share of all other videos that share a label with the seed."""
    everything = np.ones(labels.shape[0], dtype=np.bool_)
    chance = share(sharing_others(seeds, labels, copies), other_videos(seeds, copies, everything))
    return np.where(_labelled(labels)[seeds], chance, np.nan)


def topic_ceiling(seeds: Rows, labels: sparse.csr_matrix, k: int, copies: Groups | None = None) -> PerSeed:
    """The best topic match that k neighbours could have: min(videos that share a label, k) / k."""
    best = np.minimum(sharing_others(seeds, labels, copies), k) / k
    return np.where(_labelled(labels)[seeds], best, np.nan)


def _among_copies(labels: sparse.csr_matrix, copies: Groups) -> sparse.csr_matrix:
    """Labels of which two videos share one only if they are copies of each other too; none for videos without one."""
    entries = labels.tocoo()
    kept = np.bincount(copies)[copies[entries.row]] > 1
    own = copies[entries.row[kept]] * labels.shape[1] + entries.col[kept]
    names, column = np.unique(own, return_inverse=True)
    ones = np.ones(len(column), dtype=np.float32)
    return sparse.csr_matrix((ones, (entries.row[kept], column)), shape=(labels.shape[0], max(1, len(names))))


def _labelled(labels: sparse.csr_matrix) -> npt.NDArray[np.bool_]:
    labelled: npt.NDArray[np.bool_] = np.diff(labels.indptr) > 0
    return labelled


def _patterns(labels: sparse.csr_matrix) -> tuple[Counts, Counts, npt.NDArray[np.float64]]:
    """For distinct label sets: the set of every video `[n_videos]`, a video that has it, and how many do."""
    pattern_of, first = equal_rows(labels)
    return pattern_of, first, np.bincount(pattern_of).astype(np.float64)
