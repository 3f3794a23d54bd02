"""KuaiRand (Pure, 1K, 27K): standard recommendations, and a log of randomly exposed videos.

Gao et al. 2022, KuaiRand (CIKM). Files are named as in the authors' release; the compact subset has the same names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.adapters.catalogue_file import blank_as_missing
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import shortened
from relvid_core.data.interactions import Interactions, user_ids
from relvid_core.data.tables import read_table
from relvid_core.data.topics import TopicPath
from relvid_core.errors import DataError

RECOGNISES = "KuaiRand: video_features_basic_pure.csv and log_standard_*_pure.csv (also 1k, 27k and .gz)"

Feedback = Literal["is_click", "long_view"]

_LOG = re.compile(r"log_(standard|random)_\d+_\d+_to_\d+_\d+_(pure|1k|27k)(_part\d+)?\.csv(\.gz)?")
_VIDEOS = re.compile(r"video_features_basic_(pure|1k|27k)\.csv(\.gz)?")
_CLICKS = re.compile(r"log_standard_clicks_.*\.csv(\.gz)?")
_TIME_MS = "time_ms"


def matches(folder: Path) -> bool:
    """Whether the folder holds the videos and at least one standard log."""
    names = _names(folder)
    return any(_VIDEOS.fullmatch(name) for name in names) and bool(_logs(folder, "standard"))


def load(folder: Path, *, engagement: Feedback = "is_click") -> Dataset:
    """Standard-log rows as exposures, those with `engagement` = 1 as engagements too; the random logs as truth."""
    catalog = _catalog(folder)
    log_at, random_at = _logs(folder, "standard"), _logs(folder, "random")
    if not log_at:
        raise DataError(f"{folder.name}: no log_standard_…_pure.csv here. Copy the logs from the KuaiRand release.")
    standard, repeated = _read_logs(log_at, catalog, engagement)
    random = _read_logs(random_at, catalog, engagement)[0] if random_at else None
    users = user_ids([log for log in (standard, random) if log is not None])  # one numbering for both
    interactions = _interactions(standard, catalog, users, log_at[0].name)
    notes = [
        f"An engagement is a row with {engagement} = 1; every row of the standard log is an exposure.",
        f"{repeated:,} rows that repeat a user, video and time were left out.",
        "KuaiRand videos have no text: titles are ids, topics are category numbers.",
    ]
    truth = None
    if random is not None:
        truth = _interactions(random, catalog, users, random_at[0].name)
        notes.append("The truth is the random log: its videos were shown by chance, not by a recommender.")
    else:
        notes.append("No random log here, so there is no truth that is free of exposure bias.")
    if clicks := sorted(name for name in _names(folder) if _CLICKS.fullmatch(name)):
        notes.append(f"{clicks[0]} was not used: it has no times and no exposures.")
    seen = None if truth is None or truth.exposures is None else np.unique(truth.exposures.row)
    return Dataset(
        key="kuairand",
        title="KuaiRand",
        catalog=catalog,
        interactions=interactions,
        truth=truth,
        truth_kind=None if truth is None else "shown at random",
        truth_rows=seen,
        notes=tuple(notes),
        licence="CC BY-SA 4.0",
    )


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _logs(folder: Path, kind: Literal["standard", "random"]) -> list[Path]:
    """Log files of one kind in the order of their names; a .gz beside its unpacked twin is left out."""
    found = [match for name in sorted(_names(folder)) if (match := _LOG.fullmatch(name)) and match.group(1) == kind]
    plain = {match.string for match in found}
    return [folder / match.string for match in found if not match.group(4) or match.string[:-3] not in plain]


def _read_logs(paths: list[Path], catalog: Catalog, engagement: Feedback) -> tuple[pd.DataFrame, int]:
    """What was shown in all logs together, and how many exact repeats were dropped."""
    parts = []
    for path in paths:
        part = read_table(path, {c.USER_ID: "id", c.VIDEO_ID: "id", _TIME_MS: "amount", engagement: "flag"})
        if part.empty:
            raise DataError(f"{path.name}: a header and no rows. Copy the log from the release again.")
        catalog.rows(part[c.VIDEO_ID], source=path.name)  # so that an unknown video is reported with its file and row
        parts.append(part)
    log = parts[0] if len(parts) == 1 else _joined(parts)
    kept = log[~log.duplicated([c.USER_ID, c.VIDEO_ID, _TIME_MS])]
    shown = kept[[c.USER_ID, c.VIDEO_ID]].assign(
        **{c.TIMESTAMP: kept[_TIME_MS] // 1000, c.ENGAGEMENT: kept[engagement]}
    )
    return shown, len(log) - len(kept)


def _interactions(shown: pd.DataFrame, catalog: Catalog, users: pd.Index, source: str) -> Interactions:
    engaged = shown[shown[c.ENGAGEMENT].to_numpy() > 0]
    return Interactions.from_frames(catalog, engaged, shown, source=source, users=users)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    joined = {name: pd.api.types.union_categoricals([part[name] for part in parts]) for name in (c.USER_ID, c.VIDEO_ID)}
    rest = [part.drop(columns=list(joined)) for part in parts]
    return pd.concat(rest, ignore_index=True).assign(**joined)


def _catalog(folder: Path) -> Catalog:
    name = next((name for name in sorted(_names(folder)) if _VIDEOS.fullmatch(name)), None)
    if name is None:
        raise DataError(f"{folder.name}: no video_features_basic_pure.csv here. Copy it from the KuaiRand release.")
    videos = read_table(
        folder / name,
        {c.VIDEO_ID: "id", "tag": "text"},
        {"author_id": "text", "video_duration": "measure", "upload_dt": "text"},
    )
    ids = videos[c.VIDEO_ID].astype("str")
    frame = pd.DataFrame({c.VIDEO_ID: ids, c.TOPICS: _topics(videos["tag"], name)})
    if "author_id" in videos:
        frame[c.CREATOR] = videos["author_id"]
    if "video_duration" in videos:
        frame[c.DURATION_S] = videos["video_duration"] / 1000.0
    if "upload_dt" in videos:
        frame[c.PUBLISHED_AT] = blank_as_missing(videos["upload_dt"])
    return Catalog.from_frame(frame, source=name)


def _topics(cells: pd.Series, source: str) -> pd.Series:
    """Topics such as ("Category 39",) from cells such as "20,43"."""
    parsed: dict[str, tuple[TopicPath, ...]] = {}
    for cell in cells.unique():
        numbers = [number.strip() for number in cell.split(",") if number.strip()]
        if not all(re.fullmatch(r"\d{1,9}(\.0)?", number) for number in numbers):
            row = int(np.flatnonzero(cells == cell)[0])
            raise DataError(
                f"{source}: row {row + 1}, column tag: found {shortened(cell)}, expected numbers such as 20,43. "
                "Copy the file from the release again."
            )
        parsed[cell] = tuple((f"Category {int(float(number))}",) for number in dict.fromkeys(numbers))
    return pd.Series([parsed[cell] for cell in cells], index=cells.index, dtype=object)
