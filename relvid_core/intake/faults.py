"""What was wrong in a user's files: one record a faulty cell or row, and the table of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

from relvid_core.data.files import shortened
from relvid_core.data.spreadsheet import safe_csv

Done = Literal["row dropped", "cell emptied", "value changed", "kept"]
FaultKind = Literal[
    "other encoding",
    "undecodable bytes",
    "NUL bytes",
    "control characters",
    "open quote",
    "stray quote",
    "too few cells",
    "too many cells",
    "repeated column",
    "unnamed column",
    "cell cut",
    "too many rows",
    "empty id",
    "unusable id",
    "repeated id",
    "ids rewritten",
    "empty title",
    "title cut",
    "description cut",
    "too many topics",
    "topic cut",
    "unreadable number",
    "negative number",
    "number too large",
    "negative duration",
    "unreadable date",
    "future date",
    "ambiguous dates",
    "other time unit",
    "unusable column",
    "thumbnail outside folder",
    "missing thumbnail",
    "not a picture",
    "picture too large",
    "empty user",
    "unusable user",
    "unknown video",
    "propensity out of range",
    "repeated row",
    "nothing left",
]
CURES: Final[Mapping[FaultKind, str]] = {
    "other encoding": "Save the file as UTF-8, so that nothing has to be guessed.",
    "undecodable bytes": "Save the file as UTF-8. The bytes that are none stand as �.",
    "NUL bytes": "Export the file again; a NUL is never part of a text.",
    "control characters": "Remove the invisible characters from the text.",
    "open quote": 'Close the double quote, or write "" for one inside a cell.',
    "stray quote": 'Write "" for a double quote inside a quoted cell.',
    "too few cells": "Fill the row up with empty cells.",
    "too many cells": "Put text that holds the separator in double quotes.",
    "repeated column": "Give every column a name of its own.",
    "unnamed column": "Give every column a name.",
    "cell cut": "Shorten the text.",
    "too many rows": "Split the file, or leave out what you do not need.",
    "empty id": "Give every row an id.",
    "unusable id": "Use a plain id of at most 200 characters, without control characters.",
    "repeated id": "Give every video an id of its own, or delete the copies.",
    "ids rewritten": "Write ids in one way in both files.",
    "empty title": "Give the video a title; its id is shown in its place.",
    "title cut": "Shorten the title.",
    "description cut": "Shorten the description.",
    "too many topics": "Give at most 200 topics to a video, main ones first.",
    "topic cut": "Give a topic at most 9 levels of at most 100 characters.",
    "unreadable number": "Write a number such as 12.5.",
    "negative number": "Write a number of at least 0; 0 means shown and not engaged with.",
    "number too large": "Check the unit; no engagement is that large.",
    "negative duration": "Write the length in seconds, or leave it empty.",
    "unreadable date": "Write dates such as 2024-05-31T18:00:00, or seconds since 1970.",
    "future date": "Correct the date; nothing was watched or published after today.",
    "ambiguous dates": "Write dates such as 2024-05-31, so that day and month cannot be confused.",
    "other time unit": "Write every time in the same unit.",
    "unusable column": "Correct the column, or map another one.",
    "thumbnail outside folder": "Give a file name inside the folder of thumbnails.",
    "missing thumbnail": "Add the file to the folder of thumbnails, or leave the cell empty.",
    "not a picture": "Save the picture again as JPEG, PNG, WebP or GIF.",
    "picture too large": "Make the picture smaller: 40 million pixels and 20 MB at most.",
    "empty user": "Give every row of the log a user.",
    "unusable user": "Use a plain user id of at most 200 characters, without control characters.",
    "unknown video": "Add the video to the catalogue, or drop the row.",
    "propensity out of range": "Write a probability above 0 and at most 1.",
    "repeated row": "Write every view once.",
    "nothing left": "Check which column is which; the reasons are in the other lines.",
}

FILE: Final = "file"
ROW: Final = "row"
COLUMN: Final = "column"
FAULT: Final = "fault"
FOUND: Final = "found"
DONE: Final = "done"
CURE: Final = "cure"
MOST_ALIKE: Final = 20_000  # faults of one kind in one column that are listed; the rest are counted in one line


@dataclass(frozen=True)
class Fault:
    """One thing that was wrong, and what was done about it."""

    file: str
    row: int | None  # as a spreadsheet counts: the header is row 1; None = about the whole column or file
    column: str | None  # as the file calls it; None = about the whole row or file
    kind: FaultKind
    found: str  # shortened
    done: Done
    cure: str


def fault(file: str, row: int | None, column: str | None, kind: FaultKind, found: object, done: Done) -> Fault:
    """A fault with the cure for its kind; `found` is shortened."""
    said = found if isinstance(found, str) and not found else shortened(found)
    return Fault(file, row, column, kind, said, done, CURES[kind])


@dataclass
class FaultList:
    """Collects the faults of one file; of very many alike, the last ones are only counted."""

    file: str
    listed: list[Fault] = field(default_factory=list)
    _seen: Counter[tuple[FaultKind, str | None]] = field(default_factory=Counter)
    _done: dict[tuple[FaultKind, str | None], Done] = field(default_factory=dict)

    def add(self, row: int | None, column: str | None, kind: FaultKind, found: object, done: Done) -> None:
        """Note one fault."""
        self._seen[kind, column] += 1
        self._done[kind, column] = done
        if self._seen[kind, column] <= MOST_ALIKE:
            self.listed.append(fault(self.file, row, column, kind, found, done))

    def add_rows(
        self, rows: Sequence[int], column: str | None, kind: FaultKind, found: Iterable[object], done: Done
    ) -> None:
        """Note one fault a row, with what was found there."""
        for row, value in zip(rows, found, strict=True):
            self.add(row, column, kind, value, done)

    def all(self) -> list[Fault]:
        """Every fault; one line more for each kind of which there were too many to list."""
        more = []
        for (kind, column), n in self._seen.items():
            if n > MOST_ALIKE:
                done = self._done[kind, column]
                more.append(Fault(self.file, None, column, kind, f"{n - MOST_ALIKE:,} more", done, CURES[kind]))
        return [*self.listed, *more]


def faults_frame(faults: Iterable[Fault]) -> pd.DataFrame:
    """One fault a row: file, row, column, fault, found, done, cure, by file and row."""
    every = list(faults)
    frame = pd.DataFrame(
        {
            FILE: pd.Series([one.file for one in every], dtype="str"),
            ROW: pd.array([one.row for one in every], dtype="Int64"),
            COLUMN: pd.Series([one.column or "" for one in every], dtype="str"),
            FAULT: pd.Series([one.kind for one in every], dtype="str"),
            FOUND: pd.Series([one.found for one in every], dtype="str"),
            DONE: pd.Series([one.done for one in every], dtype="str"),
            CURE: pd.Series([one.cure for one in every], dtype="str"),
        }
    )
    return frame.sort_values([FILE, ROW], kind="stable", na_position="first", ignore_index=True)


def faults_csv(faults: Iterable[Fault]) -> str:
    """The frame as CSV to open in a spreadsheet: no cell of it can be taken for a formula."""
    return safe_csv(faults_frame(faults))


def faults_by_kind(faults: Iterable[Fault]) -> pd.DataFrame:
    """How many faults of each kind each file has, most first: file, fault, done, n, cure."""
    counts = Counter((one.file, one.kind, one.done) for one in faults)
    rows = [(file, kind, done, n, CURES[kind]) for (file, kind, done), n in counts.most_common()]
    return pd.DataFrame(rows, columns=[FILE, FAULT, DONE, "n", CURE])
