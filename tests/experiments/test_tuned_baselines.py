"""Tuning looks at the validation window alone, is kept, found again, and leaves nothing half."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Interactions
from relvid_core.errors import ConfigError
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.protocol import RECALL
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments import tuned_baselines as module
from relvid_core.experiments.pipeline import Progress
from relvid_core.experiments.prepared import PreparedCache, prepare
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tuned_baselines import CHOICES_FILE, choices_for, tune_baselines
from relvid_core.experiments.tuned_choices import Choice, read_choices, store_choice
from relvid_core.retrieval.ranking import Neighbours, top_k_of_scores
from relvid_core.runtime import drain


@pytest.fixture
def config(quick: ExperimentConfig) -> ExperimentConfig:
    return quick.with_values(split__kind="per_user", split__test_share=0.2, split__validation_share=0.1)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of the rivals, with the knobs that they have."""
    monkeypatch.setattr(module, "TUNABLE", {name: TUNABLE[name] for name in ("covisit", "ease")})


def peeking(dataset: Dataset, config: ExperimentConfig, seen: list[BaselineData]) -> Rival:
    """A planted leak: told "test" it lists what was watched together in the test window, and so on."""
    truth = {fold: prepare(dataset, config.with_values(split__fold=fold)).evaluation for fold in ("validation", "test")}

    def fit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        seen.append(data)
        scores = np.zeros((data.history.n_videos, data.history.n_videos), dtype=np.float32)
        known = truth.get(str(parameters["window"]))
        if known is not None:
            scores[known.seeds] = known.truth.toarray()

        def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
            return top_k_of_scores(scores[seeds], k, seeds)

        return lists

    return Rival("peeking", "Peeking", {"window": ("neither", "test", "validation")}, fit, random=False)


def chosen(dataset: Dataset, config: ExperimentConfig, home: Path) -> Choice:
    drain(tune_baselines(dataset, config, cache=PreparedCache(), store=RunStore(home)))
    ((choice,),) = ([*kept.values()] for kept in read_choices(home / CHOICES_FILE).values())
    return choice


