"""Does a popularity correction pay on this data? Four runs that differ in nothing else, and what is read off them.

The four: no correction; off-policy weights (OPC); logit adjustment that aims at the same net popularity exponent; and
plain sampled negatives without the logQ correction, which take popularity out by accident and cost no thought at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from relvid_core.config import ExperimentConfig, OffPolicyConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.propensity import weights_from_log
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.popularity_exponent import (
    Values,
    effective_strength,
    fitted_exponent,
    predicted_exponent,
)
from relvid_core.experiments.prepared import Cut
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.standings import same_run
from relvid_core.training.batches import uses_sample

Method = Literal["none", "weights", "offset", "no_logq"]

NAMES: Final[dict[Method, str]] = {
    "none": "No correction",
    "weights": "OPC",
    "offset": "Logit adjustment",
    "no_logq": "No logQ, no OPC",
}
CORRECTIONS: Final[tuple[Method, ...]] = ("weights", "offset", "no_logq")


@dataclass(frozen=True)
class CorrectionSet:
    """The four configs to train, and the names their runs get."""

    configs: dict[Method, ExperimentConfig]
    labels: dict[Method, str]

    @classmethod
    def around(cls, base: ExperimentConfig, effective: float) -> CorrectionSet:
        """The set for a config with weights; `effective` is its `effective_strength`, from which λ is taken.

        λ = effective β has the same predicted exponent as the weights. It is kept within its own range, 0 to 1, and
        rounded, so that the same sliders always ask for the same run. NaN counts as 0. Raises ConfigError for β = 0.
        """
        strength, clip = base.off_policy.strength, base.off_policy.clip
        if strength == 0:
            raise ConfigError("comparison of corrections: received off_policy.strength 0; choose a strength above 0")
        offset = 0.0 if math.isnan(effective) else round(min(max(effective, 0.0), 1.0), 3)
        plain = replace(base, off_policy=OffPolicyConfig()).with_values(
            objective__popularity_offset=0.0, training__log_q=True
        )
        configs: dict[Method, ExperimentConfig] = {
            "none": plain,
            "weights": base.with_values(objective__popularity_offset=0.0, training__log_q=True),
            "offset": plain.with_values(objective__popularity_offset=offset),
            "no_logq": plain.with_values(training__softmax="sampled", training__log_q=False),
        }
        labels: dict[Method, str] = {
            **NAMES,
            "weights": f"{NAMES['weights']} β {strength:g}, clip {clip:.3g}",
            "offset": f"{NAMES['offset']} λ {offset:g}",
        }
        return cls(configs, labels)

    def stored(self, infos: list[RunInfo], fingerprint: str) -> dict[Method, RunInfo]:
        """Which of the four exist already, made from this data."""
        found = {method: same_run(config, fingerprint, infos) for method, config in self.configs.items()}
        return {method: info for method, info in found.items() if info is not None}


def predicted_of(config: ExperimentConfig, parts: Cut, catalog: Catalog) -> float:
    """The net popularity exponent at the optimum of this config's engagement loss, with β as it acts."""
    strength = 0.0
    if config.off_policy.strength > 0:
        marginal = parts.pairs.candidate_marginal
        weights, _ = weights_from_log(parts.history, config.off_policy, marginal, catalog)
        strength = effective_strength(weights, marginal)
    return predicted_net(config, strength, len(catalog))


def predicted_net(config: ExperimentConfig, effective: float, n_videos: int) -> float:
    """`predicted_exponent` of a config whose weights act with strength `effective`."""
    return predicted_exponent(
        strength=effective,
        offset=config.objective.popularity_offset,
        term=config.objective.popularity_term,
        log_q=config.training.log_q or not uses_sample(config, n_videos),
    )


def fitted_of(run: Run, parts: Cut) -> Estimate:
    """The exponent that a stored model shows, read off its engagement head. Raises RunError for a baseline."""
    if run.towers is None:
        raise RunError(f"run {run.info.label!r}: a baseline has no vectors to read an exponent from; choose a model")
    head, objective = run.towers.heads[0], run.info.config.objective
    matrix = parts.pairs.matrix
    seed_marginal: Values = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel() / float(matrix.sum())
    return fitted_exponent(
        head.seed,
        head.candidate,
        parts.pairs.candidate_marginal,
        temperature=objective.temperature,
        term=objective.popularity_term,
        seed_marginal=seed_marginal,
        confidence=run.info.config.evaluation.confidence,
    )
