"""What may lie beside any dataset: a user's own relevance ratings, vectors of a teacher, vectors for the towers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import find_file, shortened
from relvid_core.data.tables import read_table
from relvid_core.data.vector_files import TABLE_SUFFIXES, read_vectors
from relvid_core.errors import DataError, NotEnoughData

RATINGS_STEM: Final = "relevance"
TEACHER_STEM: Final = "teacher"
VECTOR_STEMS: Final = {"text": "text_vectors", "visual": "visual_vectors"}


def with_relevance_files(dataset: Dataset, folder: Path) -> Dataset:
    """The dataset with the ratings and the vectors that its folder holds; as it is if there are none.

    Read are `relevance.csv` (.tsv, .parquet: seed_id, candidate_id, grade) and either `teacher.parquet` (video_id and
    numeric columns) or `teacher.npy` with `teacher_ids.csv` (video_id, one row for each row of the matrix). Vectors of
    the user's own encoders, which the towers may read, stand in `text_vectors.*` and `visual_vectors.*` likewise.
    Raises DataError, UnknownVideo or NotEnoughData with what is wrong in which file.
    """
    ratings, teacher, notes = dataset.ratings, dataset.teacher, list(dataset.notes)
    if (path := find_file(folder, (RATINGS_STEM,), TABLE_SUFFIXES)) is not None:
        ratings, note = read_ratings(path, dataset.catalog)
        notes.append(note)
    if (found := read_vectors(folder, TEACHER_STEM, dataset.catalog)) is not None:
        teacher = found.matrix
        missing = f" {found.without:,} videos have none and count as relevant to nothing." if found.without else ""
        notes.append(f"{found.files[0].name}: teacher vectors of {teacher.shape[1]} numbers.{missing}")
    vectors = {}
    for name, stem in VECTOR_STEMS.items():
        if (own := read_vectors(folder, stem, dataset.catalog)) is not None:
            vectors[name] = own
            missing = f" {own.without:,} videos have none." if own.without else ""
            notes.append(f"{own.files[0].name}: {name} vectors of {own.matrix.shape[1]} numbers.{missing}")
    return replace(dataset, ratings=ratings, teacher=teacher, vectors=vectors, notes=tuple(notes))


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
