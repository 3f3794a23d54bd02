"""The pictures of each video: which files they are, and how their vectors become one."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Catalog
from relvid_core.encoders.contract import Frames, Matrix

MAX_FRAMES: Final = 16  # of one video, the thumbnail included
MAX_ENTRIES: Final = 4096  # of one folder of frames that are looked at
SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")


def frames_of(catalog: Catalog) -> list[Frames]:
    """The pictures of every video, in row order; () for a video without any.

    The rule: a video's first picture is its thumbnail. Further frames lie beside it, in a folder named like the
    thumbnail without its suffix: `travel/v7.jpg` and `travel/v7/1.jpg`, `travel/v7/2.jpg`, … in the order of their
    names, numbers counted (2 before 10). At most MAX_FRAMES are taken, evenly spread over those found. What leads out
    of the thumbnail folder (a link), is no plain file or has no suffix of a picture is passed over; whether a file
    really is a picture shows when it is read.
    """
    if catalog.thumbnail_root is None:
        return [()] * len(catalog)
    root = catalog.thumbnail_root.resolve()

    @lru_cache(maxsize=1024)
    def folders_in(parent: Path) -> frozenset[str]:  # one look at each folder, not one for each video
        with os.scandir(parent) as entries:
            return frozenset(entry.name for entry in entries if entry.is_dir())

    found: list[Frames] = []
    for row in range(len(catalog)):
        first = catalog.thumbnail(row)
        if first is None:
            found.append(())
        elif first.stem in folders_in(first.parent):
            found.append((first, *_spread(_further(first.with_suffix(""), root), MAX_FRAMES - 1)))
        else:
            found.append((first,))
    return found


def mean_pooled(vectors: Matrix, owner: npt.NDArray[np.int64], n_videos: int) -> Matrix:
    """`[n_videos, dim]`: the mean of each video's frame vectors, unit length; a zero row where it has none.

    `vectors` is `[n_frames, dim]`, unit rows; `owner` `[n_frames]` says whose frame each is.
    """
    total = np.zeros((n_videos, vectors.shape[1]), dtype=np.float64)
    np.add.at(total, owner, vectors)
    return unit(total)


def attention_pooled(
    vectors: Matrix,
    owner: npt.NDArray[np.int64],
    n_videos: int,
    *,
    temperature: float,
    queries: Matrix | None = None,
) -> Matrix:
    """`[n_videos, dim]`: frames weighted by softmax(query·frame / temperature), unit length; zero rows without frames.

    Query-scored pooling of Bain et al. 2022, "A CLIP-Hitchhiker's Guide to Long Video Retrieval", section 3. `queries`
    `[n_videos, dim]` are text vectors of the same space; without them, and where a row is zero, the mean of the video's
    frames is the query, so that frames unlike the others (a black one, a title card) count for little.
    """
    mean = mean_pooled(vectors, owner, n_videos)
    asked = mean if queries is None else np.where(queries.any(axis=1, keepdims=True), unit(queries), mean)
    score = np.einsum("fd,fd->f", vectors, asked[owner]).astype(np.float64) / temperature  # f frames, d dim
    highest = np.full(n_videos, -np.inf)
    np.maximum.at(highest, owner, score)
    weight = np.exp(score - highest[owner])
    total = np.zeros((n_videos, vectors.shape[1]), dtype=np.float64)
    np.add.at(total, owner, weight[:, None] * vectors)  # its length is lost anyway, so nothing is divided by Σ weight
    return unit(total)


def unit(matrix: npt.NDArray[np.floating]) -> Matrix:
    """The rows scaled to length 1, `[n, dim]` float32; zero rows stay zero."""
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    scaled = np.divide(matrix, length, out=np.zeros_like(matrix), where=length > 0)
    return np.ascontiguousarray(scaled, dtype=np.float32)


def _further(folder: Path, root: Path) -> list[Path]:
    names: list[str] = []
    with os.scandir(folder) as entries:
        for looked_at, entry in enumerate(entries):
            if looked_at >= MAX_ENTRIES:
                break
            if entry.name.lower().endswith(SUFFIXES) and not entry.name.startswith("."):
                names.append(entry.name)
    paths = ((folder / name).resolve() for name in sorted(names, key=_natural))
    return [path for path in paths if path.is_relative_to(root) and path.is_file()]


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts frame2 before frame10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.lower())
    return [(int(part[:18]), "") if part.isdecimal() else (-1, part) for part in parts]


def _spread(paths: Sequence[Path], most: int) -> list[Path]:
    if len(paths) <= most:
        return list(paths)
    return [paths[round(place)] for place in np.linspace(0, len(paths) - 1, most)]
