"""EASE: a closed-form linear item-item model (Steck 2019, WWW, "Embarrassingly Shallow Autoencoders")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Events, Floats, Interactions
from relvid_core.errors import ConfigError
from relvid_core.evaluation.exposure import popularity_order

DEFAULT_REGULARISATION = 1000.0  # best of 50 … 2000 on MovieLens' validation window; 500 to 2000 hardly differ
MAX_VIDEOS = 12_000  # B takes 0.6 GB of float32 at this size


@dataclass(frozen=True)
class Ease:
    """B of `X ≈ X B` with a zero diagonal, over the videos that somebody engaged with."""

    videos: Rows  # [n_fitted], ascending
    weights: Floats  # [n_fitted, n_fitted], row = the video in the history, column = the video scored


def fit_ease(
    history: Interactions, *, regularisation: float = DEFAULT_REGULARISATION, max_videos: int = MAX_VIDEOS
) -> Ease:
    """B_ij = −P_ij / P_jj for i ≠ j and 0 for i = j, with P = (XᵀX + λI)⁻¹ (Steck 2019, eq. 8); X is binary.

    λ is `regularisation`. Fitted on engaged videos only, the `max_videos` most engaged ones if there are more. The
    smaller of XᵀX and XXᵀ is factored, so the cost is cubic in users or in videos, whichever are fewer.
    Raises ConfigError unless λ is above 0.
    """
    if not 0 < regularisation < np.inf:
        raise ConfigError(f"EASE: received λ = {regularisation!r}; use a number above 0, for example 1000")
    order = popularity_order(history.popularity)[:max_videos]
    videos = np.sort(order[history.popularity[order] > 0])
    watched = watched_matrix(history.engagements, history.n_users, history.n_videos)[:, videos]
    watched = watched[np.diff(watched.indptr) > 0]
    solve = _by_users if watched.shape[0] < watched.shape[1] else _by_videos
    weights = solve(watched, np.float32(regularisation))
    np.fill_diagonal(weights, 0.0)
    return Ease(videos, weights)


def _by_videos(watched: sparse.csr_matrix, regularisation: np.float32) -> Floats:
    gram = (watched.T @ watched).toarray()
    gram[np.diag_indices_from(gram)] += regularisation
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    weights: Floats = np.ascontiguousarray(inverse / -inverse.diagonal(), dtype=np.float32)
    return weights


def _by_users(watched: sparse.csr_matrix, regularisation: np.float32) -> Floats:
    """By λP = I − Xᵀ(XXᵀ + λI)⁻¹X (Woodbury): with XXᵀ + λI = LLᵀ and Y = L⁻¹X, λP = I − YᵀY."""
    gram = (watched @ watched.T).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularisation
    lower = linalg.cholesky(gram, lower=True, overwrite_a=True)
    half = linalg.solve_triangular(lower, watched.toarray().astype(np.float64), lower=True, overwrite_b=True)
    diagonal = 1.0 - np.einsum("un,un->n", half, half)  # λ P_jj, in (0, 1]
    columns: Floats = half.astype(np.float32)
    weights = columns.T @ columns
    weights /= diagonal.astype(np.float32)
    return weights


def watched_matrix(events: Events, n_users: int, n_videos: int) -> sparse.csr_matrix:
    """X: 1 where a user engaged with a video at least once, `[n_users, n_videos]` float32."""
    ones = np.ones(len(events), dtype=np.float32)
    watched = sparse.csr_matrix((ones, (events.user, events.row)), shape=(n_users, n_videos))
    watched.sum_duplicates()
    watched.data[:] = 1.0
    return watched
