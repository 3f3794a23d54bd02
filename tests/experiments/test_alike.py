"""Trainings that differ only in their seed: asked for, found again, and their spread worked by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.errors import ConfigError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.alike import Spread, seeded, spreads, twin_groups, twins_of, without_seed
from relvid_core.experiments.prepared import evaluation_key
from relvid_core.experiments.run import RunInfo

_CLOCK = itertools.count(1)
PLAIN = ExperimentConfig()


def card(config: ExperimentConfig, fingerprint: str = "f") -> RunInfo:
    made = float(next(_CLOCK))
    key = evaluation_key(fingerprint, config)
    return RunInfo(f"r{made:.0f}", "label", "model", made, "d", "D", fingerprint, key, config, 3, 1.0)


def of_seed(seed: int, config: ExperimentConfig = PLAIN) -> RunInfo:
    return card(config.with_values(training__seed=seed))


def test_one_training_is_asked_for_as_it_is() -> None:
    config = PLAIN.with_values(training__seed=7)
    assert seeded(config, 1, "mine") == [(config, "mine")]


def test_several_have_the_next_seeds_and_a_label_in_common() -> None:
    asked = seeded(PLAIN.with_values(training__seed=7), 3)
    assert [config.training.seed for config, _ in asked] == [7, 8, 9]
    assert [label for _, label in asked] == [f"engagement only · seed {seed}" for seed in (7, 8, 9)]
    assert {without_seed(config) for config, _ in asked} == {PLAIN}


def test_a_long_label_is_cut_before_its_seed() -> None:
    labels = [label for _, label in seeded(PLAIN.with_values(training__seed=2_000_000_000), 2, "x" * 80)]
    assert [len(label) for label in labels] == [80, 80]
    assert [label.split("…")[1] for label in labels] == [" · seed 2000000000", " · seed 2000000001"]


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ConfigError, match="received 0"):
        seeded(PLAIN, 0)
    with pytest.raises(ConfigError, match=r"training\.seed"):
        seeded(PLAIN.with_values(training__seed=2**31 - 1), 2)


def test_twins_differ_in_their_seed_and_in_nothing_else() -> None:
    other = PLAIN.with_values(objective__relevance_weight=0.5)
    first, second, alone = of_seed(0), of_seed(1), of_seed(2, other)
    elsewhere, longer = card(PLAIN.with_values(training__seed=3), "g"), of_seed(4, PLAIN.with_values(evaluation__k=5))
    baseline = replace(of_seed(5), kind="baseline")
    infos = [second, alone, elsewhere, longer, baseline, first]
    assert twin_groups(infos) == [[second, first]]
    assert twins_of(first, infos) == [second, first]
    assert twins_of(alone, infos) == twins_of(elsewhere, infos) == twins_of(baseline, infos) == []


def test_a_repeated_seed_is_no_second_training() -> None:
    older, newer, other = of_seed(0), of_seed(0), of_seed(1)
    assert twin_groups([newer, older]) == []
    assert twin_groups([newer, older, other]) == [[newer, other]]
    assert twins_of(older, [newer, older, other]) == [newer, other]


def test_warm_starts_share_the_chance_of_their_beginning_and_do_not_count() -> None:
    warm = [replace(of_seed(seed), started_from="r0") for seed in (0, 1)]
    cold = of_seed(2)
    assert twin_groups([*warm, cold]) == []
    assert twins_of(warm[0], [*warm, cold, of_seed(3)]) == []


def estimates(**means: float) -> dict[str, Estimate]:
    return {name: Estimate(mean, 0.0, 1.0, 9) for name, mean in means.items()}


def test_spread_by_hand() -> None:
    found = spreads([estimates(recall=0.2, only=1.0), estimates(recall=0.5), estimates(recall=0.2)])
    # mean 0.3; squares 0.01 + 0.04 + 0.01 over n − 1 = 2
    assert set(found) == {"recall"}
    assert found["recall"].deviation == pytest.approx(np.sqrt(0.03))
    assert found["recall"] == Spread(found["recall"].deviation, 0.2, 0.5, 3)


def test_one_training_has_no_spread_and_neither_has_what_is_undefined() -> None:
    assert spreads([estimates(recall=0.2)]) == spreads([]) == {}
    assert spreads([estimates(recall=float("nan")), estimates(recall=0.2)]) == {}
