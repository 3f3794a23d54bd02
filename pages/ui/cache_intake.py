"""What was found out about uploaded tables and their datasets, kept while the process lasts."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import streamlit as st

from relvid_core.data.dataset import Dataset
from relvid_core.intake import mapping
from relvid_core.intake.health import HealthReport
from relvid_core.intake.mapping import ColumnGuess
from relvid_core.intake.numbers import as_numbers
from relvid_core.intake.raw import RawTable, Role

_LARGEST_PICTURE: Final = 1_000_000  # bytes; a page holds some forty of them


def column_guesses(table: RawTable, token: str, role: Role) -> dict[str, ColumnGuess]:
    """`mapping.column_guesses` of an uploaded table; `token` stands for the table, which is not compared."""
    return _column_guesses(table, token, role)


@st.cache_data(show_spinner=False, max_entries=16)
def _column_guesses(_table: RawTable, token: str, role: Role) -> dict[str, ColumnGuess]:
    return mapping.column_guesses(_table, role)


def table_role(table: RawTable, token: str) -> Role | None:
    """`mapping.guess_role` of an uploaded table."""
    return _table_role(table, token)


@st.cache_data(show_spinner=False, max_entries=16)
def _table_role(_table: RawTable, token: str) -> Role | None:
    return mapping.guess_role(_table)


def sorted_numbers(table: RawTable, token: str, column: str) -> npt.NDArray[np.float64]:
    """The numbers of a column in ascending order: `[n]`, cells that are none left out."""
    return _sorted_numbers(table, token, column)


@st.cache_resource(show_spinner=False, max_entries=2)  # up to 80 MB each
def _sorted_numbers(_table: RawTable, token: str, column: str) -> npt.NDArray[np.float64]:
    return np.sort(as_numbers(_table.frame[column]).dropna().to_numpy(dtype=np.float64))


def kept_health(data: Dataset) -> HealthReport | None:
    """The health report of a dataset, if it was found out since the data changed."""
    return _healths().get(data.fingerprint)


def keep_health(data: Dataset, report: HealthReport) -> None:
    """Remember a health report; of the last few datasets."""
    kept = _healths()
    kept[data.fingerprint] = report
    while len(kept) > 8:
        del kept[next(iter(kept))]


@st.cache_resource(show_spinner=False)
def _healths() -> dict[str, HealthReport]:
    return {}
