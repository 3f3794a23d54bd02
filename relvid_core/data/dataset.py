"""A dataset: a catalogue, a log over it, and what the source says about itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Interactions


@dataclass(frozen=True)
class Dataset:
    """What an adapter returns. Nothing is half-loaded: an adapter returns all of it or raises."""

    key: str  # short and stable: "sample", "movielens", "kuairec", …
    title: str  # for people
    catalog: Catalog
    interactions: Interactions
    truth: Interactions | None = None  # a log free of exposure bias to score against, with users of its own
    truth_rows: Rows | None = None  # the videos that the truth knows about, ascending; None where there is no truth
    pairs: CoEngagement | None = None  # ready-made pairs; then nobody's log exists and `interactions` is log_of_pairs
    notes: tuple[str, ...] = ()  # what a reader must know: thresholds taken, parts missing
    licence: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Changes when the catalogue, any event or any pair does: 16 hex digits."""
        parts = [self.catalog.fingerprint, self.interactions.fingerprint]
        parts.append(self.truth.fingerprint if self.truth else "-")
        parts.append(hashlib.sha256(self.truth_rows.tobytes()).hexdigest() if self.truth_rows is not None else "-")
        parts.append(self.pairs.fingerprint if self.pairs else "-")
        return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]
