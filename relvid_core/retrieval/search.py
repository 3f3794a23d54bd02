"""Neighbours of seed videos from any index, by one contract."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Mask
from relvid_core.errors import DataError
from relvid_core.retrieval.indexes import Found, RetrievalIndex, as_vectors
from relvid_core.retrieval.ranking import (
    NO_KEY,
    Keys,
    Neighbours,
    check_k,
    check_seeds,
    pack,
    top_k_of_blocks,
    unpack,
)

_SPARE = 8  # places fetched beyond k + 1, so that a few equal scores at the end of a list need no second look
_BLOCK_CELLS = 1 << 22  # float64 products in memory at a time: 32 MiB


def neighbours(index: RetrievalIndex, queries: npt.NDArray[np.floating], seeds: Rows, k: int) -> Neighbours:
    """The `k` best candidates of every seed video, the seed itself left out, in the order of `ranking`.

    `queries` `[n_seeds, dim]`, `seeds` `[n_seeds]` their catalogue rows. Scores are inner products summed in float64
    and rounded to float32, whatever the index: equal candidates tie exactly, and only which candidates are found
    depends on its kind. Where an index finds fewer than `k`, or rounding in an exact one could have cut a tie at the
    end of the list, that list is computed in full.
    Raises ConfigError for an impossible `k`, DataError for shapes that do not fit and numbers that are not finite.
    """
    vectors = index.vectors
    n_videos, dim = vectors.shape
    queries = as_vectors(queries, "query vectors")
    if queries.shape[1] != dim:
        raise DataError(
            f"query vectors: received dimension {queries.shape[1]}; the index holds {dim}. Use the towers of one model."
        )
    check_k(k, n_videos)
    check_seeds(seeds, len(queries), n_videos)
    fetch = min(n_videos, k + 1 + _SPARE)
    # Bound of float32 rounding in a sum of dim products (Higham 2002, eq. 3.5: dim·u·|q||c|), for both roundings.
    rounding = 2 * dim * 2.0**-24 * float(np.sqrt(np.einsum("nd,nd->n", vectors, vectors).max()))
    rows = np.empty((len(queries), k), dtype=np.int32)
    scores = np.empty((len(queries), k), dtype=np.float32)
    unsure = np.zeros(len(queries), dtype=np.bool_)
    size = max(1, _BLOCK_CELLS // (fetch * dim))
    for start in range(0, len(queries), size):
        part = slice(start, start + size)
        _, found = index.search(queries[part], fetch)
        keys = _keys(vectors, queries[part], found, seeds[part])
        scores[part], rows[part] = unpack(keys[:, :k])
        unsure[part] = keys[:, k - 1] == NO_KEY
        if index.exact and fetch < n_videos:
            slack = rounding * np.sqrt(np.einsum("nd,nd->n", queries[part], queries[part]))
            unsure[part] |= scores[part, -1] <= _last_score(keys) + slack
    if unsure.any():
        full = _in_full(vectors, queries[unsure], seeds[unsure], k)
        rows[unsure], scores[unsure] = full.rows, full.scores
    return Neighbours(rows, scores)


def neighbours_among(
    queries: npt.NDArray[np.floating], vectors: npt.NDArray[np.floating], seeds: Rows, k: int, allowed: Mask
) -> Neighbours:
    """As `neighbours`, exact, over the `allowed` `[n_videos]` candidates alone: for a truth that knows only those.

    `vectors` `[n_videos, dim]` are of the whole catalogue, and a seed need not itself be allowed.
    """
    candidates = as_vectors(vectors, "candidate vectors").astype(np.float64).T
    asked = as_vectors(queries, "query vectors")

    def block(part: slice) -> npt.NDArray[np.floating]:
        return asked[part].astype(np.float64) @ candidates

    return top_k_of_blocks(block, seeds, candidates.shape[1], k, allowed=allowed)


def with_bias(vectors: npt.NDArray[np.floating], bias: npt.NDArray[np.floating]) -> Floats:
    """Candidates with one more coordinate that adds `bias` `[n_videos]` to every score, for example κ·log p_j.

    Queries for them must go through `with_unit`.
    """
    if bias.shape != (len(vectors),):
        raise DataError(f"bias: received shape {bias.shape} for {len(vectors)} candidates; give one number for each")
    return np.ascontiguousarray(np.column_stack([vectors, bias]), dtype=np.float32)


def with_unit(queries: npt.NDArray[np.floating]) -> Floats:
    """Queries with a last coordinate of 1, for candidates that were made by `with_bias`."""
    return np.ascontiguousarray(np.column_stack([queries, np.ones(len(queries))]), dtype=np.float32)


def _keys(vectors: Floats, queries: Floats, found: Found, seeds: Rows) -> Keys:
    """Keys of the found candidates, best first; the seed and padding come last."""
    products = np.einsum("qkd,qd->qk", vectors[found].astype(np.float64), queries.astype(np.float64))
    keys = pack(products.astype(np.float32), found)
    dropped: Mask = (found < 0) | (found == seeds[:, None])
    keys[dropped] = NO_KEY
    ranked: Keys = np.sort(keys, axis=1)[:, ::-1]
    return ranked


def _last_score(keys: Keys) -> Floats:
    """The lowest score that was found for each query, `[n_queries]`: no other candidate can be much above it."""
    last = np.where(keys[:, -1] == NO_KEY, keys[:, -2], keys[:, -1])
    return unpack(last)[0]


def _in_full(vectors: Floats, queries: Floats, seeds: Rows, k: int) -> Neighbours:
    candidates = vectors.astype(np.float64).T

    def block(part: slice) -> npt.NDArray[np.floating]:
        return queries[part].astype(np.float64) @ candidates

    return top_k_of_blocks(block, seeds, len(vectors), k)
