import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy import sparse

from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation import estimates as e
from relvid_core.evaluation.exposure import coverage, gini
from relvid_core.evaluation.protocol import list_incidence


def binomial_range(n: int, p: float) -> tuple[float, float]:
    """Where a share of n trials lies but for one in a few thousand times."""
    spread = 3.7 * math.sqrt(p * (1 - p) / n)
    return p - spread, p + spread


def test_mean_and_size_without_the_undefined() -> None:
    found = e.bootstrap(np.array([1.0, np.nan, 2.0, 6.0]))
    assert (found.mean, found.n) == (3.0, 3)
    assert 1.0 <= found.low < 3.0 < found.high <= 6.0


def test_too_little_for_an_interval() -> None:
    assert e.bootstrap(np.array([np.nan])).n == 0
    assert math.isnan(e.bootstrap(np.array([])).mean)
    single = e.bootstrap(np.array([0.4]))
    assert single.mean == 0.4
    assert math.isnan(single.low)
    assert math.isnan(single.high)


def test_same_seed_same_interval() -> None:
    values = np.random.default_rng(0).random(500)
    assert e.bootstrap(values, seed=3) == e.bootstrap(values, seed=3)
    assert e.bootstrap(values, seed=3) != e.bootstrap(values, seed=4)


def test_replicates_match_a_naive_bootstrap() -> None:
    """The spread of the replicate means is σ/√n, whatever the block size."""
    values = np.random.default_rng(1).exponential(size=2000)
    found = e.bootstrap(values, replicates=4000)
    error = values.std() / math.sqrt(2000)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_intervals_cover_the_planted_mean(confidence: float) -> None:
    rng = np.random.default_rng(2)
    trials = 500
    covered = 0
    for trial in range(trials):
        values = rng.choice([0.0, 0.25, 1.0], p=[0.5, 0.3, 0.2], size=200)  # skewed and discrete, like recall
        found = e.bootstrap(values, replicates=300, confidence=confidence, seed=trial)
        covered += found.low <= 0.275 <= found.high
    low, high = binomial_range(trials, confidence - 0.01)
    assert low <= covered / trials <= high


def test_ratio_intervals_cover_the_planted_ratio() -> None:
    rng = np.random.default_rng(3)
    trials = 400
    covered = 0
    for trial in range(trials):
        common = rng.random(150)
        a, b = 0.3 * common + 0.9 * rng.random(150), common + 0.3 * rng.random(150)
        found = e.ratio(a, b, replicates=300, seed=trial)
        covered += found.low <= (0.15 + 0.45) / (0.5 + 0.15) <= found.high
    low, high = binomial_range(trials, 0.94)
    assert low <= covered / trials <= high


def test_ratio_is_paired() -> None:
    b = np.random.default_rng(4).random(300)
    found = e.ratio(1.5 * b, b)  # each replicate has the same ratio only if both are resampled together
    assert (found.mean, found.low, found.high) == pytest.approx((1.5, 1.5, 1.5))
    gaps = e.ratio(np.array([3.0, np.nan, 5.0]), np.array([2.0, 9.0, np.nan]))
    assert (gaps.mean, gaps.n) == (1.5, 1)


def test_ratio_to_nothing_is_undefined() -> None:
    assert math.isnan(e.ratio(np.ones(5), np.zeros(5)).mean)
    rare = e.ratio(np.ones(5), np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    assert rare.mean == 5.0
    assert math.isnan(rare.high)


def test_many_ratios_are_single_ones() -> None:
    rng = np.random.default_rng(14)
    above, below = rng.random((3, 70)), rng.random((3, 70))
    below[2] = 0.0
    for number, found in enumerate(e.ratios(above, below, seed=5)):
        single = e.ratio(above[number], below[number], seed=5)
        assert (found.mean, found.low, found.high, found.n) == pytest.approx(
            (single.mean, single.low, single.high, single.n), rel=1e-9, nan_ok=True
        )
    assert [found.n for found in e.ratios(above[:2, :0], below[:2, :0])] == [0, 0]
    with pytest.raises(DataError, match="one for every unit"):
        e.ratios(above, np.full((3, 70), np.nan))


def test_paired_difference_uses_common_seeds() -> None:
    a, b = np.array([1.0, 5.0, np.nan, 4.0]), np.array([0.0, 3.0, 7.0, np.nan])
    found = e.paired_difference(a, b)
    assert (found.difference.mean, found.difference.n) == (1.5, 2)
    with pytest.raises(DataError, match="same seed videos"):
        e.paired_difference(a, b[:2])


def test_exact_p_values_by_hand() -> None:
    # Three differences 1, 2, 4: of the 8 sign patterns only +++ and −−− reach a sum of 7 in size.
    assert e.paired_difference(np.array([1.0, 2.0, 4.0, 9.0]), np.array([0.0, 0.0, 0.0, 9.0])).p_value == 2 / 8
    # 1, 1, −1: every pattern has |sum| of at least 1.
    assert e.paired_difference(np.array([1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])).p_value == 1.0
    assert e.paired_difference(np.ones(4), np.ones(4)).p_value == 1.0
    assert math.isnan(e.paired_difference(np.array([np.nan]), np.ones(1)).p_value)


def test_monte_carlo_agrees_with_the_exact_test() -> None:
    rng = np.random.default_rng(5)
    a = rng.normal(0.4, 1.0, size=13)
    exact = e.paired_difference(a, np.zeros(13)).p_value  # 2¹³ = 8192 patterns fit into 10,000
    sampled = e.paired_difference(a, np.zeros(13), flips=8000).p_value
    assert 0.02 < exact < 0.9
    assert sampled == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 8000))


