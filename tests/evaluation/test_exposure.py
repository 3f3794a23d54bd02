import numpy as np
import pytest

from relvid_core.errors import ConfigError
from relvid_core.evaluation import exposure as x

POPULARITY = np.array([4, 10, 0, 4, 30, 2])  # 50 engagements


def test_head_set_has_an_exact_size() -> None:
    assert np.flatnonzero(x.head_set(POPULARITY, 0.5)).tolist() == [0, 1, 4]  # row 0 before row 3, both with 4
    assert np.flatnonzero(x.head_set(POPULARITY, 0.01)).tolist() == [4]
    assert x.head_set(np.ones(1000, dtype=np.int64), 0.05).sum() == 50
    with pytest.raises(ConfigError, match="head_share"):
        x.head_set(POPULARITY, 0.0)


def test_percentile() -> None:
    np.testing.assert_allclose(x.popularity_percentile(POPULARITY), [2.5 / 5, 4 / 5, 0, 2.5 / 5, 1, 1 / 5])
    assert x.popularity_percentile(np.array([3])).tolist() == [0.5]


def test_strata() -> None:
    # From the least engaged: 0, 2, 6 (row 3 goes before row 0), 10: at most a fifth of 50 is the tail.
    stratum = x.popularity_stratum(POPULARITY, 0.17)
    assert stratum.tolist() == [x.TAIL, x.MID, x.TAIL, x.TAIL, x.HEAD, x.TAIL]
    tighter = x.popularity_stratum(np.array([4, 10, 0, 4, 29, 2]), 0.17)  # a fifth of 49 is 9.8: row 0 is out
    assert tighter.tolist() == [x.MID, x.MID, x.TAIL, x.TAIL, x.HEAD, x.TAIL]


def test_head_wins_over_tail() -> None:
    stratum = x.popularity_stratum(np.ones(10, dtype=np.int64), 0.9)
    assert (stratum == x.HEAD).sum() == 9
    assert (stratum == x.TAIL).sum() == 1


def test_shares_of_lists() -> None:
    rows = np.array([[4, 1], [2, 5]], dtype=np.int32)
    assert x.share_in(rows, x.head_set(POPULARITY, 0.17)).tolist() == [0.5, 0.0]
    np.testing.assert_allclose(x.mean_percentile(rows, x.popularity_percentile(POPULARITY)), [0.9, 0.1])


def test_gini_and_coverage() -> None:
    counts = x.exposure_counts(np.array([[0, 1], [0, 1], [0, 2]], dtype=np.int32), 5)
    assert counts.tolist() == [3, 2, 1, 0, 0]
    pairs = [abs(a - b) for a in counts for b in counts]  # Gini as the mean absolute difference over twice the mean
    assert float(x.gini(counts)) == pytest.approx(np.mean(pairs) / (2 * np.mean(counts)))
    assert float(x.coverage(counts)) == 3 / 5
    assert float(x.gini(np.full(7, 3))) == pytest.approx(0.0)
    assert np.isnan(x.gini(np.zeros(4)))
    both = x.gini(np.array([[1, 1, 1, 1], [0, 0, 0, 8]]))
    np.testing.assert_allclose(both, [0, 3 / 4])
