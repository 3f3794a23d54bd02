"""Reading datasets in the formats that people have. One format a file; each returns a whole Dataset or raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from relvid_core.data.adapters import kuairand, kuairec, movielens, pairs, table
from relvid_core.data.adapters.relevance_files import with_relevance_files
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import listed
from relvid_core.errors import DataError


@dataclass(frozen=True)
class Adapter:
    """One format: how its folder is recognised, for code and in words, and how it is read with its defaults."""

    recognises: str
    matches: Callable[[Path], bool]
    load: Callable[[Path], Dataset]


ADAPTERS = {  # in the order in which they are tried
    "movielens": Adapter(movielens.RECOGNISES, movielens.matches, movielens.load),
    "kuairec": Adapter(kuairec.RECOGNISES, kuairec.matches, kuairec.load),
    "kuairand": Adapter(kuairand.RECOGNISES, kuairand.matches, kuairand.load),
    "pairs": Adapter(pairs.RECOGNISES, pairs.matches, pairs.load),
    "table": Adapter(table.RECOGNISES, table.matches, table.load),
}


def detect(folder: Path) -> str | None:
    """The key of the first format that recognises the folder, by file names only; None if none does."""
    return next((key for key, adapter in ADAPTERS.items() if adapter.matches(folder)), None)


def load(folder: Path, key: str | None = None) -> Dataset:
    """The dataset in `folder`, in the named format or the one that its file names show, with its relevance files.

    Raises DataError for a missing folder, an unknown key, an unrecognised folder, and whatever the adapter finds.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder. Give the folder that holds the unpacked files.")
    if key is None:
        key = detect(folder)
    if key is None:
        known = "\n".join(f"- {adapter.recognises}" for adapter in ADAPTERS.values())
        names = sorted(path.name for path in folder.iterdir())
        raise DataError(f"{folder.name}: no known dataset; found {listed(names)}. Recognised are:\n{known}")
    if key not in ADAPTERS:
        raise DataError(f"dataset format {key!r}: unknown; use one of {listed(ADAPTERS)}")
    return with_relevance_files(ADAPTERS[key].load(folder), folder)
