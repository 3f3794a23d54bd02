"""Tables for a spreadsheet, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Final

import pandas as pd

# What makes a spreadsheet compute (OWASP, CSV injection), also in the wide forms of Asian keyboards, and also behind
# spaces and invisible signs, which some programs drop before they look.
_FORMULA: Final = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")


def safe_csv(frame: pd.DataFrame) -> str:
    """The frame, without its index, as CSV to open in a spreadsheet: names of columns and cells that could be taken for
    a formula begin with an apostrophe.

    Numbers stay numbers, also negative ones; a missing value is an empty cell.

    >>> print(safe_csv(pd.DataFrame({"title": ["=1+2", "plain"], "gap": [-0.5, None]})).replace("\\r", ""), end="")
    title,gap
    '=1+2,-0.5
    plain,
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([neutral(str(name)) for name in frame.columns])
    for record in frame.itertuples(index=False, name=None):
        writer.writerow([_cell(value) for value in record])
    return text.getvalue()


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula.

    >>> neutral("=1+2"), neutral("plain")
    ("'=1+2", 'plain')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: Any) -> Any:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return value if pd.api.types.is_number(value) else neutral(str(value))
