"""Measures by how well the seed is known, against loops over the stored lists."""

from dataclasses import astuple

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.split import cold_rows
from relvid_core.evaluation.metrics import STRATUM_NAMES
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import Prepared, PreparedCache, evaluation_key
from relvid_core.experiments.run import Run
from relvid_core.experiments.seed_groups import cold_in_lists, read_groups
from relvid_core.runtime import drain

KEY_BEFORE = "8f1c7541cdb1"


@pytest.fixture(scope="module")
def trained(planted: Dataset, quick: ExperimentConfig) -> tuple[Run, Prepared]:
    cache = PreparedCache()
    config = quick.with_values(split__cold_share=0.15)
    return drain(train_run(planted, config, cache=cache)), cache.get(planted, config)


def test_hidden_videos_take_no_part_in_training_and_are_asked_as_cold_seeds(
    planted: Dataset, trained: tuple[Run, Prepared]
) -> None:
    _, prepared = trained
    cold = cold_rows(planted.interactions.popularity, 0.15)
    assert len(cold) == round(0.15 * (planted.interactions.popularity > 0).sum())
    assert not prepared.history.popularity[cold].any()
    assert not prepared.pairs.known[cold].any()
    assert set(prepared.evaluation.cold_seeds.tolist()) <= set(cold.tolist())
    assert len(prepared.evaluation.cold_seeds) > 5


def test_only_the_share_itself_makes_runs_incomparable(planted: Dataset, quick: ExperimentConfig) -> None:
    """A stored key from before there was such a setting is still that of a run without hidden videos."""
    plain, hidden = (evaluation_key(planted.fingerprint, quick.with_values(split__cold_share=x)) for x in (0.0, 0.1))
    assert plain != hidden
    assert evaluation_key("0123456789abcdef", ExperimentConfig()) == KEY_BEFORE


def test_groups_are_those_of_the_seed(trained: tuple[Run, Prepared]) -> None:
    run, prepared = trained
    readings = read_groups(run, prepared)
    stratum = prepared.judge.stratum
    for number, name in enumerate(STRATUM_NAMES):
        expected = [
            value for seed, value in zip(run.seeds, run.per_seed["recall"], strict=True) if stratum[seed] == number
        ]
        if not expected:
            assert (name, "recall") not in readings
            continue
        found = readings[name, "recall"]  # type: ignore[index]  # the names are the groups
        assert found.values == pytest.approx(expected, nan_ok=True)
        assert found.estimate.mean == pytest.approx(np.nanmean(expected))
    assert astuple(readings["all", "recall"].estimate) == pytest.approx(astuple(run.estimates["recall"]))


def test_cold_recall_against_a_loop(trained: tuple[Run, Prepared]) -> None:
    run, prepared = trained
    evaluation, k = prepared.evaluation, run.info.config.evaluation.k
    expected = []
    for place, seed in enumerate(evaluation.cold_seeds):
        partners = set(evaluation.cold_truth[place].indices.tolist())
        expected.append(len(partners & set(run.neighbours.rows[seed][:k].tolist())) / len(partners))
    assert read_groups(run, prepared)["cold", "recall"].values.tolist() == pytest.approx(expected)


def test_cold_places_are_counted(trained: tuple[Run, Prepared]) -> None:
    run, prepared = trained
    known = set(np.flatnonzero(prepared.history.popularity > 0).tolist())
    places = [row not in known for seed in run.seeds for row in run.neighbours.rows[seed][:5].tolist()]
    assert cold_in_lists(run, prepared) == pytest.approx(np.mean(places))
