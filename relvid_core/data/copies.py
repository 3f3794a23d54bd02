"""Copies of one video: nearly the same title and description, or the same vector in a file of vectors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from relvid_core.data.catalog import Catalog
from relvid_core.data.text_pairs import Pairs, text_pairs
from relvid_core.data.vector_files import VideoVectors

Groups = npt.NDArray[np.int64]  # [n_videos]; copies of one video have one number

MOST_COPIES: Final = 20  # more videos than this with one text or one vector: a form text or a placeholder, no copies
NEAR: Final = 0.95  # cosine of two texts in TF-IDF of character 4-grams from which one is a near copy of the other


def copy_groups(catalog: Catalog, vectors: Mapping[str, VideoVectors]) -> Groups:
    """Which videos are copies of each other, `[n_videos]`; what is like A and like B makes all three one group.

    Copies have the same title and description whatever their case and spaces, or nearly the same with the same
    numbers: part 2 is no copy of part 1, nor a film one of its remake. Empty texts and zero vectors say nothing.
    Pictures have no say: frames of different videos are often alike, and to read them all takes too long.
    """
    texts = [_plain(text) for text in catalog.text]
    links = [_equal(texts), _near(texts)]
    for found in vectors.values():
        links.append(
            _equal(row.tobytes() if here else "" for row, here in zip(found.matrix, found.present, strict=True))
        )
    return _joined(np.concatenate(links), len(catalog))


def alone(n_videos: int) -> Groups:
    """Every video a group of its own: nothing is a copy."""
    return np.arange(n_videos, dtype=np.int64)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _equal(names: Iterable[Hashable]) -> Pairs:
    """The first of each small group of equal names with every other one of it."""
    rows_of: dict[Hashable, list[int]] = {}
    for row, name in enumerate(names):
        if name:
            rows_of.setdefault(name, []).append(row)
    small = [rows for rows in rows_of.values() if len(rows) <= MOST_COPIES]
    return np.array([(rows[0], row) for rows in small for row in rows[1:]], dtype=np.int64).reshape(-1, 2)


def _near(texts: list[str]) -> Pairs:
    """Pairs that differ little and not in a number, without those that hang together with too many others."""
    pairs, _ = text_pairs(texts, NEAR)
    numbers = [re.findall(r"\d+", text) for text in texts]
    pairs = pairs[[numbers[a] == numbers[b] for a, b in pairs.tolist()]]
    together = _joined(pairs, len(texts))
    few = np.bincount(together, minlength=1)[together] <= MOST_COPIES
    return pairs[few[pairs[:, 0]]]


def _joined(pairs: Pairs, n_videos: int) -> Groups:
    """The groups that the pairs tie together, `[n_videos]`."""
    links = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n_videos, n_videos))
    groups: Groups = connected_components(links, directed=False)[1].astype(np.int64)
    return groups
