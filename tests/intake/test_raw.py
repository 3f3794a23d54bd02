"""Reading a table leniently: what is read, what is said."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from relvid_core.data.files import Limits
from relvid_core.errors import DataError
from relvid_core.intake.decoding import decoded
from relvid_core.intake.raw import IntakeLimits, RawTable, read_raw
from relvid_core.intake.text_table import guess_separator, records


def read(folder: Path, data: bytes, name: str = "t.csv", limits: IntakeLimits | None = None) -> RawTable:
    path = folder / name
    path.write_bytes(data)
    return read_raw(path, limits=limits)


def said(table: RawTable) -> list[tuple[int | None, str | None, str, str]]:
    return [(fault.row, fault.column, fault.kind, fault.done) for fault in table.faults]


def cells(table: RawTable) -> dict[int, list[str]]:
    return {int(row): list(values) for row, values in zip(table.frame.index, table.frame.to_numpy(), strict=True)}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, end: str) -> None:
    text = end.join(separator.join(row) for row in (["id", "title"], ["1", "a b"], ["2", 'c "d"']))
    table = read(tmp_path, text.encode())
    assert cells(table) == {2: ["1", "a b"], 3: ["2", 'c "d"']}
    assert (said(table), table.first_row) == ([], 2)


def test_a_single_column_is_a_table(tmp_path: Path) -> None:
    assert cells(read(tmp_path, b"video_id\na\nb\n")) == {2: ["a"], 3: ["b"]}


def test_quoted_cells_may_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,t,u\n1,"a, ""b""\nc",x\n\n2,"","y"\n')
    assert cells(table) == {2: ["1", 'a, "b"\nc', "x"], 4: ["2", "", "y"]}  # row 3 is blank
    assert said(table) == []


def test_rows_that_are_no_rows_are_named_and_the_others_read(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,t\n1,"open\n2,fine\n3,x,y\n4\n5,"a"b\n6,"""q"""\n7,z,,\n')
    assert cells(table) == {
        2: ["1", "open"],
        3: ["2", "fine"],
        5: ["4", ""],
        6: ["5", "ab"],
        7: ["6", '"q"'],
        8: ["7", "z"],
    }
    assert said(table) == [
        (2, None, "open quote", "value changed"),
        (4, None, "too many cells", "row dropped"),
        (5, None, "too few cells", "kept"),
        (6, None, "stray quote", "value changed"),
    ]


def test_an_open_quote_does_not_swallow_quoted_rows_below(tmp_path: Path) -> None:
    rows = b"".join(b'%d,"title %d"\n' % (i, i) for i in range(2, 300))
    table = read(tmp_path, b'id,t\n1,"open\n' + rows)
    assert len(table.frame) == 299
    assert said(table) == [(2, None, "open quote", "value changed")]


def test_a_file_of_open_quotes_is_read_in_time(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,t\n" + b'1,"x\n' * 20_001)
    assert len(table.frame) == 20_001
    assert {kind for _, _, kind, _ in said(table)} == {"open quote"}


def test_names_of_columns_are_made_unique(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,a,,a,a\n1,2,3,4,5\n")
    assert list(table.frame.columns) == ["id", "a", "column 3", "a (2)", "a (3)"]
    assert [kind for _, _, kind, _ in said(table)] == ["unnamed column", "repeated column", "repeated column"]


TEXT = "id,title\n1,Café “x”\n2,Über\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_western_encodings(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, TEXT.encode(encoding))
    assert cells(table) == {2: ["1", "Café “x”"], 3: ["2", "Über"]}
    guessed = encoding in ("cp1252", "utf-16-le", "utf-16-be")
    assert [kind for _, _, kind, _ in said(table)] == ["other encoding"] * guessed


def test_chinese_encoding(tmp_path: Path) -> None:
    table = read(tmp_path, "id,标题\n1,学习烘焙面包\n2,钢琴入门课程\n".encode("gb18030"))
    assert cells(table) == {2: ["1", "学习烘焙面包"], 3: ["2", "钢琴入门课程"]}
    assert said(table) == [(None, None, "other encoding", "value changed")]


def test_a_few_broken_bytes_stay_with_their_rows() -> None:
    text, guess = decoded("é é é é".encode() + b"\xff")
    assert (text, guess) == ("é é é é\ufffd", None)


def test_nul_and_long_cells(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,t\n1,a\0b\n2," + b"x" * 60 + b"\n", limits=IntakeLimits(max_cell=50))
    assert cells(table) == {2: ["1", "ab"], 3: ["2", "x" * 50]}
    assert said(table) == [(2, "t", "NUL bytes", "value changed"), (3, "t", "cell cut", "value changed")]


def test_rows_beyond_the_limit_are_left_out_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, b"id\n" + b"1\n" * 9, limits=IntakeLimits(max_rows=4))
    assert len(table.frame) == 4
    assert said(table) == [(6, None, "too many rows", "row dropped")]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("t.csv", b"", "empty"),
        ("t.csv", b"\n\n  \n", "no text"),
        ("t.csv", b"PK\x03\x04rest", "spreadsheet"),
        ("t.csv", bytes(range(1, 9)) * 50, "binary"),
        ("t.csv", b",".join(b"c%d" % i for i in range(600)) + b"\n", "columns|cells"),
        ("t.csv.gz", gzip.compress(b"\0" * 40_000_000), "unpack to more"),
        ("t.csv.gz", b"not gzip", "not a gzip"),
        ("t.parquet", b"PAR1 and nothing", "Parquet"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(tmp_path, data, name)


def test_plain_limits_are_taken_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id\n" + b"1\n" * 100)
    with pytest.raises(DataError, match="more than the 50 allowed"):
        read_raw(tmp_path / "t.csv", limits=Limits(max_bytes=50))


def test_parquet_of_any_type_is_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": [1.0, None, 3.0],  # whole numbers with a gap, as pandas keeps them
            "ratio": [0.5, 1.0, None],
            "when": pd.to_datetime(["2024-05-31T18:00:00", None, "2020-01-01T00:00:00"]),
            "tags": [["a", "b"], None, []],
            "who": [{"name": "x"}, None, {"name": None}],
            "liked": [True, False, True],
            "raw": [b"ok", b"\xff", None],
        }
    )
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_raw(tmp_path / "t.parquet")
    assert table.first_row == 1
    assert cells(table) == {
        1: ["1", "0.5", "2024-05-31T18:00:00", '["a", "b"]', '{"name": "x"}', "1", "ok"],
        2: ["", "1", "", "", "", "0", "\ufffd"],
        3: ["3", "", "2020-01-01T00:00:00", "[]", '{"name": null}', "1", ""],
    }


def test_parquet_text_that_is_no_utf8_is_mended_and_said(tmp_path: Path) -> None:
    broken = pa.array([b"ok", b"caf\xe9"]).view(pa.string())  # what a careless writer leaves behind
    pq.write_table(pa.table({"title": broken}), tmp_path / "t.parquet")
    table = read_raw(tmp_path / "t.parquet")
    assert cells(table) == {1: ["ok"], 2: ["caf\ufffd"]}
    assert said(table) == [(2, "title", "undecodable bytes", "value changed")]


def test_parquet_is_known_by_its_bytes(tmp_path: Path) -> None:
    pd.DataFrame({"a": ["x"]}).to_parquet(tmp_path / "t.bin")
    assert cells(read_raw(tmp_path / "t.bin")) == {1: ["x"]}


def test_separator_is_the_one_that_cuts_evenly() -> None:
    assert guess_separator("id;text\n1;a, b, c\n2;d, e\n") == ";"
    assert guess_separator("id,genres\n1,a|b|c\n2,d\n3,e|f\n") == ","


def test_records_count_rows_as_a_spreadsheet() -> None:
    assert [(one.row, one.cells) for one in records(["a,b", "", '1,"x', 'y"', "2,z"], ",")] == [
        (1, ["a", "b"]),
        (3, ["1", "x\ny"]),
        (4, ["2", "z"]),
    ]
