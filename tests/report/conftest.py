"""A folder of data with hostile names, and a store of runs on it: two to compare, one measured otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.datasets import load_dataset, source_named
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.report.material import Material, gather
from relvid_core.report.page import report_html
from relvid_core.runtime import drain

HOSTILE = "</script><img src=x onerror=alert(1)> & 'quotes' \"\u202e"
N_TOPICS, PER_TOPIC, N_USERS, N_EVENTS = 6, 10, 60, 24


@dataclass(frozen=True)
class Lab:
    """Where the data and the runs are, and the ids of the latter by label."""

    data: Path
    store: RunStore
    ids: dict[str, str]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Trained once for all tests of this folder: "plain", a hostile one with everything on, its twin, "longer"."""
    data = tmp_path_factory.mktemp("report_data")
    _write(data / "mine")
    store = RunStore(tmp_path_factory.mktemp("report_runs"))
    plain = ExperimentConfig().with_values(
        training__epochs=3, towers__dim=8, towers__text_dim=8, evaluation__k=10, evaluation__bootstrap_replicates=60
    )
    both = plain.with_values(objective__relevance_weight=0.5, off_policy__strength=0.5)
    configs = {
        "plain": plain,
        HOSTILE: both,
        "twin": plain.with_values(training__seed=1),
        "longer": plain.with_values(evaluation__k=12),
    }
    dataset, cache, ids = load_dataset(source_named("mine", data)), PreparedCache(), {}
    for label, config in configs.items():
        run = drain(train_run(dataset, config, cache=cache, label=label))
        store.save(run)
        ids[label] = run.info.run_id
    drain(baseline_runs(dataset, plain, cache=cache, store=store))
    return Lab(data, store, ids)


def _write(folder: Path) -> None:
    """Videos in six topics of three groups; viewers who mostly stay in one, and some popular videos."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    n_videos = N_TOPICS * PER_TOPIC
    topic = np.arange(n_videos) % N_TOPICS
    titles = [f"{HOSTILE} {row}" if row % 7 == 0 else f"clip {row} on subject{topic[row]}" for row in range(n_videos)]
    ids = [f"v{row:03d}" for row in range(n_videos)]
    topics = [f"Group {t % 3} > Topic <i {t}" for t in topic]
    pd.DataFrame({"video_id": ids, "title": titles, "topics": topics}).to_csv(folder / "catalogue.csv", index=False)
    events = []
    for user in range(N_USERS):
        for step in range(N_EVENTS):
            same = rng.random() < 0.7
            row = rng.choice(np.flatnonzero(topic == user % N_TOPICS)) if same else int(n_videos * rng.random() ** 3)
            events.append((f"u{user}", ids[row], 1_700_000_000 + 1_000 * step + user))
    log = pd.DataFrame(events, columns=["user_id", "video_id", "timestamp"])
    log.to_csv(folder / "log.csv", index=False)


@pytest.fixture
def here(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab with its data where datasets are looked for."""
    monkeypatch.setenv("RELVID_DATA", str(lab.data))
    return lab


@pytest.fixture(scope="session")
def pair(lab: Lab) -> Material:
    """A: plain, B: the hostile one."""
    return gather(lab.store, [lab.ids["plain"], lab.ids[HOSTILE]], str(lab.data / "mine"))


@pytest.fixture(scope="session")
def source(pair: Material) -> str:
    """The report of that pair."""
    return report_html(pair, made_at=1_700_000_000.0)


@pytest.fixture
def alone(here: Lab) -> Material:
    return gather(here.store, [here.ids["plain"]])


@pytest.fixture
def hostile() -> str:
    return HOSTILE
