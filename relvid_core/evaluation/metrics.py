"""Engagement metrics by seed video: does the list hold what was later watched with the seed?

Each returns `[n_seeds]` float64, NaN where a seed has no truth. Relevance is binary: N_ij > 0 in the target window. The
list length k is the width of `hits`; to score a shorter list, pass `hits[:, :k]`. Averages and intervals are taken in
`estimates` only.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts, Mask

PerSeed = npt.NDArray[np.float64]  # [n_seeds], NaN = undefined for that seed
Strata = npt.NDArray[np.int8]  # [n_videos] of HEAD, MID, TAIL

HEAD: Final = 0
MID: Final = 1
TAIL: Final = 2
STRATUM_NAMES: Final = ("head", "mid", "tail")


def found_in_truth(rows: Rows, truth: sparse.csr_matrix) -> Mask:
    """Which places of the lists `[n_seeds, k]` hold a true partner; `truth` `[n_seeds, n_videos]`, > 0 = relevant."""
    n_seeds, n_videos = truth.shape
    seed = np.repeat(np.arange(n_seeds, dtype=np.int64), np.diff(truth.indptr))
    relevant = np.sort((seed * n_videos + truth.indices)[truth.data > 0])
    if not len(relevant):
        return np.zeros(rows.shape, dtype=np.bool_)
    asked = np.arange(n_seeds, dtype=np.int64)[:, None] * n_videos + rows
    place = np.minimum(np.searchsorted(relevant, asked), len(relevant) - 1)
    hits: Mask = relevant[place] == asked
    return hits


def truth_sizes(truth: sparse.csr_matrix) -> Counts:
    """Number of true partners of each seed, `[n_seeds]`."""
    sizes: Counts = np.asarray((truth > 0).sum(axis=1), dtype=np.int64).ravel()
    return sizes


def recall(hits: Mask, n_truth: Counts) -> PerSeed:
    """Recall@k = hits / true partners. Not min(k, partners) below: a seed with more than k partners cannot reach 1.

    >>> recall(np.array([[True, False], [True, True]]), np.array([1, 4])).tolist()
    [1.0, 0.5]
    """
    return share(hits.sum(axis=1), n_truth)


def ndcg(hits: Mask, n_truth: Counts) -> PerSeed:
    """nDCG@k with binary gains: Σ hit_r / log2(r + 1) over its value for an ideal list (Järvelin & Kekäläinen 2002).

    The ideal list holds min(k, partners) hits at its top, so 1 can be reached at every k.
    """
    discount = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(n_truth, hits.shape[1])]
    return share(hits @ discount, ideal)


def hit_rate(hits: Mask, n_truth: Counts) -> PerSeed:
    """1 if the list holds any true partner, else 0."""
    return np.where(n_truth > 0, hits.any(axis=1), np.nan)


def reciprocal_rank(hits: Mask, n_truth: Counts) -> PerSeed:
    """1 / rank of the first true partner, 0 if there is none in the list; its mean is MRR@k."""
    value = np.where(hits.any(axis=1), 1.0 / (1.0 + hits.argmax(axis=1)), 0.0)
    return np.where(n_truth > 0, value, np.nan)


def weighted_recall(rows: Rows, hits: Mask, truth: sparse.csr_matrix, weight: npt.NDArray[np.float64]) -> PerSeed:
    """Recall@k in which target j counts `weight[j]`: Σ_hits w / Σ_truth w.

    With w = 1/π_j it is the self-normalised inverse propensity estimator (Yang et al. 2018, RecSys), which undoes
    targets missing not at random if π is right and partners are many: with only a few seen a seed, a ratio of sums
    stays between plain recall and the truth. It rewards a model trained with the same weights by construction, so
    it is shown beside plain recall and never instead of it.
    """
    found = np.where(hits, weight[rows], 0.0).sum(axis=1)
    return share(found, np.asarray((truth > 0) @ weight).ravel())


def stratified_recall(rows: Rows, hits: Mask, truth: sparse.csr_matrix, stratum: Strata) -> dict[str, PerSeed]:
    """Recall@k within the head, mid and tail targets: each NaN where the seed has no target of that stratum."""
    return {
        name: weighted_recall(rows, hits, truth, (stratum == number).astype(np.float64))
        for number, name in enumerate(STRATUM_NAMES)
    }


def share(part: npt.NDArray[np.number], whole: npt.NDArray[np.number]) -> PerSeed:
    """part / whole, NaN where the whole is 0."""
    shares: PerSeed = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return shares
