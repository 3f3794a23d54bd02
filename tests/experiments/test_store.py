"""Runs on disk: complete or absent, found again, never half-written, deaf to hostile ids."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.experiments import store as store_module
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tower_file import save_towers
from relvid_core.runtime import drain
from relvid_core.training.towers import HeadVectors


@pytest.fixture(scope="module", params=["shared", "split"])
def run(request: pytest.FixtureRequest, planted: Dataset, quick: ExperimentConfig) -> Run:
    return drain(train_run(planted, quick.with_values(towers__heads=request.param), cache=PreparedCache()))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_saved_run_comes_back_equal(run: Run, store: RunStore) -> None:
    store.save(run)
    back = RunStore(store.root).load(run.info.run_id)  # as after a restart
    assert back.info == run.info
    assert np.array_equal(back.neighbours.rows, run.neighbours.rows)
    assert np.array_equal(back.neighbours.scores, run.neighbours.scores)
    assert np.array_equal(back.seeds, run.seeds)
    assert back.towers is not None
    assert run.towers is not None
    assert back.towers.split == (run.info.config.towers.heads == "split")
    for mine, theirs in zip(back.towers.heads, run.towers.heads, strict=True):
        assert np.array_equal(mine.seed, theirs.seed)
        assert np.array_equal(mine.candidate, theirs.candidate)
    assert set(back.towers.parameters) == set(run.towers.parameters)
    for name, value in run.towers.parameters.items():
        assert np.array_equal(back.towers.parameters[name], value)
    assert back.estimates == pytest.approx(run.estimates) or repr(back.estimates) == repr(run.estimates)
    pd.testing.assert_frame_equal(back.history, run.history)
    assert set(back.per_seed) == set(run.per_seed)
    for name, values in run.per_seed.items():
        assert np.array_equal(back.per_seed[name], values, equal_nan=True)


def test_listing_is_newest_first_and_names_what_it_cannot_read(run: Run, store: RunStore) -> None:
    assert store.list() == ([], [])
    for name, age in (("older", 2.0), ("newer", 1.0)):
        info = replace(run.info, run_id=name, created_at=run.info.created_at - age)
        store.save(replace(run, info=info))
    (store.root / "broken").mkdir()
    (store.root / "torn").mkdir()
    (store.root / "torn" / "run.toml").write_text("label = ")
    infos, problems = store.list()
    assert [info.run_id for info in infos] == ["newer", "older"]
    assert len(problems) == 2
    assert "broken" in problems[0]


def test_a_full_disk_leaves_nothing_behind(run: Run, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "_card", full)
    with pytest.raises(RunError, match="No space left"):
        store.save(run)
    assert list(store.root.iterdir()) == []


def test_rename_delete_and_restore(run: Run, store: RunStore) -> None:
    store.save(run)
    run_id = run.info.run_id
    store.rename(run_id, "  a better\n name ")
    assert store.info(run_id).label == "a better name"
    assert store.load(run_id).estimates.keys() == run.estimates.keys()
    with pytest.raises(RunError, match="1 to 80"):
        store.rename(run_id, "x" * 81)
    store.delete(run_id)
    assert not store.exists(run_id)
    assert store.list() == ([], [])
    store.restore(run_id)
    assert store.info(run_id).label == "a better name"
    with pytest.raises(RunError, match="nothing to restore"):
        store.restore(run_id)


@pytest.mark.parametrize("run_id", ["", "..", "../elsewhere", "a/b", "A", ".trash", "x" * 81, "a\n", "\x00"])
def test_an_id_is_never_a_path(run: Run, store: RunStore, run_id: str) -> None:
    store.save(run)
    assert not store.exists(run_id)
    for act in (store.load, store.info, store.delete, store.restore):
        with pytest.raises(RunError):
            act(run_id)


@pytest.mark.parametrize(
    "damage", ["neighbours.safetensors", "towers.safetensors", "per_seed.parquet", "history.parquet"]
)
def test_damaged_files_are_named(run: Run, store: RunStore, damage: str) -> None:
    folder = store.save(run)
    (folder / damage).write_bytes(b"not what it was")
    with pytest.raises(RunError, match="missing or damaged"):
        store.load(run.info.run_id)
    (folder / damage).unlink()
    with pytest.raises(RunError, match="missing or damaged"):
        store.load(run.info.run_id)


def test_towers_are_read_without_the_rest(run: Run, store: RunStore) -> None:
    folder = store.save(run)
    (folder / "neighbours.safetensors").unlink()
    assert run.towers is not None
    assert set(store.towers(run.info.run_id).parameters) == set(run.towers.parameters)
    with pytest.raises(RunError, match="missing or damaged"):
        store.towers("another-run")
    with pytest.raises(RunError, match="ids hold"):
        store.towers("../elsewhere")


def test_where_a_run_began_is_on_its_card(run: Run, store: RunStore) -> None:
    store.save(run)
    assert store.info(run.info.run_id).started_from is None
    store.save(replace(run, info=replace(run.info, started_from="20250131-235959-1a2b3c")))
    assert store.info(run.info.run_id).started_from == "20250131-235959-1a2b3c"
    card = store.root / run.info.run_id / "run.toml"
    card.write_text(card.read_text().replace('started_from = "20250131-235959-1a2b3c"', "started_from = 7"))
    with pytest.raises(RunError, match="not one of this version"):
        store.info(run.info.run_id)


def test_towers_of_another_catalogue_are_refused(run: Run, store: RunStore) -> None:
    folder = store.save(run)
    assert run.towers is not None
    short = tuple(HeadVectors(head.seed[1:], head.candidate[1:]) for head in run.towers.heads)
    save_towers(replace(run.towers, heads=short), folder / "towers.safetensors")
    with pytest.raises(RunError, match="do not fit"):
        store.load(run.info.run_id)


def test_a_card_of_another_version_is_refused_in_words(run: Run, store: RunStore) -> None:
    card = store.save(run) / "run.toml"
    card.write_text(card.read_text().replace("[config.split]", "[config.split]\nnew_setting = 1"))
    with pytest.raises(RunError, match="new_setting"):
        store.info(run.info.run_id)


def test_a_card_that_was_changed_on_disk_is_read_again(run: Run, store: RunStore) -> None:
    folder = store.save(run)
    run_id = run.info.run_id
    before = store.info(run_id)
    assert store.list()[0] == [before]
    card = folder / "run.toml"
    card.write_text(card.read_text(encoding="utf-8").replace(f'"{before.label}"', '"by hand"'), encoding="utf-8")
    assert store.info(run_id).label == "by hand"
    assert [info.label for info in store.list()[0]] == ["by hand"]
    estimates = store.estimates(run_id)
    estimates.clear()  # a caller's own copy
    assert store.estimates(run_id)
    card.unlink()
    assert store.list()[0] == []
