"""Topics of videos that have none, guessed from what is known about them: by likelihood, never as facts."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from relvid_core.data.interactions import Floats, Mask
from relvid_core.data.topics import Topics, relevance_features

LIKELIEST: Final = 10  # topics of one guess; the rest has next to no likelihood, and would make every row a full one
_RIDGE: Final = 1.0  # C of the classifier: of 0.1, 1 and 10 the likeliest on known topics of three datasets of four
_ITERATIONS: Final = 200
_CHANGE: Final = 1e-3  # of the gradient at which it stops; less changes the third digit of the likelihood


def guessed_features(topics: Topics, evidence: Floats) -> tuple[sparse.csr_matrix, Mask]:
    """`topics.relevance_features` with expected ones for videos without a topic, and whose were guessed `[n_videos]`.

    A logistic regression over `evidence` `[n_videos, dim]` says how likely each primary topic is, and a guess is the
    mean of their features weighted by that. The grade is linear in each video's features, so a guess gets the grade
    that its topic would have on average. Rows of zeros are no evidence: nothing is learned from them, or guessed. With
    fewer than two primary topics to tell apart, nobody's topic is guessed.
    """
    features = relevance_features(topics)
    labelled = np.array([bool(video) for video in topics.paths], dtype=np.bool_)
    told: Mask = np.asarray(evidence.any(axis=1), dtype=np.bool_)
    learned, guessed = np.flatnonzero(labelled & told), ~labelled & told
    primary = sorted({topics.paths[row][0] for row in learned})
    if len(primary) < 2 or not guessed.any():
        return features, np.zeros(len(labelled), dtype=np.bool_)
    number = {path: place for place, path in enumerate(primary)}
    own = np.array([number[topics.paths[row][0]] for row in learned])
    classifier = LogisticRegression(C=_RIDGE, max_iter=_ITERATIONS, tol=_CHANGE).fit(evidence[learned], own)
    likelihood = np.asarray(classifier.predict_proba(evidence[guessed]), dtype=np.float32)
    likely = _likeliest(likelihood, np.flatnonzero(guessed), len(guessed))
    members = sparse.csr_matrix((np.ones(len(own), dtype=np.float32), (own, learned)), shape=(len(primary), len(told)))
    mean = sparse.diags_array(1.0 / np.bincount(own)) @ (members @ features)
    return sparse.csr_matrix(features + likely @ mean, dtype=np.float32), guessed


def _likeliest(likelihood: Floats, rows: npt.NDArray[np.intp], n_videos: int) -> sparse.csr_matrix:
    """The `LIKELIEST` of each video at `rows`, scaled to sum to 1: `[n_videos, n_topics]`, the other videos empty."""
    kept = min(LIKELIEST, likelihood.shape[1])
    column = np.argpartition(likelihood, likelihood.shape[1] - kept, axis=1)[:, likelihood.shape[1] - kept :]
    value = np.take_along_axis(likelihood, column, axis=1)
    value /= value.sum(axis=1, keepdims=True)
    entries = (value.ravel(), (np.repeat(rows, kept), column.ravel()))
    return sparse.csr_matrix(entries, shape=(n_videos, likelihood.shape[1]))
