"""A user's own files: names, column mapping, units of time, exposures and thumbnails."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from relvid_core.data.adapters import table
from relvid_core.errors import DataError

Folder = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]


def test_a_zero_makes_every_row_an_exposure(folder: Folder) -> None:
    log = table.load(folder("table")).interactions
    assert log.engagements.row.tolist() == [0]
    assert log.exposures is not None
    assert log.exposures.row.tolist() == [0, 1]
    assert log.exposures.propensity is not None
    assert log.exposures.propensity.tolist() == [0.5, 0.25]


def test_without_a_zero_there_are_no_exposures(folder: Folder) -> None:
    rows = "user_id,video_id,engagement\nu,a,2\nu,b,0.5\n"
    dataset = table.load(folder("table", {"log.csv": rows}))
    assert dataset.interactions.exposures is None
    assert dataset.interactions.engagements.value is not None
    assert dataset.interactions.engagements.value.tolist() == [2, 0.5]
    assert any("no times" in note for note in dataset.notes)


def test_the_catalogue_with_all_its_columns(folder: Folder, write: Write) -> None:
    picture = write("thumbnails/a.png", b"picture")
    catalog = table.load(folder("table")).catalog
    assert catalog.topics.paths == ((("Food", "Baking"),), (("Food", "Baking"), ("Craft",)))
    assert catalog.text == ["Apple pie\nwith cinnamon", "Bread"]
    assert catalog.frame["creator"].tolist() == ["ann", "bob"]
    assert catalog.frame["duration_s"].fillna(-1).tolist() == [60, -1]
    assert catalog.frame["published_at"].isna().tolist() == [False, True]
    assert catalog.thumbnail(0) == picture
    assert catalog.thumbnail(1) is None


def test_parquet_and_other_file_names(tmp_path: Path) -> None:
    pd.DataFrame({"video_id": [1, 2], "title": ["A", "B"]}).to_parquet(tmp_path / "videos.parquet")
    when = pd.to_datetime(["2024-01-01", "2024-01-02"])
    log = pd.DataFrame({"user_id": ["u", "u"], "video_id": [2, 1], "timestamp": when})
    log.to_parquet(tmp_path / "watches.parquet")
    assert table.matches(tmp_path)
    dataset = table.load(tmp_path)
    assert dataset.interactions.engagements.row.tolist() == [1, 0]
    assert dataset.interactions.engagements.timestamp is not None
    assert dataset.interactions.engagements.timestamp.tolist() == [1704067200, 1704153600]
    assert any("no topics" in note for note in dataset.notes)


def test_explicit_paths_and_column_names(write: Write, tmp_path: Path) -> None:
    items = write("elsewhere/items.csv", "sku,name\na,Apple\nb,Bread\n")
    plays = write("elsewhere/plays.tsv", "who\twhat\nu\ta\nv\tb\n")
    dataset = table.load(
        tmp_path,
        catalogue=items,
        log=plays,
        catalogue_columns={"video_id": "sku", "title": "name"},
        log_columns={"user_id": "who", "video_id": "what"},
    )
    assert dataset.catalog.titles == ["Apple", "Bread"]
    assert dataset.interactions.engagements.row.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"user_id": "who"}, r"log\.csv: no column 'who'; found 'user_id'"),
        ({"timestamp": "when"}, r"log\.csv: no column 'when'"),
        ({"viewer": "user_id"}, r"log\.csv: column names given for 'viewer'; possible are 'user_id', 'video_id'"),
        ({"user_id": "video_id"}, r"log\.csv: one column was named for two uses"),
    ],
)
def test_a_wrong_column_name_says_what_is_possible(folder: Folder, columns: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        table.load(folder("table"), log_columns=columns)


@pytest.mark.parametrize(
    ("cells", "seconds", "unit"),
    [
        (["1700000000", "1700000010.9"], [1700000000, 1700000010], "seconds"),
        (["0", "1", "2"], [0, 1, 2], "seconds"),
        (["1700000000000", "1700000010999"], [1700000000, 1700000010], "milliseconds"),
        (["1700000000000000"], [1700000000], "microseconds"),
        (["1700000000000000000"], [1700000000], "nanoseconds"),
        (["2023-11-14T22:13:20Z", " 2023-11-15 00:13:20.5+02:00"], [1700000000, 1700000000], "ISO dates"),
        (["2023-11-14", "2023-11-14T01"], [1699920000, 1699923600], "ISO dates"),
    ],
)
def test_times_are_recognised(cells: list[str], seconds: list[int], unit: str) -> None:
    found, note = table.seconds(pd.Series(cells, name="timestamp"), "log.csv")
    assert found.tolist() == seconds
    assert unit in note


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (["1700000000", "", "1700000001"], 2),
        (["1700000000", "nan", "1700000001"], 2),
        (["1700000000", "inf", "1700000001"], 2),
        (["1700000000", "-1", "1700000001"], 2),
        (["1700000000000", "1700000000", "1700000000001"], 2),
        (["1700000000", "1700000000", "2023-11-14"], 3),
        (["2023-11-14", "2023-11-15", "soon"], 3),
        (["2023-11-14", "2023-11-15", "14/11/2023"], 3),
        (["2023-11-14", "99999999-01-01", "2023-11-14"], 2),
        (["1e300"], 1),
    ],
)
def test_a_time_that_does_not_fit_is_named(cells: list[str], row: int) -> None:
    with pytest.raises(DataError, match=rf"log\.csv: row {row}, column timestamp: found .*Give seconds or milli"):
        table.seconds(pd.Series(cells, name="timestamp"), "log.csv")
