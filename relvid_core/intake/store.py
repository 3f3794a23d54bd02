"""Keeping a cleaned upload as a dataset of its own: a folder in the runs' home, there completely or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tomllib
import unicodedata
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import tomli_w

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.files import shortened
from relvid_core.data.topics import TOPIC_SEPARATOR, TopicPath, format_topic
from relvid_core.encoders.frames import frames_of
from relvid_core.errors import DataError
from relvid_core.intake.archive import ArchiveLimits, Unpacked, unpack_pictures
from relvid_core.intake.clean import Cleaned
from relvid_core.intake.faults import faults_by_kind, faults_frame

__all__ = ["ArchiveLimits", "ImportCard", "Unpacked", "read_card", "save_dataset", "slug", "unpack_pictures"]

DATASETS: Final = "datasets"  # below the runs' home
CATALOGUE_FILE: Final = "catalogue.parquet"
LOG_FILE: Final = "log.parquet"
FAULTS_FILE: Final = "faults.parquet"
CARD_FILE: Final = "intake.toml"
THUMBNAILS: Final = "thumbnails"
MAX_NAME: Final = 60
NO_LOG: Final = (
    "There is no watch log: the catalogue can be looked at and searched, but no model can be trained on engagement. "
    "Import it again with a log of user_id, video_id and timestamp."
)
_KEY: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_TAKEN_BY_US: Final = frozenset({"sample", "datasets", "content", "trash"})


@dataclass(frozen=True)
class ImportCard:
    """What an imported dataset says about itself."""

    name: str
    has_log: bool
    notes: tuple[str, ...]


def slug(name: str) -> str:
    """A key of small letters, digits and dashes for a name; "data" where nothing of it can be kept.

    >>> slug("My Vidéos / 2024"), slug("../..")
    ('my-videos-2024', 'data')
    """
    plain = unicodedata.normalize("NFKD", name[:1000]).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:36].strip("-") or "data"
    return key if key not in _TAKEN_BY_US else key + "-data"


def is_key(text: str) -> bool:
    """Whether a text could be the key of an imported dataset, and so is safe as a folder's name."""
    return _KEY.fullmatch(text) is not None


def save_dataset(
    cleaned: Cleaned,
    *,
    home: Path,
    name: str,
    thumbnails: Path | None,
    notes: Sequence[str],
    taken: Collection[str] = (),
) -> Path:
    """Write `home/datasets/<key>/` and return it; the key comes from the name, with a number where it is taken.

    Thumbnails that the catalogue names are copied under names of ours. Without a log a note says what that costs.
    Raises DataError for an empty name and where the disk does not take it; then nothing is left behind.
    """
    called = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:MAX_NAME]
    if not called:
        raise DataError("dataset name: received nothing that can be read. Give it a name.")
    root = home / DATASETS
    draft = root / f".draft-{uuid.uuid4().hex}"
    try:
        draft.mkdir(parents=True)
        _write(cleaned, draft, called, thumbnails, notes)
        for number in range(1, 10_000):
            key = slug(called) if number == 1 else f"{slug(called)[:34]}-{number}"
            if key in taken or (root / key).exists():
                continue
            try:
                os.rename(draft, root / key)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                continue  # someone else took it this moment
            return root / key
    except OSError as error:
        raise DataError(
            f"dataset {shortened(called)}: cannot be written in {root} ({error.strerror or error}). "
            "Free some space, or set RELVID_HOME."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # gone already where all went well
    raise DataError(f"dataset {shortened(called)}: thousands of datasets have this name. Give it another one.")


def read_card(folder: Path) -> ImportCard:
    """The card of an imported dataset. Raises DataError if it is missing or damaged."""
    path = folder / CARD_FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        name, notes, has_log = values["name"], values["notes"], values["has_log"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise DataError(f"{path}: missing or damaged ({error}). Delete the dataset and import it again.") from error
    texts = isinstance(notes, list) and all(isinstance(note, str) for note in notes)
    if not (isinstance(name, str) and texts and isinstance(has_log, bool)):
        raise DataError(f"{path}: name, notes or has_log is not what we wrote. Delete the dataset and import it again.")
    return ImportCard(name[:MAX_NAME], has_log, tuple(notes))


def _write(cleaned: Cleaned, draft: Path, called: str, thumbnails: Path | None, notes: Sequence[str]) -> None:
    frame = cleaned.catalog_frame.copy()
    if c.THUMBNAIL in frame:
        frame[c.THUMBNAIL] = _copied(cleaned, draft, thumbnails)
    if c.TOPICS in frame:
        frame[c.TOPICS] = pd.Series([_topic_cell(paths) for paths in frame[c.TOPICS]], index=frame.index, dtype="str")
    frame.to_parquet(draft / CATALOGUE_FILE, index=False)
    if cleaned.log_frame is not None:
        cleaned.log_frame.to_parquet(draft / LOG_FILE, index=False)
    faults_frame(cleaned.faults).to_parquet(draft / FAULTS_FILE, index=False)
    (draft / CARD_FILE).write_text(tomli_w.dumps(_card(cleaned, called, notes)), encoding="utf-8")


def _card(cleaned: Cleaned, called: str, notes: Sequence[str]) -> dict[str, object]:
    every = [*cleaned.notes, *notes] + ([NO_LOG] if cleaned.log_frame is None else [])
    dropped = sum(cleaned.n_read.values()) - sum(cleaned.n_kept.values())
    if dropped:
        every.append(f"{dropped:,} faulty rows were left out on import; {FAULTS_FILE} lists them.")
    kinds = faults_by_kind(cleaned.faults)
    faults = [{str(name): cell for name, cell in row.items()} for row in kinds.to_dict("records")]
    return {
        "name": called,
        "imported_at": pd.Timestamp.now(tz="UTC").isoformat(timespec="seconds"),
        "has_log": cleaned.log_frame is not None,
        "notes": list(dict.fromkeys(every)),
        "files": dict(cleaned.files),
        "columns": {role: dict(columns) for role, columns in cleaned.columns.items()},
        "rows_read": dict(cleaned.n_read),
        "rows_kept": dict(cleaned.n_kept),
        "faults": faults,
    }


def _topic_cell(paths: Sequence[TopicPath]) -> str:
    """Topics as the table adapter reads them; names hold neither of its separators."""
    return f" {TOPIC_SEPARATOR} ".join(format_topic(path) for path in paths)


def _copied(cleaned: Cleaned, draft: Path, root: Path | None) -> pd.Series:
    """Copy every video's pictures to `0000007.jpg` and, its further frames, `0000007/01.jpg`; the new names."""
    catalog = Catalog.from_frame(cleaned.catalog_frame, source="catalogue", thumbnail_root=root)
    target = draft / THUMBNAILS
    target.mkdir()
    names = []
    for row, frames in enumerate(frames_of(catalog)):
        if not frames:
            names.append("")
            continue
        first = f"{row:07d}{frames[0].suffix.lower()}"
        shutil.copyfile(frames[0], target / first)
        for number, frame in enumerate(frames[1:], start=1):
            place = target / f"{row:07d}" / f"{number:02d}{frame.suffix.lower()}"
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(frame, place)
        names.append(first)
    return pd.Series(names, index=cleaned.catalog_frame.index, dtype="str")
