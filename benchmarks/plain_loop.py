"""The plain loop that most two-tower code is: pairs drawn one by one, the rest of the batch as negatives, with logQ."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.encoders.features import ContentFeatures
from relvid_core.experiments.pipeline import evaluate, lists_of_towers
from relvid_core.experiments.prepared import Prepared
from relvid_core.runtime import generator, torch_generator
from relvid_core.training.towers import TwoTower, inputs_of

BATCH_PAIRS = 1024
DRAWN = 1 << 18  # pairs drawn at a time
LONGER = 1.15  # every look at the model comes after this many times the seconds of the one before
REACHED = 0.98  # of the goal


@dataclass(frozen=True)
class LoopOutcome:
    """How far the loop came: scoring is not timed."""

    recall_then: float  # after `equal_s` seconds
    best: float
    seconds: float  # until the goal (to the next look), or all that it was given
    reached: bool


def run_loop(
    prepared: Prepared, config: ExperimentConfig, rate: float, *, equal_s: float, goal: float, limit_s: float
) -> LoopOutcome:
    """Train until `REACHED` of the recall `goal`, or for `limit_s` seconds; the first look comes after `equal_s`."""
    loop = PlainLoop(prepared.pairs, prepared.content, config, rate)
    spent, best, then, look = 0.0, 0.0, float("nan"), equal_s
    while True:
        spent += loop.train_for(look - spent)
        lists = lists_of_towers(loop.model.fitted(), config, prepared.pairs.log_marginal)
        recall = evaluate(prepared, lists, config)[1]["recall"].mean
        best, then = max(best, recall), recall if np.isnan(then) else then
        if best >= REACHED * goal or spent >= limit_s:
            return LoopOutcome(then, best, spent, best >= REACHED * goal)
        look = min(LONGER * spent, limit_s)


class PlainLoop:
    """Same towers, Adam, logQ (Yi et al. 2019), from random vectors, on pairs drawn by their weight."""

    def __init__(self, pairs: CoEngagement, content: ContentFeatures, config: ExperimentConfig, rate: float) -> None:
        entries = pairs.matrix.tocoo()
        n_videos, dim = entries.shape[0], config.towers.dim
        start = torch.randn(2, n_videos, dim, generator=torch_generator(0, "loop")) * dim**-0.5
        inputs = inputs_of(config.towers, content, pairs.known)
        self.model = TwoTower((start[0], start[1]), config.towers, inputs, torch_generator(0, "towers"))
        self._optimiser = torch.optim.Adam(self.model.parameters(), lr=rate)
        self._temperature = config.objective.temperature
        self._log_q = torch.from_numpy(pairs.log_marginal.astype(np.float32))
        self._seeds, self._candidates = entries.row.astype(np.int64), entries.col.astype(np.int64)
        self._upto = np.cumsum(entries.data, dtype=np.float64)
        self._rng = generator(0, "loop")
        self._drawn = np.empty(0, dtype=np.int64)
        self._own = torch.eye(BATCH_PAIRS, dtype=torch.bool)

    def train_for(self, seconds: float) -> float:
        """Take steps for so many seconds, at least one; returns the seconds that they took."""
        began = time.perf_counter()
        while True:
            self._step(self._draw())
            if (spent := time.perf_counter() - began) >= seconds:
                return spent

    def _draw(self) -> np.ndarray:
        """The next `BATCH_PAIRS` pairs."""
        if len(self._drawn) < BATCH_PAIRS:
            place = self._rng.random(DRAWN) * self._upto[-1]
            self._drawn = np.minimum(np.searchsorted(self._upto, place, side="right"), len(self._upto) - 1)
        batch, self._drawn = self._drawn[:BATCH_PAIRS], self._drawn[BATCH_PAIRS:]
        return batch

    def _step(self, batch: np.ndarray) -> None:
        seeds, candidates = torch.from_numpy(self._seeds[batch]), torch.from_numpy(self._candidates[batch])
        logits = self.model.seed(seeds)[0] @ self.model.candidate(candidates)[0].T / self._temperature
        logits = logits - self._log_q[candidates]
        same = (candidates[:, None] == candidates[None, :]) | (seeds[:, None] == candidates[None, :])
        logits = logits.masked_fill(same & ~self._own, -torch.inf)  # accidental hits
        loss = torch.nn.functional.cross_entropy(logits, torch.arange(BATCH_PAIRS))
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
