"""Batches hold every pair exactly once, weighted, beside the relevance target of their seeds."""

import numpy as np
import pytest
import torch
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.topics import Topics
from relvid_core.training import batches
from relvid_core.training.batches import BatchSource

TOPICS = Topics.from_paths([[("a", "x")], [("a", "y")], [("b", "z")], [], [("a", "x"), ("b", "z")]])
PAIRS = np.array(
    [[0, 2, 0, 1, 0], [2, 0, 1, 0, 0], [0, 1, 0, 0, 3], [1, 0, 0, 0, 0], [0, 0, 3, 0, 0]], dtype=np.float32
)
WEIGHT = np.array([1.0, 0.5, 2.0, 1.0, 0.25])


def source(**changes: object) -> BatchSource:
    config = ExperimentConfig().with_values(**changes)
    pairs = CoEngagement(sparse.csr_matrix(PAIRS))
    return BatchSource(pairs, WEIGHT, TOPICS, config, torch.device("cpu"))


def test_an_epoch_holds_every_weighted_pair_once() -> None:
    found = np.zeros_like(PAIRS)
    seeds = []
    for batch in source(training__batch_seeds=2).epoch(np.random.default_rng(0)):
        assert batch.relevant is None
        seeds += batch.seeds.tolist()
        rows = batch.seeds[batch.engaged.row].numpy()
        np.add.at(found, (rows, batch.engaged.column.numpy()), batch.engaged.value.numpy())
    assert sorted(seeds) == [0, 1, 2, 3, 4]
    assert found == pytest.approx(PAIRS * WEIGHT)


def test_relevance_rows_follow_the_level_weighted_overlap() -> None:
    """By hand: level 1 counts 1/3 and level 2 counts 2/3; overlap is the cosine of topic sets."""
    only = next(source(training__batch_seeds=5, objective__relevance_weight=1.0).epoch(np.random.default_rng(0)))
    assert only.relevant is not None
    assert only.seeds.tolist() == [0, 1, 2, 3, 4]
    half = 1 / np.sqrt(2)
    grades = {1: 1 / 3, 4: half / 3 + 2 * half / 3}  # of seed 0: same top topic, and a shared leaf beside another topic
    mass = {j: np.exp((grade - 1) / 0.1) for j, grade in grades.items()}
    expected = [0.0, mass[1] / sum(mass.values()), 0.0, 0.0, mass[4] / sum(mass.values())]
    assert only.relevant[0].tolist() == pytest.approx(expected, rel=1e-5)
    assert only.relevant[3].tolist() == [0.0] * 5  # no topic, nothing relevant


def test_large_taxonomies_take_the_sparse_way_to_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"training__batch_seeds": 3, "objective__relevance_weight": 1.0}
    dense = [batch.relevant for batch in source(**changes).epoch(np.random.default_rng(1))]
    monkeypatch.setattr(batches, "MAX_TOPIC_CELLS", 0)
    sparse_way = [batch.relevant for batch in source(**changes).epoch(np.random.default_rng(1))]
    for a, b in zip(dense, sparse_way, strict=True):
        assert a is not None
        assert b is not None
        torch.testing.assert_close(a, b)
