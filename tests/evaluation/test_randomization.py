import itertools
import math
import time

import numpy as np
import pytest
from scipy import sparse

from relvid_core.errors import ConfigError
from relvid_core.evaluation.randomization import exact_p, monte_carlo_p, sign_flip_p, sign_flip_p_of_groups


def naive_p(difference: np.ndarray) -> float:
    """All 2ⁿ patterns, one at a time, with sums that cannot round."""
    observed = abs(math.fsum(difference))
    sums = [abs(math.fsum(s * d for s, d in zip(signs, difference, strict=True)))
            for signs in itertools.product((1, -1), repeat=len(difference))]  # fmt: skip
    return float(np.mean([one >= observed - 1e-12 for one in sums]))


def test_by_hand() -> None:
    # 1, 2, 4: of 8 patterns only +++ and −−− reach 7. A zero changes nothing.
    assert sign_flip_p(np.array([1.0, 0.0, 2.0, 4.0])) == 2 / 8
    # 3, −1: the sums are ±4 and ±2, all at least the observed 2.
    assert sign_flip_p(np.array([3.0, -1.0])) == 1.0
    assert sign_flip_p(np.array([0.5])) == 1.0
    assert sign_flip_p(np.zeros(4)) == 1.0
    assert math.isnan(sign_flip_p(np.array([])))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 12])
def test_exact_is_the_share_of_all_patterns(n: int) -> None:
    rng = np.random.default_rng(n)
    for difference in (rng.normal(0.5, 1, n), rng.integers(-3, 5, n) / 20, rng.choice([0.1, 0.2, -0.3], n)):
        moved = difference[difference != 0]
        assert sign_flip_p(difference) == pytest.approx(naive_p(moved), abs=1e-15)


def test_exact_beyond_what_can_be_listed() -> None:
    # 32 equal differences: only all-plus and all-minus are as extreme. With 31 and one −1, those with at most one odd.
    assert exact_p(np.full(32, 0.1)) == 2 / 2**32
    assert exact_p(np.append(np.full(31, 0.1), -0.1)) == 2 * (1 + 32) / 2**32


@pytest.mark.parametrize("n", [6, 33, 60])
def test_a_sum_of_zero_is_as_ordinary_as_can_be(n: int) -> None:
    """Tenths do not add up to exactly 0 in binary; every pattern is still as extreme as no difference at all."""
    difference = np.concatenate([np.full(n // 3, 0.1), np.full(n // 3, 0.2), np.full(n // 3, -0.3)])
    assert sign_flip_p(difference) == 1.0


def test_monte_carlo_finds_the_exact_value() -> None:
    difference = np.random.default_rng(0).normal(0.3, 1.0, size=30)
    exact = exact_p(difference)
    assert 0.02 < exact < 0.5
    flips = 200_000
    assert monte_carlo_p(difference, flips=flips, seed=1) == pytest.approx(
        exact, abs=4 * math.sqrt(exact * (1 - exact) / flips)
    )


def test_large_samples_agree_with_the_normal_curve() -> None:
    difference = np.random.default_rng(1).normal(0.02, 1.0, size=2000)
    z = abs(difference.sum()) / math.sqrt((difference**2).sum())
    normal = math.erfc(z / math.sqrt(2))
    assert 0.01 < normal < 0.9
    assert sign_flip_p(difference, flips=20_000) == pytest.approx(
        normal, abs=4 * math.sqrt(normal * (1 - normal) / 20_000)
    )


def test_never_zero_and_repeatable() -> None:
    difference = np.random.default_rng(2).normal(1.0, 0.1, size=100)
    assert sign_flip_p(difference, flips=999) == 1 / 1000
    difference -= 0.98
    assert sign_flip_p(difference, seed=4) == sign_flip_p(difference, seed=4)
    with pytest.raises(ConfigError, match="received 0"):
        sign_flip_p(difference, flips=0)


def test_fast_enough_for_a_page() -> None:
    """1,000 seeds × 10,000 flips. It takes 30 ms; the bound is for machines that do other things too."""
    difference = np.random.default_rng(3).normal(0.0, 1.0, size=1000)
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        sign_flip_p(difference)
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.3


def test_groups_are_tested_as_if_each_stood_alone() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(6), [0, 1, 9, 30, 40, 200])
    difference = rng.integers(-3, 5, len(group)) / 20
    difference[group == 3] = 0.0
    member = sparse.csr_matrix((np.ones(len(group)), (np.arange(len(group)), group)), shape=(len(group), 6))
    found = sign_flip_p_of_groups(difference, member)
    alone = [sign_flip_p(difference[group == number]) for number in range(6)]
    assert math.isnan(found[0])
    assert found[1:3].tolist() == pytest.approx(alone[1:3])  # exact
    assert found[3] == 1.0
    assert found[4:].tolist() == pytest.approx(alone[4:], abs=0.03)


def test_the_normal_limit_promises_no_more_than_the_exact_test() -> None:
    for n in (17, 20, 26):  # all differences equal: 2 of 2ⁿ patterns are as extreme
        member = sparse.csr_matrix(np.ones((n, 1)))
        assert 2 / 2**n < sign_flip_p_of_groups(np.full(n, 0.05), member)[0] < 1e-4
