"""The automatic clip: SLOPE++ by hand, and its errors against a planted truth."""

import numpy as np
import numpy.typing as npt
import pytest

from relvid_core.config import OffPolicyConfig
from relvid_core.data.clipping import automatic_clip, slope_choice
from relvid_core.data.propensity import Propensity
from relvid_core.errors import DataError, NotEnoughData

Floats = npt.NDArray[np.float64]


def test_slope_choice_by_hand() -> None:
    widths = np.array([1.0, 0.5, 0.1])
    # Second: |0 − 1.4| ≤ 0.5 + 1.449 · 1. Third: |0 − x| ≤ 0.1 + 1.449 = 1.549 and |1.4 − x| ≤ 0.1 + 0.7247 = 0.8247.
    assert slope_choice(np.array([0.0, 1.4, 1.5]), widths) == 2
    assert slope_choice(np.array([0.0, 1.4, 1.6]), widths) == 1  # too far from the first
    assert slope_choice(np.array([0.0, 1.4, 0.5]), widths) == 1  # too far from the second
    assert slope_choice(np.array([0.0, 2.0, 0.0]), widths) == 0  # nothing is tried after the first misfit
    assert slope_choice(np.array([1.5, 0.0, 1.4]), np.array([0.1, 1.0, 0.5])) == 0  # ordered by width, not by place


def test_candidates_by_hand() -> None:
    propensity = Propensity(np.array([1.0, 0.25]), "exposure propensity")
    found = automatic_clip(propensity, OffPolicyConfig(strength=1.0), np.array([90.0, 10.0]))
    first, last = found.candidates.iloc[0], found.candidates.iloc[-1]
    variance = (90 * (1 - 1.3) ** 2 + 10 * (4 - 1.3) ** 2) / 99 / 100  # 90 weights of 1 and 10 of 4 have mean 1.3
    half = 1.959964 * variance**0.5
    assert (first["clip"], first["estimate"], first["variance"]) == pytest.approx((4, 1.3, variance))
    assert (first["low"], first["high"]) == pytest.approx((1.3 - half, 1.3 + half))
    assert (first["bias"], first["bias_bound"], first["error"]) == pytest.approx((0, 0, variance))
    assert (last["clip"], last["estimate"], last["variance"]) == (1, 1, 0)
    cut_variance = (90 * 0.3**2 + 10 * (3 - 0.3) ** 2) / 99 / 100  # what is cut: 0 of 90 events, 3 of 10
    assert last["bias"] == pytest.approx(0.3)
    assert last["bias_bound"] == pytest.approx(0.3 + 1.644854 * cut_variance**0.5)
    assert last["error"] == pytest.approx(0.09 - cut_variance)
    assert found.candidates["error"].idxmin() == found.candidates["chosen"].idxmax()
    assert found.candidates["chosen"].sum() == 1
    assert found.clip == found.candidates.loc[found.candidates["chosen"], "clip"].item()


def logs(seed: int, n: int) -> tuple[Propensity, Floats, float]:
    """Known propensities over several orders of magnitude, thin counts, and the true corrected engagement."""
    draw = np.random.default_rng([seed, n])
    shown = draw.lognormal(0, draw.uniform(0.8, 3.0), 300)
    propensity = shown / shown.max()
    rate = propensity * draw.gamma(4, 0.25, 300)
    counts = draw.poisson(n * rate / rate.sum()).astype(np.float64)
    return Propensity(propensity, "exposure propensity"), counts, float((rate / propensity).sum() / rate.sum())


def test_nearer_the_truth_than_no_clip_and_than_full_clip() -> None:
    config = OffPolicyConfig(strength=1.0)
    by_size = []
    for n in (60, 300, 2000):
        errors = []
        for seed in range(300):
            propensity, counts, truth = logs(seed, n)
            found = automatic_clip(propensity, config, counts).candidates
            chosen = found.loc[found["chosen"], "estimate"].item()
            tried = (chosen, found["estimate"].iloc[0], found["estimate"].iloc[-1])
            errors.append([(t / truth - 1) ** 2 for t in tried])
        by_size.append(np.mean(errors, axis=0))
        print(f"{n} events: mean squared relative error chosen, no clip, clip 1:", by_size[-1].round(4))
        assert by_size[-1][0] < by_size[-1][2]
    chosen_error, unclipped_error, _ = np.mean(by_size, axis=0)  # the few logs with a huge weight decide it
    assert chosen_error < 0.7 * unclipped_error


def test_slope_takes_the_candidate_that_its_rule_names() -> None:
    propensity, counts, _ = logs(11, 300)
    found = automatic_clip(propensity, OffPolicyConfig(strength=1.0), counts, rule="slope").candidates
    widths = found["high"].to_numpy() - found["estimate"].to_numpy()
    assert found["chosen"].to_numpy()[slope_choice(found["estimate"].to_numpy(), widths)]


def test_more_data_allow_a_higher_clip() -> None:
    clips = []
    for scale in (1, 1000):
        propensity, counts, _ = logs(7, 300)
        clips.append(automatic_clip(propensity, OffPolicyConfig(strength=1.0), scale * counts).clip)
    assert clips[0] < clips[1]


def test_the_same_log_gives_the_same_clip() -> None:
    propensity, counts, _ = logs(3, 500)
    first, second = (automatic_clip(propensity, OffPolicyConfig(strength=0.8), counts) for _ in range(2))
    assert first.clip == second.clip
    assert first.candidates.equals(second.candidates)


def test_without_strength_there_is_nothing_to_clip() -> None:
    propensity, counts, _ = logs(3, 500)
    found = automatic_clip(propensity, OffPolicyConfig(strength=0.0), counts)
    assert (found.clip, found.share_clipped, len(found.candidates)) == (1.0, 0.0, 1)


def test_counts_that_are_none() -> None:
    propensity = Propensity(np.array([1.0, 0.5]), "popularity proxy")
    with pytest.raises(NotEnoughData, match="counts of events, not shares"):
        automatic_clip(propensity, OffPolicyConfig(), np.array([0.7, 0.3]))
    for wrong in (np.ones(3), np.array([1.0, np.nan]), np.array([5.0, -1.0])):
        with pytest.raises(DataError, match="for 2 videos"):
            automatic_clip(propensity, OffPolicyConfig(), wrong)
