import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

from relvid_core.errors import DataError
from relvid_core.simulation.__main__ import main
from relvid_core.simulation.loader import load_sample, load_truth

SMALL = ["--videos", "60", "--viewers", "50", "--no-sentences"]


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one", tmp_path / "deep" / "two"
    for folder in (one, two):
        assert main([*SMALL, "--folder", str(folder)]) == 0
    assert digest(one) == digest(two)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "one"], "no temporary folder is left"
    assert "wrote 70 files" in capsys.readouterr().out
    assert tomllib.loads((one / "world.toml").read_text())["n_viewers"] == 50
    assert main([*SMALL, "--seed", "5", "--folder", str(two)]) == 0  # replaces an earlier world
    assert all(
        digest(one)[name] != digest(two)[name] for name in ("log.parquet", "truth.safetensors", "catalogue.parquet")
    )
    dataset, truth = load_sample(two), load_truth(two)
    assert (dataset.interactions.n_users, len(dataset.catalog)) == (truth.n_viewers, truth.n_videos) == (50, 60)
    assert np.array_equal(np.unique(dataset.interactions.exposures.user), np.arange(50))


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert main([*SMALL, "--folder", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    assert main([*SMALL, "--folder", str(tmp_path / "thesis.txt")]) == 2


def test_missing_and_damaged_worlds_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"catalogue\.parquet: cannot be read"):
        load_sample(tmp_path)
    (tmp_path / "catalogue.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(DataError, match=r"catalogue\.parquet: cannot be read"):
        load_sample(tmp_path)
