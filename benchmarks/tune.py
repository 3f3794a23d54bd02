"""Grid on the validation fold: which relevance weight and which correction strength?

    python -m benchmarks.tune ../shared/data/ml-latest-small --seeds 3

The rule: of the settings whose topic match is at least 1.5 times and whose popular share is at most 0.7 times that of
the engagement-only run, take the one with the highest recall. Only the validation fold is looked at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.experiments.pipeline import drain, train_run
from relvid_core.experiments.prepared import PreparedCache

TOPIC_AT_LEAST, POPULAR_AT_MOST = 1.5, 0.7
METRICS = ("recall", "topic_match", "popular_share")


def main() -> None:
    """Print the grid."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3, help="training seeds of every setting")
    parser.add_argument("--relevance", type=float, nargs="+", default=[0.0, 0.5, 1.0])
    parser.add_argument("--strength", type=float, nargs="+", default=[0.0, 0.1, 0.2, 0.3])
    parser.add_argument("--set", action="append", default=[], metavar="SECTION__NAME=VALUE", dest="changes")
    options = parser.parse_args()
    dataset, cache = load(options.folder), PreparedCache()
    base = ExperimentConfig().with_values(split__fold="validation", evaluation__bootstrap_replicates=10)
    for change in options.changes:
        name, _, value = change.partition("=")
        base = base.with_values(**{name: type(getattr(getattr(base, name.split("__")[0]), name.split("__")[1]))(value)})
    reference: dict[str, float] = {}
    best, choice = 0.0, "none"
    print(f"{dataset.title}, validation fold, mean of {options.seeds} training seeds (× engagement only)")
    for relevance in options.relevance:
        for strength in options.strength:
            config = base.with_values(objective__relevance_weight=relevance, off_policy__strength=strength)
            found: dict[str, list[float]] = {metric: [] for metric in METRICS}
            seconds = []
            for seed in range(options.seeds):
                run = drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache))
                seconds.append(run.info.seconds)
                for metric in METRICS:
                    found[metric].append(run.estimates[metric].mean)
            means = {metric: float(np.mean(values)) for metric, values in found.items()}
            reference = reference or means
            topic, popular = (means[m] / reference[m] for m in ("topic_match", "popular_share"))
            if topic >= TOPIC_AT_LEAST and popular <= POPULAR_AT_MOST and means["recall"] > best:
                best, choice = means["recall"], f"relevance {relevance:g}, strength {strength:g}"
            cells = "  ".join(f"{m} {means[m]:.4f} (×{means[m] / reference[m]:.3f})" for m in METRICS)
            print(
                f"relevance {relevance:4.2f}  strength {strength:4.2f}  {cells}  {np.median(seconds):.1f} s", flush=True
            )
    print(f"chosen: {choice}")


if __name__ == "__main__":
    main()
