"""Lists without a trained network, most of them from the history alone: what a model has to beat.

Every baseline ranks the whole catalogue. Equal scores, and with them the tail of videos that score nothing, are put in
order of popularity, so that every list is full. That favours the baselines a little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats
from relvid_core.data.topics import relevance_features
from relvid_core.errors import ConfigError, NotEnoughData
from relvid_core.evaluation.baseline_data import BaselineData, ranked, ranked_blocks
from relvid_core.evaluation.ease import DEFAULT_REGULARISATION, fit_ease
from relvid_core.evaluation.exposure import popularity_order
from relvid_core.evaluation.rivals.contract import INSTALL, Rival, missing_modules
from relvid_core.evaluation.rivals.implicit_als import ALS
from relvid_core.evaluation.rivals.item2vec import ITEM2VEC
from relvid_core.retrieval.indexes import as_vectors, build_index
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.retrieval.search import neighbours


@dataclass(frozen=True)
class Baseline:
    """A list maker with the words that a page shows for it."""

    title: str
    description: str
    retrieve: Callable[[BaselineData, Rows, int], Neighbours]  # data, seeds [n_seeds], k
    needs_content: bool = False
    needs_topics: bool = False
    needs: tuple[str, ...] = ()  # modules of optional libraries

    def obstacle(self, *, has_content: bool, has_topics: bool) -> str:
        """In words: why it cannot be made of such videos, or here; "" where it can."""
        if missing_modules(self.needs):
            return f"not installed: {INSTALL}"
        if self.needs_content and not has_content:
            return "left out: no video has a text"
        if self.needs_topics and not has_topics:
            return "left out: no video has a topic"
        return ""


def popularity(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """The most engaged videos for everybody."""
    counts = data.history.popularity.astype(np.float32)

    def block(part: slice) -> npt.NDArray[np.floating]:
        return np.broadcast_to(counts, (len(seeds[part]), len(counts)))

    return ranked_blocks(data, block, seeds, k)


def covisit_count(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """Score c_ij: the co-engagement weight itself."""
    return ranked(data, data.coengagement.matrix[seeds], seeds, k)


def covisit_lift(data: BaselineData, seeds: Rows, k: int, *, shrinkage: float = 0.0) -> Neighbours:
    """Score c_ij / (c_i (c_j + shrinkage)) (Davidson et al. 2010, RecSys, "The YouTube Video Recommendation System").

    c_i is the number of engagements of video i. With `shrinkage` 0, theirs, one chance viewer of a rare video beats
    everything (YouTube cut such pairs with a threshold); a few engagements of shrinkage mend that.
    """
    if not 0 <= shrinkage < np.inf:
        raise ConfigError(f"co-visit: received a shrinkage of {shrinkage!r}; use a number of engagements ≥ 0")
    counts = data.history.popularity.astype(np.float64)
    return _scaled(data, data.coengagement.matrix, seeds, k, _inverse(counts), _inverse(counts + shrinkage))


def covisit_shrunk(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """`covisit_lift` with a shrinkage of 20 engagements."""
    return covisit_lift(data, seeds, k, shrinkage=20.0)


def cosine(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """Score c_ij / √(c_i c_j) on the windowed co-engagement that models train on; c_i are engagements of video i."""
    root = _inverse(np.sqrt(data.history.popularity.astype(np.float64)))
    return _scaled(data, data.coengagement.matrix, seeds, k, root, root)


def item_knn(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """Cosine of two videos' binary audiences (Sarwar et al. 2001, WWW): any two videos of one viewer, no window."""
    watched = data.watched
    root = _inverse(np.sqrt(np.asarray(watched.sum(axis=0), dtype=np.float64).ravel()))
    by_seed = sparse.csr_matrix(watched.T)[seeds] @ watched
    return ranked(data, _scale(by_seed, root[seeds], root), seeds, k)


def ease(data: BaselineData, seeds: Rows, k: int, *, regularisation: float = DEFAULT_REGULARISATION) -> Neighbours:
    """Row B[i, :] of EASE: its prediction for a viewer who has watched the seed and nothing else."""
    model = fit_ease(data.history, regularisation=regularisation)
    n_videos = data.history.n_videos
    place = np.full(n_videos, -1, dtype=np.int64)
    place[model.videos] = np.arange(len(model.videos))

    def block(part: slice) -> npt.NDArray[np.floating]:
        at = place[seeds[part]]
        scores = np.zeros((len(at), n_videos), dtype=np.float32)
        scores[np.ix_(at >= 0, model.videos)] = model.weights[at[at >= 0]]
        return scores

    return ranked_blocks(data, block, seeds, k)


