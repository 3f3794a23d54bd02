"""The seed tower and the candidate tower."""

from __future__ import annotations

import torch
from torch import nn

from relvid_core.config import TowersConfig
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import EncoderError


class Tower(nn.Module):
    """Unit vectors `[b, dim]` from the sum of an id embedding and a linear map of each content modality."""

    def __init__(
        self, n_videos: int, dim: int, *, use_id: bool, content: list[torch.Tensor], generator: torch.Generator
    ) -> None:
        super().__init__()
        scale = dim**-0.5
        self.ids = nn.Parameter(torch.randn(n_videos, dim, generator=generator) * scale) if use_id else None
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
        self, n_videos: int, config: TowersConfig, content: ContentFeatures, generator: torch.Generator
    ) -> None:
        super().__init__()
        text = content.named("text") if config.use_text else None
        matrices = [] if text is None else [torch.from_numpy(text.matrix)]
        if not config.use_id and not any(matrix.abs().sum() > 0 for matrix in matrices):
            raise EncoderError("towers: the id is switched off and no video has usable text. Switch the id on, or add titles.")
        self.seed = Tower(n_videos, config.dim, use_id=config.use_id, content=matrices, generator=generator)
        self.candidate = Tower(n_videos, config.dim, use_id=config.use_id, content=matrices, generator=generator)
