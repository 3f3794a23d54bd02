"""Batches hold every pair exactly once, weighted, beside the relevance target of their seeds."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.relevance import TopicGrades
from relvid_core.data.topics import Topics, relevance_features
from relvid_core.training import batches
from relvid_core.training.batches import Batch, BatchSource, uses_sample
from relvid_core.training.grouped import GroupedTarget

TOPICS = Topics.from_paths([[("a", "x")], [("a", "y")], [("b", "z")], [], [("a", "x"), ("b", "z")]])
PAIRS = np.array(
    [[0, 2, 0, 1, 0], [2, 0, 1, 0, 0], [0, 1, 0, 0, 3], [1, 0, 0, 0, 0], [0, 0, 3, 0, 0]], dtype=np.float32
)
WEIGHT = np.array([1.0, 0.5, 2.0, 1.0, 0.25])
EVERY_SEED = {"training__batch_seeds": 5}
RELEVANCE = {"objective__relevance_weight": 1.0}


def epoch(*, seed: int = 0, graded: bool = True, **changes: object) -> list[Batch]:
    config = ExperimentConfig().with_values(**changes)
    source = BatchSource(
        CoEngagement(sparse.csr_matrix(PAIRS)),
        WEIGHT,
        TopicGrades(relevance_features(TOPICS)) if graded else None,
        config,
        device=torch.device("cpu"),
        rng=np.random.default_rng(seed),
    )
    return list(source.epoch())


def sampled(**changes: object) -> list[Batch]:
    return epoch(training__softmax="sampled", training__sampled_candidates=16, **changes)


def counted(found: list[Batch]) -> np.ndarray:
    table = np.zeros_like(PAIRS)
    for batch in found:
        rows = batch.seeds[batch.engaged.row].numpy()
        np.add.at(table, (rows, batch.engaged.column.numpy()), batch.engaged.value.numpy())
    return table


@pytest.mark.parametrize("make", [epoch, sampled], ids=["full", "sampled"])
def test_an_epoch_holds_every_weighted_pair_once(make: Callable[..., list[Batch]]) -> None:
    found = make(training__batch_seeds=2, graded=False)
    assert counted(found) == pytest.approx(PAIRS * WEIGHT)
    assert sorted(seed for batch in found for seed in batch.seeds.tolist()) == [0, 1, 2, 3, 4]
    assert all(batch.relevant is None and batch.off_topic is None for batch in found)


def test_epochs_differ_and_repeat_with_the_seed() -> None:
    orders = [[batch.seeds.tolist() for batch in epoch(seed=seed, training__batch_seeds=2)] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


def test_the_mass_is_that_of_the_pairs_where_weights_are_not_self_normalised() -> None:
    """Without self-normalisation L_e is divided by Σ N = 14; with it, by whatever the weights sum to (None)."""
    (whole,) = epoch(**EVERY_SEED, off_policy__self_normalise=False)
    assert whole.mass == 14.0
    (whole,) = epoch(**EVERY_SEED)
    assert whole.mass is None


def test_relevance_rows_follow_the_level_weighted_overlap() -> None:
    """By hand: level 1 counts 1/3 and level 2 counts 2/3; overlap is the cosine of topic sets."""
    (only,) = epoch(**EVERY_SEED, **RELEVANCE)
    assert isinstance(only.relevant, GroupedTarget)
    assert only.seeds.tolist() == [0, 1, 2, 3, 4]
    relevant = only.relevant.weight[:, only.relevant.group]
    relevant.fill_diagonal_(0.0)
    half = 1 / np.sqrt(2)
    grades = {1: 1 / 3, 4: half / 3 + 2 * half / 3}  # of seed 0: same top topic, and a shared leaf beside another topic
    mass = {j: np.exp((grade - 1) / 0.1) for j, grade in grades.items()}
    expected = [0.0, mass[1] / sum(mass.values()), 0.0, 0.0, mass[4] / sum(mass.values())]
    assert relevant[0].tolist() == pytest.approx(expected, rel=1e-5)
    assert relevant[3].tolist() == [0.0] * 5  # no topic, nothing relevant


def test_hard_negatives_are_engaged_together_and_not_relevant_at_all() -> None:
    """Of the eight engaged entries, 0–1 and 2–4 share a topic (a, and b > z), in both directions; 1 and 2 do not."""
    (only,) = epoch(**EVERY_SEED, **RELEVANCE, objective__hard_negatives=2.0)
    assert only.off_topic is not None
    found = list(zip(only.off_topic.row.tolist(), only.off_topic.column.tolist(), strict=True))
    assert sorted(found) == [(0, 3), (1, 2), (2, 1), (3, 0)]
    assert only.off_topic.value.tolist() == [1.0] * 4
    (off,) = epoch(**EVERY_SEED, **RELEVANCE)
    assert off.off_topic is None


def test_a_sample_says_where_its_hits_its_seeds_and_its_hard_negatives_are() -> None:
    for batch in sampled(training__batch_seeds=2, **RELEVANCE, objective__hard_negatives=2.0):
        assert batch.sample is not None
        assert batch.relevant is not None
        assert batch.off_topic is not None
        rows, seeds = batch.sample.drawn.rows.tolist(), batch.seeds.tolist()
        grades = TopicGrades(relevance_features(TOPICS)).rows(np.array(seeds))
        hits = {(b, at) for b, seed in enumerate(seeds) for at, j in enumerate(rows) if PAIRS[seed, j] > 0}
        assert set(zip(*(part.tolist() for part in batch.sample.hits), strict=True)) == hits
        own = {(b, at) for b, seed in enumerate(seeds) for at, j in enumerate(rows) if j == seed}
        assert set(zip(*(part.tolist() for part in batch.sample.own), strict=True)) == own
        hard = {(b, at) for b, at in hits if grades[b, rows[at]] == 0}
        assert set(zip(batch.off_topic.row.tolist(), batch.off_topic.column.tolist(), strict=True)) == hard
        assert batch.sample.entry_drawn.tolist() == [j in rows for j in batch.engaged.column.tolist()]
        assert batch.relevant.shape == (len(seeds), len(rows))
        assert ((batch.relevant > 0).numpy() == (grades[:, rows] > 0)).all()


def test_small_catalogues_are_scored_in_full_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    automatic = ExperimentConfig()
    assert not uses_sample(automatic, 1000)
    assert uses_sample(automatic.with_values(training__softmax="sampled"), 1000)
    monkeypatch.setattr(batches, "FULL_SOFTMAX_UP_TO", 999)
    assert uses_sample(automatic, 1000)
    assert not uses_sample(automatic.with_values(training__softmax="full"), 1000)
