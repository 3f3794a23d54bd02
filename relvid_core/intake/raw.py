"""A user's table as it stands in the file: every cell as text, every departure from a clean table as a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pyarrow as pa

from relvid_core.data.files import Limits, existing_size, opened
from relvid_core.errors import DataError
from relvid_core.intake.decoding import REPLACED, decoded
from relvid_core.intake.faults import Done, Fault, FaultKind, FaultList
from relvid_core.intake.raw_parquet import parquet_columns
from relvid_core.intake.text_table import Record, guess_separator, records, split_lines

Role = Literal["catalogue", "log"]

_CHUNK_ROWS: Final = 50_000
_MAX_NAME: Final = 100  # characters of a column's name
_MARKS: Final = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "gzip data under a name without .gz",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "a database",
}
_CONTROLS: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True)
class IntakeLimits(Limits):
    """How much one uploaded table may bring; it is held in memory as text."""

    max_bytes: int = 2**30
    max_ratio: float = 200.0
    max_rows: int = 10_000_000
    max_columns: int = 500
    max_cell: int = 20_000  # characters; longer cells are cut


@dataclass(frozen=True)
class RawTable:
    """A table of text. The index of `frame` is the row in the file as a spreadsheet counts: the header is row 1."""

    name: str  # of the file, for messages
    frame: pd.DataFrame  # str cells, "" = empty; column names are unique
    first_row: int  # where the data begins: 2 below a header, 1 in Parquet
    faults: list[Fault]


def read_raw(path: Path, *, limits: Limits | None = None, name: str | None = None) -> RawTable:
    """The table in a CSV, TSV or Parquet file (text also as .gz), with the rows that can be read.

    Separator and encoding are guessed. Rows are left out only if they have more cells than the header. Raises
    DataError for what is no table at all or is over the limits.
    """
    allowed = limits if isinstance(limits, IntakeLimits) else IntakeLimits(**vars(limits)) if limits else IntakeLimits()
    faults = FaultList(name or path.name)
    if path.suffix.lower() == ".parquet" or _begins(path, b"PAR1"):
        names, table = parquet_columns(path, allowed.max_rows, allowed.max_bytes, allowed.max_columns)
        header = _unique_names(names, faults, None)
        columns = {ours: _cut(table[i], ours, allowed.max_cell, 1, faults) for i, ours in enumerate(header)}
        frame = pd.DataFrame(columns)
        frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
        return RawTable(faults.file, frame, 1, faults.all())
    return _read_text(path, allowed, faults)


def _begins(path: Path, mark: bytes) -> bool:
    existing_size(path)
    try:
        with path.open("rb") as stream:
            return stream.read(len(mark)) == mark
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror or error}). Check its permissions.") from error


def _read_text(path: Path, limits: IntakeLimits, faults: FaultList) -> RawTable:
    with opened(path, limits, nul=True) as stream:
        data = stream.read()
    for mark, what in _MARKS.items():
        if data.startswith(mark):
            raise DataError(f"{faults.file}: this is {what}, not a table. Export it as CSV, UTF-8.")
    text, said = decoded(data)
    if said is not None:
        faults.add(None, None, "other encoding", said, "value changed")
    _refuse_binary(text, faults.file)
    separator = guess_separator(text)
    rows = records(split_lines(text), separator)
    head = next(rows, None)
    if head is None:
        raise DataError(f"{faults.file}: the file holds no text, not even a header. Export it again.")
    if len(head.cells) > limits.max_columns:
        raise DataError(
            f"{faults.file}: the header has {len(head.cells):,} cells, more than {limits.max_columns:,}. "
            "Give a table with one video or one view in a row."
        )
    header = _unique_names(head.cells, faults, head.row)
    chunks: list[list[pa.Array]] = []
    numbers: list[int] = []
    waiting: list[list[str]] = []
    for record in rows:
        cells = _fitted(record, header, limits, faults)
        if cells is None:
            continue
        if len(numbers) == limits.max_rows:
            faults.add(record.row, None, "too many rows", f"more than {limits.max_rows:,} rows", "row dropped")
            break
        numbers.append(record.row)
        waiting.append(cells)
        if len(waiting) == _CHUNK_ROWS:
            chunks.append(_arrays(waiting))
            waiting = []
    if waiting:
        chunks.append(_arrays(waiting))
    columns = {
        name: pa.chunked_array([chunk[i] for chunk in chunks], type=pa.large_string()).to_pandas().astype("str")
        for i, name in enumerate(header)
    }
    frame = pd.DataFrame(columns)
    frame.index = pd.Index(numbers, name="row", dtype="int64")
    return RawTable(faults.file, frame, head.row + 1, faults.all())


def _arrays(rows: list[list[str]]) -> list[pa.Array]:
    """One Arrow array a column: a tenth of the memory of Python strings."""
    return [pa.array(cells, type=pa.large_string()) for cells in zip(*rows, strict=True)]


def _refuse_binary(text: str, file: str) -> None:
    """A table may hold some control characters; a file that is made of them is something else."""
    head = text[: 1 << 16]
    if len(_CONTROLS.findall(head)) > 0.1 * len(head):
        raise DataError(f"{file}: this is no text but binary data. Export the table as CSV, UTF-8, or as Parquet.")


def _fitted(record: Record, header: list[str], limits: IntakeLimits, faults: FaultList) -> list[str] | None:
    """The cells of one row, as many as the header has; None where they do not fit. At most one fault a row."""
    cells = record.cells
    width = len(header)
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]  # spreadsheets leave separators at the end
    said: tuple[str | None, FaultKind, str, Done] | None = None
    if record.trouble is not None:
        said = (None, record.trouble, separator_free(cells), "value changed")
    if len(cells) > width:
        kind: FaultKind = record.trouble or "too many cells"
        faults.add(record.row, None, kind, f"{len(cells)} cells, the header has {width}", "row dropped")
        return None
    if len(cells) < width:
        said = (None, record.trouble or "too few cells", f"{len(cells)} cells, the header has {width}", "kept")
        cells = cells + [""] * (width - len(cells))
    for i, cell in enumerate(cells):
        if not cell.isascii() or "\0" in cell or len(cell) > limits.max_cell:
            cells[i] = _tidied(cell, header[i], record.row, limits, faults, told=said is not None)
        elif cell[:1] == " " or cell[-1:] == " ":
            cells[i] = cell.strip()
    if said is not None:
        faults.add(record.row, *said)
    return cells


def separator_free(cells: list[str]) -> str:
    """The cells of a row as one text for a message."""
    return " · ".join(cell[:40] for cell in cells[:6])


def _tidied(cell: str, column: str, row: int, limits: IntakeLimits, faults: FaultList, *, told: bool) -> str:
    text = cell
    kind: FaultKind | None = None
    if "\0" in text:
        text, kind = text.replace("\0", ""), "NUL bytes"
    if REPLACED in text:
        kind = "undecodable bytes"
    if len(text) > limits.max_cell:
        text, kind = text[: limits.max_cell], "cell cut"
    if kind is not None and not told:
        faults.add(row, column, kind, cell[: 4 * limits.max_cell], "value changed")
    return text.strip()


def _unique_names(found: Iterable[str], faults: FaultList, row: int | None) -> list[str]:
    """Column names: never empty, never twice, never longer than a line."""
    names: list[str] = []
    taken: set[str] = set()
    for place, written in enumerate(found, start=1):
        name = " ".join("".join(letter if letter.isprintable() else " " for letter in written[:1000]).split())
        name = name[:_MAX_NAME]
        if not name:
            name = f"column {place}"
            faults.add(row, name, "unnamed column", "", "value changed")
        if name in taken:
            first = name
            number = 2
            while f"{first} ({number})" in taken:
                number += 1
            name = f"{first} ({number})"
            faults.add(row, name, "repeated column", written, "value changed")
        taken.add(name)
        names.append(name)
    return names


def _cut(cells: pd.Series, name: str, most: int, first_row: int, faults: FaultList) -> pd.Series:
    """Cells of a Parquet column without NULs and overlong text."""
    nul = cells.str.contains("\0", regex=False)
    if nul.any():
        rows = [int(place) + first_row for place in nul.to_numpy().nonzero()[0]]
        faults.add_rows(rows, name, "NUL bytes", cells[nul], "value changed")
        cells = cells.str.replace("\0", "", regex=False)
    broken = cells.str.contains(REPLACED, regex=False)
    if broken.any():
        rows = [int(place) + first_row for place in broken.to_numpy().nonzero()[0]]
        faults.add_rows(rows, name, "undecodable bytes", cells[broken], "value changed")
    long = cells.str.len() > most
    if long.any():
        rows = [int(place) + first_row for place in long.to_numpy().nonzero()[0]]
        faults.add_rows(rows, name, "cell cut", cells[long].str.slice(0, 100), "value changed")
        cells = cells.str.slice(0, most)
    return cells.str.strip()
