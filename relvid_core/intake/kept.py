"""The datasets that were imported: found again, loaded, put aside and brought back."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from relvid_core.data.adapters import load
from relvid_core.data.adapters.catalogue_file import read_catalogue
from relvid_core.data.adapters.relevance_files import with_relevance_files
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import shortened
from relvid_core.errors import DataError
from relvid_core.intake.clean import no_interactions
from relvid_core.intake.store import CARD_FILE, CATALOGUE_FILE, DATASETS, is_key, read_card

TRASH: Final = ".trash"
_KEPT_S: Final = 30 * 86_400  # seconds until what was put aside is removed for good


def imported_folders(home: Path) -> list[Path]:
    """The folders of imported datasets, by key."""
    root = home / DATASETS
    if not root.is_dir():
        return []
    return [folder for folder in sorted(root.iterdir()) if is_key(folder.name) and (folder / CARD_FILE).is_file()]


def imported_title(folder: Path) -> str:
    """The name that its owner gave it; its key where the card cannot be read."""
    try:
        return read_card(folder).name
    except DataError:
        return folder.name


def load_imported(folder: Path) -> Dataset:
    """An imported dataset; one without a watch log has an empty log. Raises DataError."""
    card = read_card(folder)
    if card.has_log:
        dataset = load(folder, "table")
    else:
        catalog = read_catalogue(folder / CATALOGUE_FILE, None)
        empty = Dataset(folder.name, card.name, catalog, no_interactions(catalog))
        dataset = with_relevance_files(empty, folder)
    notes = tuple(dict.fromkeys((*card.notes, *dataset.notes)))
    return replace(dataset, key=folder.name, title=card.name, notes=notes)


def put_aside(home: Path, key: str) -> None:
    """Move a dataset into the trash, in place of an older one of its key. Raises DataError if it is not there."""
    folder = _place(home, key)
    trash = home / DATASETS / TRASH
    if not folder.is_dir():
        raise DataError(f"dataset {shortened(key)}: not among the imported ones; it may have been deleted already.")
    try:
        trash.mkdir(exist_ok=True)
        _remove_old(trash)
        shutil.rmtree(trash / key, ignore_errors=True)
        os.rename(folder, trash / key)
        os.utime(trash / key)
    except OSError as error:
        raise DataError(f"dataset {shortened(key)}: cannot be deleted ({error.strerror or error}).") from error


def bring_back(home: Path, key: str) -> Path:
    """Take a dataset out of the trash again. Raises DataError if it is not there or its place is taken."""
    folder = _place(home, key)
    aside = home / DATASETS / TRASH / key
    if not aside.is_dir():
        raise DataError(f"dataset {shortened(key)}: nothing to bring back; it was not deleted here lately.")
    if folder.exists():
        raise DataError(f"dataset {shortened(key)}: another one has this name now. Delete that one first.")
    try:
        os.rename(aside, folder)
    except OSError as error:
        raise DataError(f"dataset {shortened(key)}: cannot be brought back ({error.strerror or error}).") from error
    return folder


def _place(home: Path, key: str) -> Path:
    if not is_key(key):
        raise DataError(f"dataset {shortened(key)}: not the name of an imported dataset.")
    return home / DATASETS / key


def _remove_old(trash: Path) -> None:
    for folder in trash.iterdir():
        if time.time() - folder.stat().st_mtime > _KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
