"""Co-engagement against a naive double loop over each user's history."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import relvid_core.data.coengagement as module
from relvid_core.config import CoEngagementConfig
from relvid_core.data.coengagement import CoEngagement, log_of_pairs
from relvid_core.data.interactions import Events
from relvid_core.errors import NotEnoughData

N_VIDEOS = 6
Histories = list[list[int]]
histories = st.lists(st.lists(st.integers(0, N_VIDEOS - 1), min_size=1, max_size=9), min_size=1, max_size=5)
configs = st.builds(
    CoEngagementConfig,
    window=st.sampled_from([0, 1, 2, 5, 100]),
    symmetric=st.booleans(),
    pair_weight=st.sampled_from(["pair", "user"]),
)


def as_events(users: Histories, *, time: bool) -> Events:
    user = np.array([u for u, history in enumerate(users) for _ in history], np.int32)
    row = np.array([video for history in users for video in history], np.int32)
    return Events(user, row, np.arange(len(user)) if time else None)


def naive(users: Histories, config: CoEngagementConfig, *, time: bool) -> npt.NDArray[np.float64]:
    """The definition, pair by pair."""
    matrix = np.zeros((N_VIDEOS, N_VIDEOS))
    any_two = config.window == 0 or not time
    for history in users:
        watched = list(dict.fromkeys(history)) if any_two else history
        found = []
        for i, earlier in enumerate(watched):
            for steps, later in enumerate(watched[i + 1 :], start=1):
                if earlier != later and (any_two or steps <= config.window):
                    found.append((earlier, later))
        weight = len(history) / max(1, len(found)) if config.pair_weight == "user" else 1.0
        for earlier, later in found:
            matrix[earlier, later] += weight
            if config.symmetric or not time:
                matrix[later, earlier] += weight
    return matrix


@given(histories, configs, st.booleans(), st.sampled_from([1, 3, 10**6]))
def test_the_matrix_is_that_of_a_double_loop(
    users: Histories, config: CoEngagementConfig, time: bool, block: int
) -> None:
    expected = naive(users, config, time=time)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        if not expected.any():
            with pytest.raises(NotEnoughData, match="no viewer with two different videos"):
                CoEngagement.from_events(as_events(users, time=time), N_VIDEOS, config)
            return
        pairs = CoEngagement.from_events(as_events(users, time=time), N_VIDEOS, config)
    np.testing.assert_allclose(pairs.matrix.toarray(), expected, rtol=1e-5)
    assert pairs.matrix.dtype == np.float32
    assert pairs.seeds.tolist() == np.flatnonzero(expected.any(axis=1)).tolist()
    np.testing.assert_allclose(pairs.candidate_marginal, expected.sum(axis=0) / expected.sum(), rtol=1e-5)


def test_one_step_by_hand() -> None:
    # Two viewers: a b c, and b a. One step: a→b, b→c and b→a.
    events = as_events([[0, 1, 2], [1, 0]], time=True)
    directed = CoEngagement.from_events(events, 3, CoEngagementConfig(window=1, symmetric=False))
    assert directed.matrix.toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 0, 0]]
    both = CoEngagement.from_events(events, 3, CoEngagementConfig(window=1))
    assert both.matrix.toarray().tolist() == [[0, 2, 0], [2, 0, 1], [0, 1, 0]]


def test_user_weights_sum_to_the_number_of_engagements() -> None:
    users = [[0, 1, 2, 3, 4], [0, 1]]
    config = CoEngagementConfig(window=3, symmetric=False, pair_weight="user")
    alone = [CoEngagement.from_events(as_events([history], time=True), N_VIDEOS, config) for history in users]
    assert [pairs.matrix.sum() for pairs in alone] == pytest.approx([5, 2])


def test_a_long_history_with_a_wide_window_stays_within_reach() -> None:
    history = np.random.default_rng(0).integers(0, 200, 1500).tolist()
    config = CoEngagementConfig(window=0, symmetric=False)
    pairs = CoEngagement.from_events(as_events([history], time=True), 200, config)
    assert pairs.matrix.nnz == 200 * 199 // 2  # every two videos once, in the order of their first watch
    first = list(dict.fromkeys(history))
    assert all(pairs.matrix[earlier, later] == 1 for earlier, later in pairwise(first))


def test_ready_made_pairs_add_up_and_lose_themselves() -> None:
    rows = [np.array(column, np.int32) for column in ([0, 0, 1, 2, 2], [1, 1, 0, 2, 0])]
    pairs = CoEngagement.from_pairs(rows[0], rows[1], np.array([1, 2, 5, 9, 0], np.float32), 3)
    assert pairs.matrix.toarray().tolist() == [[0, 3, 0], [5, 0, 0], [0, 0, 0]]
    assert pairs.matrix.nnz == 2
    with pytest.raises(NotEnoughData, match="none of the 1 pairs"):
        CoEngagement.from_pairs(rows[0][:1], rows[0][:1], np.ones(1, np.float32), 3)


def test_pairs_as_a_log_count_what_ends_in_a_video() -> None:
    rows = [np.array(column, np.int32) for column in ([4, 4, 1], [0, 2, 2])]
    log = log_of_pairs(CoEngagement.from_pairs(rows[0], rows[1], np.array([1, 2, 3], np.float32), 5))
    assert log.n_users == 2  # the seeds 1 and 4, in that order
    assert log.engagements.user.tolist() == [0, 1, 1]
    assert log.engagements.row.tolist() == [2, 0, 2]
    assert log.engagements.value is not None
    assert log.engagements.value.tolist() == [3, 1, 2]
    assert log.popularity.tolist() == [1, 0, 2, 0, 0]
    assert not log.has_time


def test_the_fingerprint_ignores_how_the_pairs_were_ordered() -> None:
    seeds, candidates = np.array([0, 1, 2], np.int32), np.array([1, 2, 0], np.int32)
    weights = np.array([1, 2, 3], np.float32)
    forward = CoEngagement.from_pairs(seeds, candidates, weights, 3).fingerprint
    assert CoEngagement.from_pairs(seeds[::-1], candidates[::-1], weights[::-1], 3).fingerprint == forward
    assert CoEngagement.from_pairs(seeds, candidates, weights + 1, 3).fingerprint != forward
    assert CoEngagement.from_pairs(seeds, candidates, weights, 4).fingerprint != forward


def test_pairs_without_some_videos_and_the_videos_that_are_known() -> None:
    seeds, candidates = np.array([0, 1, 1, 2], dtype=np.int32), np.array([1, 2, 3, 3], dtype=np.int32)
    pairs = CoEngagement.from_pairs(seeds, candidates, np.array([1, 2, 3, 4], dtype=np.float32), 6)
    assert pairs.known.tolist() == [True, True, True, True, False, False]
    left = pairs.without(np.array([3], dtype=np.int32))
    assert left.matrix.toarray().tolist() == [[0, 1, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0], *[[0] * 6] * 4]
    assert left.known.tolist() == [True, True, True, False, False, False]
    with pytest.raises(NotEnoughData):
        pairs.without(np.array([1, 3], dtype=np.int32))
