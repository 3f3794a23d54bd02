"""Fitting the two towers: a generator that reports progress and returns the embeddings."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.propensity import Weights
from relvid_core.data.relevance import RelevanceGrades
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import ConfigError, RelvidError
from relvid_core.runtime import generator, resolve_device, seed_for, torch_generator
from relvid_core.training.batches import Batch, BatchSource
from relvid_core.training.conflict import ConflictRecorder
from relvid_core.training.objective import batch_losses
from relvid_core.training.spectral import spectral_start
from relvid_core.training.towers import FittedTowers, TwoTower, Vectors, inputs_of
from relvid_core.training.weighting import TaskWeights, projected_sum, task_gradients

REPORT_EVERY_S = 0.2
WARM_RATE = 0.5  # of the learning rate when training begins from an earlier one: the full rate undoes what was learned
CONFLICT_EVERY = 8  # steps; the gradients of both losses are compared at one step in so many


@dataclass(frozen=True)
class TrainingProgress:
    """Where a training stands. `losses` are means over the epoch so far: coengagement, relevance, total."""

    epoch: int  # 1 … n_epochs
    n_epochs: int
    fraction: float  # of all steps, in (0, 1]
    losses: dict[str, float]
    elapsed_s: float
    epoch_done: bool
    conflict: dict[str, float]  # cosines of the two task gradients, at the end of an epoch; see `training.conflict`

    @property
    def eta_s(self) -> float:
        """Seconds left at the pace so far."""
        return self.elapsed_s / self.fraction - self.elapsed_s


def fit(
    pairs: CoEngagement,
    *,
    weight: Weights,
    grades: RelevanceGrades | None,
    content: ContentFeatures,
    config: ExperimentConfig,
    start: Mapping[str, Vectors] | None = None,
    report_every_s: float = REPORT_EVERY_S,
) -> Generator[TrainingProgress, None, FittedTowers]:
    """Train on whole rows of `pairs` and return the embeddings; closing the generator stops at once.

    `weight` is the off-policy weight of every candidate, `[n_videos]`; `grades` say what is relevant (needed if that
    loss has a weight). With the parameters of an earlier training as `start`, training begins there and takes
    `warm_epochs` at half the learning rate. Adam with a one-cycle learning rate (Smith & Topin 2019). Raises
    ConfigError where grades are missing or `start` belongs to towers of another shape.
    """
    training = config.training
    if config.objective.relevance_weight > 0 and grades is None:
        raise ConfigError("training: the relevance loss has a weight, but nothing says what is relevant")
    device = resolve_device(training.device)
    model = _model(pairs, content, config, start).to(device)
    task_weights = TaskWeights(config.objective).to(device)
    rng = generator(training.seed, "batches")
    used = grades if config.objective.relevance_weight > 0 else None
    source = BatchSource(pairs, weight, used, config, device=device, rng=rng)
    offset = _popularity_offset(pairs, config.objective.popularity_offset, device)
    n_epochs = training.epochs if start is None else training.warm_epochs
    rate = training.learning_rate if start is None else WARM_RATE * training.learning_rate
    stepper = _Stepper(model, task_weights, pairs, config, offset, rate, n_epochs * source.n_batches)
    began = reported = time.monotonic()
    for epoch in range(1, n_epochs + 1):
        sums: dict[str, float] = {}
        for done, batch in enumerate(source.epoch(), start=1):
            parts = stepper.step(batch)
            sums = {name: sums.get(name, 0.0) + value for name, value in parts.items()}
            now, ended = time.monotonic(), done == source.n_batches
            if ended or now - reported >= report_every_s:
                reported = now
                means = {name: value / done for name, value in sums.items()}
                conflict = stepper.conflict.take() if ended else {}
                yield TrainingProgress(epoch, n_epochs, stepper.fraction, means, now - began, ended, conflict)
    return model.fitted()


class _Stepper:
    """One optimiser step after the other."""

    def __init__(
        self,
        model: TwoTower,
        task_weights: TaskWeights,
        pairs: CoEngagement,
        config: ExperimentConfig,
        offset: torch.Tensor | None,
        rate: float,
        n_steps: int,
    ) -> None:
        training, objective = config.training, config.objective
        self._model, self._task_weights, self._config, self._offset = model, task_weights, config, offset
        names, parameters = zip(*model.named_parameters(), strict=True)
        self._parameters: list[torch.Tensor] = list(parameters)
        learned = [task_weights.log_variance] if objective.weighting == "uncertainty" else []
        self._optimiser = torch.optim.AdamW(
            [{"params": self._parameters, "weight_decay": training.weight_decay}]
            + ([{"params": learned, "weight_decay": 0.0}] if learned else []),
            lr=rate,
            fused=self._parameters[0].device.type != "mps",
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser,
            rate,
            total_steps=max(n_steps, 6),  # it divides by 0.2 · total_steps − 1, which is 0 for five steps
            pct_start=0.2,
        )
        self._two_tasks = objective.engagement_weight > 0 and objective.relevance_weight > 0
        self._n_steps, self._done = n_steps, 0
        self.conflict = ConflictRecorder(list(names), pairs.candidate_marginal)

    @property
    def fraction(self) -> float:
        """Of all steps, how many are done."""
        return self._done / self._n_steps

    def step(self, batch: Batch) -> dict[str, float]:
        """Take one step and return the values of the losses."""
        projecting = self._two_tasks and self._task_weights.weighting == "pcgrad"
        comparing = self._two_tasks and self._done % CONFLICT_EVERY == 0
        by_task = projecting or comparing
        losses = batch_losses(self._model, batch, self._config.objective, self._offset, once=not by_task)
        total = self._task_weights.total(losses)
        values = {
            "coengagement": losses.coengagement.item(),
            "relevance": losses.relevance.item(),
            "total": total.item(),
        }
        if not np.isfinite(values["total"]):
            raise RelvidError(
                f"training: the loss became {values['total']} at learning rate "
                f"{self._config.training.learning_rate:g}. Lower the learning rate or raise the temperature."
            )
        self._optimiser.zero_grad(set_to_none=True)
        if by_task:
            of_engaged, of_relevant = task_gradients(self._task_weights.parts(losses), self._parameters)
            self.conflict.add(of_engaged, of_relevant)
        if projecting:
            for parameter, gradient in zip(self._parameters, projected_sum(of_engaged, of_relevant), strict=True):
                parameter.grad = gradient
        else:  # once more for the sum: it also reaches what the uncertainty weighting learns
            total.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
        self._optimiser.step()
        self._schedule.step()
        self._done += 1
        return values


def _model(
    pairs: CoEngagement, content: ContentFeatures, config: ExperimentConfig, start: Mapping[str, Vectors] | None
) -> TwoTower:
    towers, seed = config.towers, config.training.seed
    ids: tuple[torch.Tensor, torch.Tensor] | None = None
    if towers.use_id and start is None:
        left, right = spectral_start(pairs, towers.dim, seed=seed_for(seed, "spectral"))
        ids = torch.from_numpy(left), torch.from_numpy(right)
    elif towers.use_id:
        nothing = torch.zeros(pairs.matrix.shape[0], towers.dim)
        ids = nothing, nothing
    model = TwoTower(ids, towers, inputs_of(towers, content, pairs.known), torch_generator(seed, "towers"))
    if start is not None:
        if not model.fits(start):
            raise ConfigError(
                "training: the run to begin from has towers of another shape. Begin from one with the same inputs, "
                "heads and vector length, or train from the start."
            )
        model.begin_from(start)
    return model


def _popularity_offset(pairs: CoEngagement, strength: float, device: torch.device) -> torch.Tensor | None:
    """λ log p_j, `[n_videos]`."""
    if strength == 0:
        return None
    return torch.from_numpy((strength * pairs.log_marginal).astype(np.float32)).to(device)
