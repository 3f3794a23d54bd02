"""The settings that are compared, in one place.

They were chosen on the validation fold of MovieLens small with `python -m benchmarks.tune` and are then used as they
are on every dataset and on every test fold.
"""

from __future__ import annotations

from relvid_core.config import ExperimentConfig

RELEVANCE = 0.5
LESS_RELEVANCE = 0.35  # between the two of the grid; not chosen by it
OFF_POLICY = 0.2
CLIP = 2.0

ENGAGEMENT_ONLY = "engagement only"
ALL_LEVERS = "+ relevance + OPC"
CORRECTION: dict[str, object] = {"off_policy__strength": OFF_POLICY, "off_policy__clip": CLIP}
LADDER: dict[str, dict[str, object]] = {
    ENGAGEMENT_ONLY: {},
    "+ relevance": {"objective__relevance_weight": RELEVANCE},
    "+ OPC": CORRECTION,
    "+ less relevance + OPC": {"objective__relevance_weight": LESS_RELEVANCE, **CORRECTION},
    ALL_LEVERS: {"objective__relevance_weight": RELEVANCE, **CORRECTION},
}


def ladder(base: ExperimentConfig) -> dict[str, ExperimentConfig]:
    """The settings that stand in the results table, each a small change of `base`."""
    return {name: base.with_values(**changes) for name, changes in LADDER.items()}
