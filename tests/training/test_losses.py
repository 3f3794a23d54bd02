"""Loss values and gradients against a plain float64 implementation of the formulas."""

import math

import numpy as np
import pytest
import torch

from relvid_core.training.losses import SparseTarget, listwise_cross_entropy, relevance_target, total_objective

SEEDS = [0, 2, 5]
N_VIDEOS = 7


def dense_engaged(generator: np.random.Generator) -> np.ndarray:
    engaged = generator.integers(0, 4, size=(len(SEEDS), N_VIDEOS)).astype(float)
    engaged[np.arange(len(SEEDS)), SEEDS] = 0.0
    return engaged


def sparse(matrix: np.ndarray) -> SparseTarget:
    row, column = np.nonzero(matrix)
    return SparseTarget(torch.tensor(row), torch.tensor(column), torch.tensor(matrix[row, column]))


def naive_log_probability(scores: np.ndarray) -> np.ndarray:
    """log softmax over every video but the seed, row by row."""
    out = np.full(scores.shape, -np.inf)
    for b, seed in enumerate(SEEDS):
        others = [j for j in range(scores.shape[1]) if j != seed]
        total = math.log(sum(math.exp(scores[b, j]) for j in others))
        for j in others:
            out[b, j] = scores[b, j] - total
    return out


def naive_total(
    scores: np.ndarray, engaged: np.ndarray, relevant: np.ndarray, weights: tuple[float, float], offset: np.ndarray
) -> float:
    with_offset, plain = naive_log_probability(scores + offset), naive_log_probability(scores)
    of_engaged = of_relevant = 0.0
    for b in range(len(SEEDS)):
        for j in range(N_VIDEOS):
            if engaged[b, j]:
                of_engaged -= engaged[b, j] * with_offset[b, j]
            if relevant[b, j]:
                of_relevant -= relevant[b, j] * plain[b, j]
    rows_with_relevant = sum(relevant[b].sum() > 0 for b in range(len(SEEDS)))
    return weights[0] * of_engaged / engaged.sum() + weights[1] * of_relevant / rows_with_relevant


@pytest.fixture
def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    grades = generator.random((len(SEEDS), N_VIDEOS)) * (generator.random((len(SEEDS), N_VIDEOS)) < 0.5)
    grades[np.arange(len(SEEDS)), SEEDS] = 0.0
    grades[1] = 0.0  # a seed with no relevant partner
    return generator.normal(size=(len(SEEDS), N_VIDEOS)) * 2, dense_engaged(generator), grades


@pytest.mark.parametrize("offset_strength", [0.0, 0.7])
@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0), (0.8, 1.7)])
def test_total_and_gradient_match_the_naive_formula(
    problem: tuple[np.ndarray, np.ndarray, np.ndarray], weights: tuple[float, float], offset_strength: float
) -> None:
    scores, engaged, grades = problem
    relevant = relevance_target(torch.tensor(grades), 0.3)
    offset = offset_strength * np.log(np.arange(1, N_VIDEOS + 1) / 28)
    logits = torch.tensor(scores, requires_grad=True)
    objective = total_objective(
        logits,
        engaged=sparse(engaged),
        relevant=relevant,
        seed_columns=torch.tensor(SEEDS),
        engagement_weight=weights[0],
        relevance_weight=weights[1],
        log_popularity=torch.tensor(offset) if offset_strength else None,
    )
    expected = naive_total(scores, engaged, relevant.numpy(), weights, offset)
    assert objective.total.item() == pytest.approx(expected, rel=1e-12)

    (gradient,) = torch.autograd.grad(objective.total, logits)
    step = 1e-6
    for b in range(len(SEEDS)):
        for j in range(N_VIDEOS):
            up, down = scores.copy(), scores.copy()
            up[b, j] += step
            down[b, j] -= step
            slope = (
                naive_total(up, engaged, relevant.numpy(), weights, offset)
                - naive_total(down, engaged, relevant.numpy(), weights, offset)
            ) / (2 * step)
            assert gradient[b, j].item() == pytest.approx(slope, abs=1e-7)


def test_value_by_hand() -> None:
    """Two candidates with equal scores: P = 1/2 each, so three engagements cost 3 log 2."""
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([1]), torch.tensor([3.0]))
    of_engaged, of_relevant = listwise_cross_entropy(torch.zeros(1, 3), engaged, None, torch.tensor([0]))
    assert of_engaged.item() == pytest.approx(3 * math.log(2))
    assert of_relevant.item() == 0.0


def test_the_seed_itself_gets_no_probability_and_no_gradient() -> None:
    logits = torch.tensor([[50.0, 0.0, 0.0]], requires_grad=True)
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([1]), torch.tensor([1.0]))
    of_engaged, _ = listwise_cross_entropy(logits, engaged, None, torch.tensor([0]))
    of_engaged.backward()
    assert of_engaged.item() == pytest.approx(math.log(2), rel=1e-5)
    assert logits.grad is not None
    assert logits.grad[0].tolist() == pytest.approx([0.0, -0.5, 0.5])


def test_relevance_target_prefers_closer_topics_and_skips_the_irrelevant() -> None:
    target = relevance_target(torch.tensor([[0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0]]), 0.5)
    # exp(0) and exp(-0.5 / 0.5), normalised
    whole = 1 + math.exp(-1)
    assert target[0].tolist() == pytest.approx([0.0, 1 / whole, math.exp(-1) / whole, 0.0])
    assert target[1].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_large_logits_stay_finite() -> None:
    logits = torch.tensor([[0.0, 900.0, -900.0]], requires_grad=True)
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([2]), torch.tensor([1.0]))
    of_engaged, _ = listwise_cross_entropy(logits, engaged, None, torch.tensor([0]))
    of_engaged.backward()
    assert of_engaged.item() == pytest.approx(1800.0)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_popularity_offset_moves_popularity_out_of_the_scores() -> None:
    """With λ = 1 the optimum of s is lift: scores that equal log lift have zero gradient, and log P alone does not."""
    joint = np.array([[0, 6.0, 3.0, 1.0], [6.0, 0, 2.0, 2.0]])
    marginal = np.array([0.1, 0.5, 0.25, 0.15])
    conditional = joint / joint.sum(axis=1, keepdims=True)
    lift = np.log(np.where(conditional > 0, conditional, 1.0) / marginal)
    logits = torch.tensor(lift, requires_grad=True)
    row, column = np.nonzero(joint)
    engaged = SparseTarget(torch.tensor(row), torch.tensor(column), torch.tensor(joint[row, column]))
    arguments = {
        "engaged": engaged,
        "relevant": None,
        "seed_columns": torch.tensor([0, 1]),
        "engagement_weight": 1.0,
        "relevance_weight": 0.0,
    }
    with_offset = total_objective(logits, log_popularity=torch.tensor(np.log(marginal)), **arguments)
    (gradient,) = torch.autograd.grad(with_offset.total, logits)
    assert gradient.abs().max().item() == pytest.approx(0.0, abs=1e-9)
    without = total_objective(logits, **arguments)
    (gradient,) = torch.autograd.grad(without.total, logits)
    assert gradient.abs().max().item() > 0.01
