"""Choose settings on the validation fold of each dataset and store them in benchmarks/settings.toml.

    python -m benchmarks.tune PATH/ml-latest-small PATH/kuairand-pure --seeds 2 --limit 500
    python -m benchmarks.tune PATH/kuairec --no-sample --seeds 1 --limit 150 --relevance 0.02 0.05

(KuaiRec's engagement loss is nearly flat, so that any larger relevance weight drowns it.)

Two choices, by two rules. "Trade-off": of the settings whose topic match is at least 1.6 times and whose popular share
is at most 0.57 times that of the engagement-only run, the highest recall; where none is, the one with the lowest
popular share of those that keep 0.9 of the recall, or else the highest recall. (0.57 is 0.6 with a margin for another
fold; the choice without the margin is kept beside it.) "Tuned for recall": one setting after another as every rival is
tuned (benchmarks/rivals), highest recall. The sample world is always tuned. Only the validation fold is looked at.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np

from benchmarks.rivals.two_tower import changes_of, two_tower
from benchmarks.settings import SETTINGS_FILE, Levers, Settings, store_settings
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.rivals.search import best_of, search
from relvid_core.experiments.pipeline import baseline_data, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

METRICS = ("recall", "topic_match", "popular_share")
TOPIC_AT_LEAST, POPULAR_AT_MOST, MARGIN, RECALL_KEPT = 1.6, 0.6, 0.03, 0.9
RELEVANCE = (0.25, 0.35, 0.5)
CORRECTION = ((0.2, 2.0), (0.4, 4.0), (0.4, 20.0), (0.6, 4.0))  # strength, clip


def main() -> None:
    """Search, print, store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="data folders, beside the sample world")
    parser.add_argument("--seeds", type=int, default=2, help="training seeds of every setting")
    parser.add_argument("--relevance", type=float, nargs="+", default=list(RELEVANCE), help="weights in the grid")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds after which tuning begins no further fit")
    parser.add_argument("--no-sample", action="store_true", help="leave the sample world out")
    parser.add_argument("--output", type=Path, default=SETTINGS_FILE)
    options = parser.parse_args()
    for folder in [*([] if options.no_sample else [None]), *options.folders]:
        dataset = load_sample() if folder is None else load(folder)
        print(f"== {dataset.title}: validation fold, mean of {options.seeds} training seeds (× engagement only)")
        cache = PreparedCache()
        base = ExperimentConfig().with_values(split__fold="validation", evaluation__bootstrap_replicates=10)
        ratios = _ratios(dataset, base, options.relevance, options.seeds, cache)
        levers, no_margin = choose(ratios, POPULAR_AT_MOST - MARGIN), choose(ratios, POPULAR_AT_MOST)
        prepared = cache.get(dataset, base)
        rival = two_tower(prepared, base)
        k, data = base.evaluation.k, baseline_data(prepared)
        asking = search(rival, data, prepared.evaluation, k=k, seeds=options.seeds, limit_s=options.limit)
        trials = drain(asking, lambda trial: print(f"   {trial}", flush=True))
        best = best_of(trials)
        print(f"chosen: {levers}; without the margin {no_margin}")
        print(
            f"tuned for recall ({len(trials)} settings): {dict(best.parameters)}, recall {best.recall:.4f}", flush=True
        )
        store_settings(dataset.key, Settings(levers, no_margin, changes_of(best.parameters)), options.output)


def _ratios(
    dataset: Dataset, base: ExperimentConfig, weights: list[float], seeds: int, cache: PreparedCache
) -> dict[Levers, dict[str, float]]:
    """Metric ratios to the engagement-only run over the grid."""
    reference = _means(dataset, base, seeds, cache)
    _say("engagement only", reference, reference)
    ratios: dict[Levers, dict[str, float]] = {}
    for relevance, (strength, clip) in itertools.product(weights, CORRECTION):
        levers = Levers(relevance, strength, clip)
        found = _means(dataset, base.with_values(**levers.changes), seeds, cache)
        _say(f"relevance {relevance:g}, strength {strength:g}, clip {clip:g}", found, reference)
        ratios[levers] = {metric: found[metric] / reference[metric] for metric in METRICS}
    return ratios


def choose(ratios: dict[Levers, dict[str, float]], popular_at_most: float) -> Levers:
    """The levers that the rule takes."""
    fitting = [
        levers
        for levers, ratio in ratios.items()
        if ratio["topic_match"] >= TOPIC_AT_LEAST and ratio["popular_share"] <= popular_at_most
    ]
    if fitting:
        return max(fitting, key=lambda levers: ratios[levers]["recall"])
    kept = [levers for levers, ratio in ratios.items() if ratio["recall"] >= RECALL_KEPT]
    if kept:
        return min(kept, key=lambda levers: ratios[levers]["popular_share"])
    return max(ratios, key=lambda levers: ratios[levers]["recall"])


def _means(dataset: Dataset, config: ExperimentConfig, seeds: int, cache: PreparedCache) -> dict[str, float]:
    runs = [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
    return {metric: float(np.mean([run.estimates[metric].mean for run in runs])) for metric in METRICS}


def _say(name: str, found: dict[str, float], reference: dict[str, float]) -> None:
    cells = "  ".join(f"{metric} {found[metric]:.4f} (×{found[metric] / reference[metric]:.3f})" for metric in METRICS)
    print(f"   {name:40s} {cells}", flush=True)


if __name__ == "__main__":
    main()
