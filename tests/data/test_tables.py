"""Reading tables: what is right comes back clean, and what is wrong is named by file, row and column."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from relvid_core.data.files import Limits
from relvid_core.data.tables import Layout, read_table
from relvid_core.errors import DataError

Write = Callable[[str, str | bytes], Path]
ID_AND_AMOUNT = {"a": "id", "b": "amount"}


def cells(frame: pd.DataFrame) -> dict[str, list[object]]:
    return {name: frame[name].tolist() for name in frame}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "a,b\n01,2\nx y,3.5\n"),
        ("t.csv.gz", "a,b\n01,2\nx y,3.5\n"),
        ("t.tsv", "a\tb\n01\t2\nx y\t3.5\n"),
        ("t.tsv.gz", "a\tb\n01\t2\nx y\t3.5\n"),
        ("t.csv", "a,b\r\n01,2\r\n\r\nx y,3.5\r\n"),
        ("t.csv", "\ufeffa,b\n01,2\nx y,3.5"),
        ("t.csv", 'b,other,a,other\n"2",,01,\n3.5,"p\nq",  x y ,\n'),
    ],
    ids=["csv", "gzip", "tsv", "tsv gzip", "windows", "byte order mark", "order, quotes, unused twins"],
)
def test_every_layout_gives_the_same_table(write: Write, name: str, content: str) -> None:
    assert cells(read_table(write(name, content), ID_AND_AMOUNT)) == {"a": ["01", "x y"], "b": [2.0, 3.5]}


def test_optional_columns_come_only_where_they_are(write: Write) -> None:
    path = write("t.csv", "a,t\n1,NA\n2,\n")
    assert cells(read_table(path, {"a": "id"}, {"t": "text", "u": "text"})) == {"a": ["1", "2"], "t": ["NA", ""]}


def test_a_header_alone_is_an_empty_table(write: Write) -> None:
    frame = read_table(write("t.csv", "a,b\n"), ID_AND_AMOUNT)
    assert list(frame) == ["a", "b"]
    assert len(frame) == 0


def test_a_separator_of_two_characters_and_latin_1(write: Write) -> None:
    layout = Layout(encoding="latin-1", separator="::", names=("a", "t", "b"))
    path = write("t.dat", '1::Café, "the" one: a::5\n2::x::4\n'.encode("latin-1"))
    assert cells(read_table(path, {"a": "id", "t": "text", "b": "amount"}, layout=layout)) == {
        "a": ["1", "2"],
        "t": ['Café, "the" one: a', "x"],
        "b": [5.0, 4.0],
    }


def test_a_bare_carriage_return_stays_in_its_cell_if_asked(write: Write) -> None:
    path = write("t.csv", "a,t,u\n1,p\rq,\n2,r,s\n")
    frame = read_table(path, {"a": "id", "t": "text"}, layout=Layout(line_end="\n"))
    assert cells(frame) == {"a": ["1", "2"], "t": ["p\rq", "r"]}
    with pytest.raises(DataError, match=r"t\.csv: row 1 has 2 cells"):
        read_table(path, {"a": "id", "t": "text"})


def test_a_measure_may_be_empty(write: Write) -> None:
    frame = read_table(write("t.csv", "a,b\n1,\n2, 3\n"), {"a": "id", "b": "measure"})
    assert frame["b"].isna().tolist() == [True, False]
    assert frame["b"].iat[1] == 3.0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"t\.csv: the file is empty"),
        ("\n\n", r"t\.csv: the file holds no text"),
        ("a,c\n1,2\n", r"t\.csv: no column 'b'; found 'a', 'c'"),
        ("a;b\n1;2\n", r"t\.csv: no column 'a', 'b'; found 'a;b'\. The cells seem to be separated by ';'"),
        ("a,a,b\n1,1,1\n", r"t\.csv: column 'a' is there 2 times"),
        ("a,b\n1,2\n3\n", r"t\.csv: row 2 has 1 cells, the header has 2"),
        ("a,b\n1,2\n3,4,5\n", r"t\.csv: row 2 has 3 cells, the header has 2"),
        ("a,b\n0,1,2\n1,3,4\n", r"t\.csv: row 1 has 3 cells, the header has 2"),
        ("a,b,c\n1,2,x\n\n1,2\n", r"t\.csv: row 2 has 2 cells, the header has 3"),
        ('a,b\n1,2\n"3,4\n5,6\n', r"t\.csv: row 2 has 1 cells"),
        ('a,b,c\n1,2,"x\n3,4,y\n', r"t\.csv: a double quote is never closed"),
        ("a,b\n1,2\n ,4\n", r"t\.csv: row 2, column a: the id is empty"),
        ("a,b\n1,2\n3,\n", r"t\.csv: row 2, column b: found '', expected a number of at least 0"),
        ("a,b\n1,2\n3,four\n", r"t\.csv: row 2, column b: found 'four', expected a number"),
        ("a,b\n1,2\n3,nan\n", r"t\.csv: row 2, column b: found 'nan', expected a number"),
        ("a,b\n1,2\n3,inf\n", r"t\.csv: row 2, column b: found inf, expected a number"),
        ("a,b\n1,-2\n3,-4\n", r"t\.csv: row 1, column b: found -2, expected .* \(2 such rows\)"),
        (b"a,b\n1,2\n3,\xe9\n", r"t\.csv: line 3, byte 0xE9 at position 3 is not UTF-8.*encoding"),
        ("a,b\n1,2\n".encode("utf-16"), r"t\.csv: byte 3 is NUL"),
        (b"a,b\n1,2\n3,\0\n", r"t\.csv: byte 10 is NUL"),
        (b"PK\x03\x04rest", r"t\.csv: an archive or Parquet file"),
        (",".join(f"c{i}" for i in range(3000)), r"t\.csv: the header has 3,000 cells"),
        ("a,b\n" + "x" * 200_000 + ",-1\n", r"t\.csv: "),
    ],
)
def test_what_is_wrong_is_named(write: Write, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_table(write("t.csv", content), ID_AND_AMOUNT)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("number", "-1.5", "x"),
        ("amount", "0", "-0.1"),
        ("measure", "", "-1"),
        ("flag", "1", "0.5"),
        ("probability", "1", "0"),
        ("probability", "0.001", "1.001"),
    ],
)
def test_kinds_bound_what_a_cell_may_hold(write: Write, kind: str, good: str, bad: str) -> None:
    assert len(read_table(write("t.csv", f"a,b\n1,{good}\n"), {"a": "id", "b": kind})) == 1
    with pytest.raises(DataError, match=r"t\.csv: row 2, column b: found"):
        read_table(write("t.csv", f"a,b\n1,{good}\n2,{bad}\n"), {"a": "id", "b": kind})


def test_too_many_rows_are_refused(write: Write) -> None:
    with pytest.raises(DataError, match="3 rows, more than the 2 allowed"):
        read_table(write("t.csv", "a,b\n1,1\n2,2\n3,3\n"), ID_AND_AMOUNT, limits=Limits(max_rows=2))


def test_parquet_gives_text_ids_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    day = pd.to_datetime(["2024-05-31", "2024-06-01"])
    pd.DataFrame({"z": [[1], [2]], "b": [True, False], "a": [7, 8], "t": day}).to_parquet(path)
    frame = read_table(path, {"a": "id", "b": "flag", "t": "text"})
    assert frame["a"].tolist() == ["7", "8"]
    assert frame["b"].tolist() == [1.0, 0.0]
    assert [text[:10] for text in frame["t"]] == ["2024-05-31", "2024-06-01"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"a": [1.0, 2.0], "b": [1, 2]}, "column a: found type double, expected text or whole numbers"),
        ({"a": ["x", None], "b": [1, 2]}, "row 2, column a: the id is empty"),
        ({"a": ["x", "y"], "b": [1.0, None]}, "row 2, column b: found nan"),
        ({"a": ["x", "y"], "b": ["1", "two"]}, "row 2, column b: found 'two'"),
        ({"a": ["x", "y"], "b": [[1], [2]]}, "column b: found type list"),
        ({"a": ["x", "y"]}, "no column 'b'; found 'a'"),
    ],
)
def test_parquet_of_the_wrong_types_is_named(tmp_path: Path, frame: dict[str, list[object]], message: str) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame(frame).to_parquet(path)
    with pytest.raises(DataError, match=r"t\.parquet: " + message):
        read_table(path, ID_AND_AMOUNT)


def test_a_file_that_is_not_parquet_or_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": ["x"] * 1000, "b": range(1000)}).to_parquet(path)
    whole = path.read_bytes()
    for content in (b"a,b\n1,2\n", whole[:-20], whole[:40] + whole[60:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"t\.parquet: not a readable Parquet file"):
            read_table(path, ID_AND_AMOUNT)


def test_parquet_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": ["x" * 1000] * 1000, "b": 1.0}).to_parquet(path)
    with pytest.raises(DataError, match="unpacks to more than 100,000 bytes"):
        read_table(path, ID_AND_AMOUNT, limits=Limits(max_bytes=100_000))
