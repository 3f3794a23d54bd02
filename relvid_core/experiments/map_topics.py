"""Top-level topics as a map shows them: the most frequent ones by name, the rest together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.data.topics import Topics

SHOWN: Final = 8  # more colours could not be told apart
REST: Final = -1


@dataclass(frozen=True)
class TopicGroups:
    """The videos by the top level of their primary topic."""

    names: tuple[str, ...]  # the most frequent first
    codes: npt.NDArray[np.int32]  # [n_videos], place in `names`; REST for all other topics and for none

    @classmethod
    def of(cls, topics: Topics, shown: int = SHOWN) -> TopicGroups:
        """The `shown` most frequent; among equals the alphabet decides."""
        primary = [video[0][0] if video else None for video in topics.paths]
        counts = Counter(name for name in primary if name is not None)
        names = sorted(counts, key=lambda name: (-counts[name], name))[:shown]
        place = {name: code for code, name in enumerate(names)}
        codes = [REST if name is None else place.get(name, REST) for name in primary]
        return cls(tuple(names), np.array(codes, dtype=np.int32))


def make_up(rows: Rows, topics: Topics) -> tuple[list[tuple[str, int]], int]:
    """How many of some videos have each top-level topic, most first, and how many have none.

    A video counts for its primary topic alone, so that the counts add up.
    """
    counts: Counter[str] = Counter()
    bare = 0
    for row in rows.tolist():
        if topics.paths[row]:
            counts[topics.paths[row][0][0]] += 1
        else:
            bare += 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0])), bare
