"""Warm start: the nearest earlier run that fits, and no other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.warm import nearest_run, settings_distance
from relvid_core.runtime import drain

PLAIN = ExperimentConfig()


def info(run_id: str, *, created_at: float = 0.0, **settings: object) -> RunInfo:
    return RunInfo(
        run_id=run_id,
        label=run_id,
        kind="model",
        created_at=created_at,
        dataset_key="planted",
        dataset_title="Planted",
        dataset_fingerprint="the data",
        evaluation_key="any",
        config=PLAIN.with_values(**settings),
        n_videos=10,
        seconds=1.0,
    )


def nearest(infos: list[RunInfo], **settings: object) -> str | None:
    found = nearest_run(PLAIN.with_values(**settings), "the data", infos)
    return None if found is None else found.run_id


@pytest.mark.parametrize(
    ("changes", "distance"),
    [
        ({}, 0.0),
        ({"off_policy__strength": 0.5}, 1.0),  # |0 − 0.5| / 0.5
        ({"objective__engagement_weight": 3.0}, 0.5),  # |1 − 3| / (1 + 3)
        ({"objective__weighting": "pcgrad"}, 1.0),
        ({"off_policy__clip": float("inf")}, 1.0),
        ({"objective__engagement_weight": 3.0, "off_policy__self_normalise": False}, 1.5),
        ({"objective__popularity_term": 2.0, "objective__blend": 1.0}, 0.0),  # they rank lists; training is the same
        ({"training__epochs": 99, "training__seed": 7, "evaluation__k": 3}, 0.0),
    ],
)
def test_distance_by_hand(changes: dict[str, object], distance: float) -> None:
    other = PLAIN.with_values(**changes)
    assert settings_distance(PLAIN, other) == pytest.approx(distance)
    assert settings_distance(other, PLAIN) == pytest.approx(distance)


def test_the_nearest_settings_win_and_the_newest_of_equals() -> None:
    runs = [
        info("far", objective__relevance_weight=4.0),
        info("near", objective__relevance_weight=1.2),
        info("nearest", objective__relevance_weight=0.9),
    ]
    assert nearest(runs, objective__relevance_weight=1.0) == "nearest"
    assert nearest(list(reversed(runs)), objective__relevance_weight=1.0) == "nearest"
    assert nearest(runs, objective__relevance_weight=3.0) == "far"
    twins = [info("old", created_at=1.0), info("new", created_at=3.0), info("middle", created_at=2.0)]
    assert nearest(twins) == "new"


@pytest.mark.parametrize(
    "stranger",
    [
        info("x", split__fold="validation"),
        info("x", split__test_share=0.3),
        info("x", coengagement__window=3),
        info("x", towers__dim=32),
        info("x", towers__use_text=False),
        info("x", towers__heads="split"),
        replace(info("x"), dataset_fingerprint="other data"),
        replace(info("x"), kind="baseline"),
        replace(info("x"), started_from="another"),
    ],
    ids=["fold", "split", "pairs", "dim", "inputs", "heads", "dataset", "baseline", "itself warm"],
)
def test_runs_that_saw_something_else_are_no_start(stranger: RunInfo) -> None:
    assert nearest([stranger]) is None
    assert nearest([stranger, info("fits", objective__relevance_weight=50.0)]) == "fits"


@pytest.fixture(scope="module")
def cold(planted: Dataset, quick: ExperimentConfig) -> Run:
    settings = quick.with_values(training__epochs=12, objective__relevance_weight=1.0)
    return drain(train_run(planted, settings, cache=PreparedCache()))


@pytest.fixture
def store(cold: Run, tmp_path: Path) -> RunStore:
    store = RunStore(tmp_path)
    store.save(cold)
    return store


def total(run: Run) -> np.ndarray:
    return run.history.loc[run.history["term"] == "total", "value"].to_numpy()


def test_a_warm_run_begins_from_the_stored_one_and_says_so(planted: Dataset, cold: Run, store: RunStore) -> None:
    asked = cold.info.config.with_values(
        training__warm_start=True, training__warm_epochs=3, training__learning_rate=0.01, off_policy__strength=0.05
    )
    run = drain(train_run(planted, asked, cache=PreparedCache(), earlier=store))
    assert run.info.started_from == cold.info.run_id
    assert cold.info.started_from is None
    assert run.history["epoch"].max() == 3
    assert total(run)[0] < total(cold)[0] - 0.5 * (total(cold)[0] - total(cold)[-1])
    store.save(run)
    assert store.load(run.info.run_id).info.started_from == cold.info.run_id
    again = drain(train_run(planted, asked, cache=PreparedCache(), earlier=store))
    assert again.info.started_from == cold.info.run_id  # the warm run is nearer, and no start


def test_without_an_earlier_run_that_fits_it_trains_from_the_start(
    planted: Dataset, quick: ExperimentConfig, store: RunStore, tmp_path: Path
) -> None:
    warm = quick.with_values(training__warm_start=True, training__warm_epochs=1)
    cold = drain(train_run(planted, quick, cache=PreparedCache()))
    stores = [None, RunStore(tmp_path / "empty"), store]
    settings = [warm, warm, warm.with_values(coengagement__window=2)]
    for earlier, asked in zip(stores, settings, strict=True):
        run = drain(train_run(planted, asked, cache=PreparedCache(), earlier=earlier))
        assert run.info.started_from is None
        assert run.history["epoch"].max() == quick.training.epochs
        if asked is warm:
            assert np.array_equal(run.neighbours.rows, cold.neighbours.rows)


def test_a_run_is_no_start_unless_asked(planted: Dataset, quick: ExperimentConfig, store: RunStore) -> None:
    run = drain(train_run(planted, quick, cache=PreparedCache(), earlier=store))
    assert run.info.started_from is None


def test_a_damaged_start_is_named(planted: Dataset, cold: Run, store: RunStore) -> None:
    (store.root / cold.info.run_id / "towers.safetensors").write_bytes(b"torn")
    asked = cold.info.config.with_values(training__warm_start=True)
    with pytest.raises(RunError, match=r"towers.safetensors is missing or damaged"):
        drain(train_run(planted, asked, cache=PreparedCache(), earlier=store))
