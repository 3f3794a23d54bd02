"""How the two losses become one step: fixed weights, learned uncertainty, or projected gradients.

α_e and α_r below are the sliders. "fixed": `α_e L_e + α_r L_r`. "uncertainty": Kendall et al. 2018 (CVPR), eq. 10 for a
classification loss, `Σ_t α_t (e^{−η_t} L_t + η_t / 2)` with learned η_t = log σ_t². "pcgrad": Yu et al. 2020 (NeurIPS),
algorithm 1: where the two gradients point apart, each loses its component along the other before they are added.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from relvid_core.config import ObjectiveConfig
from relvid_core.training.losses import TaskLosses

Gradients = list[torch.Tensor]  # one a parameter


class TaskWeights(nn.Module):
    """The weights of both losses; only "uncertainty" has anything to learn."""

    def __init__(self, config: ObjectiveConfig) -> None:
        super().__init__()
        self.weighting = config.weighting
        self._weights = (config.engagement_weight, config.relevance_weight)
        self.log_variance = nn.Parameter(torch.zeros(2), requires_grad=config.weighting == "uncertainty")

    def total(self, losses: TaskLosses) -> torch.Tensor:
        """The weighted sum. Under "pcgrad" its value alone has a meaning: the step is not its gradient."""
        parts = self.parts(losses)
        if self.weighting != "uncertainty":
            return parts[0] + parts[1]
        share = torch.tensor(self._weights, device=self.log_variance.device)
        return parts[0] + parts[1] + (share * self.log_variance).sum() / 2

    def parts(self, losses: TaskLosses) -> tuple[torch.Tensor, torch.Tensor]:
        """Both losses times their weights."""
        of_engaged, of_relevant = self._weights[0] * losses.coengagement, self._weights[1] * losses.relevance
        if self.weighting != "uncertainty":
            return of_engaged, of_relevant
        scale = torch.exp(-self.log_variance)
        return scale[0] * of_engaged, scale[1] * of_relevant


def task_gradients(
    parts: tuple[torch.Tensor, torch.Tensor], parameters: Sequence[torch.Tensor]
) -> tuple[Gradients, Gradients]:
    """The gradient of each part with respect to every parameter, zero where it has none. Two backward passes."""
    found: list[Gradients] = []
    for part in parts:
        gradients = torch.autograd.grad(part, parameters, retain_graph=True, allow_unused=True)
        found.append([torch.zeros_like(p) if g is None else g for p, g in zip(parameters, gradients, strict=True)])
    return found[0], found[1]


def dot(a: Gradients, b: Gradients) -> torch.Tensor:
    """Inner product of two gradients over all parameters."""
    return torch.stack([torch.dot(x.reshape(-1), y.reshape(-1)) for x, y in zip(a, b, strict=True)]).sum()


def projected_sum(a: Gradients, b: Gradients) -> Gradients:
    """PCGrad for two tasks: `a + b` after each has lost its component along the other, if they conflict (a·b < 0).

    Both projections use the other's gradient as it came, so the order of the two does not matter.
    """
    inner = dot(a, b)
    if inner >= 0:
        return [x + y for x, y in zip(a, b, strict=True)]
    tiny = torch.finfo(inner.dtype).tiny
    from_a, from_b = inner / dot(b, b).clamp_min(tiny), inner / dot(a, a).clamp_min(tiny)
    return [(1 - from_b) * x + (1 - from_a) * y for x, y in zip(a, b, strict=True)]
