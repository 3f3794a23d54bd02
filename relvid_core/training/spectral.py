"""Where the id embeddings start: the leading singular vectors of the log co-engagement matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from relvid_core.data.coengagement import CoEngagement

Floats = npt.NDArray[np.float32]
MAX_ENTRIES = 5_000_000  # of the matrix that is factored; beyond it the lightest pairs are left out


def spectral_start(pairs: CoEngagement, dim: int, *, seed: int) -> tuple[Floats, Floats]:
    """Seed and candidate vectors, both `[n_videos, dim]` with unit rows, zero for videos without a pair.

    `log(1 + N) ≈ U S Vᵀ` by randomised SVD (Halko et al. 2011), U√S and V√S normalised: the log damps heavy pairs as in
    latent semantic analysis (Deerwester et al. 1990). Training needs about half the epochs from here that it needs from
    random numbers. Fewer videos than `dim` leave the last columns zero.
    """
    matrix = pairs.matrix
    damped = sparse.csr_matrix((np.log1p(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
    if (surplus := matrix.nnz - MAX_ENTRIES) > 0:
        damped.data[np.argpartition(matrix.data, surplus)[:surplus]] = 0.0
        damped = sparse.csr_matrix(damped, copy=True)  # its index arrays are those of `pairs`
        damped.eliminate_zeros()
    rank = min(dim, damped.shape[0] - 1)
    left, strength, right = randomized_svd(damped, rank, n_iter=2, random_state=seed)
    root = np.sqrt(strength)
    return _unit_rows(left * root, dim), _unit_rows(right.T * root, dim)


def _unit_rows(vectors: npt.NDArray[np.floating], dim: int) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.zeros((len(vectors), dim), dtype=np.float32)
    unit[:, : vectors.shape[1]] = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-12)
    return unit
