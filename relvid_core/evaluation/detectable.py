"""The smallest difference that a comparison could find: what a "no difference" is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.estimates import paired_values
from relvid_core.evaluation.metrics import PerSeed


@dataclass(frozen=True)
class Detectable:
    """In the unit of the metric. NaN where fewer than two seed videos have a value."""

    smallest: float  # true difference that is found with probability `power`
    standard_error: float  # of the mean difference
    n: int  # seed videos that both have
    confidence: float
    power: float

    def seeds_for(self, difference: float) -> float:
        """Seed videos of this kind needed to find a difference of that size; it falls with its square."""
        if not difference > 0:
            raise ConfigError(f"detectable difference: received {difference}; give a size above 0")
        return self.n * (self.smallest / difference) ** 2

    @property
    def sentence(self) -> str:
        """For a page; the metric is named by the caller."""
        if math.isnan(self.smallest):
            return f"With {self.n} seed videos nothing can be said about what a comparison could find."
        return (
            f"With these {self.n:,} seed videos a true difference of {self.smallest:.2g} is found in "
            f"{self.power:.0%} of such comparisons; smaller ones are often missed, so no difference found does not "
            "mean that there is none."
        )


def detectable_difference(a: PerSeed, b: PerSeed, *, confidence: float = 0.95, power: float = 0.8) -> Detectable:
    """Minimum detectable difference of the paired comparison of two runs, from the spread of their differences.

    (z_{(1+confidence)/2} + z_power) · sd(a − b) / √n, the normal approximation of a two-sided test (Cohen 1988, ch. 2);
    2.8 standard errors at 0.95 and 0.8. It speaks of other seed videos with the same two models: what training again
    with another random seed would change is not in it, see `detectable_beyond_training_noise`.
    """
    a, b = paired_values(a, b)
    difference = a - b
    error = float(difference.std(ddof=1) / math.sqrt(len(difference))) if len(difference) > 1 else math.nan
    return Detectable(_reach(confidence, power) * error, error, len(difference), confidence, power)


def detectable_beyond_training_noise(
    twins: list[PerSeed], *, confidence: float = 0.95, power: float = 0.8
) -> Detectable:
    """The same for two trained models as examples of their settings: from runs that differ in their random seed only.

    The variance of a difference between two such runs has two parts: other seed videos (pooled from the pairs, as
    above), and other trainings. The second shows in the spread of the runs' means: two runs' means differ with variance
    2 s². That already holds part of the first, so the larger of the two is taken, not their sum. With few runs s is
    itself uncertain (two runs: by a factor of 2 or more either way), and only with five or so does it tell much.
    """
    if len(twins) < 2:
        raise ConfigError(f"detectable difference: received {len(twins)} runs; training noise shows between 2 or more")
    if len({values.shape for values in twins}) > 1:
        raise DataError("detectable difference: the runs are of different seed videos; measure all on the same")
    values = np.stack(twins)
    values = values[:, ~np.isnan(values).any(axis=0)]
    n = values.shape[1]
    if n < 2:
        return Detectable(math.nan, math.nan, n, confidence, power)
    centred = values - values.mean(axis=1, keepdims=True)
    of_seeds = 2.0 * float(centred.var(axis=0, ddof=1).sum()) / (n - 1) / n  # of a difference, averaged over all pairs
    of_training = 2.0 * float(values.mean(axis=1).var(ddof=1))
    error = math.sqrt(max(of_seeds, of_training))
    return Detectable(_reach(confidence, power) * error, error, n, confidence, power)


def _reach(confidence: float, power: float) -> float:
    if not (0 < confidence < 1 and 0 < power < 1):
        raise ConfigError(f"detectable difference: received confidence {confidence} and power {power}; use 0 to 1")
    return NormalDist().inv_cdf((1 + confidence) / 2) + NormalDist().inv_cdf(power)
