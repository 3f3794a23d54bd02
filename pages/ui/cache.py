"""Everything that outlives a script run: one store, one queue and a few loaded things for the whole process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from pages.ui.content_download import WeightsDownload
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.pictures import picture_uri
from relvid_core.data.propensity import Propensity
from relvid_core.errors import DataError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.quality import QualityReading, read_quality
from relvid_core.experiments.compare import paired_table
from relvid_core.experiments.confirm import Confirmation, NoiseFloor, confirm, noise_floor
from relvid_core.experiments.content import content_store
from relvid_core.experiments.correction_verdict import CorrectionTable, judge_corrections
from relvid_core.experiments.corrections import Method, fitted_of, predicted_of, true_engagement
from relvid_core.experiments.datasets import SAMPLE, DatasetSource, find_datasets, load_dataset, runs_home, source_named
from relvid_core.experiments.ladder_reading import LadderReading
from relvid_core.experiments.prepared import Cut, PreparedCache, cut
from relvid_core.experiments.preview import Preview, PreviewCache, View
from relvid_core.experiments.projection_desk import ProjectionDesk
from relvid_core.experiments.queue import TrainingQueue
from relvid_core.experiments.reasons import Reasoner
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.store import RunStore
from relvid_core.intake import mapping
from relvid_core.intake.health import HealthReport
from relvid_core.intake.mapping import ColumnGuess
from relvid_core.intake.numbers import as_numbers
from relvid_core.intake.raw import RawTable, Role
from relvid_core.simulation.loader import load_truth
from relvid_core.simulation.truth import Probabilities

_LARGEST_PICTURE: Final = 1_000_000  # bytes; a page holds some forty of them


def store() -> RunStore:
    """The runs in RELVID_HOME."""
    return _store(str(runs_home().resolve()))


def prepared() -> PreparedCache:
    """Splits, co-engagement and judges of the datasets in use."""
    return _prepared(str(runs_home().resolve()))


def queue() -> TrainingQueue:
    """The one training queue of the process: it goes on when a page, a tab or a session ends."""
    return _queue(str(runs_home().resolve()))


# Keyed by the folder of the runs, so that a process that changes it (a test) never sees another folder's runs.
@st.cache_resource(show_spinner=False)
def _store(home: str) -> RunStore:
    return RunStore(Path(home))


@st.cache_resource(show_spinner=False)
def _prepared(home: str) -> PreparedCache:
    return PreparedCache(store=content_store())


@st.cache_resource(show_spinner=False)
def _queue(home: str) -> TrainingQueue:
    return TrainingQueue(_store(home), dataset, _prepared(home))


def cut_of(dataset_key: str, config: ExperimentConfig) -> Cut:
    """What the training of a config would learn from. Raises DataError, or NotEnoughData for too short a log."""
    decisive = ExperimentConfig(split=config.split, coengagement=config.coengagement)
    return _cut(dataset_key, dataset(dataset_key).fingerprint, decisive.to_toml())


@st.cache_resource(show_spinner=False, max_entries=4)
def _cut(dataset_key: str, fingerprint: str, config: str) -> Cut:
    return cut(dataset(dataset_key), ExperimentConfig.from_toml(config))


def sources() -> list[DatasetSource]:
    """The datasets there are now. Raises DataError if the list of remembered folders is damaged."""
    return find_datasets()


def dataset(key: str) -> Dataset:
    """A dataset, read once while its files stay the same. Raises DataError."""
    source = source_named(key)
    return _dataset(source.key, str(source.folder or ""), _stamp(source.folder))


@st.cache_resource(show_spinner="Reading the data …", max_entries=4)
def _dataset(key: str, folder: str, stamp: float) -> Dataset:
    loaded = load_dataset(source_named(key))
    _facts()[key, folder, stamp] = Facts.of(loaded)
    return loaded


@dataclass(frozen=True)
class Facts:
    """What a list of datasets says about one of them; zeros and the reason where it cannot be read."""

    n_videos: int
    n_users: int | None  # None: not recorded
    n_engagements: int
    licence: str
    problem: str = ""

    @classmethod
    def of(cls, data: Dataset) -> Facts:
        """The facts of a loaded dataset."""
        log = data.interactions
        n_users = log.n_users if data.pairs is None else None
        return cls(len(data.catalog), n_users, len(log.engagements), data.licence)


def known_facts(source: DatasetSource) -> Facts | None:
    """What is known of a dataset without reading it now: its facts if it was read since its files changed."""
    return _facts().get((source.key, str(source.folder or ""), _stamp(source.folder)))


def read_facts(source: DatasetSource) -> None:
    """Read a dataset for its facts alone, without keeping it in place of those in use."""
    if known_facts(source) is None:
        try:
            facts = Facts.of(load_dataset(source))
        except DataError as error:
            facts = Facts(0, 0, 0, "", str(error))
        _facts()[source.key, str(source.folder or ""), _stamp(source.folder)] = facts


@st.cache_resource(show_spinner=False)
def _facts() -> dict[tuple[str, str, float], Facts]:
    return {}


def _stamp(folder: Path | None) -> float:
    """Changes when a file directly in the folder does."""
    if folder is None:
        return 0.0
    return max((path.stat().st_mtime for path in folder.iterdir() if path.is_file()), default=0.0)


def run(run_id: str) -> Run:
    """A stored run. Raises RunError."""
    info = store().info(run_id)
    return _run(run_id, str(store().root), info.created_at, info.label)


@st.cache_resource(show_spinner=False, max_entries=12)
def _run(run_id: str, home: str, created_at: float, label: str) -> Run:
    return RunStore(Path(home)).load(run_id)


def reasoner(run_id: str) -> Reasoner:
    """What explains the lists of a stored run; it takes the towers apart the first time. Raises RelvidError."""
    info = store().info(run_id)
    return _reasoner(run_id, str(store().root), info.evaluation_key, info.created_at)


@st.cache_resource(show_spinner="Taking the model apart …", max_entries=8)
def _reasoner(run_id: str, home: str, evaluation_key: str, created_at: float) -> Reasoner:
    found = run(run_id)
    return Reasoner(found, prepared().get(dataset(found.info.dataset_key), found.info.config))


def paired(a: str, b: str) -> pd.DataFrame:
    """`compare.paired_table` of two stored runs; half a second of resampling the first time. Raises RunError."""
    return _paired(a, b, str(store().root), store().info(a).created_at, store().info(b).created_at)


@st.cache_data(show_spinner="Comparing the runs …", max_entries=64)
def _paired(a: str, b: str, home: str, made_a: float, made_b: float) -> pd.DataFrame:
    return paired_table(run(a), run(b))


def runs_of(dataset_key: str) -> list[RunInfo]:
    """The stored runs and baselines of a dataset, newest first. Not cached: the disk is the truth."""
    return [info for info in store().list()[0] if info.dataset_key == dataset_key]


def thumbnail(dataset_key: str, row: int) -> str:
    """The picture of a video as a data URI; a drawn one in its topic's colour where there is none."""
    return picture(dataset(dataset_key).catalog, row)


