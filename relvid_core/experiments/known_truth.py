"""Where more is known than a log of what was watched: lists measured against a truth that no recommender has shaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from relvid_core.data.catalog import Rows
from relvid_core.data.dataset import Dataset, Planted
from relvid_core.data.interactions import Interactions
from relvid_core.errors import NotEnoughData
from relvid_core.evaluation.fully_observed import MEAN_EXCESS, RELATED_ENGAGEMENT, AssociationTruth
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.off_policy.random_exposure import RandomExposure, random_exposure
from relvid_core.experiments.run import Run
from relvid_core.retrieval.ranking import Neighbours

TRUE_ENGAGEMENT: Final = "true_engagement"
RANDOM_ENGAGEMENT: Final = "random_engagement"
BY_TRUTH: Final = (TRUE_ENGAGEMENT, RANDOM_ENGAGEMENT, RELATED_ENGAGEMENT, MEAN_EXCESS)  # more is better in all


class KnownTruth(Protocol):
    """Measures of lists that need more than the log."""

    def per_seed(self, seeds: Rows, lists: Neighbours) -> dict[str, PerSeed]:
        """Name → `[n_seeds]`, NaN where the truth has no say on a seed."""


@dataclass(frozen=True)
class PlantedTruth:
    """A made-up world's own answer."""

    world: Planted

    def per_seed(self, seeds: Rows, lists: Neighbours) -> dict[str, PerSeed]:
        """The mean chance that a viewer of the seed engages with a video of its list."""
        return {TRUE_ENGAGEMENT: self.world.engagement_of_lists(seeds, lists.rows).mean(axis=1)}


@dataclass(frozen=True)
class FullyObserved:
    """What viewers who were shown everything love together; the lists must hold its videos only."""

    truth: AssociationTruth

    def per_seed(self, seeds: Rows, lists: Neighbours) -> dict[str, PerSeed]:
        """How likely who loves the seed loves its list, and how far beyond chance; recall is the Judge's own."""
        return {
            RELATED_ENGAGEMENT: self.truth.related_engagement(seeds, lists.rows),
            MEAN_EXCESS: self.truth.mean_excess(seeds, lists.rows),
        }


@dataclass(frozen=True)
class ShownAtRandom:
    """A log in which chance showed the videos, of the same viewers as the history."""

    log: Interactions
    history: Interactions

    def per_seed(self, seeds: Rows, lists: Neighbours) -> dict[str, PerSeed]:
        """Mean engagement of list videos that chance showed to viewers of the seed; nothing where it showed none."""
        try:
            return {RANDOM_ENGAGEMENT: self.reading(seeds, lists).per_unit}
        except NotEnoughData:
            return {RANDOM_ENGAGEMENT: np.full(len(seeds), np.nan)}

    def reading(self, seeds: Rows, lists: Neighbours) -> RandomExposure:
        """The same with its effective sample size and how far to believe it. Raises NotEnoughData."""
        return random_exposure(seeds, lists, self.log, self.history, unit="seed")


def random_readings(runs: Mapping[str, Run], truths: Sequence[KnownTruth]) -> dict[str, RandomExposure | None]:
    """What each run's lists earned where chance showed them, with how far to believe it; None where it showed nothing.

    `truths` are those of the runs' own protocol. Empty where nothing was shown at random.
    """
    by_lot = next((truth for truth in truths if isinstance(truth, ShownAtRandom)), None)
    if by_lot is None:
        return {}
    found: dict[str, RandomExposure | None] = {}
    for side, run in runs.items():
        try:
            found[side] = by_lot.reading(run.seeds, run.measured_lists)
        except NotEnoughData:
            found[side] = None
    return found


def true_engagement(run: Run, world: Planted) -> PerSeed:
    """What the viewers of a made-up world would make of a run's lists, by seed video, `[n_seeds]`."""
    return PlantedTruth(world).per_seed(run.seeds, run.measured_lists)[TRUE_ENGAGEMENT]


def known_truths(
    dataset: Dataset, history: Interactions, observed: AssociationTruth | None, *, per_user: bool
) -> tuple[KnownTruth, ...]:
    """What else lists over this data can be measured by; `observed` where the protocol asks a fully observed truth.

    With cuts of each viewer's own (`per_user`) no moment ends the history, so all random exposures count.
    """
    found: list[KnownTruth] = []
    if observed is not None:
        found.append(FullyObserved(observed))
    if dataset.planted is not None:
        found.append(PlantedTruth(dataset.planted))
    if dataset.truth is not None and dataset.truth_kind == "shown at random":
        log = dataset.truth if per_user else shown_after(dataset.truth, history)
        if log.exposures is not None and len(log.exposures):
            found.append(ShownAtRandom(log, history))
    return tuple(found)


def shown_after(log: Interactions, history: Interactions) -> Interactions:
    """The log with only what was shown after the history ends, where both have times: it is asked of the future."""
    exposures, ends = log.exposures, history.engagements.timestamp
    if exposures is None or exposures.timestamp is None or ends is None:
        return log
    return replace(log, exposures=exposures.take(exposures.timestamp > ends.max()))
