"""BPR and BM25 neighbours from the library implicit (github.com/benfred/implicit), one thread, seeded."""

from __future__ import annotations

from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats
from relvid_core.evaluation.baseline_data import BaselineData, ranked
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival, lists_of_vectors, unit
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import seed_for


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
    model.fit(data.watched, show_progress=False)
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

    items = sparse.csr_matrix(bm25_weight(data.watched.T, float(parameters["K1"]), float(parameters["B"])))
    columns = sparse.csr_matrix(items.T)

    def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
        return ranked(data, sparse.csr_matrix(items[seeds] @ columns), seeds, k)

    return lists


IMPLICIT = (
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
