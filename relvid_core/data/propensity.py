"""How likely a video was to be shown, and the weights that undo it.

Two things are kept apart in name: from exposures we estimate a *propensity*; from engagement counts we can only take a
*popularity proxy*, which also holds whatever made the video good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from relvid_core.config import OffPolicyConfig
from relvid_core.data.interactions import Interactions
from relvid_core.errors import DataError

Weights = npt.NDArray[np.float64]
PropensityKind = Literal["exposure propensity", "popularity proxy"]


@dataclass(frozen=True)
class Propensity:
    """π_j of every video, scaled so that the largest is 1: only ratios matter to self-normalised weights."""

    value: Weights  # [n_videos]
    kind: PropensityKind

    @classmethod
    def from_log(cls, history: Interactions, config: OffPolicyConfig) -> Propensity:
        """The propensity that `config.propensity` names; "auto" uses exposures where the log has them.

        Raises DataError if exposures are asked for and the log has none.
        """
        if config.propensity == "exposures" and history.exposures is None:
            raise DataError(
                "propensity: the log holds no exposures, only engagements. Use propensity = 'popularity' or 'auto'."
            )
        if history.exposures is not None and config.propensity != "popularity":
            return cls.from_counts(history.exposures.counts(history.n_videos), 1.0, "exposure propensity")
        return cls.from_counts(history.popularity, config.gamma, "popularity proxy")

    @classmethod
    def from_counts(cls, counts: npt.NDArray[np.int64], gamma: float, kind: PropensityKind) -> Propensity:
        """π_j ∝ (n_j + 1)^((γ+1)/2).

        Yang et al. 2018 (RecSys), eq. 8, where π_j ∝ n_j^((γ+1)/2); γ = 1 is the count itself. The added 1 (Laplace)
        keeps a never-seen video finite.
        """
        power = (counts + 1.0) ** ((gamma + 1.0) / 2.0)
        return cls(power / power.max(), kind)


@dataclass(frozen=True)
class ImportanceWeights:
    """w_j for every candidate, with what must be known before trusting them."""

    weight: Weights  # [n_videos], mean 1 over the training positives
    effective_sample_size: float  # (Σw)² / Σw² over positives, as a share of their number, in (0, 1]
    largest: float
    share_clipped: float  # of positives whose weight was cut at c
    logit_bound: float  # nats: the most that log w moves any logit above the mean weight's; log(c / mean) where c binds


def importance_weights(propensity: Propensity, config: OffPolicyConfig, positives: Weights) -> ImportanceWeights:
    """Weights `w_j = min(π_j^−β, c)` scaled to mean 1 over `positives`: pair weight ending in each video, `[n_videos]`.

    The most shown video has π = 1 and so weight 1 before scaling: c reads as "at most c times its weight". Clipping as
    in Chen et al. 2019 (WSDM), eq. 7, there with c = e³; scaling to mean 1 is self-normalisation (Swaminathan &
    Joachims 2015, NeurIPS).
    """
    share = positives / positives.sum()
    raw = propensity.value**-config.strength
    clipped = np.minimum(raw, config.clip)
    mean = float(share @ clipped)
    weight = clipped / mean
    used = share > 0
    return ImportanceWeights(
        weight=weight,
        effective_sample_size=float((share @ weight) ** 2 / (share @ weight**2)),
        largest=float(weight[used].max()),
        share_clipped=float(share @ (raw > config.clip)),
        logit_bound=float(np.log(clipped.max() / mean)),
    )
