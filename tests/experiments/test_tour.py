"""Which runs the tour picks, and that its sentences say no more than the verdicts of planted runs do."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments import tour_words
from relvid_core.experiments.compare import paired_table
from relvid_core.experiments.prepared import evaluation_key
from relvid_core.experiments.run import Run, RunInfo, RunKind
from relvid_core.experiments.tour import Change, changes, levers_between, tour_runs
from relvid_core.retrieval.ranking import Neighbours

_CLOCK = itertools.count(1)
PLAIN = ExperimentConfig()
RELEVANT = PLAIN.with_values(objective__relevance_weight=0.5)
BALANCED = RELEVANT.with_values(off_policy__strength=0.4)
CORRECTED = PLAIN.with_values(off_policy__strength=0.4)
N = 400


def card(config: ExperimentConfig, label: str, *, kind: RunKind = "model", fingerprint: str = "f") -> RunInfo:
    """Every card is newer than the one before."""
    made = float(next(_CLOCK))
    key = evaluation_key(fingerprint, config)
    run_id = f"baseline-popularity-{key}" if kind == "baseline" else f"r{made:.0f}"
    return RunInfo(run_id, label, kind, made, "d", "D", fingerprint, key, config, 3, 1.0)


def newest_first(*infos: RunInfo) -> list[RunInfo]:
    return sorted(infos, key=lambda info: -info.created_at)


def test_the_tour_needs_a_plain_and_a_relevant_model_of_the_present_data() -> None:
    plain, popular, balanced = card(PLAIN, "p"), card(PLAIN, "most popular", kind="baseline"), card(BALANCED, "b")
    found = tour_runs(newest_first(plain, popular, balanced), fingerprint="f", has_topics=True)
    assert found is not None
    assert (found.plain, found.other, found.most_popular, found.corrected) == (plain, balanced, popular, None)
    for some in ([], [plain, popular], [balanced], [plain, card(BALANCED, "x", fingerprint="g")]):
        assert tour_runs(newest_first(*some), fingerprint="f", has_topics=True) is None
    assert tour_runs(newest_first(plain, balanced), fingerprint="g", has_topics=True) is None


def test_a_model_that_differs_in_relevance_alone_goes_before_a_newer_one() -> None:
    plain, relevant, balanced = card(PLAIN, "p"), card(RELEVANT, "r"), card(BALANCED, "b")
    found = tour_runs(newest_first(plain, relevant, balanced), fingerprint="f", has_topics=True)
    assert found is not None
    assert (found.other, found.corrected) == (relevant, (balanced, relevant))


def test_without_topics_the_other_model_corrects() -> None:
    plain, corrected, relevant = card(PLAIN, "p"), card(CORRECTED, "c"), card(RELEVANT, "r")
    found = tour_runs(newest_first(plain, corrected, relevant), fingerprint="f", has_topics=False)
    assert found is not None
    assert found.other == corrected


def test_relevance_by_other_than_topics_is_not_graded_by_training() -> None:
    plain = card(PLAIN, "p")
    for config, by_topics in (
        (RELEVANT, True),
        (RELEVANT.with_values(objective__relevance_source="teacher"), False),
        (CORRECTED, False),
    ):
        found = tour_runs(newest_first(plain, card(config, "o")), fingerprint="f", has_topics=config != CORRECTED)
        assert found is not None
        assert found.graded_by_training == by_topics
    assert found.levers == ["correction"]


def test_runs_measured_otherwise_are_another_story() -> None:
    old = [card(PLAIN, "p"), card(BALANCED, "b")]
    lonely = card(BALANCED.with_values(evaluation__k=7), "newest, measured otherwise")
    found = tour_runs(newest_first(*old, lonely), fingerprint="f", has_topics=True)
    assert found is not None
    assert (found.plain, found.other) == (old[0], old[1])


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (PLAIN, []),
        (RELEVANT, ["relevance"]),
        (RELEVANT.with_values(objective__engagement_weight=0.7), ["relevance"]),
        (BALANCED, ["relevance", "correction"]),
        (BALANCED.with_values(off_policy__clip=5.0), ["relevance", "correction"]),
        (CORRECTED.with_values(training__epochs=3), ["correction", "other settings"]),
        (RELEVANT.with_values(objective__popularity_offset=0.4), ["relevance", "other settings"]),
    ],
)
def test_levers_between(config: ExperimentConfig, wanted: list[str]) -> None:
    assert levers_between(PLAIN, config) == wanted


Values = npt.NDArray[np.float64]


def judged(config: ExperimentConfig, recall: Values, topics: Values, popular: Values) -> Run:
    lists = Neighbours(np.zeros((3, 1), dtype=np.int32), np.zeros((3, 1), dtype=np.float32))
    per_seed = {"recall": recall, "topic_match": topics, "popular_share": popular}
    return Run(card(config, "x"), np.arange(len(recall), dtype=np.int32), per_seed, {}, lists, pd.DataFrame())


def planted(recall: float, topics: float, popular: float, n: int = N) -> dict[str, Change]:
    """The changes of a second run whose true effects are these, on noisy seeds; 0 is an effect that is not there."""
    rng = np.random.default_rng(3)
    base = [rng.random(n) * 0.2, rng.random(n) * 0.5, rng.random(n) * 0.5 + 0.3]
    noise = [rng.normal(0, 0.01, n) for _ in base]
    for values in noise:
        values -= values.mean()  # a planted 0 is no effect at all, not one by bad luck
    plain = judged(PLAIN, *base)
    second = judged(BALANCED, *(b + e + d for b, e, d in zip(base, noise, (recall, topics, popular), strict=True)))
    return dict(changes(paired_table(plain, second)))


def test_changes_keep_means_differences_and_verdicts() -> None:
    found = planted(-0.02, 0.2, 0.0)
    assert (found["recall"].verdict, found["topic_match"].verdict) == ("worse", "better")
    assert found["popular_share"].verdict == "no evidence"
    assert found["topic_match"].after - found["topic_match"].before == pytest.approx(0.2)
    assert found["recall"].difference.n == N


def test_the_price_and_the_gain_are_named_with_their_figures() -> None:
    said = tour_words.trade_words(planted(-0.02, 0.2, -0.1), ["relevance"], graded_by_training=False)
    assert "asked to stay on the subject." in said
    assert "**buys relevance**" in said
    assert "+20.0 points" in said
    assert "**costs recall**" in said
    assert "−2.0 points" in said
    assert "fewer of the most watched" in said
    assert "evidence" not in said
    assert "more than one thing" not in said


def test_nothing_is_claimed_without_evidence() -> None:
    said = tour_words.trade_words(planted(0.0, 0.0, 0.0), ["relevance", "correction"], graded_by_training=True)
    assert said.lower().count("no evidence") + said.count("**no evidence**") >= 3
    for claim in ("buys relevance**", "costs recall**", "wins some", "fewer of", "more of the most", "same topics"):
        assert claim not in said
    assert "more than one thing" in said


def test_every_direction_has_its_own_words() -> None:
    said = tour_words.trade_words(planted(0.02, -0.2, 0.1), ["relevance"], graded_by_training=True)
    assert "does **not** buy relevance" in said
    assert "wins some" in said
    assert "Its lists hold more of" in said


def test_relevance_graded_by_what_it_learned_from_says_so() -> None:
    gain = planted(-0.02, 0.2, 0.0)
    noted = "trained on the same topics that grade it"
    assert noted in tour_words.trade_words(gain, ["relevance"], graded_by_training=True)
    assert noted not in tour_words.trade_words(gain, ["relevance"], graded_by_training=False)


def test_few_seeds_and_missing_topics_are_said() -> None:
    few = planted(-0.02, 0.2, 0.0, n=30)
    assert "Only 30 seed videos" in tour_words.trade_words(few, ["relevance"], graded_by_training=False)
    del few["topic_match"]
    assert "topic" not in tour_words.trade_words(few, ["correction"], graded_by_training=False)


def one(mean: float) -> Estimate:
    return Estimate(mean, mean - 0.01, mean + 0.01, N)


def test_engagement_only_is_described_by_its_own_figures() -> None:
    estimates = {"recall": one(0.061), "topic_match": one(0.402), "popular_share": one(0.335)}
    said = tour_words.engagement_words(estimates, 0.05, None, k=20, head_share=0.05)
    for figure in (
        "lists of 20",
        "6.1\u202f%",
        "40.2\u202f%",
        "5.0\u202f% would",
        "5\u202f% of all videos",
        "33.5\u202f%",
    ):
        assert figure in said
    assert "most watched videos would" not in said
    bare = tour_words.engagement_words(
        estimates | {"topic_match": one(math.nan)}, math.nan, None, k=20, head_share=0.05
    )
    assert "topic match" not in bare


@pytest.mark.parametrize(
    ("effect", "wanted"), [(0.03, "is better than that"), (-0.03, "is worse"), (0.0, "no evidence")]
)
def test_beside_the_most_popular_only_a_verdict_decides(effect: float, wanted: str) -> None:
    estimates = {"recall": one(0.061), "popular_share": one(0.335)}
    said = tour_words.engagement_words(estimates, math.nan, planted(effect, 0, 0)["recall"], k=20, head_share=0.05)
    claims = [words for words in ("is better than that", "is worse", "no evidence") if words in said]
    assert claims == [wanted]


@pytest.mark.parametrize(
    ("effect", "wanted"), [(0.02, "finds **more**"), (-0.02, "finds **less**"), (0.0, "**no evidence**")]
)
def test_the_correction_pays_only_with_a_verdict(effect: float, wanted: str) -> None:
    said = tour_words.correction_words(planted(effect, 0, -0.1), 0.4)
    assert [words for words in ("finds **more**", "finds **less**", "**no evidence**") if words in said] == [wanted]
    assert "lose places, " in said
    assert "strength 0.4" in said


def test_a_correction_without_a_twin_is_not_judged() -> None:
    said = tour_words.correction_words(None, 0.4)
    assert "not known yet" in said
    assert "points" not in said
    assert "no evidence that the most watched videos lose" in tour_words.correction_words(planted(0, 0, 0), 0.4)
    assert "gain places" in tour_words.correction_words(planted(0, 0, 0.1), 0.4)


def test_the_picture_names_only_evident_moves() -> None:
    assert "stands higher and further left, beyond chance" in tour_words.picture_words(planted(-0.02, 0.2, 0))
    assert "stands further right, beyond chance" in tour_words.picture_words(planted(0.02, 0, 0))
    assert "no evidence that A and B stand" in tour_words.picture_words(planted(0, 0, 0))


def test_the_other_steps_name_their_live_figures() -> None:
    assert "1,234 videos" in tour_words.start_words(1234, 56789, trained=True)
    assert "56,789 times" in tour_words.start_words(1234, 56789, trained=True)
    assert "First some small models" in tour_words.start_words(1234, 56789, trained=False)
    assert "12 places of the 20" in tour_words.lists_words(12, 20)
    said = {0: "Nobody", 1: "1 vote so", 2: "2 votes so"}
    assert [tour_words.vote_words(n).count(words) for n, words in said.items()] == [1, 1, 1]
    assert ("Mix" in tour_words.try_words(can_mix=True), "Mix" in tour_words.try_words(can_mix=False)) == (True, False)


def test_the_models_are_told_apart_by_what_they_were_asked() -> None:
    said = tour_words.models_words(["relevance"], 0.5)
    assert "**relevance weight**, 0.5 here and 0 in A" in said
    assert "popularity" not in said
    both = tour_words.models_words(["relevance", "correction"], 0.5)
    assert "B was also asked to correct for popularity." in both
    bare = tour_words.models_words(["correction"], 0.0)
    assert "**Model B** was also asked to correct for popularity." in bare
    assert "relevance weight" not in bare
    for words in (said, both, bare):
        assert "**towers**" in words  # explained where it stands


def test_limits_name_only_what_applies() -> None:
    every = " ".join(tour_words.limits_words(2103, graded_by_training=True, made_up=True))
    fewer = " ".join(tour_words.limits_words(2103, graded_by_training=False, made_up=False))
    for words in ("2,103", "never shown", "Chance has two parts"):
        assert words in every
        assert words in fewer
    for words in ("teach and grade", "made up"):
        assert words in every
        assert words not in fewer


def test_the_story_in_a_sentence_claims_no_more_than_the_verdicts() -> None:
    said = tour_words.summary_words(planted(-0.02, 0.2, 0.0), ["relevance"])
    assert "asking a model to stay on the subject: topic match rises from" in said
    assert "; recall falls from" in said
    assert "; popular share, no evidence of a change (" in said
    none = planted(0.0, 0.0, 0.0)
    assert tour_words.summary_words(none, ["relevance"]).count("no evidence") == 3
    del none["topic_match"]
    assert "topic match" not in tour_words.summary_words(none, ["correction"])
