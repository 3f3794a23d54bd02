"""Engagement metrics against loops and scikit-learn, where it has them: random lists, some seeds without truth."""

import math

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import ndcg_score

from relvid_core.evaluation import exposure
from relvid_core.evaluation import metrics as m

N_VIDEOS, N_SEEDS = 40, 50


@pytest.fixture(params=[1, 2, 7, 39], ids=lambda k: f"k={k}")
def asked(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Lists `[n_seeds, k]` and dense truth; every fifth seed has none, and some truths are longer than the list."""
    rng = np.random.default_rng(request.param)
    truth = (rng.random((N_SEEDS, N_VIDEOS)) < rng.uniform(0.02, 0.5, (N_SEEDS, 1))) * rng.integers(1, 4, (1, N_VIDEOS))
    truth[::5] = 0
    rows = np.stack([rng.permutation(N_VIDEOS)[: request.param] for _ in range(N_SEEDS)]).astype(np.int32)
    return rows, truth


def same(found: np.ndarray, expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert np.isnan(expected).sum() >= N_SEEDS // 5


def test_ndcg_is_that_of_scikit_learn(asked: tuple[np.ndarray, np.ndarray]) -> None:
    rows, truth = asked
    k = rows.shape[1]
    expected = []
    for row, partners in zip(rows, truth > 0, strict=True):
        score = np.zeros(N_VIDEOS)
        score[row] = np.arange(k, 0, -1)  # what is not in the list comes after it, all alike
        known = partners.any()
        expected.append(float(ndcg_score([partners], [score], k=k, ignore_ties=True)) if known else math.nan)
    matrix = sparse.csr_matrix(truth.astype(np.float32))
    same(m.ndcg(m.found_in_truth(rows, matrix), m.truth_sizes(matrix)), expected)


def test_the_others_are_those_of_loops(asked: tuple[np.ndarray, np.ndarray]) -> None:
    rows, truth = asked
    rng = np.random.default_rng(0)
    popularity = rng.integers(0, 4, N_VIDEOS)  # many ties, some never watched
    stratum = exposure.popularity_stratum(popularity, 0.1)
    weight = 1.0 / (popularity + 0.5)
    expected: dict[str, list[float]] = {}
    for row, of_seed in zip(rows.tolist(), truth, strict=True):
        partners = np.flatnonzero(of_seed).tolist()
        found = [j for j in row if j in partners]
        values = {
            "recall": len(found) / len(partners) if partners else math.nan,
            "hit": float(bool(found)) if partners else math.nan,
            "rank": (1 / (1 + row.index(found[0])) if found else 0.0) if partners else math.nan,
            "weighted": sum(weight[found]) / sum(weight[partners]) if partners else math.nan,
        }
        for number, name in enumerate(("head", "mid", "tail")):
            inside = [j for j in partners if stratum[j] == number]
            values[name] = len(set(inside) & set(found)) / len(inside) if inside else math.nan
        for name, value in values.items():
            expected.setdefault(name, []).append(value)
    matrix = sparse.csr_matrix(truth.astype(np.float32))
    hits, n_truth = m.found_in_truth(rows, matrix), m.truth_sizes(matrix)
    same(m.recall(hits, n_truth), expected["recall"])
    same(m.hit_rate(hits, n_truth), expected["hit"])
    same(m.reciprocal_rank(hits, n_truth), expected["rank"])
    same(m.weighted_recall(rows, hits, matrix, weight), expected["weighted"])
    for name, values in m.stratified_recall(rows, hits, matrix, stratum).items():
        same(values, expected[name])
