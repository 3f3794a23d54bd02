"""A user's own catalogue file: one video a row, with the columns of `relvid_core.columns`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.cells import Kind
from relvid_core.data.files import find_file, listed
from relvid_core.data.tables import read_table
from relvid_core.data.topics import parse_topics
from relvid_core.errors import DataError

ColumnNames = Mapping[str, str]  # our column name → the name that the file uses

STEMS = ("catalogue", "catalog", "videos")
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
_THUMBNAILS = "thumbnails"
_OPTIONAL: Mapping[str, Kind] = {
    c.TITLE: "text",
    c.DESCRIPTION: "text",
    c.TOPICS: "text",
    c.CREATOR: "text",
    c.DURATION_S: "measure",
    c.PUBLISHED_AT: "text",
    c.THUMBNAIL: "text",
}


def find_catalogue(folder: Path) -> Path | None:
    """The catalogue file of a folder, by its name."""
    return find_file(folder, STEMS, SUFFIXES)


def read_catalogue(path: Path, thumbnails: Path | None, names: ColumnNames | None = None) -> Catalog:
    """The catalogue in `path`; thumbnail names are looked up in `thumbnails`, or beside the file in `thumbnails/`."""
    frame = read_named(path, {c.VIDEO_ID: "id"}, _OPTIONAL, names or {})
    if c.TOPICS in frame:
        frame[c.TOPICS] = parsed_topics(frame[c.TOPICS])
    if c.PUBLISHED_AT in frame:
        frame[c.PUBLISHED_AT] = blank_as_missing(frame[c.PUBLISHED_AT])
    root = thumbnails or path.parent / _THUMBNAILS
    return Catalog.from_frame(frame, source=path.name, thumbnail_root=root if root.is_dir() else None)


def blank_as_missing(cells: pd.Series) -> pd.Series:
    """Cells of nothing but spaces as missing values."""
    text = cells.str.strip()
    return text.where(text != "")


def parsed_topics(cells: pd.Series) -> pd.Series:
    """Topic paths of every cell such as "Food > Baking | Travel"; each distinct cell is parsed once."""
    parsed = {cell: parse_topics(cell) for cell in cells.unique()}
    return pd.Series([parsed[cell] for cell in cells], index=cells.index, dtype=object)


def read_named(
    path: Path, required: Mapping[str, Kind], optional: Mapping[str, Kind], names: ColumnNames
) -> pd.DataFrame:
    """`read_table` for columns that may go by another name in the file; comes back with our names.

    A column that was named by the user must be there, even an optional one. Raises DataError.
    """
    known = {**required, **optional}
    if unknown := sorted(set(names) - set(known)):
        raise DataError(f"{path.name}: column names given for {listed(unknown)}; possible are {listed(known)}.")
    in_file = {name: names.get(name, name) for name in known}
    if len(set(in_file.values())) < len(in_file):
        raise DataError(f"{path.name}: one column was named for two uses ({listed(in_file.values())}). Name each once.")
    needed = {in_file[name]: kind for name, kind in known.items() if name in required or name in names}
    frame = read_table(path, needed, {in_file[name]: kind for name, kind in known.items()})
    return frame.rename(columns={there: ours for ours, there in in_file.items()})
