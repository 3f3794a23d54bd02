"""Two runs' lists beside the noise of training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.list_change import find_twins, list_change
from relvid_core.experiments.run import Run, RunInfo
from tests.experiments.made_runs import made_run

PLAIN = ExperimentConfig()
OTHER = PLAIN.with_values(objective__relevance_weight=0.3)
SPLIT = PLAIN.with_values(towers__heads="split", objective__relevance_weight=1.0)


def lists(swapped: int, n: int = 60, k: int = 4) -> np.ndarray:
    """The list of every video, the last `swapped` places of it taken by other videos than those of `lists(0)`."""
    rows = (np.arange(n)[:, None] + 1 + np.arange(k)) % n
    rows[:, k - swapped :] = (rows[:, k - swapped :] + k + 5) % n
    return rows


def run(name: str, swapped: int, config: ExperimentConfig, *, seed: int = 0) -> Run:
    return made_run(name, lists(swapped), config=config.with_values(training__seed=seed))


def info(name: str, config: ExperimentConfig, *, seed: int = 0, kind: str = "model") -> RunInfo:
    return replace(run(name, 0, config, seed=seed).info, kind=kind)  # type: ignore[arg-type]


def test_twins_are_taken_from_the_settings_of_a_then_b_then_any() -> None:
    a, b, third = info("a", PLAIN), info("b", OTHER), info("c", SPLIT)
    of_a, of_b = info("a2", PLAIN, seed=1), info("b2", OTHER, seed=1)
    assert find_twins(a, b, [a, b, third]) is None
    found = find_twins(a, b, [of_b, of_a, a, b])
    assert found is not None
    assert (found.whose, {found.first.run_id, found.second.run_id}) == ("a", {"a", "a2"})
    found = find_twins(a, b, [of_b, a, b])
    assert found is not None
    assert (found.whose, {found.first.run_id, found.second.run_id}) == ("b", {"b", "b2"})
    found = find_twins(info("x", PLAIN, kind="baseline"), third, [of_b, of_a, b, a, third])
    assert found is not None
    assert found.whose == "other"  # a baseline has no training of its own to repeat
    split = find_twins(third, b, [info("c2", SPLIT, seed=4), third, b])
    assert split is not None
    assert split.whose == "a"


def test_overlaps_by_hand() -> None:
    a, b, twin = run("a", 0, PLAIN), run("b", 2, OTHER), run("t", 1, PLAIN, seed=1)
    found = list_change(a, b, (a, twin), "a")
    # 2 of 4 in common: 2 / 4, and 2 of 6 videos; 3 of 4, and 3 of 5.
    assert (found.pair.shared, found.pair.jaccard) == pytest.approx((1 / 2, 1 / 3))
    assert (found.floor.shared, found.floor.jaccard) == pytest.approx((3 / 4, 3 / 5))
    weights = 0.9 ** np.arange(1, 5)
    agreement = np.array([1, 1, 2 / 3, 1 / 2])
    assert found.pair.rank_biased == pytest.approx(agreement[-1] * weights[-1] + (0.1 / 0.9) * (agreement @ weights))
    assert found.closer.difference.mean == pytest.approx(1 / 4)
    assert found.sentence() == (
        "B’s lists differ from A’s more than two trainings of A differ: "
        "50 % of a list is shared, and 75 % between those."
    )
    assert found.sentence("D").startswith("D’s lists differ from A’s more")


def test_a_difference_within_the_noise_is_called_so() -> None:
    a, b, twin = run("a", 0, PLAIN), run("b", 1, OTHER), run("t", 2, PLAIN, seed=1)
    for whose, said in (("a", "trainings of A "), ("b", "trainings of C "), ("other", "trainings of another setting ")):
        found = list_change(a, b, (a, twin), whose)  # type: ignore[arg-type]
        assert f"no more than two {said}" in found.sentence("C")


def test_two_trainings_of_one_setting_are_the_noise_themselves() -> None:
    a, twin = run("a", 0, PLAIN), run("t", 2, PLAIN, seed=1)
    found = list_change(a, twin, (a, twin), "a")
    assert found.are_twins
    assert "only in their random seed" in found.sentence()
    assert found.pair == found.floor
    assert not list_change(a, run("same seed", 2, PLAIN), (a, twin), "a").are_twins
