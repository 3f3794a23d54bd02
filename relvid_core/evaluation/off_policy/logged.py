"""The slots of a watch-next shelf, read back out of an exposure log: what was watched, what was shown, what came of it.

A log says who was shown what and when, but seldom beside which video. It can be recovered: exposures of one user with
no long pause between them are one visit, and the video being watched is the one engaged with last in the same visit.
Slots before the first engagement of a visit have no seed (the home page) and are left out. In the sample world this is
exactly how the logger works; there, 99.7 % of the slots get the seed that the simulation wrote down, the rest being
visits that follow each other within the pause.

Judge a run in the slots of its *target* window (`LoggedSlots.of_target`): in those that it was trained on it is judged
by what it remembers. And the window must be cut at one moment for everybody. Where each viewer's own share of
engagements decides, as in the split kind "per_user", a window begins or ends at an engagement, and the slots in it are
no fair sample: on the sample world this alone made every estimate 5 to 45 % too low. Such a split is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from relvid_core.config import FoldName, OffPolicyConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts, Events, Interactions, Mask
from relvid_core.data.propensity import Propensity
from relvid_core.data.split import TEST, VALIDATION, Split
from relvid_core.errors import ConfigError, DataError, NotEnoughData

Values = npt.NDArray[np.float64]
PropensityOrigin = Literal["logged", "estimated"]

VISIT_GAP_S: Final = 1800.0  # half an hour without an exposure ends a visit, as web analytics has it
MOST_PAIRS: Final = 50_000_000  # (slot, earlier exposure of its visit): 400 MB


@dataclass(frozen=True)
class LoggedSlots:
    """Watch-next slots in the order of the log, `[n_slots]`, and what had been shown before each in its visit."""

    seed_row: Rows  # the video being watched
    shown_row: Rows
    reward: Values  # engagement value of the shown video, ≥ 0; 0 = shown and left alone
    propensity: Values  # that the logger showed this video in this slot, in (0, 1]
    user: npt.NDArray[np.int32]  # 0 … n_users-1
    seen_slot: Counts  # [n_seen] a slot, and …
    seen_row: Rows  # [n_seen] … a video that was shown before it in the same visit
    exposure: Counts  # position in the exposures of the log
    n_videos: int
    origin: PropensityOrigin
    n_without_seed: int  # exposures left out: nothing was being watched

    def __len__(self) -> int:
        return len(self.seed_row)

    @classmethod
    def from_interactions(
        cls, log: Interactions, *, visit_gap_s: float = VISIT_GAP_S, counts_from: Interactions | None = None
    ) -> LoggedSlots:
        """The slots of a log with exposures, their engagement values and times.

        Where the log carries no propensities they are estimated from exposure counts (`data.propensity`, "exposures")
        of `counts_from`, or else of `log` itself, as the chance that any slot shows the video. That knows nothing of
        the video being watched nor of the viewer, so what rests on it is labelled "estimated".
        Raises NotEnoughData for a log without exposures, times, values or any slot that has a seed.
        """
        exposures = log.exposures
        if exposures is None or exposures.timestamp is None or exposures.value is None:
            lacking = "exposures" if exposures is None else "times" if exposures.timestamp is None else "engagements"
            raise NotEnoughData(
                f"off-policy: the log holds no {lacking} of what was shown. Export every impression with its time and "
                "whether it was engaged with."
            )
        if not visit_gap_s > 0:
            raise ConfigError(f"visit_gap_s: received {visit_gap_s}; give a pause above 0 seconds")
        start = _visit_starts(exposures.user, exposures.timestamp, visit_gap_s)
        seed_at = _last_engaged(exposures.value > 0, start)
        slot = np.flatnonzero(seed_at >= 0)
        slot = slot[exposures.row[slot] != exposures.row[seed_at[slot]]]  # the seed again is no recommendation
        if not len(slot):
            raise NotEnoughData(
                f"off-policy: in {len(exposures)} exposures nothing was ever shown after an engagement of the same "
                f"visit (pauses up to {visit_gap_s:g} s). Use a longer log or a longer pause."
            )
        propensity, origin = _propensity(exposures, log if counts_from is None else counts_from)
        seen_slot, seen_row = _shown_before(exposures.row, start, slot)
        return cls(
            exposures.row[seed_at[slot]],
            exposures.row[slot],
            exposures.value[slot].astype(np.float64),
            propensity[slot],
            exposures.user[slot],
            seen_slot,
            seen_row,
            slot,
            log.n_videos,
            origin,
            len(exposures) - len(slot),
        )

    @classmethod
    def of_target(cls, split: Split, name: FoldName, *, visit_gap_s: float = VISIT_GAP_S) -> LoggedSlots:
        """The slots in the target window of a fold, with what was being watched read from the whole log.

        Propensities that must be estimated are taken from the history. Raises ConfigError if the windows do not lie one
        after the other in time, and as `from_interactions`.
        """
        log, windows = split.interactions, split.exposure_windows
        exposures = log.exposures
        if exposures is None or exposures.timestamp is None or windows is None:
            return cls.from_interactions(log)  # which says what is lacking
        target = VALIDATION if name == "validation" else TEST
        for earlier, later in ((windows < target, windows >= target), (windows <= target, windows > target)):
            if not (earlier.any() and later.any()):
                continue
            if exposures.timestamp[earlier].max() > exposures.timestamp[later].min():
                raise ConfigError(
                    "off-policy: the windows of this log end at each viewer's own share of engagements, so which slots "
                    "fall into the target depends on what was engaged with, and every value would be far off. "
                    "Use split kind 'global'."
                )
        whole = cls.from_interactions(log, visit_gap_s=visit_gap_s, counts_from=split.fold(name).history)
        inside = windows[whole.exposure] == target
        if not inside.any():
            raise NotEnoughData(
                f"off-policy: the {name} window holds none of {len(whole)} slots in which something was being watched. "
                "Use a larger share of the log for it."
            )
        return whole.take(inside, n_without_seed=int((windows == target).sum() - inside.sum()))

    def take(self, kept: Mask, *, n_without_seed: int) -> LoggedSlots:
        """The slots at a boolean mask `[n_slots]`; the count of exposures left out is the caller's to say."""
        number = np.cumsum(kept) - 1
        seen = kept[self.seen_slot]
        return LoggedSlots(
            self.seed_row[kept],
            self.shown_row[kept],
            self.reward[kept],
            self.propensity[kept],
            self.user[kept],
            number[self.seen_slot[seen]],
            self.seen_row[seen],
            self.exposure[kept],
            self.n_videos,
            self.origin,
            n_without_seed,
        )


