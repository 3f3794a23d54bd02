"""Two heads and a popularity term in one score, and lists that follow both knobs without retraining.

    s(i,j) = ω q_e(i)·c_e(j) + (1−ω) q_r(i)·c_r(j) + κ τ log p_j        ω in [0, 1], κ in [−2, 2]

Two split heads after MTMH (Meta 2025), engagement first; a shared model has one head, for which ω says nothing.
`blended` gives the vectors whose inner product is that score; stored runs are made from them. `prepare` is for sliders.
It keeps a shortlist for every seed, and a step ranks shortlists only. This loses nothing: s is affine in (ω, κ), so the
largest score outside a shortlist is convex in them, and between four points of a grid it is at most the interpolation
of its values there. A list whose last place beats that bound is the list of an exact search. The few others are
searched in full. (The stopping rule is that of Fagin et al. 2003, "Optimal aggregation algorithms for middleware", with
a tighter threshold.)
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Mask
from relvid_core.errors import ConfigError, DataError
from relvid_core.retrieval.indexes import as_vectors, build_index
from relvid_core.retrieval.ranking import Neighbours, check_k, check_seeds, pack, unpack
from relvid_core.retrieval.search import neighbours, with_bias, with_unit

Grid = npt.NDArray[np.float64]

KAPPA_LIMIT: Final = 2.0
WIDTH: Final = 256  # videos on a shortlist; at k = 20 some 99.8 % of lists are then certified on clustered vectors
_WIDTH_A_PLACE: Final = 10  # lists of 50 from shortlists of 256 are hardly ever certified
_OMEGAS: Final = np.linspace(0.0, 1.0, 7)
_KAPPAS: Final = KAPPA_LIMIT * np.linspace(-1, 1, 13) * np.abs(np.linspace(-1, 1, 13)) ** 0.5  # finer near 0
_NEVER: Final = np.float32(-1e9)  # the score of a video that must not be found; below any real one, yet finite
_STRATUM: Final = 8  # videos of nearly equal popularity that κ moves as one
_BLOCK_SEEDS: Final = 16  # seeds prepared at a time: their score rows stay in the cache of one processor core
_CHUNK_CELLS: Final = 1 << 22  # scores in memory at a time for each head: 16 MiB
_GROUPS: Final = 256  # rows of up to 512 float32 (256 keys) are partitioned several times faster a number (AVX-512)
_STEP_SEEDS: Final = 256
_WORKERS: Final = max(1, min(4, os.cpu_count() or 1))  # NumPy lets other threads run; more than 4 wait for memory


class Head(Protocol):
    """One head's vectors of every video, both `[n_videos, dim]`; a score is seed · candidate."""

    @property
    def seed(self) -> Floats:
        """Vectors of videos as seeds."""

    @property
    def candidate(self) -> Floats:
        """Vectors of videos as candidates."""


def shares_of(n_heads: int, omega: float) -> tuple[float, ...]:
    """What each head counts: (ω, 1 − ω) for split heads, and (1,) for a shared one.

    >>> shares_of(2, 0.75), shares_of(1, 0.75)
    ((0.75, 0.25), (1.0,))
    """
    if n_heads not in (1, 2):
        raise DataError(f"heads: received {n_heads}; a model has one shared head, or engagement and relevance")
    if not 0 <= omega <= 1:
        raise ConfigError(f"omega: received {omega!r}; use 0 (relevance only) to 1 (engagement only)")
    return (float(omega), 1.0 - float(omega)) if n_heads == 2 else (1.0,)


