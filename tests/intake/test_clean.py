"""Cleaning beyond the planted upload: whole columns, other forms, and the promise that nothing raises afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from relvid_core.errors import DataError, NotEnoughData
from relvid_core.intake.clean import Cleaned, clean, dataset_from
from relvid_core.intake.raw import RawTable

NOW = pd.Timestamp("2025-01-01", tz="UTC")


def raw(name: str, **columns: list[str]) -> RawTable:
    frame = pd.DataFrame({key: pd.Series(cells, dtype="str") for key, cells in columns.items()})
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="row")
    return RawTable(name, frame, 2, [])


def cleaned(
    catalogue: RawTable, log: RawTable | None = None, thumbnails: Path | None = None, engaged: float | None = None
) -> Cleaned:
    """Clean tables whose columns are called as ours."""
    columns = {str(name): str(name) for name in catalogue.frame.columns}
    of_log = {} if log is None else {str(name): str(name) for name in log.frame.columns}
    return clean(
        catalogue,
        log,
        catalogue_columns=columns,
        log_columns=of_log,
        thumbnails=thumbnails,
        engagement_from=engaged,
        now=NOW,
    )


def faults(result: Cleaned) -> list[tuple[str, int | None, str | None, str, str]]:
    return [(one.file, one.row, one.column, one.kind, one.done) for one in result.faults]


VIDEOS = raw("c", video_id=["1", "2", "3"])


def test_a_clean_table_costs_nothing() -> None:
    log = raw("l", user_id=["u", "u", "w"], video_id=["1", "2", "3"], timestamp=["100", "200", "300"])
    result = cleaned(VIDEOS, log)
    assert (faults(result), result.n_read, result.n_kept) == (
        [],
        {"catalogue": 3, "log": 3},
        {"catalogue": 3, "log": 3},
    )
    dataset = dataset_from(result, key="k", title="t", thumbnails=None)
    assert (len(dataset.catalog), dataset.interactions.n_users, dataset.interactions.has_time) == (3, 2, True)


def test_ids_that_a_program_made_floats_are_understood() -> None:
    result = cleaned(VIDEOS, raw("l", user_id=["u", "u"], video_id=["1.0", "3.0"]))
    assert result.log_frame is not None
    assert result.log_frame["video_id"].tolist() == ["1", "3"]
    assert faults(result) == [("l", None, "video_id", "ids rewritten", "value changed")]


def test_engagement_below_the_threshold_was_only_shown() -> None:
    log = raw("l", user_id=["u"] * 4, video_id=["1", "2", "3", "1"], engagement=["5", "3", "-1", "4"])
    result = cleaned(VIDEOS, log, engaged=4.0)
    assert result.log_frame is not None
    assert result.log_frame["engagement"].tolist() == [5, 0, 0, 4]
    assert faults(result) == [("l", 4, "engagement", "negative number", "value changed")]
    interactions = dataset_from(result, key="k", title="t", thumbnails=None).interactions
    assert len(interactions.engagements) == 2
    assert interactions.exposures is not None
    assert len(interactions.exposures) == 4


@pytest.mark.parametrize(
    ("name", "cells"),
    [("timestamp", ["soon", "late", "5"]), ("engagement", ["x", "?", "1"]), ("propensity", ["2", "0", "0.5"])],
)
def test_a_column_that_is_mostly_wrong_is_left_aside_and_rows_stay(name: str, cells: list[str]) -> None:
    log = raw("l", user_id=["u", "u", "w"], video_id=["1", "2", "3"], **{name: cells})
    result = cleaned(VIDEOS, log)
    assert result.log_frame is not None
    assert list(result.log_frame.columns) == ["user_id", "video_id"]
    assert faults(result) == [("l", None, name, "unusable column", "cell emptied")]


def test_a_log_of_which_nothing_is_left_is_said_not_raised() -> None:
    result = cleaned(VIDEOS, raw("l", user_id=["u", ""], video_id=["9", "1"]))
    assert result.log_frame is None
    assert result.n_kept == {"catalogue": 3, "log": 0}
    assert [kind for _, _, _, kind, _ in faults(result)] == ["empty user", "unknown video", "nothing left"]
    assert len(dataset_from(result, key="k", title="t", thumbnails=None).interactions.engagements) == 0


def test_a_catalogue_of_which_nothing_is_left_is_an_error_in_words() -> None:
    with pytest.raises(NotEnoughData, match=r"none of the 2 rows is a video.*empty id"):
        cleaned(raw("c", video_id=["", "nan"]))


def test_times_before_1970_and_times_of_zero_in_a_modern_log_are_left_out() -> None:
    times = ["1700000000", "1700000001", "0", "-5"]
    result = cleaned(VIDEOS, raw("l", user_id=list("abcd"), video_id=["1", "2", "3", "1"], timestamp=times))
    assert [(row, kind) for _, row, _, kind, _ in faults(result)] == [(4, "unreadable date"), (5, "unreadable date")]


def test_mixed_units_become_seconds() -> None:
    times = ["1700000000", "1700000001000", "1700000002", "2023-11-14T22:13:23Z"]
    result = cleaned(VIDEOS, raw("l", user_id=list("abcd"), video_id=["1", "2", "3", "1"], timestamp=times))
    assert result.log_frame is not None
    assert result.log_frame["timestamp"].tolist() == [1_700_000_000, 1_700_000_001, 1_700_000_002, 1_700_000_003]
    assert [row for _, row, _, kind, _ in faults(result) if kind == "other time unit"] == [3, 5]


def test_durations_in_milliseconds_are_known_by_name() -> None:
    table = raw("c", id=["1", "2"], duration_ms=["90000", ""])
    columns = {"video_id": "id", "duration_s": "duration_ms"}
    result = clean(table, None, catalogue_columns=columns, log_columns={}, thumbnails=None, now=NOW)
    assert result.catalog_frame["duration_s"].iloc[0] == 90.0
    assert any("milliseconds" in note for note in result.notes)


def test_pictures_are_found_by_path_by_name_alone_and_by_id(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    pixels = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    for name in ("deep/er/a.png", "deep/B.PNG", "3.jpg"):
        Image.fromarray(pixels).save(tmp_path / name)
    table = raw("c", video_id=["1", "2", "3"], thumbnail=["a.png", "deep\\b.png", ""])
    assert cleaned(table, thumbnails=tmp_path).catalog_frame["thumbnail"].tolist() == [
        "deep/er/a.png",
        "deep/B.PNG",
        "",
    ]
    assert cleaned(VIDEOS, thumbnails=tmp_path).catalog_frame["thumbnail"].tolist() == ["", "", "3.jpg"]


def test_a_link_out_of_the_folder_is_no_picture_of_it(tmp_path: Path) -> None:
    outside, inside = tmp_path / "out", tmp_path / "in"
    outside.mkdir()
    inside.mkdir()
    Image.fromarray(np.zeros((4, 4, 3), dtype=np.uint8)).save(outside / "a.png")
    (inside / "a.png").symlink_to(outside / "a.png")
    (inside / "folder").symlink_to(outside)
    result = cleaned(raw("c", video_id=["1"], thumbnail=["a.png"]), thumbnails=inside)
    assert [kind for _, _, _, kind, _ in faults(result)] == ["missing thumbnail"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "no column was named for 'video_id'"),
        ({"video_id": "nope"}, "no column 'nope'"),
        ({"video_id": "video_id", "title": "video_id"}, "two uses"),
        ({"video_id": "video_id", "mood": "video_id"}, "'mood' is no column"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(columns: dict[str, str], words: str) -> None:
    with pytest.raises(DataError, match=words):
        clean(VIDEOS, None, catalogue_columns=columns, log_columns={}, thumbnails=None)
