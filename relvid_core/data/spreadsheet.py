"""CSV that somebody opens in a spreadsheet: no cell of it can be taken for a formula (OWASP, CSV injection)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

# Also the full-width signs, which some spreadsheets read as the plain ones.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> neutral("=1+2"), neutral("plain")
    ("'=1+2", 'plain')
    """
    return "'" + cell if cell.startswith(_FORMULA) else cell


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A header and rows as CSV. Text is made harmless, numbers stay numbers, what is missing (None, NaN) is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(neutral, columns))
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(cell: object) -> str:
    if isinstance(cell, str):
        return neutral(cell)
    return "" if pd.isna(cell) else str(cell)  # type: ignore[call-overload]  # a scalar
