"""The panels of the ladder, by the data they hold."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts.ladder import rung_panels
from relvid_core.errors import DataError

NAN = math.nan
NAMES = [c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH, c.VERDICT]
FRAME = pd.DataFrame(
    [
        ("lowest", "recall", 0.10, 0.08, 0.12, ""),
        ("lowest", "topic match", 0.50, 0.45, 0.55, ""),
        ("<b>+ text</b>", "recall", 0.20, 0.15, 0.25, "better"),
        ("<b>+ text</b>", "topic match", 0.40, NAN, NAN, "worse"),
        ("highest", "recall", 0.19, 0.14, 0.24, "no evidence"),
        ("highest", "topic match", NAN, NAN, NAN, "no evidence"),
    ],
    columns=NAMES,
)


def test_one_panel_a_measure_in_the_order_of_the_frame() -> None:
    assert list(rung_panels(FRAME)) == ["recall", "topic match"]
    assert rung_panels(FRAME.iloc[:0]) == {}


def test_rungs_stand_from_the_bottom_up_at_their_means() -> None:
    steps, *rungs = rung_panels(FRAME)["recall"].data
    assert [(rung.x[0], rung.y[0]) for rung in rungs] == [(10.0, 0), (20.0, 1), (19.0, 2)]
    assert list(steps.x) == [10.0, 20.0, 19.0]
    low, high = rung_panels(FRAME)["recall"].layout.yaxis.range
    assert low < 0 < 2 < high  # the axis is not turned around
    assert rungs[1].error_x.array[0] == pytest.approx(5.0)
    assert rungs[1].error_x.arrayminus[0] == pytest.approx(5.0)


def test_verdicts_are_told_by_word_colour_and_shape() -> None:
    figure = rung_panels(FRAME)["recall"]
    lowest, text, highest = figure.data[1:]
    assert [rung.marker.symbol for rung in (lowest, text, highest)] == ["circle", "circle", "circle-open"]
    assert text.marker.color not in (lowest.marker.color, rung_panels(FRAME)["topic match"].data[2].marker.color)
    notes = [note.text for note in figure.layout.annotations]
    assert "<b>20\u202f% ▲ better</b>" in notes
    assert "19\u202f% no evidence" in notes
    assert "10\u202f%" in notes


def test_names_are_text() -> None:
    notes = [note.text for note in rung_panels(FRAME)["recall"].layout.annotations]
    assert "&lt;b&gt;+ text&lt;/b&gt;" in notes


def test_references_are_lines_with_names_and_inside_the_axis() -> None:
    figure = rung_panels(FRAME, references={"recall": {"chance": 0.01, "content alone": 0.4, "unknown": NAN}})["recall"]
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1] == [1.0, 40.0]
    low, high = figure.layout.xaxis.range
    assert low < 1 < 40 < high
    notes = [note.text for note in figure.layout.annotations]
    assert "chance 1.0\u202f%" in notes
    assert "content alone 40\u202f%" in notes


def test_a_measure_without_values_draws_an_empty_panel() -> None:
    nothing = FRAME.assign(**{c.MEAN: NAN, c.LOW: NAN, c.HIGH: NAN})
    low, high = rung_panels(nothing)["recall"].layout.xaxis.range
    assert low < high


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(DataError, match="no column 'verdict'"):
        rung_panels(FRAME.drop(columns=c.VERDICT))
