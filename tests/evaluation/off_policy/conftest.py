"""A small world whose logger and viewers are known, and what a policy is truly worth in it."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.data.interactions import Interactions
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.evaluation.off_policy.policy import ListPolicy
from relvid_core.simulation.behaviour import make_log
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.loader import dataset_of_world
from relvid_core.simulation.truth import Truth
from relvid_core.simulation.world import World, make_world

TrueValue = Callable[[Truth, LoggedSlots, ListPolicy], float]


@pytest.fixture(scope="session")
def world() -> World:
    """120 videos, 300 viewers, 11,000 watch-next slots."""
    return make_world(WorldConfig(n_videos=120, n_viewers=300, n_creators=60, mean_sessions=8.0))


@pytest.fixture(scope="session")
def logs(world: World) -> Callable[[int], Interactions]:
    """Other logs of the same world: the same viewers, videos and logger, other draws. Each is drawn once."""
    ids = list(world.videos.frame[c.VIDEO_ID])

    @lru_cache(maxsize=16)
    def draw(seed: int) -> Interactions:
        log = make_log(replace(world.config, seed=seed), world.truth, ids)
        return dataset_of_world(replace(world, log=log)).interactions

    return draw


@pytest.fixture(scope="session")
def true_value() -> TrueValue:
    """Mean over the asked slots of Σ_j π(j | seed, seen) P(engage | viewer, j, seed), slot by slot from the truth."""

    def value(truth: Truth, slots: LoggedSlots, policy: ListPolicy) -> float:
        viewers, videos = np.arange(truth.n_viewers), np.arange(truth.n_videos)
        affinity, fit = truth.affinity(viewers, videos), truth.fit(videos, videos)
        engage = affinity[slots.user] * (1 - truth.context_gain + truth.context_gain * fit[slots.seed_row])
        number = np.full(truth.n_videos, -1)
        number[policy.seeds] = np.arange(len(policy.seeds))
        dense = np.zeros((len(policy.seeds) + 1, truth.n_videos))  # the last row is of seeds without a list
        np.put_along_axis(dense[:-1], policy.rows, policy.probability, axis=1)
        chance = dense[number[slots.seed_row]]
        chance[slots.seen_slot, slots.seen_row] = 0.0
        mass = chance.sum(axis=1)
        return float(((chance * engage).sum(axis=1)[mass > 0] / mass[mass > 0]).mean())

    return value
