from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from relvid_core.config import EvaluationConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Interactions
from relvid_core.errors import ConfigError, DataError, NotEnoughData
from relvid_core.evaluation import protocol as p
from relvid_core.evaluation.protocol import EvaluationSet, Judge
from relvid_core.retrieval.ranking import Neighbours


def lists(rows: list[list[int]]) -> Neighbours:
    return Neighbours(np.array(rows, dtype=np.int32), np.zeros((len(rows), len(rows[0])), dtype=np.float32))


def test_seeds_and_cold_seeds(target: CoEngagement, history: Interactions) -> None:
    found = EvaluationSet.from_coengagement(target, history)
    assert found.seeds.tolist() == [0, 1, 2, 3]
    assert found.cold_seeds.tolist() == [5]  # f was never watched before
    assert (found.n_seeds, found.n_cold_seeds) == (4, 1)
    assert found.n_truth.tolist() == [2, 2, 2, 1]
    assert found.truth.toarray()[3].tolist() == [0, 0, 0, 0, 0, 1, 0]  # the cold target f stays in
    assert found.cold_target_share == pytest.approx(1 / 7)
    cold = found.of_cold_seeds()
    assert cold.seeds.tolist() == [5]
    assert cold.truth.toarray().tolist() == [[0, 0, 0, 1, 0, 0, 0]]
    with pytest.raises(NotEnoughData, match="no cold seeds"):
        cold.of_cold_seeds()


def test_without_a_history_nothing_is_cold(target: CoEngagement) -> None:
    found = EvaluationSet.from_coengagement(target)
    assert found.seeds.tolist() == [0, 1, 2, 3, 5]
    assert (found.n_cold_seeds, found.cold_target_share) == (0, 0.0)


def test_the_seed_is_never_its_own_truth(target: CoEngagement) -> None:
    looped = sparse.csr_matrix(target.matrix + sparse.eye_array(7, dtype=np.float32))
    found = EvaluationSet.from_coengagement(CoEngagement(looped))
    assert found.seeds.tolist() == [0, 1, 2, 3, 5]
    assert found.n_truth.tolist() == [2, 2, 2, 1, 1]
    assert looped.diagonal().sum() == 7  # the caller's matrix is left alone


def test_nothing_to_ask(target: CoEngagement, history: Interactions) -> None:
    nobody = replace(history, engagements=history.engagements.take(history.engagements.row == 4))
    with pytest.raises(NotEnoughData, match="5 only in the latter"):
        EvaluationSet.from_coengagement(target, nobody)
    with pytest.raises(DataError, match="one catalogue"):
        EvaluationSet.from_coengagement(target, replace(history, n_videos=9))


@pytest.fixture
def judge(target: CoEngagement, history: Interactions, catalog: Catalog) -> Judge:
    evaluation = EvaluationSet.from_coengagement(target, history)
    config = EvaluationConfig(k=2, head_share=0.15, topic_rule="any", topic_level=0)
    return Judge.from_data(evaluation, catalog.topics, history.popularity, config, target_weight=np.ones(7))


def test_all_metrics_of_lists(judge: Judge) -> None:
    found = judge.per_seed(lists([[1, 4, 2], [0, 2, 3], [6, 0, 1], [4, 0, 5]]))  # the third place is beyond k = 2
    np.testing.assert_allclose(found[p.RECALL], [1 / 2, 1, 1 / 2, 0])
    np.testing.assert_allclose(found[p.WEIGHTED_RECALL], found[p.RECALL])
    np.testing.assert_allclose(found[p.HIT_RATE], [1, 1, 1, 0])
    np.testing.assert_allclose(found[p.RECIPROCAL_RANK], [1, 1, 1 / 2, 0])
    np.testing.assert_allclose(found[p.TOPIC_MATCH], [1 / 2, 1, 1 / 2, 1 / 2])
    np.testing.assert_allclose(found[p.POPULAR_SHARE], [0, 1 / 2, 1 / 2, 1 / 2])  # the head is a alone
    # Of 12 engagements the tail holds at most 2.4: f, g, e (1) and no more, since d would make it 3.
    np.testing.assert_allclose(found[p.TAIL_SHARE], [1 / 2, 0, 1 / 2, 1 / 2])
    np.testing.assert_allclose(found[p.stratum_recall("head")], [np.nan, 1, 1, np.nan])
    np.testing.assert_allclose(found[p.stratum_recall("mid")], [1 / 2, 1, 0, np.nan])
    np.testing.assert_allclose(found[p.stratum_recall("tail")], [np.nan, np.nan, np.nan, 0])
    assert set(found) > {p.NDCG, p.POPULARITY_PERCENTILE}
    assert all(values.shape == (4,) for values in found.values())


def test_chance_and_ceiling(judge: Judge) -> None:
    np.testing.assert_allclose(
        judge.references["topic_chance"], [3 / 6, 3 / 6, 3 / 6, 2 / 6]
    )  # f is both Food and Sport
    np.testing.assert_allclose(judge.references["topic_ceiling"], [1, 1, 1, 1])


def test_whole_catalogue(judge: Judge) -> None:
    found = judge.whole_catalogue(lists([[1, 2], [0, 2], [0, 1], [0, 4]]))
    assert found[p.COVERAGE].mean == pytest.approx(4 / 7)
    counts = np.array([3, 2, 2, 0, 1, 0, 0])
    naive = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert found[p.GINI].mean == pytest.approx(naive)
    assert found[p.GINI].n == 4
    assert found[p.GINI].low < naive < found[p.GINI].high


def test_lists_that_do_not_fit(judge: Judge) -> None:
    with pytest.raises(DataError, match="3 lists for 4 seeds"):
        judge.per_seed(lists([[1, 2]] * 3))
    with pytest.raises(ConfigError, match="k = 2"):
        judge.whole_catalogue(lists([[4]] * 4))


def test_data_of_different_catalogues(judge: Judge, catalog: Catalog) -> None:
    with pytest.raises(DataError, match="popularity for 6"):
        Judge.from_data(judge.evaluation, catalog.topics, np.ones(6, dtype=np.int64), EvaluationConfig())
    with pytest.raises(DataError, match="target weights"):
        Judge.from_data(
            judge.evaluation, catalog.topics, np.ones(7, dtype=np.int64), EvaluationConfig(), target_weight=np.ones(8)
        )
