import math

import numpy as np
import pytest

from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.detectable import detectable_beyond_training_noise, detectable_difference
from relvid_core.evaluation.randomization import sign_flip_p


def test_by_hand() -> None:
    # Differences 1, 3, 5: sd 2, standard error 2/√3; z of 97.5 % and 80 % are 1.959964 and 0.841621.
    a, b = np.array([1.0, 3.0, np.nan, 7.0]), np.array([0.0, 0.0, 5.0, 2.0])
    found = detectable_difference(a, b)
    assert found.n == 3
    assert found.standard_error == pytest.approx(2 / math.sqrt(3))
    assert found.smallest == pytest.approx(2.801585 * 2 / math.sqrt(3), rel=1e-6)
    assert found.seeds_for(found.smallest / 2) == pytest.approx(12)  # half the size takes four times the seeds
    assert "3 seed videos" in found.sentence


def test_undefined_and_refused() -> None:
    single = detectable_difference(np.array([1.0, np.nan]), np.array([0.0, 0.0]))
    assert math.isnan(single.smallest)
    assert "nothing can be said" in single.sentence
    with pytest.raises(DataError, match="same seed videos"):
        detectable_difference(np.ones(2), np.ones(3))
    with pytest.raises(ConfigError, match=r"power 1\.0"):
        detectable_difference(np.ones(2), np.zeros(2), power=1.0)
    with pytest.raises(ConfigError, match="above 0"):
        detectable_difference(np.array([1.0, 2.0]), np.zeros(2)).seeds_for(0.0)
    with pytest.raises(ConfigError, match="1 runs"):
        detectable_beyond_training_noise([np.ones(3)])
    with pytest.raises(DataError, match="different seed videos"):
        detectable_beyond_training_noise([np.ones(3), np.ones(4)])
    assert math.isnan(detectable_beyond_training_noise([np.ones(1), np.ones(1)]).smallest)


@pytest.mark.parametrize("power", [0.5, 0.8])
def test_such_a_difference_is_found_that_often(power: float) -> None:
    """Plant a difference of exactly the detectable size, and count how often the paired test finds it."""
    rng = np.random.default_rng(0)
    n, spread, trials = 200, 0.4, 400
    reach = {0.5: 1.95996, 0.8: 2.80159}[power]
    planted = reach * spread / math.sqrt(n)
    found = []
    for trial in range(trials):
        b = rng.random(n)
        a = b + planted + spread * rng.normal(size=n)
        found.append(sign_flip_p(a - b, flips=2000, seed=trial) <= 0.05)
        assert detectable_difference(a, b, power=power).smallest == pytest.approx(planted, rel=0.25)
    assert np.mean(found) == pytest.approx(power, abs=3.7 * math.sqrt(power * (1 - power) / trials))


def test_two_twins_by_hand() -> None:
    # Differences 0, 2, 4: variance 4 over 3 seeds; the means 1 and 3 differ by 2, so its square 4 is the larger part.
    found = detectable_beyond_training_noise([np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0, 6.0])])
    assert found.standard_error == pytest.approx(math.sqrt(max(4 / 3, 4.0)))
    # With the shift taken out only the seeds are left: −2, 0, 2.
    found = detectable_beyond_training_noise([np.array([0.0, 1.0, 2.0]), np.array([-2.0, 1.0, 4.0])])
    assert found.standard_error == pytest.approx(math.sqrt(4 / 3))


def test_training_noise_is_in_the_error_of_many_twins() -> None:
    """20 runs whose means are shifted by 0.1 and whose seeds move by 0.3 each: a difference has variance 2·0.01 + …"""
    rng = np.random.default_rng(1)
    n = 400
    common = rng.random(n)
    twins = [common + rng.normal(0, 0.1) + rng.normal(0, 0.3, n) for _ in range(20)]
    twins[3][:40] = np.nan
    found = detectable_beyond_training_noise(twins)
    assert found.n == 360
    assert found.standard_error == pytest.approx(math.sqrt(2 * (0.01 + 0.09 / 360)), rel=0.4)
    assert detectable_difference(twins[0], twins[1]).standard_error < found.standard_error / 3
