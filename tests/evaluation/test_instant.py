import numpy as np
import pytest
from scipy import sparse

from relvid_core.config import EvaluationConfig
from relvid_core.data.topics import Topics
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation import instant
from relvid_core.evaluation.instant import InstantJudge, PairSet, Reading
from relvid_core.evaluation.protocol import EvaluationSet, Judge
from relvid_core.retrieval.ranking import Neighbours

N = 61  # not a multiple of 8, so that the last byte of the bits is half full


@pytest.fixture(scope="module", params=["any", "primary"])
def judge(request: pytest.FixtureRequest) -> Judge:
    """Videos with 0 to 3 of six topics; 45 seeds with 1 to some 20 partners; ties in popularity."""
    rng = np.random.default_rng(2)
    paths = [tuple((f"t{t}",) for t in rng.choice(6, rng.integers(0, 4), replace=False)) for _ in range(N)]
    seeds = np.sort(rng.choice(N, 45, replace=False)).astype(np.int32)
    truth = (rng.random((45, N)) < rng.uniform(0.02, 0.4, (45, 1))) * rng.integers(1, 5, (45, N)).astype(float)
    truth[np.arange(45), (seeds + 1) % N] = 2.0
    truth[np.arange(45), seeds] = 0.0
    matrix = sparse.csr_matrix(truth)
    evaluation = EvaluationSet(seeds, matrix, seeds[:0], matrix[:0], np.ones(N, dtype=np.bool_))
    config = EvaluationConfig(k=7, topic_rule=request.param)
    popularity = rng.integers(0, 4, N) ** 3
    return Judge.from_data(evaluation, Topics.from_paths(paths), popularity, config)


def lists(judge: Judge, k: int, *, seed: int = 0) -> Neighbours:
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.delete(np.arange(N), own))[:k] for own in judge.evaluation.seeds]
    return Neighbours(np.array(rows, dtype=np.int32), np.zeros((len(rows), k), dtype=np.float32))


@pytest.mark.parametrize("k", [7, 20])
def test_equals_the_judge(judge: Judge, k: int) -> None:
    fast = InstantJudge.from_judge(judge)
    for seed in range(3):
        asked = lists(judge, k, seed=seed)
        reading, slow = fast.measure(asked), judge.per_seed(asked)
        assert set(reading.per_seed) < set(slow)
        for name, values in reading.per_seed.items():
            np.testing.assert_allclose(values, slow[name], rtol=0, atol=1e-12, err_msg=name)
            assert reading.means[name] == pytest.approx(np.nanmean(slow[name]), abs=1e-9)
        for name, estimate in judge.whole_catalogue(asked).items():
            assert reading.means[name] == pytest.approx(estimate.mean, abs=1e-9)
        assert np.isnan(reading.per_seed["topic_match"]).any()  # a video without topics is among the seeds
    assert set(reading.means) == {
        "recall", "ndcg", "topic_match", "popular_share", "tail_share", "popularity_percentile", "gini", "coverage",
    }  # fmt: skip


def test_lists_of_true_partners_score_one(judge: Judge) -> None:
    rows = np.array([np.argsort(row <= 0, kind="stable")[:7] for row in judge.evaluation.truth.toarray()])
    reading = InstantJudge.from_judge(judge).measure(
        Neighbours(rows.astype(np.int32), np.zeros(rows.shape, dtype=np.float32))
    )
    assert reading.means["ndcg"] == 1.0
    few = judge.evaluation.n_truth <= 7
    assert 0 < few.sum() < len(few)
    assert (reading.per_seed["recall"][few] == 1.0).all()
    assert (reading.per_seed["recall"][~few] < 1.0).all()


def test_histograms_count_the_nearest_step() -> None:
    reading = Reading({"recall": np.array([0.0, 0.24, 0.26, 0.5, 1.0, np.nan])}, {})
    assert reading.histograms(2)["recall"].tolist() == [2, 2, 1]
    assert reading.histograms(20)["recall"].sum() == 5
    with pytest.raises(ConfigError, match="received 0"):
        reading.histograms(0)


def test_pairs_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = np.random.default_rng(0).integers(-1, 2, (20, 13))
    monkeypatch.setattr(instant, "_BLOCK_CELLS", 40)
    matrix = sparse.csr_matrix(dense)
    held = PairSet.of(lambda part: matrix[part], (20, 13)).holds(np.tile(np.arange(13, dtype=np.int32), (20, 1)))
    np.testing.assert_array_equal(held, dense > 0)


def test_what_cannot_be_measured(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = InstantJudge.from_judge(judge)
    assert fast.nbytes == 2 * 45 * 8 + N + 45
    whole = lists(judge, 7)
    with pytest.raises(DataError, match="received 44 lists for 45"):
        fast.measure(Neighbours(whole.rows[:44], whole.scores[:44]))
    with pytest.raises(ConfigError, match="k = 7"):
        fast.measure(whole.first(3))
    monkeypatch.setattr(instant, "_BITS_UP_TO", 45 * N - 1)
    with pytest.raises(ConfigError, match="sample of the seeds"):
        InstantJudge.from_judge(judge)
