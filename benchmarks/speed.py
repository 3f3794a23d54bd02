"""Time, recall and memory of one training, cold and warm, beside the plain loop and the tuned rivals, in one run.

    python -m benchmarks.speed PATH/ml-latest-small PATH/kuairand-pure PATH/kuairec --seeds 3

The sample world is always measured. Everything learns from the history of the validation fold and is scored on it.
Seconds: towers and plain loop, training; rivals, fitting and listing; medians over training seeds. "Warm" retrains the
trade-off setting from the engagement-only run. The plain loop gets the learning rate that serves it best; its recall is
given after the same seconds as the cold training, and then when (or whether) it reached 0.98 of that training's recall.
Memory is the growth of the resident set while fitting and listing.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.plain_loop import LoopOutcome, run_loop
from benchmarks.rivals.cost import measured_lists
from benchmarks.rivals.tuned import RIVALS, TUNED_FILE, rival_lists
from benchmarks.rivals.two_tower import two_tower
from benchmarks.settings import ALL_LEVERS, ENGAGEMENT_ONLY, configs, read_settings
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import write_whole
from relvid_core.experiments.pipeline import baseline_data, evaluate, train_run
from relvid_core.experiments.prepared import Prepared, PreparedCache
from relvid_core.experiments.run import LIST_LENGTH
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tuned_choices import read_choices
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

RATES = (0.003, 0.01, 0.03)
MEGABYTE = 1e6
INTRODUCTION = """# Speed and memory

Made by one command on an otherwise idle machine of {cores} cores, {seeds} training seed(s) (the data is not in the
repository):

    {command} --output docs/speed.md

Everything learns from the history of the validation fold and is scored on it. Seconds: towers and plain loop, training;
rivals, fitting and listing; medians over training seeds. Read ratios, column “× cold”. “Warm” retrains the trade-off
setting from the engagement-only run. The plain loop draws pairs one by one with the rest of the batch as negatives, at
the learning rate that serves it best; its recall is given after the same seconds as the cold training, and then when
it reached 0.98 of that training’s recall, or what it reached in {limit:g} seconds. Memory is the growth of the resident
set while fitting and listing."""


def main() -> None:
    """Measure and print one table for each dataset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="data folders, beside the sample world")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that the plain loop may take, at each rate")
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--output", type=Path, help="write the tables here too, for example docs/speed.md")
    options = parser.parse_args()
    said = Said()
    asked = [f"--seeds {options.seeds} --limit {options.limit:g}", *["--no-rivals"] * options.no_rivals]
    command = " ".join(["python -m benchmarks", *asked, *(f"PATH/{one.name}" for one in options.folders)])
    said(INTRODUCTION.format(command=command, seeds=options.seeds, limit=options.limit, cores=os.cpu_count()))
    for folder in [None, *options.folders]:
        dataset = load_sample() if folder is None else load(folder)
        _measure(dataset, options.seeds, options.limit, not options.no_rivals, said)
    if options.output is not None:
        write_whole(options.output, said.text.encode())


