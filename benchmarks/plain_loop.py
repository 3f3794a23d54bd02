"""The plain loop that most two-tower code is: pairs drawn one by one, the rest of the batch as negatives, with logQ."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.encoders.features import ContentFeatures
from relvid_core.experiments.pipeline import evaluate, lists_of_towers
from relvid_core.experiments.prepared import Prepared
from relvid_core.runtime import generator, torch_generator
from relvid_core.training.towers import FittedTowers, TwoTower, inputs_of

BATCH_PAIRS = 1024
LOOKS = 10  # at the model in every pass
REACHED = 0.98  # of the goal


@dataclass(frozen=True)
class LoopOutcome:
    """How far the loop came: scoring is not timed."""

    recall_then: float  # at the first look after `equal_s` seconds
    best: float
    seconds: float  # until the goal, or all that it was given
    reached: bool


def run_loop(
    prepared: Prepared, config: ExperimentConfig, rate: float, *, equal_s: float, goal: float, limit_s: float
) -> LoopOutcome:
    """Train until `REACHED` of the recall `goal`, or for `limit_s` seconds."""
    spent, best, then = 0.0, 0.0, float("nan")
    looks = sampled_pairs(prepared.pairs, prepared.content, config, rate)
    while spent < limit_s:
        began = time.perf_counter()
        towers = next(looks)
        spent += time.perf_counter() - began
        _, estimates = evaluate(prepared, lists_of_towers(towers, config, prepared.pairs.log_marginal), config)
        best = max(best, estimates["recall"].mean)
        if np.isnan(then) and spent >= equal_s:
            then = best
        if best >= REACHED * goal and not np.isnan(then):
            break
    return LoopOutcome(then, best, spent, best >= REACHED * goal)


def sampled_pairs(
    pairs: CoEngagement, content: ContentFeatures, config: ExperimentConfig, rate: float
) -> Iterator[FittedTowers]:
    """Same towers, Adam, logQ (Yi et al. 2019); yields `LOOKS` times in each pass over as many pairs as the log has."""
    entries = pairs.matrix.tocoo()
    n_videos, dim = entries.shape[0], config.towers.dim
    start = torch.randn(2, n_videos, dim, generator=torch_generator(0, "loop")) * dim**-0.5
    inputs = inputs_of(config.towers, content, pairs.known)
    model = TwoTower((start[0], start[1]), config.towers, inputs, torch_generator(0, "towers"))
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    log_q = torch.from_numpy(pairs.log_marginal.astype(np.float32))
    rng = generator(0, "loop")
    share = entries.data / entries.data.sum()
    n_pairs = int(entries.data.sum())
    own = torch.eye(BATCH_PAIRS, dtype=torch.bool)
    starts = range(0, n_pairs - BATCH_PAIRS + 1, BATCH_PAIRS)
    while True:
        drawn = rng.choice(entries.nnz, n_pairs, p=share)
        for step, at in enumerate(starts, start=1):
            batch = drawn[at : at + BATCH_PAIRS]
            seeds = torch.from_numpy(entries.row[batch].astype(np.int64))
            candidates = torch.from_numpy(entries.col[batch].astype(np.int64))
            logits = model.seed(seeds)[0] @ model.candidate(candidates)[0].T / config.objective.temperature
            logits = logits - log_q[candidates]
            accidental = ((candidates[:, None] == candidates[None, :]) | (seeds[:, None] == candidates[None, :])) & ~own
            loss = torch.nn.functional.cross_entropy(
                logits.masked_fill(accidental, -torch.inf), torch.arange(BATCH_PAIRS)
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if step % max(1, len(starts) // LOOKS) == 0:
                yield model.fitted()
