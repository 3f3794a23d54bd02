"""Topics of videos: paths in a taxonomy of any depth, several for each video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.files import shortened
from relvid_core.errors import DataError

TopicPath = tuple[str, ...]  # ("Food", "Baking"): the top level first
LEVEL_SEPARATOR = " > "
TOPIC_SEPARATOR = "|"
MAX_LEVELS = 9
MAX_TOPICS = 200  # of one video; more is a broken cell


def parse_topics(text: str) -> tuple[TopicPath, ...]:
    """Topics as written in one cell.

    >>> parse_topics("Food > Baking | Travel")
    (('Food', 'Baking'), ('Travel',))
    """
    split = (topic.split(LEVEL_SEPARATOR.strip()) for topic in text.split(TOPIC_SEPARATOR))
    paths = (tuple(level.strip() for level in levels if level.strip()) for levels in split)
    return tuple(path for path in dict.fromkeys(paths) if path)


def format_topic(path: TopicPath) -> str:
    """The path as one label.

    >>> format_topic(("Food", "Baking"))
    'Food > Baking'
    """
    return LEVEL_SEPARATOR.join(path)


@dataclass(frozen=True)
class Topics:
    """The topic paths of every video, in catalogue order; the first path of a video is its primary topic."""

    paths: tuple[tuple[TopicPath, ...], ...]

    @classmethod
    def from_paths(cls, paths: Iterable[Sequence[TopicPath]]) -> Topics:
        """Check and freeze. Raises DataError for an empty path, more than 9 levels or more than 200 topics a video."""
        frozen = tuple(tuple(video) for video in paths)
        for row, video in enumerate(frozen):
            if len(video) > MAX_TOPICS:
                raise DataError(
                    f"topics of video row {row + 1}: {len(video)} topics; give {MAX_TOPICS} at most, main ones first"
                )
            for path in video:
                if not 1 <= len(path) <= MAX_LEVELS:
                    raise DataError(
                        f"topics of video row {row + 1}: {len(path)} levels in {shortened(path)}; use 1 to {MAX_LEVELS}"
                    )
        return cls(frozen)

    @cached_property
    def n_levels(self) -> int:
        """Depth of the deepest path; 0 if no video has a topic."""
        return max((len(path) for video in self.paths for path in video), default=0)

    def names(self, level: int = 0) -> list[TopicPath]:
        """Distinct topics cut at `level` (0 = the finest), sorted; column j of `incidence` is names()[j]."""
        return sorted({_cut(path, level) for video in self.paths for path in video})

    def incidence(self, level: int = 0, *, primary_only: bool = False) -> sparse.csr_matrix:
        """Which video has which topic, cut at `level`: `[n_videos, n_topics]` float32 of 0 and 1."""
        column = {path: j for j, path in enumerate(self.names(level))}
        videos = [video[:1] if primary_only else video for video in self.paths]
        columns = [sorted({column[_cut(path, level)] for path in video}) for video in videos]
        counts = np.array([len(video) for video in columns], dtype=np.int64)
        indices = np.array([j for video in columns for j in video], dtype=np.int32)
        indptr = np.concatenate([[0], np.cumsum(counts)])
        ones = np.ones(len(indices), dtype=np.float32)
        return sparse.csr_matrix((ones, indices, indptr), shape=(len(self.paths), len(column)))

    def cut(self, level: int) -> Topics:
        """The same videos with every path cut at `level` (1 = the top level only), paths that become equal once."""
        return Topics(tuple(tuple(dict.fromkeys(path[:level] for path in video)) for video in self.paths))

    def without(self, hidden: npt.NDArray[np.bool_]) -> Topics:
        """The same videos, those `hidden` `[n_videos]` without any topic."""
        return Topics(tuple(() if gone else video for video, gone in zip(self.paths, hidden, strict=True)))

    def labels(self, row: int) -> list[str]:
        """The topics of one video as text, primary first."""
        return [format_topic(path) for path in self.paths[row]]


def _cut(path: TopicPath, level: int) -> TopicPath:
    return path if level == 0 else path[:level]


def rarest_first(paths: Sequence[Sequence[TopicPath]]) -> list[tuple[TopicPath, ...]]:
    """Each video's topics with the rarest in the catalogue first, for sources whose own order says nothing.

    The rarest topic says most about a video, so it becomes the primary one.

    >>> rarest_first([[("Drama",), ("Western",)], [("Drama",)]])
    [(('Western',), ('Drama',)), (('Drama',),)]
    """
    frequency = Counter(path for video in paths for path in video)
    return [tuple(sorted(video, key=lambda path: (frequency[path], path))) for video in paths]


def relevance_features(topics: Topics) -> sparse.csr_matrix:
    """F with `R = F Fᵀ`, where R_ij in [0, 1] is the graded relevance of two videos: `[n_videos, n_topics]`.

    At each level ℓ = 1 … L the overlap is the cosine of the two videos' topic incidence vectors (1 when the sets are
    equal, 0 when they are disjoint); deeper levels count more, R = Σ_ℓ ℓ·overlap_ℓ / Σ_ℓ ℓ. A path that ends early
    stands for itself at the deeper levels. Our definition: the paper names "semantic relevance" and gives no formula.
    """
    scale = max(1, topics.n_levels * (topics.n_levels + 1) // 2)
    blocks: list[sparse.csr_matrix] = [sparse.csr_matrix(np.zeros((len(topics.paths), 0), dtype=np.float32))]
    for level in range(1, topics.n_levels + 1):
        incidence = topics.incidence(level)
        size = np.sqrt(np.asarray(incidence.sum(axis=1)).ravel())
        unit = sparse.diags_array(np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)) @ incidence
        blocks.append(unit * np.float32(np.sqrt(level / scale)))
    features = sparse.csr_matrix(sparse.hstack(blocks), dtype=np.float32)
    features.sort_indices()
    return features


def equal_rows(features: sparse.csr_matrix) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The group of every row, where equal rows are one group, and a row of each group."""
    ordered = features.sorted_indices()
    keys = [ordered.indices[a:b].tobytes() + ordered.data[a:b].tobytes() for a, b in pairwise(ordered.indptr.tolist())]
    _, first, group = np.unique(np.array(keys, dtype=object), return_index=True, return_inverse=True)
    return group, first
