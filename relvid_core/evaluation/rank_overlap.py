"""How alike two sets of lists are, seed by seed: with the top counting most (RBO), or as sets (shared share, Jaccard).

Both sets `[n_seeds, k]` are of the same seeds in the same order; no list holds a video twice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.metrics import PerSeed, share

_BLOCK_CELLS = 1 << 21  # pairs of places compared at a time


def rank_biased_overlap(a: Rows, b: Rows, *, p: float = 0.9) -> PerSeed:
    """RBO_ext in [0, 1] by seed: 1 = the same videos in the same order, 0 = none in common.

    Webber, Moffat & Zobel 2010 (ACM TOIS 28:4), eq. 32 for lists of equal length without ties: with X_d the videos that
    both have among their first d, RBO_ext = X_k/k · p^k + (1 − p)/p · Σ_d X_d/d · p^d, which supposes that beyond k the
    lists go on agreeing as at k. `p` is the chance that a viewer looks one place further: at 0.9 the first 10 places
    have 86 % of the weight, as do the first 20 at 0.95.

    >>> rank_biased_overlap(np.array([[1, 2], [1, 2]]), np.array([[1, 2], [2, 1]]), p=0.5).tolist()
    [1.0, 0.5]
    """
    if not 0 < p < 1:
        raise ConfigError(f"rank-biased overlap: received p = {p}; it lies between 0 and 1")
    agreement = shared_by_depth(a, b) / np.arange(1, a.shape[1] + 1)
    weight = p ** np.arange(1, a.shape[1] + 1)
    values: PerSeed = agreement[:, -1] * weight[-1] + (1 - p) / p * (agreement @ weight)
    return values


def shared_by_depth(a: Rows, b: Rows) -> npt.NDArray[np.int64]:
    """X_d: how many videos both lists have among their first d = 1 … k, `[n_seeds, k]`."""
    _check(a, b)
    n_seeds, k = a.shape
    grown = np.zeros((n_seeds, k), dtype=np.int64)
    size = max(1, _BLOCK_CELLS // (k * k))
    for start in range(0, n_seeds, size):
        part = slice(start, min(start + size, n_seeds))
        cell = np.flatnonzero(a[part, :, None] == b[part, None, :])
        seed, place = np.divmod(cell, k * k)
        depth = np.maximum(place // k, place % k)  # from here on both have it
        grown[part] = np.bincount(seed * k + depth, minlength=grown[part].size).reshape(-1, k)
    return np.cumsum(grown, axis=1)


def shared_share(a: Rows, b: Rows) -> PerSeed:
    """Share of a list that stands in the other one too, by seed."""
    return share(_shared(a, b), np.full(len(a), a.shape[1]))


def jaccard(a: Rows, b: Rows) -> PerSeed:
    """Shared videos ÷ all videos of both lists, by seed; pass `[:, :k]` for Jaccard@k.

    >>> jaccard(np.array([[1, 2, 3, 4]]), np.array([[4, 9, 1, 8]])).tolist()
    [0.3333333333333333]
    """
    shared = _shared(a, b)
    return share(shared, 2 * a.shape[1] - shared)


def _shared(a: Rows, b: Rows) -> npt.NDArray[np.int64]:
    _check(a, b)
    both = np.sort(np.hstack([a, b]), axis=1)
    return np.asarray((both[:, 1:] == both[:, :-1]).sum(axis=1), dtype=np.int64)


def _check(a: Rows, b: Rows) -> None:
    if a.shape != b.shape or a.ndim != 2 or not a.shape[1]:
        raise DataError(
            f"overlap: received lists of shapes {a.shape} and {b.shape}; give both for the same seeds and cut them to "
            "one length"
        )
