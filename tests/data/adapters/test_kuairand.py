"""KuaiRand: standard logs as exposures, the random log as truth, repeats, and category numbers as topics."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from relvid_core.data.adapters import kuairand
from relvid_core.errors import DataError

Folder = Callable[..., Path]


def test_every_standard_row_is_an_exposure_once(folder: Folder) -> None:
    dataset = kuairand.load(folder("kuairand"))
    log = dataset.interactions
    assert log.exposures is not None
    assert log.exposures.row.tolist() == [0, 1, 2]
    assert log.exposures.user.tolist() == [0, 0, 1]
    assert log.exposures.value is not None
    assert log.exposures.value.tolist() == [1, 0, 1]
    assert log.exposures.timestamp is not None
    assert log.exposures.timestamp.tolist() == [1650000001, 1650000005, 1651000000]
    assert log.engagements.row.tolist() == [0, 2]
    assert any(note.startswith("1 rows that repeat") for note in dataset.notes)


def test_long_views_may_count_instead_of_clicks(folder: Folder) -> None:
    assert kuairand.load(folder("kuairand"), engagement="long_view").interactions.engagements.row.tolist() == [1, 2]


def test_the_random_log_is_the_truth(folder: Folder) -> None:
    dataset = kuairand.load(folder("kuairand"))
    assert dataset.truth is not None
    assert dataset.truth.engagements.row.tolist() == [1]
    assert dataset.truth.exposures is not None
    assert dataset.truth.exposures.row.tolist() == [1, 2]
    assert dataset.truth_rows is not None
    assert dataset.truth_rows.tolist() == [1, 2]


def test_categories_creators_and_durations(folder: Folder) -> None:
    catalog = kuairand.load(folder("kuairand")).catalog
    assert catalog.titles == ["Video 10", "Video 11", "Video 12"]
    assert catalog.topics.paths == ((("Category 39",),), (("Category 20",), ("Category 43",)), ())
    assert catalog.frame["creator"].tolist() == ["77", "77", "78"]
    assert catalog.frame["duration_s"].fillna(-1).tolist() == [87.433, -1, 1]
    assert catalog.frame["published_at"].isna().tolist() == [False, True, False]


def test_without_a_random_log_there_is_no_truth_and_clicks_are_not_a_log(folder: Folder) -> None:
    clicks = {"log_standard_clicks_4_08_to_4_21.csv": "user_id,video_id\n0,10\n"}
    changes = {"log_random_4_22_to_5_08_pure.csv": None, **clicks}
    dataset = kuairand.load(folder("kuairand", changes))
    assert dataset.truth is None
    assert dataset.truth_rows is None
    assert any("log_standard_clicks_4_08_to_4_21.csv was not used" in note for note in dataset.notes)
    assert len(dataset.interactions.engagements) == 2


def test_a_packed_twin_is_not_read_twice(folder: Folder) -> None:
    name = "log_standard_4_22_to_5_08_pure.csv"
    whole = kuairand.load(folder("kuairand"))
    row = "user_id,video_id,time_ms,is_click\n5,12,1651000000000,1\n5,11,1651000000000,1\n"
    assert kuairand.load(folder("kuairand", {name + ".gz": row})).fingerprint == whole.fingerprint


def test_a_folder_with_nothing_but_clicks_is_not_recognised(folder: Folder, tmp_path: Path) -> None:
    folder("kuairand", {"log_standard_clicks_4_08_to_4_21.csv": "user_id,video_id\n0,10\n"})
    for path in tmp_path.glob("log_*_to_*_pure.csv"):
        path.unlink()
    assert not kuairand.matches(tmp_path)
    with pytest.raises(DataError, match=r"no log_standard_…_pure\.csv here"):
        kuairand.load(tmp_path)


def test_the_real_compact_subset(real: Callable[[str], Path]) -> None:
    started = time.perf_counter()
    dataset = kuairand.load(real("kuairand-pure"))
    assert time.perf_counter() - started < 10  # 0.8 s on a quiet machine
    assert len(dataset.catalog) == 7583
    assert dataset.interactions.exposures is not None
    assert len(dataset.interactions.exposures) == 228_329 - 5885
    topics = dataset.catalog.topics
    assert len(topics.names()) == 46
    with_topic = [paths for paths in topics.paths if paths]
    assert len(with_topic) / 7583 == pytest.approx(0.987, abs=0.0005)
    assert sum(map(len, with_topic)) / len(with_topic) == pytest.approx(1.24, abs=0.02)
    assert any("log_standard_clicks_4_08_to_4_21.csv.gz was not used" in note for note in dataset.notes)
