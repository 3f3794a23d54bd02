"""The target by groups of equal topics is the target by videos: same values, same gradients."""

import numpy as np
import pytest
import torch
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.relevance import TopicGrades
from relvid_core.data.topics import Topics, relevance_features
from relvid_core.training.batches import BatchSource
from relvid_core.training.grouped import GroupedTarget, grouped_target
from relvid_core.training.losses import SparseTarget, relevance_target, task_losses

N, B, DIM, TAU = 9, 4, 3, 0.3
# Groups {0, 1, 2}, {3, 4}, {5}, {6, 7, 8}: the last one shares nothing with anybody, not even within itself.
GROUP = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3])
BETWEEN = np.array([[1.0, 0.4, 0.0, 0.0], [0.4, 1.0, 0.7, 0.0], [0.0, 0.7, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
SEEDS = np.array([1, 3, 5, 7])


@pytest.fixture
def vectors() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    shape = {"generator": generator, "dtype": torch.float64, "requires_grad": True}
    return torch.randn(B, DIM, **shape), torch.randn(N, DIM, **shape)


def by_groups() -> GroupedTarget:
    grades = torch.tensor(BETWEEN[GROUP[SEEDS]])
    members = torch.tensor(np.bincount(GROUP).astype(float))
    return grouped_target(grades, members, torch.tensor(GROUP), torch.tensor(GROUP[SEEDS]), TAU)


def by_videos() -> torch.Tensor:
    grades = BETWEEN[GROUP[SEEDS]][:, GROUP]
    grades[np.arange(B), SEEDS] = 0.0
    return relevance_target(torch.tensor(grades), TAU)


def test_expanded_it_is_the_target_by_videos() -> None:
    expanded = by_groups().weight[:, GROUP].clone()
    expanded[np.arange(B), SEEDS] = 0.0
    assert expanded.numpy() == pytest.approx(by_videos().numpy(), abs=1e-12)
    # seed 5 is alone in its group: all its weight is on videos 3 and 4, half each; seed 7 has nothing relevant
    assert by_videos()[2].tolist() == pytest.approx([0, 0, 0, 0.5, 0.5, 0, 0, 0, 0])
    assert by_groups().weight[3].sum() == 0


@pytest.mark.parametrize("offset", [None, torch.linspace(-2, -1, N, dtype=torch.float64)])
def test_losses_and_gradients_agree(vectors: tuple[torch.Tensor, torch.Tensor], offset: torch.Tensor | None) -> None:
    seeds, candidates = vectors
    engaged = SparseTarget(torch.tensor([0, 1, 2, 3]), torch.tensor([4, 8, 0, 1]), torch.ones(4, dtype=torch.float64))
    rows = torch.tensor(SEEDS)
    found = []
    for grouped in (True, False):
        logits = seeds @ candidates.T
        relevant = by_groups().relevant_sum(seeds, candidates, rows) if grouped else by_videos()
        losses = task_losses(
            logits, logits, engaged=engaged, relevant=relevant, seed_columns=rows, log_popularity=offset, once=False
        )
        total = 0.7 * losses.coengagement + 1.3 * losses.relevance
        found.append((losses.relevance.item(), *torch.autograd.grad(total, [seeds, candidates])))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-12)
    assert torch.allclose(found[0][1], found[1][1], atol=1e-12)
    assert torch.allclose(found[0][2], found[1][2], atol=1e-12)


def test_batches_of_topics_come_by_groups_with_their_hard_negatives() -> None:
    topics = Topics.from_paths([[("a",)], [("a",)], [("b",)], [("b",)], []])
    matrix = sparse.csr_matrix(np.ones((5, 5), dtype=np.float32) - np.eye(5, dtype=np.float32))
    config = ExperimentConfig().with_values(objective__relevance_weight=1.0, objective__hard_negatives=1.0)
    source = BatchSource(
        CoEngagement(matrix),
        np.ones(5),
        TopicGrades(relevance_features(topics)),
        config,
        device=torch.device("cpu"),
        rng=np.random.default_rng(0),
    )
    (batch,) = source.epoch()
    assert isinstance(batch.relevant, GroupedTarget)
    assert batch.off_topic is not None
    wrong = set(zip(batch.off_topic.row.tolist(), batch.off_topic.column.tolist(), strict=True))
    on_topic = {(0, 1), (1, 0), (2, 3), (3, 2)}
    assert wrong == {(i, j) for i in range(5) for j in range(5) if i != j} - on_topic
