import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from relvid_core.errors import ConfigError, DataError
from relvid_core.retrieval import ranking
from relvid_core.retrieval.ranking import Neighbours, pack, top_k_of_scores, unpack

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
TIED = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1e-40, -1e-40])


def naive(scores: np.ndarray, seed: int, k: int, order: list[int]) -> list[int]:
    ranked = sorted(order, key=lambda row: -float(scores[row]))  # stable: ties stay in the given order
    return [row for row in ranked if row != seed][:k]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_equals_a_naive_sort(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 12))
    k = data.draw(st.integers(1, n - 1))
    table = data.draw(st.lists(st.lists(st.one_of(FLOATS, TIED), min_size=n, max_size=n), min_size=1, max_size=4))
    seeds = data.draw(st.lists(st.integers(0, n - 1), min_size=len(table), max_size=len(table)))
    order = data.draw(st.permutations(range(n)))
    scores = np.array(table, dtype=np.float32)
    place = np.array(order, dtype=np.int32)
    found = top_k_of_scores(scores, k, np.array(seeds, dtype=np.int32), order=place)
    assert found.rows.tolist() == [naive(row, seed, k, order) for row, seed in zip(scores, seeds, strict=True)]
    np.testing.assert_array_equal(found.scores, np.take_along_axis(scores, found.rows, axis=1))


def test_ties_go_to_the_lower_row() -> None:
    found = top_k_of_scores(np.array([[2.0, 1.0, 2.0, 9.0]]), 3, np.array([3], dtype=np.int32))
    assert found.rows.tolist() == [[0, 2, 1]]


def test_sparse_scores_mean_zero_where_absent() -> None:
    dense = np.array([[0.0, 0.0, 3.0, -1.0], [5.0, 0.0, 0.0, 0.0]])
    seeds = np.array([0, 0], dtype=np.int32)
    found = top_k_of_scores(sparse.csr_matrix(dense), 3, seeds)
    assert found.rows.tolist() == [[2, 1, 3], [1, 2, 3]]
    assert found.scores.tolist() == [[3.0, 0.0, -1.0], [0.0, 0.0, 0.0]]


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.random.default_rng(0).integers(0, 5, size=(37, 50)).astype(np.float32)
    seeds = np.arange(37, dtype=np.int32)
    whole = top_k_of_scores(scores, 7, seeds)
    monkeypatch.setattr(ranking, "_BLOCK_CELLS", 150)
    parts = top_k_of_scores(scores, 7, seeds)
    np.testing.assert_array_equal(whole.rows, parts.rows)


@given(st.lists(FLOATS, min_size=1, max_size=20))
def test_keys_hold_score_and_place(values: list[float]) -> None:
    scores = np.array(values, dtype=np.float32)
    back, place = unpack(pack(scores, np.arange(len(scores))))
    np.testing.assert_array_equal(back, scores)
    assert place.tolist() == list(range(len(scores)))


def test_scores_that_cannot_be_ranked() -> None:
    for bad in (np.nan, np.inf):
        with pytest.raises(DataError, match="NaN or infinite"):
            top_k_of_scores(np.array([[1.0, bad, 0.0]]), 1, np.array([0], dtype=np.int32))


def test_impossible_k() -> None:
    with pytest.raises(ConfigError, match="received 3"):
        top_k_of_scores(np.zeros((1, 3)), 3, np.array([0], dtype=np.int32))


def test_first_places() -> None:
    lists = Neighbours(np.array([[4, 2, 1]], dtype=np.int32), np.array([[3.0, 2.0, 1.0]], dtype=np.float32))
    assert lists.first(2).rows.tolist() == [[4, 2]]
    with pytest.raises(ConfigError, match="k = 4"):
        lists.first(4)


def test_only_allowed_videos_are_listed() -> None:
    scores = np.array([[9.0, 1.0, 5.0, 5.0, 7.0], [0.0, 0.0, 0.0, 0.0, 0.0]], np.float32)
    allowed = np.array([False, True, True, True, False])
    found = top_k_of_scores(scores, 2, np.array([1, 0], np.int32), order=np.array([4, 3, 2, 1, 0]), allowed=allowed)
    assert found.rows.tolist() == [[3, 2], [3, 2]]  # not 0 and 4, however good; ties by the order
    with pytest.raises(ConfigError, match="a catalogue of 3 videos"):
        top_k_of_scores(scores, 3, np.array([1, 0], np.int32), allowed=allowed)
