"""Do videos that are watched together share a topic, and how often would they by chance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.topics import Topics, equal_rows
from relvid_core.runtime import generator

_MOST_PAIRS: Final = 2_000_000  # more are sampled
_BLOCK: Final = 100_000
_BLOCK_CELLS: Final = 1 << 22


@dataclass(frozen=True)
class TopicAgreement:
    """Shares of co-engagement weight between two videos that both have a topic."""

    observed: float  # weight of pairs that share a topic, over all weight; NaN without such pairs
    chance: float  # the same if each seed met its partners by their popularity alone
    n_pairs: int  # pairs of two labelled videos


def topic_agreement(pairs: CoEngagement, topics: Topics, *, level: int = 0) -> TopicAgreement:
    """Observed and expected agreement of co-engaged videos; `level` cuts the taxonomy (1 = top, 0 = finest).

    Chance: Σ_i m_i Σ_{j≠i} p_j [i, j share a topic] / Σ_{j≠i} p_j, with m the weight that starts in seed i and p the
    weight that ends in candidate j, both over labelled videos. So popular topics count as often as they are watched.
    """
    labels = topics.incidence(level)
    labelled = np.diff(labels.indptr) > 0
    entries = pairs.matrix.tocoo()
    both = labelled[entries.row] & labelled[entries.col]
    row, column, weight = entries.row[both], entries.col[both], entries.data[both].astype(np.float64)
    if not len(row):
        return TopicAgreement(float("nan"), float("nan"), 0)
    n_videos = pairs.matrix.shape[0]
    starts = np.bincount(row, weight, n_videos)
    ends = np.bincount(column, weight, n_videos)
    chance = _chance(labels, starts / starts.sum(), ends / ends.sum())
    n_pairs = len(row)
    if n_pairs > _MOST_PAIRS:
        sample = generator(0, "topic agreement").choice(n_pairs, _MOST_PAIRS, replace=False)
        row, column, weight = row[sample], column[sample], weight[sample]
    share = np.zeros(len(row), dtype=np.bool_)
    for start in range(0, len(row), _BLOCK):
        here = slice(start, start + _BLOCK)
        share[here] = np.asarray(labels[row[here]].multiply(labels[column[here]]).sum(axis=1)).ravel() > 0
    return TopicAgreement(float(weight[share].sum() / weight.sum()), chance, n_pairs)


def _chance(labels: sparse.csr_matrix, starts: np.ndarray, ends: np.ndarray) -> float:
    """Exact; videos with the same topics are one pattern, and patterns are compared block by block."""
    pattern, first = equal_rows(labels)
    patterns = labels[first]
    ending = np.bincount(pattern, ends, len(first))
    meets = np.zeros(len(first))
    step = max(1, _BLOCK_CELLS // len(first))
    for start in range(0, len(first), step):
        overlap = sparse.csr_matrix(patterns[start : start + step] @ patterns.T)
        overlap.data = (overlap.data > 0).astype(np.float64)
        meets[start : start + step] = overlap @ ending
    seeds = np.flatnonzero(starts > 0)
    other = 1.0 - ends[seeds]
    agreeing = np.divide(meets[pattern[seeds]] - ends[seeds], other, out=np.zeros(len(seeds)), where=other > 1e-12)
    return float(starts[seeds] @ np.clip(agreeing, 0.0, 1.0))
