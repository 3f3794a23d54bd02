"""Runs on disk. Disk is the truth: a run is there completely or not at all, and is found again after a restart."""

from __future__ import annotations

import re
import shutil
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import tomli_w
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from relvid_core.config import ExperimentConfig
from relvid_core.data.files import write_whole
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.experiments.run import MAX_LABEL, OffPolicySummary, Run, RunInfo, RunKind
from relvid_core.experiments.tower_file import load_towers, save_towers
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.training.towers import FittedTowers

T = TypeVar("T")
_NOT_RUNS = frozenset({"content", "datasets", "maps", "votes"})  # folders of others beside the runs
_RUN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_CARD, _LISTS, _TOWERS, _SEEDS, _HISTORY = (
    "run.toml",
    "neighbours.safetensors",
    "towers.safetensors",
    "per_seed.parquet",
    "history.parquet",
)
_SEED_ROW = "seed_row"
_CARDS_KEPT = 2000  # some 5 kB each


class RunStore:
    """A folder of runs, one folder each. Safe for several readers and one writer at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, run: Run) -> Path:
        """Write a run to a temporary folder and rename it into place. Raises RunError if the disk refuses."""
        target = self._folder(run.info.run_id)
        draft = self.root / f".draft-{uuid.uuid4().hex}"
        try:
            draft.mkdir(parents=True)
            lists = {"rows": run.neighbours.rows, "scores": run.neighbours.scores}
            save_file({name: np.ascontiguousarray(array) for name, array in lists.items()}, draft / _LISTS)
            if run.towers is not None:
                save_towers(run.towers, draft / _TOWERS)
            pd.DataFrame({_SEED_ROW: run.seeds, **run.per_seed}).to_parquet(draft / _SEEDS)
            run.history.to_parquet(draft / _HISTORY)
            (draft / _CARD).write_text(_card(run), encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            draft.rename(target)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise RunError(
                f"run {run.info.label!r} could not be saved in {self.root}: {error}. "
                "Free some space, or set RELVID_HOME."
            ) from error
        return target

    def list(self) -> tuple[list[RunInfo], list[str]]:
        """All runs, newest first, and one sentence for every folder that cannot be read."""
        found, problems = [], []
        for folder in sorted(self.root.glob("[!.]*/")) if self.root.is_dir() else []:
            if folder.name in _NOT_RUNS:
                continue
            try:
                found.append(_known_info(folder, _stamp(folder)))
            except RunError as error:
                problems.append(str(error))
        return sorted(found, key=lambda info: info.created_at, reverse=True), problems

    def info(self, run_id: str) -> RunInfo:
        """The card of one run. Raises RunError."""
        folder = self._folder(run_id)
        return _known_info(folder, _stamp(folder))

    def estimates(self, run_id: str) -> dict[str, Estimate]:
        """Metric → mean with interval of one run, without reading its lists. Raises RunError."""
        folder = self._folder(run_id)
        return dict(_known_estimates(folder, _stamp(folder)))

    def per_seed(self, run_id: str, metrics: Sequence[str]) -> dict[str, PerSeed]:
        """Some metrics of a run by seed video, `[n_seeds]` each, without reading its lists. Raises RunError.

        Metrics that the run lacks are left out.
        """
        folder = self._folder(run_id)
        try:
            there = set(pq.read_schema(folder / _SEEDS).names)
            table = pd.read_parquet(folder / _SEEDS, columns=[name for name in metrics if name in there])
        except (OSError, ValueError) as error:
            raise RunError(
                f"run {run_id}: {_SEEDS} is missing or damaged ({error}). Delete the run and train it again."
            ) from error
        return {str(name): table[name].to_numpy(dtype=np.float64, copy=True) for name in table.columns}

    def exists(self, run_id: str) -> bool:
        """Whether a run with this id is on disk; False for anything that is no run id."""
        return bool(_RUN_ID.fullmatch(run_id)) and (self._folder(run_id) / _CARD).is_file()

    def load(self, run_id: str) -> Run:
        """A whole run. Raises RunError if it is missing, incomplete or damaged."""
        folder = self._folder(run_id)
        info = _info(folder)
        try:
            lists = load_file(folder / _LISTS)
            neighbours = Neighbours(lists["rows"], lists["scores"])
            towers = load_towers(folder / _TOWERS) if info.kind == "model" else None
            seeds = pd.read_parquet(folder / _SEEDS)
            history = pd.read_parquet(folder / _HISTORY)
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise RunError(
                f"run {run_id}: a file in {folder} is missing or damaged ({error}). Delete the run and train it again."
            ) from error
        per_seed = {str(name): seeds[name].to_numpy(copy=True) for name in seeds.columns if name != _SEED_ROW}
        rows = seeds[_SEED_ROW].to_numpy(dtype=np.int32, copy=True)
        if neighbours.rows.shape[0] != info.n_videos or neighbours.rows.shape != neighbours.scores.shape:
            raise RunError(
                f"run {run_id}: its lists {neighbours.rows.shape} do not fit {info.n_videos} videos. Train it again."
            )
        if towers is not None and len(towers.heads[0].seed) != info.n_videos:
            raise RunError(
                f"run {run_id}: its towers hold {len(towers.heads[0].seed)} videos and do not fit {info.n_videos}. "
                "Train it again."
            )
        return Run(info, rows, per_seed, _estimates(folder), neighbours, history, towers)

    def towers(self, run_id: str) -> FittedTowers:
        """The trained towers of a model, without the rest of its run. Raises RunError."""
        path = self._folder(run_id) / _TOWERS
        try:
            return load_towers(path)
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise RunError(
                f"run {run_id}: {path.name} is missing or damaged ({error}). Delete the run and train it again."
            ) from error

    def rename(self, run_id: str, label: str) -> None:
        """Give a run another label. Raises RunError for an empty or overlong one."""
        clean = " ".join(label.split())
        if not 1 <= len(clean) <= MAX_LABEL:
            raise RunError(f"run label: received {len(clean)} characters; use 1 to {MAX_LABEL}")
        card = self._folder(run_id) / _CARD
        values = _read_card(card)
        values["label"] = clean
        write_whole(card, tomli_w.dumps(values).encode())

    def delete(self, run_id: str) -> None:
        """Move a run to the trash, from which `restore` brings it back."""
        folder = self._folder(run_id)
        if not folder.is_dir():
            raise RunError(f"run {run_id}: not found in {self.root}; it may have been deleted already")
        trash = self.root / ".trash"
        trash.mkdir(exist_ok=True)
        shutil.rmtree(trash / run_id, ignore_errors=True)
        folder.rename(trash / run_id)

    def restore(self, run_id: str) -> None:
        """Undo `delete`. Raises RunError if the run is not in the trash."""
        target = self._folder(run_id)
        trashed = self.root / ".trash" / run_id
        if not trashed.is_dir() or target.exists():
            raise RunError(f"run {run_id}: nothing to restore")
        trashed.rename(target)

    def _folder(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id):
            raise RunError(f"run id: received {run_id[:100]!r}; ids hold lower-case letters, digits, - and _ only")
        return self.root / run_id


def _card(run: Run) -> str:
    info = run.info
    values: dict[str, Any] = {
        "format": 1,
        **{name: getattr(info, name) for name in _TEXT_FIELDS},
        "created_at": info.created_at,
        "n_videos": info.n_videos,
        "seconds": info.seconds,
        "config": tomllib.loads(info.config.to_toml()),
        "estimates": {name: asdict(estimate) for name, estimate in run.estimates.items()},
    }
    if info.off_policy is not None:
        values["off_policy"] = asdict(info.off_policy)
    if info.content:
        values["content"] = list(info.content)
    if info.started_from is not None:
        values["started_from"] = info.started_from
    if info.judged_by:
        values["judged_by"] = dict(info.judged_by)
    if info.notes:
        values["notes"] = list(info.notes)
    return tomli_w.dumps(values)


_TEXT_FIELDS = (
    "run_id",
    "label",
    "kind",
    "dataset_key",
    "dataset_title",
    "dataset_fingerprint",
    "evaluation_key",
)


def _stamp(folder: Path) -> tuple[int, ...]:
    """Changes whenever the card of a run is written; empty where there is none."""
    try:
        card = (folder / _CARD).stat()
    except OSError:
        return ()
    return card.st_mtime_ns, card.st_ino, card.st_size


@lru_cache(maxsize=_CARDS_KEPT)
def _known_info(folder: Path, stamp: tuple[int, ...]) -> RunInfo:
    """`_info`, parsed once for every stamp: a page asks for all of them each time that it is drawn."""
    return _info(folder)


@lru_cache(maxsize=_CARDS_KEPT)
def _known_estimates(folder: Path, stamp: tuple[int, ...]) -> dict[str, Estimate]:
    """`_estimates`, parsed once for every stamp."""
    return _estimates(folder)


def _read_card(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RunError(
            f"run {path.parent.name}: {path.name} cannot be read ({error}). Delete the folder, or restore the file."
        ) from error


def _info(folder: Path) -> RunInfo:
    values = _read_card(folder / _CARD)
    try:
        judged_by = _typed(values.get("judged_by", {}), dict)
        texts = {name: _typed(values[name], str) for name in _TEXT_FIELDS}
        off_policy = OffPolicySummary(**values["off_policy"]) if "off_policy" in values else None
        if texts["kind"] not in get_args(RunKind) or texts["run_id"] != folder.name:
            raise RunError(f"run {folder.name}: its card says kind {texts['kind']!r} and id {texts['run_id']!r}")
        return RunInfo(
            **texts,  # type: ignore[arg-type]  # kind was checked above
            created_at=float(values["created_at"]),
            config=ExperimentConfig.from_toml(tomli_w.dumps(values["config"])),
            n_videos=int(values["n_videos"]),
            seconds=float(values["seconds"]),
            off_policy=off_policy,
            content=_texts(values, "content"),
            started_from=_typed(values["started_from"], str) if "started_from" in values else None,
            judged_by=tuple((metric, _typed(on, str)) for metric, on in judged_by.items()),
            notes=_texts(values, "notes"),
        )
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        raise RunError(
            f"run {folder.name}: its card is not one of this version ({error}). Delete it and train again."
        ) from error


def _texts(values: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_typed(said, str) for said in _typed(values.get(name, []), list))


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"found {value!r}, expected {kind.__name__}")
    return value


def _estimates(folder: Path) -> dict[str, Estimate]:
    values = _read_card(folder / _CARD).get("estimates", {})
    try:
        return {
            name: Estimate(float(e["mean"]), float(e["low"]), float(e["high"]), int(e["n"]))
            for name, e in values.items()
        }
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"run {folder.name}: its estimates cannot be read ({error}). Delete it and train again."
        ) from error
