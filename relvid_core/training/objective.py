"""Both losses of a batch: which head scores what, over the whole catalogue or over a sample of it."""

from __future__ import annotations

import torch

from relvid_core.config import ObjectiveConfig
from relvid_core.training.batches import Batch, SharedSample
from relvid_core.training.candidates import (
    sampled_engagement_loss,
    sampled_relevance_loss,
    uncorrected_engagement_loss,
)
from relvid_core.training.grouped import GroupedTarget
from relvid_core.training.losses import TaskLosses, task_losses, with_hard_negatives, without_unknown
from relvid_core.training.towers import TwoTower


def batch_losses(
    model: TwoTower, batch: Batch, config: ObjectiveConfig, log_popularity: torch.Tensor | None, *, once: bool
) -> TaskLosses:
    """`L_e` and `L_r`; `log_popularity` holds λ log p_j `[n_videos]`, or None for λ = 0.

    `once` promises a single backward pass, which saves memory.
    """
    seeds = [vectors / config.temperature for vectors in model.seed(batch.seeds)]
    if batch.sample is not None:
        return _over_sample(model, seeds, batch, batch.sample, config, log_popularity)
    candidates = model.candidate(slice(None))
    scores = [seed @ candidate.T for seed, candidate in zip(seeds, candidates, strict=True)]
    relevant = batch.relevant
    return task_losses(
        scores[0],
        scores[-1],
        engaged=batch.engaged,
        relevant=relevant.relevant_sum(seeds[-1], candidates[-1], batch.seeds)
        if isinstance(relevant, GroupedTarget)
        else relevant,
        seed_columns=batch.seeds,
        engaged_mass=batch.mass,
        log_popularity=log_popularity,
        hard_negatives=None if batch.off_topic is None else (batch.off_topic, config.hard_negatives),
        unknown=batch.unknown,
        once=once,
    )


def _over_sample(
    model: TwoTower,
    seeds: list[torch.Tensor],
    batch: Batch,
    shared: SharedSample,
    config: ObjectiveConfig,
    log_popularity: torch.Tensor | None,
) -> TaskLosses:
    sample, engaged = shared.drawn, batch.engaged
    candidates = model.candidate(sample.rows)
    positives = (seeds[0][engaged.row] * model.candidate(engaged.column)[0]).sum(dim=1)
    scores = seeds[0] @ candidates[0].T
    of_sample = scores
    if log_popularity is not None:
        positives = positives + log_popularity[engaged.column]
        of_sample = scores + log_popularity[sample.rows]
    if sample.corrected:
        masked = (torch.cat([shared.hits[0], shared.own[0]]), torch.cat([shared.hits[1], shared.own[1]]))
        of_engaged = sampled_engagement_loss(positives, of_sample, sample.log_weight, engaged=engaged, masked=masked)
    else:
        of_engaged = uncorrected_engagement_loss(
            positives, of_sample, sample.log_weight, engaged=engaged, drawn=shared.entry_drawn, masked=shared.own
        )
    mass = engaged.value.sum() if batch.mass is None else batch.mass
    if not isinstance(batch.relevant, torch.Tensor):  # off; a sample never has groups
        return TaskLosses(of_engaged / mass, scores.new_zeros(()))
    harder = scores if len(seeds) == 1 else seeds[1] @ candidates[1].T
    if batch.unknown is not None:
        harder = without_unknown(harder, batch.unknown)
    if batch.off_topic is not None:
        harder = with_hard_negatives(harder, batch.off_topic, config.hard_negatives)
    of_relevant = sampled_relevance_loss(harder, sample.log_weight, target=batch.relevant, masked=shared.own)
    n_relevant = float((batch.relevant.sum(dim=1) > 0).sum())
    return TaskLosses(of_engaged / mass, of_relevant / max(n_relevant, 1.0))
