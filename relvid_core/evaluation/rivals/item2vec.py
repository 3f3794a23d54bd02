"""item2vec (Barkan & Koenigstein 2016): gensim's skip-gram over each viewer's engagements in time order."""

from __future__ import annotations

import numpy as np

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats, Interactions
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival, lists_of_vectors, unit
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import generator, seed_for

_LONGEST = 10_000  # gensim drops what a sentence holds beyond this


def sentences_of(history: Interactions, *, seed: int) -> list[list[str]]:
    """One list of catalogue rows a viewer; in time order, or shuffled where the log has no times."""
    events = history.engagements
    rows, user = events.row, events.user
    if events.timestamp is None:
        rows = rows[np.lexsort((generator(seed, "item2vec order").random(len(rows)), user))]
    parts = np.split(rows, np.flatnonzero(np.diff(user)) + 1)
    return [[str(row) for row in part[at : at + _LONGEST]] for part in parts for at in range(0, len(part), _LONGEST)]


def _item2vec(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """The knobs are those that Caselles-Dupré, Lesaint & Royo-Letelier (2018, RecSys) found to matter."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        sentences_of(data.history, seed=seed),
        sg=1,
        vector_size=int(parameters["vector_size"]),
        window=int(parameters["window"]),
        negative=int(parameters["negative"]),
        ns_exponent=float(parameters["ns_exponent"]),
        sample=float(parameters["sample"]),
        epochs=int(parameters["epochs"]),
        min_count=1,
        workers=1,  # more than one makes the result depend on the scheduler
        seed=seed_for(seed, "item2vec") % 2**31,
    )
    n_videos, size = data.history.n_videos, int(parameters["vector_size"])
    rows = np.array([int(word) for word in model.wv.index_to_key])
    known = np.zeros(n_videos, dtype=np.bool_)
    known[rows] = True
    inner: Floats = np.zeros((n_videos, size), dtype=np.float32)
    outer: Floats = np.zeros((n_videos, size), dtype=np.float32)
    inner[rows], outer[rows] = model.wv.vectors, model.syn1neg

    def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
        if listing["similarity"] == "in-in":
            return lists_of_vectors(data, unit(inner), unit(inner), known, seeds, k)
        return lists_of_vectors(data, inner, outer, known, seeds, k)

    return lists


ITEM2VEC = Rival(
    "item2vec",
    "item2vec (gensim)",
    {
        "similarity": ("in-out", "in-in"),  # inner product of input and output vectors; cosine of input vectors
        "ns_exponent": (0.5, -0.5, 0.0, 0.75, 1.0),
        "window": (5, 20),
        "sample": (1e-3, 0.0),
        "negative": (5, 20),
        "vector_size": (64,),
        "epochs": (10, 5, 30, 100),
    },
    _item2vec,
    listing=("similarity",),
    needs=("gensim",),
)
