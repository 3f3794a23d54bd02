"""Times as people write them: since 1970 in four units, ISO dates, and the common national forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core.intake.numbers import as_numbers

Reading = Literal["", "seconds", "milliseconds", "microseconds", "nanoseconds", "date", "day number", "year"]

# A number from each bound on, up to the next, is read in this unit: 1e11 s is the year 5138, 1e11 ms is March 1973.
_UNITS: Final[tuple[tuple[float, float, Reading], ...]] = (
    (0.0, 1.0, "seconds"),
    (1e11, 1e3, "milliseconds"),
    (1e14, 1e6, "microseconds"),
    (1e17, 1e9, "nanoseconds"),
)
_LAST: Final = 1e20
_SLASHED: Final = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%y")
_FORMS: Final = {  # what the cells must look like → the forms to try on them, tried in this order
    r"\d{1,2}\.\d{1,2}\.\d{4}.*": ("%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"),
    r"\d{4}/\d.*": ("%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S"),
    r"[A-Za-z]{3,9} \d{1,2}, \d{4}": ("%b %d, %Y", "%B %d, %Y"),
    r"\d{1,2} [A-Za-z]{3,9} \d{4}": ("%d %b %Y", "%d %B %Y"),
    r"[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} .*": ("%a, %d %b %Y %H:%M:%S %z",),
    r"\d{4}年\d{1,2}月\d{1,2}日": ("%Y年%m月%d日",),
}
_MAYBE: Final = r"[\w\s:./,+\-]{6,40}"
_ISO: Final = r"\d{4}-?\d.*"


@dataclass(frozen=True)
class Times:
    """Times of a column."""

    seconds: npt.NDArray[np.float64]  # [n] since 1970 UTC, whole; NaN where a cell is no time
    reading: npt.NDArray[np.str_]  # [n] how each cell was read (Reading), "" where it is no time
    ambiguous: bool  # day and month could be the other way round in every cell
    usual: str  # how most cells were read


def read_times(cells: pd.Series, numbers_read: pd.Series | None = None) -> Times:
    """Every cell by itself: a number by its size, else a date in one of the common forms.

    Four digits are a year and eight a day (20240531) where the whole column is like that. `numbers_read` is
    `as_numbers(cells)` where the caller has it already.
    """
    text = cells.str.strip()
    seconds = np.full(len(text), np.nan)
    reading = np.full(len(text), "", dtype="<U12")
    numbers = (as_numbers(text) if numbers_read is None else numbers_read).to_numpy(dtype=np.float64)
    numeric = np.isfinite(numbers)
    filled = (text != "").to_numpy()
    compact = _compact(text, numbers, filled)
    if compact is not None:
        days, said = compact
        found = np.isfinite(days)
        seconds[found], reading[found] = days[found], said
        return Times(seconds, reading, False, said)
    size = np.abs(numbers)
    for low, per_second, unit in _UNITS:
        here = numeric & (size >= low) & (size <= _LAST)
        seconds[here] = np.floor(numbers[here] / per_second)
        reading[here] = unit
    ambiguous = False
    left = filled & ~numeric
    if left.any():
        dates, ambiguous = _dates(text[left])
        place = np.flatnonzero(left)[np.isfinite(dates)]
        seconds[place], reading[place] = dates[np.isfinite(dates)], "date"
    seconds[np.abs(seconds) > 1e11] = np.nan
    reading[np.isnan(seconds)] = ""
    names, counts = np.unique(reading[reading != ""], return_counts=True)
    return Times(seconds, reading, ambiguous, str(names[counts.argmax()]) if len(names) else "")


def looks_like_times(cells: pd.Series, numbers: pd.Series) -> float:
    """Share of the cells that read as a date, or as a number of seconds and the like after 1990."""
    times = read_times(cells, numbers)
    late = times.seconds > 631_152_000
    return float(
        ((times.reading == "date") | (times.reading == "day number") | (times.reading == "year") | late).mean()
    )


def _compact(
    text: pd.Series, numbers: npt.NDArray[np.float64], filled: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], Reading] | None:
    n = max(1, int(filled.sum()))
    if text.str.fullmatch(r"(?:18|19|20|21)\d\d").sum() >= 0.9 * n:
        whole = np.isfinite(numbers) & (numbers >= 1800) & (numbers < 2200)
        return _seconds(pd.Series(np.where(whole, text + "-01-01", ""), dtype="str"), "%Y-%m-%d"), "year"
    if text.str.fullmatch(r"(?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])").sum() >= 0.9 * n:
        return _seconds(text, "%Y%m%d"), "day number"
    return None


def _dates(text: pd.Series) -> tuple[npt.NDArray[np.float64], bool]:
    """Seconds of dates in words or digits, and whether day and month of slashed ones cannot be told apart."""
    found = np.full(len(text), np.nan)
    maybe = text.str.fullmatch(_MAYBE).to_numpy(dtype=np.bool_)
    if not maybe.any():
        return found, False
    text = text.mask(~maybe, "")
    _fill(found, text, _ISO, ("ISO8601",))
    slashed = text[np.isnan(found)].str.extract(r"^(\d{1,2})/(\d{1,2})/\d").dropna().astype("int64")
    ambiguous = False
    if len(slashed):
        day_first = bool((slashed[0] > 12).sum() > (slashed[1] > 12).sum())
        ambiguous = not ((slashed[0] > 12).any() or (slashed[1] > 12).any())
        forms = [form.replace("%m/%d", "%d/%m") if day_first else form for form in _SLASHED]
        _fill(found, text, r"\d{1,2}/.*", forms)
    for look, others in _FORMS.items():
        _fill(found, text, look, others)
    return found, ambiguous


def _fill(found: npt.NDArray[np.float64], text: pd.Series, look: str, forms: Sequence[str]) -> None:
    """Read the cells that look right and were not read yet, each distinct one once, in the first form that fits."""
    left = np.flatnonzero(np.isnan(found) & text.str.fullmatch(look).to_numpy(dtype=np.bool_))
    if not len(left):
        return
    codes, distinct = pd.factorize(text.iloc[left])
    cells = pd.Series(distinct, dtype="str")
    read = np.full(len(cells), np.nan)
    for form in forms:
        unread = np.isnan(read)
        if unread.any():
            read[unread] = _seconds(cells[unread], form)
    found[left] = read[codes]


def _seconds(text: pd.Series, form: str) -> npt.NDArray[np.float64]:
    dates = pd.to_datetime(text, errors="coerce", utc=True, format=form).dt.tz_localize(None)
    whole = dates.astype("datetime64[s]").to_numpy()
    return np.where(np.isnat(whole), np.nan, whole.astype(np.int64).astype(np.float64))
