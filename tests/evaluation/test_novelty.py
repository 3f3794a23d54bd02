import math

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from relvid_core.data.interactions import Events, Interactions
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation import novelty as nv
from relvid_core.evaluation.facets import FRESH_SHARE, MEAN_AGE, FreshnessFacet, Lists


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def lists(rng: np.random.Generator, n: int, k: int, n_videos: int) -> np.ndarray:
    return np.argsort(rng.random((n, n_videos)), axis=1)[:, :k].astype(np.int32)


def assert_same(found: np.ndarray, expected: list[float]) -> None:
    assert np.isnan(expected).sum() == np.isnan(found).sum()
    np.testing.assert_allclose(found, expected, atol=1e-9, rtol=0)


def log(events: list[tuple[int, int]], times: list[int] | None = None) -> Interactions:
    user, row = (np.array(part, dtype=np.int32) for part in zip(*events, strict=True))
    return Interactions(4, 5, Events(user, row, None if times is None else np.array(times, dtype=np.int64)))


def test_viewers_are_counted_once() -> None:
    assert nv.viewers(log([(0, 1), (0, 1), (1, 1), (2, 4), (3, 1)])).tolist() == [0, 3, 0, 0, 1]


def test_self_information_by_hand() -> None:
    # Of 8 users all, half, one and none have watched it: 0, 1, 3 bits, and one bit more than the rarest.
    np.testing.assert_allclose(nv.self_information(np.array([8, 4, 1, 0]), 8), [0, 1, 3, 4])
    with pytest.raises(DataError, match="9 viewers"):
        nv.self_information(np.array([9]), 8)
    with pytest.raises(NotEnoughData, match="no users"):
        nv.self_information(np.array([0]), 0)


@pytest.mark.parametrize("k", [1, 2, 7])
def test_novelty_against_a_loop(rng: np.random.Generator, k: int) -> None:
    viewers = rng.integers(0, 6, size=30)  # many ties, some never watched
    rows = lists(rng, 40, k, 30)
    expected = [sum(-math.log2(max(viewers[j], 0.5) / 50) for j in row) / k for row in rows]
    assert_same(nv.novelty(rows, nv.self_information(viewers, 50)), expected)


@pytest.mark.parametrize("single", [True, False])  # one topic a video at most, or several
@pytest.mark.parametrize("k", [1, 2, 7])
def test_topic_diversity_against_a_loop(
    rng: np.random.Generator, k: int, single: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nv, "_BLOCK_CELLS", 100)
    most = 2 if single else 4
    topics = [set(rng.choice(6, size=int(rng.integers(0, most)), replace=False).tolist()) for _ in range(30)]
    dense = np.array([[float(t in video) for t in range(6)] for video in topics], dtype=np.float32)
    rows = lists(rng, 60, k, 30)
    expected = []
    for row in rows:
        kept = [topics[j] for j in row if topics[j]]
        pairs = [not (one & other) for a, one in enumerate(kept) for other in kept[a + 1 :]]
        expected.append(float(np.mean(pairs)) if pairs else math.nan)
    assert_same(nv.topic_diversity(rows, sparse.csr_matrix(dense)), expected)


def test_topic_diversity_without_any_topic() -> None:
    rows = np.array([[0, 1]], dtype=np.int32)
    assert np.isnan(nv.topic_diversity(rows, sparse.csr_matrix((2, 0), dtype=np.float32))).all()


def test_ages_by_hand() -> None:
    published = pd.Series(
        pd.to_datetime(["2024-05-01", "2024-05-31T12:00:00", None, "2024-06-02"], format="ISO8601")
    ).astype("datetime64[s]")
    age = nv.age_days(published, np.datetime64("2024-06-01T00:00:00"))
    np.testing.assert_array_equal(age, [31.0, 0.5, np.nan, 0.0])
    rows = np.array([[0, 1], [2, 1], [2, 2], [3, 0]], dtype=np.int32)
    np.testing.assert_array_equal(nv.mean_age(rows, age), [15.75, 0.5, np.nan, 15.5])
    np.testing.assert_array_equal(nv.fresh_share(rows, age), [0.5, 1.0, np.nan, 0.5])
    np.testing.assert_array_equal(nv.fresh_share(rows, age, days=31.5), [1.0, 1.0, np.nan, 1.0])
    np.testing.assert_array_equal(nv.fresh_share(rows, age, days=31.0), [0.5, 1.0, np.nan, 0.5])  # younger, not as old


def test_end_of_history() -> None:
    events = [(0, 1), (1, 2)]
    assert nv.end_of_history(log(events, [86_400, 3600])) == np.datetime64("1970-01-02")
    with pytest.raises(NotEnoughData, match="no times"):
        nv.end_of_history(log(events))


def test_a_share_of_fresh_videos_needs_a_fresh_video_somewhere() -> None:
    lists = Lists(np.array([[0, 1]], dtype=np.int32), np.array([2], dtype=np.int32), np.zeros((1, 2), dtype=np.bool_))
    fresh = FreshnessFacet(np.array([40.0, 90.0, 3.0])).of_lists(lists)
    assert {name: values.tolist() for name, values in fresh.items()} == {MEAN_AGE: [65.0], FRESH_SHARE: [0.0]}
    assert set(FreshnessFacet(np.array([40.0, 90.0, np.nan])).of_lists(lists)) == {MEAN_AGE}
