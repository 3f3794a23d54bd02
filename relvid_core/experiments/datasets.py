"""Which datasets there are to choose from: the sample world, and every folder of data that an adapter knows."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from relvid_core.data.adapters import detect, load
from relvid_core.data.dataset import Dataset
from relvid_core.errors import DataError
from relvid_core.simulation.loader import load_sample

SAMPLE = "sample"


@dataclass(frozen=True)
class DatasetSource:
    """A dataset that can be loaded by key. The key of a folder is its name, as it stands in links and runs."""

    key: str
    title: str
    folder: Path | None = None  # None: the sample world that ships with the project
    adapter: str = SAMPLE


def data_home() -> Path:
    """Where data folders are looked for: $RELVID_DATA, else `data` in the working folder."""
    return Path(os.environ.get("RELVID_DATA", "data"))


def runs_home() -> Path:
    """Where runs are stored: $RELVID_HOME, else `runs` in the working folder."""
    return Path(os.environ.get("RELVID_HOME", "runs"))


def find_datasets(home: Path | None = None) -> list[DatasetSource]:
    """The sample world first, then every recognised folder in `home` by name."""
    home = data_home() if home is None else home
    found = [DatasetSource(SAMPLE, "Sample world (built in)")]
    for folder in sorted(home.iterdir()) if home.is_dir() else []:
        if folder.is_dir() and (adapter := detect(folder)) is not None:
            found.append(DatasetSource(folder.name, f"{folder.name} ({adapter})", folder, adapter))
    return found


def load_dataset(source: DatasetSource) -> Dataset:
    """Load one dataset. Raises DataError with what is wrong in which file."""
    dataset = load_sample() if source.folder is None else load(source.folder, source.adapter)
    return replace(dataset, key=source.key)


def source_named(key: str, home: Path | None = None) -> DatasetSource:
    """The dataset with this key, or the folder at this path. Raises DataError with the ones there are."""
    sources = find_datasets(home)
    for source in sources:
        if source.key == key:
            return source
    folder = Path(key)
    if folder.is_dir() and (adapter := detect(folder)) is not None:
        return DatasetSource(folder.name, f"{folder.name} ({adapter})", folder, adapter)
    known = ", ".join(source.key for source in sources)
    raise DataError(f"dataset {key!r}: not found. Known here: {known}. Name one of them, or a folder that holds data.")
