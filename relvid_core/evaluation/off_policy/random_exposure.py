"""Average engagement of lists over a log in which videos were shown by chance: no weights, no model, little data.

A user's list videos are those in the lists of the videos that they engaged with before. Where one of these happens to
be shown at random, its engagement is a fair draw of what the list would earn. Recall on such a log is another matter:
it depends on which videos chance has shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Interactions
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation.estimates import Estimate, bootstrap
from relvid_core.evaluation.metrics import PerSeed, share
from relvid_core.evaluation.off_policy.diagnostics import ENOUGH_EFFECTIVE, FEWEST_EFFECTIVE, Verdict
from relvid_core.retrieval.ranking import Neighbours, check_seeds

Unit = Literal["user", "seed"]

POOL_SHARE: Final = 0.9  # of the places in the lists; below it the random log speaks of a part of the lists only
_BLOCK = 20_000  # exposures matched at a time


@dataclass(frozen=True)
class RandomExposure:
    """What the lists earned where chance showed them."""

    per_unit: PerSeed  # [n_users] or [n_lists] mean engagement, NaN where no list video was shown
    estimate: Estimate  # mean over the units that have one
    anything: float  # mean engagement of all random exposures: what lists drawn by lot would earn
    n_matched: int  # random exposures of a list video
    effective_sample_size: float  # (Σw)² / Σw² over them, w = what an exposure counts for in the estimate
    pool_share: float  # share of the places in the lists whose video was ever shown at random
    verdict: Verdict
    sentence: str


def random_exposure(
    seeds: Rows,
    lists: Neighbours,
    log: Interactions,
    history: Interactions,
    *,
    unit: Unit = "user",
    replicates: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> RandomExposure:
    """Mean engagement of list videos over the random exposures of `log`, by user or by seed video.

    Every exposure (user, j) counts once for each seed that the user engaged with in `history` and whose list holds j.
    Both logs must number users and videos alike. By user the interval speaks of other users; by seed, of other seed
    videos shown to these users. Raises DataError for logs of different users or without the engagement of what was
    shown, NotEnoughData where no random exposure falls into a list.
    """
    exposures = log.exposures
    if exposures is None or exposures.value is None:
        raise DataError("random exposure: the log does not say what was shown and what came of it. Export both.")
    if (log.n_users, log.n_videos) != (history.n_users, history.n_videos):
        raise DataError(
            f"random exposure: {log.n_users} users and {log.n_videos} videos in the random log, {history.n_users} and "
            f"{history.n_videos} in the history; read both so that they number users and videos alike"
        )
    check_seeds(seeds, len(lists.rows), log.n_videos)
    reward = exposures.value.astype(np.float64)
    matches = _matches(seeds, lists.rows, exposures.user, exposures.row, history)  # [n_exposures, n_lists]
    times = np.asarray(matches.sum(axis=1), dtype=np.float64).ravel()
    if not times.any():
        raise NotEnoughData(
            f"random exposure: none of {len(exposures)} random exposures shows a user something from the lists of what "
            "they watched. Use longer lists or a larger random log."
        )
    units = _by_user(exposures.user, times, log.n_users) if unit == "user" else sparse.csr_matrix(matches.T)
    counted = np.asarray(units.sum(axis=1), dtype=np.float64).ravel()
    per_unit = share(units @ reward, counted)
    weight = np.divide(1.0, counted, out=np.zeros_like(counted), where=counted > 0) @ units  # of each exposure
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    in_pool = float((exposures.counts(log.n_videos) > 0)[lists.rows].mean())
    verdict, sentence = _verdict(effective, in_pool)
    return RandomExposure(
        per_unit,
        bootstrap(per_unit, replicates=replicates, confidence=confidence, seed=seed),
        float(reward.mean()),
        int((times > 0).sum()),
        effective,
        in_pool,
        verdict,
        sentence,
    )


def _by_user(user: npt.NDArray[np.int32], times: npt.NDArray[np.float64], n_users: int) -> sparse.csr_matrix:
    """`[n_users, n_exposures]`: how often each exposure counts for its user."""
    return sparse.csr_matrix((times, (user, np.arange(len(user)))), shape=(n_users, len(user)))


def _matches(
    seeds: Rows, rows: Rows, user: npt.NDArray[np.int32], shown: Rows, history: Interactions
) -> sparse.csr_matrix:
    """1 where the user of an exposure had engaged with the seed and its list holds what was shown."""
    n_lists, k = rows.shape
    events = history.engagements
    list_of = np.full(history.n_videos, -1, dtype=np.int64)
    list_of[seeds] = np.arange(n_lists)
    asked = list_of[events.row] >= 0
    entries = (events.user[asked], list_of[events.row[asked]])
    audience = sparse.csr_matrix((np.ones(int(asked.sum())), entries), shape=(history.n_users, n_lists))
    audience.data[:] = 1.0  # watched twice is watched
    holds = sparse.csr_matrix(
        (np.ones(rows.size), (rows.ravel(), np.repeat(np.arange(n_lists), k))), shape=(history.n_videos, n_lists)
    )
    parts = [
        audience[user[start : start + _BLOCK]].multiply(holds[shown[start : start + _BLOCK]])
        for start in range(0, len(user), _BLOCK)
    ]
    return sparse.csr_matrix(sparse.vstack(parts)) if parts else sparse.csr_matrix((0, n_lists))


def _verdict(effective: float, in_pool: float) -> tuple[Verdict, str]:
    if effective < FEWEST_EFFECTIVE:
        return "no support", (
            f"Random exposures worth {effective:.0f} of equal weight fall into these lists (at least "
            f"{FEWEST_EFFECTIVE:.0f} are needed): too few to say what they earn."
        )
    doubts = []
    if effective < ENOUGH_EFFECTIVE:
        doubts.append(f"only {effective:.0f} random exposures speak for it ({ENOUGH_EFFECTIVE:.0f} are enough)")
    if in_pool < POOL_SHARE:
        doubts.append(f"{1 - in_pool:.0%} of the lists was never shown at random, and nothing is known of that part")
    if doubts:
        return "weak", f"Take it as a hint: {'; '.join(doubts)}."
    return "reliable", f"Worth {effective:.0f} random exposures, which cover {in_pool:.0%} of the lists."
