"""Videos that look like copies of each other: by title, by text, by picture."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.encoders.pictures import PictureFault, read_picture
from relvid_core.intake.picture_folder import LIMITS
from relvid_core.runtime import generator

ROW_A: Final = "row_a"
ROW_B: Final = "row_b"
SIMILARITY: Final = "similarity"
TITLE: Final = "title"  # values of the column `kind`
TEXT: Final = "text"
PICTURE: Final = "picture"

Pairs = npt.NDArray[np.int64]  # [n_pairs, 2], the smaller row first

_BANDS: Final = 14
_ROWS_IN_BAND: Final = 3  # two texts with Jaccard overlap 0.8 share a band with probability 1 − (1 − 0.8³)¹⁴ > 0.9999
_PRIME: Final = (1 << 31) - 1
_LONGEST_TEXT: Final = 2_000  # characters compared
_SHORTEST_TEXT: Final = 12  # characters without signs and spaces; "Trailer" alone is no evidence
_MOST_ALL_PAIRS: Final = 12  # of a larger group, neighbours and the first are paired, not all with all
_BLOCK: Final = 4_096
_READERS: Final = 4


def near_duplicates(
    catalog: Catalog,
    *,
    threshold: float = 0.95,
    max_distance: int = 4,
    pictures: bool = True,
    on_progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Pairs of videos that may be one: row_a < row_b, kind, similarity; each pair once for each kind.

    "title": equal titles, whatever their case, signs and spaces. "text": title and description together with a cosine
    of at least `threshold` in TF-IDF of character 4-grams. "picture": difference hashes of 64 bits at most
    `max_distance` apart. Of a large group of copies every member is paired with the first and with the next one.
    """
    report = on_progress or _silent
    title_pairs = _equal(_normalised(catalog.titles[row]) if catalog.text[row] else "" for row in range(len(catalog)))
    frames = [_frame(title_pairs, TITLE, np.ones(len(title_pairs)))]
    report(0.1)
    pairs, similarity = text_pairs(catalog.text, threshold)
    frames.append(_frame(pairs, TEXT, similarity))
    report(0.5)
    if pictures:
        pairs, similarity = picture_pairs(picture_hashes(catalog), max_distance)
        frames.append(_frame(pairs, PICTURE, similarity))
    report(1.0)
    return pd.concat(frames, ignore_index=True)


def _silent(done: float) -> None:
    """Progress that nobody watches."""


def _frame(pairs: Pairs, kind: str, similarity: npt.NDArray[np.float64]) -> pd.DataFrame:
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -similarity))
    rows = pairs[order]
    kinds = pd.Series([kind] * len(rows), dtype="str")
    return pd.DataFrame({ROW_A: rows[:, 0], ROW_B: rows[:, 1], c.KIND: kinds, SIMILARITY: similarity[order]})


def _normalised(text: str) -> str:
    """Letters and digits only, in one case and one form.

    >>> _normalised("Café – Ｐart 2!") == _normalised("cafe part 2")
    True
    """
    plain = unicodedata.normalize("NFKD", text[:_LONGEST_TEXT]).casefold()
    return re.sub(r"[\W_]+", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _linked(group: list[int]) -> list[tuple[int, int]]:
    """Pairs within a group: all of a small one, a star and a chain of a large one."""
    if len(group) <= _MOST_ALL_PAIRS:
        return [(a, b) for i, a in enumerate(group) for b in group[i + 1 :]]
    return [(group[0], b) for b in group[2:]] + list(pairwise(group))


def _as_pairs(found: Iterable[tuple[int, int]]) -> Pairs:
    distinct = sorted({(min(a, b), max(a, b)) for a, b in found})
    return np.array(distinct, dtype=np.int64).reshape(-1, 2)


def _equal(keys: Iterable[str]) -> Pairs:
    groups: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if key:
            groups.setdefault(key, []).append(row)
    return _as_pairs(pair for group in groups.values() for pair in _linked(group))


# --- Texts -----------------------------------------------------------------------------------------------------------


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
    plain = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).casefold()
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
                found.update(_linked(group.tolist()))
    return _as_pairs(found)


# --- Pictures --------------------------------------------------------------------------------------------------------


def picture_hashes(catalog: Catalog) -> dict[int, int]:
    """The difference hash of every video's thumbnail that can be read and is not one even surface: row → 64 bits."""
    rows = [row for row in range(len(catalog)) if catalog.frame[c.THUMBNAIL].iat[row]]
    with ThreadPoolExecutor(_READERS) as pool:  # decoding releases the interpreter
        hashes = pool.map(_hash_of, [catalog] * len(rows), rows)
        return {row: found for row, found in zip(rows, hashes, strict=True) if found is not None}


def _hash_of(catalog: Catalog, row: int) -> int | None:
    path = catalog.thumbnail(row)
    if path is None:
        return None
    pixels = read_picture(path, LIMITS)
    return None if isinstance(pixels, PictureFault) else difference_hash(pixels)


def difference_hash(pixels: npt.NDArray[np.uint8]) -> int | None:
    """64 bits: is each of 8 × 8 cells brighter than its right neighbour? (Krawetz 2013, "dHash"); None if all is even.

    `pixels` is `[height, width, 3]`.
    """
    grey = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
    cells = np.asarray(grey, dtype=np.int16)
    if int(cells.max()) - int(cells.min()) < 8:
        return None
    bits = (cells[:, :-1] > cells[:, 1:]).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def picture_pairs(hashes: dict[int, int], max_distance: int) -> tuple[Pairs, npt.NDArray[np.float64]]:
    """Pairs of rows whose hashes differ in at most `max_distance` bits; similarity is the share of equal bits."""
    groups: dict[int, list[int]] = {}
    for row, value in sorted(hashes.items()):
        groups.setdefault(value, []).append(row)
    found = {pair: 0 for group in groups.values() for pair in _linked(group)}
    values = np.array(list(groups), dtype=np.uint64)
    first = [group[0] for group in groups.values()]
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        for other in range(start, len(values), _BLOCK):
            distance = np.bitwise_count(block[:, None] ^ values[None, other : other + _BLOCK])
            for a, b in np.argwhere(distance <= max_distance).tolist():
                if start + a < other + b:
                    pair = sorted((first[start + a], first[other + b]))
                    found[pair[0], pair[1]] = int(distance[a, b])
    pairs = _as_pairs(found)
    bits = np.array([found[a, b] for a, b in pairs.tolist()], dtype=np.float64)
    return pairs, 1.0 - bits / 64.0
