"""Topics that training is not shown, down to the grades of the relevance loss."""

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.hidden_topics import hidden_videos, shown_topics
from relvid_core.data.relevance import TopicGrades
from relvid_core.data.topics import Topics, relevance_features

TOPICS = Topics.from_paths([[("Food", f"Dish {i % 4}")] if i % 5 else [] for i in range(200)])


def hiding(**settings: object) -> ExperimentConfig:
    return ExperimentConfig().with_values(objective__relevance_weight=1.0, **settings)


def test_a_fixed_share_of_the_labelled_videos_is_hidden() -> None:
    hidden = hidden_videos(TOPICS, 0.3)
    labelled = np.array([bool(video) for video in TOPICS.paths])
    assert hidden.sum() == round(0.3 * 160)
    assert not (hidden & ~labelled).any()
    assert np.array_equal(hidden, hidden_videos(TOPICS, 0.3))
    assert (hidden <= hidden_videos(TOPICS, 0.6)).all()  # more of them hides the same ones first


def test_grades_of_hidden_videos_are_zero_and_the_others_are_as_before() -> None:
    hidden = hidden_videos(TOPICS, 0.3)
    every = np.arange(200, dtype=np.int32)
    before = TopicGrades(relevance_features(shown_topics(TOPICS, hiding()))).rows(every)
    shown = shown_topics(TOPICS, hiding(objective__hide_topics=True))
    after = TopicGrades(relevance_features(shown)).rows(every)
    assert before[hidden].any()
    assert not after[hidden].any()
    assert not after[:, hidden].any()
    assert np.array_equal(after[~hidden][:, ~hidden], before[~hidden][:, ~hidden])


def test_the_top_level_alone_tells_no_finer_topic_apart() -> None:
    shown = shown_topics(TOPICS, hiding(objective__topic_level=1))
    assert {path for video in shown.paths for path in video} == {("Food",)}
    grades = TopicGrades(relevance_features(shown)).rows(np.array([1], dtype=np.int32))[0]
    assert grades[[2, 3, 6]].tolist() == pytest.approx([1, 1, 1])  # Dish 2, 3 and 2 beside Dish 1


def test_paths_that_become_equal_count_once() -> None:
    assert Topics.from_paths([[("A", "x"), ("A", "y"), ("B",)]]).cut(1).paths == ((("A",), ("B",)),)
