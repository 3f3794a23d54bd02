"""A small folder of data with hostile titles, and homes with and without runs on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pages.ui import cache
from relvid_core.config import ExperimentConfig
from relvid_core.experiments.datasets import DatasetSource, load_dataset
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

HOSTILE = "<img src=x onerror=alert(1)> **bold** :smile: $x$ [a](http://b)"
N_TOPICS, PER_TOPIC, N_USERS, N_EVENTS = 5, 14, 80, 24


@dataclass(frozen=True)
class Home:
    """Where one test's app finds its data and keeps its runs."""

    runs: Path
    data: Path
    key: str
    infos: tuple[RunInfo, ...] = ()  # newest first


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RELVID_DATA with one folder, `mine`, and one without topics, `bare`."""
    home = tmp_path_factory.mktemp("data_home")
    rng = np.random.default_rng(0)
    n_videos = N_TOPICS * PER_TOPIC
    topic = np.arange(n_videos) % N_TOPICS
    titles = [HOSTILE if row < 3 else f"clip {row} about subject{topic[row]}" for row in range(n_videos)]
    catalogue = pd.DataFrame(
        {
            "video_id": [f"v{row:03d}" for row in range(n_videos)],
            "title": titles,
            "topics": [f"Group {t % 2} > <b>topic</b> {t}" for t in topic],
        }
    )
    events = []
    for user in range(N_USERS):
        for step in range(N_EVENTS):
            same = rng.random() < 0.7
            row = rng.choice(np.flatnonzero(topic == user % N_TOPICS)) if same else int(n_videos * rng.random() ** 3)
            events.append((f"u{user}", f"v{row:03d}", 1_700_000_000 + 1_000 * step + user))
    log = pd.DataFrame(events, columns=["user_id", "video_id", "timestamp"])
    for name, frame in (("mine", catalogue), ("bare", catalogue.drop(columns="topics"))):
        (home / name).mkdir()
        frame.to_csv(home / name / "catalogue.csv", index=False)
        log.to_csv(home / name / "log.csv", index=False)
    return home


@pytest.fixture(scope="session")
def trained(data_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with three comparable runs on `mine` (engagement only, balanced, and its twin with correction), one with
    lists of another length, and the baselines. Copied for every test that wants it."""
    home = tmp_path_factory.mktemp("trained")
    dataset = load_dataset(DatasetSource("mine", "mine (table)", data_home / "mine", "table"))
    quick = ExperimentConfig().with_values(
        training__epochs=2, towers__dim=8, towers__text_dim=8, evaluation__bootstrap_replicates=40
    )
    balanced = quick.with_values(objective__relevance_weight=0.3)
    configs = {
        "long lists": quick.with_values(evaluation__k=30),
        "engagement only": quick,
        "balanced": balanced,
        HOSTILE: balanced.with_values(off_policy__strength=0.5),
    }
    kept, store = PreparedCache(), RunStore(home)
    infos = []
    for label, config in configs.items():
        run = drain(train_run(dataset, config, cache=kept, label=label))
        store.save(run)
        infos.append(run.info)
    drain(baseline_runs(dataset, balanced, cache=kept, store=store))
    return Home(home, data_home, "mine", tuple(reversed(infos)))


@pytest.fixture
def empty_home(data_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """No runs yet. The queue is closed after the test, so that no training outlives it."""
    monkeypatch.setenv("RELVID_DATA", str(data_home))
    monkeypatch.setenv("RELVID_HOME", str(tmp_path / "runs"))
    yield Home(tmp_path / "runs", data_home, "mine")
    cache.queue().close()


@pytest.fixture
def home(empty_home: Home, trained: Home) -> Home:
    """The runs of `trained`, in a folder of this test's own."""
    shutil.copytree(trained.runs, empty_home.runs)
    return Home(empty_home.runs, empty_home.data, "mine", trained.infos)
