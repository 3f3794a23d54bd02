import math

import numpy as np
import pytest
from scipy import sparse

from relvid_core.evaluation import metrics as m

# Five videos; seed 0 has partners 1 and 3, seed 1 has 0, 2, 3 and 4, seed 2 has none.
TRUTH = sparse.csr_matrix(np.array([[0, 2, 0, 1, 0], [1, 0, 1, 3, 1], [0, 0, 0, 0, 0]], dtype=np.float32))
ROWS = np.array([[4, 3], [3, 0], [0, 1]], dtype=np.int32)
HITS = np.array([[False, True], [True, True], [False, False]])
N_TRUTH = np.array([2, 4, 0])


def test_hits_and_sizes() -> None:
    np.testing.assert_array_equal(m.found_in_truth(ROWS, TRUTH), HITS)
    np.testing.assert_array_equal(m.truth_sizes(TRUTH), N_TRUTH)


def test_hits_by_a_naive_loop() -> None:
    rng = np.random.default_rng(0)
    truth = sparse.random_array((40, 60), density=0.1, format="csr", rng=rng)
    truth.data[::5] = 0.0  # stored zeros are not relevant
    truth = sparse.csr_matrix(truth)
    rows = np.stack([rng.permutation(60)[:9] for _ in range(40)]).astype(np.int32)
    dense = truth.toarray() > 0
    expected = [[dense[i, j] for j in row] for i, row in enumerate(rows)]
    np.testing.assert_array_equal(m.found_in_truth(rows, truth), expected)
    np.testing.assert_array_equal(m.truth_sizes(truth), dense.sum(axis=1))


def test_recall_divides_by_all_partners() -> None:
    np.testing.assert_array_equal(m.recall(HITS, N_TRUTH), [1 / 2, 2 / 4, np.nan])


def test_ndcg() -> None:
    at_two = 1 / math.log2(3)
    np.testing.assert_allclose(m.ndcg(HITS, N_TRUTH), [at_two / (1 + at_two), 1.0, np.nan])
    one_partner = m.ndcg(np.array([[False, True]]), np.array([1]))
    np.testing.assert_allclose(one_partner, [at_two])  # the ideal list has one hit, at its top


def test_hit_rate_and_reciprocal_rank() -> None:
    np.testing.assert_array_equal(m.hit_rate(HITS, N_TRUTH), [1, 1, np.nan])
    np.testing.assert_array_equal(m.reciprocal_rank(HITS, N_TRUTH), [1 / 2, 1, np.nan])
    np.testing.assert_array_equal(m.reciprocal_rank(np.array([[False]]), np.array([3])), [0.0])
    np.testing.assert_array_equal(m.hit_rate(np.array([[False]]), np.array([3])), [0.0])


def test_weighted_recall() -> None:
    weight = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    expected = [8 / (2 + 8), (8 + 1) / (1 + 4 + 8 + 16), np.nan]
    np.testing.assert_allclose(m.weighted_recall(ROWS, HITS, TRUTH, weight), expected)
    np.testing.assert_allclose(m.weighted_recall(ROWS, HITS, TRUTH, np.full(5, 3.0)), m.recall(HITS, N_TRUTH))


def test_recall_by_stratum() -> None:
    stratum = np.array([0, 0, 2, 1, 2], dtype=np.int8)  # head: 0, 1; mid: 3; tail: 2, 4
    found = m.stratified_recall(ROWS, HITS, TRUTH, stratum)
    np.testing.assert_array_equal(found["head"], [0, 1, np.nan])
    np.testing.assert_array_equal(found["mid"], [1, 1, np.nan])
    np.testing.assert_array_equal(found["tail"], [np.nan, 0, np.nan])


def test_inverse_weights_undo_a_popularity_biased_test_set() -> None:
    """Planted truth: partners of every seed are known, seen with probability π; weighting by 1/π recovers recall."""
    rng = np.random.default_rng(7)
    n_seeds, n_videos, k = 600, 400, 100
    seen = np.where(np.arange(n_videos) < k, 0.9, 0.15)
    partners = rng.random((n_seeds, n_videos)) < 0.5
    rows = np.tile(np.arange(k, dtype=np.int32), (n_seeds, 1))  # recommends exactly the videos that are seen often
    observed = sparse.csr_matrix((partners & (rng.random(partners.shape) < seen)).astype(np.float32))
    hits = m.found_in_truth(rows, observed)
    true_recall = 100 / 400
    weighted = np.nanmean(m.weighted_recall(rows, hits, observed, 1 / seen))
    plain = np.nanmean(m.recall(hits, m.truth_sizes(observed)))
    assert plain > true_recall + 0.2
    assert weighted == pytest.approx(true_recall, abs=0.02)


def test_weighted_recall_is_closer_to_the_truth_in_nearly_all_of_200_test_sets() -> None:
    """The same truth, seen through 200 draws of a biased test set: SNIPS errs less than plain recall."""
    rng = np.random.default_rng(8)
    n_seeds, n_videos, k = 60, 80, 20
    seen = np.where(np.arange(n_videos) < k, 0.9, 0.3)
    partners = rng.random((n_seeds, n_videos)) < 0.5
    rows = np.tile(np.arange(k, dtype=np.int32), (n_seeds, 1))
    true_recall = (partners[:, :k].sum(axis=1) / partners.sum(axis=1)).mean()
    closer = []
    for _ in range(200):
        observed = sparse.csr_matrix((partners & (rng.random(partners.shape) < seen)).astype(np.float32))
        hits = m.found_in_truth(rows, observed)
        weighted = np.nanmean(m.weighted_recall(rows, hits, observed, 1 / seen))
        plain = np.nanmean(m.recall(hits, m.truth_sizes(observed)))
        closer.append(abs(weighted - true_recall) < abs(plain - true_recall))
    assert np.mean(closer) > 0.95
