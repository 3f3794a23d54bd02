"""Figures by the data they hold, not by their pixels."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from relvid_core import columns as c
from relvid_core.charts import (
    COLOURS,
    RUN_A,
    RUN_B,
    conflict_curves,
    interval_bars,
    loss_curves,
    metric_histograms,
    opening_cosines,
    tradeoff,
)
from relvid_core.charts.layout import label, number
from relvid_core.errors import DataError

HOSTILE = "<a href='http://x'>x</a>\n\u202e" + "y" * 100


def texts(figure: go.Figure) -> list[str]:
    """Every annotation without its markup."""
    return [re.sub(r"<[^>]*>", "", note.text) for note in figure.layout.annotations]


def history(**terms: list[float]) -> pd.DataFrame:
    rows = [(epoch, term, value) for term, values in terms.items() for epoch, value in enumerate(values, start=1)]
    return pd.DataFrame(rows, columns=[c.EPOCH, c.TERM, c.VALUE])


def estimates(**runs: tuple[float, float, float]) -> pd.DataFrame:
    """recall, topic match and popular share of each run, with an interval of ± 0.01."""
    rows = [
        (run, metric, mean, mean - 0.01, mean + 0.01)
        for run, means in runs.items()
        for metric, mean in zip(("recall", "topic_match", "popular_share"), means, strict=True)
    ]
    return pd.DataFrame(rows, columns=[c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH])


def test_the_palette_is_the_one_of_the_theme() -> None:
    theme = tomllib.loads((Path(__file__).resolve().parents[1] / ".streamlit" / "config.toml").read_text("utf-8"))
    assert list(COLOURS) == theme["theme"]["chartCategoricalColors"]


@pytest.mark.parametrize(
    "figure",
    [
        loss_curves(history(total=[1.0, 0.5])),
        conflict_curves(history(all=[0.1, -0.5]), overall=("all", "whole"), parts={}),
        metric_histograms(pd.DataFrame({c.RUN: ["A"], c.VALUE: [0.5]}), title="topic match"),
        tradeoff(estimates(a=(0.1, 0.2, 0.3))),
        interval_bars(estimates(a=(0.1, 0.2, 0.3)).head(1), title="recall"),
    ],
    ids=["curves", "conflict", "histograms", "tradeoff", "bars"],
)
def test_figures_leave_background_and_text_colour_to_the_theme(figure: go.Figure) -> None:
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
    assert figure.layout.xaxis.title.text


def test_loss_curves_draw_each_loss_in_order_of_epochs() -> None:
    shuffled = history(coengagement=[4.0, 3.0, 2.5], relevance=[2.0, 1.0, 0.5], total=[6.0, 4.0, 3.0]).sample(
        frac=1, random_state=0
    )
    figure = loss_curves(shuffled)
    assert {trace.name: list(trace.y) for trace in figure.data} == {
        "engagement": [4.0, 3.0, 2.5],
        "relevance": [2.0, 1.0, 0.5],
        "total": [6.0, 4.0, 3.0],
    }
    assert all(list(trace.x) == [1, 2, 3] for trace in figure.data)
    assert sorted(text.strip("▌") for text in texts(figure)) == ["engagement", "relevance", "total"]


def test_a_loss_that_was_off_and_the_total_that_repeats_are_left_out() -> None:
    figure = loss_curves(history(coengagement=[4.0, 3.0], relevance=[0.0, 0.0], total=[4.0, 3.0]))
    assert [trace.name for trace in figure.data] == ["engagement"]


def test_cosines_in_the_history_are_no_losses() -> None:
    """They share the history of a run and have no business on an axis of nats, nor the place of a line."""
    figure = loss_curves(history(coengagement=[4.0, 3.0], total=[4.0, 3.0], **{"cosine all": [0.5, -0.9]}))
    assert [trace.name for trace in figure.data] == ["engagement"]


def test_a_line_with_gaps_is_drawn_over_the_epochs_it_has() -> None:
    frame = history(coengagement=[4.0, 3.0, 2.0], relevance=[2.0, 1.5, 1.0], total=[6.0, 4.5, 3.0])
    frame = frame[~((frame[c.TERM] == "relevance") & (frame[c.EPOCH] == 2))]
    lines = {trace.name: (list(trace.x), list(trace.y)) for trace in loss_curves(frame).data}
    assert lines["relevance"] == ([1, 3], [2.0, 1.0])


def test_loss_curves_of_a_training_that_has_just_begun() -> None:
    empty = loss_curves(history(), n_epochs=12)
    assert len(empty.data) == 0
    assert empty.layout.xaxis.range[1] >= 12


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    figure = loss_curves(history(coengagement=[9.0, 3.0], relevance=[8.0, 3.001], total=[10.0, 3.002]), height=300)
    heights = sorted(note.y / 7.0 * 240 + note.yshift for note in figure.layout.annotations)
    assert min(np.diff(heights)) > 14  # pixels: the height of a line of text


PARTS = {"content": {"content": "text map"}, "seeds": {"rare": "rare seeds", "popular": "popular seeds"}}


def conflict(**terms: list[float]) -> go.Figure:
    return conflict_curves(history(**terms), overall=("all", "whole model"), parts=PARTS)


def test_conflict_curves_stress_the_whole_and_name_each_line() -> None:
    figure = conflict(all=[0.1, -0.4], rare=[0.5, 0.2], content=[0.0, -0.6], total=[3.0, 2.0])
    drawn = {trace.name: (list(trace.y), trace.line.width) for trace in figure.data}
    assert {name: values for name, (values, _) in drawn.items()} == {
        "whole model": [0.1, -0.4],
        "rare seeds": [0.5, 0.2],
        "text map": [0.0, -0.6],
    }
    assert drawn["whole model"][1] > max(drawn["rare seeds"][1], drawn["text map"][1])
    assert figure.data[-1].name == "whole model"  # on top of the others
    assert list(figure.layout.yaxis.range) == [-1, 1]
    assert sorted(texts(figure)) == ["no conflict", "rare seeds", "text map", "whole model"]
    assert [line.y0 for line in figure.layout.shapes] == [0]


def test_conflict_of_one_loss_alone_is_an_empty_figure() -> None:
    assert len(conflict(total=[3.0, 2.0]).data) == len(conflict().data) == 0


@pytest.mark.parametrize("ends", [(-0.9, -0.9, -0.9, -0.9), (-1.0, -0.99, 1.0, 0.99), (0.0, 0.01, -0.01, 0.0)])
def test_conflict_names_stand_apart_inside_the_figure_in_the_order_of_their_lines(ends: tuple[float, ...]) -> None:
    figure = conflict(
        **{name: [0.0, end] for name, end in zip(("all", "content", "rare", "popular"), ends, strict=True)}
    )
    unit = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) / 2  # pixels of a cosine of 1
    notes = sorted(figure.layout.annotations, key=lambda note: -(unit * note.y - note.ay))
    heights = [unit * note.y - note.ay for note in notes]
    assert -unit <= min(heights) <= max(heights) <= unit + 10
    assert min(-np.diff(heights)) > 14  # the height of a line of text
    assert [note.y for note in notes] == sorted((note.y for note in notes), reverse=True)


def test_opening_cosines_are_those_of_the_first_epoch_lowest_first() -> None:
    frame = history(a=[0.3, -0.9], b=[-0.2, 0.9], total=[5.0, 4.0]).sample(frac=1, random_state=0)
    found = opening_cosines(frame, {"a": "of a", "b": "of b", "absent": "c"})
    assert list(found.items()) == [("of b", -0.2), ("of a", 0.3)]
    assert opening_cosines(history(), {"a": "of a"}) == {}


def test_histograms_count_shares_of_seeds_on_common_bars() -> None:
    frame = pd.DataFrame(
        {c.RUN: ["A"] * 4 + ["B"] * 3, c.VALUE: [0.0, 0.5, 0.5, 1.0, 0.25, math.nan, 0.75]},
    )
    figure = metric_histograms(frame, title="topic match", steps=4, chance=0.1)
    a, b = figure.data
    assert list(a.x) == list(b.x) == [-25, 0, 25, 50, 75, 100, 125]
    assert list(a.y) == [0, 25, 0, 50, 0, 25, 0]
    assert list(b.y) == [0, 0, 50, 0, 50, 0, 0]  # of the two seeds where it is defined
    assert (a.line.color, b.line.color) == (RUN_A, RUN_B)
    assert texts(figure) == ["▌A on average 50\u202f%", "▌B on average 50\u202f%", "▌chance 10\u202f%"]
    assert [line.x0 for line in figure.layout.shapes] == pytest.approx([50, 50, 10])


def test_every_share_of_a_list_falls_on_its_own_bar() -> None:
    shares = np.cumsum([0.0] + [0.05] * 20)  # off the exact shares by rounding, upwards and downwards
    figure = metric_histograms(pd.DataFrame({c.RUN: "A", c.VALUE: shares}), title="share", steps=20)
    assert list(figure.data[0].customdata[1:-1]) == [1] * 21


def test_histogram_labels_stand_in_rows_of_their_own() -> None:
    frame = pd.DataFrame({c.RUN: ["A", "B"], c.VALUE: [0.5, 0.5]})
    figure = metric_histograms(frame, title="share", chance=0.5)
    shifts = sorted(note.yshift for note in figure.layout.annotations)
    assert min(np.diff(shifts)) >= 16


def test_an_undefined_run_and_chance_level_draw_nothing() -> None:
    frame = pd.DataFrame({c.RUN: ["A", "B"], c.VALUE: [0.5, math.nan]})
    figure = metric_histograms(frame, title="share", chance=math.nan)
    assert [trace.name for trace in figure.data] == ["A"]
    assert len(figure.layout.annotations) == 1


def test_interval_bars_keep_the_order_and_the_reach_of_every_run() -> None:
    frame = pd.DataFrame(
        {c.RUN: ["x", "y", "z"], c.MEAN: [0.5, 0.2, 0.1], c.LOW: [0.4, math.nan, 0.05], c.HIGH: [0.7, math.nan, 0.2]}
    )
    figure = interval_bars(frame, title="recall", reference=0.25, reference_name="chance", colours={"y": RUN_B})
    assert list(figure.layout.yaxis.ticktext) == ["x", "y", "z"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first row on top
    x, y, _ = figure.data
    assert (x.x[0], x.error_x.arrayminus[0], x.error_x.array[0]) == pytest.approx((50, 10, 20))
    assert (y.error_x.arrayminus[0], y.error_x.array[0]) == (0, 0)
    assert (x.marker.color, y.marker.color) == (RUN_A, RUN_B)
    assert "interval" in x.hovertemplate
    assert "interval" not in y.hovertemplate
    assert texts(figure) == ["chance 25\u202f%"]


def test_tradeoff_holds_one_point_a_run_with_whiskers_and_fill() -> None:
    figure = tradeoff(estimates(model=(0.1, 0.6, 0.2), plain=(0.2, 0.3, 0.5)), baselines={"plain"})
    (points,) = figure.data
    assert list(points.text) == ["model", "plain"]
    assert list(points.x) == pytest.approx([10, 20])
    assert list(points.y) == pytest.approx([60, 30])
    assert list(points.marker.color) == pytest.approx([20, 50])
    assert list(points.marker.symbol) == ["circle", "diamond-open"]
    assert list(points.error_x.array) == pytest.approx([1, 1])


def test_tradeoff_leaves_out_runs_without_a_topic_match() -> None:
    frame = estimates(model=(0.1, 0.6, 0.2), bare=(0.2, math.nan, 0.5))
    assert list(tradeoff(frame).data[0].text) == ["model"]
    assert len(tradeoff(frame[frame[c.METRIC] == "recall"]).data) == 0


def test_tradeoff_labels_of_two_close_points_do_not_overlap() -> None:
    figure = tradeoff(estimates(far=(0.0, 0.0, 0.1), one=(0.5, 0.5, 0.1), two=(0.505, 0.5, 0.1)))
    assert len({figure.data[0].textposition[i] for i in (1, 2)}) == 2


def ellipse(x: float, y: float) -> np.ndarray:
    """Four corners around a point, in shares."""
    return np.array([[x - 0.02, y], [x, y - 0.01], [x + 0.02, y], [x, y + 0.01]])


def test_tradeoff_draws_the_outline_of_each_run_instead_of_whiskers() -> None:
    frame = estimates(model=(0.1, 0.6, 0.2), plain=(0.2, 0.3, 0.5), few=(0.15, 0.4, 0.1))
    outlines = {"model": ellipse(0.1, 0.6), "plain": ellipse(0.2, 0.3), "few": np.empty((0, 2)), "gone": ellipse(0, 0)}
    model, plain, points = tradeoff(frame, baselines={"plain"}, outlines=outlines).data
    assert list(model.x) == pytest.approx([8, 10, 12, 10, 8])  # percent, and closed
    assert list(model.y) == pytest.approx([60, 59, 60, 61, 60])
    assert (model.fill, plain.fill) == ("toself", "none")
    assert model.fillcolor.startswith("rgba(")
    assert {model.hoverinfo, plain.hoverinfo} == {"skip"}
    assert model.line.color != plain.line.color  # the colour of the point: few and many popular videos
    assert list(points.text) == ["model", "plain", "few"]
    assert points.error_x.array is None


def test_runs_may_have_colours_of_their_own() -> None:
    frame = estimates(A=(0.1, 0.6, 0.2), B=(0.2, 0.3, 0.5), other=(0.15, 0.4, 0.1))
    outlines = {name: ellipse(0.1, 0.6) for name in ("A", "B", "other")}
    *areas, points = tradeoff(frame, colours={"A": RUN_A, "B": RUN_B}, outlines=outlines).data
    assert list(points.marker.color) == [RUN_A, RUN_B, "#92908C"]
    assert points.marker.colorbar.title.text is None
    assert [area.line.color for area in areas[:2]] == [RUN_A, RUN_B]


def test_tradeoff_joins_trainings_of_one_model_at_their_middle() -> None:
    frame = estimates(one=(0.1, 0.6, 0.2), two=(0.2, 0.3, 0.5), three=(0.3, 0.6, 0.2), other=(0.4, 0.4, 0.2))
    star, points = tradeoff(frame, alike=[["one", "two", "three", "unseen"], ["other", "unseen"]]).data
    assert list(star.x) == [10, pytest.approx(20), None, 20, pytest.approx(20), None, 30, pytest.approx(20), None]
    assert list(star.y) == [60, pytest.approx(50), None, 30, pytest.approx(50), None, 60, pytest.approx(50), None]
    said = [data[4] for data in points.customdata]
    assert [("one of 3 trainings" in words) for words in said] == [True, True, True, False]


def test_a_point_knows_the_place_of_its_run_in_the_frame() -> None:
    figure = tradeoff(estimates(bare=(0.2, math.nan, 0.5), model=(0.1, 0.6, 0.2), plain=(0.2, 0.3, 0.5)))
    assert [data[-1] for data in figure.data[0].customdata] == [1, 2]


def test_where_names_find_no_room_the_number_of_the_run_stands_instead() -> None:
    crowd = {f"a rather long name {place}": (0.3 + 0.001 * place, 0.5, 0.1) for place in range(16)}
    alone = {"alone": (0.0, 0.0, 0.2)}
    names, numbers = tradeoff(estimates(**crowd, **alone), numbered=True).data
    assert list(numbers.text) == [str(place) for place in range(1, 18)]
    assert names.text[-1] == "alone"
    short = [(place, text) for place, text in enumerate(names.text, start=1) if text.isdigit()]
    assert len(short) >= 8
    assert all(str(place) == text for place, text in short)
    assert any(text == "a rather long name 0" for text in names.text)  # the first to choose has room
    (only,) = tradeoff(estimates(**crowd)).data
    assert not any(text.isdigit() for text in only.text)


def test_everything_drawn_lies_within_the_axes() -> None:
    outlines = {"model": np.array([[0.03, 0.6], [0.1, 0.59], [0.12, 0.6], [0.1, 0.71]])}
    figure = tradeoff(estimates(model=(0.1, 0.6, 0.2), plain=(0.2, 0.3, 0.5)), outlines=outlines, chance=0.02)
    (left, right), (bottom, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    assert left < 3  # the outline of the model begins at 0.03
    assert right > 20
    assert bottom < 2  # chance
    assert top > 71


def test_two_runs_of_one_name_are_refused() -> None:
    frame = pd.concat([estimates(model=(0.1, 0.6, 0.2))] * 2)
    with pytest.raises(DataError, match="distinct names"):
        tradeoff(frame)


@pytest.mark.parametrize(
    ("chart", "kwargs"),
    [
        (loss_curves, {}),
        (conflict_curves, {"overall": ("all", "all"), "parts": {}}),
        (opening_cosines, {"names": {}}),
        (metric_histograms, {"title": "x"}),
        (tradeoff, {}),
        (interval_bars, {"title": "x"}),
    ],
)
def test_a_frame_without_its_columns_is_named(chart: Any, kwargs: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="received other"):
        chart(pd.DataFrame({"other": [1]}), **kwargs)


def test_labels_from_data_cannot_bring_markup() -> None:
    for figure in (
        tradeoff(estimates(**{HOSTILE: (0.1, 0.6, 0.2)})),
        metric_histograms(pd.DataFrame({c.RUN: [HOSTILE], c.VALUE: [0.5]}), title="share"),
        interval_bars(estimates(**{HOSTILE: (0.1, 0.6, 0.2)}).head(1), title="recall"),
        loss_curves(history(total=[1.0]), names={"total": HOSTILE}),
    ):
        assert "<a" not in str(figure)
        assert "&lt;a" in str(figure)
        assert "y" * 50 not in str(figure)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain", "plain"), ("a\n b", "a b"), ("<b>", "&lt;b&gt;"), ("é", "\u2068é\u2069"), ("x" * 50, "x" * 41 + "…")],
)
def test_label(text: str, shown: str) -> None:
    assert label(text).strip("\u2068\u2069") == shown.strip("\u2068\u2069")


def test_numbers_keep_a_real_minus() -> None:
    assert number(-0.5, percent=True) == "−50\u202f%"
    assert number(-0.1234) == "−0.123"
