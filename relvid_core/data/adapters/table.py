"""A user's own catalogue and watch log as CSV, TSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.adapters.catalogue_file import SUFFIXES, ColumnNames, find_catalogue, read_catalogue, read_named
from relvid_core.data.cells import Kind
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import find_file, shortened
from relvid_core.data.interactions import Interactions
from relvid_core.errors import DataError

RECOGNISES = "own files: a catalogue (catalogue.*, catalog.*, videos.*) and a log (log.*, interactions.*, watches.*)"

_LOG_STEMS = ("log", "interactions", "watches")
_OPTIONAL: Mapping[str, Kind] = {c.TIMESTAMP: "text", c.ENGAGEMENT: "amount", c.PROPENSITY: "probability"}
# A number from each bound on, up to the next, is read in this unit: 1e11 s is the year 5138, 1e11 ms is March 1973.
_UNITS = (
    (0.0, 1, "seconds"),
    (1e11, 1_000, "milliseconds"),
    (1e14, 1_000_000, "microseconds"),
    (1e17, 1_000_000_000, "nanoseconds"),
)
_LAST = 1e20  # nanoseconds up to the year 5138
_TIME_CURE = "Give seconds or milliseconds since 1970, or dates such as 2024-05-31T18:00:00, the same in every row."


def matches(folder: Path) -> bool:
    """Whether the folder holds a catalogue and a log."""
    return find_catalogue(folder) is not None and find_file(folder, _LOG_STEMS, SUFFIXES) is not None


def load(
    folder: Path,
    *,
    catalogue: Path | None = None,
    log: Path | None = None,
    catalogue_columns: ColumnNames | None = None,
    log_columns: ColumnNames | None = None,
) -> Dataset:
    """The files found in the folder by name, or those given; column dicts map our names to those in the file.

    If any engagement is 0, every row is an exposure and the rows above 0 are the engagements.
    """
    catalogue_at = _present(catalogue or find_catalogue(folder), folder, "catalogue.csv")
    log_at = _present(log or find_file(folder, _LOG_STEMS, SUFFIXES), folder, "log.csv")
    thumbnails = folder / "thumbnails"
    catalog = read_catalogue(catalogue_at, thumbnails if thumbnails.is_dir() else None, catalogue_columns)
    events = read_named(log_at, {c.USER_ID: "id", c.VIDEO_ID: "id"}, _OPTIONAL, log_columns or {})
    catalog.rows(events[c.VIDEO_ID], source=log_at.name)  # checked before some rows are set aside, so rows count right
    notes = []
    if c.TIMESTAMP in events:
        events[c.TIMESTAMP], note = seconds(events[c.TIMESTAMP], log_at.name)
        notes.append(note)
    else:
        notes.append("The log has no times: the split is by chance within each user.")
    engaged, shown = events, None
    if c.ENGAGEMENT in events and bool((events[c.ENGAGEMENT] == 0).any()):
        engaged, shown = events[(events[c.ENGAGEMENT] > 0).to_numpy()], events
        notes.append("Some rows have engagement 0: every row counts as an exposure, those above 0 as engagements.")
    else:
        notes.append("Every row counts as an engagement; the log has no exposures.")
    interactions = Interactions.from_frames(catalog, engaged, shown, source=log_at.name)
    if catalog.topics.n_levels == 0:
        notes.append("The catalogue has no topics: topic match cannot be measured.")
    return Dataset(
        key="table", title=folder.name or "Own data", catalog=catalog, interactions=interactions, notes=tuple(notes)
    )


def _present(path: Path | None, folder: Path, name: str) -> Path:
    if path is None:
        raise DataError(f"{folder.name}: no {name} here (nor .tsv, .parquet). Name the file so, or give its path.")
    return path


def seconds(cells: pd.Series, source: str) -> tuple[pd.Series, str]:
    """Whole seconds since 1970 UTC from numbers in one unit or from ISO dates, and a note that says which it was.

    Dates without a zone are read as UTC. Raises DataError for a cell that is neither, or not in the others' unit.
    """
    text = cells.str.strip()
    if not len(text):
        return pd.Series(dtype="float64"), "The log is empty."
    numbers = pd.to_numeric(text, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)
    if numbers.notna().mean() < 0.5:
        dates = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
        _refuse(dates.isna(), cells, source)
        whole = (dates.dt.tz_localize(None) - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
        return whole.astype("float64"), "Times were read as ISO dates (UTC where no zone is given)."
    largest = numbers.abs().max()
    low, per_second, name = next(unit for unit in reversed(_UNITS) if largest >= unit[0])
    _refuse(numbers.isna() | (numbers < low) | (numbers > _LAST), cells, source)
    return numbers // per_second, f"Times were read as {name} since 1970."


def _refuse(bad: pd.Series, cells: pd.Series, source: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"{source}: row {row + 1}, column {c.TIMESTAMP}: found {shortened(cells.iat[row])} "
            f"({int(bad.sum())} such rows). {_TIME_CURE}"
        )
