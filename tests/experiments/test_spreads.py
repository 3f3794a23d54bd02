"""Values behind the histograms, by hand."""

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.errors import RunError
from relvid_core.experiments.spreads import place_spread, seed_spread
from tests.experiments.made_runs import made_run


def test_spreads_hold_the_same_seeds_of_all_runs() -> None:
    a, b, d = (made_run(name, recall=values) for name, values in {
        "a": [0.0, np.nan, 0.5, 0.1], "b": [1.0, 1.0, 0.25, 0.2], "d": [0.3, 0.3, 0.3, np.nan],
    }.items())  # fmt: skip
    frame = seed_spread({"A": a, "B": b}, "recall")
    assert frame[c.RUN].tolist() == ["A"] * 3 + ["B"] * 3
    assert frame[c.VALUE].tolist() == [0.0, 0.5, 0.1, 1.0, 0.25, 0.2]
    three = seed_spread({"A": a, "B": b, "D": d}, "recall")
    assert three[c.VALUE].tolist() == [0.0, 0.5, 1.0, 0.25, 0.3, 0.3]
    with pytest.raises(RunError, match="'nonsense'"):
        seed_spread({"A": a, "B": b}, "nonsense")


def test_every_place_of_a_list_counts_with_the_popularity_of_its_video() -> None:
    percentile = np.array([0.0, 0.5, 1.0])
    a, b = (made_run(name, np.array(lists)) for name, lists in {
        "a": [[1, 2], [2, 0], [0, 1]], "b": [[2, 1], [2, 0], [1, 0]],
    }.items())  # fmt: skip
    frame = place_spread({"A": a, "B": b}, percentile)
    assert frame.loc[frame[c.RUN] == "A", c.VALUE].tolist() == [0.5, 1.0, 1.0, 0.0, 0.0, 0.5]
    assert frame.loc[frame[c.RUN] == "B", c.VALUE].tolist() == [1.0, 0.5, 1.0, 0.0, 0.5, 0.0]
