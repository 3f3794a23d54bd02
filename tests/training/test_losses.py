"""Loss values and gradients against a plain float64 implementation of the formulas."""

import math

import numpy as np
import pytest
import torch

from relvid_core.training.losses import (
    RelevantSum,
    SparseTarget,
    TaskLosses,
    listwise_cross_entropy,
    relevance_target,
    task_losses,
)

SEEDS = [0, 2, 5]
N_VIDEOS = 7
OFFSET = 0.7 * np.log(np.arange(1, N_VIDEOS + 1) / 28)  # λ log p_j


def entries(matrix: np.ndarray) -> SparseTarget:
    row, column = np.nonzero(matrix)
    return SparseTarget(torch.tensor(row), torch.tensor(column), torch.tensor(matrix[row, column]))


class Problem:
    """Random scores of two heads, engagements, soft relevance targets and hard negatives, all float64."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        shape = (len(SEEDS), N_VIDEOS)
        own = np.arange(len(SEEDS)), SEEDS
        grades = rng.random(shape) * (rng.random(shape) < 0.5)
        grades[own] = 0.0
        grades[1] = 0.0  # a seed with no relevant partner
        self.scores, self.others = rng.normal(size=shape) * 2, rng.normal(size=shape) * 2
        self.engaged = rng.integers(0, 4, size=shape).astype(float)
        self.engaged[own] = 0.0
        self.off_topic = ((self.engaged > 0) & (grades == 0)).astype(float)
        target = np.where(grades > 0, np.exp(grades / 0.3), 0.0)
        self.relevant = target / np.maximum(target.sum(axis=1, keepdims=True), 1e-300)

    def losses(self, engagement: torch.Tensor, relevance: torch.Tensor, **changes: object) -> TaskLosses:
        arguments = {
            "engaged": entries(self.engaged),
            "relevant": torch.tensor(self.relevant),
            "seed_columns": torch.tensor(SEEDS),
            **changes,
        }
        return task_losses(engagement, relevance, **arguments)


@pytest.fixture
def problem() -> Problem:
    return Problem()


def naive_log_probability(scores: np.ndarray, copies: np.ndarray | None = None) -> np.ndarray:
    """log softmax over every video but the seed, row by row; video j stands in the normaliser `copies[b, j]` times."""
    out = np.full(scores.shape, -np.inf)
    for b, seed in enumerate(SEEDS):
        others = [j for j in range(N_VIDEOS) if j != seed]
        total = math.log(sum((1 if copies is None else copies[b, j]) * math.exp(scores[b, j]) for j in others))
        for j in others:
            out[b, j] = scores[b, j] - total
    return out


def naive_losses(
    problem: Problem,
    engagement: np.ndarray,
    relevance: np.ndarray,
    *,
    offset: np.ndarray | None = None,
    extra: float = 0.0,
    mass: float | None = None,
) -> tuple[float, float]:
    with_offset = naive_log_probability(engagement if offset is None else engagement + offset)
    plain = naive_log_probability(relevance, 1 + extra * problem.off_topic)
    of_engaged = of_relevant = 0.0
    for b in range(len(SEEDS)):
        for j in range(N_VIDEOS):
            if problem.engaged[b, j]:
                of_engaged -= problem.engaged[b, j] * with_offset[b, j]
            if problem.relevant[b, j]:
                of_relevant -= problem.relevant[b, j] * plain[b, j]
    rows_with_relevant = 2  # the second seed has no relevant partner
    return of_engaged / (mass or problem.engaged.sum()), of_relevant / rows_with_relevant


CASES = {
    "plain": ({}, {}),
    "popularity offset": ({"log_popularity": torch.tensor(OFFSET)}, {"offset": OFFSET}),
    "not self-normalised": ({"engaged_mass": 11.0}, {"mass": 11.0}),
    "hard negatives": ({"hard_negatives": 3.0}, {"extra": 3.0}),
    "everything": (
        {"log_popularity": torch.tensor(OFFSET), "engaged_mass": 11.0, "hard_negatives": 0.5},
        {"offset": OFFSET, "mass": 11.0, "extra": 0.5},
    ),
}


@pytest.mark.parametrize("split", [False, True], ids=["shared head", "split heads"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0), (0.8, 1.7)])
def test_values_and_gradients_match_the_naive_formula(
    problem: Problem, weights: tuple[float, float], case: str, split: bool
) -> None:
    changes, naive = CASES[case]
    if "hard_negatives" in changes:
        changes = {**changes, "hard_negatives": (entries(problem.off_topic), changes["hard_negatives"])}
    first = torch.tensor(problem.scores, requires_grad=True)
    second = torch.tensor(problem.others, requires_grad=True) if split else first
    losses = problem.losses(first, second, **changes)
    tables = [problem.scores, problem.others if split else problem.scores]
    expected = naive_losses(problem, tables[0], tables[1], **naive)
    assert losses.coengagement.item() == pytest.approx(expected[0], rel=1e-12)
    assert losses.relevance.item() == pytest.approx(expected[1], rel=1e-12)

    total = weights[0] * losses.coengagement + weights[1] * losses.relevance
    heads = [first, second] if split else [first]
    gradients = torch.autograd.grad(total, heads)

    def total_with(head: int, b: int, j: int, step: float) -> float:
        moved = [table.copy() for table in tables]
        for place in [head] if split else [0, 1]:
            moved[place][b, j] += step
        values = naive_losses(problem, moved[0], moved[1], **naive)
        return weights[0] * values[0] + weights[1] * values[1]

    for head, gradient in enumerate(gradients):
        for b, j in np.ndindex(len(SEEDS), N_VIDEOS):
            slope = (total_with(head, b, j, 1e-6) - total_with(head, b, j, -1e-6)) / 2e-6
            assert gradient[b, j].item() == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("case", ["plain", "popularity offset"])
def test_without_once_the_gradient_can_be_taken_twice(problem: Problem, case: str) -> None:
    logits = torch.tensor(problem.scores, requires_grad=True)
    losses = problem.losses(logits, logits, once=False, **CASES[case][0])
    total = 0.8 * losses.coengagement + 1.7 * losses.relevance
    (first,) = torch.autograd.grad(total, logits, retain_graph=True)
    (second,) = torch.autograd.grad(total, logits, retain_graph=True)
    of_engaged, of_relevant = (
        torch.autograd.grad(part, logits, retain_graph=True)[0] for part in (losses.coengagement, losses.relevance)
    )
    single = problem.losses(logits, logits, **CASES[case][0])
    (once,) = torch.autograd.grad(0.8 * single.coengagement + 1.7 * single.relevance, logits)
    assert torch.equal(first, second)
    torch.testing.assert_close(first, once, rtol=1e-12, atol=0)
    torch.testing.assert_close(first, 0.8 * of_engaged + 1.7 * of_relevant, rtol=1e-12, atol=1e-15)


def test_the_scores_are_given_back_as_they_came(problem: Problem) -> None:
    logits = torch.tensor(problem.scores)
    problem.losses(logits, logits)
    assert torch.equal(logits, torch.tensor(problem.scores))


def test_value_by_hand() -> None:
    """Two candidates with equal scores: P = 1/2 each, so three engagements cost 3 log 2."""
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([1]), torch.tensor([3.0]))
    of_engaged, of_relevant = listwise_cross_entropy(torch.zeros(1, 3), engaged, None, torch.tensor([0]))
    assert of_engaged.item() == pytest.approx(3 * math.log(2))
    assert of_relevant.item() == 0.0


def test_a_hard_negative_by_hand() -> None:
    """Candidates 1 (relevant) and 2 (engaged, off topic) with equal scores: P = 1 / (1 + (1 + h)) = 1/5 for h = 3."""
    logits = torch.zeros(1, 3)
    hard = SparseTarget(torch.tensor([0]), torch.tensor([2]), torch.tensor([1.0]))
    losses = task_losses(
        logits,
        logits,
        engaged=hard,
        relevant=torch.tensor([[0.0, 1.0, 0.0]]),
        seed_columns=torch.tensor([0]),
        hard_negatives=(hard, 3.0),
    )
    assert losses.relevance.item() == pytest.approx(math.log(5))
    assert losses.coengagement.item() == pytest.approx(math.log(2))  # the engagement softmax is left alone


def test_the_seed_itself_gets_no_probability_and_no_gradient() -> None:
    logits = torch.tensor([[50.0, 0.0, 0.0]], requires_grad=True)
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([1]), torch.tensor([1.0]))
    of_engaged, _ = listwise_cross_entropy(logits, engaged, None, torch.tensor([0]))
    of_engaged.backward()
    assert of_engaged.item() == pytest.approx(math.log(2), rel=1e-5)
    assert logits.grad is not None
    assert logits.grad[0].tolist() == pytest.approx([0.0, -0.5, 0.5])


def test_nothing_engaged_and_nothing_relevant_cost_nothing() -> None:
    logits = torch.zeros(1, 3)
    nothing = SparseTarget(torch.tensor([0]), torch.tensor([1]), torch.tensor([1.0])).empty()
    for relevant in (None, torch.zeros(1, 3)):
        losses = task_losses(logits, logits, engaged=nothing, relevant=relevant, seed_columns=torch.tensor([0]))
        assert (losses.coengagement.item(), losses.relevance.item()) == (0.0, 0.0)


def test_relevance_target_prefers_closer_topics_and_skips_the_irrelevant() -> None:
    target = relevance_target(torch.tensor([[0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0]]), 0.5)
    # exp(0) and exp(-0.5 / 0.5), normalised
    whole = 1 + math.exp(-1)
    assert target[0].tolist() == pytest.approx([0.0, 1 / whole, math.exp(-1) / whole, 0.0])
    assert target[1].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_relevance_target_of_a_sample_counts_what_each_candidate_stands_for() -> None:
    """Weights 2 and 6 of two equally relevant candidates: shares 1/4 and 3/4."""
    grades, log_weight = torch.tensor([[0.5, 0.5, 0.0]]), torch.log(torch.tensor([2.0, 6.0, 1000.0]))
    target = relevance_target(grades, 0.1, log_weight=log_weight)
    assert target[0].tolist() == pytest.approx([0.25, 0.75, 0.0])


@pytest.mark.parametrize("grades", [(0.001, 0.006), (0.1, 0.105), (0.995, 1.0)])
def test_a_low_temperature_neither_loses_nor_explodes_the_target(grades: tuple[float, float]) -> None:
    """e^(0.1 − 1)/0.005 = e^−180 and e^(1/0.005) = e^200 are 0 and ∞ in float32; only their difference may count."""
    target = relevance_target(torch.tensor([[*grades, 0.0]]), 0.005)
    ratio = math.exp(0.005 / 0.005)
    assert target[0].tolist() == pytest.approx([1 / (1 + ratio), ratio / (1 + ratio), 0.0], rel=1e-4)


def test_large_logits_stay_finite() -> None:
    logits = torch.tensor([[0.0, 900.0, -900.0]], requires_grad=True)
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([2]), torch.tensor([1.0]))
    of_engaged, _ = listwise_cross_entropy(logits, engaged, None, torch.tensor([0]))
    of_engaged.backward()
    assert of_engaged.item() == pytest.approx(1800.0)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_popularity_offset_moves_popularity_out_of_the_scores() -> None:
    """With λ = 1 the optimum of s is lift: scores that equal log lift have zero gradient, and without λ they do not."""
    joint = np.array([[0, 6.0, 3.0, 1.0], [6.0, 0, 2.0, 2.0]])
    marginal = np.array([0.1, 0.5, 0.25, 0.15])
    conditional = joint / joint.sum(axis=1, keepdims=True)
    lift = np.log(np.where(conditional > 0, conditional, 1.0) / marginal)
    logits = torch.tensor(lift, requires_grad=True)

    def steepest(log_popularity: torch.Tensor | None) -> float:
        losses = task_losses(
            logits,
            logits,
            engaged=entries(joint),
            relevant=None,
            seed_columns=torch.tensor([0, 1]),
            log_popularity=log_popularity,
        )
        (gradient,) = torch.autograd.grad(losses.coengagement, logits)
        return gradient.abs().max().item()

    assert steepest(torch.tensor(np.log(marginal))) == pytest.approx(0.0, abs=1e-9)
    assert steepest(None) > 0.01


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("grouped", [False, True])
def test_candidates_of_unknown_relevance_have_no_part_in_that_softmax(
    problem: Problem, heads: int, grouped: bool
) -> None:
    unknown = np.zeros(N_VIDEOS, dtype=bool)
    unknown[[1, 4]] = True
    target = np.where(unknown, 0.0, problem.relevant)
    target /= np.maximum(target.sum(axis=1, keepdims=True), 1e-300)
    engagement = torch.tensor(problem.scores, requires_grad=True)
    relevance = engagement if heads == 1 else torch.tensor(problem.others, requires_grad=True)
    scores = problem.scores if heads == 1 else problem.others
    relevant = torch.tensor(target)
    if grouped:
        relevant = RelevantSum(relevant.sum(dim=1), (relevant * relevance).sum())
    found = problem.losses(engagement, relevance, relevant=relevant, unknown=torch.tensor(unknown))
    log_p = naive_log_probability(scores, np.where(unknown, 0.0, np.ones(scores.shape)))
    wanted = [-sum(t * lp for t, lp in zip(*row, strict=True) if t) for row in zip(target, log_p, strict=True)]
    asked = target.sum(axis=1) > 0
    assert found.relevance.item() == pytest.approx(sum(wanted) / asked.sum())
    plain = problem.losses(torch.tensor(problem.scores), torch.tensor(scores))
    assert found.coengagement.item() == pytest.approx(plain.coengagement.item())  # of engagement everything is known
    found.relevance.backward()
    assert relevance.grad is not None
    assert not relevance.grad[:, unknown].any()
