"""A guess of the reward of every (seed, video), cross-fitted: no slot is predicted from anything its user did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts
from relvid_core.data.topics import Topics, relevance_features
from relvid_core.errors import DataError
from relvid_core.evaluation.off_policy.logged import LoggedSlots, Values
from relvid_core.evaluation.off_policy.policy import PolicyOnLog
from relvid_core.runtime import generator

N_FOLDS: Final = 5
PRIOR_SLOTS: Final = 20.0  # a video's mean reward counts like this many more slots of average reward
RIDGE: Final = 1.0  # squared units of a feature over all slots: only keeps constant features from dividing by zero
_PAIRS = 1 << 20  # pairs whose topics are compared at a time


@dataclass(frozen=True)
class Predictions:
    """q̂ for the asked slots of a policy, `[n_asked]`."""

    shown: Values  # q̂(seed, shown video)
    expected: Values  # Σ_j π(j | seed, seen) q̂(seed, j)


def predict(slots: LoggedSlots, placed: PolicyOnLog, topics: Topics | None = None, *, seed: int = 0) -> Predictions:
    """Predictions of a ridge regression by folds of users; without `topics` the model knows no relatedness.

    q̂(i, j) = b · (1, m_j, R_ij, m_j R_ij, m_i), cut to the range of rewards, with m the smoothed mean reward of a video
    when it is shown and R the graded topic relevance (`relevance_features`). For users of fold f, b and m are taken
    from the other folds; within these, the m of a slot leaves out the slot's own fold too, so that b is not learned
    from rewards that are their own predictor. Raises DataError if the topics are of another catalogue.
    """
    if topics is not None and len(topics.paths) != slots.n_videos:
        raise DataError(
            f"off-policy: received topics of {len(topics.paths)} videos for a log over {slots.n_videos}; "
            "take both from one catalogue"
        )
    policy = placed.policy
    fold_of_user = generator(seed, "reward folds").permutation(int(slots.user.max()) + 1) % N_FOLDS
    fold = fold_of_user[slots.user]
    total, count = _sums(slots, fold)
    relatedness = _Relatedness(None if topics is None else relevance_features(topics))
    of_slot = relatedness.of(slots.seed_row, slots.shown_row)
    of_list = relatedness.of(np.repeat(policy.seeds, policy.rows.shape[1]), policy.rows.ravel())
    low, high = float(slots.reward.min()), float(slots.reward.max())
    shown = np.empty(len(slots))
    in_lists = np.empty((N_FOLDS, *policy.rows.shape))
    for f in range(N_FOLDS):
        features, answers = [], []
        for g in range(N_FOLDS):
            part = (fold == g) & (g != f)
            if part.any():
                others = [h for h in range(N_FOLDS) if h not in (f, g)]
                means = _means(total[others].sum(axis=0), count[others].sum(axis=0))
                features.append(_features(means, slots.seed_row[part], slots.shown_row[part], of_slot[part]))
                answers.append(slots.reward[part])
        others = [h for h in range(N_FOLDS) if h != f]
        means = _means(total[others].sum(axis=0), count[others].sum(axis=0))
        coefficients = _ridge(features, answers)
        held = fold == f
        of_held = _features(means, slots.seed_row[held], slots.shown_row[held], of_slot[held])
        shown[held] = np.clip(of_held @ coefficients, low, high)
        seeds = np.repeat(policy.seeds, policy.rows.shape[1])
        predicted = _features(means, seeds, policy.rows.ravel(), of_list) @ coefficients
        in_lists[f] = np.clip(predicted, low, high).reshape(policy.rows.shape)
    return Predictions(shown[placed.asked], placed.expected(in_lists, fold[placed.asked]))


def _sums(slots: LoggedSlots, fold: Counts) -> tuple[Values, Values]:
    """Rewards and slots of every video by fold, both `[N_FOLDS, n_videos]`."""
    key = fold * slots.n_videos + slots.shown_row
    size = N_FOLDS * slots.n_videos
    total = np.bincount(key, weights=slots.reward, minlength=size).astype(np.float64)
    count = np.bincount(key, minlength=size).astype(np.float64)
    return total.reshape(N_FOLDS, -1), count.reshape(N_FOLDS, -1)


def _means(total: Values, count: Values) -> Values:
    average = total.sum() / max(1.0, count.sum())
    means: Values = (total + PRIOR_SLOTS * average) / (count + PRIOR_SLOTS)
    return means


def _features(means: Values, seeds: Rows, rows: Rows, relatedness: Values) -> Values:
    of_video = means[rows]
    return np.stack([np.ones(len(rows)), of_video, relatedness, of_video * relatedness, means[seeds]], axis=1)


def _ridge(features: list[Values], answers: list[Values]) -> Values:
    """Coefficients of least squares; zeros (a prediction of 0) where there is nothing to learn from."""
    if not features:
        return np.zeros(5)
    design, target = np.concatenate(features), np.concatenate(answers)
    return np.linalg.solve(design.T @ design + RIDGE * np.eye(design.shape[1]), design.T @ target).astype(np.float64)


@dataclass(frozen=True)
class _Relatedness:
    factors: sparse.csr_matrix | None  # F with R = F Fᵀ

    def of(self, seeds: Rows, rows: Rows) -> Values:
        """R_ij of pairs `[n]`, 0 without topics."""
        out = np.zeros(len(rows))
        if self.factors is not None:
            for start in range(0, len(rows), _PAIRS):
                part = slice(start, start + _PAIRS)
                product = self.factors[seeds[part]].multiply(self.factors[rows[part]])
                out[part] = np.asarray(product.sum(axis=1), dtype=np.float64).ravel()
        return out
