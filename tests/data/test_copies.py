"""Copies of a video: equal texts and equal vectors, and what is too common to be a copy."""

from pathlib import Path

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.copies import MOST_COPIES, alone, copy_groups
from relvid_core.data.vector_files import VideoVectors


def catalog(titles: list[str], descriptions: list[str] | None = None) -> Catalog:
    frame = pd.DataFrame({c.VIDEO_ID: [f"v{i}" for i in range(len(titles))], c.TITLE: titles})
    if descriptions is not None:
        frame[c.DESCRIPTION] = descriptions
    return Catalog.from_frame(frame, source="test")


def groups(found: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(found == number).tolist()) for number in found}


def test_equal_title_and_description_make_copies() -> None:
    texts = catalog(["A cat", "a  CAT", "A cat", "A dog", ""], ["sleeps", "sleeps", "runs", "sleeps", ""])
    assert groups(copy_groups(texts, {})) == {frozenset({0, 1}), frozenset({2}), frozenset({3}), frozenset({4})}


def test_videos_without_a_text_are_no_copies() -> None:
    assert len(set(copy_groups(catalog(["", "", ""]), {}).tolist())) == 3


def test_equal_vectors_make_copies_and_join_those_by_text() -> None:
    matrix = np.array([[1, 0], [0, 1], [1, 0], [0, 0], [0, 0]], dtype=np.float32)
    found = copy_groups(catalog(["one", "two", "three", "two", "four"]), {"text": VideoVectors(matrix, (Path("x"),))})
    assert groups(found) == {frozenset({0, 2}), frozenset({1, 3}), frozenset({4})}  # zeros are no vector


def test_a_text_that_many_share_is_a_form() -> None:
    few, many = ["copied"] * MOST_COPIES, ["no title"] * (MOST_COPIES + 1)
    sizes = np.bincount(copy_groups(catalog([*few, *many]), {}))
    assert sorted(sizes.tolist()) == [1] * (MOST_COPIES + 1) + [MOST_COPIES]
    assert alone(3).tolist() == [0, 1, 2]


WALK = (
    "A quiet walk through the old harbour in the early morning, filmed without a word. We pass the fishing boats, the "
    "market before it opens, the lighthouse and the long stone wall, and listen to the gulls and to the sea."
)


def test_nearly_equal_texts_make_copies() -> None:
    other = "How to mend a bicycle chain in five minutes with nothing but a stone and a piece of wire"
    found = copy_groups(catalog([WALK, f"{WALK} New!", WALK.replace("the ", "a mountain "), other]), {})
    assert groups(found) == {frozenset({0, 1}), frozenset({2}), frozenset({3})}


def test_another_part_and_a_remake_are_no_copies() -> None:
    parts = [f"{WALK} Part {part}." for part in (1, 2, 2)]
    films = [f"{WALK} ({year})" for year in (1968, 1999)]
    found = copy_groups(catalog([*parts, *films]), {})
    assert groups(found) == {frozenset({0}), frozenset({1, 2}), frozenset({3}), frozenset({4})}


def test_near_texts_that_hang_together_with_many_are_a_form() -> None:
    forms = [f"{WALK} {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    assert len(set(copy_groups(catalog(forms), {}).tolist())) == len(forms) > MOST_COPIES
    assert len(set(copy_groups(catalog(forms[:MOST_COPIES]), {}).tolist())) == 1