def test_a_setting_that_only_the_test_window_favours_is_not_chosen(
    planted: Dataset, config: ExperimentConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[BaselineData] = []
    rival = peeking(planted, config, seen)
    monkeypatch.setattr(module, "TUNABLE", {"peeking": rival})
    assert chosen(planted, config, tmp_path / "sound").parameters == {"window": "validation"}
    *searched, last = (np.bincount(data.history.engagements.user) for data in seen)
    assert len(searched) == 3
    for per_user in searched:
        assert (per_user == 21).all()  # of everybody's 30: neither the last 20 % nor the 10 % before
    assert (last == 24).all()  # the chosen setting then learns from all but the test window

    # And the check catches what it is for: a search that asks the run's own fold takes the other one.
    monkeypatch.setattr(module, "tuning_config", lambda config: config)
    assert chosen(planted, config, tmp_path / "leaking").parameters == {"window": "test"}


def with_another_ending(dataset: Dataset) -> Dataset:
    """The same log, but what everybody watched in the test window is something else."""
    log = dataset.interactions.engagements
    assert log.timestamp is not None
    rows, rng = log.row.copy(), np.random.default_rng(5)
    for user in range(dataset.interactions.n_users):
        of_user = np.flatnonzero(log.user == user)
        late = of_user[np.argsort(log.timestamp[of_user])][24:]
        rows[late] = rng.integers(len(dataset.catalog), size=len(late))
    changed = Interactions(dataset.interactions.n_users, len(dataset.catalog), replace(log, row=rows))
    return replace(dataset, interactions=changed)


@pytest.mark.usefixtures("two")
def test_what_happens_in_the_test_window_changes_no_choice(
    planted: Dataset, config: ExperimentConfig, tmp_path: Path
) -> None:
    found, recalls = [], []
    for name, dataset in (("as it was", planted), ("changed", with_another_ending(planted))):
        store = RunStore(tmp_path / name)
        ids = drain(tune_baselines(dataset, config, cache=PreparedCache(), store=store))
        found.append(choices_for(store.root, dataset.fingerprint, config))
        recalls.append([store.estimates(run_id)[RECALL].mean for run_id in ids])
    assert found[0] == found[1]
    assert set(found[0]) == {"covisit", "ease"}
    assert recalls[0] != recalls[1]  # it was another window, though


@pytest.mark.usefixtures("two")
def test_the_tuned_lists_stand_beside_the_others_with_their_setting(
    planted: Dataset, config: ExperimentConfig, tmp_path: Path
) -> None:
    store, cache = RunStore(tmp_path), PreparedCache()
    ids = drain(tune_baselines(planted, config, cache=cache, store=store))
    infos, problems = store.list()
    assert (sorted(info.run_id for info in infos), problems) == (sorted(ids), [])
    assert {info.kind for info in infos} == {"baseline"}
    run = store.load(next(run_id for run_id in ids if "ease" in run_id))
    choice = choices_for(tmp_path, planted.fingerprint, config)["ease"]
    assert run.info.label == "EASE, tuned"
    (note,) = run.info.notes
    strength = choice.parameters["regularisation"]
    assert note.startswith(f"chosen on the validation window: regularisation {strength:g} (Recall@5 there 0.")
    assert note.endswith("9 of 9 settings tried)")
    prepared = cache.get(planted, config)
    wanted = TUNABLE["ease"].lists(module.baseline_data(prepared), choice.parameters, seed=0, k=50)
    np.testing.assert_array_equal(run.neighbours.rows, wanted.rows)
    assert run.info.evaluation_key == prepared.key


@pytest.mark.usefixtures("two")
def test_choices_are_found_again_where_nothing_that_matters_changed(
    planted: Dataset, config: ExperimentConfig, tmp_path: Path
) -> None:
    store, cache = RunStore(tmp_path), PreparedCache()

    def searched(asked: ExperimentConfig, **how: bool) -> int:
        """How many settings are tried."""
        said: list[Progress] = []
        drain(tune_baselines(planted, asked, cache=cache, store=store, **how), said.append)
        return sum("settings tried" in one.message for one in said)

    n_settings = searched(config)
    assert n_settings >= 9 + 13
    assert searched(config) == 0
    n_runs = len(store.list()[0])
    assert searched(config.with_values(objective__relevance_weight=2.0, training__seed=3)) == 0
    assert len(store.list()[0]) == n_runs  # another model is measured alike
    assert searched(config.with_values(evaluation__bootstrap_replicates=30)) == 0
    assert len(store.list()[0]) == 2 * n_runs  # the same settings, measured in another way
    assert searched(config, again=True) == n_settings
    assert searched(config.with_values(evaluation__k=6)) > 0
    assert searched(config.with_values(coengagement__window=2)) > 0
    assert searched(config.with_values(split__test_share=0.3)) > 0


@pytest.mark.usefixtures("two")
def test_stopping_leaves_whole_results_only(planted: Dataset, config: ExperimentConfig, tmp_path: Path) -> None:
    store, cache = RunStore(tmp_path), PreparedCache()
    work = tune_baselines(planted, config, cache=cache, store=store)
    for progress in work:
        if progress.message.startswith("EASE: 2 settings"):
            break
    work.close()
    assert [info.label for info in store.list()[0]] == ["Co-visit, tuned"]
    assert set(choices_for(tmp_path, planted.fingerprint, config)) == {"covisit"}
    assert sorted(path.name.split("-")[0] for path in tmp_path.iterdir()) == ["baseline", CHOICES_FILE]
    said: list[Progress] = []
    assert len(drain(tune_baselines(planted, config, cache=cache, store=store), said.append)) == 2
    assert not any(one.message.startswith("Co-visit") for one in said)
    assert [one.share for one in said] == sorted(one.share for one in said)


@pytest.mark.usefixtures("two")
def test_lists_of_an_earlier_choice_are_made_anew(planted: Dataset, config: ExperimentConfig, tmp_path: Path) -> None:
    store, cache = RunStore(tmp_path), PreparedCache()
    drain(tune_baselines(planted, config, cache=cache, store=store))
    path = tmp_path / CHOICES_FILE
    ((group, kept),) = read_choices(path).items()
    store_choice(path, group, "ease", replace(kept["ease"], parameters={"regularisation": 3.0}))
    (run_id,) = (one for one in drain(tune_baselines(planted, config, cache=cache, store=store)) if "ease" in one)
    assert "regularisation 3 (" in store.info(run_id).notes[0]
    store_choice(path, group, "ease", replace(kept["ease"], parameters={"knob of another version": 3.0}))
    assert set(choices_for(tmp_path, planted.fingerprint, config)) == {"covisit"}


@pytest.mark.usefixtures("two")
def test_a_run_scored_where_it_was_tuned_says_so(planted: Dataset, config: ExperimentConfig, tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    asked = config.with_values(split__fold="validation")
    run_id, _ = drain(tune_baselines(planted, asked, cache=PreparedCache(), store=store))
    assert "scored here on the very window" in store.info(run_id).notes[1]


def test_a_limit_must_be_a_time(planted: Dataset, config: ExperimentConfig, tmp_path: Path) -> None:
    for limit in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ConfigError, match="seconds"):
            drain(tune_baselines(planted, config, cache=PreparedCache(), store=RunStore(tmp_path), limit_s=limit))
