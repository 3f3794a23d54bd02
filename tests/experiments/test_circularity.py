"""Which measures grade a run by what trained it."""

from dataclasses import replace
from typing import Any

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.circularity import circularity, first_reason, shows_no_more, untold
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.warm import nearest_run

PLAIN = ExperimentConfig()
JUDGES = (("semantic_text", "tfidf"), ("semantic_visual", "descriptor"), ("semantic_teacher", "teacher"))
BY_TOPICS: dict[str, Any] = {"objective__relevance_weight": 1.0}


def info(run_id: str = "r", **settings: Any) -> RunInfo:
    config = PLAIN.with_values(**settings)
    return RunInfo(run_id, "Run", "model", 1.0, "d", "D", "print", "key", config, 9, 1.0, judged_by=JUDGES)


@pytest.mark.parametrize(
    ("settings", "circular"),
    [
        ({"towers__use_text": False}, set()),
        ({}, {"semantic_text"}),  # the towers read TF-IDF, which is the judge
        ({"towers__text_encoder": "sentence"}, set()),
        ({"towers__use_text": False, "towers__use_visual": True}, {"semantic_visual"}),
        ({"towers__text_encoder": "clip", "towers__use_visual": True, "towers__visual_encoder": "clip"}, set()),
        ({"towers__use_text": False, **BY_TOPICS}, {"topic_match", "topic_match_hidden", "topic_match_fine"}),
        (
            {"towers__use_text": False, **BY_TOPICS, "objective__hide_topics": True},
            {"topic_match", "topic_match_fine"},
        ),
        ({"towers__use_text": False, **BY_TOPICS, "objective__topic_level": 1}, {"topic_match", "topic_match_hidden"}),
        ({"towers__use_text": False, **BY_TOPICS, "objective__relevance_source": "teacher"}, {"semantic_teacher"}),
        ({"towers__use_text": False, "objective__hide_topics": True}, set()),  # of a loss that has no weight
        ({"towers__use_text": False, "off_policy__strength": 0.5}, {"weighted_recall"}),
    ],
)
def test_what_trained_a_run_does_not_judge_it_unnoticed(settings: dict[str, Any], circular: set[str]) -> None:
    metrics = (
        "recall", "weighted_recall", "topic_match", "topic_match_hidden", "topic_match_fine", "semantic_text",
        "semantic_visual", "semantic_teacher", "popular_share",
    )  # fmt: skip
    reasons = first_reason([info(**settings)], metrics)
    assert set(reasons) == circular
    assert all(why.endswith(".") and why[0].isupper() for why in reasons.values())


def test_reasons_say_how_much_was_told() -> None:
    assert "70\u202f% of the topics" in str(circularity(info(**BY_TOPICS, objective__hide_topics=True), "topic_match"))
    assert "the top level of" in str(circularity(info(**BY_TOPICS, objective__topic_level=1), "topic_match"))
    by_top_level = info(**BY_TOPICS, objective__topic_level=1, evaluation__topic_level=1)
    assert "the same topics" in str(circularity(by_top_level, "topic_match"))


def test_honest_readings_are_those_of_what_was_kept_from_a_training() -> None:
    assert untold(info(**BY_TOPICS)) == untold(info()) == ()
    assert untold(info(**BY_TOPICS, objective__hide_topics=True)) == ("topic_match_hidden",)
    both = info(**BY_TOPICS, objective__hide_topics=True, objective__topic_level=1)
    assert untold(both) == ("topic_match_hidden", "topic_match_fine")


def test_a_run_that_began_elsewhere_may_have_been_told() -> None:
    warm = replace(info(), started_from="other")
    assert "began from an earlier run" in str(circularity(warm, "topic_match_hidden"))


def test_baselines_learn_nothing_but_one_ranks_by_the_judge() -> None:
    content = replace(info("baseline-content_only-key"), kind="baseline")
    assert circularity(content, "semantic_text") is not None
    assert circularity(content, "topic_match") is None
    assert circularity(replace(info("baseline-ease-key"), kind="baseline"), "semantic_text") is None


def test_a_training_that_hides_topics_begins_from_none_that_saw_them() -> None:
    hiding = PLAIN.with_values(**BY_TOPICS, objective__hide_topics=True)
    saw_all, saw_none, saw_as_much = info("a", **BY_TOPICS), info("b"), replace(info("c"), config=hiding)
    assert nearest_run(hiding, "print", [saw_all]) is None
    assert nearest_run(hiding, "print", [saw_all, saw_none]) == saw_none
    assert nearest_run(hiding, "print", [saw_all, saw_none, saw_as_much]) == saw_as_much
    assert shows_no_more(hiding, saw_all.config)  # the other way round nothing is kept back
