"""Which runs may stand beside each other, against what, and whether the correction pays."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.judging import judged_fingerprint
from relvid_core.experiments.prepared import evaluation_key
from relvid_core.experiments.run import Run, RunInfo, RunKind
from relvid_core.experiments.standings import (
    correction_pair,
    correction_verdict,
    current_runs,
    difference,
    estimates_frame,
    reference_for,
    same_run,
    standings,
    why_not_comparable,
)
from relvid_core.retrieval.ranking import Neighbours

_CLOCK = itertools.count(1)
PLAIN = ExperimentConfig()
BALANCED = PLAIN.with_values(objective__relevance_weight=0.5)
CORRECTED = BALANCED.with_values(off_policy__strength=0.5)


def card(config: ExperimentConfig, label: str, *, kind: RunKind = "model", fingerprint: str = "f") -> RunInfo:
    """Every card is newer than the one before."""
    made = float(next(_CLOCK))
    key = evaluation_key(fingerprint, config)
    return RunInfo(f"r{made:.0f}", label, kind, made, "d", "D", fingerprint, key, config, 3, 1.0)


def judged(info: RunInfo, recall: list[float], popular: list[float]) -> Run:
    lists = Neighbours(np.zeros((3, 1), dtype=np.int32), np.zeros((3, 1), dtype=np.float32))
    per_seed = {"recall": np.array(recall), "popular_share": np.array(popular)}
    return Run(info, np.arange(len(recall), dtype=np.int32), per_seed, {}, lists, pd.DataFrame())


def data(*groups: int, fingerprint: str = "f") -> Dataset:
    """A dataset of which only this is asked."""
    return cast(Dataset, SimpleNamespace(fingerprint=fingerprint, copies=np.array(groups)))


def test_current_are_runs_of_this_data_that_would_be_measured_alike_now() -> None:
    plain, other = card(PLAIN, "plain"), card(PLAIN, "other", fingerprint="g")
    with_copies = data(0, 0, 1)
    since = replace(card(PLAIN, "since"), evaluation_key=evaluation_key(judged_fingerprint(with_copies), PLAIN))
    infos = [since, other, plain]
    assert current_runs(infos, data(0, 1, 2)) == [plain]
    assert current_runs(infos, with_copies) == [since]  # its copies were not known when the other was measured
    assert current_runs(infos, data(0, 1, 2, fingerprint="g")) == [other]


def test_no_models_no_standings() -> None:
    assert standings([card(PLAIN, "most popular", kind="baseline")]).models == []


def test_runs_stand_with_the_newest_model_and_its_baselines() -> None:
    old = card(PLAIN.with_values(evaluation__k=5), "old")
    stray = card(PLAIN.with_values(evaluation__k=5), "stray baseline", kind="baseline")
    first, baseline, second = card(PLAIN, "first"), card(PLAIN, "baseline", kind="baseline"), card(BALANCED, "second")
    found = standings([second, baseline, first, stray, old])
    assert found.models == [second, first]
    assert found.baselines == [baseline]
    assert [(info.label, reason) for info, reason in found.others] == [("old", "list length 5 instead of 20")]


def test_reasons_name_what_differs_and_nothing_else() -> None:
    here = card(PLAIN, "here")
    trained_otherwise = PLAIN.with_values(training__epochs=99, split__kind="per_user", coengagement__window=9)
    assert why_not_comparable(card(trained_otherwise, "x"), here) == (
        "split per_user instead of global, steps that make a pair 9 instead of 5"
    )
    assert "other data" in why_not_comparable(card(PLAIN, "x", fingerprint="g"), here)
    assert why_not_comparable(card(PLAIN, "x"), here) == "measured by another version of the program"


def test_every_setting_that_decides_the_evaluation_has_a_word() -> None:
    sections = ("split", "coengagement", "evaluation")
    toml_keys = {f"{section}.{name}" for section in sections for name in vars(getattr(PLAIN, section))}
    reference = card(PLAIN, "here")
    changed = {
        "split.kind": "per_user", "split.fold": "validation", "split.test_share": 0.3, "split.validation_share": 0.2,
        "split.cold_share": 0.1,
        "coengagement.window": 1, "coengagement.symmetric": False, "coengagement.pair_weight": "user",
        "evaluation.k": 3, "evaluation.topic_rule": "any", "evaluation.topic_level": 1, "evaluation.head_share": 0.2,
        "evaluation.hidden_share": 0.2,
        "evaluation.bootstrap_replicates": 50, "evaluation.confidence": 0.9,
    }  # fmt: skip
    assert set(changed) == toml_keys
    for name, value in changed.items():
        other = card(PLAIN.with_values(**{name.replace(".", "__"): value}), "x")
        assert f"{value} instead of" in why_not_comparable(other, reference)


def test_reference_is_the_newest_engagement_only_run_measured_alike() -> None:
    first, second = card(PLAIN, "first"), card(PLAIN.with_values(training__seed=1), "second")
    elsewhere = card(PLAIN.with_values(evaluation__k=3), "elsewhere")
    newest = card(BALANCED, "newest")
    infos = [newest, elsewhere, second, first, card(PLAIN, "baseline", kind="baseline")]
    assert reference_for(newest, infos) == second
    assert reference_for(second, infos) == first


def test_reference_without_an_engagement_only_run_is_the_run_before() -> None:
    older, old = card(BALANCED, "older"), card(CORRECTED, "old")
    newest = card(BALANCED.with_values(training__seed=2), "newest")
    assert reference_for(newest, [newest, old, older]) == old
    assert reference_for(older, [newest, old, older]) is None


def test_same_run_needs_equal_settings_and_equal_data() -> None:
    baseline, run, other = card(PLAIN, "b", kind="baseline"), card(PLAIN, "run"), card(PLAIN, "g", fingerprint="g")
    assert same_run(PLAIN, "f", [other, run, baseline]) == run
    assert same_run(PLAIN, "f", [other, baseline]) is None
    assert same_run(BALANCED, "f", [run]) is None


def test_correction_pair_differs_in_nothing_but_the_correction() -> None:
    plain, balanced, corrected = card(PLAIN, "plain"), card(BALANCED, "balanced"), card(CORRECTED, "corrected")
    assert correction_pair([corrected, balanced, plain]) == (corrected, balanced)
    assert correction_pair([corrected, plain]) is None
    assert correction_pair([balanced, plain]) is None
    # an unused clip on the uncorrected side makes no difference
    clipped = card(BALANCED.with_values(off_policy__clip=5.0), "clip unused")
    assert correction_pair([corrected, clipped]) == (corrected, clipped)


def test_verdict_is_paired_by_seed_and_signed() -> None:
    rng = np.random.default_rng(0)
    base = rng.random(400) * 0.5
    plain = judged(card(BALANCED, "plain"), base.tolist(), [0.5] * 400)
    better = judged(card(CORRECTED, "better"), (base + 0.05).tolist(), [0.3] * 400)
    noisy = judged(card(CORRECTED, "noisy"), rng.permutation(base).tolist(), [0.5] * 400)
    verdict = correction_verdict(better, plain)
    assert verdict.pays
    np.testing.assert_allclose([verdict.recall.mean, verdict.recall.low, verdict.recall.high], 0.05)
    np.testing.assert_allclose(verdict.popular_share.mean, -0.2)
    assert not correction_verdict(noisy, plain).pays
    assert not correction_verdict(plain, better).pays


def test_difference_leaves_out_seeds_that_one_side_lacks() -> None:
    a = judged(card(PLAIN, "a"), [0.5, float("nan"), 0.25], [0.0] * 3)
    b = judged(card(PLAIN, "b"), [0.25, 0.5, 0.25], [0.0] * 3)
    found = difference(a, b, "recall")
    assert (found.mean, found.n) == (0.125, 2)


def test_estimates_frame_is_tidy() -> None:
    frame = estimates_frame({"one": {"recall": Estimate(0.2, 0.1, 0.3, 9)}, "two": {}})
    assert frame.to_dict("records") == [
        {c.RUN: "one", c.METRIC: "recall", c.MEAN: 0.2, c.LOW: 0.1, c.HIGH: 0.3, c.N_SEEDS: 9}
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"objective__popularity_offset": 0.4},
        {"objective__popularity_term": -0.2},
        {"training__softmax": "sampled", "training__log_q": False},
        {"off_policy__strength": 0.1},
        {"objective__relevance_weight": 0.1},
    ],
)
def test_a_run_that_corrects_popularity_in_any_way_is_no_plain_reference(changes: dict[str, object]) -> None:
    plain, corrected = card(PLAIN, "plain"), card(PLAIN.with_values(**changes), "corrected")
    newest = card(BALANCED, "newest")
    assert reference_for(newest, [newest, corrected, plain]) == plain
