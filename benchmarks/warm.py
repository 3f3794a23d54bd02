"""What a warm start changes: the full setting begun from a far and from a near run, against a cold one.

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
from relvid_core.evaluation.estimates import paired_difference
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

METRICS = ("recall", "topic_match", "popular_share")
NEAR = 0.8  # of the relevance weight: the step of a slider, where the engagement-only run is another model


def main() -> None:
    """Train all three and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a data folder (default: the sample world)")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    dataset = load(options.folder) if options.folder else load_sample()
    print(warm_section(dataset, options.seeds, PreparedCache()))


def warm_section(dataset: Dataset, seeds: int, cache: PreparedCache) -> str:
    """What a warm start changes on the test fold, paired by seed video: its truth has no part in the training."""
    ladder = configs(ExperimentConfig(), read_settings(dataset.key))
    full = ladder[ALL_LEVERS]
    near = full.with_values(objective__relevance_weight=NEAR * full.objective.relevance_weight)
    starts = {ENGAGEMENT_ONLY: ladder[ENGAGEMENT_ONLY], f"{NEAR:g} × the relevance weight": near}
    cold = [drain(train_run(dataset, full.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
    lines = [
        f"Retraining “{ALL_LEVERS}” ({dataset.title}, {seeds} training seeds; differences warm − cold):\n",
        "| begun from | Recall@20 | Topic match@20 | Popular share@20 |",
        "|---|---|---|---|",
    ]
    for name, config in starts.items():
        warm = [_warm(dataset, config, full, seed, cache) for seed in range(seeds)]
        gaps = " | ".join(_gap(metric, warm, cold) for metric in METRICS)
        lines.append(f"| {name} | {gaps} |")
    return "\n".join(lines) + "\n"


def _warm(dataset: Dataset, start: ExperimentConfig, asked: ExperimentConfig, seed: int, cache: PreparedCache) -> Run:
    """`asked`, begun from a run of `start`, which alone is in the store."""
    with TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        store.save(drain(train_run(dataset, start.with_values(training__seed=seed), cache=cache)))
        again = asked.with_values(training__seed=seed, training__warm_start=True)
        return drain(train_run(dataset, again, cache=cache, earlier=store))


def _gap(metric: str, warm: list[Run], cold: list[Run]) -> str:
    means = [np.mean([run.per_seed[metric] for run in runs], axis=0) for runs in (warm, cold)]
    return f"{paired_difference(*means).difference:+.4f}"


if __name__ == "__main__":
    main()
