"""The parts of a score as bars, by the data they hold."""

from __future__ import annotations

import re

import pandas as pd
import plotly.graph_objects as go
import pytest

from relvid_core import columns as c
from relvid_core.charts.palette import RUN_A, RUN_B
from relvid_core.charts.reasons import POPULARITY, reason_bars
from relvid_core.errors import DataError

NAMES = [c.RUN, c.KIND, c.VALUE]
FRAME = pd.DataFrame(
    [
        ("A, <b>plain</b>", "id", 0.5),
        ("A, <b>plain</b>", "text", 0.25),
        ("A, <b>plain</b>", POPULARITY, 0.0),
        ("B, off-policy", "id", 0.625),
        ("B, off-policy", "text", 0.125),
        ("B, off-policy", POPULARITY, -0.5),
    ],
    columns=NAMES,
)


def notes(figure: go.Figure) -> list[str]:
    return [re.sub(r"<[^>]*>", "", note.text) for note in figure.layout.annotations]


def bars(figure: go.Figure) -> dict[str, list[tuple[int, float]]]:
    return {bar.name: list(zip(bar.y, bar.x, strict=True)) for bar in figure.data}


def test_parts_stack_on_both_sides_of_zero_in_one_row_a_run() -> None:
    figure = reason_bars(FRAME)
    assert bars(figure) == {
        "watched together": [(0, 0.5), (1, 0.625)],
        "text": [(0, 0.25), (1, 0.125)],
        "popularity": [(1, -0.5)],  # a part of zero is not drawn
    }
    assert figure.layout.barmode == "relative"
    bottom, top = figure.layout.yaxis.range
    assert bottom > 1 > 0 > top  # the first run on top
    low, high = figure.layout.xaxis.range
    assert low < -0.5
    assert high > 0.75  # 0.625 + 0.125, the longer of both positive stacks


def test_the_score_is_the_sum_and_stands_below_its_bar() -> None:
    marks = [note for note in reason_bars(FRAME).layout.annotations if "score" in note.text]
    assert [(mark.x, mark.y) for mark in marks] == [(0.75, 0), (0.25, 1)]
    assert [re.sub(r"<[^>]*>|▲", "", mark.text).strip() for mark in marks] == ["score 0.75", "score 0.25"]
    assert marks[0].xanchor == "right"  # near the right edge, where a centred one would be cut off


def test_what_is_negative_is_named_so_in_the_axis_and_in_the_hover() -> None:
    figure = reason_bars(FRAME)
    assert "left of zero" in figure.layout.xaxis.title.text
    assert "left of zero" not in reason_bars(FRAME[:3]).layout.xaxis.title.text
    said = {bar.name: [side for _, side in bar.customdata] for bar in figure.data}
    assert said == {"watched together": ["for it"] * 2, "text": ["for it"] * 2, "popularity": ["against it"]}
    assert next(bar for bar in figure.data if bar.name == "popularity").text == ("−0.5",)


def test_names_are_text_and_carry_the_colour_of_their_run() -> None:
    figure = reason_bars(FRAME, colours={"A, <b>plain</b>": RUN_A, "B, off-policy": RUN_B})
    written = [note.text for note in figure.layout.annotations]
    assert f"<span style='color:{RUN_A}'>●</span> A, &lt;b&gt;plain&lt;/b&gt;" in written
    assert f"<span style='color:{RUN_B}'>●</span> B, off-policy" in written
    assert {bar.marker.color for bar in figure.data}.isdisjoint({RUN_A, RUN_B})


def test_the_key_names_what_is_drawn_and_no_more() -> None:
    assert "▌watched together\u202f ▌text\u202f ▌popularity" in notes(reason_bars(FRAME))
    assert "▌watched together\u202f ▌text" in notes(reason_bars(FRAME[:3]))


def test_an_unknown_part_is_called_by_its_name_as_text() -> None:
    (bar,) = reason_bars(pd.DataFrame([("A", "<i>sound", 0.5)], columns=NAMES)).data
    assert bar.name == "&lt;i&gt;sound"


@pytest.mark.parametrize("rows", [[], [("A", "id", 0.0)]])
def test_nothing_to_draw_gives_empty_axes(rows: list[tuple[str, str, float]]) -> None:
    figure = reason_bars(pd.DataFrame(rows, columns=NAMES).astype({c.VALUE: float}))
    assert not figure.data
    assert figure.layout.xaxis.range[0] < figure.layout.xaxis.range[1]


def test_text_and_background_are_left_to_the_theme() -> None:
    figure = reason_bars(FRAME)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(DataError, match="no column 'value'"):
        reason_bars(FRAME.drop(columns=c.VALUE))
