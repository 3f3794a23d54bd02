"""The seed tower and the candidate tower."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from relvid_core.config import TowersConfig
from relvid_core.data.interactions import Mask
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import EncoderError

Vectors = npt.NDArray[np.float32]
ID = "id"  # the name of the input that is a video's own embedding
NOISE = 0.1  # of a random unit vector, added to every id embedding: training seeds differ, and no row is exactly zero


@dataclass(frozen=True)
class HeadVectors:
    """One head's embeddings of every video: both `[n_videos, dim]` float32 with unit rows."""

    seed: Vectors
    candidate: Vectors


@dataclass(frozen=True)
class FittedTowers:
    """What a training leaves: its embeddings, and its parameters for a later training to begin from."""

    heads: tuple[HeadVectors, ...]  # one shared head, or the engagement head and then the relevance head
    parameters: Mapping[str, Vectors]

    @property
    def split(self) -> bool:
        """Whether each loss has a head of its own."""
        return len(self.heads) == 2


@dataclass(frozen=True)
class Inputs:
    """What the towers read of a catalogue, in a fixed order: the id first, then each content modality in use."""

    names: tuple[str, ...]  # "id", "text", "visual"
    content: tuple[torch.Tensor, ...]  # [n_videos, width] each
    present: torch.Tensor  # [n_videos, n_inputs] bool: which video has which input

    @property
    def has_id(self) -> bool:
        """Whether every video has an embedding of its own."""
        return bool(self.names) and self.names[0] == ID


def inputs_in_use(config: TowersConfig, content: ContentFeatures) -> list[Modality]:
    """The modalities that the config switches on and some video has."""
    wanted = {"text": config.use_text, "visual": config.use_visual}
    return [modality for modality in content.modalities if wanted.get(modality.name) and modality.present.any()]


def inputs_of(config: TowersConfig, content: ContentFeatures, known: Mask) -> Inputs:
    """The inputs that the config switches on and the catalogue has.

    `known` `[n_videos]` are the videos with a pair in the training log. Trained with modality dropout, a tower can do
    without an id, so the others go without theirs where they have content (Volkovs et al. 2017, DropoutNet); without
    dropout every video keeps its id. Raises EncoderError where nothing is left to read.
    """
    used = inputs_in_use(config, content)
    if not config.use_id and not used:
        asked = [name for name, on in (("text", config.use_text), ("visual", config.use_visual)) if on]
        missing = " and ".join(asked) or "any content"
        raise EncoderError(
            f"towers: the id is switched off and no video has usable {missing}. Switch the id on, or add titles or "
            "thumbnails."
        )
    present = [modality.present for modality in used]
    if config.use_id:
        bare = ~np.any(present, axis=0) if present else np.ones(len(known), dtype=bool)
        present.insert(0, (known | bare) if config.modality_dropout > 0 else np.ones(len(known), dtype=bool))
    names = ((ID,) if config.use_id else ()) + tuple(modality.name for modality in used)
    matrices = tuple(torch.from_numpy(np.ascontiguousarray(modality.matrix)) for modality in used)
    return Inputs(names, matrices, torch.from_numpy(np.column_stack(present)))


