"""The pictures of the weights, by the data they hold."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from relvid_core import columns as c
from relvid_core.charts.weights import clip_errors, weight_histogram
from relvid_core.errors import DataError


def histogram() -> pd.DataFrame:
    rows = [
        (c.BEFORE, 0.1, 1.0, 0.5),
        (c.BEFORE, 1.0, 10.0, 0.3),
        (c.BEFORE, 10.0, 100.0, 0.2),
        (c.AFTER, 0.1, 1.0, 0.5),
        (c.AFTER, 1.0, 10.0, 0.5),
        (c.AFTER, 10.0, 100.0, 0.0),
    ]
    return pd.DataFrame(rows, columns=[c.STAGE, c.LEFT, c.RIGHT, c.SHARE])


def candidates() -> pd.DataFrame:
    return pd.DataFrame(
        {c.CLIP: [100.0, 10.0, 1.0], c.BIAS: [0.0, 0.3, 0.8], c.VARIANCE: [0.25, 0.04, 0.0], c.ERROR: [0.25, 0.09, 0.6]}
    )


def notes(figure: go.Figure) -> list[str]:
    return [re.sub(r"<[^>]*>", "", note.text) for note in figure.layout.annotations]


def test_bars_stand_on_the_logarithm_of_the_weights() -> None:
    before, after = weight_histogram(histogram()).data
    assert list(after.x) == pytest.approx([-0.5, 0.5, 1.5])
    assert list(after.width) == pytest.approx([1, 1, 1])
    assert list(after.y) == pytest.approx([50, 50, 0])
    assert list(before.x) == pytest.approx([-1, -1, 0, 1, 2, 2])  # an outline: up, along the tops, and down
    assert list(before.y) == pytest.approx([0, 50, 30, 20, 20, 0])
    assert before.line.shape == "hv"


def test_marks_are_named_and_widen_the_axis() -> None:
    figure = weight_histogram(histogram(), marks={"e<sup>3</sup>": 1000.0, "nowhere": math.inf})
    assert [shape.x0 for shape in figure.layout.shapes] == [3.0]
    assert figure.layout.xaxis.range[1] > 3.0
    assert any("&lt;sup&gt;3" in text for text in notes(figure))  # a name is shown as it is
    assert not any("nowhere" in text for text in notes(figure))
    rows = [note.yshift for note in figure.layout.annotations]
    assert len(set(rows)) == len(rows)  # no two names in one line


def test_ticks_read_as_weights() -> None:
    figure = weight_histogram(histogram())
    assert dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True)) == pytest.approx(
        {"0.1 ×": -1.0, "1 ×": 0.0, "10 ×": 1.0, "100 ×": 2.0}
    )


def test_errors_are_drawn_in_the_unit_of_the_estimate() -> None:
    figure = clip_errors(candidates(), marks={"chosen 10": 10.0})
    drawn = {trace.name: np.array(trace.y, dtype=float) for trace in figure.data}
    assert drawn["whole error"] == pytest.approx(np.sqrt([0.25, 0.09, 0.6]))
    assert drawn["cut off (bias)"][1:] == pytest.approx([0.3, 0.8])
    assert drawn["noise"][:2] == pytest.approx([0.5, 0.2])
    assert np.isnan(drawn["noise"][2])  # 0 has no place on a logarithmic axis
    assert np.isnan(drawn["cut off (bias)"][0])
    assert list(figure.data[0].x) == pytest.approx([2, 1, 0])
    assert any("chosen 10" in text for text in notes(figure))


def test_text_and_background_are_left_to_the_theme() -> None:
    for figure in (weight_histogram(histogram()), clip_errors(candidates())):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None
        assert figure.layout.xaxis.title.text


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(DataError, match="no column 'share'"):
        weight_histogram(histogram().drop(columns=c.SHARE))
    with pytest.raises(DataError, match="no column 'bias'"):
        clip_errors(candidates().drop(columns=c.BIAS))
