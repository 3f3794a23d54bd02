"""The ellipse of two means: by hand, against a bootstrap cloud, and on planted truth."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.joint import JointMean, joint_mean

Values = npt.NDArray[np.float64]


def planted(n: int, *, correlation: float, missing: float, seed: int) -> tuple[Values, Values]:
    """Recall-like x (many zeros) and y, correlated, some y missing; true means 0.06 and 0.5."""
    rng = np.random.default_rng(seed)
    common = rng.random(n)
    own = rng.random(n)
    x = np.where(common < 0.3, 0.4 * rng.random(n), 0.0)
    y = correlation * (1 - common) + (1 - correlation) * own
    return x, np.where(rng.random(n) < missing, np.nan, y)


def holds(joint: JointMean, points: Values, confidence: float = 0.95) -> npt.NDArray[np.bool_]:
    """Which points `[n, 2]` lie inside the drawn polygon, by the crossings of a ray."""
    corners = joint.outline(confidence)
    inside = np.zeros(len(points), dtype=np.bool_)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (y1 > points[:, 1]) != (y2 > points[:, 1])
        inside ^= crosses & (points[:, 0] < x1 + (points[:, 1] - y1) * (x2 - x1) / (y2 - y1 + 1e-300))
    return inside


def test_means_and_covariance_by_hand() -> None:
    joint = joint_mean(np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 1.0]))
    # deviations (−1, 0, 1) and (−1, 1, 0); Σ dx² = 2, Σ dx dy = 1, each over 3 · 2
    assert (joint.x, joint.y, joint.n) == (1.0, 1.0, 3)
    np.testing.assert_allclose([joint.xx, joint.xy, joint.yy], [2 / 6, 1 / 6, 2 / 6])


def test_a_seed_without_topic_match_still_counts_for_recall() -> None:
    joint = joint_mean(np.array([0.0, 1.0, 2.0, 5.0]), np.array([1.0, 2.0, 3.0, np.nan]))
    assert (joint.x, joint.y, joint.n) == (2.0, 2.0, 3)
    # to the mean of x: (−2, −1, 0, 3)/4; of y: (−1, 0, 1)/3; times 3/2
    np.testing.assert_allclose([joint.xx, joint.xy, joint.yy], [1.5 * 14 / 16, 1.5 * 2 / 12, 1.5 * 2 / 9])


def test_half_axes_of_many_seeds_are_those_of_two_degrees_of_freedom() -> None:
    joint = JointMean(0.2, 0.5, 0.04**2, 0.0, 0.01**2, 1_000_000)
    corners = joint.outline()
    reach = math.sqrt(-2 * math.log(0.05))
    np.testing.assert_allclose(corners.max(axis=0) - [0.2, 0.5], [0.04 * reach, 0.01 * reach], rtol=1e-3)
    np.testing.assert_allclose(corners.min(axis=0) - [0.2, 0.5], [-0.04 * reach, -0.01 * reach], rtol=1e-3)


def test_it_holds_the_share_of_a_bootstrap_cloud_that_it_says() -> None:
    x, y = planted(600, correlation=0.7, missing=0.3, seed=1)
    joint = joint_mean(x, y)
    rng = np.random.default_rng(2)
    draws = rng.integers(0, len(x), size=(4000, len(x)))
    cloud = np.stack([x[draws].mean(axis=1), np.nanmean(y[draws], axis=1)], axis=1)
    for confidence in (0.5, 0.8, 0.95):
        assert abs(holds(joint, cloud, confidence).mean() - confidence) < 0.02
    np.testing.assert_allclose([joint.xx, joint.xy, joint.yy], [*np.cov(cloud.T)[0], np.cov(cloud.T)[1, 1]], rtol=0.1)
    # turned against each other, it would not hold that cloud
    turned = JointMean(joint.x, joint.y, joint.xx, -joint.xy, joint.yy, joint.n)
    assert holds(turned, cloud).mean() < 0.9


@pytest.mark.parametrize("n", [12, 200])
def test_it_holds_the_planted_truth_as_often_as_it_says(n: int) -> None:
    rng = np.random.default_rng(n)
    mixing = np.array([[1.0, 0.0], [0.8, 0.6]])
    trials = [rng.normal(size=(n, 2)) @ mixing.T + [0.3, 0.6] for _ in range(1500)]
    truth = np.array([[0.3, 0.6]])
    held = np.mean([holds(joint_mean(values[:, 0].copy(), values[:, 1].copy()), truth)[0] for values in trials])
    assert abs(held - 0.95) < 0.02


def test_too_few_seeds_have_no_area() -> None:
    nothing = joint_mean(np.array([0.1, 0.2]), np.array([np.nan, np.nan]))
    assert (nothing.n, len(nothing.outline())) == (0, 0)
    assert math.isnan(nothing.x)
    for n in (1, 2):
        few = joint_mean(np.array([0.1, 0.2, 0.3]), np.where(np.arange(3) < n, [0.5, 0.1, 0.2], np.nan))
        assert (few.n, len(few.outline())) == (n, 0)


def test_a_metric_without_spread_makes_a_line() -> None:
    corners = joint_mean(np.array([0.1, 0.2, 0.3, 0.4]), np.ones(4)).outline()
    np.testing.assert_allclose(corners[:, 1], 1.0)
    assert np.ptp(corners[:, 0]) > 0


def test_values_of_other_seeds_and_impossible_confidences_are_refused() -> None:
    with pytest.raises(DataError, match=r"\(2,\) and \(3,\)"):
        joint_mean(np.zeros(2), np.zeros(3))
    with pytest.raises(ConfigError, match=r"1\.5"):
        joint_mean(np.arange(4.0), np.arange(4.0)).outline(1.5)
