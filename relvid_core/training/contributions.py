"""Why two videos are near: how much of their cosine each input of the towers brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Mask
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import RunError
from relvid_core.runtime import torch_generator
from relvid_core.training.towers import FittedTowers, TwoTower, inputs_of


@dataclass(frozen=True)
class Contributions:
    """Shares of scores; each row of `values` adds up to the score of its candidate."""

    names: tuple[str, ...]  # "id", "text", "visual"
    values: npt.NDArray[np.float64]  # [n_candidates, n_inputs]


class Explainer:
    """Trained towers taken apart again. Needs the content and the known videos that they were trained on."""

    def __init__(self, towers: FittedTowers, config: ExperimentConfig, content: ContentFeatures, known: Mask) -> None:
        """`known` `[n_videos]` as in `inputs_of`. Raises RunError where towers and content do not fit."""
        inputs = inputs_of(config.towers, content, known)
        nothing = torch.zeros(len(known), config.towers.dim)
        self._model = TwoTower(
            (nothing, nothing) if inputs.has_id else None, config.towers, inputs, torch_generator(0, "explain")
        )
        if not self._model.fits(towers.parameters):
            raise RunError(
                "reasons: the stored towers do not fit the content of the videos as it is now. Train the run again."
            )
        self._model.begin_from(towers.parameters)
        self._model.eval()
        self._names = inputs.names

    @torch.no_grad()
    def contributions(self, seed: int, candidates: Rows, shares: Sequence[float]) -> Contributions:
        """What each input brings to the score of every candidate, `shares` being the weights of the heads.

        With q = Σ_m q_m and c = Σ_m c_m, before they are scaled to unit length, the cosine is Σ_m Σ_n q_m·c_n / |q||c|.
        The term of two inputs is given to both by halves: input m brings ½ (q_m·c + q·c_m) / |q||c|. For a bilinear
        form this is the Shapley value of the inputs (Shapley 1953), so nothing is left over. It may be negative.
        """
        rows = torch.from_numpy(candidates.astype(np.int64))
        seed_parts = self._model.seed.parts(torch.tensor([seed]))
        candidate_parts = self._model.candidate.parts(rows)
        total = np.zeros((len(candidates), len(self._names)))
        heads = zip(
            shares,
            self._model.seed.through_heads(seed_parts),
            self._model.candidate.through_heads(candidate_parts),
            strict=True,
        )
        for share, q_parts, c_parts in heads:
            q, c = q_parts.sum(dim=0), c_parts.sum(dim=0)  # [1, dim], [n, dim]
            lengths = (q.norm(dim=1) * c.norm(dim=1)).clamp_min(1e-12)
            halves = (q_parts * c[None]).sum(dim=2) + (c_parts * q[None]).sum(dim=2)  # [n_inputs, n]
            total += share * (halves / (2 * lengths)).T.double().numpy()
        return Contributions(self._names, total)
