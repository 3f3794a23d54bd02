"""Why a video is there, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from pages.ui.cards import popularity_words
from pages.ui.reasons import moved_most, rank_words


def places(side: str, rows: list[tuple[int, int]]) -> pd.DataFrame:
    """One list as `compare.side_by_side` gives it, from (row, rank in the other list)."""
    names = ["run", "rank", "row", "rank_in_other"]
    return pd.DataFrame([(side, rank, *place) for rank, place in enumerate(rows, start=1)], columns=names)


def test_places_of_a_video_in_words() -> None:
    both = pd.concat([places("A", [(7, 2), (8, 0), (9, 30)]), places("B", [(5, 0), (7, 1), (6, 40)])])
    assert rank_words(both) == {
        5: "B 1 · new", 7: "A 1 · B 2", 6: "A 40 · B 3", 8: "A 2 · not in B", 9: "A 3 · B 30",
    }  # fmt: skip
    assert rank_words(places("A", [(7, 0), (8, 0)])) == {7: "A 1", 8: "A 2"}


def test_what_moved_most() -> None:
    a = places("A", [(1, 1)])
    assert moved_most(pd.concat([a, places("B", [(1, 1), (2, 9), (3, 0)])], ignore_index=True)) == 3
    assert moved_most(pd.concat([a, places("B", [(1, 2), (2, 9), (3, 1)])], ignore_index=True)) == 2
    assert moved_most(pd.concat([a, places("B", [(4, 1), (2, 2)])], ignore_index=True)) == 4
    assert moved_most(places("A", [(6, 0), (7, 0)])) == 6


@pytest.mark.parametrize(
    ("percentile", "watches", "words"),
    [
        (1.0, 9, "top 1 %"),
        (0.97, 9, "top 3 %"),
        (0.5, 9, "top 50 %"),
        (0.2, 1, "bottom 20 %"),
        (0.1, 0, "not watched yet"),
    ],
)
def test_popularity_in_words(percentile: float, watches: int, words: str) -> None:
    assert popularity_words(percentile, watches) == words
