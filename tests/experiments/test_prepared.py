"""Choosing the evaluation set: a split in time, or a fully observed truth beside the whole log."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.topics import Topics
from relvid_core.errors import ConfigError, NotEnoughData
from relvid_core.evaluation.fully_observed import MEAN_EXCESS, RELATED_ENGAGEMENT
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache, prepare
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

ROWS = np.arange(20, 30, dtype=np.int32)


@pytest.fixture(scope="module")
def observed(planted: Dataset) -> Dataset:
    """The planted data with 800 viewers who saw ten of its videos; those at 20 and 21 have the very same lovers."""
    loved = np.random.default_rng(0).random((800, 10)) < 0.3
    loved[:, 1] = loved[:, 0]
    user, column = np.nonzero(loved)
    truth = Interactions(800, len(planted.catalog), Events(user.astype(np.int32), ROWS[column]))
    return replace(planted, truth=truth, truth_rows=ROWS, truth_kind="fully observed")


@pytest.fixture(scope="module")
def whole(quick: ExperimentConfig) -> ExperimentConfig:
    """Nothing is held back."""
    return quick.with_values(split__kind="fully_observed", evaluation__k=5)


def test_the_whole_log_is_history_and_the_truth_is_asked(observed: Dataset, whole: ExperimentConfig) -> None:
    prepared = prepare(observed, whole)
    assert prepared.history is observed.interactions
    assert prepared.evaluation.seeds.tolist() == [20, 21]
    assert prepared.evaluation.truth.indices.tolist() == [21, 20]
    assert prepared.allowed is not None
    assert prepared.allowed.nonzero()[0].tolist() == ROWS.tolist()
    split = prepare(observed, whole.with_values(split__kind="global"), prepared.content)
    assert split.key != prepared.key
    assert split.allowed is None
    assert prepared.pairs.matrix.sum() > split.pairs.matrix.sum()  # nothing was held back


def test_tuning_sees_the_other_half_of_the_viewers(observed: Dataset, whole: ExperimentConfig) -> None:
    test, tuning = (prepare(observed, whole.with_values(split__fold=fold)) for fold in ("test", "validation"))
    strength = [one.evaluation.truth.toarray()[0, 21] for one in (test, tuning)]
    assert strength[0] > 0
    assert strength[1] > 0
    assert strength[0] != strength[1]


def test_chance_is_among_the_videos_that_lists_may_hold(observed: Dataset, whole: ExperimentConfig) -> None:
    topics = [("odd",) if row % 2 else ("even",) for row in range(len(observed.catalog))]
    topics[22] = topics[24] = ("odd",)
    catalog = replace(observed.catalog, topics=Topics.from_paths([[path] for path in topics]))
    references = prepare(replace(observed, catalog=catalog), whole).judge.references
    # Of 20 … 29 the even ones are 20, 26 and 28: of nine others, two match 20, and six match 21.
    assert references["topic_chance"].tolist() == pytest.approx([2 / 9, 6 / 9])
    assert references["topic_ceiling"].tolist() == pytest.approx([2 / 5, 1.0])


def test_lists_of_models_and_baselines_hold_the_observed_videos_alone(
    observed: Dataset, whole: ExperimentConfig, tmp_path: Path
) -> None:
    cache, store = PreparedCache(), RunStore(tmp_path)
    run = drain(train_run(observed, whole, cache=cache))
    runs = [run, *(store.load(made) for made in drain(baseline_runs(observed, whole, cache=cache, store=store)))]
    assert len(runs) > 6
    for one in runs:
        assert set(one.neighbours.rows.ravel().tolist()) <= set(ROWS.tolist())
        assert not (one.neighbours.rows == np.arange(len(observed.catalog))[:, None]).any()
        assert one.per_seed[RELATED_ENGAGEMENT].shape == one.per_seed[MEAN_EXCESS].shape == (2,)
    assert runs[0].info.evaluation_key == runs[1].info.evaluation_key


def test_without_a_truth_there_is_nothing_to_ask(planted: Dataset, whole: ExperimentConfig) -> None:
    with pytest.raises(NotEnoughData, match="Planted: has no fully observed truth"):
        prepare(planted, whole)


def test_nothing_is_hidden_beside_a_fully_observed_truth(observed: Dataset, whole: ExperimentConfig) -> None:
    with pytest.raises(ConfigError, match=r"split\.cold_share: received 0\.1"):
        prepare(observed, whole.with_values(split__cold_share=0.1))
