"""Choosing the clip of the importance weights from the log: as little clipping as its noise allows.

A low clip makes weighted counts steady and wrong, no clip makes them right on average and noisy. The choice needs one
number to be right about. Ours is the *corrected engagement*, the mean of π_j^−β over the log's engagements: the inverse
propensity estimate of the engagement under a logger that shows video j in proportion to π_j^(1−β) (β = 1: all videos
alike, and as often as the most shown one), in units of the engagement logged. Every clip lowers it, the lower the clip
the more, while its variance falls.

What is best for this number need not be best for lists: a trained model sees single pairs, not their sum, and a few
heavy ones hurt it sooner. In the shipped world the choice is harmless at strengths up to 0.6, but at 1 it hardly
clips, and the lists are then worse in truth than with e³ (true engagement 0.197 against 0.209; none: 0.206).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.config import OffPolicyConfig
from relvid_core.data.propensity import Propensity, Weights
from relvid_core.errors import DataError, NotEnoughData

ClipRule = Literal["error", "slope"]

N_CANDIDATES: Final = 25
CONFIDENCE: Final = 0.95
_C: Final = float(np.sqrt(6.0) - 1.0)  # SLOPE++: the constant that minimises the factor of its guarantee


@dataclass(frozen=True)
class ClipChoice:
    """The clip to use, and every candidate with what spoke for and against it."""

    clip: float
    candidates: pd.DataFrame  # clip (falling), estimate, low, high, bias, bias_bound, variance, error, chosen
    share_clipped: float  # of the positives, at the chosen clip


def automatic_clip(
    propensity: Propensity, config: OffPolicyConfig, positives: Weights, *, rule: ClipRule = "error"
) -> ClipChoice:
    """The best of a log grid of clips from the largest weight (no clip) down to 1, for `config.strength`.

    The estimators are clipped IPS means `T_c = Σ_j N_j min(π_j^−β, c) / Σ_j N_j`.

    "error" takes the least estimated mean squared error, `max(0, bias² − Var bias) + Var T_c`. bias = T_∞ − T_c is the
    mean of what the clip cuts off and both variances are those of means of independent weights. Tuning by estimated
    variance plus squared bias is that of Wang, Agarwal & Dudík 2017 (ICML, SWITCH) and Su, Dimakopoulou, Krishnamurthy
    & Dudík 2020 (ICML, shrinkage); taking off the noise of the squared bias is ours. `bias_bound` is the one-sided 95 %
    bound on the bias; those papers square a bound where they want caution, which here hardly ever clips at all.

    "slope" is SLOPE++, see `slope_choice`, with normal half-widths at 95 %. On planted logs it clips too much where
    "error" does not: it treats estimates that share nearly all their noise as if each had its own.

    `positives` `[n_videos]` count the independent events that end in each video, such as `history.popularity`; counted
    pairs hold every engagement several times and would make the noise look smaller than it is. π is taken as known: for
    videos with few counts it is noisy itself, which speaks for a lower clip than this one. Deterministic.

    Raises DataError for positives that are shares or do not fit the propensity, NotEnoughData below two events.
    """
    if positives.shape != propensity.value.shape or not np.isfinite(positives).all() or (positives < 0).any():
        raise DataError(
            f"clip: received positives {list(positives.shape)} for {len(propensity.value)} videos; "
            "give a finite count of at least 0 for each."
        )
    if positives.sum() < 2:
        raise NotEnoughData(
            f"clip: the positives sum to {positives.sum():g}. Give counts of events, not shares, and at least two."
        )
    raw = propensity.value**-config.strength
    largest = float(raw[positives > 0].max())
    clips = np.geomspace(largest, 1.0, N_CANDIDATES) if largest > 1.001 else np.array([1.0])
    clips[-1] = 1.0
    weights = np.minimum(raw, clips[:, None])  # [n_candidates, n_videos]
    estimates, variances = _mean_and_variance(weights, positives)
    bias, bias_variance = _mean_and_variance(raw - weights, positives)
    error = np.maximum(bias**2 - bias_variance, 0.0) + variances
    widths = _normal((1 + CONFIDENCE) / 2) * np.sqrt(variances)
    chosen = slope_choice(estimates, widths) if rule == "slope" else int(np.argmin(error))
    candidates = pd.DataFrame(
        {
            c.CLIP: clips,
            c.ESTIMATE: estimates,
            c.LOW: estimates - widths,
            c.HIGH: estimates + widths,
            c.BIAS: bias,
            c.BIAS_BOUND: bias + _normal(CONFIDENCE) * np.sqrt(bias_variance),
            c.VARIANCE: variances,
            c.ERROR: error,
            c.CHOSEN: np.arange(len(clips)) == chosen,
        }
    )
    clip = float(clips[chosen])
    return ClipChoice(clip, candidates, float(positives @ (raw > clip * (1 + 1e-12)) / positives.sum()))


def slope_choice(estimates: npt.NDArray[np.float64], widths: npt.NDArray[np.float64]) -> int:
    """Position of SLOPE++'s choice among estimators `[n]` with half-widths `[n]`; the widest is taken as unbiased.

    Ordered by falling width CNF, each estimate T is kept while `|T_i − T_j| ≤ CNF_i + (√6 − 1) CNF_j` for all before
    it, and the last one kept is chosen: Lepski's principle for off-policy estimates (SLOPE: Su, Srinath &
    Krishnamurthy 2020, ICML), with the test of SLOPE++ (Tucker & Lee 2021). Equal widths are taken in the order given.
    """
    order = np.argsort(-widths, kind="stable")
    for place, i in enumerate(order):
        before = order[:place]
        if (np.abs(estimates[i] - estimates[before]) > widths[i] + _C * widths[before]).any():
            return int(order[place - 1])
    return int(order[-1])


def _mean_and_variance(weights: Weights, positives: Weights) -> tuple[Weights, Weights]:
    """Mean over the events of each row of `[n_candidates, n_videos]`, and the variance of that mean."""
    n = float(positives.sum())
    mean: Weights = weights @ positives / n
    variance: Weights = (weights - mean[:, None]) ** 2 @ positives / (n - 1) / n
    return mean, variance


def _normal(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
