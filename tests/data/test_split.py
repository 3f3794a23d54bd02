"""Cutting in time: what falls where, and that nothing from later is seen earlier."""

from collections.abc import Callable

import numpy as np
import pytest

from relvid_core.config import CoEngagementConfig, SplitConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.split import (
    TEST,
    TRAIN,
    VALIDATION,
    cold_rows,
    split_interactions,
    split_pairs,
    without_videos,
)
from relvid_core.errors import NotEnoughData

MakeEvents = Callable[..., Events]


def random_log(n_users: int = 40, n_videos: int = 30, seed: int = 0, *, time: bool = True) -> Interactions:
    """Users with 1 to 30 exposures each at scattered times, about half of them engagements."""
    draw = np.random.default_rng(seed)
    user = np.sort(np.repeat(np.arange(n_users), draw.integers(1, 31, n_users))).astype(np.int32)
    row = draw.integers(0, n_videos, len(user)).astype(np.int32)
    timestamp = draw.integers(0, 10_000, len(user))
    order = np.lexsort((timestamp, user))
    engaged = draw.random(len(user)) < 0.5
    shown = Events(user, row[order], timestamp[order] if time else None, engaged.astype(np.float32))
    return Interactions(n_users, n_videos, shown.take(engaged), shown)


def test_ten_events_of_a_user_fall_seven_one_two(events: MakeEvents) -> None:
    log = Interactions(1, 10, events(*[(0, i, 100 + i) for i in range(10)]))
    split = split_interactions(log, SplitConfig())
    assert split.engagement_windows.tolist() == [TRAIN] * 7 + [VALIDATION] + [TEST] * 2


def test_a_global_cut_is_one_moment_for_everybody() -> None:
    log = random_log()
    split = split_interactions(log, SplitConfig(kind="global"))
    assert log.engagements.timestamp is not None
    assert log.exposures is not None
    assert log.exposures.timestamp is not None
    assert split.exposure_windows is not None
    times = [log.engagements.timestamp[split.engagement_windows == window] for window in (TRAIN, VALIDATION, TEST)]
    assert times[0].max() < times[1].min() <= times[1].max() < times[2].min()
    assert len(times[0]) / len(log.engagements) == pytest.approx(0.7, abs=0.02)
    # An exposure after the cut is later for everyone, also for users who engaged with nothing any more.
    for window in (VALIDATION, TEST):
        assert log.exposures.timestamp[split.exposure_windows < window].max() < times[window].min()


def test_each_users_history_ends_before_its_target_begins() -> None:
    log = random_log()
    for name in ("validation", "test"):
        fold = split_interactions(log, SplitConfig()).fold(name)
        assert fold.history.engagements.timestamp is not None
        assert fold.target.engagements.timestamp is not None
        assert fold.history.exposures is not None
        assert fold.history.exposures.timestamp is not None
        for user in range(log.n_users):
            asked = fold.target.engagements.timestamp[fold.target.engagements.user == user]
            if not len(asked):
                continue
            seen = fold.history.engagements.timestamp[fold.history.engagements.user == user]
            shown = fold.history.exposures.timestamp[fold.history.exposures.user == user]
            assert seen.max(initial=-1) <= asked.min()
            assert shown.max(initial=-1) < asked.min()


def test_the_validation_fold_never_sees_the_test_window() -> None:
    log = random_log()
    split = split_interactions(log, SplitConfig())
    tuning, final = split.fold("validation"), split.fold("test")
    sizes = [np.sum(split.engagement_windows == window) for window in (TRAIN, VALIDATION, TEST)]
    assert len(tuning.history.engagements) == sizes[0]
    assert len(tuning.target.engagements) == sizes[1]
    assert len(final.history.engagements) == sizes[0] + sizes[1]
    assert len(final.target.engagements) == sizes[2]


def test_without_time_a_held_out_engagement_takes_its_exposure_along() -> None:
    log = random_log(time=False)
    split = split_interactions(log, SplitConfig())
    again = split_interactions(log, SplitConfig())
    assert np.array_equal(split.engagement_windows, again.engagement_windows)
    fold = split.fold("test")
    held_out = set(zip(fold.target.engagements.user, fold.target.engagements.row, strict=True))
    assert fold.history.exposures is not None
    assert held_out
    assert held_out.isdisjoint(zip(fold.history.exposures.user, fold.history.exposures.row, strict=True))
    # By chance, not by place: the last events of the file are not all held out.
    assert not all(split.engagement_windows[np.flatnonzero(np.diff(log.engagements.user))] == TEST)


def test_a_log_too_small_to_cut_says_so(events: MakeEvents) -> None:
    log = Interactions(2, 3, events((0, 0, 1), (1, 1, 2)))
    with pytest.raises(NotEnoughData, match="the validation window has no engagements"):
        split_interactions(log, SplitConfig())


def test_pairs_are_dealt_with_both_directions_together() -> None:
    pairs = CoEngagement.from_events(random_log().engagements, 30, CoEngagementConfig())
    fold = split_pairs(pairs, SplitConfig())
    history, target = fold.history.matrix, fold.target.matrix
    assert (history + target != pairs.matrix).nnz == 0
    assert history.multiply(target).nnz == 0
    assert history.multiply(target.T).nnz == 0
    assert target.nnz / pairs.matrix.nnz == pytest.approx(0.2, abs=0.02)
    tuning = split_pairs(pairs, SplitConfig(fold="validation"))
    assert tuning.history.matrix.nnz / pairs.matrix.nnz == pytest.approx(0.7, abs=0.02)
    assert tuning.history.matrix.multiply(target).nnz == 0
    assert tuning.target.matrix.multiply(target).nnz == 0
    assert split_pairs(pairs, SplitConfig()).target.fingerprint == fold.target.fingerprint


def test_two_pairs_cannot_be_split() -> None:
    rows = np.array([0, 1], np.int32)
    pairs = CoEngagement.from_pairs(rows, rows + 1, np.ones(2, np.float32), 3)
    with pytest.raises(NotEnoughData, match="2 pairs are too few"):
        split_pairs(pairs, SplitConfig())


def test_cold_videos_are_a_share_of_the_watched_ones_and_always_the_same() -> None:
    popularity = np.array([3, 0, 1, 9, 0, 2, 2, 5, 1, 1, 4, 7])
    cold = cold_rows(popularity, 0.3)
    assert len(cold) == 3  # of ten that were watched
    assert (popularity[cold] > 0).all()
    assert cold.tolist() == sorted(cold.tolist()) == cold_rows(popularity * 2, 0.3).tolist()
    assert not len(cold_rows(popularity, 0.0))


def test_a_log_without_some_videos_keeps_everything_else() -> None:
    log = random_log()
    rows = np.array([3, 7], dtype=np.int32)
    left = without_videos(log, rows)
    assert left.exposures is not None
    assert log.exposures is not None
    for before, after in ((log.engagements, left.engagements), (log.exposures, left.exposures)):
        gone = (before.row == 3) | (before.row == 7)
        assert after.row.tolist() == before.row[~gone].tolist()
        assert after.user.tolist() == before.user[~gone].tolist()
