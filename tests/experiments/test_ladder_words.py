"""What is said of a ladder follows from its verdicts, and says no more."""

from __future__ import annotations

import math

from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments.compare import Verdict
from relvid_core.experiments.gaps import Gap
from relvid_core.experiments.ladder import RECALL_COLD_SEEDS, RECALL_TAIL_SEEDS, LadderStep, RungName
from relvid_core.experiments.ladder_words import ladder_sentences


def step(rung: RungName, means: dict[str, float], gaps: dict[str, tuple[float, Verdict]] | None = None) -> LadderStep:
    """A rung; measures without a gap of their own have one without evidence."""
    estimates = {name: Estimate(mean, mean - 0.01, mean + 0.01, 100) for name, mean in means.items()}
    if gaps is None:
        return LadderStep(rung, estimates, {})
    quiet: dict[str, tuple[float, Verdict]] = {name: (0.5, "no evidence") for name in means}
    found = {
        name: Gap(Estimate(value, -math.inf, math.inf, 100), 0.01, verdict)
        for name, (value, verdict) in (quiet | gaps).items()
    }
    return LadderStep(rung, estimates, found)


def means(recall: float = 0.1, cold: float = 0.003, topic: float = 0.5, popular: float = 0.3) -> dict[str, float]:
    return {
        RECALL: recall,
        RECALL_TAIL_SEEDS: recall,
        RECALL_COLD_SEEDS: cold,
        TOPIC_MATCH: topic,
        POPULAR_SHARE: popular,
    }


def said(*steps: LadderStep, topics_train: bool = False) -> str:
    return " ".join(ladder_sentences(steps, topics_train=topics_train)).replace("\u202f", " ")


BOTTOM = step("engagement", means())


def test_the_one_lever_that_helps_new_videos_is_named_with_its_figures() -> None:
    relevance = step("relevance", means(topic=0.62), {TOPIC_MATCH: (0.123, "better"), RECALL: (-0.011, "worse")})
    text = step("text", means(cold=0.0204), {RECALL_COLD_SEEDS: (0.0174, "better")})
    assert said(BOTTOM, relevance, text) == (
        "Text is what helps new videos: recall 2.0 % instead of 0.3 %. "
        "Relevance lowers recall by 1.1 points and raises topic match by 12.3 points."
    )


def test_several_that_help_are_each_held_against_the_rung_below() -> None:
    text = step("text", means(cold=0.02), {RECALL_COLD_SEEDS: (0.017, "better")})
    visual = step("visual", means(cold=0.031), {RECALL_COLD_SEEDS: (0.011, "better")})
    assert said(BOTTOM, text, visual) == (
        "Text and pictures help new videos: recall 2.0 % instead of 0.3 % with text and 3.1 % instead of 2.0 % with "
        "pictures."
    )
    assert said(BOTTOM, visual) == "Pictures are what help new videos: recall 3.1 % instead of 0.3 %."


def test_without_evidence_nothing_is_claimed_however_large_the_gap() -> None:
    text = step("text", means(cold=0.9, recall=0.9), {})
    correction = step("correction", means(cold=0.9, recall=0.9), {})
    assert said(BOTTOM, text, correction) == (
        "No lever is shown to help new videos. "
        "There is no evidence that text or the popularity correction changes anything."
    )


def test_without_cold_seeds_new_videos_are_not_mentioned() -> None:
    known = {name: value for name, value in means().items() if name != RECALL_COLD_SEEDS}
    correction = step("correction", known, {POPULAR_SHARE: (-0.031, "less popular")})
    assert said(step("engagement", known), correction) == (
        "The popularity correction lowers the share of popular videos by 3.1 points."
    )


def test_harm_is_said_and_agrees_in_number() -> None:
    visual = step("visual", means(cold=0.001), {RECALL_COLD_SEEDS: (-0.002, "worse"), RECALL: (0.0004, "better")})
    assert said(BOTTOM, visual) == (
        "No lever is shown to help new videos. Pictures raise recall by 0.04 points and lower recall of new videos by "
        "0.2 points."
    )


def test_tail_recall_is_said_only_where_it_goes_another_way() -> None:
    both = {RECALL: (0.02, "better"), RECALL_TAIL_SEEDS: (0.03, "better")}
    assert "rarely watched" not in said(BOTTOM, step("text", means(), both))  # type: ignore[arg-type]
    apart = {RECALL: (-0.02, "worse"), RECALL_TAIL_SEEDS: (0.03, "better")}
    assert "raises recall of rarely watched seeds by 3.0 points" in said(BOTTOM, step("text", means(), apart))  # type: ignore[arg-type]


def test_topics_that_train_and_grade_are_said_with_the_gain() -> None:
    gain = {TOPIC_MATCH: (0.1, "better")}
    relevance = step("relevance", means(), gain)  # type: ignore[arg-type]
    assert "graded by the topics that it learned from" in said(BOTTOM, relevance, topics_train=True)
    assert "graded" not in said(BOTTOM, relevance)
    assert "graded" not in said(BOTTOM, step("text", means(), gain), topics_train=True)  # type: ignore[arg-type]
