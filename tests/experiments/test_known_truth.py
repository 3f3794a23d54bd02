"""Measures by a known truth: by hand on tiny logs, and against a made-up world's own matrix."""

from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Events, Interactions
from relvid_core.experiments.known_truth import (
    RANDOM_ENGAGEMENT,
    TRUE_ENGAGEMENT,
    ShownAtRandom,
    random_readings,
    shown_after,
)
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import drain
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.loader import dataset_of_world
from relvid_core.simulation.world import World, make_world


def log(
    n_users: int, user: list[int], row: list[int], time: list[int], value: list[float] | None = None
) -> Interactions:
    engaged = Events(np.array(user, np.int32), np.array(row, np.int32), np.array(time, np.int64))
    shown = None if value is None else replace(engaged, value=np.array(value, np.float32))
    return Interactions(n_users, 6, engaged, shown)


HISTORY = log(3, [0, 1, 1, 2], [0, 0, 1, 4], [1, 2, 5, 3])
RANDOM = log(3, [0, 0, 1, 1, 2], [2, 3, 2, 2, 2], [4, 7, 6, 8, 9], [0, 1, 1, 0, 1])


def test_only_what_chance_showed_after_the_history_counts() -> None:
    later = shown_after(RANDOM, HISTORY)  # which ends at 5
    assert later.exposures is not None
    assert later.exposures.timestamp is not None
    assert later.exposures.timestamp.tolist() == [7, 6, 8, 9]


def test_random_engagement_by_hand() -> None:
    seeds, rows = np.array([0, 1, 4], np.int32), np.array([[2, 3], [3, 5], [0, 1]], np.int32)
    lists = Neighbours(rows, np.ones_like(rows, dtype=np.float32))
    found = ShownAtRandom(shown_after(RANDOM, HISTORY), HISTORY).per_seed(seeds, lists)[RANDOM_ENGAGEMENT]
    # Seed 0 was watched by 0 and 1: to 0 video 3 was shown and liked, to 1 video 2 twice, liked once. Video 2 was shown
    # to 0 as well, but before the history ended. Nobody who watched 1 or 4 was shown anything of their lists.
    assert found[0] == pytest.approx(2 / 3)
    assert np.isnan(found[1:]).all()


def test_nothing_shown_from_any_list_says_nothing() -> None:
    rows = np.array([[4, 5]], np.int32)
    lists = Neighbours(rows, np.ones_like(rows, dtype=np.float32))
    found = ShownAtRandom(RANDOM, HISTORY).per_seed(np.array([0], np.int32), lists)
    assert np.isnan(found[RANDOM_ENGAGEMENT]).all()


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(WorldConfig(n_videos=80, n_viewers=300))


def test_a_run_on_a_made_up_world_knows_its_true_engagement(world: World, quick: ExperimentConfig) -> None:
    config = quick.with_values(evaluation__k=4)
    run = drain(train_run(dataset_of_world(world), config, cache=PreparedCache()))
    related = world.truth.related_engagement(run.seeds)
    wanted = np.take_along_axis(related, run.neighbours.rows[run.seeds][:, :4], axis=1).mean(axis=1)
    assert run.per_seed[TRUE_ENGAGEMENT] == pytest.approx(wanted, rel=1e-5)
    assert run.estimates[TRUE_ENGAGEMENT].mean == pytest.approx(wanted.mean(), rel=1e-5)


def test_a_run_on_a_log_with_random_exposures_is_measured_by_them(planted: Dataset, quick: ExperimentConfig) -> None:
    log_of_all = planted.interactions
    n_users, n_videos = log_of_all.n_users, len(planted.catalog)
    user, row = (grid.ravel().astype(np.int32) for grid in np.meshgrid(range(n_users), range(n_videos), indexing="ij"))
    liked = (row % 2).astype(np.float32)  # every viewer likes the videos of odd rows
    shown = Events(user, row, np.full(len(user), 10**9, np.int64), liked)
    everything = Interactions(n_users, n_videos, shown.take(liked > 0), shown)
    dataset = replace(planted, truth=everything, truth_kind="shown at random")
    run = drain(train_run(dataset, quick, cache=PreparedCache()))
    k = quick.evaluation.k
    readings = random_readings({"A": run}, PreparedCache().get(dataset, quick).truths)
    assert readings["A"] is not None
    assert readings["A"].anything == pytest.approx(liked.mean())
    assert readings["A"].estimate.mean == pytest.approx(run.estimates[RANDOM_ENGAGEMENT].mean)
    assert random_readings({"A": run}, ()) == {}
    odd = (run.neighbours.rows[run.seeds][:, :k] % 2).mean(axis=1)
    assert run.per_seed[RANDOM_ENGAGEMENT] == pytest.approx(odd)
