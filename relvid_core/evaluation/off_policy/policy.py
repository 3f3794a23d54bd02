"""A run as a policy: in a watch-next slot of seed i it shows one video of its list, j with probability π(j | i).

It never shows a video again in the visit in which it was shown: what is left of the list is normalised again. The
logger of the sample world does the same, and had the policy no such rule, part of it could never be seen in the log.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts, Mask
from relvid_core.errors import ConfigError, DataError, NotEnoughData
from relvid_core.evaluation.off_policy.logged import LoggedSlots, Values
from relvid_core.retrieval.ranking import Neighbours, check_seeds


@dataclass(frozen=True)
class ListPolicy:
    """π(j | i) over the list of each seed, before anything was shown."""

    seeds: Rows  # [n_lists]
    rows: Rows  # [n_lists, k]
    probability: Values  # [n_lists, k], each list sums to 1
    n_videos: int

    @classmethod
    def uniform(cls, seeds: Rows, lists: Neighbours, n_videos: int) -> ListPolicy:
        """Every video of the list with the same probability 1/k."""
        check_seeds(seeds, len(lists.rows), n_videos)
        return cls(seeds, lists.rows, np.full(lists.rows.shape, 1.0 / lists.k), n_videos)

    @classmethod
    def softmax(cls, seeds: Rows, lists: Neighbours, n_videos: int, *, temperature: float) -> ListPolicy:
        """π(j | i) ∝ exp(score_ij / temperature) over the list; the colder, the more goes to its top."""
        check_seeds(seeds, len(lists.rows), n_videos)
        if not temperature > 0:
            raise ConfigError(f"temperature: received {temperature}; give a number above 0")
        if not np.isfinite(lists.scores).all():
            raise DataError("off-policy: scores of the lists are NaN or infinite; use the uniform policy instead")
        return cls(seeds, lists.rows, softmax(lists.scores.astype(np.float64) / temperature, axis=1), n_videos)

    def on(self, slots: LoggedSlots) -> PolicyOnLog:
        """What the policy would do in each slot whose seed has a list with a video left.

        Raises NotEnoughData if there is no such slot, DataError if log and policy are of different catalogues.
        """
        if slots.n_videos != self.n_videos:
            raise DataError(
                f"off-policy: the log is over {slots.n_videos} videos, the lists over {self.n_videos}; "
                "take both from one catalogue"
            )
        list_of_video = np.full(self.n_videos, -1, dtype=np.int64)
        list_of_video[self.seeds] = np.arange(len(self.seeds))
        list_of = list_of_video[slots.seed_row]
        seen_slot, seen_place = self._seen(slots, list_of)
        open_mass = 1.0 - np.bincount(
            seen_slot, weights=self.probability[list_of[seen_slot], seen_place], minlength=len(slots)
        )
        left = self.rows.shape[1] - np.bincount(seen_slot, minlength=len(slots))
        asked = (list_of >= 0) & (left > 0) & (open_mass > 1e-12)
        if not asked.any():
            raise NotEnoughData(
                f"off-policy: none of {len(slots)} logged slots has a seed with a list. "
                "Retrieve for the videos that were being watched in this log."
            )
        position = np.cumsum(asked) - 1
        kept = asked[seen_slot]
        found, place = self._places(list_of[asked], slots.shown_row[asked])
        chosen = np.where(found, self.probability[list_of[asked], place], 0.0)
        seen_slot, seen_place = position[seen_slot[kept]], seen_place[kept]
        chosen[seen_slot[place[seen_slot] == seen_place]] = 0.0  # shown again: the policy would not
        mass = open_mass[asked]
        return PolicyOnLog(self, np.flatnonzero(asked), list_of[asked], chosen / mass, mass, seen_slot, seen_place)

    def _seen(self, slots: LoggedSlots, list_of: Counts) -> tuple[Counts, Counts]:
        """(slot, place in its list) of every video of the list that was shown before in the visit; each once."""
        known = np.flatnonzero(list_of[slots.seen_slot] >= 0)
        slot = slots.seen_slot[known]
        found, place = self._places(list_of[slot], slots.seen_row[known])
        k = self.rows.shape[1]
        pairs = np.unique(slot[found] * k + place[found])
        return pairs // k, pairs % k

    def _places(self, lists: Counts, rows: Rows) -> tuple[Mask, Counts]:
        """Whether each video stands in the list of that number, and at which place (0 where it does not)."""
        keys = np.arange(len(self.rows))[:, None] * self.n_videos + self.rows
        order = np.argsort(keys, axis=None)
        ordered = keys.ravel()[order]
        asked = lists * self.n_videos + rows
        at = np.minimum(np.searchsorted(ordered, asked), len(ordered) - 1)
        found: Mask = ordered[at] == asked
        return found, np.where(found, order[at] % self.rows.shape[1], 0)


@dataclass(frozen=True)
class PolicyOnLog:
    """A policy in the slots of a log: `[n_asked]` arrays over the slots that it has an answer for."""

    policy: ListPolicy
    asked: Counts  # which slots
    list_of: Counts  # number of the list
    chosen: Values  # π(shown | seed, seen), 0 where the shown video is not in the list or was shown before
    open_mass: Values  # share of the list's probability that was not shown before in the visit
    seen_at: Counts  # [n_seen] position in `asked`, and …
    seen_place: Counts  # [n_seen] … the place of its list that was shown before

    def expected(self, values: Values, group: npt.NDArray[np.integer]) -> Values:
        """Σ_j π(j | seed, seen) values_j for every asked slot.

        `values` `[n_groups, n_lists, k]` are of the videos in the lists; `group` `[n_asked]` says which of them apply.
        """
        weighted = values * self.policy.probability
        total = weighted.sum(axis=2)[group, self.list_of]
        seen = weighted[group[self.seen_at], self.list_of[self.seen_at], self.seen_place]
        out: Values = (total - np.bincount(self.seen_at, weights=seen, minlength=len(total))) / self.open_mass
        return out
