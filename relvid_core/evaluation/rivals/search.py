"""Searching a rival's grid on one fold: every setting where that is cheap, one knob after another where it is not."""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from relvid_core.evaluation import metrics
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.protocol import EvaluationSet
from relvid_core.evaluation.rivals.contract import Parameters, Rival, Value
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

    def __str__(self) -> str:
        return f"{self.recall:.4f}  {self.seconds:6.1f} s  {described(self.parameters)}"


def search(
    rival: Rival, data: BaselineData, evaluation: EvaluationSet, *, k: int, seeds: int, limit_s: float
) -> Generator[Trial, None, list[Trial]]:
    """Try settings by Recall@k on `evaluation`, which belongs to the fold of `data`; yields, then returns, them all.

    After `limit_s` seconds no further fit is begun. Knobs of the listing are tried in full with every fit.
    """
    began, trials, tried = time.monotonic(), list[Trial](), dict[tuple[Value, ...], Trial]()

    def try_fit(fixed: Setting) -> Generator[Trial, None, Trial | None]:
        """The best listing of one fit; None once time is up."""
        key = tuple(fixed.values())
        if key in tried:
            return tried[key]
        if trials and time.monotonic() - began > limit_s:
            return None
        start = time.perf_counter()
        fits = [rival.fit(data, fixed, seed) for seed in range(seeds if rival.random else 1)]
        fitting = time.perf_counter() - start
        of_fit = []
        for listing in _settings(rival, rival.listing):
            parameters = {**fixed, **listing}
            start = time.perf_counter()
            found = [lister(parameters, evaluation.seeds, k) for lister in fits]
            seconds = (fitting + time.perf_counter() - start) / len(fits)
            of_fit.append(Trial(parameters, float(np.mean([_recall(one, evaluation) for one in found])), seconds))
            trials.append(of_fit[-1])
            yield of_fit[-1]
        tried[key] = best_of(of_fit)
        return tried[key]

    knobs = tuple(name for name in rival.grid if name not in rival.listing)
    every = list(_settings(rival, knobs))
    if len(every) <= ALL_UP_TO:
        for fixed in every:
            if (yield from try_fit(fixed)) is None:
                break
        return trials
    best = yield from try_fit(every[0])
    for _, knob in itertools.product(range(PASSES), [name for name in knobs if len(rival.grid[name]) > 1]):
        assert best is not None  # the first fit is never refused
        for value in rival.grid[knob]:
            trial = yield from try_fit({name: value if name == knob else best.parameters[name] for name in knobs})
            if trial is None:
                return trials
            best = trial if trial.recall > best.recall else best
    return trials


def best_of(trials: list[Trial]) -> Trial:
    """The highest recall; the earlier one of two that are equal."""
    return max(trials, key=lambda trial: trial.recall)


def described(parameters: Parameters) -> str:
    """Settings in one line.

    >>> described({"exponent": 0.5, "matrix": "users"})
    'exponent 0.5, matrix users'
    """
    return ", ".join(
        f"{name} {value:g}" if type(value) is float else f"{name} {value}" for name, value in parameters.items()
    )


def _recall(lists: Neighbours, evaluation: EvaluationSet) -> float:
    hits = metrics.found_in_truth(lists.rows, evaluation.truth)
    return float(np.nanmean(metrics.recall(hits, evaluation.n_truth)))


def _settings(rival: Rival, knobs: tuple[str, ...]) -> Iterator[Setting]:
    for values in itertools.product(*(rival.grid[name] for name in knobs)):
        yield dict(zip(knobs, values, strict=True))
