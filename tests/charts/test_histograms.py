"""Histograms in panels, and on ranges; overlaid ones are tested with the other charts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts.histograms import histogram_panels, metric_histograms

FRAME = pd.DataFrame({c.RUN: ["A"] * 4 + ["B"] * 2 + ["C"], c.VALUE: [0.0, 0.5, 0.5, 1.0, 0.25, 0.75, np.nan]})


def bars(trace: Any) -> list[float]:
    """The heights of an outline, which begins and ends at nothing outside of the axis."""
    assert (trace.y[0], trace.y[-1], trace.line.shape) == (0, 0, "hvh")
    return list(trace.y[1:-1])


def axes(figure: Any) -> list[Any]:
    return [figure.layout.yaxis, figure.layout.yaxis2]


def test_panels_share_both_axes_and_do_not_meet() -> None:
    figure = histogram_panels(FRAME, title="topic match", steps=4, chance=0.1, colours=["#111111", "#222222"])
    a, b = figure.data  # C has no value
    assert (bars(a), bars(b)) == ([25, 0, 50, 0, 25], [0, 50, 0, 50, 0])
    assert (a.xaxis, b.xaxis) == ("x", "x")
    assert (a.yaxis, b.yaxis) == ("y", "y2")
    upper, lower = axes(figure)
    assert upper.range == lower.range
    assert upper.range[1] >= 50
    assert 0 <= lower.domain[0] < lower.domain[1] < upper.domain[0] < upper.domain[1] < 1
    assert [line.x0 for line in figure.layout.shapes] == pytest.approx([50, 10, 50, 10])
    said = [re.sub(r"<[^>]*>", "", note.text) for note in figure.layout.annotations]
    assert said == [
        "▌A on average 50\u202f%, chance 10\u202f%", "▌B on average 50\u202f%, chance 10\u202f%",
        "height: share of seed videos",
    ]  # fmt: skip


def test_one_run_and_none_can_be_drawn_too() -> None:
    assert len(histogram_panels(FRAME[FRAME[c.RUN] == "B"], title="x").data) == 1
    assert len(histogram_panels(FRAME[FRAME[c.RUN] == "C"], title="x").data) == 0


@pytest.mark.parametrize("draw", [metric_histograms, histogram_panels])
def test_values_between_steps_are_counted_in_ranges(draw: Any) -> None:
    frame = pd.DataFrame({c.RUN: "A", c.VALUE: [0.0, 0.1, 0.26, 0.99, 1.0]})
    figure = draw(frame, title="popularity", steps=4, ranges=True, counted="places")
    (outline,) = figure.data
    assert list(outline.x) == [-12.5, 12.5, 37.5, 62.5, 87.5, 112.5]
    assert list(outline.customdata) == [0, 2, 1, 0, 2, 0]
    assert figure.layout.xaxis.range == (0, 100)  # what is added at the ends is never the nearest to a pointer
    assert figure.layout.xaxis.unifiedhovertitle.text == "popularity %{x:.3g} ± 12.5 %"
    assert "of 5 places" in outline.hovertemplate
