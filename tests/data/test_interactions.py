"""Logs: order, checks, and the numbering of users."""

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Interactions
from relvid_core.errors import DataError, NotEnoughData, UnknownVideo

GOOD = {"user_id": ["u2", "u1", "u2"], "video_id": ["b", "a", "c"], "timestamp": [30, 20, 10]}


def build(catalog: Catalog, shown: dict[str, list[object]] | None = None, **columns: object) -> Interactions:
    exposures = None if shown is None else pd.DataFrame(shown)
    return Interactions.from_frames(catalog, pd.DataFrame(columns), exposures, source="log.csv")


def test_events_are_sorted_by_user_then_time(catalog: Catalog) -> None:
    log = build(catalog, **GOOD, engagement=[3.0, 2.0, 1.0], propensity=[0.3, 0.2, 0.1])
    assert log.engagements.user.tolist() == [0, 1, 1]
    assert log.engagements.row.tolist() == [0, 2, 1]
    assert log.engagements.timestamp is not None
    assert log.engagements.timestamp.tolist() == [20, 10, 30]
    assert log.engagements.value is not None
    assert log.engagements.value.tolist() == [2.0, 1.0, 3.0]
    assert log.engagements.propensity == pytest.approx(np.array([0.2, 0.1, 0.3]))
    assert log.popularity.tolist() == [1, 1, 1, 0, 0, 0]
    assert log.has_time


def test_ties_and_logs_without_time_keep_the_files_order(catalog: Catalog) -> None:
    columns = {"user_id": ["u", "u", "u"], "video_id": ["c", "a", "b"]}
    assert build(catalog, **columns).engagements.row.tolist() == [2, 0, 1]
    assert build(catalog, **columns, timestamp=[5, 5, 5]).engagements.row.tolist() == [2, 0, 1]
    assert not build(catalog, **columns).has_time


def test_users_of_both_logs_share_one_numbering(catalog: Catalog) -> None:
    shown = {"user_id": ["v", "u", " u "], "video_id": ["a", "b", "c"]}
    log = build(catalog, shown, user_id=["u"], video_id=["b"])
    assert log.n_users == 2
    assert log.engagements.user.tolist() == [0]
    assert log.exposures is not None
    assert log.exposures.user.tolist() == [0, 0, 1]


def test_category_and_text_columns_give_the_same_log(catalog: Catalog) -> None:
    as_category = {name: pd.Series(GOOD[name], dtype="category") for name in ("user_id", "video_id")}
    assert build(catalog, **{**GOOD, **as_category}).fingerprint == build(catalog, **GOOD).fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"user_id": ["u", None, "v"]}, "row 2: user_id .* is empty"),
        ({"user_id": ["u", " ", "v"]}, "row 2: user_id .* is empty"),
        ({"timestamp": [1, np.nan, 3]}, "row 2, column timestamp: found nan"),
        ({"timestamp": ["1", "2", "soon"]}, "row 3, column timestamp: found 'soon'"),
        ({"timestamp": [1, 2, 1.6e12]}, r"row 3, column timestamp: found 1600000000000, expected a number"),
        ({"timestamp": [1, 2, 1e300]}, "row 3, column timestamp"),
        ({"engagement": [1, -1, 2]}, "row 2, column engagement: found .*, expected a number from 0"),
        ({"engagement": [1, 1e300, 2]}, "row 2, column engagement"),
        ({"propensity": [0.5, 0.0, 1.0]}, "row 2, column propensity"),
        ({"propensity": [0.5, 1e-60, 1.0]}, "row 2, column propensity"),
        ({"propensity": [0.5, 1.1, 1.0]}, "row 2, column propensity: found 1.1"),
    ],
)
def test_a_bad_log_is_refused(catalog: Catalog, change: dict[str, list[object]], message: str) -> None:
    with pytest.raises(DataError, match=r"log\.csv: " + message):
        build(catalog, **{**GOOD, **change})


def test_missing_columns_unknown_videos_and_empty_logs(catalog: Catalog) -> None:
    with pytest.raises(DataError, match=r"log\.csv: no column 'user_id'; found video_id"):
        build(catalog, video_id=["a"])
    with pytest.raises(DataError, match=r"log\.csv: no column 'video_id'; found user_id"):
        build(catalog, user_id=["u"])
    with pytest.raises(UnknownVideo, match=r"log\.csv: row 1: video 'z'"):
        build(catalog, user_id=["u"], video_id=["z"])
    with pytest.raises(NotEnoughData, match=r"log\.csv: no engagements"):
        build(catalog, user_id=[], video_id=[])


def test_the_fingerprint_follows_every_part(catalog: Catalog) -> None:
    logs = [
        build(catalog, **GOOD),
        build(catalog, GOOD, **GOOD),
        build(catalog, **{**GOOD, "timestamp": [30, 20, 11]}),
        build(catalog, **{**GOOD, "video_id": ["b", "a", "d"]}),
        build(catalog, **GOOD, engagement=[1, 1, 2]),
        build(catalog, **GOOD, propensity=[1, 1, 0.5]),
    ]
    assert len({log.fingerprint for log in logs}) == len(logs)
    assert build(catalog, **GOOD).fingerprint == logs[0].fingerprint
