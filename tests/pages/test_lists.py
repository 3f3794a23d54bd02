"""The marks on cards and the words above the columns, for one to four lists beside each other."""

from __future__ import annotations

import re

import pandas as pd

from pages.ui.card_tags import place_words, tags
from pages.ui.run_lists import overlap_words

K = 3


def places(lists: dict[str, list[int]], kept: dict[str, list[int]] | None = None) -> pd.DataFrame:
    """What `compare.side_by_side` says of lists of rows, worked out the slow way. `kept` lists go on beyond `K`."""
    whole = {side: [*rows, *((kept or {}).get(side, []))] for side, rows in lists.items()}
    sides, found = list(lists), []
    for side, rows in lists.items():
        other = sides[0] if side != sides[0] else (sides[1] if len(sides) > 1 else None)
        for rank, row in enumerate(rows, start=1):
            ranks = tuple(whole[one].index(row) + 1 if row in whole[one] else 0 for one in sides)
            there = 0 if other is None else ranks[sides.index(other)]
            found.append((side, rank, row, 0 < there <= K, there, ranks))
    return pd.DataFrame(found, columns=["run", "rank", "row", "in_other", "rank_in_other", "ranks"])


def marks(frame: pd.DataFrame, sides: list[str]) -> dict[str, list[str]]:
    """Side → what stands on the picture of each card beside its rank."""
    said: dict[str, list[str]] = {side: [] for side in sides}
    for place in frame.to_dict("records"):
        shown = re.findall(r">([^<]+)</span>", tags(place, sides, K))
        assert shown[0] == str(place["rank"])
        said[str(place["run"])].append(" ".join(shown[1:]))
    return said


def labels(frame: pd.DataFrame, sides: list[str]) -> list[str]:
    """What is read aloud instead of the signs."""
    return [
        label
        for place in frame.to_dict("records")
        for label in re.findall(r'aria-label="([^"]*)"', tags(place, sides, K))
    ]


def test_one_list_has_ranks_only() -> None:
    assert marks(places({"A": [1, 2, 3]}), ["A"]) == {"A": ["", "", ""]}


def test_two_lists_show_what_entered_what_dropped_and_what_moved() -> None:
    frame = places({"A": [1, 2, 3], "B": [1, 3, 9]}, kept={"B": [2]})
    assert marks(frame, ["A", "B"]) == {"A": ["=", "not in B", "B: 2"], "B": ["=", "▲1", "new"]}
    assert labels(frame, ["A", "B"]) == [
        "the same place as in B",
        "not among the first 3 of B, there it is number 4",
        "number 2 in B",
        "the same place as in A",
        "number 3 in A",
        "not among the first 3 of A",
    ]


def test_more_lists_are_held_against_the_first_and_only_drops_stand_in_it() -> None:
    sides = ["A", "B", "C", "D"]
    frame = places({"A": [1, 2, 3], "B": [1, 2, 3], "C": [3, 1, 7], "D": [7, 8, 1]}, kept={"D": [3]})
    assert marks(frame, sides) == {
        "A": ["", "not in C, D", "not in D"],
        "B": ["=", "=", "="],
        "C": ["▲2", "▼1", "new"],
        "D": ["new", "new", "▼2"],
    }
    assert labels(frame, sides)[0] == "not among the first 3 of C or D"


def test_places_in_words() -> None:
    frame = places({"A": [1, 2, 3], "B": [3, 1, 7], "C": [5, 6, 1]})
    sides = ["A", "B", "C"]
    said = {(place["run"], place["row"]): place_words(place, sides) for place in frame.to_dict("records")}
    assert said["A", 1] == "Number 2 in B, number 3 in C."
    assert said["B", 7] == "Not in A, not in C."
    assert said["C", 5] == "Not in A, not in B."
    assert place_words(places({"A": [1, 2, 3]}).to_dict("records")[0], ["A"]) == ""


def test_overlap_in_words() -> None:
    assert overlap_words(places({"A": [1, 2, 3]}), K) == ""
    assert overlap_words(places({"A": [1, 2, 3], "B": [3, 1, 9]}), K) == "2 of 3 videos stand in both lists."
    assert overlap_words(places({"A": [1, 2, 3], "B": [3, 1, 2]}), K) == "Both lists hold the same videos."
    assert overlap_words(places({"A": [1, 2, 3], "B": [4, 5, 6]}), K) == "The two lists have no video in common."
    three = places({"A": [1, 2, 3], "B": [3, 1, 9], "C": [9, 8, 3]})
    assert overlap_words(three, K) == "Of the 3 videos of A, B also shows 2 and C 1; 1 of them stands in all 3 lists."
    apart = places({"A": [1, 2, 3], "B": [3, 1, 9], "C": [9, 8, 7], "D": [1, 2, 3]})
    assert overlap_words(apart, K) == (
        "Of the 3 videos of A, B also shows 2, C 0 and D 3; none of them stand in all 4 lists."
    )