def picture(catalog: Catalog, row: int) -> str:
    """`thumbnail` for whoever holds the catalogue: finding it by its key looks at the disk every time."""
    return _picture(catalog, catalog.fingerprint, row)


@st.cache_data(show_spinner=False, max_entries=4000)
def _picture(_catalog: Catalog, fingerprint: str, row: int) -> str:
    return picture_uri(_catalog, row, largest=_LARGEST_PICTURE)  # the underscore tells Streamlit not to hash it


def propensity(dataset_key: str, config: ExperimentConfig) -> Propensity:
    """How often each video was shown, by the config's source. Raises DataError where the log cannot say."""
    asked = config.off_policy
    decisive = ExperimentConfig(split=config.split, coengagement=config.coengagement).with_values(
        off_policy__propensity=asked.propensity, off_policy__gamma=asked.gamma, off_policy__smoothing=asked.smoothing
    )
    return _propensity(dataset_key, dataset(dataset_key).fingerprint, decisive.to_toml())


@st.cache_resource(show_spinner=False, max_entries=64)
def _propensity(dataset_key: str, fingerprint: str, config: str) -> Propensity:
    asked = ExperimentConfig.from_toml(config)
    return Propensity.from_log(cut_of(dataset_key, asked).history, asked.off_policy, dataset(dataset_key).catalog)


def quality(dataset_key: str, config: ExperimentConfig) -> QualityReading:
    """Whether popularity is luck or quality in what the config would learn from."""
    return _quality(dataset_key, dataset(dataset_key).fingerprint, ExperimentConfig(split=config.split).to_toml())


@st.cache_resource(show_spinner=False, max_entries=16)
def _quality(dataset_key: str, fingerprint: str, config: str) -> QualityReading:
    return read_quality(cut_of(dataset_key, ExperimentConfig.from_toml(config)).history)


def exponents(run_id: str) -> tuple[float, Estimate]:
    """The net popularity exponent of a stored model, predicted and fitted. Raises RunError."""
    info = store().info(run_id)
    return _exponents(run_id, str(store().root), info.created_at, info.dataset_fingerprint)


@st.cache_resource(show_spinner=False, max_entries=200)
def _exponents(run_id: str, home: str, created_at: float, fingerprint: str) -> tuple[float, Estimate]:
    found = run(run_id)
    key, config = found.info.dataset_key, found.info.config
    parts = cut_of(key, config)
    return predicted_of(config, parts, dataset(key).catalog), fitted_of(found, parts)


def corrections(run_ids: dict[Method, str]) -> CorrectionTable:
    """The verdict over the four stored runs of a comparison; a few seconds the first time. Raises RunError."""
    made = tuple(store().info(run_id).created_at for run_id in run_ids.values())
    return _corrections(tuple(run_ids.items()), str(store().root), made)


