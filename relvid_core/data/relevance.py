"""How relevant one video is to another, R_ij in [0, 1]: from topics, a teacher encoder or a user's own ratings."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy import sparse

from relvid_core.config import RelevanceSource
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Mask
from relvid_core.data.topics import equal_rows
from relvid_core.errors import ConfigError

MAX_DENSE_CELLS = 50_000_000  # features up to this size are held dense: 200 MB of float32
TEACHER_SHARE = 0.01  # of the catalogue that a teacher calls relevant to one seed …
TEACHER_AT_LEAST = 20  # … and at least as many as a list is long
_BLOCK_CELLS = 1 << 24  # grades in memory at a time where all seeds are asked: 64 MiB of float32


class RelevanceGrades(Protocol):
    """Graded relevance of candidates to seeds."""

    unknown: Mask | None  # [n_videos], of which nobody has said anything: no example of what is irrelevant; None: none

    def rows(self, rows: Rows, columns: Rows | None = None) -> Floats:
        """R_ij of seeds `rows` and candidates `columns` (None: the whole catalogue), `[b, c]`; a seed itself has 0."""


class TopicGrades:
    """Level-weighted overlap of topics: R = F Fᵀ, see `topics.relevance_features`."""

    def __init__(self, features: sparse.csr_matrix, unknown: Mask | None = None) -> None:
        """`features` `[n_videos, n_topics]`: known ones (`topics.relevance_features`) or with guesses among them."""
        self.unknown = unknown
        cells = features.shape[0] * features.shape[1]
        self._dense = features.toarray().astype(np.float32) if cells <= MAX_DENSE_CELLS else None
        self._sparse = features
        self.group, self._first = equal_rows(features)  # [n_videos]: videos with the same topics are one group
        self.members = np.bincount(self.group)  # [n_groups]

    def by_group(self, rows: Rows) -> Floats:
        """R of seeds `rows` and any video of each group, `[b, n_groups]`; the seed itself is not left out."""
        grades: Floats = np.asarray((self._sparse[rows] @ self._sparse[self._first].T).toarray(), dtype=np.float32)
        return grades

    def rows(self, rows: Rows, columns: Rows | None = None) -> Floats:
        """See `RelevanceGrades.rows`."""
        grades: Floats
        if self._dense is not None:
            right = self._dense if columns is None else self._dense[columns]
            grades = self._dense[rows] @ right.T
        else:
            sparse_right = self._sparse if columns is None else self._sparse[columns]
            grades = (self._sparse[rows] @ sparse_right.T).toarray()
        clear_own(grades, rows, columns)
        return grades


class TeacherGrades:
    """Cosine of the vectors of an encoder that the towers never see, of the nearest `TEACHER_SHARE` of the catalogue.

    Negative cosines and all farther videos have grade 0. The cut keeps the target sharp: cosines of a sentence encoder
    are seldom below 0.1, and in a catalogue of 10,000 the softmax target (`training.losses.relevance_target`) would
    give the many unrelated videos together more mass than the few near ones. One in a hundred is about the size of a
    fine topic. A video as near as the last one kept is kept too.
    """

    def __init__(self, vectors: Floats) -> None:
        """`vectors` `[n_videos, dim]` are unit rows, or zero where the teacher knows nothing."""
        self.unknown: Mask | None = None
        self._vectors = vectors
        self._n_kept = min(len(vectors), max(TEACHER_AT_LEAST, round(TEACHER_SHARE * len(vectors))))
        self._cut = np.full(len(vectors), np.nan, dtype=np.float32)  # lowest cosine kept, found when a seed is asked

    def rows(self, rows: Rows, columns: Rows | None = None) -> Floats:
        """See `RelevanceGrades.rows`."""
        cut = self._cuts(rows)
        right = self._vectors if columns is None else self._vectors[columns]
        grades: Floats = self._vectors[rows] @ right.T
        grades[grades < cut[:, None]] = 0.0
        np.clip(grades, 0.0, 1.0, out=grades)
        clear_own(grades, rows, columns)
        return grades

    def _cuts(self, rows: Rows) -> Floats:
        """A little below the cosine of the last video kept: products of other shapes round otherwise."""
        unknown = np.unique(rows[np.isnan(self._cut[rows])])
        size = max(1, _BLOCK_CELLS // len(self._vectors))
        for start in range(0, len(unknown), size):
            block = unknown[start : start + size]
            cosines = self._vectors[block] @ self._vectors.T
            cosines[np.arange(len(block)), block] = -1.0
            place = len(self._vectors) - self._n_kept
            self._cut[block] = np.partition(cosines, place, axis=1)[:, place] - np.float32(1e-6)
        return self._cut[rows]


class RatedGrades:
    """What a user's own file says, as it says it: R_ij need not equal R_ji, and a pair without a rating has 0."""

    def __init__(self, ratings: sparse.csr_matrix) -> None:
        """`ratings` `[n_videos, n_videos]` of grades in [0, 1], rows are seeds."""
        self.unknown: Mask | None = None
        self._ratings = sparse.csr_matrix(ratings, dtype=np.float32)

    def rows(self, rows: Rows, columns: Rows | None = None) -> Floats:
        """See `RelevanceGrades.rows`."""
        asked = self._ratings[rows] if columns is None else self._ratings[rows][:, columns]
        grades: Floats = asked.toarray()
        clear_own(grades, rows, columns)
        return grades


def relevance_grades(
    source: RelevanceSource,
    *,
    topic_features: sparse.csr_matrix | None,
    ratings: sparse.csr_matrix | None,
    teacher: Floats | None,
    unknown: Mask | None = None,
) -> RelevanceGrades:
    """The grades that a config asks for; `unknown` `[n_videos]` are videos of whose topics nothing is known.

    Raises ConfigError, with what to do, where the dataset does not have them.
    """
    if source == "topics":
        if topic_features is None or topic_features.shape[1] == 0:
            raise ConfigError(
                "objective.relevance_source: received 'topics', but no video of this dataset has a topic. Add a column "
                "topics to the catalogue, use another source, or set objective.relevance_weight to 0."
            )
        return TopicGrades(topic_features, unknown)
    if source == "teacher":
        if teacher is None:
            raise ConfigError(
                "objective.relevance_source: received 'teacher', but this dataset has no teacher vectors. Put "
                "teacher.parquet (video_id and numeric columns), or teacher.npy with teacher_ids.csv, into its folder."
            )
        return TeacherGrades(teacher)
    if source == "ratings":
        if ratings is None:
            raise ConfigError(
                "objective.relevance_source: received 'ratings', but this dataset has no ratings. Put relevance.csv "
                "(seed_id, candidate_id, grade from 0 to 1) into its folder."
            )
        return RatedGrades(ratings)
    raise ConfigError(f"objective.relevance_source: received {source!r}; use one of topics, teacher, ratings")


def clear_own(grades: Floats, rows: Rows, columns: Rows | None) -> None:
    """Set R_ii to 0 in place; `columns` must ascend."""
    place = np.asarray(rows) if columns is None else np.searchsorted(columns, rows)
    if columns is None:
        grades[np.arange(len(rows)), place] = 0.0
        return
    inside = np.minimum(place, len(columns) - 1)
    own = columns[inside] == rows
    grades[np.flatnonzero(own), inside[own]] = 0.0
