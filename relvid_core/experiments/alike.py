"""Trainings that differ only in their random seed: asked for together, found again, and how far they are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.errors import ConfigError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.run import MAX_LABEL, RunInfo, default_label

MOST_TRAININGS: Final = 5


@dataclass(frozen=True)
class Spread:
    """How far the means of one measure are apart over trainings."""

    deviation: float  # standard deviation of a sample
    low: float
    high: float
    n: int  # trainings, at least 2


def seeded(config: ExperimentConfig, n: int, label: str = "") -> list[tuple[ExperimentConfig, str]]:
    """`n` configs with the training seeds s, s + 1, …, and their labels: one in common, with the seed where n > 1.

    >>> [(one.training.seed, label) for one, label in seeded(ExperimentConfig(), 2, "mine")]
    [(0, 'mine · seed 0'), (1, 'mine · seed 1')]

    Raises ConfigError for no training at all, or where a seed would be too large.
    """
    if n < 1:
        raise ConfigError(f"trainings: received {n}; ask for 1 or more")
    if n == 1:
        return [(config, label)]
    named = label or default_label(config)
    configs = [config.with_values(training__seed=config.training.seed + i) for i in range(n)]
    return [(one, _with_seed(named, one.training.seed)) for one in configs]


@lru_cache(maxsize=4096)  # pages ask it of every run, each time that they are drawn
def without_seed(config: ExperimentConfig) -> ExperimentConfig:
    """The config with the default training seed: equal for trainings that differ in nothing else."""
    return config.with_values(training__seed=ExperimentConfig().training.seed)


def twin_groups(infos: Sequence[RunInfo]) -> list[list[RunInfo]]:
    """Groups, of two and more, of models that are one model trained again with another seed, in the order given.

    Measured alike, on the same data. Of several runs with one seed the first in `infos` counts: a training repeats
    itself. Warm starts are left out: they share the chance of the run that they began from.
    """
    groups: dict[tuple[str, str, ExperimentConfig], dict[int, RunInfo]] = {}
    for info in infos:
        if info.kind == "model" and info.started_from is None:
            key = (info.dataset_fingerprint, info.evaluation_key, without_seed(info.config))
            groups.setdefault(key, {}).setdefault(info.config.training.seed, info)
    return [list(group.values()) for group in groups.values() if len(group) > 1]


def twins_of(info: RunInfo, infos: Sequence[RunInfo]) -> list[RunInfo]:
    """The group of `twin_groups` that a run belongs to, itself (or its repetition) included; empty without a twin."""
    if info.kind != "model" or info.started_from is not None:
        return []
    key = (info.dataset_fingerprint, info.evaluation_key, without_seed(info.config))
    alike = [one for one in infos if (one.dataset_fingerprint, one.evaluation_key, without_seed(one.config)) == key]
    return next(iter(twin_groups(alike)), [])


def spreads(trainings: Sequence[dict[str, Estimate]]) -> dict[str, Spread]:
    """Measure → spread of its means over two trainings and more; measures that one of them lacks are left out."""
    found = {}
    for metric in trainings[0] if len(trainings) > 1 else ():
        means = np.array([of[metric].mean if metric in of else np.nan for of in trainings])
        if not np.isnan(means).any():
            found[metric] = Spread(float(means.std(ddof=1)), float(means.min()), float(means.max()), len(means))
    return found


def _with_seed(label: str, seed: int) -> str:
    """The label with the seed at its end, which stays whole when the label is cut."""
    end = f" · seed {seed}"
    kept = label if len(label) + len(end) <= MAX_LABEL else label[: MAX_LABEL - len(end) - 1].rstrip() + "…"
    return kept + end
