"""How alike in content the videos of a list are to the seed, and to each other, by the vectors of one encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.copies import Groups
from relvid_core.data.interactions import Floats, Mask
from relvid_core.errors import DataError
from relvid_core.evaluation.metrics import PerSeed, share
from relvid_core.evaluation.topic_match import other_videos

Values = npt.NDArray[np.float64]

_SLAB: Final = 64  # numbers a video: 5 MB of a catalogue of 10,000 stay in the processor's cache


@dataclass(frozen=True)
class UnitVectors:
    """Vectors of length 1, cut into slabs `[n_videos, ≤ 64]` that stand side by side; zero where absent."""

    slabs: tuple[Values, ...]
    present: Mask  # [n_videos]

    @classmethod
    def from_vectors(cls, vectors: Floats, present: Mask | None = None) -> UnitVectors:
        """Vectors `[n_videos, dim]` of any length; absent where `present` is false, or a vector is zero."""
        if not np.isfinite(vectors).all():
            raise DataError(
                "vectors: some are NaN or infinite; encode the catalogue again, and mark what cannot be encoded"
            )
        kept = vectors.astype(np.float64)
        if present is not None:
            kept[~present] = 0.0
        length = np.linalg.norm(kept, axis=1, keepdims=True)
        unit = np.divide(kept, length, out=np.zeros(kept.shape), where=length > 0)
        cuts = range(0, unit.shape[1], _SLAB)
        return cls(tuple(np.ascontiguousarray(unit[:, cut : cut + _SLAB]) for cut in cuts), length[:, 0] > 0)


@dataclass(frozen=True)
class Likeness:
    """What one encoder says of lists."""

    similarity: PerSeed  # mean cosine of each seed and its neighbours, in [−1, 1]
    diversity: PerSeed  # mean of 1 − cosine over the pairs of each list, in [0, 2] (Ziegler et al. 2005, WWW, eq. 5)


def likeness(rows: Rows, seeds: Rows, vectors: UnitVectors, copied: Mask) -> Likeness:
    """Both readings of lists `[n_seeds, k]`.

    Videos without a vector have no say, and places `copied` `[n_seeds, k]` from the seed none in the similarity. NaN
    where the seed or all of its neighbours are without one, and for the diversity of fewer than two vectors.

    No pair is looked at: with S = Σ u over a list of n vectors, the sum of cosines to the seed is u_s·S and that over
    all pairs (|S|² − n) / 2. S of all lists is one product with the sparse matrix of who stands where.
    """
    n_seeds, k = rows.shape
    n_videos = len(vectors.present)
    placed = sparse.csr_matrix((np.ones(rows.size), rows.ravel(), np.arange(n_seeds + 1) * k), (n_seeds, n_videos))
    list_of, place = np.nonzero(copied)  # few: their part is taken off again
    copy = rows[list_of, place]
    total, squared = np.zeros(n_seeds), np.zeros(n_seeds)
    of_copies = np.zeros(len(copy))
    for slab in vectors.slabs:
        sums = np.asarray(placed @ slab)
        total += np.einsum("sd,sd->s", slab[seeds], sums)  # s seeds, d dimensions
        squared += np.einsum("sd,sd->s", sums, sums)
        of_copies += np.einsum("cd,cd->c", slab[seeds[list_of]], slab[copy])
    total -= np.bincount(list_of, of_copies, n_seeds)
    there = vectors.present[rows]
    n = there.sum(axis=1)
    pairs = n * (n - 1)
    similarity = share(total, (there & ~copied).sum(axis=1))
    return Likeness(np.where(vectors.present[seeds], similarity, np.nan), share(pairs - (squared - n), pairs))


def likeness_by_chance(seeds: Rows, vectors: UnitVectors, copies: Groups) -> PerSeed:
    """Mean cosine of each seed and all other videos, copies left out: `u_s·(Σ u − Σ_copies u) / n`, `[n_seeds]`.

    Over all videos its mean is the mean cosine of random pairs.
    """
    n_videos = len(vectors.present)
    member = sparse.csr_matrix((np.ones(n_videos), (copies, np.arange(n_videos))))
    total = np.zeros(len(seeds))
    for slab in vectors.slabs:
        elsewhere = slab.sum(axis=0) - np.asarray(member @ slab)[copies[seeds]]
        total += np.einsum("sd,sd->s", slab[seeds], elsewhere)
    chance = share(total, other_videos(seeds, copies, vectors.present))
    return np.where(vectors.present[seeds], chance, np.nan)
