"""Two means at once: how far chance may have moved a point that both of them place.

The unit is the seed video, as in `estimates`, and what is said holds for other seed videos only: not for other training
seeds, and not for other logs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.metrics import PerSeed

FEWEST_SEEDS: Final = 3  # with both values; two points span no area
N_CORNERS: Final = 72  # of an outline: smooth at any size on a screen, and small in the page


@dataclass(frozen=True)
class JointMean:
    """The means of two metrics over one set of seed videos, and the covariance of the two means."""

    x: float
    y: float
    xx: float  # variance of the mean x
    xy: float
    yy: float
    n: int  # seeds that have both

    def outline(self, confidence: float = 0.95) -> npt.NDArray[np.float64]:
        """Corners `[N_CORNERS, 2]` of the ellipse that holds both true means at once with this confidence.

        Hotelling's (1931) T²: `d' Σ⁻¹ d = 2 (n − 1)/(n − 2) F(2, n − 2)`, and F with two degrees of freedom above has
        the closed quantile `(n − 2)/2 ((1 − confidence)^(−2/(n − 2)) − 1)`. For many seeds the bound nears
        `−2 ln(1 − confidence)`, 5.99 for 95 %: each half axis is 1.25 times as long as an interval for that direction
        alone. A metric without spread makes the ellipse a line. Empty, `[0, 2]`, where too few seeds have both values.
        """
        if not 0 < confidence < 1:
            raise ConfigError(f"ellipse: received confidence {confidence}; use one between 0 and 1")
        if self.n < FEWEST_SEEDS:
            return np.empty((0, 2))
        reach = math.sqrt((self.n - 1) * ((1 - confidence) ** (-2 / (self.n - 2)) - 1))
        variances, axes = np.linalg.eigh(np.array([[self.xx, self.xy], [self.xy, self.yy]]))
        angles = np.linspace(0, 2 * np.pi, N_CORNERS, endpoint=False)
        circle = np.stack([np.cos(angles), np.sin(angles)])
        half_axes = axes * np.sqrt(np.maximum(variances, 0.0))  # rounding may leave −1e-20
        corners: npt.NDArray[np.float64] = np.array([self.x, self.y]) + reach * (half_axes @ circle).T
        return corners


def joint_mean(x: PerSeed, y: PerSeed) -> JointMean:
    """Means of two metrics `[n_seeds]` with the covariance of the means.

    A seed that lacks one value (NaN: a video without a topic has no topic match) still counts for the mean of the
    other, so that both means are those of every table. What seed i adds to a mean is `(x_i − mean)/n_x`, 0 where it has
    none; the covariance is the sum of products of those, times n/(n − 1).
    """
    if x.shape != y.shape:
        raise DataError(f"joint mean: received {x.shape} and {y.shape} values; both must be of the same seed videos")
    has_x, has_y = ~np.isnan(x), ~np.isnan(y)
    n = int((has_x & has_y).sum())
    if not n:
        return JointMean(math.nan, math.nan, math.nan, math.nan, math.nan, 0)
    of_x, mean_x = _shares(x, has_x)
    of_y, mean_y = _shares(y, has_y)
    spare = n / (n - 1) if n > 1 else math.nan
    return JointMean(
        mean_x, mean_y, spare * float(of_x @ of_x), spare * float(of_x @ of_y), spare * float(of_y @ of_y), n
    )


def _shares(values: PerSeed, there: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], float]:
    """What each seed adds to the mean's distance from the truth, `[n_seeds]`, and the mean."""
    mean = float(values[there].mean())
    return np.where(there, values - mean, 0.0) / int(there.sum()), mean
