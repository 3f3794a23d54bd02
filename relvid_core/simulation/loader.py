"""Reading a sample world back: the dataset as any other, and the truth that only a sample world has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from relvid_core import columns as c
from relvid_core.data.adapters.relevance_files import with_relevance_files
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Interactions
from relvid_core.data.topics import parse_topics
from relvid_core.errors import DataError
from relvid_core.simulation.truth import Truth
from relvid_core.simulation.world import World

SAMPLE_FOLDER: Final = Path(__file__).resolve().parents[2] / "sample_data"
CATALOGUE_FILE: Final = "catalogue.parquet"
LOG_FILE: Final = "log.parquet"
TRUTH_FILE: Final = "truth.safetensors"
CONFIG_FILE: Final = "world.toml"
THUMBNAIL_FOLDER: Final = "thumbnails"

NOTES: Final = (
    "Made up: no video, channel or viewer exists. The generative model is in docs/sample_world.md.",
    "The log was left by a system that favours popular videos; part of their popularity is luck, not quality.",
    "For every video that was shown, the log says exactly how likely that was (its propensity).",
)


def load_sample(folder: Path | None = None) -> Dataset:
    """The shipped sample world, or the one in `folder`. Raises DataError if it is missing or damaged."""
    folder = folder or SAMPLE_FOLDER
    frame = _table(folder / CATALOGUE_FILE)
    names = [c.USER_ID, c.VIDEO_ID, c.TIMESTAMP, c.ENGAGEMENT, c.PROPENSITY]
    dataset = _dataset(frame, _table(folder / LOG_FILE, names), folder / THUMBNAIL_FOLDER)
    named = replace(dataset, key="sample", title="Sample world", notes=NOTES, planted=load_truth(folder))
    return with_relevance_files(named, folder)


def dataset_of_world(world: World) -> Dataset:
    """A world as it was drawn, without pictures: what `load_sample` would read if it were written."""
    return replace(_dataset(world.videos.frame.copy(), world.log, None), planted=world.truth)


def _dataset(frame: pd.DataFrame, exposures: pd.DataFrame, thumbnails: Path | None) -> Dataset:
    if c.TOPICS in frame:
        frame[c.TOPICS] = frame[c.TOPICS].map(lambda text: parse_topics(str(text))).astype(object)
    catalog = Catalog.from_frame(frame, source=CATALOGUE_FILE, thumbnail_root=thumbnails)
    engagements = exposures[exposures[c.ENGAGEMENT] > 0]
    interactions = Interactions.from_frames(catalog, engagements, exposures, source=LOG_FILE)
    return Dataset("world", "Made-up world", catalog, interactions, licence="Apache-2.0")


def load_truth(folder: Path | None = None) -> Truth:
    """The true parameters of the sample world. Raises DataError if the file is missing, damaged or inconsistent."""
    return Truth.from_file((folder or SAMPLE_FOLDER) / TRUTH_FILE)


def _table(path: Path, names: list[str] | None = None) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{path.name}: cannot be read as Parquet ({error}). "
            "Make the sample world again: python -m relvid_core.simulation"
        ) from error
    if missing := sorted(set(names or ()) - set(frame.columns)):
        raise DataError(
            f"{path.name}: no column {missing[0]!r}; found {', '.join(map(str, frame.columns))}. "
            "Make the sample world again: python -m relvid_core.simulation"
        )
    return frame if names is None else frame[names]
