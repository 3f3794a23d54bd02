"""What one column of a table may hold, and the check that it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from relvid_core.data.files import shortened
from relvid_core.errors import DataError

Kind = Literal["id", "text", "number", "amount", "measure", "flag", "probability"]
# id           text, outer spaces cut, never empty; comes back as category
# text         text, may be empty
# number       finite
# amount       finite, at least 0
# measure      finite, at least 0, or empty (NaN)
# flag         0 or 1
# probability  above 0, at most 1

_WANTED: Mapping[Kind, str] = {
    "number": "a number",
    "amount": "a number of at least 0",
    "measure": "a number of at least 0, or nothing",
    "flag": "0 or 1",
    "probability": "a number above 0 and at most 1",
}
AS_TEXT: frozenset[Kind] = frozenset({"text", "measure"})


def needs_number(kind: Kind) -> bool:
    """Whether every cell of this kind is a number, so that a parser may read the column as float."""
    return kind in _WANTED and kind not in AS_TEXT


def is_number(text: str) -> bool:
    """Whether the text is a finite number.

    >>> is_number("2.5"), is_number("nan"), is_number("")
    (True, False, False)
    """
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def bad_cell(source: str, row: int, name: str, found: object, kind: Kind, n: int = 0) -> DataError:
    """The error for one cell; `row` counts data rows from 1, `n` is how many rows are like it."""
    more = f" ({n} such rows)" if n > 1 else ""
    return DataError(
        f"{source}: row {row}, column {name}: found {shortened(found)}, expected {_WANTED[kind]}{more}. "
        "Correct or drop the row."
    )


def checked(column: pd.Series, kind: Kind, source: str) -> pd.Series:
    """The column as its kind promises. Raises DataError with `source`, the first bad row, the column and the value."""
    name = str(column.name)
    if kind == "id":
        return _ids(column, source)
    if kind == "text":
        return column
    if kind == "measure":
        text = column.astype("string").str.strip()
        numbers = pd.to_numeric(text, errors="coerce").astype("float64").fillna(np.nan)
        bad = ~np.isfinite(numbers) & (text != "").fillna(False)
        bad |= numbers < 0
    else:
        numbers = pd.to_numeric(column, errors="coerce").astype("float64")
        bad = ~np.isfinite(numbers)
        if kind in ("amount", "probability"):
            bad |= numbers < 0
        if kind == "probability":
            bad |= (numbers == 0) | (numbers > 1)
        if kind == "flag":
            bad |= (numbers != 0) & (numbers != 1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise bad_cell(source, row + 1, name, column.iat[row], kind, int(bad.sum()))
    return pd.Series(numbers.to_numpy(dtype="float64"), index=column.index, name=name)


def _ids(column: pd.Series, source: str) -> pd.Series:
    codes, distinct = pd.factorize(column)
    names = pd.Index(distinct).astype("string").str.strip().fillna("")
    final, unique = pd.factorize(names)
    codes = np.where(codes < 0, -1, final[codes]) if len(final) else codes
    empty = codes < 0
    if "" in unique:
        empty |= codes == unique.get_loc("")
    if empty.any():
        row = int(np.flatnonzero(empty)[0])
        raise DataError(
            f"{source}: row {row + 1}, column {column.name}: the id is empty ({int(empty.sum())} such rows). "
            "Fill it in or drop the row."
        )
    ids = pd.Categorical.from_codes(codes, categories=unique.astype(object))
    return pd.Series(ids, index=column.index, name=column.name)