def blended(heads: Sequence[Head], shares: Sequence[float], bias: npt.NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Queries [√share z … | 1] and candidates [√share z … | bias]: their inner product is Σ share q·c + bias.

    `shares` ≥ 0, one for each head; `bias` `[n_videos]`, for example κ τ log p_j. Both are `[n_videos, Σ dim + 1]`.
    """
    if len(shares) != len(heads) or not heads or min(shares) < 0:
        raise DataError(f"blend: received shares {tuple(shares)} for {len(heads)} heads; give each one of at least 0")
    roots = np.sqrt(np.asarray(shares, dtype=np.float32))
    queries = np.hstack([root * head.seed for root, head in zip(roots, heads, strict=True)])
    candidates = np.hstack([root * head.candidate for root, head in zip(roots, heads, strict=True)])
    return with_unit(queries), with_bias(candidates, bias)


@dataclass(frozen=True)
class Step:
    """Lists at one position of the sliders."""

    neighbours: Neighbours  # of `seeds`, `[n_seeds, k]`
    certified: Mask  # [n_seeds]: the shortlist was proven to suffice; the others were searched in full

    @property
    def certified_share(self) -> float:
        """Share of the lists that needed no full search."""
        return float(self.certified.mean())


@dataclass(frozen=True)
class Shortlists:
    """Every seed's possible neighbours over the whole range of ω and κ. Made by `prepare`."""

    heads: tuple[Head, ...]
    lift: Floats  # [n_videos] τ log p_j
    k: int
    seeds: Rows  # [n_seeds]
    rows: Rows  # [n_seeds, width], ascending, so that equal scores keep the order of `ranking`
    parts: tuple[Floats, ...]  # for each head, the inner products [n_seeds, width]
    lifts: Floats  # [n_seeds, width]
    outside: Floats  # [n_omegas, n_kappas, n_seeds], the largest score of a video that is not on the shortlist
    rounding: float  # the most that two scores can be wrong against each other

    @property
    def nbytes(self) -> int:
        """Memory that the shortlists hold, without the heads."""
        arrays = (self.seeds, self.rows, *self.parts, self.lifts, self.outside)
        return sum(array.nbytes for array in arrays)

    def at(self, *, omega: float, kappa: float) -> Step:
        """The lists of all seeds at one position. The same as `reference` but for scores that rounding cannot tell."""
        shares = _position(self.heads, omega, kappa)
        n_seeds = len(self.seeds)
        places = np.empty((n_seeds, self.k), dtype=np.int32)
        scores = np.empty((n_seeds, self.k), dtype=np.float32)

        def rank(start: int) -> None:
            part = slice(start, start + _STEP_SEEDS)
            total = np.float32(kappa) * self.lifts[part]
            for share, products in zip(shares, self.parts, strict=True):
                total += np.float32(share) * products[part]
            keys = pack(total, np.arange(total.shape[1]))
            keys.partition(total.shape[1] - self.k, axis=1)
            scores[part], places[part] = unpack(np.sort(keys[:, -self.k :], axis=1)[:, ::-1])

        with ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(rank, range(0, n_seeds, _STEP_SEEDS)))
        rows = np.take_along_axis(self.rows, places, axis=1)
        certified: Mask = scores[:, -1] > self._bound(omega, kappa) + self.rounding
        if not certified.all():
            searched = self._search(shares, kappa, ~certified)
            rows[~certified], scores[~certified] = searched.rows, searched.scores
        return Step(Neighbours(rows, scores), certified)

    def reference(self, *, omega: float, kappa: float) -> Neighbours:
        """The lists of all seeds by exact search of the blended vectors, as stored runs have them. Slower than `at`."""
        every = np.ones(len(self.seeds), dtype=np.bool_)
        return self._search(_position(self.heads, omega, kappa), kappa, every)

    def _search(self, shares: Sequence[float], kappa: float, asked: Mask) -> Neighbours:
        queries, candidates = blended(self.heads, shares, np.float32(kappa) * self.lift)
        seeds = self.seeds[asked]
        return neighbours(build_index(candidates, "exact"), queries[seeds], seeds, self.k)

    def _bound(self, omega: float, kappa: float) -> Floats:
        """No video outside the shortlist has a larger score, `[n_seeds]`."""
        bound = np.zeros(len(self.seeds), dtype=np.float32)
        for i, share_i in _between(_omegas(len(self.heads)), omega):
            for j, share_j in _between(_KAPPAS, kappa):
                bound += np.float32(share_i * share_j) * self.outside[i, j]
        return bound


