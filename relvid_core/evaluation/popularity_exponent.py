"""The net popularity exponent: the power of p_j in what the lists rank by, one axis for every correction.

p_j is the candidate marginal of co-engagement. 1: ranked by how often j follows i, popularity and all. 0: ranked by
lift, what i adds to j's popularity. Below 0: the popular are held back. logQ, OPC, the logit offset λ and the
popularity term κ all move the same exponent, so they can be compared, and can undo each other.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.interactions import Floats
from relvid_core.data.propensity import ImportanceWeights
from relvid_core.errors import DataError
from relvid_core.evaluation.estimates import Estimate

Values = npt.NDArray[np.float64]
_BLOCK_CELLS: Final = 4_000_000  # scores in memory at a time: 32 MB
_FEWEST: Final = 3  # videos that a slope with an interval needs


def effective_strength(weights: ImportanceWeights, marginal: Values) -> float:
    """β as it acts: minus the slope of log w_j on log p_j over the pairs, `marginal` p_j `[n_videos]`.

    Equal to β where π ∝ p and nothing is clipped; clipping, smoothing and a propensity that is not popularity make it
    smaller. NaN where fewer than two popularities occur.
    """
    used = (marginal > 0) & (weights.weight > 0)
    slope, _ = _weighted_slope(np.log(marginal[used]), np.log(weights.weight[used]), weights.pair_share[used])
    return -slope


def predicted_exponent(*, strength: float, offset: float = 0.0, term: float = 0.0, log_q: bool = True) -> float:
    """The exponent on p_j at the optimum of the loss: `1 − β − λ + κ`, and `−β − λ + κ` without logQ.

    The softmax over all candidates, or a sampled one with logQ, is at its best where `s + λ log p_j = log P(j|i) +
    log w_j + const_i`; P(j|i) = p_j · lift_ij and log w_j = −β log p_j give the power of p_j in s, and the lists rank
    by s + κ log p_j. Candidates sampled from p_j without logQ take one log p_j away (Yi et al. 2019, RecSys). Give
    `effective_strength` for β: the configured one holds only without clipping.

    >>> predicted_exponent(strength=0.5, offset=0.25)
    0.25
    """
    return (1.0 if log_q else 0.0) - strength - offset + term


def fitted_exponent(
    seed_vectors: Floats,
    candidate_vectors: Floats,
    marginal: Values,
    *,
    temperature: float,
    term: float = 0.0,
    seed_marginal: Values | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The exponent that a trained model shows: slope of log M_j on log p_j over the videos with history.

    `M_j = Σ_i m_i softmax_j(s(i,j) + κ log p_j)` is how often the model itself would follow with j, its seeds drawn as
    in the log; `s = q_i·c_j / temperature` from vectors `[n_videos, dim]`, and a seed never follows itself. Weighted
    least squares with the weights p_j, so every pair counts once; normal interval from the sandwich standard error
    (HC1; MacKinnon & White 1985), which speaks of other videos from the same catalogue. `seed_marginal` m_i is
    `marginal` where it is not given (symmetric pairs). Videos without history (p_j = 0) neither follow nor are
    followed: they have no log p_j. Scores are made in blocks, never `[n_videos, n_videos]` at once.

    Raises DataError if the arrays do not belong together. NaN below three videos with history.
    """
    n = len(marginal)
    seeds_from = marginal if seed_marginal is None else seed_marginal
    if not (len(seed_vectors) == len(candidate_vectors) == len(seeds_from) == n) or temperature <= 0:
        raise DataError(
            f"popularity exponent: received {len(seed_vectors)} seed and {len(candidate_vectors)} candidate vectors "
            f"for {n} videos at temperature {temperature:g}; give each video one of both, and a temperature above 0."
        )
    known = np.flatnonzero(marginal > 0)
    if len(known) < _FEWEST:
        return Estimate(math.nan, math.nan, math.nan, len(known))
    log_p = np.log(marginal[known])
    model = model_marginal(
        seed_vectors[known],
        candidate_vectors[known],
        seeds_from[known],
        temperature=temperature,
        log_offset=term * log_p,
    )
    slope, error = _weighted_slope(log_p, np.log(np.maximum(model, np.finfo(np.float64).tiny)), marginal[known])
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Estimate(slope, slope - reach, slope + reach, len(known))


def model_marginal(
    seed_vectors: Floats, candidate_vectors: Floats, seed_marginal: Values, *, temperature: float, log_offset: Values
) -> Values:
    """`Σ_i m_i softmax_j(q_i·c_j / temperature + log_offset_j)` without i itself, `[n_videos]`; sums to Σ m_i."""
    n = len(candidate_vectors)
    total = np.zeros(n)
    size = max(1, _BLOCK_CELLS // n)
    for start in range(0, n, size):
        rows = np.arange(start, min(start + size, n))
        logits = (seed_vectors[rows] @ candidate_vectors.T).astype(np.float64) / temperature + log_offset
        logits[np.arange(len(rows)), rows] = -np.inf
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        total += (seed_marginal[rows] / logits.sum(axis=1)) @ logits
    return total


def _weighted_slope(x: Values, y: Values, weight: Values) -> tuple[float, float]:
    """Slope of y on x with an intercept, and its sandwich standard error; NaN where x does not vary."""
    if len(x) < 2:
        return math.nan, math.nan
    share = weight / weight.sum()
    from_mean = x - share @ x
    spread = float(share @ from_mean**2)
    if spread < 1e-12:
        return math.nan, math.nan
    slope = float((share * from_mean) @ y) / spread
    residual = (y - share @ y) - slope * from_mean
    if len(x) < _FEWEST:
        return slope, math.nan
    variance = float(((share * from_mean * residual) ** 2).sum()) / spread**2 * len(x) / (len(x) - 2)
    return slope, math.sqrt(variance)
