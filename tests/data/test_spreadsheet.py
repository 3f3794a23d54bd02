"""Cells that a spreadsheet must not run, and numbers that it must still read as numbers."""

import csv
import io

import numpy as np
import pytest

from relvid_core.data.spreadsheet import csv_text, neutral


@pytest.mark.parametrize("cell", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"])
def test_what_begins_like_a_formula_is_quoted(cell: str) -> None:
    assert neutral(cell) == "'" + cell
    ((head,), (read,)) = csv.reader(io.StringIO(csv_text([cell], [[cell]]), newline=""))
    assert head == read == "'" + cell


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "'=1", "1 - 2", "Größe"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert neutral(cell) == cell


def test_numbers_stay_numbers_and_gaps_are_empty() -> None:
    row = [-0.25, np.float64(-0.5), np.int64(-3), float("nan"), None, True, 'say "a, b"']
    text = csv_text([str(place) for place in range(7)], [row])
    (_, read) = csv.reader(io.StringIO(text))
    assert read == ["-0.25", "-0.5", "-3", "", "", "True", 'say "a, b"']
