"""Vectors of videos that somebody computed elsewhere: a Parquet table, or a NumPy matrix with its ids beside it."""

from __future__ import annotations

import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.cells import Kind, checked
from relvid_core.data.files import Limits, existing_size, find_file, listed, shortened
from relvid_core.data.interactions import Floats
from relvid_core.data.parquet import read_parquet
from relvid_core.data.tables import read_table
from relvid_core.errors import DataError, NotEnoughData

MAX_DIM: Final = 8192
TABLE_SUFFIXES: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")

_NPY_MAGIC = b"\x93NUMPY"
# What numpy raises for a damaged header, which is Python source, or for a shape that the file is too short for.
_NPY_ERRORS = (
    *(ValueError, TypeError, KeyError, OverflowError, EOFError, OSError),
    *(SyntaxError, RecursionError, MemoryError, tokenize.TokenError),
)


@dataclass(frozen=True)
class VideoVectors:
    """The vectors of one file, in catalogue order."""

    matrix: Floats  # [n_videos, dim] float32: unit rows, zero rows for videos without a vector
    files: tuple[Path, ...]  # that of the vectors first, then that of the ids where it is another

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """`[n_videos]`: who has a vector that is not all zeros."""
        return np.asarray(self.matrix.any(axis=1))

    @property
    def without(self) -> int:
        """How many videos have none."""
        return int((~self.present).sum())


def read_vectors(folder: Path, stem: str, catalog: Catalog) -> VideoVectors | None:
    """What `stem`.parquet, or `stem`.npy with `stem`_ids.csv, holds; None if neither is in the folder.

    The table has a column video_id and 1 to MAX_DIM numeric ones; the matrix has one row for each row of the ids file
    (.csv, .tsv, .parquet with a column video_id). Lengths are given up: only directions count.
    Raises DataError, UnknownVideo or NotEnoughData with what is wrong in which file.
    """
    table, matrix = (find_file(folder, (stem,), (suffix,)) for suffix in (".parquet", ".npy"))
    if table is not None and matrix is not None:
        raise DataError(f"{folder.name}: both {table.name} and {matrix.name} are here. Keep one of them.")
    if table is not None:
        ids, vectors = _from_parquet(table)
        return VideoVectors(_in_order(catalog, ids, vectors, (table.name, table.name)), (table,))
    if matrix is None:
        return None
    ids_at = find_file(folder, (f"{stem}_ids",), TABLE_SUFFIXES)
    if ids_at is None:
        raise DataError(
            f"{folder.name}: {matrix.name} is here, but no {stem}_ids.csv to say which row is which video. Add "
            f"one with a column {c.VIDEO_ID}, in the order of the rows."
        )
    vectors = read_npy(matrix)
    ids = read_table(ids_at, {c.VIDEO_ID: "id"})[c.VIDEO_ID]
    if len(ids) != len(vectors):
        raise DataError(
            f"{ids_at.name}: {len(ids):,} ids for the {len(vectors):,} rows of {matrix.name}. Write both again."
        )
    return VideoVectors(_in_order(catalog, ids, vectors, (ids_at.name, matrix.name)), (matrix, ids_at))


def _from_parquet(path: Path) -> tuple[pd.Series, npt.NDArray[np.float64]]:
    existing_size(path)

    def choose(found: list[str]) -> dict[str, Kind]:
        if c.VIDEO_ID not in found or len(set(found)) < len(found) or not 2 <= len(found) <= MAX_DIM + 1:
            raise DataError(
                f"{path.name}: found columns {listed(found)}; expected {c.VIDEO_ID!r} and 1 to {MAX_DIM} numeric ones, "
                "each name once. Write the file again so."
            )
        return {name: "id" if name == c.VIDEO_ID else "number" for name in found}

    raw, kinds = read_parquet(path, choose, Limits())
    columns = {name: checked(raw[name], kind, path.name) for name, kind in kinds.items()}
    ids = columns.pop(c.VIDEO_ID)
    return ids, np.column_stack([column.to_numpy(dtype=np.float64) for column in columns.values()])


def read_npy(path: Path) -> npt.NDArray[np.float64]:
    """A matrix `[n, dim]` of numbers. Mapped first, so that a header cannot ask for more memory than the file has."""
    if (size := existing_size(path)) > Limits().max_bytes:
        raise DataError(
            f"{path.name}: {size:,} bytes, more than the {Limits().max_bytes:,} allowed. Use fewer columns."
        )
    try:
        with path.open("rb") as stream:
            if stream.read(len(_NPY_MAGIC)) != _NPY_MAGIC:
                raise DataError(f"{path.name}: not a NumPy file. Write it with numpy.save, or as {path.stem}.parquet.")
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    except _NPY_ERRORS as error:
        raise DataError(
            f"{path.name}: not a readable NumPy matrix ({shortened(str(error))}). Write it with numpy.save, as floats."
        ) from error
    if stored.ndim != 2 or stored.dtype.kind not in "fiu" or not 1 <= stored.shape[1] <= MAX_DIM:
        raise DataError(
            f"{path.name}: received shape {stored.shape} of type {shortened(str(stored.dtype))}; expected a matrix "
            f"[n, dim] of numbers with 1 to {MAX_DIM} columns. Write one row for each video."
        )
    vectors: npt.NDArray[np.float64] = np.array(stored, dtype=np.float64)
    if not (finite := np.isfinite(vectors)).all():
        row, column = (int(place[0]) for place in np.nonzero(~finite))
        raise DataError(
            f"{path.name}: row {row + 1}, column {column + 1}: found {vectors[row, column]}, expected a number "
            f"({int((~finite).any(axis=1).sum())} such rows). Encode these videos again, or leave them out."
        )
    return vectors


def _in_order(catalog: Catalog, ids: pd.Series, vectors: npt.NDArray[np.float64], names: tuple[str, str]) -> Floats:
    """Unit rows in catalogue order, `[n_videos, dim]`; `names` are the files of the ids and of the vectors."""
    of_ids, of_vectors = names
    if not len(ids):
        raise NotEnoughData(f"{of_vectors}: holds no video. Write it again, or take it out of the folder.")
    rows: Rows = catalog.rows(ids, source=of_ids)
    if (repeated := pd.Series(rows).duplicated().to_numpy()).any():
        row = int(np.flatnonzero(repeated)[0])
        raise DataError(
            f"{of_ids}: row {row + 1}: {c.VIDEO_ID} {shortened(ids.iat[row])} was already used "
            f"({int(repeated.sum())} repeated in all). Keep one vector of each video."
        )
    largest = np.abs(vectors).max(axis=1, keepdims=True)  # divided by first: squares of large numbers overflow
    if not largest.any():
        raise NotEnoughData(f"{of_vectors}: every vector is zero. Encode the videos again.")
    scaled = np.divide(vectors, largest, out=np.zeros_like(vectors), where=largest > 0)
    unit = scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1.0)  # a scaled row has length ≥ 1, or 0
    matrix = np.zeros((len(catalog), vectors.shape[1]), dtype=np.float32)
    matrix[rows] = unit
    return matrix
