"""What may lie beside any dataset: a user's own relevance ratings, and the vectors of a teacher encoder."""

from __future__ import annotations

import tokenize
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.cells import Kind, checked
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import Limits, existing_size, find_file, listed, shortened
from relvid_core.data.interactions import Floats
from relvid_core.data.parquet import read_parquet
from relvid_core.data.tables import read_table
from relvid_core.errors import DataError, NotEnoughData

RATINGS_STEM: Final = "relevance"
TEACHER_STEM: Final = "teacher"
TEACHER_IDS_STEM: Final = "teacher_ids"
MAX_DIM: Final = 8192

_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
_NPY_MAGIC = b"\x93NUMPY"
# What numpy raises for a damaged header, which is Python source, or for a shape that the file is too short for.
_NPY_ERRORS = (
    *(ValueError, TypeError, KeyError, OverflowError, EOFError, OSError),
    *(SyntaxError, RecursionError, MemoryError, tokenize.TokenError),
)


def with_relevance_files(dataset: Dataset, folder: Path) -> Dataset:
    """The dataset with the ratings and the teacher vectors that its folder holds; as it is if there are none.

    Read are `relevance.csv` (.tsv, .parquet: seed_id, candidate_id, grade) and either `teacher.parquet` (video_id and
    numeric columns) or `teacher.npy` with `teacher_ids.csv` (video_id, one row for each row of the matrix).
    Raises DataError, UnknownVideo or NotEnoughData with what is wrong in which file.
    """
    ratings, teacher, notes = dataset.ratings, dataset.teacher, list(dataset.notes)
    if (path := find_file(folder, (RATINGS_STEM,), _TABLES)) is not None:
        ratings, note = read_ratings(path, dataset.catalog)
        notes.append(note)
    table, matrix = (find_file(folder, (TEACHER_STEM,), (suffix,)) for suffix in (".parquet", ".npy"))
    if table is not None and matrix is not None:
        raise DataError(f"{folder.name}: both {table.name} and {matrix.name} are here. Keep one of them.")
    if table is not None or matrix is not None:
        teacher, note = _read_teacher(table, matrix, folder, dataset.catalog)
        notes.append(note)
    return replace(dataset, ratings=ratings, teacher=teacher, notes=tuple(notes))


def read_ratings(path: Path, catalog: Catalog) -> tuple[sparse.csr_matrix, str]:
    """Grades `[n_videos, n_videos]` float32, seed → candidate, a grade of 0 kept as an entry; and a note."""
    table = read_table(path, {c.SEED_ID: "id", c.CANDIDATE_ID: "id", c.GRADE: "amount"})
    if table.empty:
        raise NotEnoughData(f"{path.name}: a header and no ratings. Fill it in, or take it out of the folder.")
    grades = table[c.GRADE].to_numpy(dtype=np.float64)
    if (large := grades > 1).any():
        row = int(np.flatnonzero(large)[0])
        raise DataError(
            f"{path.name}: row {row + 1}, column {c.GRADE}: found {shortened(grades[row])}, expected a number from 0 "
            f"to 1 ({int(large.sum())} such rows). Divide the grades by the largest one, or correct the row."
        )
    seeds = catalog.rows(table[c.SEED_ID], source=path.name)
    candidates = catalog.rows(table[c.CANDIDATE_ID], source=path.name)
    n_videos = len(catalog)
    repeated = pd.Series(seeds.astype(np.int64) * n_videos + candidates).duplicated().to_numpy()
    if repeated.any():
        row = int(np.flatnonzero(repeated)[0])
        pair = f"{shortened(table[c.SEED_ID].iat[row])} and {shortened(table[c.CANDIDATE_ID].iat[row])}"
        raise DataError(
            f"{path.name}: row {row + 1}: the pair {pair} was already rated ({int(repeated.sum())} repeated in all). "
            "Keep one grade of each pair."
        )
    other = seeds != candidates
    if not other.any():
        raise NotEnoughData(f"{path.name}: every row rates a video against itself. Rate pairs of different videos.")
    entries = (grades[other].astype(np.float32), (seeds[other], candidates[other]))
    ratings = sparse.csr_matrix(entries, shape=(n_videos, n_videos), dtype=np.float32)
    ratings.sort_indices()
    own = int((~other).sum())
    left_out = f" {own:,} ratings of a video against itself were left out." if own else ""
    return ratings, f"{path.name}: {ratings.nnz:,} rated pairs; any other pair counts as not relevant.{left_out}"


def _read_teacher(table: Path | None, matrix: Path | None, folder: Path, catalog: Catalog) -> tuple[Floats, str]:
    if table is not None:
        ids, vectors = _from_parquet(table)
        return _teacher(catalog, ids, vectors, (table.name, table.name))
    assert matrix is not None
    ids_at = find_file(folder, (TEACHER_IDS_STEM,), _TABLES)
    if ids_at is None:
        raise DataError(
            f"{folder.name}: {matrix.name} is here, but no {TEACHER_IDS_STEM}.csv to say which row is which video. Add "
            f"one with a column {c.VIDEO_ID}, in the order of the rows."
        )
    vectors = _from_npy(matrix)
    ids = read_table(ids_at, {c.VIDEO_ID: "id"})[c.VIDEO_ID]
    if len(ids) != len(vectors):
        raise DataError(
            f"{ids_at.name}: {len(ids):,} ids for the {len(vectors):,} rows of {matrix.name}. Write both again."
        )
    return _teacher(catalog, ids, vectors, (ids_at.name, matrix.name))


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


def _from_npy(path: Path) -> npt.NDArray[np.float64]:
    """A matrix `[n, dim]` of numbers. Mapped first, so that a header cannot ask for more memory than the file has."""
    if (size := existing_size(path)) > Limits().max_bytes:
        raise DataError(
            f"{path.name}: {size:,} bytes, more than the {Limits().max_bytes:,} allowed. Use fewer columns."
        )
    try:
        with path.open("rb") as stream:
            if stream.read(len(_NPY_MAGIC)) != _NPY_MAGIC:
                raise DataError(
                    f"{path.name}: not a NumPy file. Write it with numpy.save, or as {TEACHER_STEM}.parquet."
                )
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


def _teacher(
    catalog: Catalog, ids: pd.Series, vectors: npt.NDArray[np.float64], names: tuple[str, str]
) -> tuple[Floats, str]:
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
    known = largest[:, 0] > 0
    if not known.any():
        raise NotEnoughData(f"{of_vectors}: every vector is zero. Encode the videos again.")
    scaled = np.divide(vectors, largest, out=np.zeros_like(vectors), where=largest > 0)
    unit = scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1.0)  # a scaled row has length ≥ 1, or 0
    teacher = np.zeros((len(catalog), vectors.shape[1]), dtype=np.float32)
    teacher[rows] = unit
    without = len(catalog) - int(known.sum())
    missing = f" {without:,} videos have none and count as relevant to nothing." if without else ""
    return teacher, f"{of_vectors}: teacher vectors of {vectors.shape[1]} numbers.{missing}"
