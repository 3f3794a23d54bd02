"""Differences of Gini and coverage: by hand, and on lists whose truth is planted."""

import numpy as np
import pytest

from relvid_core.evaluation.protocol import COVERAGE, GINI
from relvid_core.evaluation.whole_catalogue import catalogue_difference

N_VIDEOS = 40


def drawn(rng: np.random.Generator, n_seeds: int, power: float) -> np.ndarray:
    """Lists of 5 different videos, the first ones more often the higher the power."""
    weight = (1.0 + np.arange(N_VIDEOS)) ** -power
    chance = weight / weight.sum()
    return np.stack([rng.choice(N_VIDEOS, 5, replace=False, p=chance) for _ in range(n_seeds)]).astype(np.int32)


def test_by_hand() -> None:
    a, b = np.int32([[0, 1], [2, 3]]), np.int32([[0, 1], [0, 1]])
    found = catalogue_difference(a, b, COVERAGE, 8)
    assert found.difference.mean == pytest.approx(4 / 8 - 2 / 8)
    # Shown counts 1 1 1 1 0 0 0 0 and 2 2 0 0 0 0 0 0: Gini 1/2 and 3/4.
    assert catalogue_difference(a, b, GINI, 8).difference.mean == pytest.approx(1 / 2 - 3 / 4)


def test_a_planted_difference_is_found_and_none_where_there_is_none() -> None:
    rng = np.random.default_rng(0)
    even, uneven = drawn(rng, 150, 0.0), drawn(rng, 150, 1.0)
    found = catalogue_difference(uneven, even, GINI, N_VIDEOS)
    assert found.difference.low > 0
    assert found.p_value < 1e-6
    swapped = catalogue_difference(even, uneven, GINI, N_VIDEOS)
    assert swapped.difference.mean == pytest.approx(-found.difference.mean)
    assert swapped.p_value == pytest.approx(found.p_value)
    same = catalogue_difference(even, even, GINI, N_VIDEOS)
    assert (same.difference.mean, same.p_value) == (0, 1)


def test_equal_runs_are_seldom_told_apart() -> None:
    """Of 100 pairs drawn alike, 5 % are called different: about 5, and more than 13 once in a thousand."""
    rng = np.random.default_rng(1)
    found = [
        catalogue_difference(drawn(rng, 60, 0.7), drawn(rng, 60, 0.7), GINI, N_VIDEOS).p_value < 0.05
        for _ in range(100)
    ]
    assert sum(found) <= 13
