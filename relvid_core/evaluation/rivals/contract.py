"""What every rival is: a grid of settings, a fit, and lists of neighbours from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Mask
from relvid_core.errors import ConfigError, MissingDependency
from relvid_core.evaluation.baseline_data import BaselineData, ranked_blocks
from relvid_core.retrieval.ranking import Neighbours

Value = str | int | float | bool
Parameters = Mapping[str, Value]
Grid = Mapping[str, tuple[Value, ...]]
Lister = Callable[[Parameters, Rows, int], Neighbours]  # parameters (its listing knobs), seeds [n_seeds], k

INSTALL: Final = "pip install -r requirements-rivals.txt"  # brings the libraries of the rivals in this package


@dataclass(frozen=True)
class Rival:
    """A recommender with knobs. The first value of every knob is its default, and where a search begins."""

    name: str
    title: str
    grid: Grid
    fit: Callable[[BaselineData, Parameters, int], Lister]  # data, parameters, seed
    listing: tuple[str, ...] = ()  # knobs that only the listing reads: they are tried without fitting again
    random: bool = True  # False: the seed changes nothing
    needs: tuple[str, ...] = ()  # modules of optional libraries
    install: str = INSTALL  # how to get them

    @property
    def start(self) -> dict[str, Value]:
        """The default of every knob."""
        return {name: values[0] for name, values in self.grid.items()}

    @property
    def n_settings(self) -> int:
        """Size of the whole grid."""
        return prod(len(values) for values in self.grid.values())

    @property
    def tuned_title(self) -> str:
        """The title beside baselines that were not tuned."""
        return f"{self.title}, tuned"

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that are not installed."""
        return missing_modules(self.needs)

    def check(self, parameters: Parameters) -> None:
        """Raises MissingDependency without its library, ConfigError unless exactly the knobs of the grid are set.

        Values outside the grid are allowed.
        """
        if self.missing:
            raise MissingDependency(
                f"{self.name}: needs {', '.join(self.missing)}, which is not installed. To install it: {self.install}"
            )
        if set(parameters) != set(self.grid):
            raise ConfigError(
                f"{self.name}: received the settings {', '.join(sorted(parameters)) or 'none'}; "
                f"expected {', '.join(sorted(self.grid))}"
            )

    def lists(
        self, data: BaselineData, parameters: Parameters, *, seed: int, k: int, seeds: Rows | None = None
    ) -> Neighbours:
        """Fit, then list `k` neighbours of every video, or of `seeds` only. Raises as `check`."""
        self.check(parameters)
        asked = np.arange(data.history.n_videos, dtype=np.int32) if seeds is None else seeds
        return self.fit(data, parameters, seed)(parameters, asked, k)


def missing_modules(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some modules that are not installed; looks without importing them."""
    return tuple(module for module in names if find_spec(module) is None)


def lists_of_vectors(
    data: BaselineData,
    queries: npt.NDArray[np.floating],
    candidates: npt.NDArray[np.floating],
    known: Mask,
    seeds: Rows,
    k: int,
) -> Neighbours:
    """Lists by inner product of `[n_videos, dim]` vectors; videos that were not fitted come last, by popularity.

    `known` `[n_videos]` says which were fitted. A seed that was not is given the popular videos.
    """
    table = np.ascontiguousarray(candidates, dtype=np.float32).T
    asked: Floats = np.where(known[:, None], queries, 0.0).astype(np.float32)
    unknown = ~known

    def block(part: slice) -> npt.NDArray[np.floating]:
        scores: Floats = asked[seeds[part]] @ table
        if unknown.any():
            scores[:, unknown] = scores.min() - 1.0
        return scores

    return ranked_blocks(data, block, seeds, k)


def unit(vectors: npt.NDArray[np.floating]) -> Floats:
    """Rows scaled to length 1; zero rows stay zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0).astype(np.float32)
    return scaled
