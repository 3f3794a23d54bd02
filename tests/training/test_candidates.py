"""The sampled softmax: values by a naive loop, the sign of logQ by hand, no bias, and both optima."""

import math

import numpy as np
import pytest
import torch

from relvid_core.training.candidates import (
    CandidateSampler,
    sampled_engagement_loss,
    sampled_relevance_loss,
    uncorrected_engagement_loss,
)
from relvid_core.training.losses import SparseTarget

CPU = torch.device("cpu")
N_VIDEOS = 8


def sampler(marginal: np.ndarray, size: int, *, log_q: bool = True, seed: int = 0) -> CandidateSampler:
    return CandidateSampler(marginal, size, log_q=log_q, rng=np.random.default_rng(seed))


def test_the_sign_of_log_q_by_hand() -> None:
    """Two negatives with equal scores s = 0, drawn C = 10 times with q = (0.9, 0.1): on average 9 and 1 times.

    A popular candidate is drawn more often than its one place in the catalogue, so each draw must count less:
    `s − log(C q) + log m` is 0 − log 9 + log 9 = 0 and 0 − log 1 + log 1 = 0, both negatives stand for one video, and
    Z = e^0 (the positive, exactly) + 1 + 1 = 3. With the sign reversed, `s + log(C q) + log m`, the popular one would
    count 9 · 9 = 81 and Z would be 1 + 81 + 1 = 83; with no correction, 1 + 9 + 1 = 11.
    """
    log_weight = torch.log(torch.tensor([9.0, 1.0])) - torch.log(10 * torch.tensor([0.9, 0.1]))
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([7]), torch.tensor([1.0]))
    nothing = torch.zeros(0, dtype=torch.int64)
    loss = sampled_engagement_loss(
        torch.zeros(1), torch.zeros(1, 2), log_weight, engaged=engaged, masked=(nothing, nothing)
    )
    assert loss.item() == pytest.approx(math.log(3))


def test_draws_carry_the_weight_that_undoes_their_frequency() -> None:
    """q = ½ p + ½ / n with the correction: log(m / (C q)), so a candidate drawn as often as expected weighs 1."""
    marginal = np.array([0.7, 0.2, 0.1, 0.0])
    q = 0.5 * marginal + 0.125
    drawn = sampler(marginal, 50).draw(CPU)
    rng = np.random.default_rng(0)
    times = np.bincount(np.searchsorted(np.cumsum(q), rng.random(50)), minlength=4)
    rows = np.flatnonzero(times)
    assert drawn.rows.tolist() == rows.tolist()
    expected = [math.log(times[row] / (50 * q[row])) for row in rows]
    assert drawn.log_weight.tolist() == pytest.approx(expected, abs=1e-6)
    assert drawn.place[rows].tolist() == list(range(len(rows)))
    assert (drawn.place[times == 0] == -1).all()


def test_without_the_correction_samples_follow_p_and_weigh_their_number() -> None:
    marginal = np.array([0.0, 0.8, 0.2, 0.0])
    drawn = sampler(marginal, 1000, log_q=False).draw(CPU)
    assert drawn.rows.tolist() == [1, 2]  # no video that ends no pair
    times = drawn.log_weight.exp()
    assert times.sum().item() == pytest.approx(1000, rel=1e-5)
    assert times[0].item() == pytest.approx(800, abs=5 * math.sqrt(1000 * 0.8 * 0.2))


