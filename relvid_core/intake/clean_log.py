"""Making a raw watch log into one that loads over a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.intake.faults import Fault
from relvid_core.intake.ledger import CONTROL, MAX_ID, Ledger
from relvid_core.intake.numbers import as_numbers, is_nothing
from relvid_core.intake.raw import RawTable
from relvid_core.intake.times import read_times

_DAY: Final = 86_400.0
_LARGEST: Final = 1e12  # engagement that the log may hold
_SMALLEST: Final = 1e-12  # propensity
_MODERN: Final = 788_918_400.0  # 1995: a log that is mostly later holds no earlier views
_USABLE: Final = 0.5  # an optional column with a smaller share of readable cells is left aside


def clean_log(
    table: RawTable,
    columns: Mapping[str, str],
    catalogue_ids: pd.Series,
    engagement_from: float | None,
    now: pd.Timestamp,
) -> tuple[pd.DataFrame | None, list[Fault], list[str]]:
    """A frame of user_id, video_id and, where the file has them, timestamp, engagement (0 = shown only), propensity.

    Engagement below `engagement_from` becomes 0. None comes back where no engagement is left.
    """
    ledger = Ledger(table, columns)
    notes: list[str] = []
    users = ledger.cells(c.USER_ID)
    ledger.drop(is_nothing(users), c.USER_ID, "empty user")
    ledger.drop(users.str.contains(CONTROL) | (users.str.len() > MAX_ID), c.USER_ID, "unusable user")
    videos = ledger.cells(c.VIDEO_ID)
    ledger.drop(is_nothing(videos), c.VIDEO_ID, "empty id")
    videos = _harmonised(ledger, videos, catalogue_ids)
    ledger.drop(~videos.isin(set(catalogue_ids)), c.VIDEO_ID, "unknown video")
    frame = pd.DataFrame({c.USER_ID: users, c.VIDEO_ID: videos})
    for ours, read in ((c.TIMESTAMP, _times), (c.ENGAGEMENT, _engagement), (c.PROPENSITY, _propensity)):
        if ours in columns and (values := read(ledger, now)) is not None:
            frame[ours] = values
    repeated = np.zeros(len(frame), dtype=np.bool_)
    repeated[ledger.alive] = table.frame[ledger.alive].duplicated()
    ledger.drop(repeated, None, "repeated row")
    frame = frame[ledger.alive].reset_index(drop=True)
    if engagement_from is not None and c.ENGAGEMENT in frame:
        below = frame[c.ENGAGEMENT] < engagement_from
        frame[c.ENGAGEMENT] = frame[c.ENGAGEMENT].mask(below, 0.0)
        notes.append(
            f"Engagement of at least {engagement_from:g} counts; the other {int(below.sum()):,} rows count as shown."
        )
    n_engaged = int((frame[c.ENGAGEMENT] > 0).sum()) if c.ENGAGEMENT in frame else len(frame)
    if not n_engaged:
        ledger.say(None, "nothing left", f"{len(ledger.rows):,} rows read, no engagement among them", "kept")
        return None, ledger.faults(), notes
    return frame, ledger.faults(), notes


def _harmonised(ledger: Ledger, videos: pd.Series, catalogue_ids: pd.Series) -> pd.Series:
    """Ids without the ".0" that programs add to whole numbers, if that is why they are unknown."""
    known = set(catalogue_ids)
    matched = videos.isin(known).mean() if len(videos) else 1.0
    shorter = videos.str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    if matched < 0.5 and shorter.isin(known).mean() > matched:
        ledger.say(c.VIDEO_ID, "ids rewritten", "ids such as 7.0 were read as 7", "value changed")
        return shorter
    return videos


def _times(ledger: Ledger, now: pd.Timestamp) -> pd.Series | None:
    cells = ledger.cells(c.TIMESTAMP)
    nothing = is_nothing(cells)
    times = read_times(cells.mask(nothing, ""))
    seconds = pd.Series(times.seconds)
    middle = seconds[ledger.alive].median()
    readable = seconds.notna() & (seconds >= (_MODERN if middle >= _MODERN else 0.0))
    if readable[ledger.alive].mean() < _USABLE:
        share = f"{int(readable[ledger.alive].sum()):,} of {int(ledger.alive.sum()):,} cells are times"
        ledger.say(c.TIMESTAMP, "unusable column", share, "cell emptied")
        return None
    ledger.drop(~readable, c.TIMESTAMP, "unreadable date")
    ledger.drop(seconds > now.timestamp() + _DAY, c.TIMESTAMP, "future date")
    if times.usual in ("seconds", "milliseconds", "microseconds", "nanoseconds"):
        ledger.note(times.reading != times.usual, c.TIMESTAMP, "other time unit", "value changed")
    elif times.usual:
        ledger.note((times.reading != times.usual) & readable, c.TIMESTAMP, "other time unit", "value changed")
    if times.ambiguous:
        ledger.say(c.TIMESTAMP, "ambiguous dates", "read as month/day/year", "kept")
    return seconds.fillna(0.0).astype("int64")


def _engagement(ledger: Ledger, now: pd.Timestamp) -> pd.Series | None:
    cells = ledger.cells(c.ENGAGEMENT)
    values = as_numbers(cells)
    if values[ledger.alive].notna().mean() < _USABLE:
        share = f"{int(values[ledger.alive].notna().sum()):,} of {int(ledger.alive.sum()):,} cells are numbers"
        ledger.say(c.ENGAGEMENT, "unusable column", share, "cell emptied")
        return None
    ledger.drop(values.isna(), c.ENGAGEMENT, "unreadable number")
    ledger.drop(values > _LARGEST, c.ENGAGEMENT, "number too large")
    ledger.note(values < 0, c.ENGAGEMENT, "negative number", "value changed")
    return values.fillna(0.0).clip(lower=0.0)


def _propensity(ledger: Ledger, now: pd.Timestamp) -> pd.Series | None:
    cells = ledger.cells(c.PROPENSITY)
    values = as_numbers(cells)
    good = (values >= _SMALLEST) & (values <= 1.0)
    if good[ledger.alive].mean() < _USABLE:
        share = f"{int(good[ledger.alive].sum()):,} of {int(ledger.alive.sum()):,} cells are probabilities"
        ledger.say(c.PROPENSITY, "unusable column", share, "cell emptied")
        return None
    ledger.drop(~good, c.PROPENSITY, "propensity out of range")
    return values.fillna(1.0)
