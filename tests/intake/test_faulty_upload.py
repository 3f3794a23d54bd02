"""A whole import: thirty planted faults are each named once, and everything else loads and trains."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.datasets import find_datasets, load_dataset
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.intake.clean import Cleaned, clean, dataset_from
from relvid_core.intake.mapping import guess_columns, guess_role
from relvid_core.intake.raw import read_raw
from relvid_core.intake.store import save_dataset, unpack_pictures


@pytest.fixture(scope="module")
def pictures(faulty_upload: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_pictures(faulty_upload.pictures, tmp_path_factory.mktemp("pictures")).folder


@pytest.fixture(scope="module")
def cleaned(faulty_upload: Any, pictures: Path) -> Cleaned:
    catalogue, log = read_raw(faulty_upload.catalogue), read_raw(faulty_upload.log)
    assert (guess_role(catalogue), guess_role(log)) == ("catalogue", "log")
    return clean(
        catalogue,
        log,
        catalogue_columns=guess_columns(catalogue, "catalogue"),
        log_columns=guess_columns(log, "log"),
        thumbnails=pictures,
    )


def test_every_planted_fault_is_named_once_and_nothing_else(faulty_upload: Any, cleaned: Cleaned) -> None:
    planted = Counter((one.file, one.row, one.column, one.kind, one.done) for one in faulty_upload.faults)
    found = Counter((one.file.removesuffix(".csv"), one.row, one.column, one.kind, one.done) for one in cleaned.faults)
    assert len(planted) == 30
    assert len({kind for _, _, _, kind, _ in planted}) >= 26
    assert found - planted == Counter()
    assert planted - found == Counter()


def test_nothing_else_is_lost(faulty_upload: Any, cleaned: Cleaned) -> None:
    assert cleaned.n_read == {"catalogue": 500, "log": 6_000}
    assert cleaned.n_kept == {"catalogue": faulty_upload.n_videos, "log": faulty_upload.n_views}
    frame = cleaned.catalog_frame.set_index("video_id")
    assert frame.loc["v123", "title"] == "Caf� lesson"
    assert frame.loc["v123", "creator"] == "channel €"
    assert frame.loc["v124", "title"] == "NUL lesson"
    assert frame.loc["v120", "title"] == "Unclosed title"
    assert frame.loc["v116", "title"] == "Bell in the title"
    assert frame.loc["v005", "topics"] == (("Craft", "Knitting"),)
    assert frame.loc["v000", "thumbnail"] == "thumbs/p000.png"
    assert (frame["thumbnail"] != "").sum() == 40
    assert cleaned.log_frame is not None
    assert int(cleaned.log_frame["timestamp"].min()) == 1_700_000_000


def test_what_is_left_is_stored_found_and_trained_on(
    pictures: Path, cleaned: Cleaned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELVID_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RELVID_DATA", str(tmp_path / "nothing"))
    folder = save_dataset(cleaned, home=tmp_path / "home", name="Mine & yours", thumbnails=pictures, notes=("a note",))
    source = find_datasets()[1]
    assert (source.key, source.folder, source.imported) == ("mine-yours", folder, True)
    stored = load_dataset(source)
    direct = dataset_from(cleaned, key="x", title="x", thumbnails=pictures)
    assert stored.title == "Mine & yours"
    assert "a note" in stored.notes
    assert stored.catalog.topics == direct.catalog.topics
    assert stored.interactions.fingerprint == direct.interactions.fingerprint
    assert [stored.catalog.thumbnail(row) is not None for row in range(41)] == [True] * 40 + [False]
    assert trained(stored) > 0


def trained(dataset: Dataset) -> int:
    """Train for one epoch; how many seeds were scored."""
    config = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=8, towers__text_dim=8, evaluation__bootstrap_replicates=20
    )
    steps = train_run(dataset, config, cache=PreparedCache())
    run = None
    while run is None:
        try:
            next(steps)
        except StopIteration as end:
            run = end.value
    assert np.isfinite(run.neighbours.scores).any()
    return len(run.seeds)
