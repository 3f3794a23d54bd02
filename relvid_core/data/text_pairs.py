"""Pairs of videos with nearly the same title and description, found without comparing all with all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from relvid_core.runtime import generator

Pairs = npt.NDArray[np.int64]  # [n_pairs, 2], the smaller row first

LONGEST_TEXT: Final = 2_000  # characters compared

_BANDS: Final = 14
_ROWS_IN_BAND: Final = 3  # two texts with Jaccard overlap 0.8 share a band with probability 1 − (1 − 0.8³)¹⁴ > 0.9999
_PRIME: Final = (1 << 31) - 1
_SHORTEST_TEXT: Final = 12  # characters without signs and spaces; "Trailer" alone is no evidence
_MOST_ALL_PAIRS: Final = 12  # of a larger group, neighbours and the first are paired, not all with all
_BLOCK: Final = 4_096


def pairs_within(group: list[int]) -> list[tuple[int, int]]:
    """Pairs within a group: all of a small one, a star and a chain of a large one."""
    if len(group) <= _MOST_ALL_PAIRS:
        return [(a, b) for i, a in enumerate(group) for b in group[i + 1 :]]
    return [(group[0], b) for b in group[2:]] + list(pairwise(group))


def distinct_pairs(found: Iterable[tuple[int, int]]) -> Pairs:
    """Each pair once, the smaller row first, in ascending order."""
    distinct = sorted({(min(a, b), max(a, b)) for a, b in found})
    return np.array(distinct, dtype=np.int64).reshape(-1, 2)


def text_pairs(texts: list[str], threshold: float) -> tuple[Pairs, npt.NDArray[np.float64]]:
    """Pairs with a TF-IDF cosine of at least the threshold.

    Candidates share a band of MinHashes (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3), so that a
    catalogue is not compared with itself; their cosine is then exact.
    """
    plain = [_spaced(text) for text in texts]
    rows = np.array([row for row, text in enumerate(plain) if len(text) >= _SHORTEST_TEXT], dtype=np.int64)
    if len(rows) < 2:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    hashing = HashingVectorizer(
        analyzer="char", ngram_range=(4, 4), n_features=1 << 20, norm=None, alternate_sign=False
    )
    counts = sparse.csr_matrix(hashing.transform([plain[row] for row in rows]), dtype=np.float32)
    candidates = _candidates(counts)
    vectors = sparse.csr_matrix(TfidfTransformer(sublinear_tf=True).fit_transform(counts))
    similarity = np.zeros(len(candidates))
    for start in range(0, len(candidates), _BLOCK):
        block = candidates[start : start + _BLOCK]
        products = vectors[block[:, 0]].multiply(vectors[block[:, 1]])
        similarity[start : start + _BLOCK] = np.asarray(products.sum(axis=1), dtype=np.float64).ravel()
    alike = similarity >= threshold
    return rows[candidates[alike]], np.minimum(similarity[alike], 1.0)


def _spaced(text: str) -> str:
    """Words in one case and form with single spaces between them."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def _candidates(counts: sparse.csr_matrix) -> Pairs:
    """Pairs of rows of `[n_texts, n_grams]` that agree in a band of their MinHashes."""
    n_grams = np.diff(counts.indptr)
    filled = np.flatnonzero(n_grams)
    starts = counts.indptr[:-1][filled]
    rng = generator(0, "minhash")
    found: set[tuple[int, int]] = set()
    grams = counts.indices.astype(np.uint64)
    for _ in range(_BANDS):
        band = np.zeros(len(filled), dtype=np.uint64)
        for _ in range(_ROWS_IN_BAND):
            a, b = rng.integers(1, _PRIME, size=2, dtype=np.uint64)
            hashed = (a * grams + b) % np.uint64(_PRIME)
            band = band * np.uint64(0x9E3779B97F4A7C15) + np.minimum.reduceat(hashed, starts)
        order = np.argsort(band, kind="stable")
        cuts = np.flatnonzero(np.diff(band[order])) + 1
        for group in np.split(filled[order], cuts):
            if len(group) > 1:
                found.update(pairs_within(group.tolist()))
    return distinct_pairs(found)
