"""Value of a policy per watch-next slot, from a log that another policy left: what would viewers have engaged with?

    V(π) = mean over logged slots of Σ_j π(j | seed, seen) · E[reward of j in this slot]

so users, seeds and what was seen before are those of the log, and a slot is judged alone: that another video might have
led elsewhere is not in it. With w = π(shown) / propensity, r the reward and q̂ a reward model:

    matched   Σ 1[w > 0] r / Σ 1[w > 0]         no correction: what list videos earned where they happened to be shown
    direct    mean Σ_j π_j q̂_j                  as good as the model is
    ips       mean w r                          Horvitz & Thompson 1952; unbiased, wild
    clipped   mean min(w, c) r                  Ionides 2008; too low for rewards ≥ 0, calmer
    snips     Σ w r / Σ w                       Swaminathan & Joachims 2015 (NeurIPS), eq. 7
    dr        mean Σ_j π_j q̂_j + w (r − q̂)      Dudík, Langford & Li 2011 (ICML), eq. 2
    switch_dr the same with w = 0 where w > c   Wang, Agarwal & Dudík 2017 (ICML), eq. 10

Unbiased only where the propensities are those of the logger and it could have shown all of the list: see `diagnostics`.
Slots of one user depend on each other, so intervals resample users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.interactions import Mask
from relvid_core.data.topics import Topics
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.estimates import Estimate, ratios
from relvid_core.evaluation.off_policy.diagnostics import Support, support
from relvid_core.evaluation.off_policy.logged import LoggedSlots, Values
from relvid_core.evaluation.off_policy.policy import ListPolicy, PolicyOnLog
from relvid_core.evaluation.off_policy.reward_model import Predictions, predict

MATCHED: Final = "matched"
DIRECT: Final = "direct"
IPS: Final = "ips"
CLIPPED: Final = "clipped"
SNIPS: Final = "snips"
DR: Final = "dr"
SWITCH_DR: Final = "switch_dr"

CLIP: Final = 100.0  # a weight of 100 lets one engaged slot count like a hundred of the policy's own


@dataclass(frozen=True)
class Resampling:
    """How intervals are made: users are drawn with replacement."""

    replicates: int = 1000
    confidence: float = 0.95
    seed: int = 0


@dataclass(frozen=True)
class PolicyValue:
    """One estimator's answer."""

    contribution: Values  # [n_asked], mean = the estimate; ratios are linearised, so that differences are by slot
    estimate: Estimate  # its n counts users


@dataclass(frozen=True)
class OffPolicyReport:
    """All estimators on the same slots, and whether to believe them."""

    values: dict[str, PolicyValue]  # MATCHED … SWITCH_DR
    support: Support
    asked: Mask  # [n_slots] where the policy had an answer: two reports are paired over common slots
    user: npt.NDArray[np.int32]  # [n_slots]


def evaluate(
    slots: LoggedSlots,
    policy: ListPolicy,
    *,
    topics: Topics | None = None,
    clip: float = CLIP,
    resampling: Resampling | None = None,
) -> OffPolicyReport:
    """Every estimator for one policy; `topics` let the reward model know how related two videos are."""
    if not clip > 0:
        raise ConfigError(f"clip: received {clip}; give a largest weight above 0")
    resampling = resampling or Resampling()
    placed = policy.on(slots)
    weight, reward = weights(slots, placed), slots.reward[placed.asked]
    model = predict(slots, placed, topics, seed=resampling.seed)
    user = slots.user[placed.asked]
    matched = (weight > 0).astype(np.float64)
    one = np.ones(len(weight))
    parts = {
        MATCHED: (matched * reward, matched),
        DIRECT: (model.expected, one),
        IPS: (weight * reward, one),
        CLIPPED: (np.minimum(weight, clip) * reward, one),
        SNIPS: (weight * reward, weight),
        DR: (doubly_robust(weight, reward, model), one),
        SWITCH_DR: (doubly_robust(np.where(weight <= clip, weight, 0.0), reward, model), one),
    }
    every = [*parts.values(), (weight, one)]  # the last one is the mean weight
    *estimates, mean_weight = _over_users(
        [above for above, _ in every], [below for _, below in every], user, resampling
    )
    values = {
        name: PolicyValue(_contribution(*part, estimate.mean), estimate)
        for (name, part), estimate in zip(parts.items(), estimates, strict=True)
    }
    asked = np.zeros(len(slots), dtype=np.bool_)
    asked[placed.asked] = True
    return OffPolicyReport(values, support(slots, placed, weight, mean_weight), asked, slots.user)


def weights(slots: LoggedSlots, placed: PolicyOnLog) -> Values:
    """Importance weights π_new(shown | seed, seen) / propensity of the asked slots, `[n_asked]`."""
    out: Values = placed.chosen / slots.propensity[placed.asked]
    return out


def doubly_robust(weight: Values, reward: Values, model: Predictions) -> Values:
    """Each slot's Σ_j π_j q̂_j + w (r − q̂(shown)), `[n_asked]`."""
    return model.expected + weight * (reward - model.shown)


def difference(a: OffPolicyReport, b: OffPolicyReport, name: str, *, resampling: Resampling | None = None) -> Estimate:
    """Value of a − value of b by one estimator, over the slots that both were asked in; users are resampled for both.

    Much narrower than the two intervals: both policies are judged in the same slots, by the same rewards.
    """
    if a.user.shape != b.user.shape or not np.array_equal(a.user, b.user):
        raise DataError(
            f"off-policy: the reports are of {len(a.user)} and {len(b.user)} slots of different logs; "
            "evaluate both policies on one log"
        )
    both = a.asked & b.asked
    sides = [report.values[name].contribution[both[report.asked]] for report in (a, b)]
    one = np.ones(int(both.sum()))
    return _over_users([sides[0] - sides[1]], [one], a.user[both], resampling or Resampling())[0]


def _contribution(above: Values, below: Values, value: float) -> Values:
    """Linearised contributions to a ratio V = Σ above / Σ below: V + (above − V · below) / mean(below)."""
    mean = float(below.mean())
    return value + (above - value * below) / mean if mean > 0 else np.full(len(above), np.nan)


def _over_users(
    above: list[Values], below: list[Values], user: npt.NDArray[np.int32], resampling: Resampling
) -> list[Estimate]:
    """Σ above / Σ below of each pair of columns `[n_asked]`, with intervals from resampled users."""
    _, number = np.unique(user, return_inverse=True)
    sums = np.stack([np.bincount(number, weights=part) for part in (*above, *below)]).astype(np.float64)
    return ratios(
        sums[: len(above)],
        sums[len(above) :],
        replicates=resampling.replicates,
        confidence=resampling.confidence,
        seed=resampling.seed,
    )
