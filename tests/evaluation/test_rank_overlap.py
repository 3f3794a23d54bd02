import time

import numpy as np
import pytest

from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.rank_overlap import jaccard, rank_biased_overlap, shared_by_depth, shared_share


def lists(rng: np.random.Generator, n: int, k: int, n_videos: int) -> np.ndarray:
    return np.argsort(rng.random((n, n_videos)), axis=1)[:, :k].astype(np.int32)


def naive_rbo(a: list[int], b: list[int], p: float) -> float:
    """Eq. 32 of Webber et al. 2010 as it stands, with sets."""
    k = len(a)
    agreement = [len(set(a[:d]) & set(b[:d])) / d for d in range(1, k + 1)]
    return agreement[-1] * p**k + (1 - p) / p * sum(agreement[d - 1] * p**d for d in range(1, k + 1))


def test_by_hand() -> None:
    # Swapped pair: X = 0, 2; 2/2 · 0.25 + (0.5/0.5) (0 + 1 · 0.25) = 0.5.
    assert rank_biased_overlap(np.array([[1, 2]]), np.array([[2, 1]]), p=0.5).tolist() == [0.5]
    # Same top, other second: X = 1, 1; 1/2 · 0.25 + (0.5 + 0.5 · 0.25) = 0.75. Other top, same second: 0.25.
    a = np.array([[1, 2], [1, 2]])
    assert rank_biased_overlap(a, np.array([[1, 9], [9, 2]]), p=0.5).tolist() == [0.75, 0.25]
    assert shared_by_depth(np.array([[1, 2, 3]]), np.array([[3, 1, 9]])).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize("k", [1, 5, 20])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.98])
def test_against_sets(k: int, p: float) -> None:
    rng = np.random.default_rng(k)
    a, b = lists(rng, 60, k, 25), lists(rng, 60, k, 25)
    b[:20] = a[:20]
    b[20:40] = rng.permuted(a[20:40], axis=1)
    expected = [naive_rbo(one, other, p) for one, other in zip(a.tolist(), b.tolist(), strict=True)]
    np.testing.assert_allclose(rank_biased_overlap(a, b, p=p), expected, atol=1e-12)
    both = [len(set(one) & set(other)) for one, other in zip(a.tolist(), b.tolist(), strict=True)]
    np.testing.assert_allclose(shared_share(a, b), np.array(both) / k)
    np.testing.assert_allclose(jaccard(a, b), [m / (2 * k - m) for m in both])
    np.testing.assert_allclose(rank_biased_overlap(a, b, p=p), rank_biased_overlap(b, a, p=p), atol=1e-15)


def test_bounds_and_the_top_counts_most() -> None:
    a = np.arange(20, dtype=np.int32)[None, :]
    assert rank_biased_overlap(a, a).tolist() == pytest.approx([1.0], abs=1e-15)
    assert rank_biased_overlap(a, a + 20).tolist() == [0.0]
    top, bottom = a.copy(), a.copy()
    top[0, :2], bottom[0, -2:] = [90, 91], [90, 91]
    assert jaccard(a, top) == jaccard(a, bottom)
    assert rank_biased_overlap(a, top)[0] < 0.8 < 0.95 < rank_biased_overlap(a, bottom)[0]


def test_weight_of_the_first_places_is_as_documented() -> None:
    """Webber et al., eq. 21: weight of the first d ranks, 86 % at p = 0.9, d = 10."""

    def weight(p: float, d: int) -> float:
        return 1 - p ** (d - 1) + (1 - p) / p * d * (np.log(1 / (1 - p)) - sum(p**i / i for i in range(1, d)))

    assert weight(0.9, 10) == pytest.approx(0.8556, abs=1e-4)
    assert weight(0.95, 20) == pytest.approx(0.86, abs=0.01)


def test_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    a, b = lists(rng, 31, 6, 12), lists(rng, 31, 6, 12)
    whole = shared_by_depth(a, b)
    monkeypatch.setattr("relvid_core.evaluation.rank_overlap._BLOCK_CELLS", 150)
    np.testing.assert_array_equal(shared_by_depth(a, b), whole)


def test_refused() -> None:
    a = np.array([[1, 2]])
    with pytest.raises(DataError, match=r"\(1, 2\) and \(1, 1\)"):
        rank_biased_overlap(a, a[:, :1])
    with pytest.raises(DataError, match="one length"):
        jaccard(a[:, :0], a[:, :0])
    with pytest.raises(ConfigError, match=r"p = 1\.0"):
        rank_biased_overlap(a, a, p=1.0)


def test_fast_enough_for_a_page() -> None:
    """10,000 seeds × 20 places. The bound of 100 ms is for a quiet machine; here it is doubled."""
    rng = np.random.default_rng(6)
    a = rng.permuted(np.tile(np.arange(40, dtype=np.int32), (10_000, 1)), axis=1)[:, :20]
    b = rng.permuted(a, axis=1)
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        rank_biased_overlap(a, b)
        jaccard(a, b)
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.2
