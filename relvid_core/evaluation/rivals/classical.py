"""The classical baselines with their knobs: what a tuned two-tower has to beat before any library is installed.

A factor of the seed alone, as the c_i^a of `c_ij / (c_i^a c_j^b)`, changes no order within a list, so only b is a
knob: b = 0 is the count, 1/2 the cosine, 1 the lift. For the same reason a cut to each seed's N best neighbours, which
matters where neighbours are summed over a viewer's history, changes nothing in a list shorter than N.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.evaluation.baseline_data import BaselineData, ranked
from relvid_core.evaluation.baselines import ease
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival
from relvid_core.retrieval.ranking import Neighbours


def scaled_scores(
    counts: sparse.csr_matrix, popularity: npt.NDArray[np.float64], *, exponent: float, prior: float, support: float
) -> sparse.csr_matrix:
    """`c_ij / (c_j + prior)^exponent · c_ij / (c_ij + support)`, absent pairs 0.

    The second factor is the shrinkage of Bell & Koren (2007, KDD Cup Workshop, eq. 3): few co-visits say little.
    """
    scores = sparse.csr_matrix(counts, dtype=np.float64, copy=True)
    divisor = np.maximum(popularity + prior, 1e-12) ** exponent
    scores.data *= scores.data / (scores.data + support) / divisor[scores.indices]
    return scores


def _lister(data: BaselineData, counts: sparse.csr_matrix, popularity: npt.NDArray[np.float64]) -> Lister:
    def lists(parameters: Parameters, seeds: Rows, k: int) -> Neighbours:
        exponent, support = float(parameters["exponent"]), float(parameters["support"])
        prior = float(parameters["prior"])
        scores = scaled_scores(counts[seeds], popularity, exponent=exponent, prior=prior, support=support)
        return ranked(data, scores, seeds, k)

    return lists


def _covisit(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    return _lister(data, data.coengagement.matrix, data.history.popularity.astype(np.float64))


def _item_knn(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """A viewer of n videos counts n^−user_power: 0 counts viewers, 1 gives each the same say."""
    watched = data.watched
    length = np.asarray(watched.sum(axis=1), dtype=np.float64).ravel()
    say = np.maximum(length, 1.0) ** -float(parameters["user_power"])
    weighted = sparse.csr_matrix(sparse.diags_array(say) @ watched)
    counts = sparse.csr_matrix(watched.T @ weighted)
    audience = np.asarray(weighted.sum(axis=0), dtype=np.float64).ravel()
    return _lister(data, counts, audience)


def _ease(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    def lists(_: Parameters, seeds: Rows, k: int) -> Neighbours:
        return ease(data, seeds, k, regularisation=float(parameters["regularisation"]))

    return lists


_EXPONENTS = (
    0.3,
    -0.4,
    -0.2,
    0.0,
    0.1,
    0.2,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
)  # below 0: more popular than co-visited
_SHRINKAGE: dict[str, tuple[float, ...]] = {"prior": (5.0, 0.0, 2.0, 20.0), "support": (3.0, 0.0, 1.0, 10.0, 30.0)}

CLASSICAL = (
    Rival("covisit", "Co-visit", {"exponent": _EXPONENTS, **_SHRINKAGE}, _covisit, random=False),
    Rival(
        "item_knn",
        "Item kNN",
        {"user_power": (0.0, 0.25, 0.5, 0.75, 1.0), "exponent": _EXPONENTS, **_SHRINKAGE},
        _item_knn,
        random=False,
    ),
    Rival(
        "ease",
        "EASE",
        {"regularisation": (1000.0, 50.0, 100.0, 200.0, 500.0, 2000.0, 5000.0, 10000.0, 20000.0)},
        _ease,
        random=False,
    ),
)
