"""Who gets shown: popular and tail share by seed video; Gini and coverage over the whole catalogue."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts, Mask
from relvid_core.errors import ConfigError
from relvid_core.evaluation.metrics import HEAD, MID, TAIL, PerSeed, Strata

TAIL_VOLUME = 0.2


def head_set(popularity: Counts, share: float) -> Mask:
    """The popular videos, `[n_videos]`: the top `share` of the catalogue by history engagement, rounded, at least one.

    Ties are broken by the lower row, so the size is exact.

    >>> head_set(np.array([5, 9, 9, 1]), 0.25).tolist()
    [False, True, False, False]
    """
    if not 0 < share < 1:
        raise ConfigError(f"head_share: received {share!r}; expected a share between 0 and 1")
    head = np.zeros(len(popularity), dtype=np.bool_)
    head[popularity_order(popularity)[: max(1, round(share * len(popularity)))]] = True
    return head


def popularity_order(popularity: Counts) -> Rows:
    """All rows, the most engaged first, ties by the lower row: `[n_videos]`."""
    return np.argsort(-popularity, kind="stable").astype(np.int32)


def popularity_percentile(popularity: Counts) -> npt.NDArray[np.float64]:
    """Share of the other videos that are less popular, ties counted half: `[n_videos]` in [0, 1], mean 0.5."""
    if len(popularity) < 2:
        return np.full(len(popularity), 0.5)
    ordered = np.sort(popularity)
    below = np.searchsorted(ordered, popularity, side="left")
    up_to = np.searchsorted(ordered, popularity, side="right")
    percentile: npt.NDArray[np.float64] = (below + up_to - 1) / (2.0 * (len(popularity) - 1))
    return percentile


def popularity_stratum(popularity: Counts, head_share: float) -> Strata:
    """HEAD, MID or TAIL of every video, `[n_videos]`.

    Head: `head_set`, so that recall by stratum speaks of the same videos as popular share. Tail: the least engaged
    videos that together hold at most the last 20 % of all engagements (after Abdollahpouri et al. 2021, UMAP), those
    with none included, ties by the higher row first. Mid: the rest.
    """
    order = popularity_order(popularity)[::-1]
    volume = np.cumsum(popularity[order])
    stratum = np.full(len(popularity), MID, dtype=np.int8)
    stratum[order[volume <= TAIL_VOLUME * popularity.sum()]] = TAIL
    stratum[head_set(popularity, head_share)] = HEAD
    return stratum


def share_in(rows: Rows, members: Mask) -> PerSeed:
    """Share of each list that lies in a set of videos: popular share@k of the head set, tail share@k of the tail."""
    shares: PerSeed = members[rows].mean(axis=1)
    return shares


def mean_percentile(rows: Rows, percentile: npt.NDArray[np.float64]) -> PerSeed:
    """Mean popularity percentile of each list."""
    means: PerSeed = percentile[rows].mean(axis=1)
    return means


def exposure_counts(rows: Rows, n_videos: int) -> Counts:
    """How many lists hold each video, over the whole catalogue: `[n_videos]`."""
    return np.bincount(rows.ravel(), minlength=n_videos)


def gini(counts: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """Gini coefficient over the last axis: 0 = all videos in equally many lists, 1 − 1/n = one video takes all.

    Σ_i (2i − n − 1) x_(i) / (n Σ x) with x ascending (Gini's mean difference over twice the mean). Videos in no list
    count as zeros, so it depends on how many seeds were asked: compare runs on the same seeds only.

    >>> float(gini(np.array([0, 0, 0, 8])))
    0.75
    """
    ordered = np.sort(counts, axis=-1)
    n = ordered.shape[-1]
    rank_weight = 2.0 * np.arange(1, n + 1) - n - 1
    total = ordered.sum(axis=-1, dtype=np.float64)
    weighted = np.asarray(ordered @ rank_weight, dtype=np.float64)
    values: npt.NDArray[np.float64] = np.divide(weighted, n * total, out=np.full(total.shape, np.nan), where=total > 0)
    return values


def coverage(counts: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """Share of the catalogue that is in at least one list, over the last axis; grows with the number of seeds asked."""
    return np.asarray((counts > 0).mean(axis=-1), dtype=np.float64)
