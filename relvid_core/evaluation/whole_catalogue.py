"""Two runs by what all their lists together do to the catalogue: differences of Gini and coverage with evidence."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.evaluation import exposure
from relvid_core.evaluation.estimates import PairedDifference, subsample_statistic
from relvid_core.evaluation.protocol import COVERAGE, GINI, list_incidence

STATISTICS: Final[dict[str, Callable[[npt.NDArray[Any]], npt.NDArray[np.float64]]]] = {
    GINI: exposure.gini,
    COVERAGE: exposure.coverage,
}


def catalogue_difference(
    a: Rows, b: Rows, metric: str, n_videos: int, *, confidence: float = 0.95, seed: int = 0
) -> PairedDifference:
    """A statistic of the lists `a` − that of `b`, both `[n_seeds, k]` of the same seeds; `metric` is in `STATISTICS`.

    Each subsample leaves out the same seeds of both. The p-value is the normal one of the interval: there is no value
    of a single seed whose sign could be flipped.
    """
    statistic, shown = STATISTICS[metric], [list_incidence(rows, n_videos) for rows in (a, b)]

    def gap(kept: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        first, second = (statistic(kept @ lists) for lists in shown)
        return np.asarray(first - second)

    found = subsample_statistic(gap, len(a), confidence=confidence, seed=seed)
    if math.isnan(found.low):
        return PairedDifference(found, math.nan)
    error = (found.high - found.low) / 2 / NormalDist().inv_cdf((1 + confidence) / 2)
    if error == 0:
        return PairedDifference(found, 1.0 if found.mean == 0 else 0.0)
    return PairedDifference(found, 2 * NormalDist().cdf(-abs(found.mean) / error))
