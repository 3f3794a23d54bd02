"""The map by the data it holds: which point is which video, what marks say, and titles that try to be markup."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts.map import MOST_DRAWN, TOPIC_COLOURS, Marks, catalogue_map, drawn_rows, trace_places
from relvid_core.charts.palette import QUIET, RUN_A, RUN_B
from relvid_core.errors import DataError

BACKGROUNDS = ("#FBFCFD", "#11181F")


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": [0.0, 1.0, 2.0, 3.0, 4.0],
            "y": [5.0, 6.0, 7.0, 8.0, 9.0],
            c.TITLE: ["zero", "<b>one</b>", "%{x} & two", "three", "four" * 50],
            "group": [1, 0, -1, 0, 1],
            "percentile": [0.0, 0.25, 0.5, 0.75, 1.0],
        }
    )


def test_each_topic_is_one_trace_and_points_are_found_again() -> None:
    figure = catalogue_map(frame(), names=["Food", "<i>Travel</i>"])
    places = trace_places(frame())
    assert [trace.type for trace in figure.data] == ["scattergl"] * 3
    assert [trace.name for trace in figure.data] == ["other or none", "Food", "&lt;i&gt;Travel&lt;/i&gt;"]
    assert [trace.marker.color for trace in figure.data] == [QUIET, *TOPIC_COLOURS[:2]]
    for trace, rows in zip(figure.data, places, strict=True):
        assert trace.x.tolist() == frame()["x"][rows].tolist()
        assert trace.y.tolist() == frame()["y"][rows].tolist()
    assert sorted(np.concatenate(places).tolist()) == [0, 1, 2, 3, 4]


def test_of_many_videos_a_fixed_sample_is_drawn_and_whatever_must_be() -> None:
    assert drawn_rows(5, np.array([3])).tolist() == [0, 1, 2, 3, 4]
    kept = np.array([7, 19_999, 12_345])
    rows = drawn_rows(20_000, kept)
    assert set(kept) <= set(rows)
    assert np.all(np.diff(rows) > 0)
    assert MOST_DRAWN <= len(rows) <= MOST_DRAWN + 3
    assert set(rows) - set(kept) == set(drawn_rows(20_000, np.array([], dtype=np.intp))) - set(kept)  # nothing jumps


def test_popularity_is_one_trace_with_a_scale() -> None:
    figure = catalogue_map(frame(), by_popularity=True)
    (trace,) = figure.data
    assert trace.marker.color.tolist() == [0, 25, 50, 75, 100]
    assert (trace.marker.cmin, trace.marker.cmax) == (0, 100)
    (rows,) = trace_places(frame(), by_popularity=True)
    assert rows.tolist() == [0, 1, 2, 3, 4]


def test_titles_are_text_and_short() -> None:
    (trace,) = catalogue_map(frame(), by_popularity=True).data
    assert trace.text[1] == "&lt;b&gt;one&lt;/b&gt;"
    assert trace.text[2] == "%{x} &amp; two"
    assert len(trace.text[4]) <= 46
    assert "%{text}" in trace.hovertemplate  # the titles themselves are not in the template


def test_neighbours_are_joined_to_the_seed_in_the_colours_of_their_runs() -> None:
    marks = [Marks("A", np.array([1, 2])), Marks("B", np.array([2]))]
    figure = catalogue_map(frame(), names=["Food", "Travel"], seed=0, marks=marks)
    lines_a, marks_a, lines_b, marks_b, star = figure.data[3:]
    np.testing.assert_array_equal(lines_a.x, [0, 1, np.nan, 0, 2, np.nan])
    np.testing.assert_array_equal(lines_b.y, [5, 7, np.nan])
    assert (lines_a.line.color, lines_b.line.color) == (RUN_A, RUN_B)
    assert (marks_a.marker.color, marks_b.marker.color) == (RUN_A, RUN_B)
    assert marks_a.marker.symbol != marks_b.marker.symbol
    assert marks_a.x.tolist() == [1, 2]
    assert star.x == (0,) or list(star.x) == [0]
    assert all(trace.hoverinfo == "skip" for trace in figure.data[3:])  # the points below answer


def test_marks_alone_need_no_seed() -> None:
    figure = catalogue_map(frame(), names=["Food", "Travel"], marks=[Marks("A", np.array([1]))])
    assert [trace.mode for trace in figure.data[3:]] == ["markers"]


def test_a_missing_column_and_a_third_run_are_named() -> None:
    with pytest.raises(DataError, match="map: no column 'group'"):
        catalogue_map(frame().drop(columns="group"))
    with pytest.raises(DataError, match="marks for run 'C'"):
        catalogue_map(frame(), names=["Food", "Travel"], marks=[Marks("C", np.array([1]))])


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722]) + 0.05


def oklab(colour: str) -> np.ndarray:
    """Ottosson 2020."""
    first = [
        [0.41222147, 0.53633254, 0.05144599],
        [0.2119035, 0.6806995, 0.10739696],
        [0.08830246, 0.28171884, 0.6299787],
    ]
    second = [
        [0.21045426, 0.79361779, -0.00407205],
        [1.9779985, -2.4285922, 0.4505937],
        [0.02590404, 0.78277177, -0.80867577],
    ]
    return np.array(second) @ np.cbrt(np.array(first) @ linear(colour))


def test_topic_colours_are_seen_on_both_backgrounds_and_told_apart() -> None:
    for colour, background in itertools.product(TOPIC_COLOURS, BACKGROUNDS):
        light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
        assert light / dark >= 3, (colour, background)
    for one, other in itertools.combinations((*TOPIC_COLOURS, RUN_A, RUN_B, QUIET), 2):
        if {one, other} <= {RUN_A, RUN_B, QUIET}:
            continue  # the palette's own
        assert np.linalg.norm(oklab(one) - oklab(other)) >= 0.11, (one, other)
