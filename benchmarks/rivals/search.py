"""Searching a rival's grid on one fold: every setting where that is cheap, one knob after another where it is not."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.rivals.contract import Parameters, Rival, Value
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.evaluation.baselines import BaselineData
from relvid_core.experiments.pipeline import evaluate
from relvid_core.experiments.prepared import Prepared
from relvid_core.retrieval.ranking import Neighbours

Setting = dict[str, Value]
ALL_UP_TO = 9  # fits; a larger grid is searched knob by knob
PASSES = 2


@dataclass(frozen=True)
class Trial:
    """One setting and its recall, averaged over training seeds."""

    parameters: Setting
    recall: float
    seconds: float  # one fit, and lists for the seeds that are asked


def data_of(prepared: Prepared) -> BaselineData:
    """What a rival may see of a prepared fold."""
    text = prepared.content.named("text")
    return BaselineData(prepared.history, prepared.pairs, None if text is None else text.matrix)


def whole_catalogue(found: Neighbours, seeds: Rows, n_videos: int) -> Neighbours:
    """Lists of some seeds in the shape that `evaluate` reads; the other rows are empty and must not be asked."""
    rows = np.zeros((n_videos, found.k), dtype=np.int32)
    scores = np.zeros((n_videos, found.k), dtype=np.float32)
    rows[seeds], scores[seeds] = found.rows, found.scores
    return Neighbours(rows, scores)


def search(
    rival: Rival,
    prepared: Prepared,
    config: ExperimentConfig,
    *,
    seeds: int,
    limit_s: float,
    say: Callable[[str], None],
) -> list[Trial]:
    """Every setting tried, in order. Recall is that of `evaluate` on the fold of `config`.

    After `limit_s` seconds no further fit is begun. Knobs of the listing are tried in full with every fit.
    """
    data, asked, n_videos = data_of(prepared), prepared.evaluation.seeds, prepared.history.n_videos
    began, trials, tried = time.monotonic(), list[Trial](), dict[tuple[Value, ...], Trial]()

    def try_fit(fixed: Setting) -> Trial | None:
        """The best listing of one fit; None once time is up."""
        key = tuple(fixed.values())
        if key in tried:
            return tried[key]
        if trials and time.monotonic() - began > limit_s:
            return None
        start = time.perf_counter()
        fits = [rival.fit(data, fixed, seed) for seed in range(seeds if rival.random else 1)]
        fitting = time.perf_counter() - start
        best: Trial | None = None
        for listing in _settings(rival, rival.listing):
            parameters = {**fixed, **listing}
            start = time.perf_counter()
            found = [lister(parameters, asked, config.evaluation.k) for lister in fits]
            seconds = (fitting + time.perf_counter() - start) / len(fits)
            recalls = [
                evaluate(prepared, whole_catalogue(lists, asked, n_videos), config)[1]["recall"].mean for lists in found
            ]
            trial = Trial(parameters, float(np.mean(recalls)), seconds)
            say(f"{trial.recall:.4f}  {seconds:6.1f} s  {described(parameters)}")
            trials.append(trial)
            best = trial if best is None or trial.recall > best.recall else best
        assert best is not None  # the product of no knobs is one empty setting
        tried[key] = best
        return best

    knobs = tuple(name for name in rival.grid if name not in rival.listing)
    every = list(_settings(rival, knobs))
    if len(every) <= ALL_UP_TO:
        for fixed in every:
            if try_fit(fixed) is None:
                break
        return trials
    best = try_fit(every[0])
    for _, knob in itertools.product(range(PASSES), [name for name in knobs if len(rival.grid[name]) > 1]):
        assert best is not None  # the first fit is never refused
        for value in rival.grid[knob]:
            trial = try_fit({name: value if name == knob else best.parameters[name] for name in knobs})
            if trial is None:
                return trials
            best = trial if trial.recall > best.recall else best
    return trials


def best_of(trials: list[Trial]) -> Trial:
    """The highest recall; the earlier one of two that are equal."""
    return max(trials, key=lambda trial: trial.recall)


def n_settings(rival: Rival) -> int:
    """Size of the whole grid."""
    return int(np.prod([len(values) for values in rival.grid.values()]))


def described(parameters: Parameters) -> str:
    """Settings in one line."""
    return ", ".join(
        f"{name} {value:g}" if type(value) is float else f"{name} {value}" for name, value in parameters.items()
    )


def _settings(rival: Rival, knobs: tuple[str, ...]) -> Iterator[Setting]:
    for values in itertools.product(*(rival.grid[name] for name in knobs)):
        yield dict(zip(knobs, values, strict=True))
