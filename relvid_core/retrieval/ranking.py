"""Lists of neighbours, exact top-k, and the tie rule that every ranking in the project follows.

The rule: higher score first; among equal float32 scores the video that comes first in `order` (default: the lower row).
A score and its place in the order are packed into one unsigned 64-bit key, so that sorting keys applies the rule and no
two keys of a list are equal: the result cannot depend on the sorting algorithm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Mask
from relvid_core.errors import ConfigError, DataError

Keys = npt.NDArray[np.uint64]
ScoreBlock = Callable[[slice], npt.NDArray[np.floating]]

NO_KEY = np.uint64(0)  # below the key of any finite score: a place that must never be returned
_LAST = np.uint64(0xFFFFFFFF)
_BLOCK_CELLS = 1 << 20  # scores in memory at a time: 4 MiB of float32 and 8 MiB of keys


@dataclass(frozen=True)
class Neighbours:
    """What was retrieved, best first. A list never holds its seed, and never a video twice."""

    rows: Rows  # [n_seeds, k]
    scores: Floats  # [n_seeds, k]

    @property
    def k(self) -> int:
        """Length of every list."""
        return int(self.rows.shape[1])

    def first(self, k: int) -> Neighbours:
        """The lists cut to their first `k` places."""
        if not 1 <= k <= self.k:
            raise ConfigError(f"neighbours: received k = {k}, but the lists hold {self.k}; use 1 to {self.k}")
        return Neighbours(self.rows[:, :k], self.scores[:, :k])


def check_k(k: int, n_videos: int) -> None:
    """Raises ConfigError unless a list of `k` other videos exists."""
    if not 1 <= k < n_videos:
        raise ConfigError(
            f"k: received {k}; a catalogue of {n_videos} videos can give each seed 1 to {n_videos - 1} neighbours. "
            "Ask for fewer, or bring more videos."
        )


def check_seeds(seeds: Rows, n_seeds: int, n_videos: int) -> None:
    """Raises DataError unless `seeds` holds `n_seeds` rows of the catalogue."""
    if seeds.shape != (n_seeds,):
        raise DataError(f"seeds: received shape {seeds.shape} for {n_seeds} queries; give one row number for each")
    if n_seeds and not 0 <= int(seeds.min()) <= int(seeds.max()) < n_videos:
        raise DataError(
            f"seeds: received rows {seeds.min()} to {seeds.max()}; the catalogue has rows 0 to {n_videos - 1}. "
            "Take seeds from the same catalogue."
        )


def pack(scores: Floats, place: npt.NDArray[np.integer]) -> Keys:
    """Keys that sort by score, then by lower `place`; both broadcast to the shape of `scores`. NaN is not allowed.

    The bits of a float32, with the sign bit flipped for positive and all bits flipped for negative numbers, sort as the
    numbers do (Herf 2001, "Radix tricks").
    """
    bits = (scores.astype(np.float32, copy=False) + np.float32(0.0)).view(np.uint32)  # −0 becomes +0: they must tie
    bits ^= (bits.view(np.int32) >> 31).view(np.uint32) | np.uint32(0x80000000)
    keys: Keys = bits.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= _LAST - place.astype(np.uint64)
    return keys


def unpack(keys: Keys) -> tuple[Floats, Rows]:
    """The scores and places of keys."""
    ordered = (keys >> np.uint64(32)).astype(np.uint32)
    bits = np.where(ordered >> 31, ordered & np.uint32(0x7FFFFFFF), ~ordered)
    return bits.view(np.float32), (_LAST - (keys & _LAST)).astype(np.int32)


def top_k_of_blocks(
    scores_of: ScoreBlock,
    seeds: Rows,
    n_videos: int,
    k: int,
    *,
    order: Rows | None = None,
    allowed: Mask | None = None,
) -> Neighbours:
    """Exact top-k of score rows that are made block by block, so that memory stays bounded.

    `scores_of(part)` gives the scores `[len(part), n_videos]` of `seeds[part]`; the seed's own column is ignored.
    `order` `[n_videos]` lists all rows as ties should be broken, best first; lists hold only `allowed` `[n_videos]`.
    Raises ConfigError for an impossible `k`, DataError for a NaN or infinite score.
    """
    check_k(k, n_videos if allowed is None else int(allowed.sum()))
    check_seeds(seeds, len(seeds), n_videos)
    place = np.arange(n_videos)
    if order is not None:
        place[order] = np.arange(n_videos)
    rows = np.empty((len(seeds), k), dtype=np.int32)
    scores = np.empty((len(seeds), k), dtype=np.float32)
    size = max(1, _BLOCK_CELLS // n_videos)
    for start in range(0, len(seeds), size):
        part = slice(start, min(start + size, len(seeds)))
        block = np.asarray(scores_of(part), dtype=np.float32)
        if not np.isfinite(block).all():
            raise DataError("scores: some are NaN or infinite and cannot be ranked. Check what computed them.")
        keys = pack(block, place)
        keys[np.arange(len(block)), seeds[part]] = NO_KEY
        if allowed is not None:
            keys[:, ~allowed] = NO_KEY
        best = np.sort(np.partition(keys, n_videos - k, axis=1)[:, n_videos - k :], axis=1)[:, ::-1]
        scores[part], rows[part] = unpack(best)
    return Neighbours(rows if order is None else np.asarray(order, dtype=np.int32)[rows], scores)


def top_k_of_scores(
    scores: npt.NDArray[np.floating] | sparse.csr_matrix,
    k: int,
    exclude_self_rows: Rows,
    *,
    order: Rows | None = None,
    allowed: Mask | None = None,
) -> Neighbours:
    """Exact top-k of score rows `[n_seeds, n_videos]`, dense or sparse (absent = 0), without each row's own seed.

    `exclude_self_rows` `[n_seeds]` says which video each row of scores belongs to; the rest as in `top_k_of_blocks`.
    """
    n_seeds, n_videos = scores.shape
    check_seeds(exclude_self_rows, n_seeds, n_videos)

    def block(part: slice) -> npt.NDArray[np.floating]:
        found = scores[part]
        return found if isinstance(found, np.ndarray) else found.toarray()

    return top_k_of_blocks(block, exclude_self_rows, n_videos, k, order=order, allowed=allowed)
