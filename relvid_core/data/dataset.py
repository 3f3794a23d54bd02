"""A dataset: a catalogue, a log over it, and what the source says about itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Interactions


@dataclass(frozen=True)
class Dataset:
    """What an adapter returns. Nothing is half-loaded: an adapter returns all of it or raises."""

    key: str  # short and stable: "sample", "movielens", "kuairec", …
    title: str  # for people
    catalog: Catalog
    interactions: Interactions
    truth: Interactions | None = None  # a fully observed log to score against, where the source has one
    notes: tuple[str, ...] = ()  # what a reader must know: thresholds taken, parts missing
    licence: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Changes when the catalogue or any event does: 16 hex digits."""
        parts = [self.catalog.fingerprint, self.interactions.fingerprint]
        parts.append(self.truth.fingerprint if self.truth else "-")
        return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]
