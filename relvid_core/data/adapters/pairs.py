"""A plain list of related pairs (seed_id, candidate_id, weight) with an optional catalogue, for want of a log."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.adapters.catalogue_file import SUFFIXES, find_catalogue, read_catalogue
from relvid_core.data.catalog import Catalog
from relvid_core.data.coengagement import CoEngagement, log_of_pairs
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import find_file
from relvid_core.data.tables import read_table
from relvid_core.errors import DataError, NotEnoughData

RECOGNISES = "pair list: pairs.csv with seed_id, candidate_id and optionally weight (.csv, .tsv, .parquet)"


def matches(folder: Path) -> bool:
    """Whether the folder holds a file of pairs."""
    return find_file(folder, ("pairs",), SUFFIXES) is not None


def load(folder: Path) -> Dataset:
    """The pairs as `Dataset.pairs`; without a catalogue the videos are those that the pairs name."""
    path = find_file(folder, ("pairs",), SUFFIXES)
    if path is None:
        raise DataError(f"{folder.name}: no pairs.csv here. Name the file pairs.csv, pairs.tsv or pairs.parquet.")
    pairs = read_table(path, {c.SEED_ID: "id", c.CANDIDATE_ID: "id"}, {c.WEIGHT: "amount"})
    if pairs.empty:
        raise NotEnoughData(f"{path.name}: a header and no pairs. Export the pairs again.")
    notes = ["There is no log: each seed stands for a viewer of its candidates, and pairs are split by chance."]
    catalogue_at = find_catalogue(folder)
    if catalogue_at is None:
        ids = sorted({*pairs[c.SEED_ID].unique(), *pairs[c.CANDIDATE_ID].unique()})
        catalog = Catalog.from_frame(pd.DataFrame({c.VIDEO_ID: ids}), source=path.name)
        notes.append("There is no catalogue: videos have no text and no topics.")
    else:
        catalog = read_catalogue(catalogue_at, None)
    weights = pairs[c.WEIGHT] if c.WEIGHT in pairs else pd.Series(1.0, index=pairs.index)
    if (large := weights > 1e12).any():
        row = int(np.flatnonzero(large)[0])
        raise DataError(f"{path.name}: row {row + 1}, column {c.WEIGHT}: found {weights.iat[row]:g}; use at most 1e12.")
    seeds = catalog.rows(pairs[c.SEED_ID], source=path.name)
    candidates = catalog.rows(pairs[c.CANDIDATE_ID], source=path.name)
    left_out = int(((seeds == candidates) | (weights.to_numpy() == 0)).sum())
    if left_out:
        notes.append(f"{left_out:,} pairs of a video with itself or of weight 0 were left out.")
    counted = CoEngagement.from_pairs(seeds, candidates, weights.to_numpy(dtype=np.float32), len(catalog))
    return Dataset(
        key="pairs",
        title="Related pairs",
        catalog=catalog,
        interactions=log_of_pairs(counted),
        pairs=counted,
        notes=tuple(notes),
    )
