"""What an encoder is: the content of videos in, one vector a video out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
ModalityName = Literal["text", "visual"]
Frames = tuple[Path, ...]  # the pictures of one video, in the order they are shown; () = it has none
ContentT = TypeVar("ContentT", str, Frames)
ContentT_contra = TypeVar("ContentT_contra", str, Frames, contravariant=True)


@dataclass(frozen=True)
class EncoderCard:
    """Who made a vector. Two encoders with equal cards give equal vectors for equal content."""

    name: str  # short and stable: "tfidf-svd", "clip-image", "sentence", "descriptor", "file"
    title: str  # for people: "OpenCLIP ViT-B-32, picture tower"
    version: str  # libraries, settings and, for weights, their digest: whatever may change a vector
    modality: ModalityName
    dim: int

    @property
    def fingerprint(self) -> str:
        """Changes when the vectors could: 16 hex digits. The title is for people and has no say."""
        parts = (self.name, self.version, self.modality, str(self.dim))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class ItemEncoder(Protocol[ContentT_contra]):
    """Encodes each video by itself, so that one changed video costs one encoding."""

    batch_size: int  # how many videos `encode` likes to get at once

    @property
    def card(self) -> EncoderCard:
        """Who this is. Cheap: reading it loads no weights."""
        ...

    def encode(self, batch: Sequence[ContentT_contra]) -> Matrix:
        """`[len(batch), dim]`: unit rows, and zero rows where there is nothing usable. Raises EncoderError."""
        ...


class CorpusEncoder(Protocol[ContentT_contra]):
    """Learns from all contents together, so that any change means encoding everything again."""

    @property
    def card(self) -> EncoderCard:
        """Who this is; `dim` is the most that may come back."""
        ...

    def encode_corpus(self, contents: Sequence[ContentT_contra]) -> Matrix:
        """`[len(contents), ≤ dim]`: unit rows, and zero rows where there is nothing usable. Raises EncoderError."""
        ...
