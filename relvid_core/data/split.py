"""Cutting a log in time: what the model may see, and what it is asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from relvid_core.config import FoldName, SplitConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Counts, Events, Interactions
from relvid_core.errors import NotEnoughData
from relvid_core.runtime import generator

Windows = npt.NDArray[np.int8]
TRAIN, VALIDATION, TEST = 0, 1, 2


@dataclass(frozen=True)
class Fold:
    """`history` is all that training, popularity, propensity and co-counts may use; `target` is what happened next."""

    history: Interactions
    target: Interactions


@dataclass(frozen=True)
class PairFold:
    """As `Fold`, for ready-made pairs: what may be learned from, and what is asked about."""

    history: CoEngagement
    target: CoEngagement


@dataclass(frozen=True)
class Split:
    """A log with the window (TRAIN, VALIDATION or TEST) of every event."""

    interactions: Interactions
    engagement_windows: Windows
    exposure_windows: Windows | None

    def fold(self, name: FoldName) -> Fold:
        """ "validation": train → validation, for tuning. "test": train and validation → test, for the last word."""
        target = VALIDATION if name == "validation" else TEST
        return Fold(self._between(TRAIN, target - 1), self._between(target, target))

    def _between(self, first: int, last: int) -> Interactions:
        def inside(windows: Windows) -> npt.NDArray[np.bool_]:
            return (windows >= first) & (windows <= last)

        log = self.interactions
        exposures = log.exposures
        if exposures is not None and self.exposure_windows is not None:
            exposures = exposures.take(inside(self.exposure_windows))
        return replace(log, engagements=log.engagements.take(inside(self.engagement_windows)), exposures=exposures)


def split_interactions(interactions: Interactions, config: SplitConfig) -> Split:
    """Cut the log by each user's own order ("per_user") or at one moment for everybody ("global").

    Exposures fall with the engagements around them. A log without timestamps has no "later": its engagements are dealt
    at random (fixed seed) within each user, and the dataset's notes must say so.
    Raises NotEnoughData if a window would hold no engagement.
    """
    log = interactions.engagements
    shares = _cut_shares(config)
    cuts: npt.NDArray[np.float64] | None = None
    if config.kind == "global" and log.timestamp is not None:
        cuts = np.quantile(log.timestamp, shares)
        engaged = np.searchsorted(cuts, log.timestamp, side="left").astype(np.int8)
    else:
        engaged = np.searchsorted(shares, _place_in_user(log), side="right").astype(np.int8)
    for window, name in enumerate(("train", "validation", "test")):
        if not (engaged == window).any():
            raise NotEnoughData(
                f"split: the {name} window has no engagements ({len(engaged)} in the log, kind={config.kind!r}). "
                "Use a longer log, another split kind, or larger shares."
            )
    exposures = interactions.exposures
    if exposures is None:
        return Split(interactions, engaged, None)
    if cuts is not None and exposures.timestamp is not None:
        return Split(interactions, engaged, np.searchsorted(cuts, exposures.timestamp, side="left").astype(np.int8))
    return Split(interactions, engaged, _exposure_windows(exposures, interactions, engaged))


def cold_rows(popularity: Counts, share: float) -> Rows:
    """Videos to be hidden from training and asked about as if new: this share of those that anybody engaged with.

    The same ones for every config and fold (fixed seed), ascending; none where the share is 0.
    """
    watched = np.flatnonzero(popularity > 0)
    drawn = generator(0, "cold videos").permutation(len(watched))[: round(share * len(watched))]
    return np.sort(watched[drawn]).astype(np.int32)


def without_videos(log: Interactions, rows: Rows) -> Interactions:
    """The log without any engagement with these videos, or exposure of them."""
    kept = np.ones(log.n_videos, dtype=np.bool_)
    kept[rows] = False
    exposures = None if log.exposures is None else log.exposures.take(kept[log.exposures.row])
    return replace(log, engagements=log.engagements.take(kept[log.engagements.row]), exposures=exposures)


def split_pairs(pairs: CoEngagement, config: SplitConfig) -> PairFold:
    """Deal ready-made pairs at random (fixed seed): they have no time. `config.kind` has no say.

    Both directions of a pair fall together, or the answer would stand in the history.
    Raises NotEnoughData if either side would be empty.
    """
    entries = pairs.matrix.tocoo()
    n_videos = pairs.matrix.shape[0]
    low, high = np.minimum(entries.row, entries.col), np.maximum(entries.row, entries.col)
    _, couple = np.unique(low.astype(np.int64) * n_videos + high, return_inverse=True)
    place = np.empty(couple.max(initial=-1) + 1)
    place[generator(0, "split pairs").permutation(len(place))] = np.arange(len(place)) / max(1, len(place))
    window = np.searchsorted(_cut_shares(config), place, side="right")[couple]
    target = VALIDATION if config.fold == "validation" else TEST
    sides = [window < target, window == target]
    if not (sides[0].any() and sides[1].any()):
        raise NotEnoughData(
            f"split: {len(place)} pairs are too few to hold some back. Bring more, or raise the shares."
        )
    history, held = (
        CoEngagement.from_pairs(
            entries.row[side].astype(np.int32), entries.col[side].astype(np.int32), entries.data[side], n_videos
        )
        for side in sides
    )
    return PairFold(history, held)


def _cut_shares(config: SplitConfig) -> tuple[float, float]:
    """Where validation and test begin. Rounded: in floats 1 - 0.2 - 0.1 lies above 0.7 = 7 / 10."""
    return round(1.0 - config.test_share - config.validation_share, 9), round(1.0 - config.test_share, 9)


def _exposure_windows(exposures: Events, interactions: Interactions, engaged: Windows) -> Windows:
    log = interactions.engagements
    if exposures.timestamp is None or log.timestamp is None:  # held out exactly where the engagement is
        pair = log.user.astype(np.int64) * interactions.n_videos + log.row
        shown_pair = exposures.user.astype(np.int64) * interactions.n_videos + exposures.row
        held_out = np.zeros(len(exposures), dtype=np.int8)
        for window in (VALIDATION, TEST):
            held_out[np.isin(shown_pair, pair[engaged == window])] = window
        return held_out
    starts = np.full((2, interactions.n_users), np.iinfo(np.int64).max)
    for i, window in enumerate((VALIDATION, TEST)):
        late = engaged >= window
        np.minimum.at(starts[i], log.user[late], log.timestamp[late])
    silent = np.bincount(log.user, minlength=interactions.n_users) == 0  # nothing of theirs is asked about
    starts[:, silent] = np.array([[log.timestamp[engaged >= w].min()] for w in (VALIDATION, TEST)])
    windows: Windows = (exposures.timestamp >= starts[:, exposures.user]).sum(axis=0).astype(np.int8)
    return windows


def _place_in_user(events: Events) -> npt.NDArray[np.float64]:
    """How far through the user's own events each one stands, in [0, 1)."""
    size = np.bincount(events.user)
    first = np.cumsum(size) - size
    step = np.arange(len(events)) - first[events.user]
    if events.timestamp is None:
        order = np.lexsort((generator(0, "split").random(len(events)), events.user))
        dealt = np.empty_like(step)
        dealt[order] = step
        step = dealt
    place: npt.NDArray[np.float64] = step / size[events.user]
    return place
