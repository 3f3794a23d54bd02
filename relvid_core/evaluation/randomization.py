"""Paired randomisation by sign flips: how often would chance alone make two runs differ as much on the same seeds?"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.stats import norm

from relvid_core.errors import ConfigError
from relvid_core.runtime import generator

Values = npt.NDArray[np.float64]

EXACT_UP_TO: Final = 26  # differences that are not zero: two halves of 2¹³ sums, which take less than a millisecond
EXACT_IN_GROUPS: Final = 16  # the same for many groups at once: two halves of 2⁸ sums, a twentieth of a millisecond
_ROUNDING: Final = 1e-12  # of Σ|d|: sums that are equal on paper may differ by this much
_BLOCK_CELLS = 1 << 19  # signs in memory at a time; small enough to stay in the processor's cache


def sign_flip_p(difference: Values, *, flips: int = 10_000, seed: int = 0) -> float:
    """Two-sided p-value of "the sign of every difference is a fair coin", for the mean of `[n]` paired differences.

    Fisher 1935; for retrieval Smucker, Allan & Carterette 2007 (CIKM). Exact up to 26 differences that are not zero
    (a zero is the same under both signs); above, Monte Carlo with p = (1 + as extreme) / (1 + flips), never 0 (Phipson
    & Smyth 2010). NaN without a difference.

    >>> sign_flip_p(np.array([1.0, 2.0, 4.0, 0.0]))
    0.25
    """
    if flips < 1:
        raise ConfigError(f"sign flips: received {flips}; draw at least 1")
    if not len(difference):
        return math.nan
    moved = difference[difference != 0]
    return exact_p(moved) if len(moved) <= EXACT_UP_TO else monte_carlo_p(moved, flips=flips, seed=seed)


def sign_flip_p_of_groups(difference: Values, member: sparse.csr_matrix) -> Values:
    """`sign_flip_p` of every group of the `[n]` differences, `[n_groups]`; `member` is `[n, n_groups]` of 0 and 1.

    Exact up to 16 differences that are not zero. Above, the normal limit: flipped signs give a sum of mean 0 and
    variance Σd², so p = 2 Φ(−|Σd| / √Σd²), which is never below the exact one where all differences are equal. No
    draws: thousands of groups take milliseconds, and p-values are small enough for Holm's adjustment over them.
    """
    moved, values = member[np.flatnonzero(difference)].tocsc(), difference[difference != 0]
    total, square = moved.T @ values, moved.T @ values**2
    ratio = np.divide(np.abs(total), np.sqrt(square), out=np.zeros(len(total)), where=square > 0)
    p: Values = np.where(np.asarray(member.sum(axis=0)).ravel() > 0, 2.0 * norm.sf(ratio), np.nan)
    n_moved = np.diff(moved.indptr)
    for group in np.flatnonzero((n_moved > 0) & (n_moved <= EXACT_IN_GROUPS)):
        p[group] = exact_p(values[moved.indices[moved.indptr[group] : moved.indptr[group + 1]]])
    return p


def exact_p(moved: Values) -> float:
    """Share of all 2ⁿ sign patterns of `[n]` differences whose |sum| is at least the observed one.

    The sums of each half are listed and sorted, and pairs of them are counted by bisection: 2·2^(n/2) sums, not 2ⁿ
    (as Horowitz & Sahni 1974 do for knapsacks; Pagano & Tritchler 1983 count permutations so).
    """
    bound = _bound(moved)
    if bound <= 0:
        return 1.0
    half = len(moved) // 2
    first, second = np.sort(_sums(moved[:half])), np.sort(_sums(moved[half:]))  # sorted queries are found faster
    above = len(second) - np.searchsorted(second, bound - first, side="left")
    below = np.searchsorted(second, -bound - first, side="right")
    return float((above.sum() + below.sum()) / (len(first) * len(second)))


def monte_carlo_p(moved: Values, *, flips: int, seed: int) -> float:
    """The same by `flips` random sign patterns, the observed one counted as one more.

    Eight signs to a byte: the sums of every eight differences under all 256 patterns are looked up, not redone.
    """
    bound = _bound(moved)
    eights = np.append(moved, np.zeros(-len(moved) % 8)).reshape(-1, 8)
    signs = 1.0 - 2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    sums = (eights @ signs.T).ravel()  # [n_eights · 256]
    base = np.arange(len(eights), dtype=np.int32) * 256
    rng = generator(seed, "sign flips")
    extreme = 0
    size = max(1, _BLOCK_CELLS // len(eights))
    for start in range(0, flips, size):
        patterns = rng.integers(0, 256, size=(min(size, flips - start), len(eights)), dtype=np.uint8)
        extreme += int((np.abs(sums[patterns + base].sum(axis=1)) >= bound).sum())
    return (1 + extreme) / (1 + flips)


def _bound(moved: Values) -> float:
    """What is as extreme as observed. A sum of zero must count every pattern, so the slack is not relative to it."""
    return float(abs(moved.sum()) - _ROUNDING * np.abs(moved).sum())


def _sums(values: Values) -> Values:
    """Sums of `[n]` values under all sign patterns, `[2ⁿ]`."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums
