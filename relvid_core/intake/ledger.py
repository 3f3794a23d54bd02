"""Keeping the books while a table is cleaned: which rows are left, and each faulty cell or row noted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core.errors import DataError
from relvid_core.intake.faults import Done, Fault, FaultKind, FaultList
from relvid_core.intake.raw import RawTable

Mask = npt.NDArray[np.bool_]
MAX_ID = 200  # characters, as the catalogue allows
CONTROL = r"[\x00-\x1f\x7f-\x9f]"


class Ledger:
    """The rows of one raw table that are still there, and the faults found in it."""

    def __init__(self, table: RawTable, columns: Mapping[str, str]) -> None:
        missing = [theirs for theirs in columns.values() if theirs not in table.frame.columns]
        if missing:
            found = ", ".join(map(repr, list(table.frame.columns)[:12]))
            raise DataError(f"{table.name}: no column {missing[0]!r}; found {found}. Name a column that is there.")
        if len(set(columns.values())) < len(columns):
            raise DataError(f"{table.name}: one column was named for two uses. Name each column once.")
        self.table = table
        self.columns = columns
        self.alive: Mask = np.ones(len(table.frame), dtype=np.bool_)
        self.rows = table.frame.index.to_numpy(dtype=np.int64)
        self._faults = FaultList(table.name)
        self._told = {(fault.row, fault.column) for fault in table.faults if fault.row is not None}
        self._dropped_since: set[int] = set()  # rows with a fault of reading that turned out to be useless

    def cells(self, ours: str) -> pd.Series:
        """The text of one of our columns, index 0 … n-1; empty where the file has no such column."""
        if ours not in self.columns:
            return pd.Series([""] * len(self.rows), dtype="str")
        return self.table.frame[self.columns[ours]].reset_index(drop=True)

    def drop(self, mask: Mask | pd.Series, ours: str | None, kind: FaultKind) -> None:
        """Leave rows out."""
        mask = np.asarray(mask, dtype=np.bool_) & self.alive
        self._note(mask, ours, kind, "row dropped")
        self.alive &= ~mask

    def note(self, mask: Mask | pd.Series, ours: str, kind: FaultKind, done: Done) -> None:
        """Note faulty cells of rows that stay."""
        self._note(np.asarray(mask, dtype=np.bool_) & self.alive, ours, kind, done)

    def say(self, ours: str | None, kind: FaultKind, found: str, done: Done) -> None:
        """Note what concerns a whole column or the whole table."""
        self._faults.add(None, self.columns.get(ours, ours) if ours else None, kind, found, done)

    def _note(self, mask: Mask, ours: str | None, kind: FaultKind, done: Done) -> None:
        theirs = self.columns.get(ours) if ours else None
        cells = self.table.frame[theirs].to_numpy(dtype=object) if theirs else None
        for place in np.flatnonzero(mask):
            row = int(self.rows[place])
            found = "" if cells is None else str(cells[place])
            known = (row, theirs) in self._told or ((row, None) in self._told and not found)
            if known:  # reading already said what is wrong with this cell; only its fate may be worse now
                if done == "row dropped":
                    self._dropped_since.add(row)
            else:
                self._faults.add(row, theirs, kind, found, done)

    def faults(self) -> list[Fault]:
        """The faults of reading, then those of cleaning."""
        reading = [
            replace(fault, done="row dropped") if fault.row in self._dropped_since else fault
            for fault in self.table.faults
        ]
        return reading + self._faults.all()