class Tower(nn.Module):
    """Unit vectors `[b, dim]` fused from an id embedding and a linear map of each content modality.

    Fusion "concat": the inputs side by side under one linear map, which is the sum of one map each. "gated": the sum is
    weighted by a softmax over the inputs that a video has, each input speaking for itself (after the gated multimodal
    unit of Arevalo et al. 2017); the gates begin equal, which is the plain sum up to its length.

    With two heads the sum is a trunk that both share, and each head is a linear map of it (as in the multi-task
    multi-head towers that Meta described in 2025), so that both losses shape the trunk and each gets its own metric.
    """

    def __init__(
        self,
        ids: torch.Tensor | None,
        inputs: Inputs,
        config: TowersConfig,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        dim = config.dim
        scale = dim**-0.5
        self.ids = (
            None if ids is None else nn.Parameter(ids + torch.randn(ids.shape, generator=generator) * scale * NOISE)
        )
        self.maps = nn.ParameterList(
            [nn.Parameter(torch.randn(matrix.shape[1], dim, generator=generator) * scale) for matrix in inputs.content]
        )
        n_heads = 2 if config.heads == "split" else 1
        self.heads = nn.ParameterList([nn.Parameter(torch.eye(dim)) for _ in range(n_heads)] if n_heads > 1 else [])
        n_gates = len(inputs.names) if config.fusion == "gated" else 0
        self.gates = nn.ParameterList([nn.Parameter(torch.zeros(dim + 1)) for _ in range(n_gates)])
        self.dropout = config.modality_dropout
        self._generator = generator
        for i, matrix in enumerate(inputs.content):
            self.register_buffer(f"content_{i}", matrix, persistent=False)
        self.register_buffer("present", inputs.present, persistent=False)

    def parts(self, rows: torch.Tensor | slice) -> torch.Tensor:
        """What each input brings to the trunk of the videos at `rows`: `[n_inputs, b, dim]`; they add up to it."""
        parts = [] if self.ids is None else [self.ids[rows]]
        parts += [self.get_buffer(f"content_{i}")[rows] @ weight for i, weight in enumerate(self.maps)]
        stacked = torch.stack(parts)
        if not self.dropout and not len(self.gates):
            return stacked  # what a video lacks is a zero row already
        present = self.get_buffer("present")[rows]
        if self.training and self.dropout > 0:
            present = self._kept(present)
        if len(self.gates):
            logits = [part @ gate[:-1] + gate[-1] for part, gate in zip(parts, self.gates, strict=True)]
            shares = torch.stack(logits).masked_fill(~present.T, -math.inf).softmax(dim=0)
            return stacked * shares.nan_to_num(0.0)[:, :, None]  # a video without any input has no shares
        return stacked * present.T[:, :, None]

    def _kept(self, present: torch.Tensor) -> torch.Tensor:
        """`present` without a random share of the inputs; a video that would lose all of them keeps all."""
        draws = torch.rand(present.shape, generator=self._generator).to(present.device)
        kept = present & (draws >= self.dropout)
        return torch.where(kept.any(dim=1, keepdim=True), kept, present)

    def through_heads(self, trunk: torch.Tensor) -> list[torch.Tensor]:
        """The trunk, or a part of it, `[..., dim]` under each head."""
        return [trunk @ head for head in self.heads] if len(self.heads) else [trunk]

    def forward(self, rows: torch.Tensor | slice) -> list[torch.Tensor]:
        """Vectors of the videos at `rows` under each head: `[b, dim]` each, unit length."""
        parts = self.parts(rows)
        trunk = parts.sum(dim=0) if len(parts) > 1 else parts[0]
        return [nn.functional.normalize(vectors, dim=1) for vectors in self.through_heads(trunk)]


class TwoTower(nn.Module):
    """Scores `q(i)·c(j)` between a seed tower q and a candidate tower c over the same videos."""

    def __init__(
        self,
        start: tuple[torch.Tensor, torch.Tensor] | None,
        config: TowersConfig,
        inputs: Inputs,
        generator: torch.Generator,
    ) -> None:
        """`start` holds the id embeddings to begin with, for seeds and candidates, `[n_videos, dim]` each."""
        super().__init__()
        seed_ids, candidate_ids = start if start is not None and inputs.has_id else (None, None)
        self.seed = Tower(seed_ids, inputs, config, generator)
        self.candidate = Tower(candidate_ids, inputs, config, generator)

    def fits(self, parameters: Mapping[str, Vectors]) -> bool:
        """Whether `begin_from` can take these: the same names and shapes."""
        mine = {name: tuple(value.shape) for name, value in self.named_parameters()}
        return mine == {name: value.shape for name, value in parameters.items()}

    @torch.no_grad()
    def begin_from(self, parameters: Mapping[str, Vectors]) -> None:
        """Take the parameters of an earlier training, which must fit."""
        for name, value in self.named_parameters():
            value.copy_(torch.from_numpy(np.ascontiguousarray(parameters[name])))

    @torch.no_grad()
    def fitted(self) -> FittedTowers:
        """The embeddings of every video and the parameters, on the CPU. Nothing is dropped from here on."""
        self.eval()
        pairs = zip(self.seed(slice(None)), self.candidate(slice(None)), strict=True)
        heads = tuple(HeadVectors(seed.cpu().numpy(), candidate.cpu().numpy()) for seed, candidate in pairs)
        return FittedTowers(heads, {name: value.detach().cpu().numpy() for name, value in self.named_parameters()})
