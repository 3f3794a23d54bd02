"""The judge that knows everything, against the loops of the benchmark, on a small catalogue."""

import numpy as np
import pytest

from benchmarks.instant_slider import planted
from benchmarks.metrics import compare, knowing_all, lists_for, looped
from relvid_core.errors import DataError


@pytest.mark.parametrize("seed", [0, 1])
def test_every_metric_of_the_judge_is_that_of_the_loops(seed: int) -> None:
    _, _, plain = planted(400, seed=seed)
    judge = knowing_all(plain, seed=seed)
    lists = lists_for(judge, seed=seed)
    measured = judge.per_seed(lists)
    loops = looped(judge, lists, 150)
    assert set(measured) == set(loops)
    assert len(measured) == 22
    compare(measured, loops)
    assert any(np.isnan(values).any() for values in measured.values())
    with pytest.raises(DataError, match="novelty: the loop finds other values"):
        compare({"novelty": measured["novelty"] + 1e-6}, loops)
