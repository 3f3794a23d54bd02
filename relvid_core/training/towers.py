"""The seed tower and the candidate tower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from relvid_core.config import TowersConfig
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import EncoderError

Vectors = npt.NDArray[np.float32]
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


class Tower(nn.Module):
    """Unit vectors `[b, dim]` from the sum of an id embedding and a linear map of each content modality.

    With two heads the sum is a trunk that both share, and each head is a linear map of it (as in the multi-task
    multi-head towers that Meta described in 2025), so that both losses shape the trunk and each gets its own metric.
    """

    def __init__(
        self,
        ids: torch.Tensor | None,
        dim: int,
        *,
        n_heads: int,
        content: list[torch.Tensor],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        scale = dim**-0.5
        self.ids = (
            None if ids is None else nn.Parameter(ids + torch.randn(ids.shape, generator=generator) * scale * NOISE)
        )
        self.maps = nn.ParameterList(
            [nn.Parameter(torch.randn(matrix.shape[1], dim, generator=generator) * scale) for matrix in content]
        )
        self.heads = nn.ParameterList([nn.Parameter(torch.eye(dim)) for _ in range(n_heads)] if n_heads > 1 else [])
        for i, matrix in enumerate(content):
            self.register_buffer(f"content_{i}", matrix, persistent=False)

    def forward(self, rows: torch.Tensor | slice) -> list[torch.Tensor]:
        """Vectors of the videos at `rows` under each head: `[b, dim]` each, unit length."""
        parts = [] if self.ids is None else [self.ids[rows]]
        parts += [self.get_buffer(f"content_{i}")[rows] @ weight for i, weight in enumerate(self.maps)]
        trunk = torch.stack(parts).sum(dim=0) if len(parts) > 1 else parts[0]
        mapped = [trunk @ head for head in self.heads] if len(self.heads) else [trunk]
        return [nn.functional.normalize(vectors, dim=1) for vectors in mapped]


class TwoTower(nn.Module):
    """Scores `q(i)·c(j)` between a seed tower q and a candidate tower c over the same videos."""

    def __init__(
        self,
        start: tuple[torch.Tensor, torch.Tensor] | None,
        config: TowersConfig,
        content: ContentFeatures,
        generator: torch.Generator,
    ) -> None:
        """`start` holds the id embeddings to begin with, for seeds and candidates, `[n_videos, dim]` each."""
        super().__init__()
        text = content.named("text") if config.use_text else None
        matrices = [] if text is None else [torch.from_numpy(text.matrix)]
        if not config.use_id and not any(matrix.abs().sum() > 0 for matrix in matrices):
            raise EncoderError(
                "towers: the id is switched off and no video has usable text. Switch the id on, or add titles."
            )
        seed_ids, candidate_ids = start if start is not None and config.use_id else (None, None)
        n_heads = 2 if config.heads == "split" else 1
        self.seed = Tower(seed_ids, config.dim, n_heads=n_heads, content=matrices, generator=generator)
        self.candidate = Tower(candidate_ids, config.dim, n_heads=n_heads, content=matrices, generator=generator)

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
        """The embeddings of every video and the parameters, on the CPU."""
        pairs = zip(self.seed(slice(None)), self.candidate(slice(None)), strict=True)
        heads = tuple(HeadVectors(seed.cpu().numpy(), candidate.cpu().numpy()) for seed, candidate in pairs)
        return FittedTowers(heads, {name: value.detach().cpu().numpy() for name, value in self.named_parameters()})
