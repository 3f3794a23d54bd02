"""The pictures of a dataset's health, by the data they hold."""

from __future__ import annotations

import math
import re

import pandas as pd
import plotly.graph_objects as go
import pytest

from relvid_core import columns as c
from relvid_core.charts.health import popularity_curve, share_bars
from relvid_core.errors import DataError

CURVE = pd.DataFrame({c.VIDEO_SHARE: [0.0, 0.1, 0.5, 1.0], c.ENGAGEMENT_SHARE: [0.0, 0.6, 0.9, 1.0]})
SHARES = pd.DataFrame({c.KIND: ["pairs <b>", "chance"], c.SHARE: [0.42, 0.07]})


def notes(figure: go.Figure) -> list[str]:
    return [re.sub(r"<[^>]*>", "", note.text) for note in figure.layout.annotations]


def test_curve_is_drawn_in_per_cent_beside_the_diagonal() -> None:
    alike, log = popularity_curve(CURVE).data
    assert list(alike.x) == list(alike.y) == [0, 100]
    assert list(log.x) == pytest.approx([0, 10, 50, 100])
    assert list(log.y) == pytest.approx([0, 60, 90, 100])


def test_head_is_marked_where_the_curve_stands() -> None:
    figure = popularity_curve(CURVE, head=0.3)
    assert [(*mark.x, *mark.y) for mark in figure.data if mark.name == "head"] == [
        (pytest.approx(30), pytest.approx(75))  # half way between 60 at 10 % and 90 at 50 %
    ]
    assert notes(figure) == ["● the top 30\u202f% take 75\u202f%"]
    assert notes(popularity_curve(CURVE, head=0.1)) == ["● the top 10\u202f% take 60\u202f%"]
    assert not notes(popularity_curve(CURVE))


def test_an_empty_curve_gives_empty_axes() -> None:
    assert not notes(popularity_curve(CURVE[:0], head=0.05))


def test_bars_stand_in_the_order_of_the_frame_and_chance_is_grey() -> None:
    (bars,) = share_bars(SHARES, title="of pairs", quiet="chance").data
    assert list(bars.x) == pytest.approx([42, 7])
    assert list(bars.y) == [0, 1]
    assert list(bars.text) == ["42\u202f%", "7.0\u202f%"]
    assert bars.marker.color[0] != bars.marker.color[1]
    figure = share_bars(SHARES, title="of pairs")
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first row on top
    assert list(figure.layout.yaxis.ticktext) == ["pairs &lt;b&gt;", "chance"]  # a name is shown as it is
    assert len(set(figure.data[0].marker.color)) == 1


def test_axis_holds_the_longest_bar_with_its_number() -> None:
    assert share_bars(SHARES, title="of pairs").layout.xaxis.range[1] > 100
    assert 42 < share_bars(SHARES, title="of pairs", full=False).layout.xaxis.range[1] < 60


def test_an_unknown_share_says_so() -> None:
    (bars,) = share_bars(pd.DataFrame({c.KIND: ["chance"], c.SHARE: [math.nan]}), title="of pairs").data
    assert list(bars.text) == ["–"]
    assert list(bars.x) == [0]


def test_text_and_background_are_left_to_the_theme() -> None:
    for figure in (popularity_curve(CURVE, head=0.1), share_bars(SHARES, title="of pairs")):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None
        assert figure.layout.xaxis.title.text


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(DataError, match="no column 'engagement_share'"):
        popularity_curve(CURVE.drop(columns=c.ENGAGEMENT_SHARE))
    with pytest.raises(DataError, match="no column 'share'"):
        share_bars(SHARES.drop(columns=c.SHARE), title="of pairs")
