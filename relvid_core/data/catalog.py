"""The catalogue: row i of every array in the project is row i of the Catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.files import leaves_folder, shortened
from relvid_core.data.topics import Topics
from relvid_core.errors import DataError, UnknownVideo

Rows = npt.NDArray[np.int32]

_CONTROL = r"[\x00-\x1f\x7f]"
_MAX_ID = 200

_DEFAULTS = {c.DESCRIPTION: "", c.CREATOR: "", c.THUMBNAIL: ""}


@dataclass(frozen=True)
class Catalog:
    """The videos. Outside, a video is its `video_id: str`; inside, its `row: int`; only this class converts."""

    frame: pd.DataFrame  # index 0 … n-1; video_id, title, description, creator, duration_s, published_at, thumbnail
    topics: Topics
    thumbnail_root: Path | None = None  # the folder that every thumbnail name is relative to

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, source: str, thumbnail_root: Path | None = None) -> Catalog:
        """Check a frame with `video_id` and optionally the other catalogue columns, and freeze it.

        `topics` holds a tuple of paths for each video (see `topics.parse_topics`). `source` is the file to name in
        errors. Raises DataError for a missing, empty or repeated id, a duration or date that is none, and for a
        thumbnail outside `thumbnail_root`.
        """
        if c.VIDEO_ID not in frame.columns:
            raise DataError(
                f"{source}: no column {c.VIDEO_ID!r}; found {', '.join(map(str, frame.columns)) or 'no columns'}. "
                "Rename the id column, or name it when importing."
            )
        if frame.empty:
            raise DataError(f"{source}: no videos; the file has a header and no rows. Export the catalogue again.")
        clean = pd.DataFrame({c.VIDEO_ID: frame[c.VIDEO_ID].astype("string").str.strip()}).reset_index(drop=True)
        frame = frame.reset_index(drop=True)
        ids = clean[c.VIDEO_ID]
        if (empty := ids.isna() | (ids == "")).any():
            raise DataError(
                f"{source}: row {_line(empty)}: empty {c.VIDEO_ID}. Give every video an id, or delete the row."
            )
        if (strange := ids.str.contains(_CONTROL) | (ids.str.len() > _MAX_ID)).any():
            found = shortened(str(ids[_line(strange) - 1]))
            raise DataError(
                f"{source}: row {_line(strange)}: {c.VIDEO_ID} {found} is longer than {_MAX_ID} characters or holds a "
                "line break or control character. Use a plain id."
            )
        if (repeated := ids.duplicated()).any():
            first = int(np.flatnonzero(repeated)[0])
            raise DataError(
                f"{source}: row {_line(repeated)}: {c.VIDEO_ID} {ids[first]!r} was already used "
                f"({int(repeated.sum())} repeated in all). Ids must be unique: delete or rename the copies."
            )
        untitled = _untitled(ids)
        title = frame.get(c.TITLE, untitled)
        clean[c.TITLE] = title.astype("string").fillna("").where(lambda text: text.str.strip() != "", untitled)
        for name, default in _DEFAULTS.items():
            clean[name] = frame[name].astype("string").fillna(default) if name in frame else default
        clean[c.DURATION_S] = _numbers(frame, c.DURATION_S, source)
        clean[c.PUBLISHED_AT] = _dates(frame, c.PUBLISHED_AT, source)
        _check_thumbnails(clean[c.THUMBNAIL], source)
        paths = frame[c.TOPICS] if c.TOPICS in frame else [()] * len(frame)
        return cls(clean, Topics.from_paths(paths), thumbnail_root)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def _index(self) -> pd.Index[str]:
        index: pd.Index[str] = pd.Index(self.frame[c.VIDEO_ID].tolist(), dtype=object)
        return index

    def row(self, video_id: str) -> int:
        """The row of one video. Raises UnknownVideo."""
        return int(self.rows([video_id], source="catalogue")[0])

    def rows(self, video_ids: Iterable[str], *, source: str) -> Rows:
        """Rows of many videos, `[n]` int32. Raises UnknownVideo with the first unknown id and how many there are."""
        wanted = video_ids if isinstance(video_ids, pd.Series) else pd.Series(list(video_ids), dtype=object)
        rows = positions(wanted, self._index)
        if (missing := rows < 0).any():
            found = wanted.iat[_line(missing) - 1]
            raise UnknownVideo(
                f"{source}: row {_line(missing)}: video {shortened(found)} is not in the catalogue of {len(self)} "
                f"videos ({int(missing.sum())} such rows). Add it to the catalogue, or drop these rows from the log."
            )
        return np.ascontiguousarray(rows, dtype=np.int32)

    def video_id(self, row: int) -> str:
        """The outside id of one row."""
        return str(self._index[row])

    @cached_property
    def titles(self) -> list[str]:
        """Title of every video, in row order."""
        return [str(title) for title in self.frame[c.TITLE]]

    @cached_property
    def text(self) -> list[str]:
        """Title and description of every video as one text, in row order.

        Topics are not in it: they are labels. Nor is a title that stands in for a missing one: an id says nothing.
        """
        title = self.frame[c.TITLE].where(self.frame[c.TITLE] != _untitled(self.frame[c.VIDEO_ID]), "")
        joined = title + "\n" + self.frame[c.DESCRIPTION]
        return [str(text).strip() for text in joined]

    def thumbnail(self, row: int) -> Path | None:
        """The picture of one video, or None if it has none on disk."""
        name, root = self._thumbnails[row], self._root
        if not name or root is None:
            return None
        path = (root / name).resolve()  # a link inside the folder may lead out of it
        return path if path.is_relative_to(root) and path.is_file() else None

    @cached_property
    def _root(self) -> Path | None:
        return None if self.thumbnail_root is None else self.thumbnail_root.resolve()

    @cached_property
    def _thumbnails(self) -> list[str]:
        return [str(name) for name in self.frame[c.THUMBNAIL]]

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any id, text, topic or thumbnail name does: 16 hex digits."""
        digest = hashlib.sha256()
        for name in self.frame.columns:
            digest.update(pd.util.hash_pandas_object(self.frame[name], index=False).to_numpy().tobytes())
        digest.update(repr(self.topics.paths).encode())
        return digest.hexdigest()[:16]


