"""Batches of whole rows: a seed video with all its partners, counted once, against every candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.propensity import Weights
from relvid_core.data.topics import Topics, relevance_features
from relvid_core.training.losses import SparseTarget, relevance_target

MAX_TOPIC_CELLS = 50_000_000  # topic features up to this size are held dense: 200 MB of float32


@dataclass(frozen=True)
class Batch:
    """One step's worth of seeds and what they should retrieve."""

    seeds: torch.Tensor  # [b] rows
    engaged: SparseTarget  # N_ij w_j
    relevant: torch.Tensor | None  # [b, n_videos], rows sum to 1 or are all zero


class BatchSource:
    """Shuffles the seeds of the co-engagement matrix and looks up both targets."""

    def __init__(
        self, pairs: CoEngagement, weight: Weights, topics: Topics, config: ExperimentConfig, device: torch.device
    ) -> None:
        self._indptr = pairs.matrix.indptr.astype(np.int64)
        self._column = pairs.matrix.indices
        self._value = (pairs.matrix.data * weight[pairs.matrix.indices]).astype(np.float32)
        self._seeds = pairs.seeds
        self._config = config
        self._device = device
        self._features = relevance_features(topics) if config.objective.relevance_weight > 0 else None
        self._dense: torch.Tensor | None = None
        if self._features is not None and self._features.shape[0] * self._features.shape[1] <= MAX_TOPIC_CELLS:
            self._dense = torch.from_numpy(self._features.toarray()).to(device)

    @property
    def n_batches(self) -> int:
        """Steps of one epoch."""
        return max(1, round(len(self._seeds) / self._config.training.batch_seeds))

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Every seed once, in random order."""
        for seeds in np.array_split(rng.permutation(self._seeds), self.n_batches):
            yield self._batch(np.sort(seeds))

    def _batch(self, seeds: np.ndarray) -> Batch:
        start, stop = self._indptr[seeds], self._indptr[seeds + 1]
        size = stop - start
        row = np.repeat(np.arange(len(seeds)), size)
        entry = np.arange(size.sum()) + np.repeat(start - (np.cumsum(size) - size), size)
        engaged = SparseTarget(
            torch.from_numpy(row).to(self._device),
            torch.from_numpy(self._column[entry].astype(np.int64)).to(self._device),
            torch.from_numpy(self._value[entry]).to(self._device),
        )
        rows = torch.from_numpy(seeds.astype(np.int64)).to(self._device)
        return Batch(rows, engaged, self._relevant(rows))

    def _relevant(self, rows: torch.Tensor) -> torch.Tensor | None:
        if self._features is None:
            return None
        if self._dense is not None:
            grades = self._dense[rows] @ self._dense.T
        else:
            product = self._features[rows.cpu().numpy()] @ self._features.T
            grades = torch.from_numpy(product.toarray()).to(self._device)
        grades[torch.arange(len(rows), device=rows.device), rows] = 0.0
        return relevance_target(grades, self._config.objective.relevance_temperature)