def prepare(
    heads: Sequence[Head],
    lift: npt.NDArray[np.floating],
    *,
    k: int,
    seeds: Rows | None = None,
    width: int | None = None,
) -> Generator[float, None, Shortlists]:
    """Make the shortlists; yields the share that is done, and closing the generator stops soon.

    `lift` `[n_videos]` is τ log p_j; `seeds` are all videos unless given; `width` videos, 256 or 10 k unless
    given, make a shortlist: with fewer, more lists need a full search. Time grows with n_seeds · n_videos, memory with
    n_seeds · `width`.
    Raises ConfigError for an impossible `k` or `width`, DataError for shapes that do not fit or numbers not finite.
    """
    shares_of(len(heads), 1.0)
    vectors, lift = _checked(heads, lift)
    n_videos = len(lift)
    check_k(k, n_videos)
    width = max(WIDTH, _WIDTH_A_PLACE * k) if width is None else width
    if width < k:
        raise ConfigError(f"width: received {width} for lists of {k}; use at least {k}, and 10 times that to be fast")
    every = np.arange(n_videos, dtype=np.int32) if seeds is None else np.asarray(seeds, dtype=np.int32)
    check_seeds(every, len(every), n_videos)
    strata = _Strata.of(lift, k)
    candidates = [candidate[strata.order].T for _, candidate in vectors]
    omegas, width = _omegas(len(heads)), min(width, n_videos - 1)
    rows = np.empty((len(every), width), dtype=np.int32)
    parts = tuple(np.empty((len(every), width), dtype=np.float32) for _ in heads)
    outside = np.empty((len(omegas), len(_KAPPAS), len(every)), dtype=np.float32)

    def fill(products: list[Floats], part: slice) -> None:
        _drop(products, strata.place[every[part]][:, None])
        for product in products:
            product[:, strata.padding] = _NEVER
        mixes = [_mix(products, omega) for omega in omegas]
        rows[part] = np.sort(strata.order[_best_anywhere(mixes, strata, k, width)], axis=1)
        found = strata.place[rows[part]]
        for kept, product in zip(parts, products, strict=True):
            kept[part] = np.take_along_axis(product, found, axis=1)
        _drop(mixes, found)
        for mixed, bound in zip(mixes, outside, strict=True):
            best = strata.best(mixed)
            for (_, top), line in zip(strata.ends, bound, strict=True):
                line[part] = (best + top).max(axis=1)

    chunk = max(1, _CHUNK_CELLS // n_videos)
    with ThreadPoolExecutor(_WORKERS) as pool:
        for start in range(0, len(every), chunk):
            asked = every[start : start + chunk]
            # One large product at a time: BLAS brings its own threads, and two such calls would fight for the cores.
            products = [queries[asked] @ side for (queries, _), side in zip(vectors, candidates, strict=True)]
            blocks = range(0, len(asked), _BLOCK_SEEDS)
            pieces = [[product[at : at + _BLOCK_SEEDS] for product in products] for at in blocks]
            places = [slice(start + at, start + min(at + _BLOCK_SEEDS, len(asked))) for at in blocks]
            list(pool.map(fill, pieces, places))
            yield min(1.0, (start + chunk) / len(every))
    return Shortlists(tuple(heads), lift, k, every, rows, parts, lift[rows], outside, _rounding(vectors, lift))


@dataclass(frozen=True)
class _Strata:
    """Videos in strata of nearly equal lift, so that κ moves each stratum as one and need not visit its videos.

    Column c of a score row holds video `order[c]`, of stratum c mod n_strata.
    """

    order: Rows  # [n_columns], a multiple of the stratum size; the columns beyond the catalogue are `padding`
    place: Rows  # [n_videos], the column of each video
    padding: npt.NDArray[np.intp]
    lift: Floats  # [n_columns]
    size: int  # videos in a stratum

    @classmethod
    def of(cls, lift: Floats, k: int) -> _Strata:
        """Strata of up to 8 videos, and several times more of them than places on a list."""
        n_videos = len(lift)
        size = max(1, min(_STRATUM, n_videos // (4 * k)))
        n_strata = -(-n_videos // size)
        ranked = np.argsort(lift, kind="stable").astype(np.int32)
        rank = np.arange(n_strata * size).reshape(n_strata, size).T.ravel()
        order = ranked[np.minimum(rank, n_videos - 1)]
        padding = np.flatnonzero(rank >= n_videos)
        place = np.empty(n_videos, dtype=np.int32)
        place[ranked] = np.argsort(rank)[:n_videos]
        return cls(order, place, padding, lift[order], size)

    def best(self, scores: Floats) -> Floats:
        """The best score in each stratum, `[n_block, n_strata]`."""
        best: Floats = scores.reshape(len(scores), self.size, -1).max(axis=1)
        return best

    @cached_property
    def ends(self) -> list[tuple[Floats, Floats]]:
        """The smallest and the largest κ · lift in each stratum, `[n_strata]`, for every κ of the grid."""
        first, last = self.lift.reshape(self.size, -1)[[0, -1]]
        lines = [(np.float32(kappa) * first, np.float32(kappa) * last) for kappa in _KAPPAS]
        return [(np.minimum(*line), np.maximum(*line)) for line in lines]


def _best_anywhere(mixes: list[Floats], strata: _Strata, k: int, width: int) -> Rows:
    """Columns `[n_block, width]` of the videos that come closest to being among the `k` best anywhere on the grid.

    "Among the k best" is measured against a threshold for each point of the grid: at first the k-th best of groups of
    strata, then the k-th best of the videos found with that, which is nearly the true one.
    """
    best = [strata.best(mixed) for mixed in mixes]
    fold = max(1, best[0].shape[1] // max(_GROUPS, 2 * k))
    whole = best[0].shape[1] // fold * fold
    rough = [
        [_kth((one + low)[:, :whole].reshape(len(one), fold, -1).max(axis=1), k) for low, _ in strata.ends]
        for one in best
    ]
    found = _closest(mixes, strata, rough, width)
    lifts = strata.lift[found]
    inside = [np.take_along_axis(mixed, found, axis=1) for mixed in mixes]
    fine = [[_kth(one + np.float32(kappa) * lifts, k) for kappa in _KAPPAS] for one in inside]
    return _closest(mixes, strata, fine, width)


def _closest(mixes: list[Floats], strata: _Strata, thresholds: list[list[Floats]], width: int) -> Rows:
    margin = np.full_like(mixes[0], _NEVER)
    for mixed, line in zip(mixes, thresholds, strict=True):
        raised = np.full((len(mixed), mixed.shape[1] // strata.size), _NEVER, dtype=np.float32)
        for (_, top), threshold in zip(strata.ends, line, strict=True):
            np.maximum(raised, top - threshold, out=raised)
        scores = mixed.reshape(len(mixed), strata.size, -1) + raised[:, None, :]
        np.maximum(margin, scores.reshape(margin.shape), out=margin)
    n_columns = margin.shape[1]
    closest: Rows = np.argpartition(margin, n_columns - width, axis=1)[:, n_columns - width :].astype(np.int32)
    return closest


def _kth(scores: Floats, k: int) -> Floats:
    """The k-th largest of each row, as a column; `scores` is a throw-away."""
    scores.partition(scores.shape[1] - k, axis=1)
    return scores[:, -k, None]


def _checked(heads: Sequence[Head], lift: npt.NDArray[np.floating]) -> tuple[list[tuple[Floats, Floats]], Floats]:
    vectors = [(as_vectors(one.seed, "seed vectors"), as_vectors(one.candidate, "candidate vectors")) for one in heads]
    for queries, candidates in vectors:
        if queries.shape != candidates.shape or lift.shape != (len(queries),):
            raise DataError(
                f"blend: received seed vectors {queries.shape}, candidate vectors {candidates.shape} and a popularity "
                f"term {lift.shape}; give one row of each for every video of one catalogue"
            )
    if not np.isfinite(lift).all():
        raise DataError("popularity term: some are NaN or infinite; put a floor under p_j before its logarithm")
    return vectors, np.ascontiguousarray(lift, dtype=np.float32)


def _mix(products: list[Floats], omega: float) -> Floats:
    shares = shares_of(len(products), omega)
    mixed = np.float32(shares[0]) * products[0]
    for share, product in zip(shares[1:], products[1:], strict=True):
        mixed += np.float32(share) * product
    return mixed


def _drop(scores: list[Floats], columns: Rows) -> None:
    for one in scores:
        np.put_along_axis(one, columns, _NEVER, axis=1)


def _omegas(n_heads: int) -> Grid:
    return _OMEGAS if n_heads == 2 else _OMEGAS[-1:]


def _position(heads: Sequence[Head], omega: float, kappa: float) -> tuple[float, ...]:
    if not -KAPPA_LIMIT <= kappa <= KAPPA_LIMIT:
        raise ConfigError(f"kappa: received {kappa!r}; use {-KAPPA_LIMIT:g} (rare videos first) to {KAPPA_LIMIT:g}")
    return shares_of(len(heads), omega)


def _between(grid: Grid, value: float) -> list[tuple[int, float]]:
    """The points of the grid around a value, each with its share in the value."""
    if len(grid) == 1:
        return [(0, 1.0)]
    low = min(int(np.searchsorted(grid, value, side="right")) - 1, len(grid) - 2)
    share = (value - grid[low]) / (grid[low + 1] - grid[low])
    return [(low, 1.0 - share), (low + 1, share)]


def _rounding(vectors: list[tuple[Floats, Floats]], lift: Floats) -> float:
    """Bound of float32 rounding in two sums of dim products and their blend (Higham 2002, eq. 3.5: n·u·Σ|terms|)."""
    dim = max(queries.shape[1] for queries, _ in vectors)
    reach = max(float(np.prod([np.linalg.norm(side, axis=1).max() for side in pair])) for pair in vectors)
    unit = float(np.finfo(np.float32).eps) / 2
    return float(2 * (dim + 4) * unit * (reach + KAPPA_LIMIT * np.abs(lift).max()))
