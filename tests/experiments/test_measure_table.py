"""The tidy table of all measures, its numbers by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments import compare
from relvid_core.experiments.measure_table import DETECTABLE, DIFFERENCE_HIGH, DIFFERENCE_LOW, measure_table
from tests.experiments.made_runs import made_run

RNG = np.random.default_rng(1)
BASE = RNG.uniform(0.3, 0.7, 200)
NOISE = RNG.normal(0, 0.05, 200)


def test_one_row_a_metric_and_run_with_everything_against_a() -> None:
    a = made_run("a", recall=BASE, topic_match=BASE)
    b = made_run("b", recall=BASE + NOISE - NOISE.mean(), topic_match=BASE + 0.1)
    d = made_run("d", recall=BASE - 0.1, topic_match=BASE)
    whole = {"gini": Estimate(0.4, 0.3, 0.5, 200)}
    a, b, d = (replace(run, estimates=run.estimates | whole) for run in (a, b, d))
    table = measure_table({"A": a, "B": b, "D": d}, ["topic_match", "gini", "recall", "absent"])
    keys = list(zip(table[c.METRIC], table[c.RUN], strict=True))
    assert keys == [(metric, run) for metric in ("topic_match", "gini", "recall") for run in "ABD"]
    rows = table.set_index([c.METRIC, c.RUN])
    assert rows[compare.VERDICT].to_dict() == {
        ("topic_match", "A"): "", ("topic_match", "B"): "better", ("topic_match", "D"): "no evidence",
        ("gini", "A"): "", ("gini", "B"): "no evidence", ("gini", "D"): "no evidence",
        ("recall", "A"): "", ("recall", "B"): "no evidence", ("recall", "D"): "worse",
    }  # fmt: skip
    against_a = [compare.DIFFERENCE, DIFFERENCE_LOW, DIFFERENCE_HIGH, compare.P_VALUE, DETECTABLE]
    assert rows.loc[[("topic_match", "A")], against_a].isna().all(axis=None)
    assert math.isnan(rows.at[("gini", "B"), DETECTABLE])
    assert rows.at[("gini", "B"), compare.DIFFERENCE] == 0  # both hold the same lists
    assert rows.at[("gini", "D"), c.MEAN] == 0.4
    assert rows.at[("recall", "D"), compare.DIFFERENCE] == pytest.approx(-0.1)
    # Six questions, so at worst 0.05 / 6 each: (z of 1 − 0.00417 + z of 0.8) standard errors.
    reach = NormalDist().inv_cdf(1 - 0.05 / 6 / 2) + NormalDist().inv_cdf(0.8)
    assert rows.at[("recall", "B"), DETECTABLE] == pytest.approx(reach * NOISE.std(ddof=1) / 200**0.5)


def test_a_run_alone_has_means_only() -> None:
    table = measure_table({"A": made_run("a", recall=BASE)}, ["recall", "topic_match"])
    assert table[[c.METRIC, c.RUN]].to_numpy().tolist() == [["recall", "A"]]
    assert table[compare.VERDICT].tolist() == [""]
