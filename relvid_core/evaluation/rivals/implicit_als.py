"""ALS from the library implicit (github.com/benfred/implicit), one thread, seeded."""

from __future__ import annotations

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival, lists_of_vectors, unit
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import seed_for


def _als(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """Hu, Koren & Volinsky 2008. Of viewers × videos, or of the co-engagement matrix with seeds in place of viewers.

    Similarity "inner" is item · item for the first matrix, and seed factors · candidate factors, the model's own
    prediction of N_ij, for the second.
    """
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn, without types

    of_pairs = parameters["matrix"] == "pairs"
    matrix = data.coengagement.matrix if of_pairs else data.watched
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


ALS = Rival(
    "als",
    "implicit ALS",
    {
        "similarity": ("inner", "cosine"),
        "alpha": (1.0, 0.3, 10.0, 40.0),
        "regularization": (10.0, 0.01, 0.1, 1.0, 100.0),
        "factors": (64, 16, 32, 128),
        "iterations": (15,),
        "matrix": ("users", "pairs"),
    },
    _als,
    listing=("similarity",),
    needs=("implicit",),
)
