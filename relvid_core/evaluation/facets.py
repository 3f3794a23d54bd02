"""What else lists are measured by, where the data has it. Each facet is one thing that a judge knows of the videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Mask
from relvid_core.evaluation import novelty
from relvid_core.evaluation.metrics import PerSeed

NOVELTY: Final = "novelty"
TOPIC_DIVERSITY: Final = "topic_diversity"
CONTENT_DIVERSITY: Final = "content_diversity"
FRESH_SHARE: Final = "fresh_share"
MEAN_AGE: Final = "mean_age"


@dataclass(frozen=True)
class Lists:
    """The lists of some seeds, and which places hold a copy of the seed: those say nothing of likeness."""

    rows: Rows  # [n_seeds, k]
    seeds: Rows  # [n_seeds]
    copied: Mask  # [n_seeds, k]


class Facet(Protocol):
    """One thing that a judge knows of the videos, and the measures that come of it."""

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """Metric → `[n_seeds]`, NaN where undefined."""

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """Chance levels and the like, the same whatever the lists: name → `[n_seeds]`."""


def chance_of(metric: str) -> str:
    """The key of the chance level of a metric that has one.

    >>> chance_of("semantic_text")
    'semantic_text_chance'
    """
    return f"{metric}_chance"


@dataclass(frozen=True)
class NoveltyFacet:
    """How little watched the videos are."""

    information: novelty.Values  # [n_videos] bits, see `novelty.self_information`

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """See `Facet.of_lists`."""
        return {NOVELTY: novelty.novelty(lists.rows, self.information)}

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """See `Facet.of_seeds`."""
        return {}


@dataclass(frozen=True)
class TopicDiversityFacet:
    """How many topics a list spans."""

    labels: sparse.csr_matrix  # [n_videos, n_topics]

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """See `Facet.of_lists`."""
        return {TOPIC_DIVERSITY: novelty.topic_diversity(lists.rows, self.labels)}

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """See `Facet.of_seeds`."""
        return {}


@dataclass(frozen=True)
class FreshnessFacet:
    """How old the videos were when the history ended."""

    age: novelty.Values  # [n_videos] days, NaN without a date

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """See `Facet.of_lists`. Where no video was fresh, no list can be: then there is no such share."""
        found = {MEAN_AGE: novelty.mean_age(lists.rows, self.age)}
        if (self.age < novelty.FRESH_DAYS).any():
            found[FRESH_SHARE] = novelty.fresh_share(lists.rows, self.age)
        return found

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """See `Facet.of_seeds`."""
        return {}
