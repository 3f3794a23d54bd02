"""What showing a run's lists would have brought, on a small made-up world whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError, NotEnoughData, RunError
from relvid_core.evaluation.off_policy.estimators import DR, SNIPS
from relvid_core.experiments.logged_value import logged_values, why_unknown
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import drain
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.loader import dataset_of_world
from relvid_core.simulation.world import World, make_world


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(WorldConfig(n_videos=120, n_viewers=1500))


@pytest.fixture(scope="module")
def config() -> ExperimentConfig:
    return ExperimentConfig().with_values(
        split__kind="global", training__epochs=2, towers__dim=8, towers__text_dim=8, evaluation__k=10,
        evaluation__bootstrap_replicates=200,
    )  # fmt: skip


@pytest.fixture(scope="module")
def runs(world: World, config: ExperimentConfig) -> list[Run]:
    """A trained model, and the same with every list turned into what viewers of the seed truly like least."""
    dataset = dataset_of_world(world)
    model = drain(train_run(dataset, config, cache=PreparedCache()))
    every = np.arange(120)
    scores = world.truth.related_engagement(every)
    np.fill_diagonal(scores, np.inf)
    worst = np.argsort(scores, axis=1)[:, :50].astype(np.int32)
    return [model, replace(model, neighbours=Neighbours(worst, np.zeros(worst.shape, dtype=np.float32)))]


def test_better_lists_are_worth_more(world: World, runs: list[Run]) -> None:
    dataset = dataset_of_world(world)
    told: list[float] = []
    good, bad = logged_values(runs, dataset, moved=told.append)
    assert told == pytest.approx([0.2, 0.6])
    assert good.gain is None
    assert bad.gain is not None
    assert bad.gain.high < 0
    for name in (SNIPS, DR):
        assert good.report.values[name].estimate.mean > bad.report.values[name].estimate.mean
    again = logged_values(runs[::-1], dataset)[1]
    assert again.gain is not None
    assert again.gain.mean == pytest.approx(-bad.gain.mean)


def test_what_cannot_be_estimated_is_refused(
    world: World, runs: list[Run], config: ExperimentConfig, planted: Dataset, quick: ExperimentConfig
) -> None:
    dataset = dataset_of_world(world)
    per_user = drain(train_run(dataset, config.with_values(split__kind="per_user"), cache=PreparedCache()))
    with pytest.raises(ConfigError, match="Use split kind 'global'"):
        logged_values([per_user], dataset)
    with pytest.raises(RunError, match="other data than Planted"):
        logged_values(runs, planted)
    with pytest.raises(RunError):
        logged_values([runs[0], per_user], dataset)
    bare = drain(train_run(planted, quick.with_values(split__kind="global"), cache=PreparedCache()))
    with pytest.raises(NotEnoughData, match="no exposures"):
        logged_values([bare], planted)
    assert why_unknown(runs[0].info, dataset) == ""
    assert "one date of the cut" in why_unknown(per_user.info, dataset)
    assert "not what was shown" in why_unknown(bare.info, planted)
    whole = replace(per_user.info, config=config.with_values(split__kind="fully_observed"))
    assert "learned from the whole log" in why_unknown(whole, dataset)