@st.cache_resource(show_spinner="Comparing the runs, seed video by seed video …", max_entries=16)
def _corrections(run_ids: tuple[tuple[Method, str], ...], home: str, made: tuple[float, ...]) -> CorrectionTable:
    runs = {method: run(run_id) for method, run_id in run_ids}
    first = runs["none"]
    if first.info.dataset_key != SAMPLE:
        return judge_corrections(runs)
    related = _related(first.info.evaluation_key, first)
    return judge_corrections(runs, {method: true_engagement(one, related) for method, one in runs.items()})


@st.cache_resource(show_spinner="Asking the sample world what its viewers truly like …", max_entries=1)
def _related(evaluation_key: str, _run: Run) -> Probabilities:
    """What viewers of each seed video would make of every video; the same for all runs with this evaluation key."""
    return load_truth().related_engagement(_run.seeds)


def previews() -> PreviewCache:
    """The models whose sliders are ready to move."""
    return _previews(str(runs_home().resolve()))


@st.cache_resource(show_spinner=False)
def _previews(home: str) -> PreviewCache:
    return PreviewCache()


def confirmation(preview: Preview, view: View, retrained_id: str) -> Confirmation:
    """`confirm.confirm` against a stored run; resampling takes a moment the first time. Raises RunError."""
    position, home = view.position, str(store().root)
    return _confirmation(preview, view, preview.info.run_id, position.omega, position.kappa, retrained_id, home)


@st.cache_data(show_spinner=False, max_entries=64)
def _confirmation(
    _preview: Preview, _view: View, run_id: str, omega: float, kappa: float, retrained_id: str, home: str
) -> Confirmation:
    return confirm(_preview, _view, run(retrained_id))


def noise(a: str, b: str) -> NoiseFloor:
    """`confirm.noise_floor` of two stored runs. Raises RunError."""
    return _noise(a, b, str(store().root))


@st.cache_data(show_spinner=False, max_entries=16)
def _noise(a: str, b: str, home: str) -> NoiseFloor:
    return noise_floor(run(a), run(b))


def column_guesses(table: RawTable, token: str, role: Role) -> dict[str, ColumnGuess]:
    """`mapping.column_guesses` of an uploaded table; `token` stands for the table, which is not compared."""
    return _column_guesses(table, token, role)


@st.cache_data(show_spinner=False, max_entries=16)
def _column_guesses(_table: RawTable, token: str, role: Role) -> dict[str, ColumnGuess]:
    return mapping.column_guesses(_table, role)


def table_role(table: RawTable, token: str) -> Role | None:
    """`mapping.guess_role` of an uploaded table."""
    return _table_role(table, token)


@st.cache_data(show_spinner=False, max_entries=16)
def _table_role(_table: RawTable, token: str) -> Role | None:
    return mapping.guess_role(_table)


def sorted_numbers(table: RawTable, token: str, column: str) -> npt.NDArray[np.float64]:
    """The numbers of a column in ascending order: `[n]`, cells that are none left out."""
    return _sorted_numbers(table, token, column)


@st.cache_resource(show_spinner=False, max_entries=2)  # up to 80 MB each
def _sorted_numbers(_table: RawTable, token: str, column: str) -> npt.NDArray[np.float64]:
    return np.sort(as_numbers(_table.frame[column]).dropna().to_numpy(dtype=np.float64))


def kept_health(data: Dataset) -> HealthReport | None:
    """The health report of a dataset, if it was found out since the data changed."""
    return _healths().get(data.fingerprint)


def keep_health(data: Dataset, report: HealthReport) -> None:
    """Remember a health report; of the last few datasets."""
    kept = _healths()
    kept[data.fingerprint] = report
    while len(kept) > 8:
        del kept[next(iter(kept))]


@st.cache_resource(show_spinner=False)
def _healths() -> dict[str, HealthReport]:
    return {}


def has_pictures(data: Dataset) -> bool:
    """Whether any video of a dataset has a picture on disk."""
    return _has_pictures(data.catalog, data.fingerprint)


@st.cache_data(show_spinner=False, max_entries=16)
def _has_pictures(_catalog: Catalog, fingerprint: str) -> bool:
    return any(_catalog.thumbnail(row) is not None for row in range(len(_catalog)))


def ladder_readings() -> dict[tuple[object, ...], LadderReading]:
    """The last ladders that were read, by what they were read from: a page looks here before it takes the time."""
    return _ladder_readings(str(runs_home().resolve()))


@st.cache_resource(show_spinner=False)
def _ladder_readings(home: str) -> dict[tuple[object, ...], LadderReading]:
    return {}


@st.cache_resource(show_spinner=False)
def weights_download() -> WeightsDownload:
    """The one download of CLIP weights of the process."""
    return WeightsDownload()


def projections() -> ProjectionDesk:
    """The maps of the catalogue in RELVID_HOME."""
    return _projections(str(runs_home().resolve()))


@st.cache_resource(show_spinner=False)
def _projections(home: str) -> ProjectionDesk:
    return ProjectionDesk(Path(home))
