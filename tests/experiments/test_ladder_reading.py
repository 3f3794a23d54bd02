"""A ladder read back from stored runs, and what recall of cold seeds is held against."""

from __future__ import annotations

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.experiments.cold_references import CONTENT, POPULAR, cold_references, reference_runs
from relvid_core.experiments.ladder import RECALL_COLD_SEEDS, TITLES, Ladder, RungName
from relvid_core.experiments.ladder_reading import LadderReading, ladder_frame, read_ladder, seeded_ladders
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

N_SEEDS = 2


@pytest.fixture(scope="module")
def base(quick: ExperimentConfig) -> ExperimentConfig:
    return quick.with_values(
        objective__relevance_weight=0.5, off_policy__strength=0.4, split__cold_share=0.2, training__epochs=2
    )


@pytest.fixture(scope="module")
def cache() -> PreparedCache:
    return PreparedCache()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def ladders(planted: Dataset, base: ExperimentConfig) -> list[Ladder]:
    return seeded_ladders(base, N_SEEDS, planted, has_pictures=False)


@pytest.fixture(scope="module")
def run_ids(
    planted: Dataset, ladders: list[Ladder], cache: PreparedCache, store: RunStore
) -> dict[RungName, list[str]]:
    found: dict[RungName, list[str]] = {rung: [] for rung in ladders[0].configs}
    for ladder in ladders:
        for rung, config in ladder.configs.items():
            run = drain(train_run(planted, config, cache=cache))
            store.save(run)
            found[rung].append(run.info.run_id)
    drain(baseline_runs(planted, ladders[0].configs["engagement"], cache=cache, store=store))
    return found


@pytest.fixture(scope="module")
def reading(
    planted: Dataset, run_ids: dict[RungName, list[str]], cache: PreparedCache, store: RunStore
) -> LadderReading:
    key = store.info(run_ids["engagement"][0]).evaluation_key
    beside = reference_runs(store.list()[0], key)
    return read_ladder(run_ids, {name: info.run_id for name, info in beside.items()}, planted, store, cache)


def test_training_seeds_differ_in_nothing_else(ladders: list[Ladder]) -> None:
    first, second = (ladder.configs["text"] for ladder in ladders)
    assert first.training.seed == 0
    assert second == first.with_values(training__seed=1)


def test_the_reading_holds_every_rung_in_order(reading: LadderReading) -> None:
    assert [step.rung for step in reading.steps] == ["engagement", "relevance", "text", "correction"]
    assert reading.topics_train
    assert reading.k == 5
    assert 0.1 < reading.topic_chance < 0.2  # 11 of 71 other videos share the seed's topic
    assert all(sentence.endswith(".") for sentence in reading.sentences)


def test_cold_references_by_hand(
    planted: Dataset, base: ExperimentConfig, reading: LadderReading, cache: PreparedCache, store: RunStore
) -> None:
    prepared = cache.get(planted, base)
    asked = prepared.evaluation.of_cold_seeds()
    assert reading.cold is not None
    assert reading.cold.n_seeds == len(asked.seeds)
    assert reading.cold.chance == pytest.approx(5 / 71)
    beside = reference_runs(store.list()[0], prepared.key)
    assert set(beside) == set(reading.cold.baselines) == {POPULAR, CONTENT}
    for name, info in beside.items():
        lists = store.load(info.run_id).neighbours.rows[asked.seeds][:, :5]
        shares = [
            len(set(found.tolist()) & set(truth.indices.tolist())) / truth.nnz
            for found, truth in zip(lists, asked.truth, strict=True)
        ]
        assert reading.cold.baselines[name].mean == pytest.approx(np.mean(shares))


def test_references_of_another_evaluation_are_refused(
    planted: Dataset, base: ExperimentConfig, run_ids: dict[RungName, list[str]], cache: PreparedCache, store: RunStore
) -> None:
    other = cache.get(planted, base.with_values(split__cold_share=0.3))
    with pytest.raises(RunError, match="Take the baselines that were made beside"):
        cold_references(other, 5, {CONTENT: store.load(run_ids["text"][0])})


def test_without_cold_seeds_there_is_no_reference(
    planted: Dataset, base: ExperimentConfig, cache: PreparedCache
) -> None:
    prepared = cache.get(planted, base.with_values(split__cold_share=0.0))
    assert cold_references(prepared, 5, {}) is None


def test_references_belong_to_its_evaluation(run_ids: dict[RungName, list[str]], store: RunStore) -> None:
    infos = store.list()[0]
    assert reference_runs(infos, "another key") == {}
    assert reference_runs([info for info in infos if info.kind == "model"], infos[0].evaluation_key) == {}


def test_frame_is_tidy_and_the_lowest_rung_has_no_verdict(reading: LadderReading) -> None:
    frame = ladder_frame(reading.steps)
    assert len(frame) == len(reading.steps) * 5
    lowest = frame[frame[c.RUN] == TITLES["engagement"]]
    assert set(lowest[c.VERDICT]) == {""}
    text = frame[(frame[c.RUN] == TITLES["text"]) & (frame[c.METRIC] == RECALL_COLD_SEEDS)].iloc[0]
    step = reading.steps[2]
    assert text[c.MEAN] == step.estimates[RECALL_COLD_SEEDS].mean
    assert text[c.VERDICT] == step.gaps[RECALL_COLD_SEEDS].verdict


def test_a_run_that_is_gone_is_named(
    planted: Dataset, run_ids: dict[RungName, list[str]], cache: PreparedCache, store: RunStore
) -> None:
    with pytest.raises(RunError, match="gone"):
        read_ladder({**run_ids, "text": ["gone"]}, {}, planted, store, cache)
