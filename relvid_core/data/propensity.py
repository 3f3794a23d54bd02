"""How likely a video was to be shown, and the weights that undo it.

Two things are kept apart in name: from exposures we estimate a *propensity*; from engagement counts we can only take a
*popularity proxy*, which also holds whatever made the video good. Either can be learned: see `data.behaviour_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.config import OffPolicyConfig
from relvid_core.data.behaviour_model import fit_behaviour
from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Interactions
from relvid_core.errors import ConfigError, DataError

Weights = npt.NDArray[np.float64]
PropensityKind = Literal[
    "exposure propensity", "popularity proxy", "exposure propensity, learned", "popularity proxy, learned"
]


@dataclass(frozen=True)
class Propensity:
    """π_j of every video, scaled so that the largest is 1: only ratios matter to self-normalised weights."""

    value: Weights  # [n_videos]
    kind: PropensityKind

    @classmethod
    def from_log(cls, history: Interactions, config: OffPolicyConfig, catalog: Catalog | None = None) -> Propensity:
        """The propensity that `config.propensity` names; "auto" uses exposures where the log has them.

        "learned" shrinks the counts (exposures where the log has them) towards what a model of the catalogue expects;
        that prior takes the place of `config.smoothing`. Only "learned" reads `catalog`. Propensities that the log
        itself may carry are not used.

        Raises DataError if exposures are asked for and the log has none, or the catalogue is needed and not given.
        """
        exposures = history.exposures
        if config.propensity == "exposures" and exposures is None:
            raise DataError(
                "propensity: the log holds no exposures, only engagements. Use propensity = 'popularity' or 'auto'."
            )
        if config.propensity == "learned":
            if catalog is None:
                raise DataError(
                    "propensity: 'learned' reads topics, lengths and dates, and received no catalogue. "
                    "Give the catalogue of the log, or use propensity = 'auto'."
                )
            counts = history.popularity if exposures is None else exposures.counts(history.n_videos)
            expected = fit_behaviour(counts, catalog).expected
            if exposures is None:
                return cls.from_counts(expected, config.gamma, "popularity proxy, learned", smoothing=0.0)
            return cls.from_counts(expected, 1.0, "exposure propensity, learned", smoothing=0.0)
        if exposures is not None and config.propensity != "popularity":
            shown = exposures.counts(history.n_videos)
            return cls.from_counts(shown, 1.0, "exposure propensity", smoothing=config.smoothing)
        return cls.from_counts(history.popularity, config.gamma, "popularity proxy", smoothing=config.smoothing)

    @classmethod
    def from_counts(
        cls,
        counts: npt.NDArray[np.int64] | Weights,
        gamma: float,
        kind: PropensityKind,
        *,
        smoothing: float = 1.0,
    ) -> Propensity:
        """π_j ∝ (n_j + s)^((γ+1)/2).

        Yang et al. 2018 (RecSys), eq. 8, where π_j ∝ n_j^((γ+1)/2); γ = 1 is the count itself. The added s (1 is
        Laplace's) keeps a never-seen video finite.
        """
        power = (counts + smoothing) ** ((gamma + 1.0) / 2.0)
        return cls(power / power.max(), kind)


@dataclass(frozen=True)
class ImportanceWeights:
    """w_j for every candidate, with what must be known before trusting them."""

    weight: Weights  # [n_videos], mean 1 over the training positives (unless `self_normalise` is off)
    effective_sample_size: float  # (Σw)² / Σw² over positives, as a share of their number, in (0, 1]
    largest: float
    share_clipped: float  # of positives whose weight was cut at c
    logit_bound: float  # nats: the most that log w moves any logit above the mean weight's; log(c / mean) where c binds
    unclipped: Weights  # [n_videos] as `weight`, in the same units, had nothing been cut
    pair_share: Weights  # [n_videos] share of the positives that end in each video, sums to 1

    @property
    def of_most_shown(self) -> float:
        """Weight of the most shown video. It is 1 before scaling, so a clip c stands at c times this."""
        return float(self.weight.min())


def importance_weights(propensity: Propensity, config: OffPolicyConfig, positives: Weights) -> ImportanceWeights:
    """Weights `w_j = min(π_j^−β, c)` scaled to mean 1 over `positives`: pair weight ending in each video, `[n_videos]`.

    The most shown video has π = 1 and so weight 1 before scaling: c reads as "at most c times its weight". Clipping as
    in Chen et al. 2019 (WSDM), eq. 7, there with c = e³; scaling to mean 1 is self-normalisation (Swaminathan &
    Joachims 2015, NeurIPS). With `config.self_normalise` off the weights stay at `min(π_j^−β, c)`.
    """
    share = positives / positives.sum()
    raw = propensity.value**-config.strength
    clipped = np.minimum(raw, config.clip)
    mean = float(share @ clipped)
    scale = mean if config.self_normalise else 1.0
    weight = clipped / scale
    used = share > 0
    return ImportanceWeights(
        weight=weight,
        effective_sample_size=float((share @ weight) ** 2 / (share @ weight**2)),
        largest=float(weight[used].max()),
        share_clipped=float(share @ (raw > config.clip)),
        logit_bound=float(np.log(clipped.max() / mean)),
        unclipped=raw / scale,
        pair_share=share,
    )


def weights_from_log(
    history: Interactions, config: OffPolicyConfig, positives: Weights, catalog: Catalog
) -> tuple[ImportanceWeights, PropensityKind]:
    """`importance_weights` of the propensity that `config` names, and which kind that is. Raises DataError."""
    propensity = Propensity.from_log(history, config, catalog)
    return importance_weights(propensity, config, positives), propensity.kind


def weight_histogram_frame(weights: ImportanceWeights, bins: int = 24) -> pd.DataFrame:
    """Tidy stage / left / right / share frame: share of the positives in each weight bin, before and after clipping.

    The bins are equally wide on a log scale and the same for both stages; shares of a stage sum to 1. Videos that end
    no pair have no say. Raises ConfigError for less than one bin.
    """
    if bins < 1:
        raise ConfigError(f"weight histogram: received {bins} bins; use at least 1")
    used = weights.pair_share > 0
    stages = {c.BEFORE: weights.unclipped[used], c.AFTER: weights.weight[used]}
    every = np.concatenate(list(stages.values()))
    low, high = float(every.min()), float(every.max())
    if high / low < 1.001:  # all alike: one bar that can be seen
        low, high = low / 1.1, high * 1.1
    edges = np.geomspace(low, high, bins + 1)
    edges[0], edges[-1] = low, high  # geomspace may round the ends inwards
    parts = []
    for stage, values in stages.items():
        share, _ = np.histogram(values, edges, weights=weights.pair_share[used])
        parts.append(pd.DataFrame({c.STAGE: stage, c.LEFT: edges[:-1], c.RIGHT: edges[1:], c.SHARE: share}))
    return pd.concat(parts, ignore_index=True)
