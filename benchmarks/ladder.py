"""The ablation ladder of a dataset, and what fusion does for tail seeds and for videos that nobody has watched.

python -m benchmarks.ladder PATH/ml-latest-small --seeds 5

Relevance weight and correction are those of settings.toml, chosen on the validation fold. A tenth of the videos is
hidden from all engagement (`split.cold_share`), so every figure is a little lower than in the tables without.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.settings import ALL_LEVERS, configs, read_settings
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.baselines import BASELINES
from relvid_core.evaluation.estimates import bootstrap
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments.content import content_store
from relvid_core.experiments.ladder import (
    MEASURED,
    RECALL_COLD_SEEDS,
    RECALL_TAIL_SEEDS,
    TITLES,
    Ladder,
    RungName,
    climb,
)
from relvid_core.experiments.pipeline import baseline_data, evaluate, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.protocols import COLD_SHARE
from relvid_core.experiments.run import Run, list_length
from relvid_core.experiments.seed_groups import cold_recall, read_groups
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

DROPOUT: Final = 0.3
HEADS: Final = {
    RECALL: "Recall@20",
    RECALL_TAIL_SEEDS: "Recall@20, tail seeds",
    RECALL_COLD_SEEDS: "Recall@20, cold seeds",
    TOPIC_MATCH: "Topic match@20",
    POPULAR_SHARE: "Popular share@20",
}


def main() -> None:
    """Train every rung and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a data folder (default: the sample world)")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    dataset = load(options.folder) if options.folder else load_sample()
    print(ladder_section(dataset, options.seeds))


def ladder_section(dataset: Dataset, seeds: int) -> str:
    """The ladder on the test fold with its gaps, and beside it what other inputs do for cold seeds."""
    cache = PreparedCache(store=content_store())
    base = configs(ExperimentConfig(), read_settings(dataset.key))[ALL_LEVERS]
    base = base.with_values(split__cold_share=COLD_SHARE)
    has_pictures = any(dataset.catalog.thumbnail(row) is not None for row in range(len(dataset.catalog)))
    ladder = Ladder.of(base, dataset, has_pictures=has_pictures)
    runs: dict[RungName, list[Run]] = {
        rung: _trained(dataset, config, seeds, cache) for rung, config in ladder.configs.items()
    }
    prepared = cache.get(dataset, base)
    steps = climb(runs, prepared)
    names = [name for name in MEASURED if name in steps[0].estimates]
    head = "| | " + " | ".join(HEADS[name] for name in names) + " |"
    lines = [
        f"**The ladder** ({dataset.title}): one lever more in every row, {seeds} training seeds, "
        f"{COLD_SHARE:.0%} of the videos hidden from all engagement ({prepared.evaluation.n_cold_seeds:,} cold seeds "
        "asked). Below each value the gap to the row above it, with its verdict (Holm over the table).\n",
        head,
        "|---" * (1 + len(names)) + "|",
    ]
    for step in steps:
        lines.append(f"| {TITLES[step.rung]} | " + " | ".join(f"{step.estimates[name]:.4f}" for name in names) + " |")
        if step.gaps:
            gaps = (f"{step.gaps[name].difference:+.4f} {step.gaps[name].verdict}" for name in names)
            lines.append("| *gap* | " + " | ".join(f"*{gap}*" for gap in gaps) + " |")
    for rung, reason in ladder.left_out.items():
        lines.append(f"\n“{TITLES[rung]}” is left out: {reason}.")
    if "text" in runs or "visual" in runs:
        lines += ["", _others(dataset, ladder, runs, seeds, cache)]
    return "\n".join(lines) + "\n"


def _others(dataset: Dataset, ladder: Ladder, runs: dict[RungName, list[Run]], seeds: int, cache: PreparedCache) -> str:
    """Recall of all, tail and cold seeds for other inputs; the relevance weight of the ladder, and no correction."""
    top: RungName = "visual" if "visual" in runs else "text"
    config = ladder.configs[top]
    rows: dict[str, list[dict[str, PerSeed]]] = {
        "content alone, untrained (cosine)": [_of_cosine(dataset, config, cache)],
        "towers with ids alone": _recalls(runs["relevance" if "relevance" in runs else "engagement"], cache, dataset),
    }
    others = {
        "towers with content alone": {"towers__use_id": False},
        "towers with both": None,
        f"both, modality dropout {DROPOUT:g}": {"towers__modality_dropout": DROPOUT},
        "both, gated": {"towers__fusion": "gated"},
    }
    for name, change in others.items():
        found = runs[top] if change is None else _trained(dataset, config.with_values(**change), seeds, cache)
        rows[name] = _recalls(found, cache, dataset)
    lines = ["| inputs | all seeds | tail seeds | cold seeds |", "|---|---|---|---|"]
    for name, of_seeds in rows.items():
        values = [np.mean([one[group] for one in of_seeds], axis=0) for group in ("all", "tail", "cold")]
        lines.append(f"| {name} | " + " | ".join(f"{bootstrap(one):.4f}" for one in values) + " |")
    return "\n".join(lines)


def _trained(dataset: Dataset, config: ExperimentConfig, seeds: int, cache: PreparedCache) -> list[Run]:
    return [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]


def _recalls(runs: list[Run], cache: PreparedCache, dataset: Dataset) -> list[dict[str, PerSeed]]:
    found = []
    for run in runs:
        readings = read_groups(run, cache.get(dataset, run.info.config))
        found.append({group: values.values for (group, metric), values in readings.items() if metric == RECALL})
    return found


def _of_cosine(dataset: Dataset, config: ExperimentConfig, cache: PreparedCache) -> dict[str, PerSeed]:
    """The baseline that ranks by the cosine of text vectors."""
    prepared = cache.get(dataset, config)
    every = np.arange(len(dataset.catalog), dtype=np.int32)
    lists = BASELINES["content_only"].retrieve(baseline_data(prepared), every, list_length(config, len(every)))
    recall = evaluate(prepared, lists, config)[0][RECALL]
    tail = prepared.judge.stratum[prepared.evaluation.seeds] == 2
    return {"all": recall, "tail": recall[tail], "cold": cold_recall(lists, prepared, config.evaluation.k)}


if __name__ == "__main__":
    main()
