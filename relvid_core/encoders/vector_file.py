"""Vectors that somebody computed elsewhere, as a modality like any other."""

from __future__ import annotations

import hashlib

from relvid_core.data.vector_files import VideoVectors
from relvid_core.encoders.contract import EncoderCard, ModalityName
from relvid_core.encoders.features import Modality


def modality_of(vectors: VideoVectors, name: ModalityName) -> Modality:
    """The vectors of a file as a modality; a video that the file leaves out, or gives zeros, is absent."""
    card = card_of(vectors, name)
    return Modality(name, f"{card.title} ({card.version})", vectors.matrix, vectors.present)


def card_of(vectors: VideoVectors, name: ModalityName) -> EncoderCard:
    """Who made these: the file, known by the vectors that it gave."""
    version = f"sha256 {hashlib.sha256(vectors.matrix.tobytes()).hexdigest()[:16]}"
    return EncoderCard("file", vectors.files[0].name, version, name, vectors.matrix.shape[1])
