import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import SplitConfig
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.split import TEST, TRAIN, Split, split_interactions
from relvid_core.errors import ConfigError, DataError, NotEnoughData
from relvid_core.evaluation.off_policy import logged
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.simulation.loader import LOG_FILE, SAMPLE_FOLDER, load_sample

Event = tuple[int, int, int, float]  # user, row, time, value


def log(events: list[Event], *, n_videos: int = 10, propensity: list[float] | None = None) -> Interactions:
    user, row, time, value = (np.array(part) for part in zip(*events, strict=True))
    share = None if propensity is None else np.array(propensity, dtype=np.float32)
    exposures = Events(
        user.astype(np.int32), row.astype(np.int32), time.astype(np.int64), value.astype(np.float32), share
    )
    return Interactions(int(user.max()) + 1, n_videos, exposures.take(value > 0), exposures)


VISITS = [  # user, video, seconds, engaged
    (0, 1, 0, 0.0),  # home page
    (0, 2, 60, 1.0),  # home page, engaged: is being watched from here on
    (0, 3, 200, 0.0),  # beside 2
    (0, 4, 260, 0.5),  # beside 2, engaged
    (0, 5, 300, 0.0),  # beside 4
    (0, 6, 300 + 1801, 1.0),  # another visit: home page
    (0, 7, 2200, 0.0),  # beside 6
    (1, 8, 2210, 0.0),  # another viewer: home page
]


def test_a_log_read_by_hand() -> None:
    slots = LoggedSlots.from_interactions(log(VISITS, propensity=[0.1 * i for i in range(1, 9)]))
    assert slots.seed_row.tolist() == [2, 2, 4, 6]
    assert slots.shown_row.tolist() == [3, 4, 5, 7]
    assert slots.reward.tolist() == [0.0, 0.5, 0.0, 0.0]
    np.testing.assert_allclose(slots.propensity, [0.3, 0.4, 0.5, 0.7], rtol=1e-6)
    assert (slots.user.tolist(), slots.n_without_seed, slots.origin, len(slots)) == ([0] * 4, 4, "logged", 4)
    seen = [slots.seen_row[slots.seen_slot == slot].tolist() for slot in range(4)]
    assert seen == [[1, 2], [1, 2, 3], [1, 2, 3, 4], [6]]


def test_a_longer_pause_joins_visits() -> None:
    slots = LoggedSlots.from_interactions(log(VISITS), visit_gap_s=2000)
    assert slots.seed_row.tolist() == [2, 2, 4, 4, 6]
    assert LoggedSlots.from_interactions(log(VISITS), visit_gap_s=99).seed_row.tolist() == [4, 6]


def test_the_seed_shown_again_is_no_slot() -> None:
    slots = LoggedSlots.from_interactions(log([(0, 1, 0, 1.0), (0, 1, 9, 1.0), (0, 2, 20, 0.0)]))
    assert (slots.seed_row.tolist(), slots.shown_row.tolist(), slots.n_without_seed) == ([1], [2], 2)


def test_estimated_propensities_are_exposure_shares() -> None:
    # Shown 1, 1, 2 and 0 times, each plus 1: shares 2/8, 2/8, 3/8, 1/8.
    events = [(0, 0, 0, 1.0), (0, 1, 9, 0.0), (0, 2, 20, 0.0), (1, 2, 0, 0.0)]
    slots = LoggedSlots.from_interactions(log(events, n_videos=4))
    assert slots.origin == "estimated"
    np.testing.assert_allclose(slots.propensity, [2 / 8, 3 / 8])
    other = log([(0, 1, 0, 1.0)] * 4, n_videos=4)  # 0, 4, 0, 0 and 1 each
    np.testing.assert_allclose(
        LoggedSlots.from_interactions(log(events, n_videos=4), counts_from=other).propensity, [5 / 8, 1 / 8]
    )


def test_against_a_loop_over_events() -> None:
    rng = np.random.default_rng(0)
    n = 600
    user = np.sort(rng.integers(0, 12, n))
    events = []
    for u in range(12):
        times = np.sort(rng.integers(0, 40_000, int((user == u).sum())))
        events += [(u, int(rng.integers(0, 9)), int(t), float(rng.random() < 0.4)) for t in times]
    slots = LoggedSlots.from_interactions(log(events))
    found, expected = [], []
    for i in range(len(slots)):
        before = slots.seen_row[slots.seen_slot == i].tolist()
        found.append((slots.user[i], slots.seed_row[i], slots.shown_row[i], slots.reward[i], before))
    watched, visit, last = None, [], None
    for u, row, time, value in events:
        if last is None or last[0] != u or time - last[1] > 1800:
            watched, visit = None, []
        if watched is not None and watched != row:
            expected.append((u, watched, row, value, list(visit)))
        visit.append(row)
        watched = row if value > 0 else watched
        last = (u, time)
    assert found == expected
    assert 100 < len(found) < n


