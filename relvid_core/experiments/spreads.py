"""How measures of several runs are spread: over the seed videos, and over the places of their lists."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.experiments.compare import check_comparable, values_of
from relvid_core.experiments.run import Run


def seed_spread(runs: Mapping[str, Run], metric: str) -> pd.DataFrame:
    """Tidy (run, value) of a per-seed metric over the seeds where all runs are defined; `run` is a key of `runs`."""
    check_comparable(list(runs.values()))
    values = np.stack([values_of(run, metric) for run in runs.values()])
    return _tidy(runs, list(values[:, ~np.isnan(values).any(axis=0)]))


def place_spread(runs: Mapping[str, Run], percentile: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Tidy (run, value): the popularity percentile of the video at every place of the measured lists of the seeds.

    `percentile` is `[n_videos]` in [0, 1]. A video counts as often as it is shown.
    """
    check_comparable(list(runs.values()))
    values = [percentile[run.measured_lists.rows].ravel() for run in runs.values()]
    return _tidy(runs, values)


def _tidy(runs: Mapping[str, Run], values: list[PerSeed]) -> pd.DataFrame:
    codes = np.repeat(np.arange(len(runs)), [len(of_run) for of_run in values])
    return pd.DataFrame(
        {c.RUN: pd.Categorical.from_codes(codes, pd.Index(list(runs))), c.VALUE: np.concatenate(values)}
    )
