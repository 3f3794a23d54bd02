"""Every measure of two or more runs in one tidy table: means, differences to A, verdicts, and what could be found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.evaluation.detectable import detectable_difference
from relvid_core.evaluation.estimates import UNDEFINED
from relvid_core.experiments.compare import DIFFERENCE, P_VALUE, SIDE_A, VERDICT, check_comparable, paired_tables
from relvid_core.experiments.run import Run

DIFFERENCE_LOW: Final = "difference_low"
DIFFERENCE_HIGH: Final = "difference_high"
DETECTABLE: Final = "detectable"  # a true difference of this size would be found in `POWER` of such comparisons
POWER: Final = 0.8


def measure_table(runs: Mapping[str, Run], metrics: Iterable[str]) -> pd.DataFrame:
    """One row for each metric that A has and each run, by its letter; metrics in the order given.

    Columns: metric, run, mean, low, high, n_seeds; and, against A, difference, difference_low, difference_high, p_value
    (Holm-adjusted over the whole table), verdict, detectable. They are NaN and "" for A, and `detectable` is NaN for
    measures of all lists together. It supposes the strictest level that Holm's adjustment may ask for, so it rather
    promises too little.
    """
    check_comparable(list(runs.values()))
    first = runs[SIDE_A]
    shown = [metric for metric in metrics if metric in first.estimates and first.estimates[metric].n]
    others = {side: run for side, run in runs.items() if side != SIDE_A}
    tables = paired_tables(first, list(others.values()), shown) if others else []
    n_asked = sum(len(table) for table in tables)
    level = (1 - first.info.config.evaluation.confidence) / max(1, n_asked)
    paired = {}
    for side, table in zip(others, tables, strict=True):
        for row in table.to_dict("records"):
            metric = str(row[c.METRIC])
            smallest = math.nan
            if metric in first.per_seed:
                of_a, of_b = first.per_seed[metric], others[side].per_seed[metric]
                smallest = detectable_difference(of_a, of_b, confidence=1 - level, power=POWER).smallest
            gap = (row[DIFFERENCE], row[c.LOW], row[c.HIGH], row[P_VALUE], row[VERDICT], smallest)
            paired[side, metric] = gap
    nothing = (*[np.nan] * 4, "", np.nan)
    rows = []
    for metric in shown:
        for side, run in runs.items():
            one = run.estimates.get(metric, UNDEFINED)
            rows.append((metric, side, one.mean, one.low, one.high, one.n, *paired.get((side, metric), nothing)))
    against_a = [DIFFERENCE, DIFFERENCE_LOW, DIFFERENCE_HIGH, P_VALUE, VERDICT, DETECTABLE]
    return pd.DataFrame(rows, columns=[c.METRIC, c.RUN, c.MEAN, c.LOW, c.HIGH, c.N_SEEDS, *against_a])
