"""From raw tables to frames that load: what is left, what was left out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.topics import Topics
from relvid_core.errors import DataError
from relvid_core.intake.clean_catalogue import clean_catalogue
from relvid_core.intake.clean_log import clean_log
from relvid_core.intake.faults import Fault
from relvid_core.intake.mapping import CATALOGUE_COLUMNS, LOG_COLUMNS, REQUIRED
from relvid_core.intake.raw import RawTable, Role


@dataclass(frozen=True)
class Cleaned:
    """Frames that `Catalog.from_frame` and `Interactions.from_frames` take without a word, and what it cost."""

    catalog_frame: pd.DataFrame
    log_frame: pd.DataFrame | None  # None: no log was given, or nothing of it is left
    faults: list[Fault]
    n_read: dict[Role, int]  # rows
    n_kept: dict[Role, int]
    notes: tuple[str, ...] = ()  # how columns were read where that is no fault
    files: dict[Role, str] = field(default_factory=dict)
    columns: dict[Role, dict[str, str]] = field(default_factory=dict)  # our name → the file's

    def with_topics(self, topics: Topics) -> Cleaned:
        """The same with other topics, one entry a video in the frame's order."""
        frame = self.catalog_frame.copy()
        frame[c.TOPICS] = pd.Series(list(topics.paths), index=frame.index, dtype=object)
        return replace(self, catalog_frame=frame)


def clean(
    catalogue: RawTable,
    log: RawTable | None,
    *,
    catalogue_columns: Mapping[str, str],
    log_columns: Mapping[str, str],
    thumbnails: Path | None,
    engagement_from: float | None = None,
    now: pd.Timestamp | None = None,
) -> Cleaned:
    """Check every cell; mend it, empty it or leave its row out, and say so once.

    Columns map our names to the file's. Engagement below `engagement_from` counts as "was shown" only. Dates after
    `now` (the clock's, if None) are faults. Raises DataError for a mapping that does not fit the files, and
    NotEnoughData where no video is left.
    """
    now = now or pd.Timestamp.now(tz="UTC")
    _check_mapping(catalogue, catalogue_columns, "catalogue", CATALOGUE_COLUMNS)
    if thumbnails is not None and not thumbnails.is_dir():
        raise DataError(f"thumbnails: {thumbnails.name!r} is no folder. Give the folder that holds the pictures.")
    frame, faults, notes = clean_catalogue(catalogue, catalogue_columns, thumbnails, now)
    n_read: dict[Role, int] = {"catalogue": _rows_read(catalogue)}
    n_kept: dict[Role, int] = {"catalogue": len(frame)}
    files: dict[Role, str] = {"catalogue": catalogue.name}
    columns: dict[Role, dict[str, str]] = {"catalogue": dict(catalogue_columns)}
    log_frame = None
    if log is not None:
        _check_mapping(log, log_columns, "log", LOG_COLUMNS)
        ids = frame[c.VIDEO_ID]
        log_frame, of_log, more = clean_log(log, log_columns, ids, engagement_from, now)
        faults, notes = faults + of_log, notes + more
        n_read["log"], n_kept["log"] = _rows_read(log), 0 if log_frame is None else len(log_frame)
        files["log"], columns["log"] = log.name, dict(log_columns)
    return Cleaned(frame, log_frame, faults, n_read, n_kept, tuple(notes), files, columns)


def _check_mapping(table: RawTable, columns: Mapping[str, str], role: Role, possible: tuple[str, ...]) -> None:
    missing = [ours for ours in REQUIRED[role] if ours not in columns]
    if missing:
        raise DataError(f"{table.name}: no column was named for {missing[0]!r}. Choose the column that holds it.")
    unknown = sorted(set(columns) - set(possible))
    if unknown:
        raise DataError(f"{table.name}: {unknown[0]!r} is no column of a {role}; possible are {', '.join(possible)}.")


def _rows_read(table: RawTable) -> int:
    """Rows that the file has, those included that reading left out."""
    return len(table.frame) + sum(fault.done == "row dropped" and fault.row is not None for fault in table.faults)


def dataset_from(cleaned: Cleaned, *, key: str, title: str, thumbnails: Path | None) -> Dataset:
    """What was cleaned as a dataset, before anything is stored. Without a log nobody engaged with anything."""
    name = cleaned.files.get("catalogue", "catalogue")
    catalog = Catalog.from_frame(cleaned.catalog_frame, source=name, thumbnail_root=thumbnails)
    if cleaned.log_frame is None:
        interactions = no_interactions(catalog)
    else:
        engaged, shown = engaged_and_shown(cleaned.log_frame)
        interactions = Interactions.from_frames(catalog, engaged, shown, source=cleaned.files.get("log", "log"))
    return Dataset(key, title, catalog, interactions, notes=cleaned.notes)


def engaged_and_shown(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The engagements of a log, and all of it as exposures if some of its rows are none (engagement 0)."""
    if c.ENGAGEMENT not in log or bool((log[c.ENGAGEMENT] > 0).all()):
        return log, None
    return log[log[c.ENGAGEMENT] > 0], log


def no_interactions(catalog: Catalog) -> Interactions:
    """An empty log, for a catalogue that nobody has watched yet: it can be looked at, and nothing can be trained."""
    nobody = np.zeros(0, dtype=np.int32)
    return Interactions(0, len(catalog), Events(nobody, nobody))
