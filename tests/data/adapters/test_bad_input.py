"""One fault at a time in an otherwise valid folder: always one error that names the file, the place and the cure."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from relvid_core.data import adapters
from relvid_core.errors import DataError, NotEnoughData, RelvidError, UnknownVideo

Folder = Callable[..., Path]

LOGS = {
    "movielens": ("ratings.csv", "userId,movieId,rating,timestamp", "1,10,4,1000"),
    "kuairec": ("big_matrix.csv", "user_id,video_id,watch_ratio,timestamp", "1,0,3,1000"),
    "kuairec compact": ("big_matrix_watch_ratio_gt_2.csv.gz", "user_id,video_id,n_views_watch_ratio_gt_2", "1,0,3"),
    "kuairand": ("log_standard_4_08_to_4_21_pure.csv", "user_id,video_id,is_click,time_ms", "1,10,1,1650000000000"),
    "pairs": ("pairs.csv", "seed_id,candidate_id,weight", "a,b,1"),
    "table": ("log.csv", "user_id,video_id,engagement,timestamp", "u,a,1,1700000000"),
}
CATALOGUES = {
    "movielens": ("movies.csv", "movieId,title,genres", "10,Heat,Action"),
    "kuairec": ("kuairec_caption_category.csv", "video_id,manual_cover_text,caption", "0,cover,caption"),
    "kuairec compact": ("item_categories.csv.gz", "video_id,feat", "0,[8]"),
    "kuairand": ("video_features_basic_pure.csv", "video_id,tag", "10,39"),
    "pairs": ("catalogue.csv", "video_id,title", "a,Apple pie"),
    "table": ("catalogue.csv", "video_id,title", "a,Apple pie"),
}
BOTH = [(name, *files[name]) for files in (LOGS, CATALOGUES) for name in LOGS]


def refused(root: Path, file: str, *words: str, error: type[RelvidError] = DataError) -> None:
    """Loading raises `error`, and its text names the file, holds the words and ends with advice."""
    with pytest.raises(error) as caught:
        adapters.load(root)
    text = str(caught.value)
    for word in (file, *words):
        assert word in text, text
    assert len(text) < 600
    assert text.rstrip().endswith((".", ")"))


def cell(line: str, column: int, value: str) -> str:
    cells = line.split(",")
    cells[column] = value
    return ",".join(cells)


@pytest.mark.parametrize(("name", "file", "header", "row"), BOTH)
def test_an_empty_file(folder: Folder, name: str, file: str, header: str, row: str) -> None:
    root = folder(name)
    (root / file).write_bytes(b"")
    refused(root, file, "empty (0 bytes)", "again")


@pytest.mark.parametrize(("name", "file", "header", "row"), BOTH)
def test_a_header_and_nothing_else(folder: Folder, name: str, file: str, header: str, row: str) -> None:
    refused(folder(name, {file: header + "\n"}), "", "no")


@pytest.mark.parametrize(("name", "file", "header", "row"), BOTH)
def test_a_missing_column(folder: Folder, name: str, file: str, header: str, row: str) -> None:
    gone = header.split(",")[1 if file.startswith(LOGS[name][0]) else 0]
    content = f"{header.replace(gone, 'nothing', 1)}\n{row}\n"
    refused(folder(name, {file: content}), file, f"no column '{gone}'", "'nothing'", "Rename")


@pytest.mark.parametrize(("name", "file", "header", "row"), BOTH)
def test_rows_of_another_width(folder: Folder, name: str, file: str, header: str, row: str) -> None:
    refused(folder(name, {file: f"{header}\n{row}\n{row},more\n"}), file, "row 2", "cells, the header has")


@pytest.mark.parametrize(("name", "file", "header", "row"), BOTH)
def test_another_encoding(folder: Folder, name: str, file: str, header: str, row: str) -> None:
    content = f"{header}\n{row}\n{cell(row, 1, 'é')}\n".encode("latin-1")
    refused(folder(name, {file: content}), file, "line 3", "0xE9", "UTF-8")


@pytest.mark.parametrize(("name", "file", "header", "row"), BOTH)
def test_an_empty_id(folder: Folder, name: str, file: str, header: str, row: str) -> None:
    refused(folder(name, {file: f"{header}\n{row}\n{cell(row, 0, ' ')}\n"}), file, "row 2", "empty", "ill it in")


@pytest.mark.parametrize("name", list(LOGS))
def test_a_packed_file_without_a_byte(folder: Folder, name: str) -> None:
    file = LOGS[name][0].removesuffix(".gz")
    root = folder(name, {file: None})
    (root / file).unlink(missing_ok=True)
    (root / (file + ".gz")).write_bytes(b"")
    refused(root, file + ".gz", "empty (0 bytes)")


@pytest.mark.parametrize("name", list(LOGS))
def test_a_packed_file_cut_short(folder: Folder, name: str) -> None:
    file, header, row = LOGS[name]
    file = file.removesuffix(".gz")
    root = folder(name, {file: None})
    (root / (file + ".gz")).write_bytes(gzip.compress(f"{header}\n{row}\n".encode())[:-4])
    refused(root, file + ".gz", "breaks off")


@pytest.mark.parametrize("name", list(LOGS))
def test_a_video_that_the_catalogue_does_not_hold(folder: Folder, name: str) -> None:
    file, header, row = LOGS[name]
    content = f"{header}\n{row}\n{cell(row, 1, 'ghost')}\n"
    refused(folder(name, {file: content}), file, "row 2: video 'ghost'", "catalogue", error=UnknownVideo)


@pytest.mark.parametrize("name", list(LOGS))
@pytest.mark.parametrize("value", ["-3", "nan", "inf", "many", ""])
def test_a_value_that_is_none(folder: Folder, name: str, value: str) -> None:
    file, header, row = LOGS[name]
    column = header.split(",")[2]
    content = f"{header}\n{row}\n{cell(row, 2, value)}\n"
    refused(folder(name, {file: content}), file, f"row 2, column {column}: found", value, "orrect")


@pytest.mark.parametrize("name", [name for name, (_, header, _) in LOGS.items() if "time" in header])
@pytest.mark.parametrize("value", ["nan", "", "-1", "yesterday", "1e400"])
def test_a_time_that_is_none(folder: Folder, name: str, value: str) -> None:
    file, header, row = LOGS[name]
    content = f"{header}\n{row}\n{row}\n{cell(row, 3, value)}\n"
    refused(folder(name, {file: content}), file, f"row 3, column {header.split(',')[3]}: found")


@pytest.mark.parametrize("name", list(CATALOGUES))
def test_a_video_listed_twice(folder: Folder, name: str) -> None:
    file, header, row = CATALOGUES[name]
    refused(folder(name, {file: f"{header}\n{row}\n{row}\n"}), file, "row 2", "was already used", "elete")


def test_a_log_where_nobody_engaged(folder: Folder) -> None:
    rows = "user_id,video_id,engagement\nu,a,0\nu,b,0\n"
    refused(folder("table", {"log.csv": rows}), "log.csv", "no engagements", error=NotEnoughData)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("thumbnail", "../../secret.png", "leaves the thumbnail folder"),
        ("duration_s", "-5", "expected a number of at least 0, or nothing"),
        ("duration_s", "1:30", "expected a number of at least 0, or nothing"),
        ("published_at", "last week", "is not a date"),
        ("topics", " | ".join(map(str, range(300))), "300 topics"),
        ("topics", ">".join("abcdefghijk"), "11 levels"),
    ],
)
def test_a_bad_cell_in_a_users_catalogue(folder: Folder, column: str, value: str, words: str) -> None:
    with pytest.raises(DataError, match="row 2.*" + words):
        adapters.load(folder("table", {"catalogue.csv": f"video_id,{column}\na,\nb,{value}\n"}))
