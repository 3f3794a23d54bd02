"""`python -m relvid_core tune-baselines`: the baselines with the settings that the validation window favours."""

from __future__ import annotations

import argparse

from relvid_core.cli_progress import progress_bar
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tuned_baselines import LIMIT_S, tune_baselines
from relvid_core.runtime import drain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of the search; dataset and config are the command line's own."""
    parser.add_argument(
        "--limit", type=float, default=LIMIT_S, help="seconds after which a baseline tries no further setting"
    )
    parser.add_argument("--again", action="store_true", help="search anew what was tuned before")


def tuned_runs(
    options: argparse.Namespace, dataset: Dataset, config: ExperimentConfig, cache: PreparedCache, store: RunStore
) -> list[Run]:
    """Tune, say what was chosen and what could not be tuned, and return the runs."""
    with progress_bar() as show:
        work = tune_baselines(dataset, config, cache=cache, store=store, limit_s=options.limit, again=options.again)
        runs = [store.load(run_id) for run_id in drain(work, show)]
    for run in runs:
        print(f"{run.info.label}: {'; '.join(run.info.notes)}")
    for rival in TUNABLE.values():
        if rival.missing:
            print(f"{rival.title}: not installed: {rival.install}")
    return runs
