"""The map by the data it holds: which point is which video, what marks say, and titles that are texts."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts.map import MOST_DRAWN, TOPIC_COLOURS, Marks, drawn_rows, map_marks, map_points
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


def unpacked(drawn: dict[str, Any], name: str) -> list[Any]:
    kinds = {"rows": "<i4", "x": "<f4", "y": "<f4", "style": "u1"}
    return np.frombuffer(base64.b64decode(drawn[name]), kinds[name]).tolist()


def test_each_topic_is_a_style_and_points_are_found_again() -> None:
    drawn = map_points(frame(), names=["Food", "<i>Travel</i>"])
    assert [style["words"] for style in drawn["styles"]] == ["other or none", "Food", "<i>Travel</i>"]
    assert [style["colour"] for style in drawn["styles"]] == [QUIET, *TOPIC_COLOURS[:2]]
    rows = unpacked(drawn, "rows")
    assert rows[0] == 2  # the rest first, so that it lies below
    assert sorted(rows) == [0, 1, 2, 3, 4]
    assert unpacked(drawn, "style") == [{0: 2, 1: 1, 2: 0, 3: 1, 4: 2}[row] for row in rows]
    assert unpacked(drawn, "x") == rows
    assert unpacked(drawn, "y") == [row + 5 for row in rows]
    assert drawn["titles"][rows.index(3)] == "three"
    assert drawn["scale"] is None


def test_a_topic_without_videos_has_no_style() -> None:
    drawn = map_points(frame().assign(group=[2, 0, 0, 0, 2]), names=["Food", "Travel", "Music"])
    assert [(style["words"], style["colour"]) for style in drawn["styles"]] == [
        ("Food", TOPIC_COLOURS[0]),
        ("Music", TOPIC_COLOURS[2]),
    ]


def test_of_many_videos_a_fixed_sample_is_drawn() -> None:
    assert drawn_rows(5).tolist() == [0, 1, 2, 3, 4]
    assert len(drawn_rows(20_000)) == 20_000
    rows = drawn_rows(50_000)
    assert np.all(np.diff(rows) > 0)
    assert len(rows) == MOST_DRAWN
    assert rows.tolist() == drawn_rows(50_000).tolist()


def test_popularity_is_a_scale_from_teal_over_grey_to_orange() -> None:
    drawn = map_points(frame(), by_popularity=True)
    shares = [25 * row for row in unpacked(drawn, "rows")]
    words = [drawn["styles"][place]["words"] for place in unpacked(drawn, "style")]
    assert words == [f"more watched than {share}\u202f%" for share in shares]
    colours = [style["colour"] for style in drawn["styles"]]
    assert (colours[0], colours[2], colours[4]) == (RUN_A, QUIET, RUN_B)
    assert drawn["scale"]["colours"] == [RUN_A, QUIET, RUN_B]


def test_titles_are_short_texts() -> None:
    drawn = map_points(frame(), by_popularity=True)
    titles = dict(zip(unpacked(drawn, "rows"), drawn["titles"], strict=True))
    assert (titles[1], titles[2]) == ("<b>one</b>", "%{x} & two")  # the browser makes text nodes of them
    assert len(titles[4]) == 44


def test_no_topic_lies_upon_all_others() -> None:
    many = pd.DataFrame(
        {"x": np.arange(900.0), "y": 0.0, c.TITLE: "t", "group": np.arange(900) // 300, "percentile": 0}
    )
    style = np.array(unpacked(map_points(many, names=["Food", "Travel", "Music"]), "style"))
    assert all(60 <= np.count_nonzero(style[-300:] == topic) <= 140 for topic in range(3))


def test_the_key_tells_one_map_from_another() -> None:
    first, again = (map_points(frame(), by_popularity=True)["key"] for _ in range(2))
    assert first == again
    assert first != map_points(frame(), names=["Food", "Travel"])["key"]
    assert first != map_points(frame().assign(x=[0.0, 1.0, 2.0, 3.0, 4.5]), by_popularity=True)["key"]
    assert first != map_points(frame().assign(title=list("abcde")), by_popularity=True)["key"]


def test_neighbours_have_the_colours_of_their_runs_and_bring_their_places() -> None:
    marks = [Marks("A", np.array([1, 2])), Marks("B", np.array([2]))]
    drawn = map_marks(frame(), seed=0, marks=marks, names=["Food", "Travel"])
    assert drawn["seed"] == {"row": 0, "x": 0.0, "y": 5.0, "title": "zero", "words": "Travel"}
    a, b = drawn["runs"]
    assert (a["name"], b["name"]) == ("neighbours under A", "neighbours under B")
    assert (a["colour"], b["colour"]) == (RUN_A, RUN_B)
    assert a["shape"] != b["shape"]
    assert [(one["row"], one["x"], one["y"], one["words"]) for one in a["videos"]] == [
        (1, 1.0, 6.0, "Food"),
        (2, 2.0, 7.0, "other or none"),
    ]
    assert [one["title"] for one in b["videos"]] == ["%{x} & two"]
    popular = map_marks(frame(), seed=3, by_popularity=True)
    assert popular["runs"] == []
    assert popular["seed"]["words"] == "more watched than 75\u202f%"
    json.dumps([drawn, popular])  # it goes to the browser


def test_a_missing_column_and_a_third_run_are_named() -> None:
    with pytest.raises(DataError, match="map: no column 'group'"):
        map_points(frame().drop(columns="group"))
    with pytest.raises(DataError, match="map: no column 'percentile'"):
        map_marks(frame().drop(columns="percentile"), seed=0, by_popularity=True)
    with pytest.raises(DataError, match="marks for run 'C'"):
        map_marks(frame(), seed=0, marks=[Marks("C", np.array([1]))], names=["Food", "Travel"])


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
