"""Co-engagement: which videos the same viewer engaged with close together, counted once and kept as a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.config import CoEngagementConfig, PairWeight
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Events, Floats
from relvid_core.errors import NotEnoughData


@dataclass(frozen=True)
class CoEngagement:
    """Aggregated pairs. `matrix[i, j]` is N_ij, the weight of seed i → candidate j; the diagonal is empty."""

    matrix: sparse.csr_matrix  # [n_videos, n_videos] float32

    @classmethod
    def from_events(cls, events: Events, n_videos: int, config: CoEngagementConfig) -> CoEngagement:
        """Count pairs of engagements of one user that are at most `window` steps apart (0 or no order: any two).

        Raises NotEnoughData if no user engaged with two different videos.
        """
        if events.timestamp is None or config.window == 0:
            matrix = _all_pairs(events, n_videos, config.pair_weight)
        else:
            matrix = _windowed_pairs(events, n_videos, config)
        if matrix.nnz == 0:
            raise NotEnoughData(
                f"co-engagement: {len(events)} engagements hold no viewer with two different videos. "
                "Use a longer log or a lower engagement threshold."
            )
        return cls(matrix)

    @cached_property
    def seeds(self) -> Rows:
        """Rows that have at least one partner, ascending."""
        return np.flatnonzero(np.diff(self.matrix.indptr)).astype(np.int32)

    @cached_property
    def candidate_marginal(self) -> npt.NDArray[np.float64]:
        """p_j: the share of all pair weight that ends in candidate j, `[n_videos]`, sums to 1."""
        total = np.asarray(self.matrix.sum(axis=0), dtype=np.float64).ravel()
        marginal: npt.NDArray[np.float64] = total / total.sum()
        return marginal


def _user_weights(events: Events, pairs_of_user: npt.NDArray[np.float64], kind: PairWeight) -> Floats:
    """Weight of one pair of each user. "user": a viewer with n engagements has total pair weight n, not n·window."""
    if kind == "pair":
        return np.ones(len(pairs_of_user), dtype=np.float32)
    n = np.bincount(events.user, minlength=len(pairs_of_user))
    return (n / np.maximum(pairs_of_user, 1)).astype(np.float32)


def _windowed_pairs(events: Events, n_videos: int, config: CoEngagementConfig) -> sparse.csr_matrix:
    lags = list(_lagged(events, config.window))
    n_users = int(events.user.max(initial=-1)) + 1
    pairs_of_user = np.zeros(n_users)
    for first, _ in lags:
        pairs_of_user += np.bincount(events.user[first], minlength=n_users)
    weight = _user_weights(events, pairs_of_user, config.pair_weight)
    matrix = sparse.csr_matrix((n_videos, n_videos), dtype=np.float32)
    for first, second in lags:
        one_lag = (weight[events.user[first]], (events.row[first], events.row[second]))
        matrix = matrix + sparse.csr_matrix(one_lag, shape=matrix.shape)
    if config.symmetric:
        matrix = matrix + matrix.T
    return sparse.csr_matrix(matrix)


def _lagged(events: Events, window: int) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Positions (earlier, later) of pairs exactly 1, 2, … `window` steps apart; events are sorted by user and time."""
    for lag in range(1, window + 1):
        first = np.arange(max(0, len(events) - lag))
        second = first + lag
        keep = (events.user[first] == events.user[second]) & (events.row[first] != events.row[second])
        if not keep.any():
            continue
        yield first[keep], second[keep]


def _all_pairs(events: Events, n_videos: int, kind: PairWeight) -> sparse.csr_matrix:
    n_users = int(events.user.max(initial=-1)) + 1
    ones = np.ones(len(events), dtype=np.float32)
    watched = sparse.csr_matrix((ones, (events.user, events.row)), shape=(n_users, n_videos))
    watched.data[:] = 1.0  # a video watched twice is still one engagement of that viewer
    distinct = np.diff(watched.indptr).astype(np.float64)
    weight = _user_weights(events, distinct * (distinct - 1) / 2, kind)
    matrix = sparse.csr_matrix(watched.T @ sparse.diags_array(weight) @ watched, dtype=np.float32)
    matrix.setdiag(0.0)
    matrix.eliminate_zeros()
    return matrix
