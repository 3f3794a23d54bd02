import math

import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts.differences import difference_intervals
from relvid_core.charts.palette import QUIET, VERDICT_COLOURS

FRAME = pd.DataFrame(
    {
        c.RUN: ["<b>Tea</b>", "Cake", "Art"],
        c.MEAN: [-0.1, 0.02, 0.3],
        c.LOW: [-0.2, -0.01, math.nan],
        c.HIGH: [-0.05, 0.05, math.nan],
        c.N_SEEDS: [1200, 15, 1],
        c.VERDICT: ["worse", "no evidence", "better"],
    }
)


def test_dots_are_the_last_trace_in_the_order_of_the_frame() -> None:
    figure = difference_intervals(FRAME, title="B − A, points")
    dots = figure.data[-1]
    assert list(dots.x) == pytest.approx([-10, 2, 30])
    assert list(dots.y) == [0, 1, 2]
    assert list(dots.marker.color) == [VERDICT_COLOURS["worse"], QUIET, VERDICT_COLOURS["better"]]
    assert list(dots.marker.symbol) == ["circle", "circle-open", "circle"]
    whiskers = {trace.line.color: list(trace.x) for trace in figure.data[:-1]}
    assert whiskers[VERDICT_COLOURS["worse"]] == pytest.approx([-20, -5, None])
    assert whiskers[VERDICT_COLOURS["better"]] == []  # a single seed has no interval
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # from top to bottom


def test_names_are_text_and_verdicts_are_said_in_words() -> None:
    said = [note.text for note in difference_intervals(FRAME, title="x").layout.annotations]
    assert said == [
        "&lt;b&gt;Tea&lt;/b&gt; · 1,200 seed videos · worse", "Cake · 15 seed videos", "Art · 1 seed video · better",
    ]  # fmt: skip


def test_measures_that_are_no_shares_keep_their_unit() -> None:
    dots = difference_intervals(FRAME, title="x", percent=False).data[-1]
    assert list(dots.x) == pytest.approx([-0.1, 0.02, 0.3])
    assert dots.customdata[0][1] == "−0.1"
    assert dots.customdata[0][2] == " (−0.2 to −0.05)"
    assert dots.customdata[2][2] == ""
