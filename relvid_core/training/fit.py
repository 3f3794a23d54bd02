"""Fitting the two towers: a generator that reports progress and returns the embeddings."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.propensity import Weights
from relvid_core.data.topics import Topics
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import ConfigError, RelvidError
from relvid_core.runtime import generator, resolve_device, seed_for, torch_generator
from relvid_core.training.batches import Batch, BatchSource
from relvid_core.training.losses import Objective, total_objective
from relvid_core.training.spectral import spectral_start
from relvid_core.training.towers import TwoTower

REPORT_EVERY_S = 0.2
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TrainingProgress:
    """Where a training stands. `losses` are means over the epoch so far: coengagement, relevance, total."""

    epoch: int  # 1 … n_epochs
    n_epochs: int
    fraction: float  # of all steps, in (0, 1]
    losses: dict[str, float]
    elapsed_s: float
    epoch_done: bool

    @property
    def eta_s(self) -> float:
        """Seconds left at the pace so far."""
        return self.elapsed_s / self.fraction - self.elapsed_s


@dataclass(frozen=True)
class FittedTowers:
    """Embeddings of every video: both `[n_videos, dim]` float32 with unit rows."""

    seed_vectors: Vectors
    candidate_vectors: Vectors


def fit(
    pairs: CoEngagement,
    *,
    weight: Weights,
    topics: Topics,
    content: ContentFeatures,
    config: ExperimentConfig,
) -> Generator[TrainingProgress, None, FittedTowers]:
    """Train on whole rows of `pairs` and return the embeddings; closing the generator stops at once.

    `weight` is the off-policy weight of every candidate, `[n_videos]`. Adam with a one-cycle learning rate (Smith &
    Topin 2019). Raises ConfigError if the relevance loss is on and the videos have no topics.
    """
    objective, training = config.objective, config.training
    if objective.relevance_weight > 0 and topics.n_levels == 0:
        raise ConfigError(
            "objective.relevance_weight: the catalogue has no topics to be relevant by; set it to 0 or add topics"
        )
    device = resolve_device(training.device)
    vectors = spectral_start(pairs, config.towers.dim, seed=seed_for(training.seed, "spectral"))
    start = (torch.from_numpy(vectors[0]), torch.from_numpy(vectors[1]))
    model = TwoTower(start, config.towers, content, torch_generator(training.seed, "towers")).to(device)
    source = BatchSource(pairs, weight, topics, config, device)
    offset = _popularity_offset(pairs, objective.popularity_offset, device)
    n_steps = training.epochs * source.n_batches
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay, fused=device.type != "mps"
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(  # divides by 0.2 · total_steps − 1, which is 0 for five steps
        optimiser, training.learning_rate, total_steps=max(n_steps, 6), pct_start=0.2
    )
    rng = generator(training.seed, "batches")
    began = reported = time.monotonic()
    step = 0
    for epoch in range(1, training.epochs + 1):
        sums: dict[str, float] = {}
        for done, batch in enumerate(source.epoch(rng), start=1):
            parts = _step(model, batch, config, offset, optimiser)
            schedule.step()
            step += 1
            sums = {name: sums.get(name, 0.0) + value for name, value in parts.items()}
            now = time.monotonic()
            if done == source.n_batches or now - reported > REPORT_EVERY_S:
                reported = now
                means = {name: value / done for name, value in sums.items()}
                yield TrainingProgress(
                    epoch, training.epochs, step / n_steps, means, now - began, done == source.n_batches
                )
    return _embeddings(model)


def _step(
    model: TwoTower,
    batch: Batch,
    config: ExperimentConfig,
    offset: torch.Tensor | None,
    optimiser: torch.optim.Optimizer,
) -> dict[str, float]:
    objective: Objective = total_objective(
        (model.seed(batch.seeds) / config.objective.temperature) @ model.candidate(slice(None)).T,
        engaged=batch.engaged,
        relevant=batch.relevant,
        seed_columns=batch.seeds,
        engagement_weight=config.objective.engagement_weight,
        relevance_weight=config.objective.relevance_weight,
        log_popularity=offset,
    )
    parts = objective.parts()
    if not np.isfinite(parts["total"]):
        raise RelvidError(
            f"training: the loss became {parts['total']} at learning rate {config.training.learning_rate:g}. "
            "Lower the learning rate or raise the temperature."
        )
    optimiser.zero_grad(set_to_none=True)
    objective.total.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
    optimiser.step()
    return parts


def _popularity_offset(pairs: CoEngagement, strength: float, device: torch.device) -> torch.Tensor | None:
    """λ log p_j, `[n_videos]`; a candidate never engaged with gets half a pair of the lightest weight."""
    if strength == 0:
        return None
    floor = 0.5 * float(pairs.matrix.data.min()) / float(pairs.matrix.sum())
    log_p = np.log(np.maximum(pairs.candidate_marginal, floor))
    return torch.from_numpy((strength * log_p).astype(np.float32)).to(device)


def _embeddings(model: TwoTower) -> FittedTowers:
    with torch.no_grad():
        seed, candidate = model.seed(slice(None)), model.candidate(slice(None))
    return FittedTowers(seed.cpu().numpy(), candidate.cpu().numpy())