def content_only(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """Cosine of the content features; videos without content score 0.

    Approximate above 100,000 videos (IVF), unless only some are allowed.
    """
    if data.features is None:
        raise NotEnoughData("content baseline: received no content features; encode text or images first")
    features = as_vectors(data.features, "content features")
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = np.divide(features, length, out=np.zeros_like(features), where=length > 0)
    if data.allowed is not None:
        return ranked_blocks(data, lambda part: unit[seeds[part]] @ unit.T, seeds, k)
    # The index breaks ties by the lower row: rows in order of popularity make that this module's rule.
    order = popularity_order(data.history.popularity)
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    found = neighbours(build_index(unit[order]), unit[seeds], place[seeds], k)
    return Neighbours(order[found.rows], found.scores)


def topic_only(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
    """Score R_ij of `data.topics.relevance_features`: the share of the topic paths in common, deep levels first.

    Rounded, so that sums that differ only in their rounding tie, and popularity decides.
    """
    if data.topics is None:
        raise NotEnoughData("topic baseline: no video has a topic; add topics to the catalogue, or leave it out")
    features = relevance_features(data.topics)
    by_topic = sparse.csr_matrix(features.T)

    def block(part: slice) -> npt.NDArray[np.floating]:
        scores: Floats = np.round((features[seeds[part]] @ by_topic).toarray(), 5)
        return scores

    return ranked_blocks(data, block, seeds, k)


def _default(rival: Rival) -> Callable[[BaselineData, Rows, int], Neighbours]:
    """A rival with the first setting of every knob, as a baseline."""

    def retrieve(data: BaselineData, seeds: Rows, k: int) -> Neighbours:
        return rival.lists(data, rival.start, seed=0, k=k, seeds=seeds)

    return retrieve


BASELINES: dict[str, Baseline] = {
    "popularity": Baseline("Most popular", "The same list for every video: what is watched most.", popularity),
    "covisit_count": Baseline(
        "Co-visit count", "What the same viewers watched close to it, by raw count.", covisit_count
    ),
    "covisit_lift": Baseline(
        "Co-visit, YouTube 2010",
        "Co-visits divided by how often both videos are watched, so that popular videos get no head start.",
        covisit_lift,
    ),
    "covisit_shrunk": Baseline(
        "Co-visit, shrunk",
        "The same with 20 engagements added to every candidate's own, so that rare videos do not win by chance.",
        covisit_shrunk,
    ),
    "cosine": Baseline("Co-visit cosine", "Co-visits divided by the square root of both popularities.", cosine),
    "item_knn": Baseline("Item kNN", "Videos whose audiences overlap most, by cosine, over whole histories.", item_knn),
    "ease": Baseline("EASE", "A linear model of what else a viewer watched, solved in closed form.", ease),
    "content_only": Baseline(
        "Content only", "Videos whose text or pictures are most alike; nobody's behaviour is used.", content_only, True
    ),
    "topic_only": Baseline(
        "Topic only",
        "Videos that share most of the video's topics, the finer the topic the more it counts; among equals, the most "
        "watched. It shows what topic match is when nothing else counts.",
        topic_only,
        needs_topics=True,
    ),
    "als": Baseline(
        ALS.title,
        "Matrix factors of who watched what (Hu, Koren & Volinsky 2008), by the library implicit.",
        _default(ALS),
        needs=ALS.needs,
    ),
    "item2vec": Baseline(
        ITEM2VEC.title,
        "Each viewer's history read as a sentence of videos (Barkan & Koenigstein 2016), by the library gensim.",
        _default(ITEM2VEC),
        needs=ITEM2VEC.needs,
    ),
}


def _scaled(
    data: BaselineData,
    matrix: sparse.csr_matrix,
    seeds: Rows,
    k: int,
    by_seed: npt.NDArray[np.float64],
    by_candidate: npt.NDArray[np.float64],
) -> Neighbours:
    return ranked(data, _scale(matrix[seeds], by_seed[seeds], by_candidate), seeds, k)


def _scale(
    scores: sparse.csr_matrix, by_row: npt.NDArray[np.float64], by_column: npt.NDArray[np.float64]
) -> sparse.csr_matrix:
    """`diag(by_row) · scores · diag(by_column)` without touching what is absent."""
    scaled = sparse.csr_matrix(scores, dtype=np.float64, copy=True)
    scaled.data *= np.repeat(by_row, np.diff(scaled.indptr)) * by_column[scaled.indices]
    return scaled


def _inverse(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)
