"""The spectral start: planted groups, unit rows, absent videos, and the cut for dense matrices."""

import numpy as np
import pytest
from scipy import sparse

from relvid_core.data.coengagement import CoEngagement
from relvid_core.training import spectral
from relvid_core.training.spectral import spectral_start


def blocks() -> np.ndarray:
    """Three groups of four videos that are watched together, and one video that nobody watched."""
    matrix = np.kron(np.eye(3), np.full((4, 4), 5.0))
    np.fill_diagonal(matrix, 0.0)
    return np.pad(matrix, (0, 1)).astype(np.float32)


def test_videos_watched_together_point_the_same_way() -> None:
    seed, candidate = spectral_start(CoEngagement(sparse.csr_matrix(blocks())), 3, seed=0)
    scores = seed[:12] @ candidate[:12].T
    same = np.kron(np.eye(3), np.ones((4, 4))).astype(bool)
    assert scores[same].min() > 0.99
    assert scores[~same].max() < 0.01


def test_rows_are_unit_and_zero_where_there_is_no_pair() -> None:
    for vectors in spectral_start(CoEngagement(sparse.csr_matrix(blocks())), 20, seed=0):
        assert vectors.shape == (13, 20)
        assert np.linalg.norm(vectors, axis=1)[:12] == pytest.approx(np.ones(12), abs=1e-5)
        assert not vectors[:, 12:].any()


def test_a_dense_matrix_is_cut_to_its_heavy_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    noisy = blocks() + rng.random((13, 13)).astype(np.float32) * 0.1
    monkeypatch.setattr(spectral, "MAX_ENTRIES", 36)  # exactly the planted pairs
    seed, candidate = spectral_start(CoEngagement(sparse.csr_matrix(noisy)), 3, seed=0)
    same = np.kron(np.eye(3), np.ones((4, 4))).astype(bool)
    assert (seed[:12] @ candidate[:12].T)[same].min() > 0.9
