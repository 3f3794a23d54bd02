"""Grades of relevance from topics, teacher vectors and ratings, each against a naive second computation."""

import numpy as np
import pytest
from scipy import sparse

from relvid_core.data import relevance
from relvid_core.data.relevance import RelevanceGrades, TeacherGrades, relevance_grades
from relvid_core.data.topics import Topics, relevance_features
from relvid_core.errors import ConfigError

TOPICS = Topics.from_paths([[("Food", "Bread")], [("Food", "Soup")], [("Sport",)], [], [("Food", "Bread")]])


def unit(rng: np.random.Generator, n: int, dim: int) -> np.ndarray:
    vectors = rng.normal(size=(n, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def of(source: str, **parts: object) -> RelevanceGrades:
    topics = relevance_features(parts.pop("topics", TOPICS))
    return relevance_grades(source, **{"topic_features": topics, "ratings": None, "teacher": None, **parts})


def test_topics_by_hand() -> None:
    every = np.arange(5, dtype=np.int32)
    grades = of("topics").rows(every)
    # Two levels weigh 1/3 and 2/3: Bread and Soup share Food only; Sport stands for itself at both levels.
    assert grades == pytest.approx(
        np.array([[0, 1 / 3, 0, 0, 1], [1 / 3, 0, 0, 0, 1 / 3], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1 / 3, 0, 0, 0]]),
        abs=1e-6,
    )


def test_topics_without_room_for_a_dense_matrix_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.array([4, 1], np.int32)
    dense = of("topics").rows(rows)
    monkeypatch.setattr(relevance, "MAX_DENSE_CELLS", 0)
    assert of("topics").rows(rows) == pytest.approx(dense)


def test_ratings_are_not_symmetric_and_what_is_unrated_is_0() -> None:
    ratings = sparse.csr_matrix(([0.5, 1.0, 0.0], ([0, 2, 2], [1, 0, 1])), shape=(3, 3))
    grades = of("ratings", ratings=ratings)
    assert grades.rows(np.array([2, 0], np.int32)).tolist() == [[1, 0, 0], [0, 0.5, 0]]
    assert grades.rows(np.array([1], np.int32)).tolist() == [[0, 0, 0]]


def test_a_teacher_keeps_the_nearest_hundredth_and_at_least_twenty() -> None:
    rng = np.random.default_rng(0)
    for n, kept in ((60, 20), (2600, 26)):
        vectors = unit(rng, n, 3)
        rows = np.array([5, 0, 17], np.int32)
        grades = TeacherGrades(vectors).rows(rows)
        for row, found in zip(rows, grades, strict=True):
            cosine = vectors.astype(np.float64) @ vectors[row].astype(np.float64)
            cosine[row] = -np.inf
            nearest = np.argsort(-cosine)[:kept]
            expected = np.zeros(n)
            expected[nearest] = np.maximum(cosine[nearest], 0)
            assert found == pytest.approx(expected, abs=1e-6)
            assert (found > 0).sum() == (cosine[nearest] > 0).sum()


def test_a_teacher_has_no_grade_for_opposite_or_unknown_videos() -> None:
    vectors = np.array([[1, 0], [-1, 0], [0.6, 0.8], [0, 0]], np.float32)
    every = np.arange(4, dtype=np.int32)
    grades = TeacherGrades(vectors).rows(every)
    assert grades == pytest.approx(np.array([[0, 0, 0.6, 0], [0, 0, 0, 0], [0.6, 0, 0, 0], [0, 0, 0, 0]]))


@pytest.mark.parametrize("source", ["topics", "teacher", "ratings"])
def test_columns_are_a_part_of_the_whole_rows(source: str) -> None:
    """A sample of candidates must not change a grade: the teacher's cut is over the whole catalogue."""
    rng = np.random.default_rng(1)
    n = 300
    topics = Topics.from_paths([[(f"t{rng.integers(9)}",)] for _ in range(n)])
    ratings = sparse.random(n, n, 0.05, format="csr", random_state=rng)
    whole, sampled = (of(source, topics=topics, ratings=ratings, teacher=unit(rng, n, 4)) for _ in range(2))
    if source == "teacher":  # the two must share their vectors
        sampled = whole = TeacherGrades(unit(rng, n, 4))
    rows = rng.permutation(n)[:40].astype(np.int32)
    columns = np.sort(rng.permutation(n)[:90]).astype(np.int32)
    found = sampled.rows(rows, columns)
    expected = whole.rows(rows)
    assert found == pytest.approx(expected[:, columns], abs=1e-6)
    assert ((found > 0) == (expected[:, columns] > 0)).all()
    assert (expected[np.arange(40), rows] == 0).all()
    assert found.max() > 0
    assert 0 <= expected.min() <= expected.max() <= 1


def test_what_the_dataset_lacks_is_an_error_with_advice() -> None:
    for source, advice in (("teacher", "teacher.parquet"), ("ratings", "relevance.csv")):
        with pytest.raises(ConfigError, match=f"received '{source}'.*{advice}"):
            of(source)
    with pytest.raises(ConfigError, match="no video of this dataset has a topic"):
        of("topics", topics=Topics.from_paths([[], []]))
    with pytest.raises(ConfigError, match="'likes'; use one of topics, teacher, ratings"):
        of("likes")
