"""Which datasets there are to choose from: the sample world, and every folder of data that an adapter knows.

Folders are found in $RELVID_DATA, or were added by path; the latter are remembered in $RELVID_HOME/datasets.toml.
Datasets that were imported from a user's own files lie in $RELVID_HOME/datasets.
"""

from __future__ import annotations

import itertools
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import tomli_w

from relvid_core.data.adapters import ADAPTERS, detect, load
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import shortened, write_whole
from relvid_core.errors import DataError
from relvid_core.intake.kept import bring_back, imported_folders, imported_title, load_imported, put_aside
from relvid_core.simulation.loader import load_sample

SAMPLE: Final = "sample"
REMEMBERED_FILE: Final = "datasets.toml"
IMPORTED: Final = "imported"


@dataclass(frozen=True)
class DatasetSource:
    """A dataset that can be loaded by key. The key of a folder is its name, as it stands in links and runs."""

    key: str
    title: str
    folder: Path | None = None  # None: the sample world that ships with the project
    adapter: str = SAMPLE
    remembered: bool = False  # added by path, so it can be removed from the list again
    imported: bool = False  # made from a user's own files and kept with the runs, so it can be deleted


def data_home() -> Path:
    """Where data folders are looked for: $RELVID_DATA, else `data` in the working folder."""
    return Path(os.environ.get("RELVID_DATA", "data"))


def runs_home() -> Path:
    """Where runs are stored: $RELVID_HOME, else `runs` in the working folder."""
    return Path(os.environ.get("RELVID_HOME", "runs"))


def find_datasets(home: Path | None = None) -> list[DatasetSource]:
    """The sample world, the imported datasets, then every recognised folder in `home`, then the remembered ones.

    Raises DataError if the file of remembered folders is damaged.
    """
    home = data_home() if home is None else home
    found = [DatasetSource(SAMPLE, "Sample world (built in)"), *_imported()]
    taken = {source.key for source in found}
    for folder in sorted(home.iterdir()) if home.is_dir() else []:
        if folder.name != SAMPLE and (adapter := _adapter_of(folder)) is not None:
            key = next(key for key in _numbered(folder.name) if key not in taken)
            found.append(replace(_of_folder(folder, adapter), key=key))
    for key, folder in remembered_folders().items():
        taken = {source.key for source in found}
        if key not in taken and (adapter := _adapter_of(folder)) is not None:
            found.append(_remembered(key, folder, adapter))
    return found


def remembered_folders() -> dict[str, Path]:
    """Key → folder of every folder that was added by path, whether it is there now or not."""
    path = runs_home() / REMEMBERED_FILE
    if not path.exists():
        return {}
    try:
        folders = tomllib.loads(path.read_text(encoding="utf-8")).get("folders", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}). Correct or delete it, then add the folders.") from error
    if not isinstance(folders, dict) or not all(isinstance(folder, str) for folder in folders.values()):
        raise DataError(f'{path}: [folders] must hold lines like name = "path". Correct or delete it.')
    return {key: Path(folder) for key, folder in folders.items()}


def remember_folder(text: str) -> DatasetSource:
    """Add the folder at this path to the datasets there are. Raises DataError if no adapter recognises it."""
    typed = text.strip().strip("\"'")
    if not typed or "\0" in typed:
        raise DataError("data folder: received no path. Give the full path of the folder that holds the files.")
    said = shortened(typed)
    try:
        folder = Path(typed).expanduser().resolve()
        is_folder = folder.is_dir()
    except (OSError, RuntimeError) as error:  # a name too long, a loop of links, an unknown ~user
        raise DataError(f"data folder: {said} is no usable path ({error}). Check its spelling.") from error
    if not is_folder:
        raise DataError(f"data folder: {said} is not a folder on this computer. Check its spelling.")
    try:
        adapter = detect(folder)
    except OSError as error:
        raise DataError(f"data folder: {said} cannot be opened ({error}). Check your rights to it.") from error
    if adapter is None:
        known = "\n".join(f"- {adapter.recognises}" for adapter in ADAPTERS.values())
        raise DataError(f"data folder: {said} holds none of the known formats. Recognised are:\n{known}")
    sources = find_datasets()
    for source in sources:
        if source.folder is not None and source.folder.resolve() == folder:
            return source
    remembered = remembered_folders()
    taken = {source.key for source in sources} | set(remembered)
    name = folder.name or "data"
    key = next(key for key in _numbered(name) if key not in taken)
    _write_remembered({**remembered, key: folder})
    return _remembered(key, folder, adapter)


