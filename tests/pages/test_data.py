"""Data: files of one's own from upload to import, and nothing of theirs shown as markup."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.ui import cache, data_draft
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.datasets import load_dataset, source_named

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<img src=x onerror=alert(1)> **bold** :smile: $x$ [a](http://b)"
N_VIDEOS, N_GROUPS, N_USERS, N_EVENTS = 42, 6, 50, 12
WORDS = (
    "baking bread flour oven", "guitar chords strings song", "marathon running training pace",
    "garden soil seeds spade", "planets orbit telescope sky", "chess opening gambit rook",
)  # fmt: skip


def data_page(key: str = "mine", **query: str) -> AppTest:
    page = AppTest.from_file(ROOT / "pages" / "data.py", default_timeout=120)
    for name, value in {"data": key, **query}.items():
        page.query_params[name] = value
    return page.run()


def html_of(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def name_box(page: AppTest) -> Any:
    return next(box for box in page.text_input if box.label == "Name of the dataset")


def labels(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def catalogue_csv(*, topics: bool = True) -> bytes:
    """Forty-two videos in six groups, the first called something hostile, and two rows with faults at the end."""
    group = np.arange(N_VIDEOS) % N_GROUPS
    frame = pd.DataFrame(
        {
            "videoId": [f"v{row:02d}" for row in range(N_VIDEOS)],
            "name": [HOSTILE if row == 0 else f"{WORDS[g]} part {row}" for row, g in enumerate(group)],
            "tags": [f"Group {g}" for g in group],
            "length": ["90"] * N_VIDEOS,
        }
    )
    frame.loc[N_VIDEOS] = ["v01", "a copy of v01", "Group 1", "90"]  # row 44 of the file
    frame.loc[N_VIDEOS + 1] = ["v99", f"{WORDS[0]} last", "Group 0", "-5"]  # row 45
    return (frame if topics else frame.drop(columns="tags")).to_csv(index=False).encode()


def log_csv(*, ratings: bool = False) -> bytes:
    rng = np.random.default_rng(0)
    events = []
    for user in range(N_USERS):
        for step in range(N_EVENTS):
            own = np.flatnonzero(np.arange(N_VIDEOS) % N_GROUPS == user % N_GROUPS)
            row = int(rng.choice(own)) if rng.random() < 0.8 else int(rng.integers(N_VIDEOS))
            events.append((f"u{user}", f"v{row:02d}", 1_700_000_000 + 1_000 * step + user, step % 5 + 1))
    frame = pd.DataFrame(events, columns=["user_id", "item", "watched_at", "rating"])
    frame.loc[len(frame)] = ["u1", "nowhere", 1_700_000_000, 3]
    return (frame if ratings else frame.drop(columns="rating")).to_csv(index=False).encode()


def pictures_zip() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for row in range(3):
            picture = io.BytesIO()
            Image.new("RGB", (64, 36), (60 * row, 90, 120)).save(picture, "PNG")
            packed.writestr(f"v{row:02d}.png", picture.getvalue())
        packed.writestr("<b>notes</b>.txt", "no picture")
    return archive.getvalue()


def uploaded(page: AppTest, place: int, name: str, content: bytes) -> AppTest:
    page.file_uploader[place].set_value((name, content, "application/octet-stream"))
    return page.run()


def with_files(*, topics: bool = True, ratings: bool = False) -> AppTest:
    page = uploaded(data_page(), 0, "<b>my</b> videos.csv", catalogue_csv(topics=topics))
    return uploaded(page, 0, "plays.csv", log_csv(ratings=ratings))  # the catalogue's place is taken


def checked(page: AppTest) -> AppTest:
    return button(page, "Check the files").click().run()


def imported(page: AppTest, name: str = "My own") -> Dataset:
    name_box(page).set_value(name).run()
    button(page, "Import").click().run()
    assert not page.error
    key = page.query_params["data"]
    return load_dataset(source_named(key[0] if isinstance(key, list) else key))


def test_from_files_to_a_dataset_that_trains(empty_home: Any) -> None:
    page = with_files()
    assert [box.value for box in page.selectbox if box.label.startswith(("Video id", "Title", "Topics"))] == [
        "videoId", "name", "tags", "item",
    ]  # fmt: skip
    checked(page)
    assert not page.exception
    assert not page.error
    body = html_of(page)
    assert "repeated id" in body
    assert "negative duration" in body
    assert "unknown video" in body
    faults = page.dataframe[0].value
    assert sorted(zip(faults["row"], faults["fault"], strict=True)) == [
        (44, "repeated id"), (45, "negative duration"), (N_USERS * N_EVENTS + 2, "unknown video"),
    ]  # fmt: skip
    data = imported(page)
    assert len(data.catalog) == N_VIDEOS + 1
    assert len(data.interactions.engagements) == N_USERS * N_EVENTS
    assert data.catalog.titles[0] == HOSTILE
    button(page, "Train two runs").click().run()
    jobs = cache.queue().jobs()
    assert [job.dataset_key for job in jobs] == [data.key, data.key]
    for job in jobs[1:]:
        cache.queue().cancel(job.job_id)


def test_nothing_of_a_file_is_markup(empty_home: Any) -> None:
    page = checked(with_files())
    body = html_of(page)
    assert "<img src=x" not in body
    assert "&lt;img src=x" in body  # the first values of the title column
    assert "<b>my</b>" not in body
    for said in [*page.markdown, *page.warning, *page.success, *page.info, *page.error]:
        assert "**bold**" not in said.value
        assert "<b>my</b>" not in said.value


def test_what_was_entered_is_still_there_after_another_page(empty_home: Any) -> None:
    through = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    through.query_params["data"] = "mine"
    through.run()
    through.switch_page("pages/data.py").run()
    uploaded(through, 0, "videos.csv", catalogue_csv())
    next(box for box in through.selectbox if box.label == "Topics").set_value("").run()
    checked(through)
    name_box(through).set_value("kept").run()
    through.switch_page("pages/tune.py").run()
    through.switch_page("pages/data.py").run()
    assert "<dd>43<small>" in html_of(through)
    assert name_box(through).value == "kept"
    assert next(box for box in through.selectbox if box.label == "Topics").value == ""


def test_other_columns_make_the_report_stale(empty_home: Any) -> None:
    page = checked(with_files())
    assert not page.info
    next(box for box in page.selectbox if box.label == "Topics").set_value("").run()
    assert "made with other settings" in page.info[0].value
    assert "Import" not in labels(page)
    button(page, "Check again").click().run()
    assert not [said for said in page.info if "made with other settings" in said.value]


def test_a_mapping_that_cannot_be_checked_says_why(empty_home: Any) -> None:
    page = with_files()
    next(box for box in page.selectbox if box.label == "Video id *").set_value("").run()
    assert "choose the column for Video id" in page.warning[0].value
    assert "Check the files" not in labels(page)
    next(box for box in page.selectbox if box.label == "Video id *").set_value("name").run()
    assert "chosen for two things" in page.warning[0].value


def test_the_threshold_decides_what_is_an_engagement(empty_home: Any) -> None:
    page = with_files(ratings=True)
    threshold = page.number_input(key="engaged_log_1")
    assert f"{N_USERS * N_EVENTS + 1:,} of {N_USERS * N_EVENTS + 1:,} rows count" in html_of(page)
    threshold.set_value(4.0).run()
    n = N_USERS * sum(step % 5 + 1 >= 4 for step in range(N_EVENTS))
    assert f"{n:,} of {N_USERS * N_EVENTS + 1:,} rows count" in html_of(page)
    data = imported(checked(page))
    assert len(data.interactions.engagements) == n
    assert data.interactions.exposures is not None
    assert len(data.interactions.exposures) == N_USERS * N_EVENTS


def test_a_log_in_the_place_of_the_catalogue_can_be_swapped(empty_home: Any) -> None:
    page = uploaded(data_page(), 0, "plays.csv", log_csv())
    assert "looks like a watch log" in page.warning[0].value
    button(page, "Swap them").click().run()
    assert "Add the catalogue too" in page.info[0].value
    page = uploaded(page, 0, "videos.csv", catalogue_csv())
    assert not page.warning
    assert "Check the files" in labels(page)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b""), ("a.parquet", b"PAR1 and no more"), ("a.csv", b"PK\x03\x04" + b"x" * 99), ("a.csv.gz", b"x")],
)
def test_a_file_that_is_no_table_is_refused_and_another_can_be_tried(
    empty_home: Any, name: str, content: bytes
) -> None:
    page = uploaded(data_page(), 0, name, content)
    assert not page.exception
    assert len(page.error) == 1
    assert uploaded(page, 0, "videos.csv", catalogue_csv()).selectbox
    assert not page.error


def test_pictures_come_from_an_archive_or_a_folder(empty_home: Any, tmp_path: Path) -> None:
    page = with_files()
    uploaded(page, 0, "pictures.zip", pictures_zip())
    assert "3 pictures" in html_of(page)
    assert any("notes" in said.value and "<b>" not in said.value for said in page.markdown)
    data = imported(checked(page))
    assert [data.catalog.thumbnail(row) is not None for row in range(4)] == [True, True, True, False]
    folder = tmp_path / "faces"
    folder.mkdir()
    Image.new("RGB", (64, 36)).save(folder / "v05.png")
    page = with_files()
    page.text_input(key="picture_folder").set_value(str(folder)).run()
    data = imported(checked(page), "From a folder")
    assert [row for row in range(N_VIDEOS) if data.catalog.thumbnail(row) is not None] == [5]


@pytest.mark.parametrize("typed", ["no/such/folder", "x" * 5000, "a\x00b", "~nobody-here/x"])
def test_a_folder_of_pictures_that_is_none_is_explained(empty_home: Any, typed: str) -> None:
    page = data_page()
    page.text_input(key="picture_folder").set_value(typed).run()
    assert not page.exception
    assert page.error[0].value.startswith("folder of thumbnails")


def test_topics_are_proposed_named_merged_and_taken_back(empty_home: Any) -> None:
    page = checked(with_files(topics=False))
    page.number_input(key="n_topics").set_value(6).run()
    button(page, "Propose topics").click().run()
    assert not page.exception
    draft = page.session_state["data_draft"]
    draft.shown_names = ["**One**", "**One**", *draft.names[2:]]  # AppTest cannot type into a table
    page.run()
    assert "6 groups make 5 topics" in html_of(page)
    button(page, "Use these topics").click().run()
    assert "Your 5 proposed topics are in" in page.success[0].value
    button(page, "Take them back").click().run()
    assert not page.success
    button(page, "Use these topics").click().run()
    data = imported(page)
    assert ("**One**",) in data.catalog.topics.names()
    assert len(data.catalog.topics.names()) == 5


def test_a_catalogue_alone_is_imported_with_a_word_on_what_it_cannot_do(empty_home: Any) -> None:
    page = checked(uploaded(data_page(), 0, "videos.csv", catalogue_csv()))
    assert any("no model can be trained" in said.value for said in page.info)
    data = imported(page)
    assert not len(data.interactions.engagements)
    assert any("No model can be trained on it" in said.value for said in page.info)
    assert "Train two runs" not in labels(page)
    assert any("no model can be trained" in note for note in data.notes)


def test_an_imported_dataset_is_deleted_and_brought_back(empty_home: Any) -> None:
    page = checked(with_files())
    data = imported(page)
    assert data.key in {source.key for source in cache.sources()}
    button(page, "Delete it").click().run()
    assert data.key not in {source.key for source in cache.sources()}
    assert page.selectbox(key="choose_data").value == "sample"
    button(page, "Undo").click().run()
    assert page.selectbox(key="choose_data").value == data.key
    assert load_dataset(source_named(data.key)).fingerprint == data.fingerprint
    assert "Undo" not in labels(page)


def test_an_upload_is_written_nowhere_else_and_removed_once_read(
    empty_home: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(data_draft.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    page = uploaded(data_page(), 0, "../../../passwd.csv", catalogue_csv())
    assert not page.error
    assert page.selectbox(key="column_catalogue_1_video_id").value == "videoId"
    uploaded(page, 1, "../../pictures.zip", pictures_zip())
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept) == ["v00.png", "v01.png", "v02.png"]
    assert all(path.is_relative_to(tmp_path / "temporary") for path in kept)