def _visit_starts(user: npt.NDArray[np.int32], time: npt.NDArray[np.int64], gap_s: float) -> Counts:
    """Position of the first exposure of each exposure's visit; events are sorted by user, then time."""
    begins = np.ones(len(user), dtype=np.bool_)
    begins[1:] = (user[1:] != user[:-1]) | (np.diff(time) > gap_s)
    return np.maximum.accumulate(np.where(begins, np.arange(len(user)), 0))


def _last_engaged(engaged: Mask, start: Counts) -> Counts:
    """Position of the last engagement before each exposure within its visit, −1 where there is none."""
    last = np.full(len(engaged), -1, dtype=np.int64)
    last[1:] = np.maximum.accumulate(np.where(engaged, np.arange(len(engaged)), -1))[:-1]
    return np.where(last >= start, last, -1)


def _shown_before(row: Rows, start: Counts, slot: Counts) -> tuple[Counts, Rows]:
    """Every (number of the slot, video shown before it in its visit), repeats included."""
    before = slot - start[slot]
    if (pairs := int(before.sum())) > MOST_PAIRS:
        raise DataError(
            f"off-policy: visits of up to {int(before.max()) + 1:,} exposures make {pairs:,} pairs of a slot and what "
            f"was shown before it; at most {MOST_PAIRS:,} fit. Use a shorter pause between visits or fewer users."
        )
    number = np.repeat(np.arange(len(slot)), before)
    step = np.arange(pairs) - np.repeat(np.cumsum(before) - before, before)
    return number, row[start[slot][number] + step]


def _propensity(exposures: Events, counted: Interactions) -> tuple[Values, PropensityOrigin]:
    if exposures.propensity is not None:
        return exposures.propensity.astype(np.float64), "logged"
    relative = Propensity.from_log(counted, OffPolicyConfig(propensity="exposures")).value
    return (relative / relative.sum())[exposures.row], "estimated"
