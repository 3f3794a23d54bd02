"""Each rival finds planted groups; costs are measured; the search finds the best of a known grid; choices are kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy import sparse

from benchmarks.rivals import search as search_module
from benchmarks.rivals import tuned
from benchmarks.rivals.classical import scaled_scores
from benchmarks.rivals.contract import Lister, Parameters, Rival, lists_of_vectors
from benchmarks.rivals.item2vec import sentences_of
from benchmarks.rivals.search import best_of, search
from benchmarks.rivals.tuned import RIVALS, Choice, read_tuned, rival_lists, store_choice
from relvid_core.config import CoEngagementConfig, ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Events, Interactions
from relvid_core.errors import ConfigError, DataError, MissingDependency
from relvid_core.evaluation.baselines import BaselineData
from relvid_core.experiments.prepared import Prepared
from relvid_core.retrieval.ranking import Neighbours

N_VIDEOS, N_USERS, K = 43, 120, 5  # two groups of 20, then three videos that nobody watched
GROUP = np.arange(N_VIDEOS) // 20
FEW_EPOCHS: dict[str, dict[str, str | int | float | bool]] = {
    "als": {"factors": 8, "iterations": 5, "alpha": 1.0},
    "bpr": {"factors": 8, "iterations": 150},
    "item2vec": {"epochs": 40, "vector_size": 8, "sample": 0.0},
    "dssm": {"factors": 8, "epochs": 10, "learning_rate": 0.01},
}


@pytest.fixture(scope="module")
def data() -> BaselineData:
    """Each viewer watched 8 videos of one group."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.choice(20, 8, replace=False) + 20 * (user % 2) for user in range(N_USERS)])
    user = np.repeat(np.arange(N_USERS), 8)
    events = Events(user.astype(np.int32), rows.astype(np.int32), np.arange(len(user), dtype=np.int64))
    history = Interactions(N_USERS, N_VIDEOS, events)
    return BaselineData(history, CoEngagement.from_events(events, N_VIDEOS, CoEngagementConfig()))


def start_of(rival: Rival) -> dict[str, str | int | float | bool]:
    return {name: values[0] for name, values in rival.grid.items()} | FEW_EPOCHS.get(rival.name, {})


def skip_without(rival: Rival) -> None:
    if rival.missing:
        pytest.skip(f"{', '.join(rival.missing)} not installed: see requirements-bench.txt")


@pytest.mark.parametrize("name", RIVALS)
@pytest.mark.filterwarnings("default")  # what the libraries warn about is not ours to mend
def test_every_rival_finds_planted_groups(name: str, data: BaselineData) -> None:
    rival = RIVALS[name]
    skip_without(rival)
    found = rival.fit_and_list(data, start_of(rival), seed=0, k=K)
    assert found.lists.rows.shape == (N_VIDEOS, K)
    watched = slice(0, 40)
    assert (found.lists.rows[watched] != np.arange(40)[:, None]).all()
    assert (GROUP[found.lists.rows[watched]] == GROUP[watched, None]).mean() > 0.9  # by chance 19 / 42
    assert found.seconds > 0
    again = rival.fit_and_list(data, start_of(rival), seed=0, k=K, seeds=np.array([3, 30], dtype=np.int32))
    np.testing.assert_array_equal(again.lists.rows, found.lists.rows[[3, 30]])


@pytest.mark.parametrize("name", [name for name, rival in RIVALS.items() if rival.listing])
@pytest.mark.filterwarnings("default")
def test_every_listing_knob_is_read(name: str, data: BaselineData) -> None:
    rival = RIVALS[name]
    skip_without(rival)
    start = start_of(rival)
    lister = rival.fit(data, start, 0)
    every = np.arange(N_VIDEOS, dtype=np.int32)
    first = lister(start, every, K)
    for knob in rival.listing:
        other = lister(start | {knob: rival.grid[knob][1]}, every, K)
        assert (other.scores != first.scores).any(), knob


