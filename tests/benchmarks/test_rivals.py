"""The rivals of the benchmarks alone find planted groups; costs are measured; tuned settings make the lists."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from benchmarks.rivals import tuned
from benchmarks.rivals.cost import measured_lists
from benchmarks.rivals.tuned import RIVALS, TUNED_FILE, rival_lists
from relvid_core.data.catalog import Rows
from relvid_core.errors import ConfigError
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival, Value
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.tuned_choices import Choice, read_choices, store_choice
from relvid_core.retrieval.ranking import Neighbours

N_VIDEOS, K = 43, 5  # see `planted_groups`
GROUP = np.arange(N_VIDEOS) // 20
OF_BENCHMARKS = [name for name in RIVALS if name not in TUNABLE]
SMALL: dict[str, dict[str, Value]] = {
    "bpr": {"factors": 8, "iterations": 150},
    "dssm": {"factors": 8, "epochs": 10, "learning_rate": 0.01},
}


def start_of(rival: Rival) -> dict[str, Value]:
    return rival.start | SMALL.get(rival.name, {})


def skip_without(rival: Rival) -> None:
    if rival.missing:
        pytest.skip(f"{', '.join(rival.missing)} not installed: {rival.install}")


@pytest.mark.parametrize("name", OF_BENCHMARKS)
@pytest.mark.filterwarnings("default")  # what the libraries warn about is not ours to mend
def test_every_rival_finds_planted_groups(name: str, planted_groups: BaselineData) -> None:
    rival = RIVALS[name]
    skip_without(rival)
    found = measured_lists(rival, planted_groups, start_of(rival), seed=0, k=K)
    assert found.seconds > 0
    watched = slice(0, 40)
    assert (found.lists.rows[watched] != np.arange(40)[:, None]).all()
    assert (GROUP[found.lists.rows[watched]] == GROUP[watched, None]).mean() > 0.9  # by chance 19 / 42


@pytest.mark.parametrize("name", [name for name in OF_BENCHMARKS if RIVALS[name].listing])
@pytest.mark.filterwarnings("default")
def test_every_listing_knob_is_read(name: str, planted_groups: BaselineData) -> None:
    rival = RIVALS[name]
    skip_without(rival)
    lister = rival.fit(planted_groups, start_of(rival), 0)
    every = np.arange(N_VIDEOS, dtype=np.int32)
    first = lister(start_of(rival), every, K)
    for knob in rival.listing:
        other = lister(start_of(rival) | {knob: rival.grid[knob][1]}, every, K)
        assert (other.scores != first.scores).any(), knob


def test_peak_memory_counts_what_was_allocated_and_freed(planted_groups: BaselineData) -> None:
    size = 80_000_000

    def fit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        np.ones(size // 8).sum()

        def lists(parameters: Parameters, seeds: Rows, k: int) -> Neighbours:
            return Neighbours(np.zeros((len(seeds), k), np.int32), np.zeros((len(seeds), k), np.float32))

        return lists

    found = measured_lists(Rival("waster", "", {}, fit), planted_groups, {}, seed=0, k=3)
    if np.isnan(found.peak_bytes):
        pytest.skip("this system does not tell the peak of the resident set")
    assert 0.8 * size < found.peak_bytes < 2 * size


def test_lists_with_the_tuned_setting(
    planted_groups: BaselineData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tuned.toml"
    store_choice(path, "planted", "ease", Choice({"regularisation": 7.0}, 0.5, 1, 1))
    prepared = cast(Prepared, SimpleNamespace(dataset=SimpleNamespace(key="planted")))
    monkeypatch.setattr(tuned, "baseline_data", lambda prepared: planted_groups)
    found = rival_lists(prepared, "ease", 0, k=K, path=path)
    wanted = RIVALS["ease"].lists(planted_groups, {"regularisation": 7.0}, seed=0, k=K)
    np.testing.assert_array_equal(found.lists.scores, wanted.scores)
    with pytest.raises(ConfigError, match="not tuned on 'planted'"):
        rival_lists(prepared, "covisit", 0, k=K, path=path)
    with pytest.raises(ConfigError, match="unknown"):
        rival_lists(prepared, "no such", 0, k=K, path=path)


def test_the_choices_in_the_repository_fit_their_rivals() -> None:
    kept = read_choices(TUNED_FILE)
    assert {"sample", "movielens"} <= set(kept)
    for rivals in kept.values():
        for name, choice in rivals.items():
            assert set(choice.parameters) == set(RIVALS[name].grid)
