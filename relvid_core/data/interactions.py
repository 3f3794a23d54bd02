"""Who watched what and when. Engagements (watched with interest) and exposures (was shown) are kept apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog, Rows, positions
from relvid_core.data.files import shortened
from relvid_core.errors import DataError, NotEnoughData

Timestamps = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

_LAST_SECOND = 1e11  # seconds: the year 5138; a log in milliseconds lies beyond it
_LARGEST = 1e12  # engagement value; keeps float32 exact enough and finite
_SMALLEST = 1e-12  # propensity; float32 would round less to 0


@dataclass(frozen=True)
class Events:
    """Parallel arrays `[n_events]`, sorted by user, then time (then as read)."""

    user: npt.NDArray[np.int32]  # 0 … n_users-1
    row: Rows  # catalogue row
    timestamp: Timestamps | None = None  # seconds since 1970 UTC; None = the log has no order
    value: Floats | None = None  # engagement value, ≥ 0; None = 1 for each
    propensity: Floats | None = None  # logged probability that this video was shown, in (0, 1]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, index: Mask | Counts) -> Events:
        """The events at a boolean mask or at integer positions."""
        timestamp = None if self.timestamp is None else self.timestamp[index]
        value = None if self.value is None else self.value[index]
        propensity = None if self.propensity is None else self.propensity[index]
        return Events(self.user[index], self.row[index], timestamp, value, propensity)

    def counts(self, n_videos: int) -> Counts:
        """Events of every video: `[n_videos]`."""
        return np.bincount(self.row, minlength=n_videos)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, users: pd.Index, catalog: Catalog, *, source: str) -> Events:
        """Check and sort a frame with user_id, video_id and optionally timestamp (seconds), engagement, propensity.

        Raises DataError for a missing column, an empty user, a timestamp that is not in seconds, a negative value, a
        propensity outside (0, 1], and UnknownVideo for a video outside the catalogue.
        """
        for name in (c.USER_ID, c.VIDEO_ID):
            if name not in frame:
                raise DataError(
                    f"{source}: no column {name!r}; found {', '.join(map(str, frame.columns)) or 'no columns'}. "
                    "Rename the column, or name it when importing."
                )
        user = positions(frame[c.USER_ID], users).astype(np.int32)
        if (user < 0).any():
            row = int(np.flatnonzero(user < 0)[0])
            raise DataError(
                f"{source}: row {row + 1}: {c.USER_ID} {shortened(frame[c.USER_ID].iat[row])} is empty or unknown. "
                "Fill it in or drop the row."
            )
        rows = catalog.rows(frame[c.VIDEO_ID], source=source)
        timestamp = value = propensity = None
        order = np.argsort(user, kind="stable")
        if c.TIMESTAMP in frame:
            timestamp = _finite(frame, c.TIMESTAMP, source, low=-_LAST_SECOND, high=_LAST_SECOND).astype(np.int64)
            order = np.lexsort((timestamp, user))
        if c.ENGAGEMENT in frame:
            value = _finite(frame, c.ENGAGEMENT, source, low=0.0, high=_LARGEST).astype(np.float32)
        if c.PROPENSITY in frame:
            propensity = _finite(frame, c.PROPENSITY, source, low=_SMALLEST, high=1.0).astype(np.float32)
        return cls(user, rows, timestamp, value, propensity).take(order)


def user_ids(frames: Sequence[pd.DataFrame]) -> pd.Index:
    """The distinct users of some logs in sorted order, as `Interactions.from_frames` numbers them; blanks left out."""
    distinct = {str(user).strip() for frame in frames for user in frame[c.USER_ID].unique() if not pd.isna(user)}
    return pd.Index(sorted(distinct - {""}), dtype=object)


@dataclass(frozen=True)
class Interactions:
    """A watch log over one catalogue."""

    n_users: int
    n_videos: int
    engagements: Events
    exposures: Events | None = None  # every impression, the engaged ones too, value = its engagement (0 = none)

    @classmethod
    def from_frames(
        cls,
        catalog: Catalog,
        engagements: pd.DataFrame,
        exposures: pd.DataFrame | None = None,
        *,
        source: str,
        users: pd.Index | None = None,
    ) -> Interactions:
        """Check both frames (see `Events.from_frame`) and freeze them; users are numbered in sorted order.

        `users` numbers them as another log does: ids in the order of their numbers, a user outside it is refused.

        Raises DataError as `Events.from_frame` does, and NotEnoughData if nobody engaged with anything.
        """
        frames = [engagements] if exposures is None else [engagements, exposures]
        for frame in frames:
            if c.USER_ID not in frame:
                Events.from_frame(frame, pd.Index([]), catalog, source=source)
        if users is None:
            users = user_ids(frames)
        if engagements.empty:
            raise NotEnoughData(
                f"{source}: no engagements; every row is below the threshold or the log is empty. "
                "Lower the threshold or export more."
            )
        return cls(
            len(users),
            len(catalog),
            Events.from_frame(engagements, users, catalog, source=source),
            None if exposures is None else Events.from_frame(exposures, users, catalog, source=source),
        )

    @property
    def has_time(self) -> bool:
        """Whether the log says when things happened."""
        return self.engagements.timestamp is not None

    @cached_property
    def popularity(self) -> Counts:
        """Engagements of every video: `[n_videos]`."""
        return self.engagements.counts(self.n_videos)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any event does: 16 hex digits."""
        digest = hashlib.sha256(f"{self.n_users},{self.n_videos}".encode())
        for events in (self.engagements, self.exposures):
            if events is None:
                digest.update(b"none")
                continue
            for array in (events.user, events.row, events.timestamp, events.value, events.propensity):
                digest.update(b"-" if array is None else array.tobytes())
        return digest.hexdigest()[:16]


def _finite(frame: pd.DataFrame, name: str, source: str, *, low: float, high: float) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = ~((numbers >= low) & (numbers <= high))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"{source}: row {row + 1}, column {name}: found {shortened(frame[name].iat[row])}, expected a number from "
            f"{low:g} to {high:g} ({int(bad.sum())} such rows). Correct or drop them."
        )
    return numbers
