"""Baselines with their knobs tuned: searched on the validation window, kept, and measured beside the others.

A model whose settings somebody turned until they were good must be held against baselines that got the same chance.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Final

from relvid_core.config import EvaluationConfig, ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError
from relvid_core.evaluation.rivals.contract import Rival
from relvid_core.evaluation.rivals.search import best_of, described, search
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.pipeline import Progress, baseline_data, baseline_run, encoded
from relvid_core.experiments.prepared import Prepared, PreparedCache, evaluation_key
from relvid_core.experiments.run import list_length
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tuned_choices import Choice, read_choices, store_choice

LIMIT_S: Final = 60.0  # seconds of a baseline's search, after which it begins no further fit
CHOICES_FILE: Final = "tuned_baselines.toml"  # in the runs' home
_HEAD: Final = "# Settings of baselines with the highest recall on the validation window; delete to tune anew.\n\n"
_SEED: Final = 0  # of rivals that draw: a baseline is one list, not a family of trainings


def tuning_config(config: ExperimentConfig) -> ExperimentConfig:
    """What the search asks: the validation window of the same split, by recall in lists of the same length."""
    validation = config.with_values(split__fold="validation")
    return replace(validation, evaluation=EvaluationConfig(k=config.evaluation.k))


def choices_for(home: Path, fingerprint: str, config: ExperimentConfig) -> dict[str, Choice]:
    """The choices kept for this data, split, co-engagement and list length. Raises DataError for a damaged file.

    A choice of other knobs than the baseline has by now is no choice.
    """
    kept = read_choices(home / CHOICES_FILE).get(_group(fingerprint, config), {})
    return {
        name: kept[name]
        for name, rival in TUNABLE.items()
        if name in kept and set(kept[name].parameters) == set(rival.grid)
    }


def tune_baselines(
    dataset: Dataset,
    config: ExperimentConfig,
    *,
    cache: PreparedCache,
    store: RunStore,
    limit_s: float = LIMIT_S,
    again: bool = False,
) -> Generator[Progress, None, list[str]]:
    """Tune every baseline that has knobs, and store its lists beside runs of this config; returns the run ids.

    Choices that are kept are not searched `again` unless asked. Each baseline is complete once its run is stored;
    closing the generator keeps those that are, and nothing of the one that is being searched.
    Raises ConfigError for a limit that is no time.
    """
    if not 0 < limit_s < float("inf"):
        raise ConfigError(f"tuning: received a limit of {limit_s!r} seconds; use a number above 0")
    yield from encoded(dataset, config, cache)
    yield Progress("prepare", "Reading the log")
    kept = {} if again else choices_for(store.root, dataset.fingerprint, config)
    rivals = [rival for rival in TUNABLE.values() if not rival.missing]
    run_ids = []
    for place, rival in enumerate(rivals):
        choice = kept.get(rival.name)
        if choice is None:
            choice = yield from _searched(rival, cache.get(dataset, tuning_config(config)), limit_s, place, len(rivals))
            group = _group(dataset.fingerprint, config)
            store_choice(store.root / CHOICES_FILE, group, rival.name, choice, head=_HEAD)
        prepared = cache.get(dataset, config)
        run_id, notes = tuned_run_id(rival, prepared.key), notes_on(choice, config)
        run_ids.append(run_id)
        if store.exists(run_id) and store.info(run_id).notes == notes:
            continue
        yield Progress("tune", f"{rival.title}: listing with the chosen setting", share=(place + 1) / len(rivals))
        began = time.monotonic()
        lists = rival.lists(
            baseline_data(prepared), choice.parameters, seed=_SEED, k=list_length(config, len(dataset.catalog))
        )
        seconds = time.monotonic() - began
        run = baseline_run(
            prepared, config, lists, run_id=run_id, label=rival.tuned_title, seconds=seconds, notes=notes
        )
        store.save(run)
    return run_ids


def tuned_run_id(rival: Rival, key: str) -> str:
    """The id of a tuned baseline's run among those with this evaluation key."""
    return f"baseline-tuned-{rival.name}-{key}"


def notes_on(choice: Choice, config: ExperimentConfig) -> tuple[str, ...]:
    """How a baseline came by its setting, for its card."""
    tried = f"{choice.tried} of {choice.settings} settings tried"
    recall = f"Recall@{config.evaluation.k} there {choice.recall:.4f}"
    said = (f"chosen on the validation window: {described(choice.parameters)} ({recall}; {tried})",)
    if config.split.fold == "validation":
        return (*said, "scored here on the very window it was tuned on, as a model is that was tuned by these figures")
    return said


def _searched(
    rival: Rival, prepared: Prepared, limit_s: float, place: int, n_rivals: int
) -> Generator[Progress, None, Choice]:
    """Search one rival's grid on the validation window, saying how far it is."""
    k, began, trials = prepared.judge.config.k, time.monotonic(), []
    yield Progress("tune", f"{rival.title}: trying its first setting", share=place / n_rivals)
    steps = search(rival, baseline_data(prepared), prepared.evaluation, k=k, seeds=1, limit_s=limit_s)
    try:
        for trial in steps:
            trials.append(trial)
            done = max(len(trials) / rival.n_settings, (time.monotonic() - began) / limit_s)
            said = f"{rival.title}: {len(trials)} settings tried, best Recall@{k} {best_of(trials).recall:.3f}"
            yield Progress("tune", said, share=(place + min(1.0, done)) / n_rivals)
    finally:
        steps.close()
    return Choice.of(rival, trials)


def _group(fingerprint: str, config: ExperimentConfig) -> str:
    return evaluation_key(fingerprint, tuning_config(config))
