"""ALS, BPR and BM25 neighbours from the library implicit (github.com/benfred/implicit), one thread, seeded."""

from __future__ import annotations

from scipy import sparse

from benchmarks.rivals.contract import Lister, Parameters, Rival, lists_of_vectors, unit
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats
from relvid_core.evaluation.baselines import BaselineData
from relvid_core.evaluation.ease import watched_matrix
from relvid_core.evaluation.exposure import popularity_order
from relvid_core.retrieval.ranking import Neighbours, top_k_of_scores
from relvid_core.runtime import seed_for


def _watched(data: BaselineData) -> sparse.csr_matrix:
    return watched_matrix(data.history.engagements, data.history.n_users, data.history.n_videos)


def _als(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """Hu, Koren & Volinsky 2008. Of viewers × videos, or of the co-engagement matrix with seeds in place of viewers.

    Similarity "inner" is item · item for the first matrix, and seed factors · candidate factors, the model's own
    prediction of N_ij, for the second.
    """
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    of_pairs = parameters["matrix"] == "pairs"
    matrix = data.coengagement.matrix if of_pairs else _watched(data)
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=int(parameters["factors"]),
            regularization=float(parameters["regularization"]),
            alpha=float(parameters["alpha"]),
            iterations=int(parameters["iterations"]),
            num_threads=1,
            random_state=seed_for(seed, "als"),
        )
        model.fit(matrix, show_progress=False)
    candidates: Floats = model.item_factors
    queries: Floats = model.user_factors if of_pairs else candidates
    known = data.history.popularity > 0

    def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
        if listing["similarity"] == "cosine":
            return lists_of_vectors(data, unit(queries), unit(candidates), known, seeds, k)
        return lists_of_vectors(data, queries, candidates, known, seeds, k)

    return lists


def _bpr(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """Rendle et al. 2009. The last coordinate of an item is its bias.

    Similarity "cosine" is the library's `similar_items`, over all coordinates. "inner" takes the seed for a viewer,
    whose last coordinate is 1: v_i · v_j + b_j.
    """
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(
        factors=int(parameters["factors"]),
        learning_rate=float(parameters["learning_rate"]),
        regularization=float(parameters["regularization"]),
        iterations=int(parameters["iterations"]),
        num_threads=1,
        random_state=seed_for(seed, "bpr"),
    )
    model.fit(_watched(data), show_progress=False)
    items: Floats = model.item_factors
    known = data.history.popularity > 0

    def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
        if listing["similarity"] == "cosine":
            return lists_of_vectors(data, unit(items), unit(items), known, seeds, k)
        viewer = items.copy()
        viewer[:, -1] = 1.0
        return lists_of_vectors(data, viewer, items, known, seeds, k)

    return lists


def _bm25(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """Item neighbours by inner product of BM25-weighted audiences (`BM25Recommender`), nothing cut off."""
    from implicit.nearest_neighbours import bm25_weight

    items = sparse.csr_matrix(bm25_weight(_watched(data).T, float(parameters["K1"]), float(parameters["B"])))
    columns = sparse.csr_matrix(items.T)
    order = popularity_order(data.history.popularity)

    def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
        return top_k_of_scores(sparse.csr_matrix(items[seeds] @ columns), k, seeds, order=order)

    return lists


IMPLICIT = (
    Rival(
        "als",
        "implicit ALS",
        {
            "similarity": ("cosine", "inner"),
            "alpha": (1.0, 0.3, 10.0, 40.0),
            "regularization": (10.0, 0.01, 0.1, 1.0, 100.0),
            "factors": (64, 16, 32, 128),
            "iterations": (15,),
            "matrix": ("users", "pairs"),
        },
        _als,
        listing=("similarity",),
        needs=("implicit",),
    ),
    Rival(
        "bpr",
        "implicit BPR",
        {
            "similarity": ("cosine", "inner"),
            "iterations": (30, 10, 100, 300),
            "learning_rate": (0.05, 0.01, 0.1),
            "regularization": (0.001, 0.01, 0.1),
            "factors": (64,),
        },
        _bpr,
        listing=("similarity",),
        needs=("implicit",),
    ),
    Rival(
        "bm25",
        "implicit BM25 kNN",
        {"K1": (1.2, 0.3, 10.0, 100.0), "B": (0.0, 0.25, 0.5, 0.75, 1.0)},
        _bm25,
        random=False,
        needs=("implicit",),
    ),
)