def test_scaled_scores_by_hand() -> None:
    counts = sparse.csr_matrix(np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    found = scaled_scores(counts, np.array([4.0, 7.0, 0.0]), exponent=0.5, prior=2.0, support=1.0)
    expected = [[0, 3 / 3 * 3 / 4, 1 / np.sqrt(2) * 1 / 2], [3 / np.sqrt(6) * 3 / 4, 0, 0], [1 / np.sqrt(6) / 2, 0, 0]]
    np.testing.assert_allclose(found.toarray(), expected)
    assert counts[0, 1] == 3.0  # the counts are shared and stay as they are


def test_unfitted_videos_come_last_even_below_negative_scores(data: BaselineData) -> None:
    vectors = np.ones((N_VIDEOS, 1))
    vectors[1] = -5.0
    known = np.arange(N_VIDEOS) < 40
    found = lists_of_vectors(data, vectors, vectors, known, np.array([0], dtype=np.int32), N_VIDEOS - 1)
    assert found.rows[0, -4:].tolist() == [1, 40, 41, 42]


def test_peak_memory_counts_what_was_allocated_and_freed(data: BaselineData) -> None:
    size = 80_000_000

    def fit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        np.ones(size // 8).sum()

        def lists(parameters: Parameters, seeds: Rows, k: int) -> Neighbours:
            return Neighbours(np.zeros((len(seeds), k), np.int32), np.zeros((len(seeds), k), np.float32))

        return lists

    found = Rival("waster", "", {}, fit).fit_and_list(data, {}, seed=0, k=3)
    if np.isnan(found.peak_bytes):
        pytest.skip("this system does not tell the peak of the resident set")
    assert 0.8 * size < found.peak_bytes < 2 * size


def test_wrong_settings_and_absent_libraries_are_named(data: BaselineData) -> None:
    with pytest.raises(ConfigError, match="received the settings lambda"):
        RIVALS["ease"].fit_and_list(data, {"lambda": 1.0}, seed=0, k=K)
    absent = Rival("absent", "", {}, RIVALS["ease"].fit, needs=("no_such_library_at_all",))
    with pytest.raises(MissingDependency, match="no_such_library_at_all"):
        absent.fit_and_list(data, {}, seed=0, k=K)


def test_sentences_keep_time_order_and_shuffle_without_times(data: BaselineData) -> None:
    events = Events(np.array([0, 0, 1, 1, 1], np.int32), np.array([4, 2, 9, 8, 7], np.int32), np.arange(5))
    assert sentences_of(Interactions(2, 10, events), seed=0) == [["4", "2"], ["9", "8", "7"]]
    many = Events(np.repeat(np.arange(2, dtype=np.int32), 20), np.tile(np.arange(20, dtype=np.int32), 2))
    first, second = sentences_of(Interactions(2, 20, many), seed=0)
    in_order = [str(row) for row in range(20)]
    assert sorted(first) == sorted(second) == sorted(in_order)
    assert first != in_order


@pytest.mark.parametrize("all_up_to", [0, 100], ids=["knob by knob", "every setting"])
def test_search_finds_the_best_setting(all_up_to: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recall is 1 − (a−2)²/10 − (b−1)²/10 − c/100, so the best is a=2, b=1, c=0."""
    fitted = []

    def fit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        fitted.append((parameters["a"], parameters["b"]))

        def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
            loss = (float(listing["a"]) - 2) ** 2 / 10 + (float(listing["b"]) - 1) ** 2 / 10 + float(listing["c"]) / 100
            return Neighbours(np.zeros((1, 1), np.int32), np.array([[1.0 - loss]], np.float32))

        return lists

    def judged(prepared: Prepared, lists: Neighbours, config: ExperimentConfig) -> tuple[dict[str, object], object]:
        return {}, {"recall": SimpleNamespace(mean=float(lists.scores[0, 0]))}

    monkeypatch.setattr(search_module, "evaluate", judged)
    monkeypatch.setattr(search_module, "data_of", lambda prepared: None)
    monkeypatch.setattr(search_module, "ALL_UP_TO", all_up_to)
    fake = SimpleNamespace(
        evaluation=SimpleNamespace(seeds=np.array([0], np.int32)), history=SimpleNamespace(n_videos=1)
    )
    rival = Rival("r", "", {"c": (1, 0), "a": (0, 1, 2, 3), "b": (0, 1, 2)}, fit, listing=("c",), random=False)
    said: list[str] = []
    trials = search(rival, cast(Prepared, fake), ExperimentConfig(), seeds=3, limit_s=60.0, say=said.append)
    assert dict(best_of(trials).parameters) == {"a": 2, "b": 1, "c": 0}
    assert len(trials) == len(said) == 2 * len(fitted)
    assert len(fitted) == len(set(fitted)) == (12 if all_up_to else 9)  # 4 of a, 2 more of b, 3 of a again
    cut = search(rival, cast(Prepared, fake), ExperimentConfig(), seeds=3, limit_s=-1.0, say=said.append)
    assert len(cut) == 2  # one fit always


def test_choices_are_kept_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "tuned.toml"
    assert read_tuned(path) == {}
    first, second = Choice({"a": 0.5, "on": True}, 0.25, 3, 4), Choice({"word": "cosine", "n": 2}, 0.5, 1, 1)
    store_choice("one", "ease", second, path)
    store_choice("two", "als", second, path)
    store_choice("one", "ease", first, path)
    assert read_tuned(path) == {"one": {"ease": first}, "two": {"als": second}}
    assert [file.name for file in tmp_path.iterdir()] == ["tuned.toml"]


@pytest.mark.parametrize(
    "text", ["[", "a = 1", "[a.b]\nrecall = 1", "[a.b]\nrecall=1\ntried=1\nsettings=1\nparameters={x=[]}"]
)
def test_a_damaged_file_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tuned.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"tuned\.toml"):
        read_tuned(path)


def test_lists_with_the_tuned_setting(data: BaselineData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tuned.toml"
    store_choice("planted", "ease", Choice({"regularisation": 7.0}, 0.5, 1, 1), path)
    prepared = cast(Prepared, SimpleNamespace(dataset=SimpleNamespace(key="planted")))
    monkeypatch.setattr(tuned, "data_of", lambda prepared: data)
    found = rival_lists(prepared, "ease", 0, k=K, path=path)
    wanted = RIVALS["ease"].fit_and_list(data, {"regularisation": 7.0}, seed=0, k=K)
    np.testing.assert_array_equal(found.lists.scores, wanted.lists.scores)
    with pytest.raises(ConfigError, match="not tuned on 'planted'"):
        rival_lists(prepared, "covisit", 0, k=K, path=path)
    with pytest.raises(ConfigError, match="unknown"):
        rival_lists(prepared, "no such", 0, k=K, path=path)


def test_the_choices_in_the_repository_fit_their_rivals() -> None:
    for rivals in read_tuned().values():
        for name, choice in rivals.items():
            assert set(choice.parameters) == set(RIVALS[name].grid)
