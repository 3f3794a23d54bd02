"""Everything that outlives a script run: one store, one queue and a few loaded things for the whole process."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui.frame import svg_uri
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.topics import format_topic
from relvid_core.experiments.compare import paired_table
from relvid_core.experiments.datasets import DatasetSource, find_datasets, load_dataset, runs_home, source_named
from relvid_core.experiments.prepared import Cut, PreparedCache, cut
from relvid_core.experiments.queue import TrainingQueue
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.store import RunStore

_PICTURES: Final = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
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
    return PreparedCache()


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
    return load_dataset(source_named(key))


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
    data = dataset(dataset_key)
    return _thumbnail(dataset_key, data.catalog.fingerprint, row)


@st.cache_data(show_spinner=False, max_entries=4000)
def _thumbnail(dataset_key: str, fingerprint: str, row: int) -> str:
    catalog = dataset(dataset_key).catalog
    path = catalog.thumbnail(row)
    if path is not None and path.stat().st_size <= _LARGEST_PICTURE:
        data = path.read_bytes()
        kind = next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), None)
        if kind is not None:
            return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    topics = catalog.topics.paths[row]
    return placeholder(catalog.titles[row], format_topic(topics[0][:1]) if topics else "")


def placeholder(title: str, topic: str) -> str:
    """A 16:9 picture for a video without one, as a data URI: its initials on its topic's colour."""
    hue = int.from_bytes(hashlib.sha256(topic.encode()).digest()[:2], "big") * 360 // 65536 if topic else 210
    strength = 34 if topic else 8  # per cent of saturation: quiet, white text stays above 4.5:1 on both ends
    words = [word for word in title.split() if word[0].isalnum()] or ["·"]
    initials = "".join(word[0] for word in words[:2]).upper()
    variant = int.from_bytes(hashlib.sha256(title.encode()).digest()[:2], "big")
    x, y, r = 40 + variant % 240, 20 + variant // 7 % 140, 60 + variant // 11 % 60
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">'
        '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
        f'<stop offset="0" stop-color="hsl({hue},{strength}%,38%)"/>'
        f'<stop offset="1" stop-color="hsl({(hue + 24) % 360},{strength}%,26%)"/></linearGradient></defs>'
        '<rect width="320" height="180" fill="url(#g)"/>'
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" fill-opacity=".07"/>'
        f'<circle cx="{320 - x}" cy="{180 - y}" r="{r * 0.6:.0f}" fill="#fff" fill-opacity=".06"/>'
        '<text x="160" y="112" font-family="system-ui,sans-serif" font-size="62" font-weight="600" '
        'text-anchor="middle" letter-spacing="2" fill="#fff" fill-opacity=".92">'
        f"{html.escape(initials)}</text></svg>"
    )
    return svg_uri(svg)
