"""What a warm start saves and what it changes: the full setting begun from an engagement-only run, against a cold one.

python -m benchmarks.warm PATH/ml-latest-small --seeds 5
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.settings import ALL_LEVERS, ENGAGEMENT_ONLY, configs, read_settings
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.estimates import Estimate, paired_difference
from relvid_core.experiments.pipeline import drain, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.simulation.loader import load_sample

METRICS = ("recall", "topic_match", "popular_share")


def main() -> None:
    """Train all three and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a data folder (default: the sample world)")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    dataset = load(options.folder) if options.folder else load_sample()
    print(warm_section(dataset, options.seeds, PreparedCache()))


def warm_section(dataset: Dataset, seeds: int, cache: PreparedCache) -> str:
    """A table of medians over training seeds. The fold is the test fold, whose truth has no part in the training."""
    ladder = configs(ExperimentConfig(), read_settings(dataset.key))
    plain, full = ladder[ENGAGEMENT_ONLY], ladder[ALL_LEVERS]
    cold, warm = list[Run](), list[Run]()
    first = list[float]()
    with TemporaryDirectory() as folder:
        for seed in range(seeds):
            store = RunStore(Path(folder) / str(seed))
            origin = drain(train_run(dataset, plain.with_values(training__seed=seed), cache=cache))
            store.save(origin)
            first.append(origin.info.seconds)
            asked = full.with_values(training__seed=seed)
            cold.append(drain(train_run(dataset, asked, cache=cache)))
            again = asked.with_values(training__warm_start=True)
            warm.append(drain(train_run(dataset, again, cache=cache, earlier=store)))
    lines = [
        f"Retraining ({dataset.title}, median seconds of training of {seeds} seeds; differences warm − cold):\n",
        f"| engagement only, cold | {ALL_LEVERS}, cold | the same, begun from the first | Recall@20 "
        "| Topic match@20 | Popular share@20 |",
        "|---|---|---|---|---|---|",
    ]
    gaps = " | ".join(_gap(metric, warm, cold) for metric in METRICS)
    lines.append(f"| {np.median(first):.1f} s | {_seconds(cold):.1f} s | {_seconds(warm):.1f} s | {gaps} |")
    return "\n".join(lines) + "\n"


def _seconds(runs: list[Run]) -> float:
    return float(np.median([run.info.seconds for run in runs]))


def _gap(metric: str, warm: list[Run], cold: list[Run]) -> str:
    means = [np.mean([run.per_seed[metric] for run in runs], axis=0) for runs in (warm, cold)]
    gap: Estimate = paired_difference(*means).difference
    return f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"


if __name__ == "__main__":
    main()