class Said:
    """Prints, and remembers what was printed."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, words: str) -> None:
        print(words, flush=True)
        self.text += words + "\n"


def _measure(dataset: Dataset, seeds: int, limit_s: float, with_rivals: bool, said: Said) -> None:
    cache = PreparedCache()
    base = ExperimentConfig().with_values(split__fold="validation", evaluation__bootstrap_replicates=10)
    ladder = configs(base, read_settings(dataset.key))
    plain, full = ladder[ENGAGEMENT_ONLY], ladder[ALL_LEVERS]
    prepared = cache.get(dataset, base)
    said(f"\n## {dataset.title}\n\n{len(dataset.catalog):,} videos, {prepared.pairs.matrix.nnz:,} distinct pairs\n")
    said("| | seconds | × cold | Recall@20 | memory (MB) |\n|---|---|---|---|---|")
    drain(train_run(dataset, plain.with_values(training__epochs=1), cache=cache))  # libraries wake up untimed
    outcome = measured_lists(two_tower(prepared, base), baseline_data(prepared), _defaults(), seed=0, k=LIST_LENGTH)
    cold, recall, full_s, warm_s, warm_recall = _towers(dataset, plain, full, seeds, cache)
    said(_row("towers, engagement only, cold", cold, cold, recall, outcome.peak_bytes))
    said(_row(f"towers, {ALL_LEVERS}, cold", full_s, cold, warm_recall[0]))
    said(_row(f"towers, {ALL_LEVERS}, warm", warm_s, cold, warm_recall[1]))
    _loop(prepared, plain, cold, recall, limit_s, said)
    if with_rivals:
        _rivals(prepared, base, cold, seeds, said)


def _defaults() -> dict[str, str | int | float | bool]:
    plain = ExperimentConfig()
    return {
        "relevance": 0.0,
        "temperature": plain.objective.temperature,
        "offset": 0.0,
        "strength": 0.0,
        "dim": plain.towers.dim,
        "learning_rate": plain.training.learning_rate,
        "term": 0.0,
    }


def _towers(
    dataset: Dataset, plain: ExperimentConfig, full: ExperimentConfig, seeds: int, cache: PreparedCache
) -> tuple[float, float, float, float, tuple[float, float]]:
    """Median seconds and mean recall: cold plain, then seconds of full cold and warm and both their recalls."""
    seconds: dict[str, list[float]] = {"plain": [], "full": [], "warm": []}
    recalls: dict[str, list[float]] = {"plain": [], "full": [], "warm": []}
    for seed in range(seeds):
        with TemporaryDirectory() as folder:
            store = RunStore(Path(folder))
            for name, config in (("plain", plain), ("full", full), ("warm", full)):
                asked = config.with_values(training__seed=seed, training__warm_start=name == "warm")
                run = drain(train_run(dataset, asked, cache=cache, earlier=store))
                if name == "plain":
                    store.save(run)
                seconds[name].append(run.info.seconds)
                recalls[name].append(run.estimates["recall"].mean)
    medians = {name: float(np.median(values)) for name, values in seconds.items()}
    means = {name: float(np.mean(values)) for name, values in recalls.items()}
    return medians["plain"], means["plain"], medians["full"], medians["warm"], (means["full"], means["warm"])


def _loop(prepared: Prepared, config: ExperimentConfig, cold: float, goal: float, limit_s: float, said: Said) -> None:
    found = [run_loop(prepared, config, rate, equal_s=cold, goal=goal, limit_s=limit_s) for rate in RATES]
    then = max(found, key=lambda outcome: outcome.recall_then)
    said(_row("plain loop, after the same seconds", cold, cold, then.recall_then))
    last: LoopOutcome = min(found, key=lambda outcome: (not outcome.reached, outcome.seconds, -outcome.best))
    name = "plain loop, same recall" if last.reached else "plain loop, recall not reached"
    said(_row(name, last.seconds, cold, last.best))


def _rivals(prepared: Prepared, config: ExperimentConfig, cold: float, seeds: int, said: Said) -> None:
    tuned = read_choices(TUNED_FILE).get(prepared.dataset.key, {})
    for name, rival in RIVALS.items():
        if rival.missing or name not in tuned:
            said(f"| {rival.title}: not installed, or not tuned here | | | | |")
            continue
        outcomes = [rival_lists(prepared, name, seed) for seed in range(seeds if rival.random else 1)]
        recall = np.mean([evaluate(prepared, one.lists, config)[1]["recall"].mean for one in outcomes])
        seconds = float(np.median([one.seconds for one in outcomes]))
        peak = max(one.peak_bytes for one in outcomes)
        said(_row(rival.tuned_title, seconds, cold, float(recall), peak))


def _row(name: str, seconds: float, cold: float, recall: float, memory: float = float("nan")) -> str:
    megabytes = "" if np.isnan(memory) else f"{memory / MEGABYTE:,.0f}"
    return f"| {name} | {seconds:.1f} | {seconds / cold:.1f} | {recall:.4f} | {megabytes} |"


if __name__ == "__main__":
    main()
