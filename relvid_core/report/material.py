"""What a report is made of: stored runs, the baselines beside them, and the dataset where it is still there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relvid_core.charts import COLOURS
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import ConfigError, DataError, RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.compare import check_comparable
from relvid_core.experiments.datasets import load_dataset, source_named
from relvid_core.experiments.prepared import Prepared, prepare
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.store import RunStore

MAX_RUNS: Final = 5  # as many as there are colours beside the grey of the baselines
LETTERS: Final = "ABCDE"


@dataclass(frozen=True)
class Baseline:
    """A baseline that was measured like the runs, by its figures alone."""

    info: RunInfo
    estimates: dict[str, Estimate]


@dataclass(frozen=True)
class Material:
    """Comparable runs, the first of them the one that the others are held against."""

    runs: tuple[Run, ...]
    baselines: tuple[Baseline, ...] = ()  # best recall first
    prepared: Prepared | None = None  # None: the dataset is not there any more
    missing: str = ""  # why not

    def __post_init__(self) -> None:
        ids = [run.info.run_id for run in self.runs]
        if not 1 <= len(ids) <= MAX_RUNS:
            raise ConfigError(f"report: received {len(ids)} runs; name 1 to {MAX_RUNS} of them")
        if repeated := next((run_id for run_id in ids if ids.count(run_id) > 1), None):
            raise ConfigError(f"report: received run {repeated} twice; name every run once")
        check_comparable(self.runs)
        if self.prepared is not None and self.prepared.key != self.first.info.evaluation_key:
            raise RunError(
                f"report: run {self.first.info.label!r} was made from another state of dataset "
                f"{self.prepared.dataset.key!r}. Train it again, or report it without the dataset."
            )

    @property
    def first(self) -> Run:
        """The run that the others are held against."""
        return self.runs[0]

    @property
    def k(self) -> int:
        """Length of the measured lists."""
        return self.first.info.config.evaluation.k

    @property
    def lettered(self) -> list[tuple[str, str, Run]]:
        """Letter, colour and run, in order: A teal, B orange, as everywhere in the app."""
        return [(LETTERS[place], COLOURS[place], run) for place, run in enumerate(self.runs)]


def gather(store: RunStore, run_ids: Sequence[str], data: str | None = None) -> Material:
    """Read everything a report of these runs needs; `data` is the dataset's key or folder, should it have moved.

    Where the runs' own dataset is gone or has changed, the material says why. Raises RunError for runs that are missing
    or not comparable, and DataError if a dataset was asked for by `data` and cannot be used.
    """
    material = Material(tuple(store.load(run_id) for run_id in run_ids), baselines_beside(store, run_ids))
    prepared, missing = _prepared(material.first.info, data)
    return Material(material.runs, material.baselines, prepared, missing)


def baselines_beside(store: RunStore, run_ids: Sequence[str]) -> tuple[Baseline, ...]:
    """The baselines that were measured like the first of these runs, best recall first. Raises RunError."""
    key = store.info(run_ids[0]).evaluation_key
    infos = [info for info in store.list()[0] if info.kind == "baseline" and info.evaluation_key == key]
    found = [Baseline(info, store.estimates(info.run_id)) for info in infos if info.run_id not in run_ids]
    return tuple(sorted(found, key=lambda baseline: -baseline.estimates["recall"].mean))


def _prepared(info: RunInfo, data: str | None) -> tuple[Prepared | None, str]:
    """The dataset as the run saw it, without content vectors, which no report reads; or why it cannot be had."""
    try:
        dataset = load_dataset(source_named(info.dataset_key if data is None else data))
    except DataError as error:
        if data is not None:
            raise
        return None, str(error)
    if dataset.fingerprint != info.dataset_fingerprint:
        said = f"dataset {dataset.key!r} is not the one that run {info.run_id} was made from: it has changed since"
        if data is not None:
            raise DataError(f"{said}, or is another. Name the right one, or train the run again.")
        return None, f"{said}."
    prepared = prepare(dataset, info.config, ContentFeatures())
    if prepared.key != info.evaluation_key:
        return None, f"run {info.run_id} was measured by another version of the program."
    return prepared, ""
