"""The axis of popularity exponents, by the data it holds."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts import RUN_A, RUN_B
from relvid_core.charts.exponents import exponent_axis
from relvid_core.errors import DataError

NAN = math.nan
HOSTILE = "<a href='http://x'>x</a>"


def readings(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[c.RUN, c.KIND, c.MEAN, c.LOW, c.HIGH])


FRAME = readings(
    ("sliders", c.PREDICTED, 0.5, NAN, NAN),
    (HOSTILE, c.PREDICTED, 1.0, NAN, NAN),
    (HOSTILE, c.FITTED, 0.8, 0.7, 0.95),
    ("unreadable", c.FITTED, NAN, NAN, NAN),
)


def test_each_reading_stands_at_its_value_in_the_row_of_its_run() -> None:
    figure = exponent_axis(FRAME, highlighted="sliders")
    drawn = [(trace.x[0], trace.y[0], trace.marker.symbol, trace.marker.color) for trace in figure.data]
    assert drawn == [
        (0.5, 0, "diamond-open", RUN_B),
        (1.0, 1, "diamond-open", RUN_A),
        (0.8, 1, "circle", RUN_A),
    ]
    whisker = figure.data[2].error_x
    assert (whisker.array[0], whisker.arrayminus[0]) == pytest.approx((0.15, 0.1))
    assert figure.data[0].error_x.array[0] == 0


def test_names_are_shown_as_they_are_and_keep_their_order() -> None:
    notes = [note.text for note in exponent_axis(FRAME).layout.annotations]
    assert [text for text in notes if text in ("sliders", "unreadable") or "href" in text] == [
        "sliders",
        "&lt;a href='http://x'&gt;x&lt;/a&gt;",
        "unreadable",
    ]


def test_landmarks_and_the_span() -> None:
    figure = exponent_axis(FRAME)
    lines = {shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1}
    assert {0, 1} <= lines
    low, high = figure.layout.xaxis.range
    assert -1.1 < low <= -1
    assert high == 1.2
    notes = " ".join(note.text for note in figure.layout.annotations)
    assert "0: lift" in notes
    assert "1: as in the log" in notes
    assert "popular held back" in notes


def test_a_reading_beyond_the_span_widens_it() -> None:
    low, high = exponent_axis(readings(("a", c.FITTED, -1.8, -2.0, 1.5))).layout.xaxis.range
    assert low == -2.0
    assert high == 1.5


def test_no_reading_at_all_draws_the_empty_axis() -> None:
    figure = exponent_axis(readings(("a", c.FITTED, NAN, NAN, NAN)))
    assert not figure.data
    assert figure.layout.xaxis.range[1] == 1.2


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(DataError, match="no column 'kind'"):
        exponent_axis(FRAME.drop(columns=c.KIND))
