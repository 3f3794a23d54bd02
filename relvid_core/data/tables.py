"""Reading a table that someone else made (CSV, TSV, Parquet). What comes back is clean, or a DataError says why."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from relvid_core.data.cells import AS_TEXT, Kind, bad_cell, checked, is_number, needs_number
from relvid_core.data.files import Encoding, Limits, existing_size, listed, opened, shortened
from relvid_core.data.parquet import read_parquet
from relvid_core.errors import DataError

_PARSE_ERRORS = (ValueError, pd.errors.ParserError, csv.Error, OverflowError)
_HEAD_BYTES = 1 << 20
_MAX_COLUMNS = 2000
_UNIT = "\x1f"  # the ASCII unit separator stands in for a separator of several characters


@dataclass(frozen=True)
class Layout:
    """How a text table departs from plain UTF-8 CSV with a header."""

    encoding: Encoding = "utf-8"
    separator: str | None = None  # None: a tab for .tsv, else a comma
    names: tuple[str, ...] | None = None  # of the columns, for a file without a header
    line_end: Literal["\n"] | None = None  # "\n": a carriage return inside a cell is text, not a new line


def read_table(
    path: Path,
    required: Mapping[str, Kind],
    optional: Mapping[str, Kind] | None = None,
    *,
    layout: Layout | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """The required columns and those of the optional ones that the file has, checked, in the file's row order.

    The format follows the name: .csv and .tsv (also with .gz), .parquet, anything else is read as CSV. Rows in messages
    are data rows counted from 1. Raises DataError naming the file, the row or column, what was found and what to do.
    """
    layout, limits, optional = layout or Layout(), limits or Limits(), optional or {}
    if path.suffix.lower() == ".parquet":
        existing_size(path)
        raw, kinds = read_parquet(path, lambda found: _chosen(path, found, required, optional), limits)
    else:
        raw, kinds = _read_text(path, required, optional, layout, limits)
    return pd.DataFrame({name: checked(raw[name], kind, path.name) for name, kind in kinds.items()}, index=raw.index)


def _chosen(
    path: Path, found: list[str], required: Mapping[str, Kind], optional: Mapping[str, Kind]
) -> dict[str, Kind]:
    missing = [name for name in required if name not in found]
    if missing:
        hint = ""
        if len(found) == 1 and (other := re.search(r"[;\t|]", found[0])):
            hint = f" The cells seem to be separated by {other.group()!r}: save it with commas."
        raise DataError(
            f"{path.name}: no column {listed(missing)}; found {listed(found)}.{hint} "
            "Rename the column, or name it when importing."
        )
    wanted = {**required, **{name: kind for name, kind in optional.items() if name in found}}
    for name in wanted:
        if found.count(name) > 1:
            raise DataError(f"{path.name}: column {name!r} is there {found.count(name)} times. Keep one of them.")
    return wanted


# --- CSV and TSV -----------------------------------------------------------------------------------------------------


def _read_text(
    path: Path, required: Mapping[str, Kind], optional: Mapping[str, Kind], layout: Layout, limits: Limits
) -> tuple[pd.DataFrame, dict[str, Kind]]:
    separator = layout.separator or ("\t" if ".tsv" in [suffix.lower() for suffix in path.suffixes] else ",")
    header = _header(path, separator, layout, limits)
    kinds = _chosen(path, header, required, optional)
    columns = [str(i) for i in range(len(header))]  # by place: other columns may share a name
    place = {name: str(header.index(name)) for name in kinds}
    dtypes: dict[str, str] = dict.fromkeys(columns, "category")  # also the cheapest for columns nobody asked for
    for name, kind in kinds.items():
        dtypes[place[name]] = "category" if kind == "id" else "str" if kind in AS_TEXT else "float64"
    dtypes[columns[-1]] = dtypes[columns[-1]] if header[-1] in kinds else "str"
    try:
        with opened(path, limits) as stream:
            # Every column is read, though few are kept: with `usecols` the parser lets rows that are too long pass.
            frame = pd.read_csv(
                _single(stream, layout, separator),
                sep=separator if len(separator) == 1 else _UNIT,
                names=columns,
                header=None if layout.names else 0,
                index_col=None,
                dtype=dtypes,
                na_filter=False,
                low_memory=False,
                encoding="utf-8-sig" if layout.encoding == "utf-8" else layout.encoding,
                lineterminator=layout.line_end,
                quoting=csv.QUOTE_NONE if len(separator) > 1 else csv.QUOTE_MINIMAL,
            )
    except _PARSE_ERRORS as error:
        _explain(path, header, kinds, separator, layout, limits)
        said = shortened(str(error).strip())
        raise DataError(f"{path.name}: not a readable table ({said}). Export it again as CSV.") from error
    if len(frame) > limits.max_rows:
        raise DataError(f"{path.name}: {len(frame):,} rows, more than the {limits.max_rows:,} allowed. Split the file.")
    last = frame[columns[-1]]
    if last.dtype != np.float64 and bool((last == "").any()):  # the parser fills short rows up with empty cells
        _explain(path, header, {}, separator, layout, limits)
    return frame[list(place.values())].set_axis(list(place), axis=1), kinds


def _header(path: Path, separator: str, layout: Layout, limits: Limits) -> list[str]:
    """The column names; also refuses a first row of another width, which pandas would take for an index column."""
    with opened(path, limits) as stream:
        head = stream.read(_HEAD_BYTES)
    for mark in (b"PK\x03\x04", b"PAR1", b"\x1f\x8b"):
        if head.startswith(mark):
            raise DataError(f"{path.name}: an archive or Parquet file with a text file's name. Rename it.")
    text = head.decode("utf-8-sig" if layout.encoding == "utf-8" else layout.encoding, errors="replace")
    records = _records(io.StringIO(text, newline=layout.line_end or ""), separator)
    try:
        header = list(layout.names) if layout.names else [name.strip() for name in next(records, [])]
        first = next(records, None)
    except csv.Error as error:
        raise DataError(f"{path.name}: the first rows are not a table ({error}). Export it again as CSV.") from error
    if len(header) > _MAX_COLUMNS:
        raise DataError(
            f"{path.name}: the header has {len(header):,} cells, more than {_MAX_COLUMNS:,}. "
            "Give a table with one video or one view in a row."
        )
    if not any(header):
        raise DataError(f"{path.name}: the file holds no text, not even a header. Export it again.")
    if first is not None and len(first) != len(header) and len(head) < _HEAD_BYTES:
        raise _ragged(path, 1, len(first), header)
    if first is not None and len(first) > len(header):
        raise _ragged(path, 1, len(first), header)
    return header


def _single(stream: io.BufferedReader, layout: Layout, separator: str) -> io.BufferedIOBase:
    if len(separator) == 1:
        return stream
    return io.BytesIO(stream.read().replace(separator.encode(), _UNIT.encode()))


def _records(lines: io.TextIOBase, separator: str) -> Iterator[list[str]]:
    """The cells of every row that is not blank, as pandas reads them."""
    if len(separator) > 1:
        for line in lines:
            if line.strip("\r\n"):
                yield line.rstrip("\r\n").split(separator)
        return
    # Carriage returns inside a cell would end the row for the csv module, which has no setting against it.
    joined = (line[:-1].replace("\r", " ") + "\n" if line.endswith("\n") else line.replace("\r", " ") for line in lines)
    for cells in csv.reader(joined, delimiter=separator):
        if cells:
            yield cells


def _ragged(path: Path, row: int, width: int, header: list[str]) -> DataError:
    return DataError(
        f"{path.name}: row {row} has {width} cells, the header has {len(header)} ({listed(header)}). "
        "Put text that holds the separator or a line break in double quotes, and close every quote."
    )


def _explain(
    path: Path, header: list[str], kinds: Mapping[str, Kind], separator: str, layout: Layout, limits: Limits
) -> None:
    """Read slowly and raise for the first row that is wrong; return if none is."""
    numbers = {header.index(name): (name, kind) for name, kind in kinds.items() if needs_number(kind)}
    row = 0
    try:
        with opened(path, limits) as stream:
            encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
            text = io.TextIOWrapper(stream, encoding=encoding, newline=layout.line_end or "")
            records = _records(text, separator)
            if not layout.names:
                next(records, None)
            for row, cells in enumerate(records, start=1):
                if len(cells) != len(header):
                    raise _ragged(path, row, len(cells), header)
                for i, (name, kind) in numbers.items():
                    if not is_number(cells[i]):
                        raise bad_cell(path.name, row, name, cells[i], kind)
    except UnicodeDecodeError:
        raise _undecodable(path, limits) from None
    except csv.Error as error:
        raise DataError(f"{path.name}: row {row + 1}: {error}. Look for a double quote left open.") from error
    if row and kinds:  # every row alone is right, so the parser broke on the end
        with opened(path, limits) as stream:
            if stream.read().count(b'"') % 2:
                raise DataError(
                    f"{path.name}: a double quote is never closed. Close it, or double the quotes inside a cell."
                )


def _undecodable(path: Path, limits: Limits) -> DataError:
    with opened(path, limits) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                where = f"line {number}, byte 0x{line[error.start]:02X} at position {error.start + 1}"
                return DataError(f"{path.name}: {where} is not UTF-8. Save the file again as CSV with encoding UTF-8.")
    return DataError(f"{path.name}: not UTF-8. Save the file again as CSV with encoding UTF-8.")
