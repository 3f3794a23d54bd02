"""DSSM of RecTools (github.com/MobileTeleSystems/RecTools): a viewer tower and an item tower under a triplet loss.

The networks, the loss and the optimiser are the library's `DSSM`, trained by its trainer. Only the feeding is ours: the
library's own feed draws one engagement a viewer and epoch from NumPy's global generator; this one draws engagements
with a seed, so that an epoch is as many engagements as the log has. RecTools asks for numpy < 2 and pandas < 3 and so
does not install beside this project the usual way; requirements-bench.txt says how.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Floats
from relvid_core.encoders.torchvision_cure import import_cured
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival, lists_of_vectors, unit
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import generator, torch_generator

_BATCH = 512


class Triplets(torch.utils.data.IterableDataset[tuple[torch.Tensor, ...]]):
    """Batches (viewer features [b, 1], histories [b, n_videos], positive and negative items [b, n_features])."""

    def __init__(self, watched: sparse.csr_matrix, items: torch.Tensor, rng: np.random.Generator) -> None:
        self.watched, self.items, self.rng = watched, items, rng
        self.viewer = np.repeat(np.arange(watched.shape[0]), np.diff(watched.indptr))
        self.candidates = np.flatnonzero(np.bincount(watched.indices, minlength=watched.shape[1]))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, ...]]:
        order = self.rng.permutation(self.watched.nnz)
        for at in range(0, len(order), _BATCH):
            drawn = order[at : at + _BATCH]
            histories = torch.from_numpy(self.watched[self.viewer[drawn]].toarray())
            negative = self.rng.choice(self.candidates, len(drawn))
            positive = self.watched.indices[drawn].astype(np.int64)
            yield torch.ones(len(drawn), 1), histories, self.items[positive], self.items[negative]


def _dssm(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
    """Seed side "item": nearest items to the item, as the library's item-to-item; "viewer": to one who saw only it."""
    network, trainer_class = _library()
    n_videos, size = data.history.n_videos, int(parameters["factors"])
    features = torch.eye(n_videos)
    if parameters["content"] and data.features is not None:
        features = torch.cat([features, torch.from_numpy(np.array(data.features, dtype=np.float32))], dim=1)
    watched = data.watched
    model = network(
        size,
        size,
        1,
        features.shape[1],
        n_videos,
        lr=float(parameters["learning_rate"]),
        triplet_loss_margin=float(parameters["margin"]),
        log_to_prog_bar=False,
    )
    random = torch_generator(seed, "dssm")
    with torch.no_grad():
        for weight in model.parameters():  # as torch.nn.Linear starts, but from a seed of our own
            weight.uniform_(-(weight.shape[1] ** -0.5), weight.shape[1] ** -0.5, generator=random)
    feed = torch.utils.data.DataLoader(Triplets(watched, features, generator(seed, "dssm")), batch_size=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its advice on workers, loggers and the length of the feed
        trainer = trainer_class(
            max_epochs=int(parameters["epochs"]),
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(model, feed)
    model.eval()
    with torch.no_grad():
        items: Floats = model.item_net(features).numpy()
        viewers: Floats = model.user_net(torch.ones(n_videos, 1), torch.eye(n_videos)).numpy()
    known = data.history.popularity > 0

    def lists(listing: Parameters, seeds: Rows, k: int) -> Neighbours:
        queries = items if listing["seed_side"] == "item" else viewers
        if listing["similarity"] == "cosine":
            return lists_of_vectors(data, unit(queries), unit(items), known, seeds, k)
        # −|q − c|² = 2 q·c − |c|² − |q|²; the last term is the same for the whole list.
        squares = np.einsum("nd,nd->n", items, items)[:, None]
        ones = np.ones((n_videos, 1), dtype=np.float32)
        return lists_of_vectors(data, np.hstack([2 * queries, -ones]), np.hstack([items, squares]), known, seeds, k)

    return lists


def _library() -> tuple[Any, Any]:
    """The network and the trainer. Lightning's metrics import torchvision."""
    for name in ("pytorch_lightning", "pytorch_lightning.utilities.rank_zero", "lightning.pytorch.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_cured()
        from pytorch_lightning import Trainer
        from rectools.models.nn import dssm

        return dssm.DSSM, Trainer


DSSM = Rival(
    "dssm",
    "RecTools DSSM",
    {
        "seed_side": ("item", "viewer"),
        "similarity": ("euclidean", "cosine"),
        "epochs": (2, 1, 5),
        "learning_rate": (0.003, 0.001, 0.01),
        "margin": (1.0, 0.4, 4.0),
        "content": (True, False),
        "factors": (64,),
    },
    _dssm,
    listing=("seed_side", "similarity"),
    needs=("rectools", "pytorch_lightning"),
    install="requirements-bench.txt says how",
)
