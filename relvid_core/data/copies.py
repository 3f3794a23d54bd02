"""Copies of one video: the same title and description, or the same vector in a file of vectors."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from relvid_core.data.catalog import Catalog
from relvid_core.data.vector_files import VideoVectors

Groups = npt.NDArray[np.int64]  # [n_videos]; copies of one video have one number

MOST_COPIES: Final = 20  # more videos than this with one text or one vector: a form text or a placeholder, no copies


def copy_groups(catalog: Catalog, vectors: Mapping[str, VideoVectors]) -> Groups:
    """Which videos are copies of each other, `[n_videos]`; what is like A and like B makes all three one group.

    Titles and descriptions count as equal whatever their case and spaces; empty ones say nothing. Only what is exactly
    equal counts: `intake.duplicates` looks for near copies, and asks.
    """
    keys: list[Iterable[Hashable]] = [map(_plain, catalog.text)]
    for found in vectors.values():
        keys.append(row.tobytes() if here else "" for row, here in zip(found.matrix, found.present, strict=True))
    links = [pair for names in keys for pair in _linked(names)]
    left, right = np.array(links, dtype=np.int64).reshape(-1, 2).T
    n = len(catalog)
    joined = sparse.csr_matrix((np.ones(len(left)), (left, right)), shape=(n, n))
    groups: Groups = connected_components(joined, directed=False)[1].astype(np.int64)
    return groups


def alone(n_videos: int) -> Groups:
    """Every video a group of its own: nothing is a copy."""
    return np.arange(n_videos, dtype=np.int64)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _linked(names: Iterable[Hashable]) -> Iterable[tuple[int, int]]:
    """The first of each small group of equal names with every other one of it."""
    rows_of: dict[Hashable, list[int]] = {}
    for row, name in enumerate(names):
        if name:
            rows_of.setdefault(name, []).append(row)
    return [(rows[0], row) for rows in rows_of.values() if len(rows) <= MOST_COPIES for row in rows[1:]]
