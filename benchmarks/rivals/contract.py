"""What every rival is: a grid of settings, a fit, and lists of neighbours from it, with what they cost."""

from __future__ import annotations

import contextlib
import ctypes
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Mask
from relvid_core.errors import ConfigError, MissingDependency
from relvid_core.evaluation.baselines import BaselineData
from relvid_core.evaluation.exposure import popularity_order
from relvid_core.retrieval.ranking import Neighbours, top_k_of_blocks

Value = str | int | float | bool
Parameters = Mapping[str, Value]
Grid = Mapping[str, tuple[Value, ...]]
Lister = Callable[[Parameters, Rows, int], Neighbours]  # parameters (its listing knobs), seeds [n_seeds], k

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_KIB = 1024


@dataclass(frozen=True)
class Outcome:
    """Lists and what they cost: fitting and listing together."""

    lists: Neighbours
    seconds: float
    peak_bytes: float  # growth of the resident set at its highest; NaN where the system does not tell


@dataclass(frozen=True)
class Rival:
    """A recommender with knobs. The first value of every knob is where a search that cannot try all begins."""

    name: str
    title: str
    grid: Grid
    fit: Callable[[BaselineData, Parameters, int], Lister]  # data, parameters, seed
    listing: tuple[str, ...] = ()  # knobs that only the listing reads: they are tried without fitting again
    random: bool = True  # False: the seed changes nothing
    needs: tuple[str, ...] = ()  # modules that requirements-bench.txt brings

    @property
    def tuned_title(self) -> str:
        """The title in a table of tuned rivals."""
        return f"{self.title.removesuffix(', tuned')}, tuned"

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that are not installed."""
        return tuple(module for module in self.needs if find_spec(module) is None)

    def check(self, parameters: Parameters) -> None:
        """Raises MissingDependency without its library, ConfigError unless exactly the knobs of the grid are set.

        Values outside the grid are allowed.
        """
        if self.missing:
            raise MissingDependency(
                f"{self.name}: needs {', '.join(self.missing)}, which is not installed; see requirements-bench.txt"
            )
        if set(parameters) != set(self.grid):
            raise ConfigError(
                f"{self.name}: received the settings {', '.join(sorted(parameters)) or 'none'}; "
                f"expected {', '.join(sorted(self.grid))}"
            )

    def fit_and_list(
        self, data: BaselineData, parameters: Parameters, *, seed: int, k: int, seeds: Rows | None = None
    ) -> Outcome:
        """Fit, then list `k` neighbours of every video, or of `seeds` only."""
        self.check(parameters)
        asked = np.arange(data.history.n_videos, dtype=np.int32) if seeds is None else seeds
        before = _restart_peak()
        began = time.perf_counter()
        lists = self.fit(data, parameters, seed)(parameters, asked, k)
        seconds = time.perf_counter() - began
        return Outcome(lists, seconds, _resident("VmHWM:") - before)


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

    return top_k_of_blocks(block, seeds, len(known), k, order=popularity_order(data.history.popularity))


def unit(vectors: npt.NDArray[np.floating]) -> Floats:
    """Rows scaled to length 1; zero rows stay zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0).astype(np.float32)
    return scaled


def _restart_peak() -> float:
    """Forget the highest resident set so far, and say what is resident now, in bytes.

    What was freed goes back to the system first: a fit that found room in it would seem to need none.
    """
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
    try:
        _CLEAR.write_text("5", encoding="ascii")  # proc(5): resets the peak, nothing else
    except OSError:
        return float("nan")
    return _resident("VmRSS:")


def _resident(field: str) -> float:
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    return next((float(line.split()[1]) * _KIB for line in lines if line.startswith(field)), float("nan"))
