"""Grid on the validation fold: which relevance weight, which correction strength, which clip?

    python -m benchmarks.tune PATH/ml-latest-small --seeds 3

The rule: of the settings whose topic match is at least 1.5 times and whose popular share is at most 0.7 times that of
the engagement-only run, take the one with the highest recall. Only the validation fold is looked at.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.pipeline import drain, train_run
from relvid_core.experiments.prepared import PreparedCache

METRICS = ("recall", "topic_match", "popular_share")
TOPIC_AT_LEAST, POPULAR_AT_MOST = 1.5, 0.7


def main() -> None:
    """Print the grid and the choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3, help="training seeds of every setting")
    parser.add_argument("--relevance", type=float, nargs="+", default=[0.25, 0.5])
    parser.add_argument("--strength", type=float, nargs="+", default=[0.2, 0.35, 0.5])
    parser.add_argument("--clip", type=float, nargs="+", default=[1.5, 2.0, 20.0])
    options = parser.parse_args()
    dataset, cache = load(options.folder), PreparedCache()
    base = ExperimentConfig().with_values(split__fold="validation", evaluation__bootstrap_replicates=10)
    print(f"{dataset.title}, validation fold, mean of {options.seeds} training seeds (× engagement only)")
    reference = _means(dataset, base, options.seeds, cache)
    _say("engagement only", reference, reference)
    best, choice = 0.0, "none meets the two conditions"
    for relevance, strength, clip in itertools.product(options.relevance, options.strength, options.clip):
        config = base.with_values(
            objective__relevance_weight=relevance, off_policy__strength=strength, off_policy__clip=clip
        )
        found = _means(dataset, config, options.seeds, cache)
        name = f"relevance {relevance:g}, strength {strength:g}, clip {clip:g}"
        _say(name, found, reference)
        topic, popular = (found[m] / reference[m] for m in ("topic_match", "popular_share"))
        if topic >= TOPIC_AT_LEAST and popular <= POPULAR_AT_MOST and found["recall"] > best:
            best, choice = found["recall"], name
    print(f"chosen: {choice}")


def _means(dataset: Dataset, config: ExperimentConfig, seeds: int, cache: PreparedCache) -> dict[str, float]:
    runs = [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
    return {metric: float(np.mean([run.estimates[metric].mean for run in runs])) for metric in METRICS}


def _say(name: str, found: dict[str, float], reference: dict[str, float]) -> None:
    cells = "  ".join(f"{metric} {found[metric]:.4f} (×{found[metric] / reference[metric]:.3f})" for metric in METRICS)
    print(f"{name:44s} {cells}", flush=True)


if __name__ == "__main__":
    main()
