"""MovieLens: both layouts, the threshold, and tags that must not tell of the test window."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from relvid_core.data.adapters import movielens
from relvid_core.errors import DataError, NotEnoughData

Folder = Callable[..., Path]


def test_ratings_from_the_threshold_on_are_engagements(folder: Folder) -> None:
    dataset = movielens.load(folder("movielens"))
    log = dataset.interactions
    assert log.engagements.user.tolist() == [0, 0, 1, 2]
    assert [dataset.catalog.video_id(row) for row in log.engagements.row] == ["10", "20", "10", "20"]
    assert log.engagements.timestamp is not None
    assert log.engagements.timestamp.tolist() == [1000, 2000, 3000, 5000]
    assert log.exposures is None
    assert len(movielens.load(folder("movielens"), like_from=4.5).interactions.engagements) == 2
    assert "4 of 5 ratings" in dataset.notes[1]


def test_genres_are_topics_and_titles_keep_their_commas(folder: Folder) -> None:
    catalog = movielens.load(folder("movielens")).catalog
    assert catalog.titles == ["Heat, The (1995)", "Sabrina (1995)", "Nothing (2000)"]
    assert [catalog.topics.labels(row) for row in range(3)] == [["Action", "Crime"], ["Comedy"], []]


def test_descriptions_hold_early_tags_by_frequency(folder: Folder) -> None:
    dataset = movielens.load(folder("movielens"))
    # 70 % of the rating times 1000 … 5000 is 3800: the tag at 9000 is from the test window.
    assert dataset.catalog.frame["description"].tolist() == ["noir, la", "", ""]
    assert any("3 of 4 tags" in note and "1970-01-01" in note for note in dataset.notes)


def test_tags_are_optional_and_files_may_be_packed(folder: Folder) -> None:
    packed = {"ratings.csv": None, "tags.csv": None, "ratings.csv.gz": "userId,movieId,rating,timestamp\n1,10,4,9\n"}
    dataset = movielens.load(folder("movielens", packed))
    assert len(dataset.interactions.engagements) == 1
    assert set(dataset.catalog.frame["description"]) == {""}


def test_the_1m_layout(folder: Folder) -> None:
    movies = '10::Les Misérables (1995)::Drama|Musical\n20::Sabrina: a "story" (1995)::Comedy\n'.encode("latin-1")
    root = folder("movielens 1M", {"movies.dat": movies})
    assert movielens.matches(root)
    dataset = movielens.load(root)
    assert dataset.catalog.titles == ["Les Misérables (1995)", 'Sabrina: a "story" (1995)']
    assert dataset.catalog.topics.labels(0) == ["Drama", "Musical"]
    assert dataset.interactions.engagements.row.tolist() == [0, 0]


def test_a_threshold_above_every_rating_and_half_a_release(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match=r"ratings\.csv: no engagements"):
        movielens.load(folder("movielens"), like_from=6)
    (tmp_path / "movies.csv").unlink()
    assert not movielens.matches(tmp_path)
    with pytest.raises(DataError, match=r"no movies\.csv in this folder"):
        movielens.load(tmp_path)


def test_the_real_small_release(real: Callable[[str], Path]) -> None:
    started = time.perf_counter()
    dataset = movielens.load(real("ml-latest-small"), like_from=0.5)
    assert time.perf_counter() - started < 5  # 0.3 s on a quiet machine
    assert len(dataset.catalog) == 9742
    assert dataset.interactions.n_users == 610
    assert len(dataset.interactions.engagements) == 100_836
    assert np.count_nonzero(dataset.interactions.popularity) == 9724
    genres = [len(paths) for paths in dataset.catalog.topics.paths]
    assert genres.count(0) == 34
    assert sum(genres) / (9742 - 34) == pytest.approx(2.27, abs=0.005)
    assert dataset.catalog.titles[0] == "Toy Story (1995)"
