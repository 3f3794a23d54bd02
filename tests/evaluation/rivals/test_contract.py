"""Every rival of the app finds planted groups, reads its knobs, and says what it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from relvid_core.data.interactions import Events, Interactions
from relvid_core.errors import ConfigError, MissingDependency
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.classical import scaled_scores
from relvid_core.evaluation.rivals.contract import Rival, Value, lists_of_vectors
from relvid_core.evaluation.rivals.item2vec import sentences_of
from relvid_core.evaluation.rivals.tunable import TUNABLE

N_VIDEOS, K = 43, 5  # see `planted_groups`: two groups of 20, then three videos that nobody watched
GROUP = np.arange(N_VIDEOS) // 20
SMALL: dict[str, dict[str, Value]] = {
    "als": {"factors": 8, "iterations": 5},
    "item2vec": {"epochs": 40, "vector_size": 8, "sample": 0.0},
}


def start_of(rival: Rival) -> dict[str, Value]:
    return rival.start | SMALL.get(rival.name, {})


def skip_without(rival: Rival) -> None:
    if rival.missing:
        pytest.skip(f"{', '.join(rival.missing)} not installed: {rival.install}")


@pytest.mark.parametrize("name", TUNABLE)
@pytest.mark.filterwarnings("default")  # what the libraries warn about is not ours to mend
def test_every_rival_finds_planted_groups(name: str, planted_groups: BaselineData) -> None:
    rival = TUNABLE[name]
    skip_without(rival)
    found = rival.lists(planted_groups, start_of(rival), seed=0, k=K)
    assert found.rows.shape == (N_VIDEOS, K)
    watched = slice(0, 40)
    assert (found.rows[watched] != np.arange(40)[:, None]).all()
    assert (GROUP[found.rows[watched]] == GROUP[watched, None]).mean() > 0.9  # by chance 19 / 42
    seeds = np.array([3, 30], dtype=np.int32)
    again = rival.lists(planted_groups, start_of(rival), seed=0, k=K, seeds=seeds)
    np.testing.assert_array_equal(again.rows, found.rows[[3, 30]])


@pytest.mark.parametrize("name", [name for name, rival in TUNABLE.items() if rival.listing])
@pytest.mark.filterwarnings("default")
def test_every_listing_knob_is_read(name: str, planted_groups: BaselineData) -> None:
    rival = TUNABLE[name]
    skip_without(rival)
    lister = rival.fit(planted_groups, start_of(rival), 0)
    every = np.arange(N_VIDEOS, dtype=np.int32)
    first = lister(start_of(rival), every, K)
    for knob in rival.listing:
        other = lister(start_of(rival) | {knob: rival.grid[knob][1]}, every, K)
        assert (other.scores != first.scores).any(), knob


def test_scaled_scores_by_hand() -> None:
    counts = sparse.csr_matrix(np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    found = scaled_scores(counts, np.array([4.0, 7.0, 0.0]), exponent=0.5, prior=2.0, support=1.0)
    expected = [[0, 3 / 3 * 3 / 4, 1 / np.sqrt(2) * 1 / 2], [3 / np.sqrt(6) * 3 / 4, 0, 0], [1 / np.sqrt(6) / 2, 0, 0]]
    np.testing.assert_allclose(found.toarray(), expected)
    assert counts[0, 1] == 3.0  # the counts are shared and stay as they are


def test_unfitted_videos_come_last_even_below_negative_scores(planted_groups: BaselineData) -> None:
    vectors = np.ones((N_VIDEOS, 1))
    vectors[1] = -5.0
    known = np.arange(N_VIDEOS) < 40
    found = lists_of_vectors(planted_groups, vectors, vectors, known, np.array([0], dtype=np.int32), N_VIDEOS - 1)
    assert found.rows[0, -4:].tolist() == [1, 40, 41, 42]


def test_wrong_settings_and_absent_libraries_are_named(planted_groups: BaselineData) -> None:
    with pytest.raises(ConfigError, match="received the settings lambda"):
        TUNABLE["ease"].lists(planted_groups, {"lambda": 1.0}, seed=0, k=K)
    absent = Rival("absent", "", {}, TUNABLE["ease"].fit, needs=("no_such_library_at_all",))
    with pytest.raises(MissingDependency, match=r"no_such_library_at_all.*pip install -r requirements-rivals\.txt"):
        absent.lists(planted_groups, {}, seed=0, k=K)


def test_sentences_keep_time_order_and_shuffle_without_times() -> None:
    events = Events(np.array([0, 0, 1, 1, 1], np.int32), np.array([4, 2, 9, 8, 7], np.int32), np.arange(5))
    assert sentences_of(Interactions(2, 10, events), seed=0) == [["4", "2"], ["9", "8", "7"]]
    many = Events(np.repeat(np.arange(2, dtype=np.int32), 20), np.tile(np.arange(20, dtype=np.int32), 2))
    first, second = sentences_of(Interactions(2, 20, many), seed=0)
    in_order = [str(row) for row in range(20)]
    assert sorted(first) == sorted(second) == sorted(in_order)
    assert first != in_order
