"""Opening files: compression, size, and what cannot be text."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from relvid_core.data.files import Limits, find_file, listed, opened, shortened
from relvid_core.errors import DataError

Write = Callable[[str, str | bytes], Path]


def read(path: Path, limits: Limits | None = None) -> bytes:
    with opened(path, limits or Limits()) as stream:
        return stream.read()


def test_plain_and_packed_files_give_the_same_bytes(write: Write) -> None:
    assert read(write("a.csv", "x,y\n")) == read(write("a.csv.gz", "x,y\n")) == b"x,y\n"


def test_a_bomb_is_refused_long_before_it_is_unpacked(write: Write) -> None:
    path = write("bomb.csv.gz", b"1," * 50_000_000)
    with pytest.raises(DataError, match=r"bomb\.csv\.gz: .* packed bytes unpack to more than .* 200 to 1"):
        read(path)


def test_the_size_limit_counts_unpacked_bytes(write: Write) -> None:
    path = write("log.csv.gz", bytes(range(1, 251)) * 8)
    assert len(read(path, Limits(max_bytes=2000))) == 2000
    with pytest.raises(DataError, match=r"log\.csv\.gz: more than 1,999 bytes"):
        read(path, Limits(max_bytes=1999))


def test_a_large_plain_file_is_refused_before_it_is_opened(write: Write) -> None:
    with pytest.raises(DataError, match=r"log\.csv: 11 bytes, more than the 10 allowed"):
        read(write("log.csv", "x" * 11), Limits(max_bytes=10))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"log\.csv\.gz: the file is empty \(0 bytes\)"),
        (b"user_id\n1\n", r"log\.csv\.gz: not a gzip file"),
        (gzip.compress(b"user_id\n" + b"1\n" * 99)[:-9], r"log\.csv\.gz: the gzip data breaks off"),
        (gzip.compress(b"user_id\n1\n")[:12], r"log\.csv\.gz: the gzip data breaks off"),
    ],
    ids=["0 bytes", "plain text", "cut at the end", "cut at the start"],
)
def test_a_broken_gzip_file_says_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read(path)


def test_a_nul_byte_is_named_by_its_place(write: Write) -> None:
    with pytest.raises(DataError, match=r"log\.csv: byte 3 is NUL"):
        read(write("log.csv", b"abc\0def"))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=r"folder\.csv: is a folder"):
        read(tmp_path / "folder.csv")
    with pytest.raises(DataError, match=r"nothing\.csv: no such file"):
        read(tmp_path / "nothing.csv")


def test_the_first_existing_name_is_found(write: Write, tmp_path: Path) -> None:
    write("videos.csv.gz", "x")
    write("catalog.parquet", "x")
    assert find_file(tmp_path, ("catalogue", "catalog", "videos"), (".csv", ".parquet")) == tmp_path / "catalog.parquet"
    assert find_file(tmp_path, ("log",), (".csv",)) is None


def test_found_values_are_cut_in_messages() -> None:
    assert len(shortened("x" * 1000)) <= 60
    assert shortened(float("inf")) == "inf"
    assert listed(map(str, range(20))).endswith("'11' and 8 more")
