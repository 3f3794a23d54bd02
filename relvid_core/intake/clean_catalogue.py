"""Making a raw catalogue into one that loads: every faulty cell is emptied or mended, every useless row left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.files import leaves_folder
from relvid_core.errors import NotEnoughData
from relvid_core.intake.faults import Fault, FaultKind
from relvid_core.intake.ledger import CONTROL, MAX_ID, Ledger
from relvid_core.intake.numbers import as_seconds, is_nothing
from relvid_core.intake.picture_folder import PictureFolder
from relvid_core.intake.raw import RawTable
from relvid_core.intake.times import read_times
from relvid_core.intake.topic_cells import guess_form, parse_cell

MAX_TITLE: Final = 300
MAX_DESCRIPTION: Final = 10_000
MAX_CREATOR: Final = 200
_CONTROL_IN_TEXT: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # tabs and line breaks are layout, not a fault
_EARLIEST: Final = -2_524_521_600.0  # 1890: the first moving pictures
_DAY: Final = 86_400.0


def clean_catalogue(
    table: RawTable, columns: Mapping[str, str], thumbnails: Path | None, now: pd.Timestamp
) -> tuple[pd.DataFrame, list[Fault], list[str]]:
    """A frame for `Catalog.from_frame`, the faults, and notes for the reader. Raises DataError if no video is left."""
    ledger = Ledger(table, columns)
    notes: list[str] = []
    frame = pd.DataFrame({c.VIDEO_ID: _ids(ledger)})
    if c.TITLE in columns:
        frame[c.TITLE] = _titles(ledger)
    if c.DESCRIPTION in columns:
        frame[c.DESCRIPTION] = _text(ledger, c.DESCRIPTION, MAX_DESCRIPTION, "description cut")
    if c.CREATOR in columns:
        frame[c.CREATOR] = _text(ledger, c.CREATOR, MAX_CREATOR, "cell cut").str.split().str.join(" ")
    if c.TOPICS in columns:
        frame[c.TOPICS] = _topics(ledger)
    if c.DURATION_S in columns:
        frame[c.DURATION_S] = _durations(ledger, notes)
    if c.PUBLISHED_AT in columns:
        frame[c.PUBLISHED_AT] = _published(ledger, now)
    if c.THUMBNAIL in columns or thumbnails is not None:
        frame[c.THUMBNAIL] = _thumbnails(ledger, frame[c.VIDEO_ID], thumbnails, notes)
    kept = frame[ledger.alive].reset_index(drop=True)
    faults = ledger.faults()
    if kept.empty:
        first = next((fault for fault in faults if fault.done == "row dropped"), None)
        why = f", the first for: {first.kind} ({first.found})" if first else ""
        raise NotEnoughData(
            f"{table.name}: none of the {len(frame):,} rows is a video{why}. Check which column holds the ids."
        )
    return kept, faults, notes


def _ids(ledger: Ledger) -> pd.Series:
    ids = ledger.cells(c.VIDEO_ID)
    ledger.drop(is_nothing(ids), c.VIDEO_ID, "empty id")
    ledger.drop(ids.str.contains(CONTROL) | (ids.str.len() > MAX_ID), c.VIDEO_ID, "unusable id")
    ledger.drop(ids.where(ledger.alive).duplicated() & ledger.alive, c.VIDEO_ID, "repeated id")
    return ids


def _titles(ledger: Ledger) -> pd.Series:
    titles = _text(ledger, c.TITLE, MAX_TITLE, "title cut").str.split().str.join(" ")
    titles = titles.mask(is_nothing(ledger.cells(c.TITLE)), "")
    ledger.note(titles == "", c.TITLE, "empty title", "kept")
    return titles


def _text(ledger: Ledger, ours: str, most: int, cut: FaultKind) -> pd.Series:
    text = ledger.cells(ours)
    strange = text.str.contains(_CONTROL_IN_TEXT)
    ledger.note(strange & (text.str.len() <= most), ours, "control characters", "value changed")
    text = text.where(~strange, text.str.replace(_CONTROL_IN_TEXT, "", regex=True).str.strip())
    long = text.str.len() > most
    ledger.note(long, ours, cut, "value changed")
    return text.where(~long, text.str.slice(0, most).str.strip())


def _topics(ledger: Ledger) -> pd.Series:
    cells = ledger.cells(c.TOPICS)
    distinct = list(cells.unique())
    form = guess_form(cells[ledger.alive].unique())
    parsed = {cell: parse_cell(cell, form) for cell in distinct}
    for kind in ("too many topics", "topic cut"):
        ledger.note(cells.map({cell: parsed[cell][1] == kind for cell in distinct}), c.TOPICS, kind, "value changed")
    return pd.Series([parsed[cell][0] for cell in cells], dtype=object)


def _durations(ledger: Ledger, notes: list[str]) -> pd.Series:
    cells = ledger.cells(c.DURATION_S)
    seconds = as_seconds(cells)
    nothing = is_nothing(cells)
    ledger.note(seconds.isna() & ~nothing, c.DURATION_S, "unreadable number", "cell emptied")
    ledger.note(seconds < 0, c.DURATION_S, "negative duration", "cell emptied")
    seconds = seconds.where(seconds >= 0)
    if ledger.columns[c.DURATION_S].casefold().rstrip("s_").endswith(("_m", "millis", "millisecond", "durationm")):
        seconds = seconds / 1000.0
        notes.append("Durations were read as milliseconds, as the column's name says.")
    return seconds


def _published(ledger: Ledger, now: pd.Timestamp) -> pd.Series:
    cells = ledger.cells(c.PUBLISHED_AT)
    times = read_times(cells.mask(is_nothing(cells), ""))
    seconds = pd.Series(times.seconds)
    unreadable = (seconds.isna() & ~is_nothing(cells)) | (seconds < _EARLIEST)
    future = seconds > now.timestamp() + _DAY
    ledger.note(unreadable, c.PUBLISHED_AT, "unreadable date", "cell emptied")
    ledger.note(future, c.PUBLISHED_AT, "future date", "cell emptied")
    if times.ambiguous:
        ledger.say(c.PUBLISHED_AT, "ambiguous dates", "read as month/day/year", "kept")
    dates = pd.to_datetime(seconds.where(~unreadable & ~future), unit="s")
    return dates.astype("datetime64[s]")


def _thumbnails(ledger: Ledger, ids: pd.Series, root: Path | None, notes: list[str]) -> pd.Series:
    """Names relative to the folder, "" where there is none. Without a column, pictures called like the ids."""
    cells = ledger.cells(c.THUMBNAIL).mask(is_nothing(ledger.cells(c.THUMBNAIL)), "")
    outside = pd.Series([leaves_folder(cell) for cell in cells], dtype=bool)
    ledger.note(outside, c.THUMBNAIL, "thumbnail outside folder", "cell emptied")
    names = cells.mask(outside, "")
    if root is None:
        if (names != "").any():
            notes.append("Thumbnails are named, but their folder was not given.")
        return names
    folder = PictureFolder(root)
    by_id = c.THUMBNAIL not in ledger.columns
    if by_id:
        found = [folder.named_like(str(video)) for video in ids]
        notes.append(f"Thumbnails were found by the videos' ids: {sum(name is not None for name in found):,}.")
    else:
        found = [folder.find(str(name)) if name else None for name in names]
        missing = (names != "").to_numpy() & np.array([name is None for name in found], dtype=np.bool_)
        ledger.note(missing, c.THUMBNAIL, "missing thumbnail", "cell emptied")
    wanted = [name for name, alive in zip(found, ledger.alive, strict=True) if name is not None and alive]
    bad = folder.faults(wanted)
    for kind in ("not a picture", "picture too large"):
        ledger.note(np.array([bad.get(name or "") == kind for name in found]), c.THUMBNAIL, kind, "cell emptied")
    return pd.Series(["" if name is None or name in bad else name for name in found], dtype="str")
