"""The seed tower and the candidate tower."""

from __future__ import annotations

import torch
from torch import nn

from relvid_core.config import TowersConfig
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import EncoderError

NOISE = 0.1  # of a random unit vector, added to every id embedding: training seeds differ, and no row is exactly zero


class Tower(nn.Module):
    """Unit vectors `[b, dim]` from the sum of an id embedding and a linear map of each content modality."""

    def __init__(
        self, ids: torch.Tensor | None, dim: int, *, content: list[torch.Tensor], generator: torch.Generator
    ) -> None:
        super().__init__()
        scale = dim**-0.5
        self.ids = (
            None if ids is None else nn.Parameter(ids + torch.randn(ids.shape, generator=generator) * scale * NOISE)
        )
        self.maps = nn.ParameterList(
            [nn.Parameter(torch.randn(matrix.shape[1], dim, generator=generator) * scale) for matrix in content]
        )
        for i, matrix in enumerate(content):
            self.register_buffer(f"content_{i}", matrix, persistent=False)

    def forward(self, rows: torch.Tensor | slice) -> torch.Tensor:
        """Vectors of the videos at `rows`: `[b, dim]`, unit length."""
        parts = [] if self.ids is None else [self.ids[rows]]
        parts += [self.get_buffer(f"content_{i}")[rows] @ weight for i, weight in enumerate(self.maps)]
        return nn.functional.normalize(torch.stack(parts).sum(dim=0) if len(parts) > 1 else parts[0], dim=1)


class TwoTower(nn.Module):
    """Scores `q(i)·c(j)` between a seed tower q and a candidate tower c over the same videos."""

    def __init__(
        self,
        start: tuple[torch.Tensor, torch.Tensor],
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
        seed_ids, candidate_ids = start if config.use_id else (None, None)
        self.seed = Tower(seed_ids, config.dim, content=matrices, generator=generator)
        self.candidate = Tower(candidate_ids, config.dim, content=matrices, generator=generator)
