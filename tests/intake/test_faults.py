"""The record of faults, and its harmless CSV."""

from __future__ import annotations

import csv
import io
from typing import get_args

import pytest

from relvid_core.intake.faults import (
    CURES,
    MOST_ALIKE,
    FaultKind,
    FaultList,
    fault,
    faults_by_kind,
    faults_csv,
    faults_frame,
)


def test_every_kind_has_a_cure() -> None:
    assert set(CURES) == set(get_args(FaultKind))
    assert all(cure.endswith(".") for cure in CURES.values())


def test_frame_is_ordered_by_file_and_row() -> None:
    faults = [
        fault("b.csv", 3, "x", "empty id", "", "row dropped"),
        fault("a.csv", 9, None, "repeated row", "y", "row dropped"),
        fault("a.csv", None, "t", "ambiguous dates", "z", "kept"),
    ]
    frame = faults_frame(faults)
    assert list(frame["file"]) == ["a.csv", "a.csv", "b.csv"]
    assert frame["row"].fillna(0).tolist() == [0, 9, 3]
    assert list(frame.columns) == ["file", "row", "column", "fault", "found", "done", "cure"]
    assert faults_frame([]).empty


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    hostile = start + "cmd|' /C calc'!A0"
    text = faults_csv([fault(hostile, 2, hostile, "empty id", hostile, "row dropped")])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 2
    assert rows[1][0] == rows[1][2] == "'" + hostile
    assert not [cell for cell in rows[1] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_very_many_alike_are_counted_in_one_line() -> None:
    faults = FaultList("a.csv")
    faults.add_rows(range(MOST_ALIKE + 7), "x", "empty id", [""] * (MOST_ALIKE + 7), "row dropped")
    every = faults.all()
    assert len(every) == MOST_ALIKE + 1
    assert (every[-1].row, every[-1].found) == (None, "7 more")


def test_kinds_are_counted() -> None:
    faults = [fault("a", row, "x", "empty id", "", "row dropped") for row in (2, 3)]
    faults.append(fault("a", 4, "y", "empty title", "", "kept"))
    assert faults_by_kind(faults)[["fault", "n"]].to_numpy().tolist() == [["empty id", 2], ["empty title", 1]]
