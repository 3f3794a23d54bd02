"""Trained towers in one safetensors file: the embeddings of every head, and the parameters to begin from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from relvid_core.training.towers import FittedTowers, HeadVectors

_PARAMETER = "parameter."


def save_towers(towers: FittedTowers, path: Path) -> None:
    """Write the file. Raises OSError."""
    arrays = {f"{_PARAMETER}{name}": value for name, value in towers.parameters.items()}
    for place, head in enumerate(towers.heads):
        arrays |= {f"head.{place}.seed": head.seed, f"head.{place}.candidate": head.candidate}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


def load_towers(path: Path) -> FittedTowers:
    """Read the file. Raises OSError, SafetensorError, or KeyError and ValueError for a file of another kind."""
    arrays = load_file(path)
    n_heads = sum(name.startswith("head.") and name.endswith(".seed") for name in arrays)
    if n_heads not in (1, 2):
        raise ValueError(f"{path.name} holds {n_heads} heads; expected 1 or 2")
    heads = tuple(HeadVectors(arrays[f"head.{i}.seed"], arrays[f"head.{i}.candidate"]) for i in range(n_heads))
    kinds = {(array.shape, array.dtype.name) for head in heads for array in (head.seed, head.candidate)}
    if len(kinds) != 1 or any(len(shape) != 2 or kind != "float32" for shape, kind in kinds):
        raise ValueError(f"{path.name} holds heads {sorted(kinds)}; expected float32 tables of one shape")
    parameters = {name[len(_PARAMETER) :]: value for name, value in arrays.items() if name.startswith(_PARAMETER)}
    return FittedTowers(heads, parameters)
