"""How long a training takes, beside a plain loop over sampled pairs in the same run.

    python -m benchmarks.training_speed ../shared/data/ml-latest-small

The plain loop is what most two-tower code does: draw pairs one by one, use the other candidates of the batch as
negatives with the logQ correction (Yi et al. 2019), same towers, same Adam. It gets the learning rate that served it
best and stops when it has reached the same recall, or at the time limit. Both are scored on the validation fold;
scoring is not timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.experiments.pipeline import drain, evaluate, lists_of_towers, train_run
from relvid_core.experiments.prepared import Prepared, PreparedCache
from relvid_core.runtime import generator, torch_generator
from relvid_core.simulation.loader import load_sample
from relvid_core.training.fit import FittedTowers
from relvid_core.training.towers import TwoTower

BATCH_PAIRS = 1024
RATES = (0.003, 0.01, 0.03)
REACHED = 0.98  # of the recall of the whole-row training


def main() -> None:
    """Train both ways and print times, recalls and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a data folder (default: the sample world)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that the plain loop may take")
    options = parser.parse_args()
    dataset, cache = (load(options.folder) if options.folder else load_sample()), PreparedCache()
    config = ExperimentConfig().with_values(split__fold="validation", evaluation__bootstrap_replicates=10)
    prepared = cache.get(dataset, config)
    print(f"{dataset.title}: {len(dataset.catalog):,} videos, {prepared.pairs.matrix.nnz:,} distinct pairs")
    seconds, recalls = [], []
    for seed in range(options.seeds):
        run = drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache))
        seconds.append(run.info.seconds)
        recalls.append(run.estimates["recall"].mean)
    whole_s, goal = float(np.median(seconds)), float(np.mean(recalls))
    print(f"whole rows    {whole_s:7.1f} s   recall {goal:.4f}   (median and mean of {options.seeds} seeds)")
    results = [(*_until(prepared, config, rate, REACHED * goal, options.limit), rate) for rate in RATES]
    loop_s, recall, rate = min(results, key=lambda result: (result[1] < REACHED * goal, result[0], -result[1]))
    reached = "same recall" if recall >= REACHED * goal else "did not reach it"
    print(f"sampled pairs {loop_s:7.1f} s   recall {recall:.4f}   ({reached}; learning rate {rate:g})")
    print(f"ratio         {loop_s / whole_s:7.1f} ×")


def _until(
    prepared: Prepared, config: ExperimentConfig, rate: float, goal: float, limit_s: float
) -> tuple[float, float]:
    """Seconds spent training, and recall at the end (the best one where the goal was not reached)."""
    spent, best = 0.0, 0.0
    epochs = _sampled_pairs(prepared, config, rate)
    while spent < limit_s:
        began = time.perf_counter()
        towers = next(epochs)
        spent += time.perf_counter() - began
        _, estimates = evaluate(prepared, lists_of_towers(towers, config), config)
        best = max(best, estimates["recall"].mean)
        if best >= goal:
            break
    return spent, best


def _sampled_pairs(prepared: Prepared, config: ExperimentConfig, rate: float) -> Iterator[FittedTowers]:
    """The plain loop; yields after every pass over as many sampled pairs as the log has."""
    pairs = prepared.pairs.matrix.tocoo()
    n_videos, dim = pairs.shape[0], config.towers.dim
    start = torch.randn(2, n_videos, dim, generator=torch_generator(0, "loop")) * dim**-0.5
    model = TwoTower((start[0], start[1]), config.towers, prepared.content, torch_generator(0, "towers"))
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    log_q = torch.from_numpy(np.log(np.maximum(prepared.pairs.candidate_marginal, 1e-12)).astype(np.float32))
    rng = generator(0, "loop")
    share = pairs.data / pairs.data.sum()
    n_pairs = int(pairs.data.sum())
    while True:
        drawn = rng.choice(pairs.nnz, n_pairs, p=share)
        for at in range(0, n_pairs - BATCH_PAIRS + 1, BATCH_PAIRS):
            batch = drawn[at : at + BATCH_PAIRS]
            seeds = torch.from_numpy(pairs.row[batch].astype(np.int64))
            candidates = torch.from_numpy(pairs.col[batch].astype(np.int64))
            logits = model.seed(seeds) @ model.candidate(candidates).T / config.objective.temperature
            logits = logits - log_q[candidates]
            own = torch.eye(BATCH_PAIRS, dtype=torch.bool)
            accidental = ((candidates[:, None] == candidates[None, :]) | (seeds[:, None] == candidates[None, :])) & ~own
            loss = torch.nn.functional.cross_entropy(
                logits.masked_fill(accidental, -torch.inf), torch.arange(BATCH_PAIRS)
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            yield FittedTowers(model.seed(slice(None)).numpy(), model.candidate(slice(None)).numpy())


if __name__ == "__main__":
    main()
