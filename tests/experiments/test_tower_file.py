"""Towers in a file: back as they were, and files of another kind refused."""

from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

from relvid_core.experiments.tower_file import load_towers, save_towers
from relvid_core.training.towers import FittedTowers, HeadVectors


def table(seed: int, rows: int = 5, dim: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)


@pytest.mark.parametrize("n_heads", [1, 2])
def test_heads_and_parameters_come_back(tmp_path: Path, n_heads: int) -> None:
    heads = tuple(HeadVectors(table(2 * i), table(2 * i + 1)) for i in range(n_heads))
    parameters = {"seed.ids": table(8).T, "candidate.maps.0": table(9)}  # one of them not contiguous
    save_towers(FittedTowers(heads, parameters), tmp_path / "towers.safetensors")
    back = load_towers(tmp_path / "towers.safetensors")
    assert back.split == (n_heads == 2)
    for mine, theirs in zip(back.heads, heads, strict=True):
        assert np.array_equal(mine.seed, theirs.seed)
        assert np.array_equal(mine.candidate, theirs.candidate)
    assert set(back.parameters) == set(parameters)
    for name, value in parameters.items():
        assert np.array_equal(back.parameters[name], value)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "0 heads"),
        ({"other": table(0)}, "0 heads"),
        ({f"head.{i}.seed": table(i) for i in range(3)}, "3 heads"),
        ({"head.0.seed": table(0)}, "head.0.candidate"),
        ({"head.1.seed": table(0), "head.1.candidate": table(1)}, "head.0.seed"),
        ({"head.0.seed": table(0), "head.0.candidate": table(1, rows=4)}, "one shape"),
        ({"head.0.seed": table(0).astype(np.float64), "head.0.candidate": table(1).astype(np.float64)}, "float32"),
        ({"head.0.seed": table(0)[0], "head.0.candidate": table(1)[0]}, "tables"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], said: str) -> None:
    path = tmp_path / "towers.safetensors"
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
    with pytest.raises((KeyError, ValueError), match=said):
        load_towers(path)


def test_a_file_that_is_no_archive_or_absent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(SafetensorError):
        load_towers(tmp_path / "torn.safetensors")
    with pytest.raises(OSError, match="none"):
        load_towers(tmp_path / "none.safetensors")