class Drawn:
    """Three rows, a sample of five candidates with repeats, and engagements of which some were drawn."""

    seeds = (0, 2, 5)
    rows = (0, 2, 3, 4, 6)
    times = (3, 1, 2, 1, 4)

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        self.scores = rng.normal(size=(3, N_VIDEOS)) * 2
        self.log_weight = rng.normal(size=len(self.rows))
        self.engaged = np.zeros((3, N_VIDEOS))
        for b, partners in enumerate([(3, 7), (1, 4, 6), (7,)]):
            self.engaged[b, list(partners)] = rng.random(len(partners)) + 0.5
        row, column = np.nonzero(self.engaged)
        self.target = SparseTarget(torch.tensor(row), torch.tensor(column), torch.tensor(self.engaged[row, column]))
        place = {video: at for at, video in enumerate(self.rows)}
        self.own = self.pairs([(b, place[seed]) for b, seed in enumerate(self.seeds) if seed in place])
        self.hits = self.pairs([(b, place[j]) for b, j in zip(row, column, strict=True) if j in place])
        self.masked = tuple(torch.cat(parts) for parts in zip(self.hits, self.own, strict=True))
        self.drawn = torch.tensor([j in place for j in column])

    @staticmethod
    def pairs(found: list[tuple[int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor([b for b, _ in found]), torch.tensor([at for _, at in found])

    def naive_log_z(self, scores: np.ndarray, b: int, positive: int | None) -> float:
        """Corrected where `positive` is None: all positives once, draws of others by weight. Else its Z_ij."""
        terms = [
            math.exp(self.log_weight[at] + scores[b, k])
            for at, k in enumerate(self.rows)
            if k != self.seeds[b] and (positive is not None or self.engaged[b, k] == 0)
        ]
        if positive is None:
            terms += [math.exp(scores[b, j]) for j in range(N_VIDEOS) if self.engaged[b, j] > 0]
        elif positive not in self.rows:
            terms.append(math.exp(scores[b, positive]))
        return math.log(sum(terms))

    def naive(self, scores: np.ndarray, *, corrected: bool) -> float:
        return sum(
            self.engaged[b, j] * (self.naive_log_z(scores, b, None if corrected else j) - scores[b, j])
            for b, j in zip(*np.nonzero(self.engaged), strict=True)
        )

    def loss(self, logits: torch.Tensor, *, corrected: bool) -> torch.Tensor:
        positives, of_sample = logits[self.target.row, self.target.column], logits[:, list(self.rows)]
        weight = torch.tensor(self.log_weight)
        if corrected:
            return sampled_engagement_loss(positives, of_sample, weight, engaged=self.target, masked=self.masked)
        return uncorrected_engagement_loss(
            positives, of_sample, weight, engaged=self.target, drawn=self.drawn, masked=self.own
        )


@pytest.mark.parametrize("corrected", [True, False], ids=["logQ", "no logQ"])
def test_values_and_gradients_match_a_naive_loop(corrected: bool) -> None:
    problem = Drawn()
    logits = torch.tensor(problem.scores, requires_grad=True)
    loss = problem.loss(logits, corrected=corrected)
    assert loss.item() == pytest.approx(problem.naive(problem.scores, corrected=corrected), rel=1e-12)
    (gradient,) = torch.autograd.grad(loss, logits)
    for b, j in np.ndindex(3, N_VIDEOS):
        up, down = problem.scores.copy(), problem.scores.copy()
        up[b, j] += 1e-6
        down[b, j] -= 1e-6
        slope = (problem.naive(up, corrected=corrected) - problem.naive(down, corrected=corrected)) / 2e-6
        assert gradient[b, j].item() == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("corrected", [True, False], ids=["logQ", "no logQ"])
def test_the_seed_itself_has_no_part(corrected: bool) -> None:
    problem = Drawn()
    moved = problem.scores.copy()
    moved[[0, 1, 2], list(problem.seeds)] += 20.0
    values = [problem.loss(torch.tensor(table), corrected=corrected).item() for table in (problem.scores, moved)]
    assert values[0] == values[1]


def test_an_accidental_hit_counts_as_the_positive_it_is_and_not_as_a_negative() -> None:
    problem = Drawn()
    logits = torch.tensor(problem.scores)
    positives, of_sample = logits[problem.target.row, problem.target.column], logits[:, list(problem.rows)]
    moved = of_sample.clone()
    moved[problem.hits] += 20.0
    assert len(problem.hits[0]) == 3  # video 3 in the first row, 4 and 6 in the second
    values = [
        sampled_engagement_loss(
            positives, table, torch.tensor(problem.log_weight), engaged=problem.target, masked=problem.masked
        ).item()
        for table in (of_sample, moved)
    ]
    assert values[0] == values[1]


def test_the_estimate_of_the_normaliser_has_no_bias() -> None:
    """E[Z_i] is the full sum; 1,200 samples of 20 draws, checked within 4 standard errors of their mean.

    The loss of one positive with value 1 is log Z − s, so Z = exp(loss + s). Reversed or missing logQ would be off by
    far more than the error, which is checked too.
    """
    rng = np.random.default_rng(1)
    n, n_samples = 30, 1200
    marginal = rng.random(n) ** 4
    marginal /= marginal.sum()
    scores = rng.normal(size=n) + np.log(marginal + 1e-3)  # popular videos score higher: a wrong sign shows
    seed, positives = 4, np.array([7, 11])
    draws = sampler(marginal, 20, seed=2)
    values = []
    engaged = SparseTarget(torch.tensor([0, 0]), torch.tensor(positives), torch.tensor([1.0, 0.0], dtype=torch.float64))
    for _ in range(n_samples):
        drawn = draws.draw(CPU)
        masked = drawn.place[[seed, *positives]]
        masked = torch.tensor(masked[masked >= 0])
        loss = sampled_engagement_loss(
            torch.tensor(scores[positives]),
            torch.tensor(scores[drawn.rows.numpy()])[None],
            drawn.log_weight.double(),
            engaged=engaged,
            masked=(torch.zeros_like(masked), masked),
        )
        values.append(math.exp(loss.item() + scores[positives[0]]))
    whole = sum(math.exp(scores[j]) for j in range(n) if j != seed)
    error = np.std(values) / math.sqrt(n_samples)
    assert error < 0.03 * whole
    assert np.mean(values) == pytest.approx(whole, abs=4 * error)


JOINT = np.array(
    [[0, 9, 3, 2, 1], [9, 0, 1, 4, 2], [3, 1, 0, 1, 1], [2, 4, 1, 0, 1], [1, 2, 1, 1, 0]], dtype=float
)  # every pair occurs: both optima are finite


def steepest_slope(scores: np.ndarray, *, log_q: bool) -> float:
    """Largest entry of the gradient of the loss per engagement, at C = 400,000 draws: next to no sampling noise."""
    marginal = JOINT.sum(axis=0) / JOINT.sum()
    drawn = sampler(marginal, 400_000, log_q=log_q).draw(CPU)
    assert drawn.rows.tolist() == list(range(5))
    logits = torch.tensor(scores, requires_grad=True)
    row, column = np.nonzero(JOINT)
    engaged = SparseTarget(torch.tensor(row), torch.tensor(column), torch.tensor(JOINT[row, column]))
    positives, weight, own = logits[engaged.row, engaged.column], drawn.log_weight.double(), torch.arange(5)
    if log_q:
        masked = (torch.cat([engaged.row, own]), torch.cat([engaged.column, own]))
        loss = sampled_engagement_loss(positives, logits, weight, engaged=engaged, masked=masked)
    else:
        loss = uncorrected_engagement_loss(
            positives,
            logits,
            weight,
            engaged=engaged,
            drawn=torch.ones(len(row), dtype=torch.bool),
            masked=(own, own),
        )
    (gradient,) = torch.autograd.grad(loss, logits)
    return float(gradient.abs().max()) / JOINT.sum(axis=1).min()


def test_the_optimum_without_log_q_is_log_p_over_popularity_and_with_it_log_p() -> None:
    """The gradient vanishes at `log P(j|i) − log p_j` without the correction and q = p, at `log P(j|i)` with it.

    A standard error of m_k / (C p_k) is at most sqrt(1 / (400,000 · 0.1)) = 0.005.
    """
    np.fill_diagonal(conditional := JOINT / JOINT.sum(axis=1, keepdims=True), 1.0)
    log_p = np.log(conditional)
    lift = log_p - np.log(JOINT.sum(axis=0) / JOINT.sum())
    assert steepest_slope(lift, log_q=False) < 0.02
    assert steepest_slope(log_p, log_q=False) > 0.1
    assert steepest_slope(log_p, log_q=True) < 0.02
    assert steepest_slope(lift, log_q=True) > 0.1


def test_relevance_within_a_sample_matches_a_naive_loop_and_leaves_the_seed_out() -> None:
    """Row 0 has its seed in the sample; row 1 has nothing relevant there and costs nothing."""
    scores, weight = np.array([[2.0, 0.5, -1.0], [0.1, 0.2, 0.3]]), np.array([0.3, -0.2, 1.0])
    target = np.array([[0.0, 0.25, 0.75], [0.0, 0.0, 0.0]])
    logits = torch.tensor(scores, requires_grad=True)
    own = (torch.tensor([0]), torch.tensor([0]))
    loss = sampled_relevance_loss(logits, torch.tensor(weight), target=torch.tensor(target), masked=own)
    log_z = math.log(math.exp(0.5 - 0.2) + math.exp(-1.0 + 1.0))
    assert loss.item() == pytest.approx(0.25 * (log_z - 0.5) + 0.75 * (log_z + 1.0), rel=1e-12)
    loss.backward()
    assert logits.grad is not None
    p = math.exp(0.3 - log_z)
    assert logits.grad[0].tolist() == pytest.approx([0.0, p - 0.25, 0.25 - p])
    assert logits.grad[1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("corrected", [True, False], ids=["logQ", "no logQ"])
def test_a_sample_that_holds_only_the_seed_leaves_finite_numbers(corrected: bool) -> None:
    """Nothing is left to compete with the positive: its loss is 0, and no gradient is NaN."""
    logits = torch.zeros(1, 2, requires_grad=True)
    engaged = SparseTarget(torch.tensor([0]), torch.tensor([1]), torch.tensor([1.0]))
    own, weight = (torch.tensor([0]), torch.tensor([0])), torch.zeros(1)
    positive, of_sample = logits[0, 1:], logits[:, :1]
    if corrected:
        loss = sampled_engagement_loss(positive, of_sample, weight, engaged=engaged, masked=own)
    else:
        loss = uncorrected_engagement_loss(
            positive, of_sample, weight, engaged=engaged, drawn=torch.tensor([False]), masked=own
        )
    loss = loss + sampled_relevance_loss(of_sample, weight, target=torch.zeros(1, 1), masked=own)
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0.0, 0.0]]
