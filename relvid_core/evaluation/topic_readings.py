"""Topic match without circularity: topics that training was not shown judge it.

Training on topics and grading by the same topics shows only that the model learned what it was told. Two readings do
not: labels of some videos that were hidden from training, scored among themselves; and the finest level of a taxonomy
of which training saw the top level only. They are measured for every run, and honest for those that were trained so
(`experiments.circularity` says which).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from relvid_core.config import TopicRule
from relvid_core.data.catalog import Rows
from relvid_core.data.copies import Groups
from relvid_core.data.interactions import Mask
from relvid_core.data.topics import Topics
from relvid_core.evaluation.facets import Lists, chance_of
from relvid_core.evaluation.metrics import PerSeed, share
from relvid_core.evaluation.topic_match import other_videos, shared_places, sharing_others

HIDDEN_MATCH: Final = "topic_match_hidden"
FINE_MATCH: Final = "topic_match_fine"


@dataclass(frozen=True)
class HiddenTopics:
    """Of the neighbours whose topics are hidden as the seed's are, the share that have one of its labels."""

    labels: sparse.csr_matrix  # [n_videos, n_topics], rows of videos that are not hidden are empty
    hidden: Mask  # [n_videos], those with a label among them
    copies: Groups

    @classmethod
    def from_labels(cls, labels: sparse.csr_matrix, hidden: Mask, copies: Groups) -> HiddenTopics:
        """`labels` as for topic match, `hidden` from `hidden_topics.hidden_videos`."""
        kept = sparse.csr_matrix(sparse.diags_array(hidden.astype(np.float32)) @ labels)
        kept.eliminate_zeros()
        kept.sort_indices()
        return cls(kept, hidden & (np.diff(kept.indptr) > 0), copies)

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """NaN for a seed that is not hidden, and for a list without any hidden video but copies of the seed."""
        counted = self.hidden[lists.rows] & ~lists.copied
        matching = shared_places(lists.rows, lists.seeds, self.labels) & counted
        match = share(matching.sum(axis=1), counted.sum(axis=1))
        return {HIDDEN_MATCH: np.where(self.hidden[lists.seeds], match, np.nan)}

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """Chance level: the share of all other hidden videos that match."""
        chance = share(sharing_others(seeds, self.labels, self.copies), other_videos(seeds, self.copies, self.hidden))
        return {chance_of(HIDDEN_MATCH): np.where(self.hidden[seeds], chance, np.nan)}


@dataclass(frozen=True)
class FineTopics:
    """Of the neighbours that share the seed's coarse topic, the share that share its finest one too."""

    coarse: sparse.csr_matrix  # [n_videos, n_topics] at the top level
    fine: sparse.csr_matrix  # [n_videos, n_topics] whole paths, of two levels or more
    copies: Groups

    @classmethod
    def from_topics(cls, topics: Topics, rule: TopicRule, copies: Groups) -> FineTopics | None:
        """None unless some topic has a level below the top one. A path of one level has no finer topic to find."""
        primary = rule == "primary"
        counted = [video[:1] if primary else video for video in topics.paths]
        deep = Topics(tuple(tuple(path for path in video if len(path) > 1) for video in counted))
        if deep.n_levels < 2:
            return None
        return cls(topics.incidence(1, primary_only=primary), deep.incidence(0), copies)

    def of_lists(self, lists: Lists) -> dict[str, PerSeed]:
        """NaN for a seed without a finer topic, and for a list in which nothing but copies shares its coarse one."""
        near = shared_places(lists.rows, lists.seeds, self.coarse) & ~lists.copied
        match = share((shared_places(lists.rows, lists.seeds, self.fine) & near).sum(axis=1), near.sum(axis=1))
        return {FINE_MATCH: np.where(self._known(lists.seeds), match, np.nan)}

    def of_seeds(self, seeds: Rows) -> dict[str, PerSeed]:
        """Chance level: the share of all other videos of the coarse topic that match."""
        within = sharing_others(seeds, self.coarse, self.copies)
        chance = share(sharing_others(seeds, self.fine, self.copies), within)
        return {chance_of(FINE_MATCH): np.where(self._known(seeds), chance, np.nan)}

    def _known(self, seeds: Rows) -> Mask:
        known: Mask = np.diff(self.fine.indptr)[seeds] > 0
        return known
