"""One contract for every kind of index, on problems with known answers."""

import os
import sys
from typing import get_args

import faiss
import numpy as np
import pytest

from relvid_core.errors import ConfigError, DataError, MissingDependency
from relvid_core.retrieval import ranking, search
from relvid_core.retrieval.indexes import ExactIndex, HNSWIndex, IndexKind, IVFIndex, build_index
from relvid_core.retrieval.search import neighbours, neighbours_among, with_bias, with_unit

KINDS = ("exact", "ivf", "hnsw")


def circle(n: int) -> np.ndarray:
    """Points in order around a circle: the nearest two of i are i − 1 and i + 1."""
    angle = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def naive(vectors: np.ndarray, queries: np.ndarray, seeds: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    rows, scores = [], []
    for query, seed in zip(queries, seeds, strict=True):
        product = (vectors.astype(np.float64) @ query.astype(np.float64)).astype(np.float32)
        best = [row for row in sorted(range(len(vectors)), key=lambda row: (-product[row], row)) if row != seed][:k]
        rows.append(best)
        scores.append(product[best])
    return np.array(rows), np.array(scores)


@pytest.mark.parametrize("kind", KINDS)
class TestContract:
    def test_nearest_on_a_circle(self, kind: IndexKind) -> None:
        n = 300
        seeds = np.arange(n, dtype=np.int32)
        vectors = circle(n)
        found = neighbours(build_index(vectors, kind), vectors, seeds, 4)
        expected = {-2, -1, 1, 2}
        for seed in seeds:
            assert {int((row - seed + n // 2) % n - n // 2) for row in found.rows[seed]} == expected
        np.testing.assert_allclose(np.sort(found.scores, axis=1)[:, 3], np.cos(2 * np.pi / n), rtol=1e-6)
        assert found.rows.dtype == np.int32
        assert found.scores.dtype == np.float32

    def test_scores_fall_and_belong_to_the_rows(self, kind: IndexKind) -> None:
        rng = np.random.default_rng(1)
        vectors = rng.normal(size=(500, 16)).astype(np.float32)
        queries = rng.normal(size=(40, 16)).astype(np.float32)
        seeds = rng.integers(0, 500, 40).astype(np.int32)
        found = neighbours(build_index(vectors, kind), queries, seeds, 10)
        assert (np.diff(found.scores, axis=1) <= 0).all()
        np.testing.assert_allclose(found.scores, (queries @ vectors.T)[np.arange(40)[:, None], found.rows], rtol=1e-4)

    def test_never_the_seed_and_never_twice(self, kind: IndexKind) -> None:
        vectors = np.ones((60, 3), dtype=np.float32)  # all alike: the seed is never the clear winner
        seeds = np.arange(60, dtype=np.int32)
        found = neighbours(build_index(vectors, kind), vectors, seeds, 59)
        assert not (found.rows == seeds[:, None]).any()
        assert all(len(set(row)) == 59 for row in found.rows.tolist())
        assert found.rows.min() == 0

    def test_one_lone_seed_from_elsewhere(self, kind: IndexKind) -> None:
        vectors = np.eye(5, dtype=np.float32)
        found = neighbours(build_index(vectors, kind), vectors[[3]], np.array([0], dtype=np.int32), 1)
        assert found.rows.tolist() == [[3]]

    def test_no_seeds(self, kind: IndexKind) -> None:
        none = np.zeros(0, dtype=np.int32)
        found = neighbours(build_index(circle(50), kind), circle(50)[:0], none, 3)
        assert found.rows.shape == (0, 3)

    @pytest.mark.parametrize("k", [0, 5, 6])
    def test_impossible_k(self, kind: IndexKind, k: int) -> None:
        index = build_index(np.eye(5), kind)
        with pytest.raises(ConfigError, match="1 to 4 neighbours"):
            neighbours(index, np.eye(5), np.arange(5, dtype=np.int32), k)

    def test_wrong_dimension(self, kind: IndexKind) -> None:
        with pytest.raises(DataError, match="dimension 4; the index holds 5"):
            neighbours(build_index(np.eye(5), kind), np.ones((1, 4)), np.array([0], dtype=np.int32), 2)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
    def test_numbers_that_cannot_be_ranked(self, kind: IndexKind, bad: float) -> None:
        vectors = np.eye(5)
        vectors[2, 1] = bad
        with pytest.raises(DataError, match="row 2"):
            build_index(vectors, kind)
        with pytest.raises(DataError, match="row 2"):
            neighbours(build_index(np.eye(5), kind), vectors, np.arange(5, dtype=np.int32), 2)

    @pytest.mark.parametrize("seeds", [[0, 5], [-1, 0], [0]])
    def test_seeds_outside_the_catalogue(self, kind: IndexKind, seeds: list[int]) -> None:
        with pytest.raises(DataError, match="seeds"):
            neighbours(build_index(np.eye(5), kind), np.eye(5)[:2], np.array(seeds, dtype=np.int32), 2)

    def test_bias_adds_to_every_score(self, kind: IndexKind) -> None:
        rng = np.random.default_rng(2)
        vectors, queries, bias = rng.normal(size=(40, 6)), rng.normal(size=(7, 6)), 3 * rng.normal(size=40)
        seeds = np.arange(7, dtype=np.int32)
        found = neighbours(build_index(with_bias(vectors, bias), kind), with_unit(queries), seeds, 39)
        plain = neighbours(build_index(vectors, kind), queries, seeds, 39)
        for seed in seeds:
            before = dict(zip(plain.rows[seed].tolist(), plain.scores[seed].tolist(), strict=True))
            for row, score in zip(found.rows[seed].tolist(), found.scores[seed].tolist(), strict=True):
                assert score == pytest.approx(before[row] + bias[row], abs=1e-5)


def test_exact_equals_a_naive_sort_with_many_ties() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.integers(-1, 2, size=(400, 4)).astype(np.float32)  # 81 distinct vectors
    seeds = np.arange(0, 400, 7, dtype=np.int32)
    for k in (1, 5, 20, 399):
        found = neighbours(ExactIndex(vectors), vectors[seeds], seeds, k)
        rows, scores = naive(vectors, vectors[seeds], seeds, k)
        np.testing.assert_array_equal(found.rows, rows)
        np.testing.assert_array_equal(found.scores, scores)


def test_exact_equals_a_naive_sort_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_BLOCK_CELLS", 1)
    monkeypatch.setattr(ranking, "_BLOCK_CELLS", 1)
    rng = np.random.default_rng(4)
    vectors = np.repeat(rng.normal(size=(30, 8)), 4, axis=0).astype(np.float32)
    seeds = np.arange(120, dtype=np.int32)
    found = neighbours(ExactIndex(vectors), vectors, seeds, 10)
    np.testing.assert_array_equal(found.rows, naive(vectors, vectors, seeds, 10)[0])


@pytest.mark.parametrize("index", [IVFIndex, HNSWIndex])
def test_approximate_indexes_find_most(index: type[IVFIndex] | type[HNSWIndex]) -> None:
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(50, 16))
    vectors = (centres[rng.integers(0, 50, 4000)] + 0.3 * rng.normal(size=(4000, 16))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    seeds = np.arange(200, dtype=np.int32)
    exact = neighbours(ExactIndex(vectors), vectors[seeds], seeds, 20)
    found = neighbours(index(vectors), vectors[seeds], seeds, 20)
    shared = [len(set(a) & set(b)) / 20 for a, b in zip(exact.rows.tolist(), found.rows.tolist(), strict=True)]
    assert np.mean(shared) > 0.9


def test_building_ivf_is_repeatable() -> None:
    vectors = np.random.default_rng(6).normal(size=(2000, 8)).astype(np.float32)
    seeds = np.arange(50, dtype=np.int32)
    first, second = (neighbours(IVFIndex(vectors), vectors[seeds], seeds, 10) for _ in range(2))
    np.testing.assert_array_equal(first.rows, second.rows)


class Forgetful:
    """An index that finds only the first two candidates, one of them perhaps the seed, and pads the rest."""

    exact = False

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        rows = np.full((len(queries), k), -1, dtype=np.int64)
        rows[:, :2] = [0, 1]
        return np.zeros(rows.shape, dtype=np.float32), rows


def test_padding_is_replaced_by_an_exact_search() -> None:
    vectors = circle(40)
    seeds = np.array([0, 9], dtype=np.int32)
    found = neighbours(Forgetful(vectors), vectors[seeds], seeds, 2)
    assert set(found.rows[0].tolist()) == {1, 39}  # 0 is the seed: one left of two, so searched in full
    assert set(found.rows[1].tolist()) == {0, 1}  # enough was found: the index's word is taken


def test_auto_is_exact_for_small_catalogues() -> None:
    assert isinstance(build_index(circle(50)), ExactIndex)


def test_auto_is_ivf_for_large_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relvid_core.retrieval.indexes.EXACT_UP_TO", 49)
    assert isinstance(build_index(circle(50)), IVFIndex)


def test_unknown_kind() -> None:
    assert set(get_args(IndexKind)) == {"auto", *KINDS}
    with pytest.raises(ConfigError, match="received 'annoy'"):
        build_index(circle(50), "annoy")  # type: ignore[arg-type]


def test_bias_of_the_wrong_length() -> None:
    with pytest.raises(DataError, match="3 candidates"):
        with_bias(np.ones((3, 2)), np.ones(2))


def test_on_a_mac_one_thread_and_two_openmp_runtimes_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    monkeypatch.setenv("KMP_DUPLICATE_LIB_OK", "")  # so that it is put back afterwards
    monkeypatch.delenv("KMP_DUPLICATE_LIB_OK")
    monkeypatch.setattr(faiss, "omp_set_num_threads", threads.append)
    ExactIndex(np.eye(3))
    assert "KMP_DUPLICATE_LIB_OK" not in os.environ
    assert threads == []
    monkeypatch.setattr(sys, "platform", "darwin")
    ExactIndex(np.eye(3))
    assert os.environ["KMP_DUPLICATE_LIB_OK"] == "TRUE"
    assert threads == [1]


def test_without_faiss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingDependency, match="pip install faiss-cpu"):
        build_index(np.eye(3))


def test_neighbours_among_some_videos_are_those_of_a_search_over_them_alone() -> None:
    rng = np.random.default_rng(0)
    queries, vectors = rng.normal(size=(2, 300, 5)).astype(np.float32)
    allowed = rng.random(300) < 0.4
    seeds = np.arange(0, 300, 7, dtype=np.int32)  # some are allowed themselves, some are not
    found = neighbours_among(queries[seeds], vectors, seeds, 7, allowed)
    for seed, row in zip(seeds, found.rows, strict=True):
        score = vectors.astype(float) @ queries[seed].astype(float)
        assert row.tolist() == [j for j in np.argsort(-score) if allowed[j] and j != seed][:7]
