"""The search finds the planted best of a known grid, fits nothing twice, and keeps to its time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.protocol import EvaluationSet
from relvid_core.evaluation.rivals import search as search_module
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival
from relvid_core.evaluation.rivals.search import Trial, best_of, search
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import drain

N_TRUE, N_VIDEOS = 50, 101


@pytest.fixture
def asked() -> EvaluationSet:
    """One seed, row 0, whose true partners are the rows 1 to 50 of 101."""
    truth = np.zeros((1, N_VIDEOS), dtype=np.float32)
    truth[0, 1 : N_TRUE + 1] = 1.0
    none = np.zeros(0, dtype=np.int32)
    matrix = sparse.csr_matrix(truth)
    return EvaluationSet(np.zeros(1, dtype=np.int32), matrix, none, matrix[:0], np.ones(N_VIDEOS, dtype=np.bool_))


@pytest.mark.parametrize("all_up_to", [0, 100], ids=["knob by knob", "every setting"])
def test_search_finds_the_planted_best_setting(
    all_up_to: int, asked: EvaluationSet, planted_groups: BaselineData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 50 partners the list misses 5 (a−2)² + 5 (b−1)² + c, so the best is a=2, b=1, c=0, and finds them all."""
    fitted = []

    def fit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        fitted.append((parameters["a"], parameters["b"]))

        def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
            missed = 5 * (int(listing["a"]) - 2) ** 2 + 5 * (int(listing["b"]) - 1) ** 2 + int(listing["c"])
            rows = np.arange(1 + missed, 1 + missed + k, dtype=np.int32)[None, :]
            return Neighbours(rows, np.zeros((1, k), dtype=np.float32))

        return lists

    monkeypatch.setattr(search_module, "ALL_UP_TO", all_up_to)
    rival = Rival("r", "", {"c": (1, 0), "a": (0, 1, 2, 3), "b": (0, 1, 2)}, fit, listing=("c",), random=False)
    said: list[Trial] = []
    trials = drain(search(rival, planted_groups, asked, k=N_TRUE, seeds=3, limit_s=60.0), said.append)
    assert (best_of(trials).parameters, best_of(trials).recall) == ({"a": 2, "b": 1, "c": 0}, 1.0)
    assert trials[0].recall == 1 - (5 * 4 + 5 * 1 + 1) / 50  # a=0, b=0, c=1
    assert trials == said
    assert len(trials) == 2 * len(fitted)
    assert len(fitted) == len(set(fitted)) == (12 if all_up_to else 9)  # 4 of a, 2 more of b, 3 of a again
    cut = drain(search(rival, planted_groups, asked, k=N_TRUE, seeds=3, limit_s=-1.0))
    assert len(cut) == 2  # one fit always


def test_a_rival_that_draws_is_judged_by_the_mean_over_its_seeds(
    asked: EvaluationSet, planted_groups: BaselineData
) -> None:
    def fit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
            return Neighbours(np.arange(1 + 10 * seed, 1 + 10 * seed + k)[None, :], np.zeros((1, k), dtype=np.float32))

        return lists

    (trial,) = drain(search(Rival("r", "", {}, fit), planted_groups, asked, k=N_TRUE, seeds=2, limit_s=60.0))
    assert trial.recall == pytest.approx((50 / 50 + 40 / 50) / 2)
