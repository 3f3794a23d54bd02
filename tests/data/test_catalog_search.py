"""Searching while typing: ids, words of titles, topics; accents, order, limits, and text that wants to be more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relvid_core.data.catalog import Catalog
from relvid_core.data.catalog_search import CatalogSearch, Found, folded
from relvid_core.data.topics import parse_topics

VIDEOS = [  # id, title, topics, watches
    ("v001", "Crème brûlée for beginners", "Food > Baking", 5),
    ("v002", "Baking bread in a small oven", "Food > Baking | Home", 50),
    ("v003", "A bread oven, built in a day", "Home > Building", 20),
    ("v010", "Riding a bike on the STRASSE", "Sport > Cycling", 9),
    ("v0010", "Große Straße, kleine Räder", "Sport > Cycling", 30),
    ("Oven-7", "Nothing of the sort", "Food > Roasting", 1),
    ("v100", "日本の電車", "Travel > Trains", 2),
    ("v101", "v010 explained", "", 0),
]
WATCHES = np.array([video[3] for video in VIDEOS])


def searching(videos: list[tuple[str, str, str, int]]) -> CatalogSearch:
    frame = pd.DataFrame(videos, columns=["video_id", "title", "topics", "watches"]).drop(columns="watches")
    frame["topics"] = frame["topics"].map(parse_topics)
    return CatalogSearch.of(Catalog.from_frame(frame, source="videos.csv"))


SEARCH = searching(VIDEOS)


def find(text: str) -> Found:
    return SEARCH.find(text, WATCHES)


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\u0301"])
def test_nothing_typed_finds_nothing(nothing: str) -> None:
    assert not find(nothing)
    assert find(nothing) == Found()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("creme brulee", (0,)),  # without accents
        ("CRÈME", (0,)),
        ("cre\u0300me", (0,)),  # accents as signs of their own
        ("strasse", (4, 3)),  # ß is ss; most watched first
        ("電車", (6,)),
        ("oven bread", (1, 2)),  # any order
        ("read ove", (1, 2)),  # inside of words
        ("bread car", ()),  # all of the words
        ("baking bread", (1,)),
        ("  baking \n bread ", (1,)),
    ],
)
def test_titles_are_found_by_all_words_without_case_and_accents(text: str, rows: tuple[int, ...]) -> None:
    assert find(text).titles == rows


def test_a_title_that_begins_with_the_text_comes_before_one_watched_more() -> None:
    assert find("a").titles[0] == 2  # "A bread oven", 20 watches; row 1 has 50
    assert find("a bread").titles == (2, 1)  # "Baking bread in a …" holds both words


def test_an_equal_id_comes_first_and_is_not_repeated_as_a_title() -> None:
    found = find("V010")
    assert found.ids == (3,)
    assert found.titles == (7,)  # whose title holds it
    assert find("v10").ids == (6, 7)  # both begin with it, the more watched one first
    assert find("oven-7").ids == (5,)


def test_short_beginnings_are_words_and_not_ids() -> None:
    assert find("v0").ids == ()
    assert find("v00").ids == (1, 4, 2)  # at most three, the most watched
    assert find("ov").ids == ()
    assert searching([("7", "seven", "", 1), ("77", "more", "", 1)]).find("7", np.array([1, 1])).ids == (0,)


def test_a_topic_leads_to_its_most_watched_videos_and_to_those_below_it() -> None:
    (food,) = find("food").topics
    assert (food.label, food.n_videos, food.rows) == ("Food", 3, (1, 0, 5))
    (baking,) = find("baking").topics
    assert (baking.label, baking.n_videos, baking.rows) == ("Food > Baking", 2, (1, 0))
    assert [topic.label for topic in find("food baking").topics] == ["Food > Baking"]
    assert [topic.label for topic in find("cyc").topics] == ["Sport > Cycling"]
    assert find("food cycling").topics == ()


def test_an_equal_topic_comes_before_one_that_only_holds_the_word() -> None:
    videos = [(f"a{n}", "x", "Arts > Bookbinding", 1) for n in range(5)] + [("b", "x", "Arts > Book", 1)]
    labels = [topic.label for topic in searching(videos).find("book", np.ones(6)).topics]
    assert labels == ["Arts > Book", "Arts > Bookbinding"]


def test_what_is_found_is_limited() -> None:
    videos = [(f"id{n:02d}", f"same words {n}", f"Kind {n} > kind", n) for n in range(20)]
    watches = np.arange(20)
    found = searching(videos).find("same", watches)
    assert found.titles == (19, 18, 17, 16, 15, 14, 13, 12)
    assert searching(videos).find("id0", watches).ids == (9, 8, 7)
    assert len(searching(videos).find("kind", watches).topics) == 3


def test_very_long_text_is_cut_and_quick() -> None:
    assert find("bread " * 100_000).titles == find("bread").titles
    assert find("oven" + " " * 300 + "nothing that is there").titles == find("oven").titles


@pytest.mark.parametrize("text", ["<b>", "%", ".*", "(", "\\", "'; drop", "$x$", "\x00", "\u202e", "[a](b)"])
def test_signs_are_only_signs(text: str) -> None:
    assert find(text).titles == ()
    hostile = [("x", f"title with {text} inside", "", 1)]
    shown = text.strip() and searching(hostile).find(text, np.array([1])).titles
    assert shown in ((0,), ())  # control characters are no part of a stored title


@given(st.text(max_size=60))
def test_any_text_is_answered_with_rows_of_the_catalogue(text: str) -> None:
    found = find(text)
    rows = [*found.ids, *found.titles, *(row for topic in found.topics for row in topic.rows)]
    assert set(rows) <= set(range(len(VIDEOS)))
    assert not set(found.ids) & set(found.titles)
    wanted = folded(text).split()
    assert all(word in folded(VIDEOS[row][1]) for row in found.titles for word in wanted)
