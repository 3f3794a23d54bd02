"""Lists that hold only some of the videos, for a truth that knows only those. Models still train on everything."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Mask
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.baselines import Baseline
from relvid_core.retrieval.indexes import build_index
from relvid_core.retrieval.ranking import Neighbours, check_k
from relvid_core.retrieval.search import neighbours

MAX_CELLS: Final = 200_000_000  # places of whole-catalogue lists, 8 bytes each
_BLOCK_CELLS = 1 << 22


def lists_of_vectors(
    seed_vectors: npt.NDArray[np.floating],
    candidate_vectors: npt.NDArray[np.floating],
    seeds: Rows,
    allowed: Mask,
    k: int,
) -> Neighbours:
    """The `k` nearest allowed candidates of `seeds`: a search over the allowed ones alone, as catalogue rows again.

    Both matrices `[n_videos, dim]` are of the whole catalogue. Raises DataError for a seed that is not itself allowed.
    """
    rows = np.flatnonzero(allowed).astype(np.int32)
    if not allowed[seeds].all():
        raise DataError(
            f"restricted lists: {int((~allowed[seeds]).sum())} of {len(seeds)} seeds are outside the allowed videos. "
            "Ask only for seeds that the truth knows."
        )
    index = build_index(candidate_vectors[rows])
    found = neighbours(index, seed_vectors[seeds], np.searchsorted(rows, seeds).astype(np.int32), k)
    return Neighbours(rows[found.rows], found.scores)


def restricted(lists: Neighbours, allowed: Mask, k: int) -> Neighbours:
    """The first `k` allowed videos of every list, in its order. Raises ConfigError if a list holds fewer."""
    n_lists, length = lists.rows.shape
    rows = np.empty((n_lists, k), dtype=np.int32)
    scores = np.empty((n_lists, k), dtype=np.float32)
    size = max(1, _BLOCK_CELLS // length)
    for start in range(0, n_lists, size):
        part = slice(start, min(start + size, n_lists))
        kept = allowed[lists.rows[part]]
        kept &= np.cumsum(kept, axis=1) <= k
        if short := int((kept.sum(axis=1) < k).sum()):
            raise ConfigError(
                f"restricted lists: {short} lists of {length} videos hold fewer than {k} allowed. Make them longer."
            )
        rows[part] = lists.rows[part][kept].reshape(-1, k)
        scores[part] = lists.scores[part][kept].reshape(-1, k)
    return Neighbours(rows, scores)


def lists_of_baseline(baseline: Baseline, data: BaselineData, seeds: Rows, allowed: Mask, k: int) -> Neighbours:
    """The baseline's lists over the allowed videos: it ranks the whole catalogue once, and the rest is taken out.

    In one go, since some baselines fit a model whenever they are asked.
    """
    n_videos = data.history.n_videos
    check_k(k, int(allowed.sum()))
    if len(seeds) * n_videos > MAX_CELLS:
        raise ConfigError(
            f"restricted lists: {len(seeds):,} seeds × {n_videos:,} videos are too many to rank whole; "
            f"ask for at most {MAX_CELLS // n_videos:,} seeds at a time"
        )
    return restricted(baseline.retrieve(data, seeds, n_videos - 1), allowed, k)