def test_the_target_window_keeps_what_was_watched_before_it() -> None:
    """Cut in the middle of a visit: the seed was engaged with in the history, and what was shown then was seen."""
    events = [(u, row, 100 * u + time, value) for u in range(5) for _, row, time, value in VISITS[:5]]
    full = log(events)
    assert full.exposures is not None
    assert full.exposures.timestamp is not None
    windows = np.where(full.exposures.timestamp < 400, TRAIN, TEST).astype(np.int8)
    split = Split(full, windows[full.exposures.value > 0], windows)
    slots = LoggedSlots.of_target(split, "test")
    whole = LoggedSlots.from_interactions(full, counts_from=split.fold("test").history)
    late = full.exposures.timestamp[whole.exposure] >= 400
    # Viewer 4 begins at 400, so nothing of theirs is in the history; viewer 1 is cut between two slots of one visit.
    assert slots.user.tolist() == [1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    assert slots.seed_row.tolist() == [4, 2, 2, 4, 2, 2, 4, 2, 2, 4]
    assert slots.exposure.tolist() == whole.exposure[late].tolist()
    for i, j in enumerate(np.flatnonzero(late)):
        np.testing.assert_array_equal(slots.seen_row[slots.seen_slot == i], whole.seen_row[whole.seen_slot == j])
    np.testing.assert_array_equal(slots.propensity, whole.propensity[late])
    assert slots.n_without_seed == 2  # viewer 4's home page


def test_windows_that_depend_on_engagements_are_refused() -> None:
    dataset = load_sample()
    with pytest.raises(ConfigError, match="split kind 'global'"):
        LoggedSlots.of_target(split_interactions(dataset.interactions, SplitConfig(kind="per_user")), "validation")
    split = split_interactions(dataset.interactions, SplitConfig(kind="global"))
    sizes = [len(LoggedSlots.of_target(split, name)) for name in ("validation", "test")]
    assert 15_000 < sizes[0] < sizes[1] < 70_000
    bare = Interactions(1, 10, log(VISITS).engagements)
    with pytest.raises(NotEnoughData, match="no exposures"):
        LoggedSlots.of_target(Split(bare, np.zeros(3, dtype=np.int8), None), "test")


def test_what_cannot_be_read() -> None:
    full = log(VISITS)
    assert full.exposures is not None
    events = full.exposures
    for lacking, kept in {
        "no exposures": None,
        "no times": Events(events.user, events.row, None, events.value),
        "no engagements": Events(events.user, events.row, events.timestamp),
    }.items():
        with pytest.raises(NotEnoughData, match=lacking):
            LoggedSlots.from_interactions(Interactions(2, 10, full.engagements, kept))
    with pytest.raises(NotEnoughData, match="nothing was ever shown"):
        LoggedSlots.from_interactions(log([(0, 1, 0, 0.0), (0, 2, 5, 1.0)]))
    with pytest.raises(ConfigError, match="received 0"):
        LoggedSlots.from_interactions(full, visit_gap_s=0)


def test_endless_visits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logged, "MOST_PAIRS", 9)
    with pytest.raises(DataError, match="visits of up to 5 exposures make 10 pairs"):
        LoggedSlots.from_interactions(log(VISITS))


def test_the_sample_world_gives_back_its_seeds() -> None:
    """The simulation wrote down what was being watched; the log as it is loaded does not say."""
    dataset = load_sample()
    written = pd.read_parquet(SAMPLE_FOLDER / LOG_FILE)
    written = written.sort_values([c.USER_ID, c.TIMESTAMP], kind="stable", ignore_index=True)
    seeds = pd.Index(dataset.catalog.frame[c.VIDEO_ID]).get_indexer(written[c.SEED_ID].astype(str))
    slots = LoggedSlots.from_interactions(dataset.interactions)
    assert slots.origin == "logged"
    assert len(slots) == pytest.approx((seeds >= 0).sum(), rel=0.003)
    exposures = dataset.interactions.exposures
    assert exposures is not None
    assert exposures.timestamp is not None
    assert exposures.value is not None
    start = logged._visit_starts(exposures.user, exposures.timestamp, logged.VISIT_GAP_S)
    at = logged._last_engaged(exposures.value > 0, start)
    recovered = np.where(at >= 0, exposures.row[at], -1)
    assert (recovered[seeds >= 0] >= 0).all()  # none is missed
    assert (recovered == seeds)[recovered >= 0].mean() > 0.997
