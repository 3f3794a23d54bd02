"""What a logger that sees the catalogue would show how often: a prediction for every video, and counts drawn to it.

A raw count of 0 or 1 says little about how likely a video was to be shown. The catalogue says a little more: what
videos of its topics, length and age get. Where a video has many counts of its own, they win.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from sklearn.linear_model import PoissonRegressor

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Counts
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.runtime import generator

Floats = npt.NDArray[np.float64]

TOP_LEVELS: Final = 2  # of the taxonomy; finer ones have too few videos to learn from
MAX_TOPIC_COLUMNS: Final = 300  # the most common topics: the fit is cubic in the number of columns
N_FOLDS: Final = 5
_RIDGES: Final = (np.inf, 1000.0, 100.0, 10.0)  # the penalty counts like this many videos; ∞: no features
_LOG_DISPERSION: Final = (-5.0, 12.0)  # beyond e¹² a gamma prior is a point, below e⁻⁵ it says nothing


@dataclass(frozen=True)
class BehaviourModel:
    """Expected counts of every video, `[n_videos]`; the larger `dispersion`, the more the prediction is trusted."""

    predicted: Floats  # μ_j > 0, by a model that did not see the video itself
    expected: Floats  # posterior mean (n_j + a) / (1 + a/μ_j) > 0
    dispersion: float  # a: real counts scatter around μ with variance μ + μ²/a


def fit_behaviour(counts: Counts, catalog: Catalog) -> BehaviourModel:
    """Learn counts `[n_videos]` from what the catalogue says, then shrink each count towards its prediction.

    Prediction: Poisson regression with a log link. Every video is predicted by a model fitted on the other four folds
    (fixed deal), so that the prediction is no echo of its own count. Shrinkage: n_j ~ Poisson(λ_j) with
    λ_j ~ Gamma(shape a, mean μ_j), whose posterior mean is (n_j + a) / (1 + a/μ_j); a, the same for all videos,
    maximises the marginal (negative binomial) likelihood, and so does the ridge penalty, up to leaving the features
    out. Empirical Bayes as in Clayton & Kaldor 1987 (Biometrics 43), who shrink rates of disease so; conjugacy as in
    Gelman et al. 2013 (BDA3), section 2.6.

    Raises DataError if counts and catalogue differ in length, NotEnoughData if every count is 0.
    """
    n = counts.astype(np.float64)
    if counts.shape != (len(catalog),):
        raise DataError(
            f"behaviour model: received counts of {len(counts)} videos for a catalogue of {len(catalog)}. "
            "Give the catalogue that the log was read with."
        )
    if counts.sum() == 0:
        raise NotEnoughData("behaviour model: nothing was ever shown or engaged with; use a longer log.")
    features = behaviour_features(catalog)
    fold = generator(0, "behaviour folds").permutation(np.arange(len(counts)) % N_FOLDS)
    candidates = [_predicted_across(features, n, fold, ridge) for ridge in _RIDGES]
    shapes = [gamma_shape(n, predicted) for predicted in candidates]
    pairs = zip(candidates, shapes, strict=True)
    best = int(np.argmax([_log_likelihood(n, predicted, a) for predicted, a in pairs]))
    predicted, a = candidates[best], shapes[best]
    return BehaviourModel(predicted, (n + a) / (1.0 + a / predicted), a)


def _predicted_across(features: Floats, counts: Floats, fold: npt.NDArray[np.int64], ridge: float) -> Floats:
    predicted = np.empty(len(counts))
    for number in np.unique(fold):
        held = fold == number
        predicted[held] = _fitted(features[~held], counts[~held], features[held], ridge)
    return predicted


def behaviour_features(catalog: Catalog) -> Floats:
    """What the logger could see of every video, standardised: `[n_videos, n_features]`, maybe no column at all.

    Topics down to the second level, log duration, age and log age at the newest video's date, log of the number of
    videos by the same creator. Missing values stand at the mean with a column that says so; constant columns go.
    """
    frame, n = catalog.frame, len(catalog)
    columns: list[Floats] = []
    for level in range(1, min(TOP_LEVELS, catalog.topics.n_levels) + 1):
        incidence = catalog.topics.incidence(level).toarray().astype(np.float64)
        columns.extend(incidence.T)
    columns = sorted(columns, key=_negative_sum)[:MAX_TOPIC_COLUMNS]
    duration = frame[c.DURATION_S].to_numpy(np.float64)
    columns += _with_missing(np.log1p(duration))
    published = frame[c.PUBLISHED_AT]
    age = ((published.max() - published).dt.total_seconds() / 86_400).to_numpy(np.float64)  # days
    columns += _with_missing(age) + _with_missing(np.log1p(age))
    creator = frame[c.CREATOR].astype(str)
    output = creator.map(creator.value_counts()).to_numpy(np.float64)
    columns += _with_missing(np.where(creator != "", np.log(output), np.nan))
    kept = [(column - column.mean()) / column.std() for column in columns if column.std() > 1e-9]
    return np.stack(kept, axis=1) if kept else np.zeros((n, 0))


def _negative_sum(column: Floats) -> float:
    return -float(column.sum())


def _with_missing(column: Floats) -> list[Floats]:
    missing = np.isnan(column)
    if missing.all():
        return []
    return [np.where(missing, column[~missing].mean(), column), missing.astype(np.float64)]


def _fitted(features: Floats, counts: Floats, asked: Floats, ridge: float) -> Floats:
    """Poisson regression of `counts` on `features`, predicted for `asked`; at least a tenth of a count in all videos.

    Counts are divided by their mean, so that the ridge penalty means the same for every log.
    """
    floor = 0.1 / max(1, len(counts))
    mean = float(counts.mean()) if len(counts) else floor
    if mean == 0 or features.shape[1] == 0 or len(counts) < 2 or np.isinf(ridge):
        return np.full(len(asked), max(mean, floor))
    model = PoissonRegressor(alpha=ridge / len(counts), solver="newton-cholesky", max_iter=200)
    model.fit(features, counts / mean)
    reach = 3.0 * float(np.abs(features @ model.coef_).max())  # a video unlike all others is not extrapolated wildly
    log_rate = model.intercept_ + np.clip(asked @ model.coef_, -reach, reach)
    predicted: Floats = np.maximum(mean * np.exp(log_rate), floor)
    return predicted


def gamma_shape(counts: Floats, predicted: Floats) -> float:
    """The a that maximises Σ_j log NB(n_j; mean μ_j, variance μ_j + μ_j²/a), for counts and means `[n]`."""

    def loss(log_a: float) -> float:
        return -_log_likelihood(counts, predicted, float(np.exp(log_a)))

    found = minimize_scalar(loss, bounds=_LOG_DISPERSION, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def _log_likelihood(counts: Floats, predicted: Floats, a: float) -> float:
    """Σ_j log NB(n_j), without the terms that hold neither μ nor a."""
    terms = gammaln(counts + a) - gammaln(a) - a * np.log1p(predicted / a)
    return float((terms + counts * (np.log(predicted) - np.log(a + predicted))).sum())
