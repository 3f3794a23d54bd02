"""A dataset: a catalogue, a log over it, and what the source says about itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.copies import Groups, copy_groups
from relvid_core.data.interactions import Floats, Interactions
from relvid_core.data.vector_files import VideoVectors

TruthKind = Literal["fully observed", "shown at random"]


class Planted(Protocol):
    """A made-up world, which knows what its viewers like."""

    def engagement_of_lists(self, seeds: Rows, rows: Rows) -> npt.NDArray[np.float64]:
        """P(a random viewer of the seed engages with a video of its list, shown beside it), `[n_seeds, k]`."""


@dataclass(frozen=True)
class Dataset:
    """What an adapter returns. Nothing is half-loaded: an adapter returns all of it or raises."""

    key: str  # short and stable: "sample", "movielens", "kuairec", …
    title: str  # for people
    catalog: Catalog
    interactions: Interactions
    truth: Interactions | None = None  # a log free of exposure bias to score against
    truth_kind: TruthKind | None = (
        None  # "shown at random": its users are numbered as in `interactions`; None: no truth
    )
    planted: Planted | None = field(default=None, compare=False)  # a made-up world's own answers
    truth_rows: Rows | None = None  # the videos that the truth knows about, ascending; None where there is no truth
    pairs: CoEngagement | None = None  # ready-made pairs; then nobody's log exists and `interactions` is log_of_pairs
    ratings: sparse.csr_matrix | None = None  # [n_videos, n_videos] a user's own grades in [0, 1], seed → candidate
    teacher: Floats | None = None  # [n_videos, dim] of an encoder that towers never see: unit rows, zero where unknown
    vectors: Mapping[str, VideoVectors] = field(default_factory=dict)  # "text", "visual": a user's own encoder's
    notes: tuple[str, ...] = ()  # what a reader must know: thresholds taken, parts missing
    licence: str = ""

    @property
    def has_topics(self) -> bool:
        """Whether any video has a topic."""
        return self.catalog.topics.n_levels > 0

    @cached_property
    def copies(self) -> Groups:
        """Which videos are copies of one another, `[n_videos]`; see `copies.copy_groups`."""
        return copy_groups(self.catalog, self.vectors)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when the catalogue, any event, pair, rating or vector does: 16 hex digits."""
        parts = [self.catalog.fingerprint, self.interactions.fingerprint]
        parts.append(self.truth.fingerprint if self.truth else "-")
        parts.append(hashlib.sha256(self.truth_rows.tobytes()).hexdigest() if self.truth_rows is not None else "-")
        parts.append(self.pairs.fingerprint if self.pairs else "-")
        if (
            self.ratings is not None
        ):  # added only where there are some: stored runs on data without them stay comparable
            entries = self.ratings.tocoo()
            graded = [np.asarray(part).tobytes() for part in (entries.row, entries.col, entries.data)]
            parts.append("ratings:" + hashlib.sha256(b"".join(graded)).hexdigest())
        if self.teacher is not None:
            parts.append("teacher:" + hashlib.sha256(self.teacher.tobytes()).hexdigest())
        for name, found in sorted(self.vectors.items()):
            parts.append(f"{name} vectors:" + hashlib.sha256(found.matrix.tobytes()).hexdigest())
        return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]
