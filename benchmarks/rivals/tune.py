"""Tune every rival on the validation fold and store the choices in benchmarks/rivals/tuned.toml.

    python -m benchmarks.rivals.tune PATH/ml-latest-small PATH/kuairand-pure --seeds 1

The sample world is always tuned. The measure is Recall@20 of the same evaluation that judges the models; the test fold
is not touched. Every setting tried is printed. A rival whose library is absent is left out, and said so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.rivals.tuned import RIVALS, TUNED_FILE, TUNED_HEAD
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.rivals.search import described, search
from relvid_core.experiments.pipeline import baseline_data, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.tuned_choices import Choice, store_choice
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample


def main() -> None:
    """Search, print, store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="data folders, beside the sample world")
    parser.add_argument("--seeds", type=int, default=1, help="training seeds of every setting")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which a rival begins no further fit")
    parser.add_argument("--rivals", nargs="+", choices=sorted(RIVALS), default=list(RIVALS))
    parser.add_argument("--no-sample", action="store_true", help="leave the sample world out")
    parser.add_argument("--output", type=Path, default=TUNED_FILE)
    options = parser.parse_args()
    for folder in [*([] if options.no_sample else [None]), *options.folders]:
        dataset = load_sample() if folder is None else load(folder)
        _tune(dataset, options.rivals, options.seeds, options.limit, options.output)


def _tune(dataset: Dataset, names: list[str], seeds: int, limit_s: float, output: Path) -> None:
    config = ExperimentConfig().with_values(split__fold="validation", evaluation__bootstrap_replicates=10)
    cache = PreparedCache()
    prepared = cache.get(dataset, config)
    print(f"== {dataset.title}: validation fold, {prepared.evaluation.n_seeds:,} seed videos", flush=True)
    runs = [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
    own = sum(run.estimates["recall"].mean for run in runs) / seeds
    lines = [f"   {own:.4f}  two-tower, engagement only, defaults"]
    for name in names:
        rival = RIVALS[name]
        if rival.missing:
            lines.append(f"   -       {rival.title}: left out, needs {', '.join(rival.missing)}")
            continue
        print(f"-- {rival.title}", flush=True)
        k = config.evaluation.k
        asking = search(rival, baseline_data(prepared), prepared.evaluation, k=k, seeds=seeds, limit_s=limit_s)
        best = Choice.of(rival, drain(asking, lambda trial: print(f"   {trial}", flush=True)))
        store_choice(output, dataset.key, name, best, head=TUNED_HEAD)
        lines.append(
            f"   {best.recall:.4f}  {rival.title} ({best.tried} of {best.settings} settings): "
            f"{described(best.parameters)}"
        )
    print("\n".join([f"== {dataset.title}, chosen:", *lines]), flush=True)


if __name__ == "__main__":
    main()