def test_p_values_are_uniform_when_nothing_differs() -> None:
    rng = np.random.default_rng(6)
    trials = 400
    p = []
    for trial in range(trials):
        difference = rng.standard_t(3, size=60) * (rng.random(60) < 0.7)  # heavy tails and many equal seeds
        p.append(e.paired_difference(difference, np.zeros(60), replicates=1, flips=400, seed=trial).p_value)
    for level in (0.05, 0.2, 0.5):
        low, high = binomial_range(trials, level)
        assert low <= np.mean(np.array(p) <= level) <= high


def test_a_real_difference_is_found_and_p_is_never_zero() -> None:
    rng = np.random.default_rng(7)
    a = rng.normal(0.2, 0.3, size=400)
    assert e.paired_difference(a, np.zeros(400), flips=999).p_value == 1 / 1000


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.04, 0.30 times 4, 3, 2, 1 = 0.04, 0.06, 0.08, 0.30.
    np.testing.assert_allclose(e.holm([0.04, 0.01, 0.30, 0.02]), [0.08, 0.04, 0.30, 0.06])
    np.testing.assert_allclose(e.holm([0.02, 0.9, 0.02]), [0.06, 0.9, 0.06])  # 0.04 is lifted to 0.06
    np.testing.assert_allclose(e.holm([0.8, 0.7]), [1.0, 1.0])
    np.testing.assert_allclose(e.holm([np.nan, 0.03, 0.01]), [np.nan, 0.03, 0.02])
    assert e.holm([]).tolist() == []
    with pytest.raises(DataError, match="lie in"):
        e.holm([0.5, 1.2])


def test_bad_settings() -> None:
    with pytest.raises(ConfigError, match="0 replicates"):
        e.subsample_statistic(coverage, 5, replicates=0)
    with pytest.raises(ConfigError, match="0 replicates"):
        e.bootstrap(np.ones(3), replicates=0)
    with pytest.raises(ConfigError, match=r"confidence 1\.0"):
        e.bootstrap(np.ones(3), confidence=1.0)


def test_subsampled_mean_has_the_textbook_error() -> None:
    values = np.random.default_rng(8).random(300)

    def mean(kept: np.ndarray) -> np.ndarray:
        assert set(kept.sum(axis=1).tolist()) <= {300, 240}
        return kept @ values / kept.sum(axis=1)

    found = e.subsample_statistic(mean, 300, replicates=3000)
    assert (found.mean, found.n) == (pytest.approx(values.mean()), 300)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / math.sqrt(300), rel=0.05)
    cut = e.subsample_statistic(mean, 300, bounds=(values.mean(), 1.0))
    assert cut.low == values.mean()
    assert math.isnan(e.subsample_statistic(coverage, 1).low)


@pytest.mark.parametrize("statistic", [gini, coverage])
def test_catalogue_intervals_cover_what_other_seeds_would_give(statistic: e.SeedStatistic) -> None:
    """Lists are drawn from a planted long-tailed law; the truth is the statistic's mean over many samples of seeds."""
    rng = np.random.default_rng(9)
    n_seeds, n_videos, k = 80, 120, 5
    law = 1 / np.arange(1, n_videos + 1)

    def lists() -> np.ndarray:
        race = rng.exponential(size=(n_seeds, n_videos)) / law  # k smallest = k draws without replacement
        return np.argpartition(race, k, axis=1)[:, :k].astype(np.int32)

    truth = np.mean([statistic(np.bincount(lists().ravel(), minlength=n_videos)) for _ in range(400)])
    covered, trials = 0, 300
    for trial in range(trials):
        shown = list_incidence(lists(), n_videos)

        def of_kept(kept: np.ndarray, shown: sparse.csr_matrix = shown) -> np.ndarray:
            return statistic(kept @ shown)

        found = e.subsample_statistic(of_kept, n_seeds, replicates=120, seed=trial)
        assert found.low < found.mean < found.high
        covered += found.low <= truth <= found.high
    assert 0.9 <= covered / trials <= 0.997


def test_many_at_once_are_each_as_alone() -> None:
    """Whatever their gaps: those with equal gaps share their draws, and every metric has the draws it has alone."""
    rng = np.random.default_rng(4)
    gaps = rng.random(80) < 0.3
    metrics = {f"whole {i}": rng.random(80) for i in range(4)}  # one product
    metrics |= {f"gaps {i}": np.where(gaps, np.nan, rng.random(80)) for i in range(2)}  # one by one
    metrics |= {"never": np.full(80, np.nan), "once": np.where(np.arange(80) == 3, 0.4, np.nan)}
    found = e.bootstraps(metrics, replicates=200, confidence=0.9, seed=5)
    assert list(found) == list(metrics)
    for name, values in metrics.items():
        alone = e.bootstrap(values, replicates=200, confidence=0.9, seed=5)
        assert astuple(found[name]) == pytest.approx(astuple(alone), nan_ok=True, abs=1e-12)
