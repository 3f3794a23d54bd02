"""Whether a log can say anything about a policy: effective sample size, largest weight, support, a plain verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.off_policy.logged import LoggedSlots, PropensityOrigin, Values
from relvid_core.evaluation.off_policy.policy import PolicyOnLog

Verdict = Literal["reliable", "weak", "no support"]

# Below 30 effective slots neither a mean nor its interval means anything: a rate of 0.25 would be known to ± 0.16.
FEWEST_EFFECTIVE: Final = 30.0
# With 400 the standard error of a rate of 0.25 is 0.02: differences of a tenth of it begin to show.
ENOUGH_EFFECTIVE: Final = 400.0
# One slot that holds more than a twentieth of all weight moves the estimate by up to 0.05 on its own.
LARGEST_SHARE: Final = 0.05
# The mean weight estimates how much of the policy's probability the logger could have shown; a tenth missing is as
# much as the differences between good runs. Where not even half is there, the estimate speaks of another policy.
MEAN_WEIGHT: Final = (0.9, 1.1)
HALF: Final = 0.5
TWICE: Final = 2.0  # weights that average more than that were made with other propensities than the logger's


@dataclass(frozen=True)
class Support:
    """What must be known before an off-policy value is believed. Weights are w = π_new / π_log of the asked slots."""

    n_slots: int  # asked: the seed has a list with a video left
    share_asked: float  # of all watch-next slots in the log
    overlap: float  # share of the asked slots whose shown video the policy could have shown
    effective_sample_size: float  # (Σw)² / Σw², slots
    largest_weight: float
    largest_share: float  # of all weight, that is in one slot
    mean_weight: Estimate  # 1 if all of the policy has support and the propensities are right (interval over users)
    unseen_pairs: float  # share of the policy on (seed, video) pairs that the log never holds: nothing of their own
    origin: PropensityOrigin
    verdict: Verdict
    sentence: str

    @property
    def without_support(self) -> float:
        """Estimated share of the policy's probability that the logger could not have shown, in [0, 1]."""
        return min(1.0, max(0.0, 1.0 - self.mean_weight.mean))


def support(slots: LoggedSlots, placed: PolicyOnLog, weight: Values, mean_weight: Estimate) -> Support:
    """Diagnostics of the weights `[n_asked]`.

    Effective sample size: Kish 1965, for importance sampling Kong 1992. The mean weight is 1 in expectation exactly if
    π_new > 0 only where π_log > 0 (Swaminathan & Joachims 2015 use it as a control variate); what it lacks of 1 is the
    probability of the policy without support.
    """
    total = float(weight.sum())
    effective = total**2 / float((weight**2).sum()) if total > 0 else 0.0
    share = float(weight.max()) / total if total > 0 else 1.0
    verdict, sentence = _verdict(effective, share, mean_weight, slots.origin)
    return Support(
        n_slots=len(weight),
        share_asked=len(weight) / len(slots),
        overlap=float((weight > 0).mean()),
        effective_sample_size=effective,
        largest_weight=float(weight.max()),
        largest_share=share,
        mean_weight=mean_weight,
        unseen_pairs=_unseen_pairs(slots, placed),
        origin=slots.origin,
        verdict=verdict,
        sentence=sentence,
    )


def _unseen_pairs(slots: LoggedSlots, placed: PolicyOnLog) -> float:
    policy = placed.policy
    logged = np.unique(slots.seed_row.astype(np.int64) * slots.n_videos + slots.shown_row)
    unseen = ~np.isin(policy.seeds[:, None].astype(np.int64) * slots.n_videos + policy.rows, logged)
    of_list = (policy.probability * unseen).sum(axis=1)
    return float(of_list[placed.list_of].mean())


def _verdict(effective: float, share: float, mean: Estimate, origin: PropensityOrigin) -> tuple[Verdict, str]:
    if effective < FEWEST_EFFECTIVE:
        return "no support", (
            f"The log shows so few videos of these lists that all of it is worth {effective:.0f} slots "
            f"(at least {FEWEST_EFFECTIVE:.0f} are needed): it cannot say what the lists would have earned."
        )
    if mean.high < HALF:
        return "no support", (
            f"At most {mean.high:.0%} of what these lists would show could have been shown by the logger, so the log "
            "speaks of other lists."
        )
    if mean.low > TWICE:
        known = (
            "estimated from counts, which know nothing of the video being watched" if origin == "estimated" else "wrong"
        )
        return "no support", (
            f"The weights average {mean.mean:.1f} where 1 is expected: the propensities, {known}, are not those of the "
            "logger, and what they weigh is not what these lists would have earned."
        )
    low, high = MEAN_WEIGHT
    doubts = []
    if origin == "estimated":
        doubts.append("the propensities are estimated from counts and know nothing of the video being watched")
    if effective < ENOUGH_EFFECTIVE:
        doubts.append(f"the log is worth only {effective:.0f} slots here ({ENOUGH_EFFECTIVE:.0f} are enough)")
    if share > LARGEST_SHARE:
        doubts.append(f"one slot alone carries {share:.0%} of all weight")
    if mean.high < low:
        doubts.append(f"about {1 - mean.mean:.0%} of what these lists would show has no support in the log")
    if mean.low > high:
        doubts.append(f"the weights average {mean.mean:.2f} instead of 1, so the propensities do not fit this log")
    if not doubts:
        return "reliable", (
            f"The log is worth {effective:.0f} slots for these lists, no single slot decides, and the weights average "
            f"{mean.mean:.2f} where 1 is expected."
        )
    return "weak", f"Take it as a hint: {'; '.join(doubts)}."
