"""Everything that outlives a script run: one store, one queue and a few loaded things for the whole process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from pages.ui.content_download import WeightsDownload
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.catalog_search import CatalogSearch
from relvid_core.data.dataset import Dataset
from relvid_core.data.pictures import picture_uri
from relvid_core.errors import DataError
from relvid_core.experiments import standings
from relvid_core.experiments.content import content_store
from relvid_core.experiments.datasets import DatasetSource, find_datasets, load_dataset, runs_home, source_named
from relvid_core.experiments.prepared import Cut, PreparedCache, cut
from relvid_core.experiments.preview import PreviewCache
from relvid_core.experiments.projection_desk import ProjectionDesk
from relvid_core.experiments.queue import TrainingQueue
from relvid_core.experiments.reasons import Reasoner
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.store import RunStore

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


def runs_of(dataset_key: str) -> list[RunInfo]:
    """The stored runs and baselines of a dataset, newest first. Not cached: the disk is the truth."""
    return [info for info in store().list()[0] if info.dataset_key == dataset_key]


def current_runs(data: Dataset) -> list[RunInfo]:
    """Of `runs_of` those of the present data that are measured as they would be now."""
    return standings.current_runs(runs_of(data.key), data)


def thumbnail(dataset_key: str, row: int) -> str:
    """The picture of a video as a data URI; a drawn one in its topic's colour where there is none."""
    return picture(dataset(dataset_key).catalog, row)


def picture(catalog: Catalog, row: int) -> str:
    """`thumbnail` for whoever holds the catalogue: finding it by its key looks at the disk every time."""
    return _picture(catalog, catalog.fingerprint, row)


@st.cache_data(show_spinner=False, max_entries=4000)
def _picture(_catalog: Catalog, fingerprint: str, row: int) -> str:
    return picture_uri(_catalog, row, largest=_LARGEST_PICTURE)  # the underscore tells Streamlit not to hash it


def catalog_search(catalog: Catalog) -> CatalogSearch:
    """What answers a search in a catalogue; its words are folded once."""
    return _catalog_search(catalog, catalog.fingerprint)


@st.cache_resource(show_spinner=False, max_entries=4)
def _catalog_search(_catalog: Catalog, fingerprint: str) -> CatalogSearch:
    return CatalogSearch.of(_catalog)


def previews() -> PreviewCache:
    """The models whose sliders are ready to move."""
    return _previews(str(runs_home().resolve()))


@st.cache_resource(show_spinner=False)
def _previews(home: str) -> PreviewCache:
    return PreviewCache()


def has_pictures(data: Dataset) -> bool:
    """Whether any video of a dataset has a picture on disk."""
    return _has_pictures(data.catalog, data.fingerprint)


@st.cache_data(show_spinner=False, max_entries=16)
def _has_pictures(_catalog: Catalog, fingerprint: str) -> bool:
    return any(_catalog.thumbnail(row) is not None for row in range(len(_catalog)))


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
