"""Topic paths: reading, cutting at a level, and graded relevance."""

import numpy as np
import pytest

from relvid_core.data.topics import Topics, format_topic, parse_topics, relevance_features
from relvid_core.errors import DataError

BAKING, ROASTING, FOOD, TRAVEL = ("Food", "Baking"), ("Food", "Roasting"), ("Food",), ("Travel",)


@pytest.mark.parametrize(
    ("cell", "paths"),
    [
        ("", ()),
        (" | > |", ()),
        ("Food", (("Food",),)),
        ("Food>Baking|Food > Baking| Travel ", (("Food", "Baking"), ("Travel",))),
        ("Travel|Food", (("Travel",), ("Food",))),
    ],
)
def test_cells_are_read_as_paths_in_their_order(cell: str, paths: tuple[tuple[str, ...], ...]) -> None:
    assert parse_topics(cell) == paths
    assert parse_topics("|".join(map(format_topic, paths))) == paths


def test_a_cell_with_very_many_topics_is_read_in_linear_time() -> None:
    assert len(parse_topics("|".join(map(str, range(200_000))))) == 200_000


@pytest.mark.parametrize(
    ("video", "message"),
    [
        ([()], r"row 2: 0 levels"),
        ([tuple("abcdefghij")], r"row 2: 10 levels in .*; use 1 to 9"),
        ([(str(i),) for i in range(201)], r"row 2: 201 topics; give 200 at most"),
    ],
)
def test_impossible_topics_are_named_by_row(video: list[tuple[str, ...]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Topics.from_paths([[FOOD], video])


def test_names_and_incidence_at_each_level() -> None:
    topics = Topics.from_paths([[BAKING, TRAVEL], [ROASTING], [BAKING, ROASTING], []])
    assert topics.n_levels == 2
    assert topics.names() == [BAKING, ROASTING, TRAVEL]
    assert topics.names(1) == [FOOD, TRAVEL]
    assert topics.names(2) == topics.names()
    assert topics.incidence().toarray().tolist() == [[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert topics.incidence(1).toarray().tolist() == [[1, 1], [1, 0], [1, 0], [0, 0]]
    assert topics.incidence(1, primary_only=True).toarray().tolist() == [[1, 0], [1, 0], [1, 0], [0, 0]]
    assert topics.labels(0) == ["Food > Baking", "Travel"]


def test_relevance_by_hand() -> None:
    topics = Topics.from_paths([[BAKING], [ROASTING], [BAKING, TRAVEL], [FOOD], []])
    features = relevance_features(topics)
    grades = (features @ features.T).toarray()
    # Two levels weigh 1/3 and 2/3. Videos 0 and 1 share "Food" and nothing deeper.
    assert grades[0, 1] == pytest.approx(1 / 3)
    # Videos 0 and 2: {Food} against {Food, Travel}, then {Baking} against {Baking, Travel}: cosine 1/√2 at both.
    assert grades[0, 2] == pytest.approx(1 / np.sqrt(2))
    # "Food" alone stands for itself on level 2, where "Food > Baking" differs from it.
    assert grades[0, 3] == pytest.approx(1 / 3)
    assert grades[0, 0] == pytest.approx(1)
    assert not grades[4].any()


def test_a_catalogue_without_topics_has_no_levels() -> None:
    topics = Topics.from_paths([[], []])
    assert topics.n_levels == 0
    assert topics.names() == []
    assert topics.incidence().shape == (2, 0)
    assert (relevance_features(topics) @ relevance_features(topics).T).nnz == 0
