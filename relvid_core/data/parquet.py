"""Reading columns of a Parquet file as the plain text and numbers that `tables` checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from relvid_core.data.cells import Kind
from relvid_core.data.files import Limits
from relvid_core.errors import DataError


def read_parquet(
    path: Path, choose: Callable[[list[str]], dict[str, Kind]], limits: Limits
) -> tuple[pd.DataFrame, dict[str, Kind]]:
    """The columns that `choose` picks from the file's column names, ids and texts as text.

    Raises DataError for a file that is not Parquet or damaged, that unpacks to more than the limits allow, or whose
    columns have a type that does not fit (ids as floating point, lists as text).
    """
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > limits.max_rows:
                n = file.metadata.num_rows
                raise DataError(f"{path.name}: {n:,} rows, more than the {limits.max_rows:,} allowed. Split the file.")
            kinds = choose(list(file.schema_arrow.names))
            batches, size = [], 0
            for batch in file.iter_batches(columns=list(kinds)):
                size += batch.nbytes
                if size > limits.max_bytes:
                    raise DataError(
                        f"{path.name}: unpacks to more than {limits.max_bytes:,} bytes. "
                        "Split the file or raise max_bytes."
                    )
                batches.append(batch)
            schema = pa.schema([file.schema_arrow.field(name) for name in kinds])
            table = pa.Table.from_batches([batch.select(list(kinds)) for batch in batches], schema=schema)
            columns = {name: _plain(table[name], name, kind, path) for name, kind in kinds.items()}
    except (pa.ArrowException, OSError) as error:
        first_line = (str(error) or "no details").splitlines()[0][:120]
        raise DataError(
            f"{path.name}: not a readable Parquet file ({first_line}). Write it again, or export it as CSV."
        ) from error
    return pd.DataFrame(columns), kinds


def _plain(column: pa.ChunkedArray, name: str, kind: Kind, path: Path) -> pd.Series:
    type_ = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)
    fits = is_text or is_number or pa.types.is_decimal(type_)
    if kind == "id":
        fits = is_text or pa.types.is_integer(type_)
    elif kind in ("text", "measure"):
        fits = fits or pa.types.is_temporal(type_) or pa.types.is_null(type_)
    if not fits:
        wanted = "text or whole numbers" if kind == "id" else "text" if kind == "text" else "numbers"
        raise DataError(
            f"{path.name}: column {name}: found type {str(type_)[:60]}, expected {wanted}. "
            "Convert it before writing the file."
        )
    if is_text or kind in ("id", "text", "measure"):
        text = column.cast(pa.string()).to_pandas()
        return pd.Series(text.astype("str").fillna(""))
    numbers = column.cast(pa.int8()) if pa.types.is_boolean(type_) else column
    return pd.Series(numbers.cast(pa.float64(), safe=False).to_pandas())