def forget_folder(key: str) -> None:
    """Take a folder off the list; its files and its runs stay. Raises DataError if it is not on it."""
    remembered = remembered_folders()
    if key not in remembered:
        raise DataError(f"data folder {shortened(key)}: not on the list; it may have been removed already")
    _write_remembered({name: folder for name, folder in remembered.items() if name != key})


def _numbered(name: str) -> Iterator[str]:
    """name, name-2, name-3, …"""
    yield name
    yield from (f"{name}-{i}" for i in itertools.count(2))


def _write_remembered(folders: dict[str, Path]) -> None:
    home = runs_home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        text = tomli_w.dumps({"folders": {key: str(folder) for key, folder in folders.items()}})
        write_whole(home / REMEMBERED_FILE, text.encode())
    except (OSError, UnicodeEncodeError) as error:
        raise DataError(f"{home / REMEMBERED_FILE}: cannot be written ({error}). Set RELVID_HOME.") from error


def _adapter_of(folder: Path) -> str | None:
    """The format of a folder; None too for one that is gone or closed to us, which must not hide the others."""
    try:
        return detect(folder) if folder.is_dir() else None
    except OSError:
        return None


def _remembered(key: str, folder: Path, adapter: str) -> DatasetSource:
    """Named by its key: folders of one name must stay distinct to the reader."""
    return DatasetSource(key, f"{key} ({adapter})", folder, adapter, remembered=True)


def _of_folder(folder: Path, adapter: str) -> DatasetSource:
    return DatasetSource(folder.name, f"{folder.name} ({adapter})", folder, adapter)


def load_dataset(source: DatasetSource) -> Dataset:
    """Load one dataset. Raises DataError with what is wrong in which file."""
    if source.imported and source.folder is not None:
        return replace(load_imported(source.folder), key=source.key)
    dataset = load_sample() if source.folder is None else load(source.folder, source.adapter)
    return replace(dataset, key=source.key)


def _imported() -> list[DatasetSource]:
    """The imported datasets by key; one whose card is damaged stands there by its key, and loading it says why."""
    return [
        DatasetSource(folder.name, f"{imported_title(folder)} (imported)", folder, IMPORTED, imported=True)
        for folder in imported_folders(runs_home())
        if folder.name != SAMPLE
    ]


def delete_imported(key: str) -> None:
    """Put an imported dataset aside; its runs stay, and `restore_imported` brings it back. Raises DataError."""
    put_aside(runs_home(), key)


def restore_imported(key: str) -> DatasetSource:
    """Bring the imported dataset back that was deleted last under this key. Raises DataError."""
    bring_back(runs_home(), key)
    return next(source for source in _imported() if source.key == key)


def source_named(key: str, home: Path | None = None) -> DatasetSource:
    """The dataset with this key, or the folder at this path. Raises DataError with the ones there are."""
    sources = find_datasets(home)
    for source in sources:
        if source.key == key:
            return source
    folder = Path(key)
    if folder.is_dir() and (adapter := detect(folder)) is not None:
        return _of_folder(folder, adapter)
    known = ", ".join(source.key for source in sources)
    raise DataError(f"dataset {key!r}: not found. Known here: {known}. Name one of them, or a folder that holds data.")
