"""KuaiRec: the authors' layout and the compact one, texts and categories with their traps, and the observed truth."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from relvid_core.data.adapters import kuairec
from relvid_core.errors import DataError

Folder = Callable[..., Path]


def test_the_full_layout_has_times_and_exposures(folder: Folder) -> None:
    dataset = kuairec.load(folder("kuairec"))
    log = dataset.interactions
    assert log.engagements.row.tolist() == [0]  # a ratio of exactly 2 is not above 2
    assert log.engagements.timestamp is not None
    assert log.engagements.timestamp.tolist() == [1593878903]
    assert log.exposures is not None
    assert log.exposures.value is not None
    assert log.exposures.value.tolist() == [1, 0, 0]
    assert len(kuairec.load(folder("kuairec"), ratio_above=1.0).interactions.engagements) == 2


def test_the_small_matrix_is_the_truth_even_where_it_has_no_time(folder: Folder) -> None:
    dataset = kuairec.load(folder("kuairec"))
    assert dataset.truth is not None
    assert dataset.truth.engagements.row.tolist() == [1]
    assert dataset.truth.exposures is not None
    assert len(dataset.truth.exposures) == 2
    assert dataset.truth_rows is not None
    assert dataset.truth_rows.tolist() == [1, 2]


def test_a_log_alone_has_no_truth_and_says_so(folder: Folder) -> None:
    dataset = kuairec.load(folder("kuairec", {"small_matrix.csv": None}))
    assert dataset.truth is None
    assert dataset.truth_rows is None
    assert any("No small_matrix.csv" in note for note in dataset.notes)


def test_texts_fall_back_and_unknown_is_nothing(folder: Folder) -> None:
    catalog = kuairec.load(folder("kuairec")).catalog
    assert catalog.titles == ["A caption of two lines", "Only a cover", "Video 2"]
    assert catalog.frame["description"].tolist() == ["Cover\nsoup bread", "", ""]
    assert catalog.topics.paths == ((("Food", "Baking", "Bread"),), (("Life",),), (("Category 27",), ("Category 9",)))


def test_the_compact_layout_has_counts_and_no_times(folder: Folder) -> None:
    dataset = kuairec.load(folder("kuairec compact"))
    log = dataset.interactions
    assert (log.engagements.user.tolist(), log.engagements.row.tolist()) == ([0, 0, 1], [0, 1, 0])
    assert log.engagements.value is not None
    assert log.engagements.value.tolist() == [1, 4, 2]
    assert not log.has_time
    assert log.exposures is None
    assert dataset.truth is not None
    assert dataset.truth.n_users == 2  # viewer 8 saw everything and loved nothing
    assert dataset.truth.engagements.row.tolist() == [1]
    assert dataset.truth_rows is not None
    assert dataset.truth_rows.tolist() == [1, 2]
    assert any("no times" in note for note in dataset.notes)
    assert dataset.catalog.titles[0] == "Video 0"
    assert dataset.catalog.topics.paths[1:] == ((("Category 27",), ("Category 9",)), ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item_categories.csv.gz": "video_id,feat\n0,[8]\n1,x\n"}, "row 2, column feat: found 'x'"),
        ({"item_categories.csv.gz": "video_id,feat\n0,[8]\n0,[8]\n"}, "row 2: video_id '0' was already used"),
        ({"item_categories.csv.gz": None}, "neither kuairec_caption_category.csv nor item_categories.csv here"),
        ({"small_matrix_videos.csv.gz": None}, r"no small_matrix_videos\.csv in this folder"),
        ({"small_matrix_videos.csv.gz": "video_id\n2\n"}, "holds cells outside"),
        ({"small_matrix_users.csv.gz": "user_id\n8\n"}, "holds cells outside"),
    ],
)
def test_what_does_not_fit_together_is_refused(folder: Folder, changes: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        kuairec.load(folder("kuairec compact", changes))


def test_the_compact_layout_knows_one_threshold(folder: Folder) -> None:
    with pytest.raises(DataError, match="only views with a watch ratio above 2; received 1"):
        kuairec.load(folder("kuairec compact"), ratio_above=1.0)


def test_the_real_compact_subset(real: Callable[[str], Path]) -> None:
    started = time.perf_counter()
    dataset = kuairec.load(real("kuairec"))
    assert time.perf_counter() - started < 10  # 0.9 s on a quiet machine
    log, truth = dataset.interactions, dataset.truth
    assert len(dataset.catalog) == 10_728
    assert (log.n_users, len(log.engagements)) == (7176, 846_254)
    assert log.engagements.value is not None
    assert log.engagements.value.sum(dtype="float64") == 915_673
    assert (log.popularity > 0).sum() == 10_611
    assert truth is not None
    assert (truth.n_users, len(truth.engagements)) == (1411, 217_175)
    assert (truth.popularity > 0).sum() == 3276
    assert dataset.truth_rows is not None
    assert len(dataset.truth_rows) == 3327
    assert dataset.catalog.topics.n_levels == 3
    assert not any("UNKNOWN" in level or "-124" in level for path in dataset.catalog.topics.names() for level in path)
    assert all(dataset.catalog.topics.paths)  # item_categories fills every gap
    assert not any("\r" in text for text in dataset.catalog.text)
