"""faiss behind one small contract: exact, IVF and HNSW search by inner product. Nothing else imports faiss."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from relvid_core.data.interactions import Floats
from relvid_core.errors import ConfigError, DataError, MissingDependency

IndexKind = Literal["auto", "exact", "ivf", "hnsw"]
Found = npt.NDArray[np.int64]

EXACT_UP_TO = 100_000  # videos; exact answers 10,000 queries in under a second up to here (64-d, two cores)
_POINTS_A_CELL = 39  # fewer training points than this for a cell and faiss warns that k-means is poorly fed
_HNSW_LINKS = 32
_HNSW_BUILD_BREADTH = 80


class RetrievalIndex(Protocol):
    """Candidates `[n_videos, dim]` that can be searched by inner product. Use it through `search.neighbours`."""

    @property
    def vectors(self) -> Floats:
        """The candidates, `[n_videos, dim]` float32; row i is row i of the catalogue."""

    @property
    def exact(self) -> bool:
        """Whether `search` is sure to find the largest inner products."""

    def search(self, queries: Floats, k: int) -> tuple[Floats, Found]:
        """Scores and rows `[n_queries, k]`, best first, the seed not yet dropped; row −1 pads if too few were found."""


class ExactIndex:
    """Every inner product is computed. Right up to about 100,000 videos."""

    exact = True

    def __init__(self, vectors: npt.NDArray[np.floating]) -> None:
        self.vectors = as_vectors(vectors, "candidate vectors")
        self._index = _faiss().IndexFlatIP(self.vectors.shape[1])
        self._index.add(self.vectors)

    def search(self, queries: Floats, k: int) -> tuple[Floats, Found]:
        """See `RetrievalIndex.search`."""
        scores, rows = self._index.search(queries, k)
        return scores, rows


class IVFIndex:
    """Candidates in k-means cells; a query visits the nearest ones only. Building is repeatable (fixed faiss seed).

    About 4·√n cells, of which an eighth is visited, at least eight: the usual starting point of the faiss guidelines.
    """

    exact = False

    def __init__(self, vectors: npt.NDArray[np.floating]) -> None:
        self.vectors = as_vectors(vectors, "candidate vectors")
        faiss = _faiss()
        n_videos, dim = self.vectors.shape
        n_cells = int(max(1, min(4 * n_videos**0.5, n_videos // _POINTS_A_CELL)))
        self._index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, n_cells, faiss.METRIC_INNER_PRODUCT)
        self._index.train(self.vectors)
        self._index.add(self.vectors)
        self._index.nprobe = min(n_cells, max(8, n_cells // 8))

    def search(self, queries: Floats, k: int) -> tuple[Floats, Found]:
        """See `RetrievalIndex.search`."""
        scores, rows = self._index.search(queries, k)
        return scores, rows


class HNSWIndex:
    """A navigable graph of candidates (Malkov & Yashunin 2018). Fastest to ask, slowest to build.

    Built by several threads, the graph (and so which near neighbours are missed) may differ from one build to the next.
    """

    exact = False

    def __init__(self, vectors: npt.NDArray[np.floating]) -> None:
        self.vectors = as_vectors(vectors, "candidate vectors")
        faiss = _faiss()
        self._index = faiss.IndexHNSWFlat(self.vectors.shape[1], _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
        self._index.hnsw.efConstruction = _HNSW_BUILD_BREADTH
        self._index.add(self.vectors)

    def search(self, queries: Floats, k: int) -> tuple[Floats, Found]:
        """See `RetrievalIndex.search`."""
        breadth = _faiss().SearchParametersHNSW(efSearch=max(128, 2 * k))
        scores, rows = self._index.search(queries, k, params=breadth)
        return scores, rows


def build_index(vectors: npt.NDArray[np.floating], kind: IndexKind = "auto") -> RetrievalIndex:
    """An index over candidate vectors `[n_videos, dim]`; "auto" is exact up to 100,000 videos and IVF above.

    Raises ConfigError for an unknown kind, DataError for vectors that are not a finite matrix.
    """
    if kind == "auto":
        kind = "exact" if len(vectors) <= EXACT_UP_TO else "ivf"
    if kind == "exact":
        return ExactIndex(vectors)
    if kind == "ivf":
        return IVFIndex(vectors)
    if kind == "hnsw":
        return HNSWIndex(vectors)
    raise ConfigError(f"index kind: received {kind!r}; use one of auto, exact, ivf, hnsw")


def as_vectors(vectors: npt.NDArray[np.floating], name: str) -> Floats:
    """The matrix as contiguous float32. Raises DataError if it is not a matrix or an inner product could overflow."""
    if vectors.ndim != 2 or vectors.shape[1] == 0:
        raise DataError(f"{name}: received shape {vectors.shape}; give a matrix [n, dim]")
    with np.errstate(over="ignore", invalid="ignore"):
        matrix = np.ascontiguousarray(vectors, dtype=np.float32)
        finite = np.isfinite(np.einsum("nd,nd->n", matrix, matrix))
    if not finite.all():
        raise DataError(
            f"{name}: row {int(np.flatnonzero(~finite)[0])} is NaN, infinite or too large ({int((~finite).sum())} such "
            "rows). Training diverged or the features are broken: lower the learning rate, or check the features."
        )
    return matrix


def _faiss() -> ModuleType:
    if sys.platform == "darwin":  # torch and faiss each bring an OpenMP runtime there, and two of them crash
        os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    try:
        import faiss
    except ImportError as error:
        raise MissingDependency(f"retrieval needs faiss ({error}); install it with `pip install faiss-cpu`") from error
    if sys.platform == "darwin":
        faiss.omp_set_num_threads(1)
    return faiss
