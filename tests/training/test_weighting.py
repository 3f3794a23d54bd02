"""How the two losses become one step: sliders, Kendall's uncertainty and PCGrad, each against its own formula."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from relvid_core.config import ObjectiveConfig
from relvid_core.training.losses import TaskLosses
from relvid_core.training.weighting import TaskWeights, dot, projected_sum, task_gradients


def weights(weighting: str, engagement: float = 0.8, relevance: float = 1.7) -> TaskWeights:
    return TaskWeights(
        ObjectiveConfig(engagement_weight=engagement, relevance_weight=relevance, weighting=weighting)  # type: ignore[arg-type]
    )


def losses(engaged: float, relevant: float) -> TaskLosses:
    return TaskLosses(torch.tensor(engaged), torch.tensor(relevant))


@pytest.mark.parametrize("weighting", ["fixed", "pcgrad"])
def test_sliders_weigh_the_sum(weighting: str) -> None:
    task = weights(weighting)
    assert task.total(losses(2.0, 3.0)).item() == pytest.approx(0.8 * 2 + 1.7 * 3)
    assert not task.log_variance.requires_grad  # nothing to learn


def test_uncertainty_value_and_gradient_by_the_formula() -> None:
    """Σ α_t (e^−η_t L_t + η_t / 2), and its slope α_t (−e^−η_t L_t + 1/2)."""
    task = weights("uncertainty")
    with torch.no_grad():
        task.log_variance.copy_(torch.tensor([0.3, -0.6]))
    total = task.total(losses(2.0, 3.0))
    expected = 0.8 * (math.exp(-0.3) * 2 + 0.3 / 2) + 1.7 * (math.exp(0.6) * 3 - 0.6 / 2)
    assert total.item() == pytest.approx(expected, rel=1e-6)
    total.backward()
    assert task.log_variance.grad is not None
    slopes = [0.8 * (-math.exp(-0.3) * 2 + 0.5), 1.7 * (-math.exp(0.6) * 3 + 0.5)]
    assert task.log_variance.grad.tolist() == pytest.approx(slopes, rel=1e-5)


def test_uncertainty_comes_to_rest_at_log_of_twice_the_loss() -> None:
    """d/dη (e^−η L + η/2) = −e^−η L + 1/2 is zero at η = log(2 L), whatever the slider says."""
    task = weights("uncertainty")
    optimiser = torch.optim.SGD([task.log_variance], lr=0.5)
    for _ in range(200):
        optimiser.zero_grad()
        task.total(losses(2.0, 0.3)).backward()
        optimiser.step()
    assert task.log_variance.tolist() == pytest.approx([math.log(4.0), math.log(0.6)], abs=1e-4)
    parts = task.parts(losses(2.0, 0.3))
    assert [part.item() for part in parts] == pytest.approx([0.8 / 2, 1.7 / 2], rel=1e-3)  # α_t L_t / (2 L_t)


def test_a_loss_that_is_off_adds_nothing_to_the_uncertain_sum() -> None:
    task = weights("uncertainty", engagement=1.0, relevance=0.0)
    with torch.no_grad():
        task.log_variance.copy_(torch.tensor([0.0, 9.0]))
    assert task.total(losses(2.0, 3.0)).item() == pytest.approx(2.0)


def naive_pcgrad(gradients: list[np.ndarray], order: Callable[[list[int]], list[int]]) -> np.ndarray:
    """Yu et al. 2020, algorithm 1, line by line; `order` stands for the random order of the other tasks."""
    kept = [gradient.copy() for gradient in gradients]
    for i in range(len(gradients)):
        for j in order([other for other in range(len(gradients)) if other != i]):
            if kept[i] @ gradients[j] < 0:
                kept[i] = kept[i] - (kept[i] @ gradients[j]) / (gradients[j] @ gradients[j]) * gradients[j]
    return np.sum(kept, axis=0)


def in_parts(vector: np.ndarray) -> list[torch.Tensor]:
    """One gradient as that of two parameters, `[2, 3]` and `[4]`."""
    return [torch.tensor(vector[:6]).reshape(2, 3), torch.tensor(vector[6:])]


def flat(gradients: list[torch.Tensor]) -> np.ndarray:
    return torch.cat([part.reshape(-1) for part in gradients]).numpy()


@pytest.mark.parametrize("seed", range(12))
def test_pcgrad_follows_algorithm_1(seed: int) -> None:
    """With two tasks each has one other, so there is one order; swapping the tasks must not matter either.

    A conflicting step never climbs either loss. a' = a − (a·b/|b|²) b is orthogonal to b, so (a' + b')·b = b'·b =
    |b|² − (a·b)²/|a|² ≥ 0 by Cauchy–Schwarz, and the same for a.
    """
    rng = np.random.default_rng(seed)
    a = rng.normal(size=10)
    b = rng.normal(size=10) * 3 + (-1) ** seed * 2 * a
    step = flat(projected_sum(in_parts(a), in_parts(b)))
    assert dot(in_parts(a), in_parts(b)).item() == pytest.approx(a @ b)
    assert step == pytest.approx(naive_pcgrad([a, b], list))
    assert step == pytest.approx(flat(projected_sum(in_parts(b), in_parts(a))))
    if a @ b >= 0:
        assert step == pytest.approx(a + b)
    else:
        assert step != pytest.approx(a + b)
        assert step @ a >= 0
        assert step @ b >= 0


def test_the_examples_of_pcgrad_hold_both_cases() -> None:
    signs = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=10)
        signs.append(a @ (rng.normal(size=10) * 3 + (-1) ** seed * 2 * a) < 0)
    assert 3 <= sum(signs) <= 9


def test_pcgrad_by_hand_and_at_the_ends() -> None:
    """a = (1, 0), b = (−1, 1): a' = a + ½ b = (½, ½), b' = b + a = (0, 1); opposite gradients leave nothing."""
    step = projected_sum([torch.tensor([1.0, 0.0])], [torch.tensor([-1.0, 1.0])])
    assert step[0].tolist() == pytest.approx([0.5, 1.5])
    step = projected_sum([torch.tensor([2.0, 0.0])], [torch.tensor([-1.0, 0.0])])
    assert step[0].tolist() == [0.0, 0.0]
    step = projected_sum([torch.tensor([2.0, 0.0])], [torch.zeros(2)])
    assert step[0].tolist() == [2.0, 0.0]


def test_gradients_of_each_part_are_zero_where_it_has_none() -> None:
    """x² y and 3 x at (2, 5): slopes (20, 4) and (3, 0)."""
    x, y = torch.tensor(2.0, requires_grad=True), torch.tensor(5.0, requires_grad=True)
    first, second = task_gradients((x**2 * y, 3 * x), [x, y])
    assert [value.item() for value in first] == [20.0, 4.0]
    assert [value.item() for value in second] == [3.0, 0.0]
