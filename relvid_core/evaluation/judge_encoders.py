"""Encoders as judges. Content that a tower was trained on must not judge it: `experiments.circularity` says where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from relvid_core.data.catalog import Rows
from relvid_core.data.copies import Groups
from relvid_core.evaluation.facets import CONTENT_DIVERSITY, Lists, chance_of
from relvid_core.evaluation.likeness import UnitVectors, likeness, likeness_by_chance
from relvid_core.evaluation.metrics import PerSeed

SEMANTIC_TEACHER: Final = "semantic_teacher"
SEMANTIC_TEXT: Final = "semantic_text"
SEMANTIC_VISUAL: Final = "semantic_visual"
SEMANTIC: Final = (SEMANTIC_TEACHER, SEMANTIC_TEXT, SEMANTIC_VISUAL)

JudgeName = Literal["teacher", "tfidf", "sentence", "descriptor", "file"]  # as settings of the towers name encoders


@dataclass(frozen=True)
class JudgeEncoder:
    """Semantic similarity by the vectors of one encoder; and, by one of the encoders, diversity of content."""

    metric: str  # one of SEMANTIC
    name: JudgeName
    vectors: UnitVectors
    copies: Groups
    diversity: bool = False  # whether the content diversity of the lists is by this encoder

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """See `Facet.of_lists`."""
        found = likeness(lists.rows, lists.seeds, self.vectors, lists.copied)
        diversity = {CONTENT_DIVERSITY: found.diversity} if self.diversity else {}
        return {self.metric: found.similarity, **diversity}

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """See `Facet.of_seeds`."""
        return {chance_of(self.metric): likeness_by_chance(seeds, self.vectors, self.copies)}