def positions(ids: pd.Series, index: pd.Index[str]) -> npt.NDArray[np.int64]:
    """Where each id stands in `index`, -1 if nowhere: `[n]`. Every distinct id is looked up once."""
    codes, distinct = pd.factorize(ids)
    names = pd.Index(distinct).astype("string").str.strip().astype(object)
    return np.append(index.get_indexer(names), -1)[codes].astype(np.int64)


def _untitled(ids: pd.Series) -> pd.Series:
    """What a video without a title is called."""
    return "Video " + ids


def _line(mask: pd.Series | npt.NDArray[np.bool_]) -> int:
    """The 1-based data row of the first True (the header is not counted)."""
    return int(np.flatnonzero(mask)[0]) + 1


def _numbers(frame: pd.DataFrame, name: str, source: str) -> pd.Series:
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    numbers = pd.to_numeric(frame[name], errors="coerce").astype("float64")
    if (bad := (numbers.isna() & frame[name].notna()) | (numbers < 0) | np.isinf(numbers)).any():
        found = shortened(frame[name].iat[_line(bad) - 1])
        raise DataError(
            f"{source}: row {_line(bad)}, column {name}: {found} is not a number of at least 0. "
            "Give seconds, or leave it empty."
        )
    return numbers


def _dates(frame: pd.DataFrame, name: str, source: str) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    dates = pd.to_datetime(frame[name], errors="coerce", utc=True, format="ISO8601").dt.tz_localize(None)
    if (bad := dates.isna() & frame[name].notna()).any():
        found = shortened(frame[name].iat[_line(bad) - 1])
        raise DataError(
            f"{source}: row {_line(bad)}, column {name}: {found} is not a date. Write 2024-05-31, or leave it empty."
        )
    return dates.astype("datetime64[s]")


def _check_thumbnails(names: pd.Series, source: str) -> None:
    for row, name in enumerate(names):
        if leaves_folder(name):
            raise DataError(
                f"{source}: row {row + 1}, column {c.THUMBNAIL}: {shortened(name)} leaves the thumbnail folder. "
                "Give a file name relative to that folder."
            )
