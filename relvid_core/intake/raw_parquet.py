"""Any Parquet file as columns of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from relvid_core.data.files import existing_size
from relvid_core.errors import DataError

_EXACT: Final = 2.0**53  # from here on, floats no longer hold every whole number
_BATCH_ROWS: Final = 20_000


def parquet_columns(path: Path, max_rows: int, max_bytes: int, max_columns: int) -> tuple[list[str], list[pd.Series]]:
    """The names of all columns, and each column as text: "" for null, JSON for lists and records.

    Raises DataError for a file that is not Parquet, is damaged or is larger than allowed.
    """
    existing_size(path)
    try:
        with pq.ParquetFile(path) as file:
            n_rows, names = file.metadata.num_rows, list(file.schema_arrow.names)
            if n_rows > max_rows:
                raise DataError(f"{path.name}: {n_rows:,} rows, more than the {max_rows:,} allowed. Split the file.")
            if len(names) > max_columns:
                raise DataError(
                    f"{path.name}: {len(names):,} columns, more than {max_columns:,}. "
                    "Give a table with one video or one view in a row."
                )
            batches, size = [], 0
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                size += batch.nbytes
                if size > max_bytes:
                    raise DataError(f"{path.name}: unpacks to more than {max_bytes:,} bytes. Split the file.")
                batches.append(batch)
            table = pa.Table.from_batches(batches, schema=file.schema_arrow)
            return names, [_as_text(table.column(i)) for i in range(len(names))]
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        first_line = (str(error) or "no details").splitlines()[0][:120]
        raise DataError(
            f"{path.name}: not a readable Parquet file ({first_line}). Write it again, or export it as CSV."
        ) from error


def _as_text(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    type_ = column.type
    if pa.types.is_nested(type_):
        lists = column.to_pylist()
        cells = ["" if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in lists]
        return pd.Series(cells, dtype="str")
    if _is_text(type_) and not _is_valid(column):
        column = column.cast(pa.large_binary())
        type_ = column.type
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_):
        cells = ["" if cell is None else cell.decode("utf-8", errors="replace") for cell in column.to_pylist()]
        return pd.Series(cells, dtype="str")
    if pa.types.is_timestamp(type_):
        whole = column.cast(pa.timestamp("s", type_.tz), safe=False)  # a zone is kept by going to UTC
        return pd.Series(pc.strftime(whole, format="%Y-%m-%dT%H:%M:%S").to_pandas().astype("str").fillna(""))
    if pa.types.is_boolean(type_):
        column = column.cast(pa.int8())
    elif pa.types.is_floating(type_):
        column = _whole(column.cast(pa.float64()))
    return pd.Series(column.cast(pa.large_string()).to_pandas().astype("str").fillna(""))


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_valid(column: pa.ChunkedArray) -> bool:
    """Whether text is UTF-8: Parquet promises it, and its readers do not look."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floats as integers where all are: pandas writes whole numbers with gaps as floats, and an id must stay 7."""
    kept = pc.if_else(pc.is_finite(column), column, None)
    if kept.null_count == len(kept):
        return kept
    fits = pc.and_(pc.equal(kept, pc.floor(kept)), pc.less(pc.abs(kept), _EXACT))
    return kept.cast(pa.int64()) if pc.all(fits).as_py() else kept
