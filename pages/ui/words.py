"""What only pages say, and the words that they share with reports: one title, sentence and unit for each measure."""

from __future__ import annotations

from typing import Final

from relvid_core.config import FramePooling, Fusion, PropensitySource, TextEncoder, VisualEncoder
from relvid_core.report.words import BY_POPULARITY, CHANCE, HEADLINE, INTERVAL, MEASURES, NARROW_SPACE, Measure

__all__ = [
    "BY_POPULARITY",
    "CHANCE",
    "FUSIONS",
    "HEADLINE",
    "INTERVAL",
    "MEASURES",
    "NARROW_SPACE",
    "POOLINGS",
    "PROPENSITIES",
    "TEXT_ENCODERS",
    "VISUAL_ENCODERS",
    "Measure",
    "propensity_sources",
]

PROPENSITIES: Final[dict[PropensitySource, str]] = {
    "auto": "exposures, if any",
    "exposures": "exposures",
    "popularity": "popularity proxy",
    "learned": "a model of what is shown",
}

TEXT_ENCODERS: Final[dict[TextEncoder, str]] = {
    "tfidf": "words and letters (TF-IDF)",
    "sentence": "sentences (MiniLM, English)",
    "clip": "CLIP",
    "file": "vectors from a file",
}
VISUAL_ENCODERS: Final[dict[VisualEncoder, str]] = {
    "descriptor": "colours, edges and texture",
    "clip": "CLIP",
    "file": "vectors from a file",
}
FUSIONS: Final[dict[Fusion, str]] = {"concat": "side by side", "gated": "weighted for each video (gated)"}
POOLINGS: Final[dict[FramePooling, str]] = {"mean": "their mean", "attention": "mostly the typical ones"}


def propensity_sources(*, has_exposures: bool) -> list[PropensitySource]:
    """What a log can say about how often a video was shown."""
    return [source for source in PROPENSITIES if has_exposures or source != "exposures"]
