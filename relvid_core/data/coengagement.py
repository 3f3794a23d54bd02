"""Co-engagement: which videos the same viewer engaged with close together, counted once and kept as a matrix."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.config import CoEngagementConfig, PairWeight
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Events, Floats, Interactions, Mask
from relvid_core.errors import NotEnoughData

Matrix = sparse.csr_matrix
Positions = npt.NDArray[np.int64]

_BLOCK = 5_000_000  # pairs summed at once: about 100 MB


@dataclass(frozen=True)
class CoEngagement:
    """Aggregated pairs. `matrix[i, j]` is N_ij, the weight of seed i → candidate j; the diagonal is empty."""

    matrix: sparse.csr_matrix  # [n_videos, n_videos] float32

    @classmethod
    def from_events(cls, events: Events, n_videos: int, config: CoEngagementConfig) -> CoEngagement:
        """Count pairs of engagements of one user that are at most `window` steps apart.

        With window 0 each two distinct videos of a user make one pair, directed (if asked) from the one first watched
        earlier. A log without times has no order: any two, symmetric. Raises NotEnoughData if no
        user engaged with two different videos.
        """
        if events.timestamp is None or (config.window == 0 and config.symmetric):
            matrix = _all_pairs(events, n_videos, config.pair_weight)
        else:
            counted = events if config.window else _first_watches(events, n_videos)
            window = config.window or len(counted)
            n_users = int(events.user.max(initial=-1)) + 1
            pairs_of_user = np.zeros(n_users)
            if config.pair_weight == "user":
                for first, _ in _lagged(counted, window):
                    pairs_of_user += np.bincount(counted.user[first], minlength=n_users)
            weight = _user_weights(events, pairs_of_user, config.pair_weight)
            matrix = _ordered_pairs(counted, n_videos, window, weight)
            if config.symmetric:
                matrix = sparse.csr_matrix(matrix + matrix.T)
        if matrix.nnz == 0:
            raise NotEnoughData(
                f"co-engagement: {len(events)} engagements hold no viewer with two different videos. "
                "Use a longer log or a lower engagement threshold."
            )
        return cls(matrix)

    @classmethod
    def from_pairs(cls, seeds: Rows, candidates: Rows, weights: Floats, n_videos: int) -> CoEngagement:
        """Ready-made pairs `[n_pairs]` with weights above 0; repeated pairs add up, a video with itself is left out.

        Raises NotEnoughData if no pair of two different videos is left.
        """
        keep = (seeds != candidates) & (weights > 0)
        if not keep.any():
            raise NotEnoughData(
                f"pairs: none of the {len(seeds)} pairs joins two different videos with a weight above 0. "
                "Check the two id columns and the weights."
            )
        return cls(_matrix([seeds[keep]], [candidates[keep]], [weights[keep]], n_videos))

    def without(self, rows: Rows) -> CoEngagement:
        """The pairs in which none of these videos takes part. Raises NotEnoughData if none is left."""
        kept = np.ones(self.matrix.shape[0], dtype=np.bool_)
        kept[rows] = False
        entries = self.matrix.tocoo()
        both = kept[entries.row] & kept[entries.col]
        return CoEngagement.from_pairs(
            entries.row[both].astype(np.int32), entries.col[both].astype(np.int32), entries.data[both], len(kept)
        )

    @cached_property
    def seeds(self) -> Rows:
        """Rows that have at least one partner, ascending."""
        return np.flatnonzero(np.diff(self.matrix.indptr)).astype(np.int32)

    @cached_property
    def known(self) -> Mask:
        """`[n_videos]`: in at least one pair, as a seed or as a candidate."""
        known: Mask = np.bincount(self.matrix.indices, minlength=self.matrix.shape[0]) > 0
        known[self.seeds] = True
        return known

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any pair or weight does: 16 hex digits."""
        matrix = self.matrix.copy()
        matrix.sum_duplicates()  # also sorts the columns of each row
        digest = hashlib.sha256(repr(matrix.shape).encode())
        for array in (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data):
            digest.update(array.tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def candidate_marginal(self) -> npt.NDArray[np.float64]:
        """p_j: the share of all pair weight that ends in candidate j, `[n_videos]`, sums to 1."""
        total = np.asarray(self.matrix.sum(axis=0), dtype=np.float64).ravel()
        marginal: npt.NDArray[np.float64] = total / total.sum()
        return marginal

    @cached_property
    def log_marginal(self) -> npt.NDArray[np.float64]:
        """log p_j, `[n_videos]`; a candidate in which no pair ends gets half a pair of the lightest weight."""
        floor = 0.5 * float(self.matrix.data.min()) / float(self.matrix.sum())
        log_p: npt.NDArray[np.float64] = np.log(np.maximum(self.candidate_marginal, floor))
        return log_p


def log_of_pairs(pairs: CoEngagement) -> Interactions:
    """The pairs as a log, where there is no other: each seed is a viewer who engaged with its candidates.

    So a video's popularity is the number of pairs that end in it. Value is the pair's weight; nothing has a time.
    """
    coordinates = pairs.matrix.tocoo()
    n_videos = pairs.matrix.shape[0]
    user = np.searchsorted(pairs.seeds, coordinates.row).astype(np.int32)
    events = Events(user, coordinates.col.astype(np.int32), value=coordinates.data.astype(np.float32))
    return Interactions(len(pairs.seeds), n_videos, events)


def _user_weights(events: Events, pairs_of_user: npt.NDArray[np.float64], kind: PairWeight) -> Floats:
    """Weight of one pair of each user. "user": a viewer with n engagements has total pair weight n, not n·window."""
    if kind == "pair":
        return np.ones(len(pairs_of_user), dtype=np.float32)
    n = np.bincount(events.user, minlength=len(pairs_of_user))
    return (n / np.maximum(pairs_of_user, 1)).astype(np.float32)


def _ordered_pairs(events: Events, n_videos: int, window: int, weight: Floats) -> Matrix:
    """Weight of each earlier → later pair at most `window` steps apart, summed block by block."""
    rows, columns, weights = [events.row[:0]], [events.row[:0]], [weight[:0]]
    matrix, waiting = _matrix(rows, columns, weights, n_videos), 0
    for first, second in _lagged(events, window):
        rows.append(events.row[first])
        columns.append(events.row[second])
        weights.append(weight[events.user[first]])
        waiting += len(first)
        if waiting > _BLOCK:
            matrix = sparse.csr_matrix(matrix + _matrix(rows, columns, weights, n_videos))
            rows, columns, weights, waiting = [], [], [], 0
    return sparse.csr_matrix(matrix + _matrix(rows, columns, weights, n_videos)) if rows else matrix


def _matrix(rows: list[Rows], columns: list[Rows], weights: list[Floats], n_videos: int) -> Matrix:
    entries = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(entries, shape=(n_videos, n_videos), dtype=np.float32)


def _lagged(events: Events, window: int) -> Iterator[tuple[Positions, Positions]]:
    """Positions (earlier, later) of pairs exactly 1, 2, … `window` steps apart; events are sorted by user and time."""
    first = np.arange(len(events))
    end = np.searchsorted(events.user, events.user, side="right")  # where the next user's events begin
    for lag in range(1, window + 1):
        first = first[first + lag < end[first]]
        if not len(first):
            return
        other = events.row[first] != events.row[first + lag]
        yield first[other], first[other] + lag


def _first_watches(events: Events, n_videos: int) -> Events:
    """Each user's first engagement with each video, in the same order."""
    pair = events.user.astype(np.int64) * n_videos + events.row
    _, first = np.unique(pair, return_index=True)
    return events.take(np.sort(first))


def _all_pairs(events: Events, n_videos: int, kind: PairWeight) -> Matrix:
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
