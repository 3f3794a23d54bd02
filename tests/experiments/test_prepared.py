"""Choosing the evaluation set: a fully observed truth beside the whole log."""

from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Events, Interactions
from relvid_core.errors import NotEnoughData
from relvid_core.experiments.prepared import prepare, prepare_fully_observed


def test_the_whole_log_is_history_and_the_truth_is_asked(planted: Dataset, quick: ExperimentConfig) -> None:
    rng = np.random.default_rng(0)
    loved = rng.random((400, 10)) < 0.3
    loved[:, 1] = loved[:, 0]  # rows 20 and 21 have the very same lovers
    user, column = np.nonzero(loved)
    rows = np.arange(20, 30, dtype=np.int32)
    truth = Interactions(400, len(planted.catalog), Events(user.astype(np.int32), rows[column]))
    dataset = replace(planted, truth=truth, truth_rows=rows)
    prepared, association = prepare_fully_observed(dataset, quick)
    assert prepared.history is dataset.interactions
    assert prepared.evaluation.seeds.tolist() == [20, 21]
    assert prepared.evaluation.truth.indices.tolist() == [21, 20]
    assert association.allowed.nonzero()[0].tolist() == rows.tolist()
    split = prepare(dataset, quick, prepared.content)
    assert split.key != prepared.key
    assert prepared.pairs.matrix.sum() > split.pairs.matrix.sum()  # nothing was held back


def test_without_a_truth_there_is_nothing_to_ask(planted: Dataset, quick: ExperimentConfig) -> None:
    with pytest.raises(NotEnoughData, match="Planted: has no fully observed truth"):
        prepare_fully_observed(planted, quick)
