"""Every correction on one axis: predicted by hand, fitted on planted scores."""

import numpy as np
import numpy.typing as npt
import pytest

from relvid_core.config import OffPolicyConfig
from relvid_core.data.propensity import Propensity, importance_weights
from relvid_core.errors import DataError
from relvid_core.evaluation import popularity_exponent
from relvid_core.evaluation.popularity_exponent import (
    effective_strength,
    fitted_exponent,
    model_marginal,
    predicted_exponent,
)

Floats = npt.NDArray[np.float64]


def planted(n: int, seed: int) -> tuple[Floats, Floats]:
    """log P(j|i) `[n, n]` with lift that has nothing to do with popularity, and p_j, its exact stationary marginal."""
    draw = np.random.default_rng(seed)
    p = draw.lognormal(0, 1.2, n)
    pairs = np.outer(p, p) * draw.gamma(3.0, 1.0, (n, n))
    pairs = np.triu(pairs, 1)
    pairs += pairs.T
    marginal = pairs.sum(axis=0) / pairs.sum()
    with np.errstate(divide="ignore"):
        log_p = np.log(pairs / pairs.sum(axis=1, keepdims=True))
    np.fill_diagonal(log_p, 0.0)  # never looked at
    return log_p, marginal


@pytest.mark.parametrize("exponent", [-0.5, 0.0, 0.4, 1.0, 1.3])
def test_a_planted_exponent_is_found_within_2_hundredths(exponent: float) -> None:
    log_given, p = planted(500, 5)
    scores = log_given + (exponent - 1) * np.log(p)
    found = fitted_exponent(scores, np.eye(500), p, temperature=1.0)
    assert found.mean == pytest.approx(exponent, abs=0.02)
    assert found.low <= found.mean <= found.high
    assert found.n == 500


def test_the_popularity_term_adds_to_it_and_the_temperature_is_undone() -> None:
    log_given, p = planted(400, 8)
    scores = 0.2 * (log_given - np.log(p))  # lift, at temperature 0.2
    found = fitted_exponent(scores, np.eye(400), p, temperature=0.2, term=0.7)
    assert found.mean == pytest.approx(0.7, abs=0.02)


def test_videos_without_history_are_left_out() -> None:
    log_given, p = planted(60, 2)
    wide = np.pad(log_given, ((0, 3), (0, 3)), constant_values=50.0)
    found = fitted_exponent(wide, np.eye(63), np.pad(p, (0, 3)), temperature=1.0)
    alone = fitted_exponent(log_given, np.eye(60), p, temperature=1.0)
    assert found.mean == pytest.approx(alone.mean)
    assert found.n == 60


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        x = draw.normal(0, 1, 80)
        y = 0.6 * x + draw.normal(0, 0.3, 80) * (0.5 + np.abs(x))
        slope, error = popularity_exponent._weighted_slope(x, y, draw.uniform(0.2, 1.0, 80))
        held += abs(slope - 0.6) < 1.96 * error
    assert 0.89 < held / 300 < 0.985


def test_the_marginal_by_hand_and_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(1)
    q, c = draw.normal(size=(7, 3)).astype(np.float32), draw.normal(size=(7, 3)).astype(np.float32)
    m, offset = draw.dirichlet(np.ones(7)), draw.normal(size=7)
    expected = np.zeros(7)
    for i in range(7):
        chance = [0.0 if j == i else float(np.exp(q[i] @ c[j] / 0.5 + offset[j])) for j in range(7)]
        expected += m[i] * np.array(chance) / sum(chance)
    whole = model_marginal(q, c, m, temperature=0.5, log_offset=offset)
    assert whole == pytest.approx(expected, rel=1e-5)
    monkeypatch.setattr(popularity_exponent, "_BLOCK_CELLS", 15)  # two rows at a time
    assert model_marginal(q, c, m, temperature=0.5, log_offset=offset) == pytest.approx(whole, rel=1e-6)


def test_predictions_by_hand() -> None:
    assert predicted_exponent(strength=0.0) == 1
    assert predicted_exponent(strength=0.0, log_q=False) == 0
    assert predicted_exponent(strength=0.5, offset=0.2, term=0.1) == pytest.approx(0.4)
    assert predicted_exponent(strength=0.5, log_q=False) == -0.5


def test_the_effective_strength_is_the_configured_one_until_it_is_clipped() -> None:
    p = np.array([0.5, 0.25, 0.125, 0.0625, 0.0625])
    propensity = Propensity(p / p.max(), "popularity proxy")
    free = importance_weights(propensity, OffPolicyConfig(strength=0.7, clip=1e6), p)
    assert effective_strength(free, p) == pytest.approx(0.7)
    cut = importance_weights(propensity, OffPolicyConfig(strength=0.7, clip=2.0), p)
    # By hand: log2 w = 0, 0.7, 1, 1, 1 against log2 p = -1, -2, -3, -4, -4, weighted by p.
    x, y = np.array([-1, -2, -3, -4, -4]), np.array([0, 0.7, 1, 1, 1])
    slope = np.cov(x, y, aweights=p)[0, 1] / np.cov(x, aweights=p)
    assert effective_strength(cut, p) == pytest.approx(-slope)
    assert 0 < effective_strength(cut, p) < 0.7


def test_too_little_to_say() -> None:
    one = np.array([1.0, 0.0])
    assert np.isnan(fitted_exponent(np.eye(2), np.eye(2), one, temperature=1.0).mean)
    flat = np.full(4, 0.25)
    weights = importance_weights(Propensity(flat, "popularity proxy"), OffPolicyConfig(strength=1.0), flat)
    assert np.isnan(effective_strength(weights, flat))
    with pytest.raises(DataError, match="received 2 seed and 3 candidate vectors for 2 videos"):
        fitted_exponent(np.eye(2), np.eye(3), flat[:2], temperature=1.0)
