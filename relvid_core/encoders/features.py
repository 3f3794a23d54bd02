"""Content vectors of the catalogue, one matrix a modality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relvid_core.errors import EncoderError

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Modality:
    """What one encoder says about every video."""

    name: str  # "text", "visual"
    encoder: str  # what made it, with its version and settings
    matrix: Matrix  # [n_videos, dim], unit rows where present, zero rows where not
    present: npt.NDArray[np.bool_]  # [n_videos]

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or self.present.shape != (len(self.matrix),):
            raise EncoderError(
                f"{self.name}: matrix {self.matrix.shape} and mask {self.present.shape} do not fit; "
                "expected [n_videos, dim] and [n_videos]"
            )
        if not np.isfinite(self.matrix).all():
            raise EncoderError(f"{self.name}: the matrix holds NaN or infinite values; encode these videos again")
        if self.matrix[~self.present].any():
            raise EncoderError(f"{self.name}: videos that are marked as absent have vectors; give them zero rows")


@dataclass(frozen=True)
class ContentFeatures:
    """The modalities that a dataset offers to the towers. May be empty."""

    modalities: tuple[Modality, ...] = ()
    notes: tuple[str, ...] = ()  # what a reader should hear: pictures that could not be used, vectors not kept

    def named(self, name: str) -> Modality | None:
        """The modality called `name`, if there is one."""
        return next((modality for modality in self.modalities if modality.name == name), None)
