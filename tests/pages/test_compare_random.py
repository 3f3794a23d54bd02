"""Compare where a part of the log was shown by lot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from relvid_core.config import ExperimentConfig
from relvid_core.experiments.pipeline import train_run
from relvid_core.runtime import drain

PAGE = Path(__file__).resolve().parents[2] / "pages" / "compare.py"
N_VIDEOS, N_USERS, START = 40, 60, 1_650_000_000_000


def write_kuairand(folder: Path) -> None:
    """Two groups of viewers, each clicking in its half of the videos; the lot shows anything, and odd ones please."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    videos = pd.DataFrame({"video_id": range(N_VIDEOS), "tag": [row % 2 for row in range(N_VIDEOS)]})
    videos.to_csv(folder / "video_features_basic_pure.csv", index=False)
    shown = [
        (user, int(2 * rng.integers(N_VIDEOS // 2) + user % 2), START + 1_000_000 * step + user, 1)
        for user in range(N_USERS)
        for step in range(20)
    ]
    columns = ["user_id", "video_id", "time_ms", "is_click"]
    pd.DataFrame(shown, columns=columns).to_csv(folder / "log_standard_4_08_to_4_21_pure.csv", index=False)
    late = START + 30_000_000
    lot = [(user, row, late + row, row % 2) for user in range(N_USERS) for row in rng.permutation(N_VIDEOS)[:20]]
    pd.DataFrame(lot, columns=columns).to_csv(folder / "log_random_4_22_to_5_08_pure.csv", index=False)


def test_what_chance_showed_is_counted_with_its_evidence(
    empty_home: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_kuairand(tmp_path / "kuairand")
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    data = cache.dataset("kuairand")
    quick = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=8, evaluation__bootstrap_replicates=40, evaluation__k=5
    )
    for seed in (0, 1):
        run = drain(train_run(data, quick.with_values(training__seed=seed), cache=cache.prepared()))
        cache.store().save(run)
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.query_params["data"] = "kuairand"
    page.run()
    assert not page.exception
    assert "Shown at random" in [header.value for header in page.header]
    drawn = "".join(found.proto.body for found in page.get("html"))
    assert "Anything shown at random" in drawn
    assert "random exposures" in drawn
