"""A plain pair list, with and without a catalogue."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relvid_core.config import SplitConfig
from relvid_core.data.adapters import pairs
from relvid_core.data.split import split_pairs
from relvid_core.errors import DataError, NotEnoughData, UnknownVideo

Folder = Callable[..., Path]


def test_pairs_add_up_over_the_catalogue(folder: Folder) -> None:
    dataset = pairs.load(folder("pairs"))
    assert dataset.pairs is not None
    assert dataset.pairs.matrix.toarray().tolist() == [[0, 5, 0], [1, 0, 0], [0, 0, 0]]
    assert dataset.catalog.titles == ["Apple pie", "Bread", "Cycling"]
    assert dataset.interactions.popularity.tolist() == [1, 1, 0]
    assert any("1 pairs of a video with itself" in note for note in dataset.notes)


def test_without_catalogue_and_weights(folder: Folder) -> None:
    dataset = pairs.load(folder("pairs", {"catalogue.csv": None, "pairs.csv": "seed_id,candidate_id\nz,y\ny,x\n"}))
    assert dataset.catalog.titles == ["Video x", "Video y", "Video z"]
    assert dataset.pairs is not None
    assert dataset.pairs.matrix.toarray().tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert any("no catalogue" in note for note in dataset.notes)


def test_loaded_pairs_can_be_split(folder: Folder) -> None:
    rows = "".join(f"{i},{(i * 7 + 1) % 50}\n" for i in range(50))
    dataset = pairs.load(folder("pairs", {"catalogue.csv": None, "pairs.csv": "seed_id,candidate_id\n" + rows}))
    assert dataset.pairs is not None
    fold = split_pairs(dataset.pairs, SplitConfig())
    assert fold.history.matrix.nnz + fold.target.matrix.nnz == dataset.pairs.matrix.nnz


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("seed_id,candidate_id\na,q\n", UnknownVideo, r"row 1: video 'q' is not in the catalogue"),
        ("seed_id,candidate_id\n", NotEnoughData, "a header and no pairs"),
        ("seed_id,candidate_id\na,a\n", NotEnoughData, "none of the 1 pairs"),
        ("seed_id,candidate_id,weight\na,b,1e30\n", DataError, "row 1, column weight: found 1e"),
        ("seed_id,candidate_id,weight\na,b,1\na,b,-1\n", DataError, "row 2, column weight: found -1"),
        ("seed,candidate\na,b\n", DataError, "no column 'seed_id', 'candidate_id'; found 'seed', 'candidate'"),
    ],
)
def test_bad_pairs_are_refused(folder: Folder, content: str, error: type[DataError], message: str) -> None:
    with pytest.raises(error, match=message):
        pairs.load(folder("pairs", {"pairs.csv": content}))
