"""Which seeds are asked, what counts as a right answer, and everything that is then measured on the lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.config import EvaluationConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.copies import Groups, alone
from relvid_core.data.interactions import Counts, Interactions, Mask
from relvid_core.data.topics import Topics
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation import exposure, metrics, topic_match
from relvid_core.evaluation.estimates import Estimate, subsample_statistic
from relvid_core.evaluation.facets import Facet, Lists, chance_of
from relvid_core.evaluation.metrics import TAIL, PerSeed
from relvid_core.retrieval.ranking import Neighbours

RECALL: Final = "recall"
NDCG: Final = "ndcg"
HIT_RATE: Final = "hit_rate"
RECIPROCAL_RANK: Final = "reciprocal_rank"
WEIGHTED_RECALL: Final = "weighted_recall"
TOPIC_MATCH: Final = "topic_match"
POPULAR_SHARE: Final = "popular_share"
TAIL_SHARE: Final = "tail_share"
POPULARITY_PERCENTILE: Final = "popularity_percentile"
TOPIC_CHANCE: Final = "topic_chance"
TOPIC_CEILING: Final = "topic_ceiling"
GINI: Final = "gini"
COVERAGE: Final = "coverage"


def stratum_recall(name: str) -> str:
    """The key of recall within one stratum.

    >>> stratum_recall("tail")
    'recall_tail'
    """
    return f"{RECALL}_{name}"


@dataclass(frozen=True)
class EvaluationSet:
    """Seed videos and their true partners: what was watched together with them in the target window.

    A seed needs a partner in the target window and an engagement in the history. One that nobody had watched before is
    a cold seed and kept apart: a co-visit model has nothing to say there, and a content model should be judged there
    alone. True partners without history stay in the denominator of recall, though no co-visit model can find them.
    """

    seeds: Rows  # [n_seeds], ascending
    truth: sparse.csr_matrix  # [n_seeds, n_videos] N_ij of the target window, > 0 = relevant, never the seed itself
    cold_seeds: Rows
    cold_truth: sparse.csr_matrix  # [n_cold_seeds, n_videos]
    known: Mask  # [n_videos], engaged with in the history

    @classmethod
    def from_coengagement(cls, target: CoEngagement, history: Interactions | None = None) -> EvaluationSet:
        """Seeds and truth from the target window; without a `history` no video counts as cold.

        Raises NotEnoughData if no seed with a history has a partner in the target window.
        """
        matrix = sparse.csr_matrix(target.matrix, copy=True)
        n_videos = matrix.shape[0]
        if history is not None and history.n_videos != n_videos:
            raise DataError(
                f"evaluation: the target window has {n_videos} videos, the history {history.n_videos}; "
                "take both from one catalogue"
            )
        matrix.setdiag(0.0)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        known = np.ones(n_videos, dtype=np.bool_) if history is None else history.popularity > 0
        asked = np.diff(matrix.indptr) > 0
        seeds = np.flatnonzero(asked & known).astype(np.int32)
        cold = np.flatnonzero(asked & ~known).astype(np.int32)
        if not len(seeds):
            raise NotEnoughData(
                f"evaluation: none of {n_videos} videos was watched both in the history and together with another one "
                f"in the target window ({len(cold)} only in the latter). Use a longer log or a larger target window."
            )
        return cls(seeds, matrix[seeds], cold, matrix[cold], known)

    @property
    def n_seeds(self) -> int:
        """Seeds that are asked."""
        return len(self.seeds)

    @property
    def n_cold_seeds(self) -> int:
        """Seeds left apart because nobody had watched them before."""
        return len(self.cold_seeds)

    @cached_property
    def n_truth(self) -> Counts:
        """True partners of each seed, `[n_seeds]`."""
        return metrics.truth_sizes(self.truth)

    @cached_property
    def cold_target_share(self) -> float:
        """Share of all true partners that have no history: the part of recall that is out of reach for co-visits."""
        return float(1.0 - self.known[self.truth.indices].mean()) if self.truth.nnz else 0.0

    def of_cold_seeds(self) -> EvaluationSet:
        """The cold seeds as a set of their own. Raises NotEnoughData if there are none."""
        if not self.n_cold_seeds:
            raise NotEnoughData("evaluation: every seed has a history, so there are no cold seeds to judge")
        none = self.cold_seeds[:0]
        return EvaluationSet(self.cold_seeds, self.cold_truth, none, self.cold_truth[:0], self.known)


@dataclass(frozen=True)
class Judge:
    """What is the same for every model on one evaluation set, made once; lists are then measured in milliseconds."""

    evaluation: EvaluationSet
    config: EvaluationConfig
    labels: sparse.csr_matrix  # [n_videos, n_topics], see `topic_match.topic_labels`
    head: Mask  # [n_videos]
    stratum: metrics.Strata  # [n_videos]
    percentile: npt.NDArray[np.float64]  # [n_videos]
    target_weight: npt.NDArray[np.float64] | None  # [n_videos] 1/π_j for weighted recall
    copies: Groups  # [n_videos], see `data.copies`
    facets: tuple[Facet, ...] = ()  # what else the data has to measure by
    judged_by: tuple[tuple[str, str], ...] = ()  # metric → the encoder or the kind of propensity that it stands on
    allowed: Mask | None = None  # [n_videos], what lists may hold; None = everything

    @classmethod
    def from_data(
        cls,
        evaluation: EvaluationSet,
        topics: Topics,
        popularity: Counts,
        config: EvaluationConfig,
        *,
        target_weight: npt.NDArray[np.float64] | None = None,
        copies: Groups | None = None,
        facets: tuple[Facet, ...] = (),
        judged_by: tuple[tuple[str, str], ...] = (),
        allowed: Mask | None = None,
    ) -> Judge:
        """`popularity` `[n_videos]` is that of the history; `target_weight` `[n_videos]` adds weighted recall.

        Without `copies` no video is one of another.

        Raises DataError unless all of them are about the same catalogue.
        """
        sizes = {len(evaluation.known), len(topics.paths), len(popularity)}
        if len(sizes | ({len(target_weight)} if target_weight is not None else set())) > 1:
            raise DataError(
                f"evaluation: received truth for {len(evaluation.known)} videos, topics for {len(topics.paths)} and "
                f"popularity for {len(popularity)}; take all of them (and the target weights) from one catalogue"
            )
        return cls(
            evaluation,
            config,
            topic_match.topic_labels(topics, config.topic_rule, config.topic_level),
            exposure.head_set(popularity, config.head_share),
            exposure.popularity_stratum(popularity, config.head_share),
            exposure.popularity_percentile(popularity),
            target_weight,
            alone(len(popularity)) if copies is None else copies,
            facets,
            judged_by,
            allowed,
        )

    def per_seed(self, neighbours: Neighbours) -> dict[str, PerSeed]:
        """Every per-seed metric of lists for `evaluation.seeds`, cut to `config.k`: name → `[n_seeds]`."""
        rows = self._rows(neighbours)
        seeds, truth, n_truth = self.evaluation.seeds, self.evaluation.truth, self.evaluation.n_truth
        hits = metrics.found_in_truth(rows, truth)
        found = {
            RECALL: metrics.recall(hits, n_truth),
            NDCG: metrics.ndcg(hits, n_truth),
            HIT_RATE: metrics.hit_rate(hits, n_truth),
            RECIPROCAL_RANK: metrics.reciprocal_rank(hits, n_truth),
            TOPIC_MATCH: self.topic_match(rows, seeds),
            POPULAR_SHARE: exposure.share_in(rows, self.head),
            TAIL_SHARE: exposure.share_in(rows, self.stratum == TAIL),
            POPULARITY_PERCENTILE: exposure.mean_percentile(rows, self.percentile),
        }
        by_stratum = metrics.stratified_recall(rows, hits, truth, self.stratum)
        found |= {stratum_recall(name): values for name, values in by_stratum.items()}
        if self.target_weight is not None:
            found[WEIGHTED_RECALL] = metrics.weighted_recall(rows, hits, truth, self.target_weight)
        lists = Lists(rows, seeds, topic_match.copied_places(rows, seeds, self.copies))
        for facet in self.facets:
            found |= facet.of_lists(lists)
        return found

    def topic_match(self, rows: Rows, seeds: Rows) -> PerSeed:
        """Topic match of lists `[n_seeds, k]` for any seeds."""
        return topic_match.topic_match(rows, seeds, self.labels, self.copies)

    def topic_chance(self, seeds: Rows) -> PerSeed:
        """Its chance level for any seeds."""
        return topic_match.topic_chance(seeds, self.labels, self.copies)

    def whole_catalogue(self, neighbours: Neighbours, *, seed: int = 0) -> dict[str, Estimate]:
        """Gini and coverage of the lists over the whole catalogue, with intervals over seed videos."""
        rows = self._rows(neighbours)
        shown = list_incidence(rows, self.labels.shape[0])

        def gini(kept: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
            return exposure.gini(kept @ shown)

        def coverage(kept: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
            return exposure.coverage(kept @ shown)

        statistics = {GINI: gini, COVERAGE: coverage}
        confidence = self.config.confidence
        return {
            name: subsample_statistic(statistic, len(rows), confidence=confidence, seed=seed, bounds=(0.0, 1.0))
            for name, statistic in statistics.items()
        }

    @cached_property
    def references(self) -> dict[str, PerSeed]:
        """What measures must be read against, by seed: chance levels, and the best topic match that k videos can have.

        The same for all lists.
        """
        seeds = self.evaluation.seeds
        if self.allowed is not None:
            return self._references_among(self.allowed)
        found = {
            TOPIC_CHANCE: self.topic_chance(seeds),
            TOPIC_CEILING: topic_match.topic_ceiling(seeds, self.labels, self.config.k, self.copies),
        }
        for facet in self.facets:
            found |= facet.of_seeds(seeds)
        return found

    def _references_among(self, allowed: Mask) -> dict[str, PerSeed]:
        """The same where lists hold some videos only: chance is what a list of all of them would have."""
        seeds, videos = self.evaluation.seeds, np.flatnonzero(allowed).astype(np.int32)
        others = [videos[videos != seed] for seed in seeds]
        n_fewest = min(map(len, others))  # a seed that is not itself allowed leaves one more: its last is dropped
        everything = np.stack([rows[:n_fewest] for rows in others])
        shared = self.topic_match(everything, seeds)
        found = {
            TOPIC_CHANCE: shared,
            TOPIC_CEILING: np.minimum(np.round(shared * n_fewest), self.config.k) / self.config.k,
        }
        lists = Lists(everything, seeds, topic_match.copied_places(everything, seeds, self.copies))
        for facet in self.facets:
            wanted = facet.of_seeds(seeds)
            measured = facet.of_lists(lists) if wanted else {}
            found |= {chance_of(name): values for name, values in measured.items() if chance_of(name) in wanted}
        return found

    def _rows(self, neighbours: Neighbours) -> Rows:
        if len(neighbours.rows) != self.evaluation.n_seeds:
            raise DataError(
                f"evaluation: received {len(neighbours.rows)} lists for {self.evaluation.n_seeds} seeds; "
                "retrieve for evaluation.seeds, in that order"
            )
        return neighbours.first(self.config.k).rows


def list_incidence(rows: Rows, n_videos: int) -> sparse.csr_matrix:
    """Which list holds which video: `[n_seeds, n_videos]` float32 of 0 and 1; kept seeds @ it = exposure counts."""
    n_seeds, k = rows.shape
    ones = np.ones(rows.size, dtype=np.float32)
    return sparse.csr_matrix((ones, rows.ravel(), np.arange(n_seeds + 1) * k), shape=(n_seeds, n_videos))
