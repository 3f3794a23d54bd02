"""Warm start: which earlier run a training should begin from."""

from __future__ import annotations

import math
from dataclasses import asdict

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.circularity import shows_no_more
from relvid_core.experiments.run import RunInfo

_DECISIVE = ("objective", "off_policy")  # sections whose settings say how near two models are …
_AT_QUERY_TIME = ("popularity_term", "blend")  # … but these: they rank lists, and training never reads them


def nearest_run(config: ExperimentConfig, fingerprint: str, infos: list[RunInfo]) -> RunInfo | None:
    """The stored model whose parameters fit and whose settings are nearest, the newest of equals; None if none fits.

    It must have learned from the very same pairs: of another split, it may have seen what is asked now; and of no
    topics that are kept from this training. A run that
    itself began from another is no start: errors would add up unseen.
    """
    fitting = [
        info
        for info in infos
        if info.kind == "model"
        and info.dataset_fingerprint == fingerprint
        and info.started_from is None
        and (info.config.split, info.config.coengagement, info.config.towers)
        == (config.split, config.coengagement, config.towers)
        and shows_no_more(info.config, config)
    ]
    return min(fitting, key=lambda info: (settings_distance(info.config, config), -info.created_at), default=None)


def settings_distance(a: ExperimentConfig, b: ExperimentConfig) -> float:
    """How far two objectives are apart: each setting adds |a − b| / (|a| + |b|), or 1 where a word differs.

    >>> plain = ExperimentConfig()
    >>> settings_distance(plain, plain.with_values(objective__relevance_weight=0.5))
    1.0
    """
    theirs = asdict(b)
    total = 0.0
    for section in _DECISIVE:
        for name, value in asdict(a)[section].items():
            other = theirs[section][name]
            if value == other or name in _AT_QUERY_TIME:
                continue
            numbers = isinstance(value, float) and math.isfinite(value) and math.isfinite(other)
            total += abs(value - other) / (abs(value) + abs(other)) if numbers else 1.0
    return total
