"""The settings that are compared, in one place.

They were chosen on the validation fold of MovieLens small with `python -m benchmarks.tune` and are then used as they
are on every dataset and on every test fold.
"""

from __future__ import annotations

from relvid_core.config import ExperimentConfig

RELEVANCE = 0.5
OFF_POLICY = 0.2

ENGAGEMENT_ONLY = "engagement only"
LADDER: dict[str, dict[str, object]] = {
    ENGAGEMENT_ONLY: {},
    "+ relevance": {"objective__relevance_weight": RELEVANCE},
    "+ OPC": {"off_policy__strength": OFF_POLICY},
    "+ relevance + OPC": {"objective__relevance_weight": RELEVANCE, "off_policy__strength": OFF_POLICY},
}


def ladder(base: ExperimentConfig) -> dict[str, ExperimentConfig]:
    """The settings that stand in the results table, each a small change of `base`."""
    return {name: base.with_values(**changes) for name, changes in LADDER.items()}
