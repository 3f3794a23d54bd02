"""Does relevance fight engagement, and where: cosines between the gradients of the two losses."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from relvid_core.training.weighting import Gradients

ALL: Final = "all"
STRATA: Final = ("popular", "middle", "rare")
COSINE: Final = "cosine "  # begins the name of each of these in the history of a run


def thirds(marginal: npt.NDArray[np.float64]) -> list[npt.NDArray[np.int64]]:
    """Rows of popular, middle and rare videos such that each group ends a third of all pairs; p_j = 0 is rare."""
    order = np.argsort(-marginal, kind="stable")
    before = np.cumsum(marginal[order]) - marginal[order]
    group = np.minimum((before * 3).astype(np.int64), 2)
    return [order[group == g] for g in range(3)]


class ConflictRecorder:
    """Collects the cosine of the two task gradients, overall and by part of the model, over the steps of an epoch."""

    def __init__(self, names: list[str], marginal: npt.NDArray[np.float64]) -> None:
        """`names` are those of the parameters, in the order of the gradients."""
        self._names = names
        self._rows = [torch.from_numpy(rows) for rows in thirds(marginal)]
        self._sums: dict[str, list[float]] = {}

    def add(self, a: Gradients, b: Gradients) -> None:
        """Note one step's gradients of the two losses.

        The map of a split head belongs to one loss alone: the other's gradient is zero there, so it has no part in the
        inner product, and its length would only water the cosine down.
        """
        parts: dict[str, torch.Tensor] = {ALL: torch.zeros(3)}
        for name, x, y in zip(self._names, a, b, strict=True):
            if ".heads." in name:
                continue
            parts[ALL] = parts[ALL] + _products(x, y)
            if name.endswith(".ids"):
                tower = name.split(".")[0]
                for stratum, rows in zip(STRATA, self._rows, strict=True):
                    parts[f"{stratum} {tower}s"] = _products(x[rows], y[rows])
            elif ".maps." in name:
                parts["content"] = parts.get("content", torch.zeros(3)) + _products(x, y)
        for part, (inner, of_a, of_b) in ((part, values.tolist()) for part, values in parts.items()):
            if of_a > 0 and of_b > 0:
                self._sums.setdefault(part, []).append(inner / (of_a * of_b) ** 0.5)

    def take(self) -> dict[str, float]:
        """Mean cosines of the epoch by part, −1 to 1; starts the next epoch."""
        means = {COSINE + part: float(np.mean(values)) for part, values in self._sums.items()}
        self._sums = {}
        return means


def _products(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    x, y = x.reshape(-1), y.reshape(-1)
    return torch.stack([torch.dot(x, y), torch.dot(x, x), torch.dot(y, y)]).cpu()
