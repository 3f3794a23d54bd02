"""Numbers as people write them: decimal commas, yes and no, lengths such as 4:13."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

NOTHING: Final = frozenset({"nan", "NaN", "null", "NULL", "<NA>", "NaT", "\\N", "None"})  # how programs write a gap
_WORDS: Final = {"true": 1.0, "yes": 1.0, "y": 1.0, "t": 1.0, "false": 0.0, "no": 0.0, "n": 0.0, "f": 0.0}
_COMMA: Final = r"[+-]?\d+,\d+"
_THOUSANDS: Final = r"[+-]?\d{1,3}(?:,\d{3})+"
_PLAIN: Final = r"[+-]?(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,4})?"  # no nan, inf, 0x10 or 1_000
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
_ISO: Final = re.compile(r"P(?:(\d{1,4})D)?T?(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d+)?)S)?")


def as_numbers(cells: pd.Series) -> pd.Series:
    """Finite float64 of every cell, NaN where it is no number. A decimal comma is read where no cell has a point.

    >>> as_numbers(pd.Series(["1,5", "yes", "x"], dtype="str")).tolist()
    [1.5, 1.0, nan]
    """
    text = cells.str.strip()
    comma = text.str.contains(",", regex=False)
    if comma.any() and (comma := text.str.fullmatch(_COMMA)).any():
        thousands = text.str.fullmatch(_THOUSANDS)
        has_point = text.str.contains(".", regex=False).any()
        if has_point or thousands[comma].all():
            text = text.where(~thousands, text.str.replace(",", "", regex=False))
        else:
            text = text.where(~comma, text.str.replace(",", ".", regex=False))
    numbers = pd.to_numeric(text.where(text.str.fullmatch(_PLAIN)), errors="coerce").astype("float64")
    numbers = numbers.replace([np.inf, -np.inf], np.nan)
    return numbers.fillna(text.str.lower().map(_WORDS).astype("float64")) if numbers.isna().any() else numbers


def as_seconds(cells: pd.Series) -> pd.Series:
    """Lengths in seconds, NaN where a cell is none: numbers, 4:13, 1:02:33, PT4M13S.

    >>> as_seconds(pd.Series(["4:13", "PT1M", "12.5"], dtype="str")).tolist()
    [253.0, 60.0, 12.5]
    """
    numbers = as_numbers(cells)
    rest = cells[numbers.isna() & (cells.str.strip() != "")]
    if rest.empty:
        return numbers
    read = {text: _length(text.strip()) for text in rest.unique()}
    return numbers.fillna(rest.map(read).astype("float64"))


def _length(text: str) -> float:
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups()
        return 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(seconds)
    if len(text) > 2 and (iso := _ISO.fullmatch(text)) and any(iso.groups()):
        days, hours, minutes, seconds = (float(part or 0) for part in iso.groups())
        return 86_400.0 * days + 3600.0 * hours + 60.0 * minutes + seconds
    return float("nan")


def is_nothing(cells: pd.Series) -> pd.Series:
    """Cells that are empty or hold what a program writes for a gap."""
    empty: pd.Series = (cells == "") | cells.isin(NOTHING)
    return empty
