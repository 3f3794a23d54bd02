"""Is popularity quality here? Read from the log alone, before any correction is trusted.

If the videos that are shown most are also those that viewers of it take to most, popularity is (partly) quality, and
weighting it away throws away what viewers like. If they are not, popularity is luck or habit, and correcting for it
helps. Which it is cannot be seen in popularity itself: it takes a second quantity, how a video fares *when it is shown*
or, weaker, how it is valued by those who engaged with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

from relvid_core.data.behaviour_model import gamma_shape
from relvid_core.data.interactions import Interactions
from relvid_core.evaluation.estimates import UNDEFINED, Estimate

Values = npt.NDArray[np.float64]
Verdict = Literal["popularity is luck", "popularity is quality", "cannot tell"]
Compared = Literal["engagement rate by exposures", "value of engagements by popularity"]
QualityKind = Compared | Literal["nothing to go by"]

FEWEST_VIDEOS: Final = 30
CONFIDENCE: Final = 0.95
_ROUNDS: Final = 100  # of Newton's method; it takes 5 to 10


@dataclass(frozen=True)
class Threshold:
    """Slopes at and below `luck` and at and above `quality` carry a verdict; between them worlds go either way."""

    luck: float  # −∞: no slope is a sign of luck
    quality: float


# Calibrated once on 60 simulated worlds of 720 videos (seeds 10000 to 10059) that differ at random in how much of
# popularity is quality, in what quality does, in how unequal popularity is and in how the logger works. In each, the
# two-tower was trained with and without OPC of strength 0.3 and its lists scored by their true engagement.
# By exposures: of 29 worlds at or below 0.11, 26 gained; of 24 at or above 0.18, 21 lost. By value (a simulated watch
# ratio): of 15 at or above 0.14, 14 lost. The tests read other worlds.
# A low slope by value is no sign of luck: an engagement is mostly a value above some limit, and values so selected look
# alike. KuaiRec's watch ratios from 1 up have a slope of 0.015, where viewers' full preferences do follow popularity.
THRESHOLDS: Final[dict[Compared, Threshold]] = {
    "engagement rate by exposures": Threshold(0.11, 0.18),
    "value of engagements by popularity": Threshold(-math.inf, 0.14),
}


@dataclass(frozen=True)
class QualityReading:
    """What the log says, how it knows, and a sentence for a page."""

    slope: Estimate  # log engagement rate (or value) per standard deviation of log exposures (or popularity)
    kind: QualityKind
    verdict: Verdict
    sentence: str


def read_quality(history: Interactions) -> QualityReading:
    """The best reading that this log allows: by exposures, else by the value of engagements, else none.

    See `rate_slope` for the slope. A verdict is given where the slope is beyond its threshold and its 95 % interval
    does not reach across to the other one. Values of engagements alone never say "luck".
    """
    engaged, exposures = history.popularity, history.exposures
    if exposures is not None:
        shown = exposures.counts(history.n_videos)
        return _reading("engagement rate by exposures", rate_slope(engaged, shown))
    value = history.engagements.value
    if value is None or not (value > 0).any() or float(value.max() - value.min()) < 1e-9:
        return QualityReading(
            UNDEFINED,
            "nothing to go by",
            "cannot tell",
            "The log says neither what was shown nor how much viewers liked what they watched, so nobody can know from "
            "it whether popular videos are better or only shown more. Export exposures, or a rating or watch time.",
        )
    total = np.bincount(history.engagements.row, weights=value, minlength=history.n_videos)
    return _reading("value of engagements by popularity", rate_slope(total, engaged))


def rate_slope(total: npt.NDArray[np.number], trials: npt.NDArray[np.integer]) -> Estimate:
    """Slope of log rate = log(total / trials) on log trials, per standard deviation of the log exposure rate.

    `E[total_j] = trials_j · exp(a + b x_j)`, fitted as quasi-Poisson with a sandwich standard error (Wooldridge 1999,
    J. Econometrics 90), so that a video with few trials weighs little and one without any success needs no special
    care. Given its trials, a video's rate is as likely too high as too low, so their noise is not on both axes; what
    noise in the trials themselves would flatten is undone by regression calibration (Carroll et al. 2006, ch. 4):
    x_j = E[log λ_j | trials_j] for trials_j ~ Poisson(λ_j), λ_j gamma with the shape that fits best. Per standard
    deviation of log λ, because how far popular and unpopular videos are apart decides how much is at stake: over worlds
    of unequal inequality it tells gain from loss better than b does (AUC 0.92 against 0.88).

    UNDEFINED below 30 videos with trials, or where all have the same.
    """
    seen = trials > 0
    n, y = trials[seen].astype(np.float64), total[seen].astype(np.float64)
    if len(n) < FEWEST_VIDEOS or y.sum() == 0 or np.ptp(n) == 0:
        return UNDEFINED
    mean = np.full(len(n), n.mean())
    shape = gamma_shape(n, mean)
    x = digamma(n + shape) - np.log1p(shape / mean)
    # Deviation of log λ: x varies between videos, and leaves the posterior variance open.
    spread = math.sqrt(float(x.var() + polygamma(1, n + shape).mean()))
    slope, error = _quasi_poisson(np.stack([np.ones(len(x)), (x - x.mean()) / spread], axis=1), y, n)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * error
    return Estimate(slope, slope - reach, slope + reach, len(n))


def _quasi_poisson(design: Values, y: Values, offset: Values) -> tuple[float, float]:
    """Second coefficient of E[y] = offset · exp(design @ coefficients) and its sandwich standard error, by Newton."""
    coefficients = np.array([math.log(y.sum() / offset.sum()), 0.0])
    for _ in range(_ROUNDS):
        mean = offset * np.exp(design @ coefficients)
        bread = np.linalg.inv(design.T @ (design * mean[:, None]))
        step = np.clip(bread @ (design.T @ (y - mean)), -1.0, 1.0)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            break
    mean = offset * np.exp(design @ coefficients)
    bread = np.linalg.inv(design.T @ (design * mean[:, None]))
    meat = design.T @ (design * ((y - mean) ** 2)[:, None])
    return float(coefficients[1]), float(math.sqrt((bread @ meat @ bread)[1, 1]))


def _reading(kind: Compared, slope: Estimate) -> QualityReading:
    verdict = _verdict(kind, slope)
    if math.isnan(slope.mean):
        return QualityReading(
            slope,
            kind,
            verdict,
            f"Too few videos were seen, or all equally often, to compare popular with unpopular ones: it takes "
            f"{FEWEST_VIDEOS} videos with unequal counts.",
        )
    if verdict == "cannot tell":
        return QualityReading(slope, kind, verdict, f"{_FOUND[kind].format(_change(slope.mean))} {_UNSURE[kind]}")
    return QualityReading(slope, kind, verdict, f"{_FOUND[kind].format(_change(slope.mean))} {_MEANING[verdict]}")


def _verdict(kind: Compared, slope: Estimate) -> Verdict:
    limit = THRESHOLDS[kind]
    if slope.mean <= limit.luck and slope.high < limit.quality:
        return "popularity is luck"
    if slope.mean >= limit.quality and slope.low > max(limit.luck, 0.0):
        return "popularity is quality"
    return "cannot tell"


def _change(slope: float) -> str:
    percent = 100 * math.expm1(slope)
    if abs(percent) < 1:
        return "about as much as"
    return f"{abs(percent):.0f} % {'more' if percent > 0 else 'less'} than"


_FOUND: Final[dict[Compared, str]] = {
    "engagement rate by exposures": (
        "Each time it is shown, a video that is shown much more than average (one standard deviation) is engaged with "
        "{} an average one."
    ),
    "value of engagements by popularity": (
        "The log holds no exposures, so this is weaker evidence: those who engaged with a video much more popular than "
        "average (one standard deviation) valued it {} an average one."
    ),
}
_MEANING: Final[dict[Verdict, str]] = {
    "popularity is luck": (
        "So being shown, not being better, makes most of its popularity: correcting for popularity should help viewers."
    ),
    "popularity is quality": (
        "So what is shown more is also liked more: correcting for popularity would take good videos out of the lists."
    ),
}
_UNSURE: Final[dict[Compared, str]] = {
    "engagement rate by exposures": (
        "In simulated worlds with such a reading, correcting for popularity helped about as often as it hurt: try it "
        "gently, and judge by an experiment."
    ),
    "value of engagements by popularity": (
        "That leaves it open: viewers who do not care for a video mostly do not engage at all, and so are not in these "
        "values. Export exposures to know more."
    ),
}
