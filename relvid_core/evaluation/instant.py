"""The point values of the metrics in milliseconds, for sliders. Definitions and means are those of `protocol.Judge`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts, Mask
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation import exposure, metrics
from relvid_core.evaluation.metrics import TAIL, PerSeed
from relvid_core.evaluation.protocol import (
    COVERAGE,
    GINI,
    NDCG,
    POPULAR_SHARE,
    POPULARITY_PERCENTILE,
    RECALL,
    TAIL_SHARE,
    TOPIC_MATCH,
    Judge,
)
from relvid_core.evaluation.topic_match import copied_places
from relvid_core.retrieval.ranking import Neighbours

_BLOCK_CELLS = 1 << 22  # flags in memory at a time before they are packed
_BIT = np.uint8(128) >> np.arange(8, dtype=np.uint8)  # where packbits puts each of eight videos
_BITS_UP_TO = 1 << 31  # cells; 256 MiB of bits


@dataclass(frozen=True)
class Reading:
    """What a slider shows at one position."""

    per_seed: dict[str, PerSeed]  # name → [n_seeds], NaN where undefined
    means: dict[str, float]  # of the same names over the seeds where they are defined, and Gini and coverage

    def histograms(self, steps: int = 20) -> dict[str, Counts]:
        """How many seeds lie nearest to 0, 1/steps … 1, `[steps + 1]` for each name, on the bins of the charts."""
        if steps < 1:
            raise ConfigError(f"steps: received {steps}; use 1 or more")
        edges = (np.arange(steps + 2) - 0.5) / steps
        return {name: np.histogram(values, edges)[0] for name, values in self.per_seed.items()}


@dataclass(frozen=True)
class InstantJudge:
    """A judge that has looked up beforehand which pairs are true partners and which share a topic."""

    judge: Judge
    partners: PairSet
    topics: PairSet
    tail: Mask  # [n_videos]
    labelled: Mask  # [n_seeds]

    @classmethod
    def from_judge(cls, judge: Judge) -> InstantJudge:
        """Takes about a second at 10,000 videos. Raises ConfigError where the pairs would not fit in memory."""
        seeds, truth, labels = judge.evaluation.seeds, judge.evaluation.truth, judge.labels
        mine, theirs = labels[seeds], labels.T.tocsr()

        def partners(part: slice) -> sparse.csr_matrix:
            return truth[part]

        def sharing(part: slice) -> sparse.csr_matrix:
            return sparse.csr_matrix(mine[part] @ theirs)

        return cls(
            judge,
            PairSet.of(partners, truth.shape),
            PairSet.of(sharing, truth.shape),
            judge.stratum == TAIL,
            np.diff(mine.indptr) > 0,
        )

    @property
    def nbytes(self) -> int:
        """Memory beyond that of the judge."""
        return self.partners.bits.nbytes + self.topics.bits.nbytes + self.tail.nbytes + self.labelled.nbytes

    def measure(self, neighbours: Neighbours) -> Reading:
        """The metrics of lists for `evaluation.seeds`, in that order, cut to `config.k`. No intervals: see `Judge`."""
        rows = self._rows(neighbours)
        n_truth = self.judge.evaluation.n_truth
        hits = self.partners.holds(rows)
        per_seed = {
            RECALL: metrics.recall(hits, n_truth),
            NDCG: metrics.ndcg(hits, n_truth),
            TOPIC_MATCH: self._topic_match(rows),
            POPULAR_SHARE: exposure.share_in(rows, self.judge.head),
            TAIL_SHARE: exposure.share_in(rows, self.tail),
            POPULARITY_PERCENTILE: exposure.mean_percentile(rows, self.judge.percentile),
        }
        counts = exposure.exposure_counts(rows, len(self.tail))
        means = {name: _mean(values) for name, values in per_seed.items()}
        whole = {GINI: float(exposure.gini(counts)), COVERAGE: float(exposure.coverage(counts))}
        return Reading(per_seed, means | whole)

    def _topic_match(self, rows: Rows) -> PerSeed:
        sharing = self.topics.holds(rows)
        counted = ~copied_places(rows, self.judge.evaluation.seeds, self.judge.copies)
        match = metrics.share((sharing & counted).sum(axis=1), counted.sum(axis=1))
        return np.where(self.labelled, match, np.nan)

    def _rows(self, neighbours: Neighbours) -> Rows:
        if len(neighbours.rows) != self.judge.evaluation.n_seeds:
            raise DataError(
                f"evaluation: received {len(neighbours.rows)} lists for {self.judge.evaluation.n_seeds} seeds; "
                "retrieve for evaluation.seeds, in that order"
            )
        return neighbours.first(self.judge.config.k).rows


@dataclass(frozen=True)
class PairSet:
    """A set of (seed, video) pairs that can be asked for thousands of pairs in a millisecond: one bit a pair."""

    bits: npt.NDArray[np.uint8]  # [n_seeds, ceil(n_videos / 8)], the first video in the highest bit

    @classmethod
    def of(cls, pairs: Callable[[slice], sparse.csr_matrix], shape: tuple[int, int]) -> PairSet:
        """The pairs with a positive value; `pairs(part)` gives `[len(part), n_videos]` of the seeds `part`."""
        n_seeds, n_videos = shape
        if n_seeds * n_videos > _BITS_UP_TO:
            raise ConfigError(
                f"instant metrics: {n_seeds} seeds × {n_videos} videos are too many to look up beforehand (at most "
                f"{_BITS_UP_TO:,} pairs). Measure a sample of the seeds, or use the full evaluation."
            )
        bits = np.zeros((n_seeds, -(-n_videos // 8)), dtype=np.uint8)
        size = max(1, _BLOCK_CELLS // n_videos)
        for start in range(0, n_seeds, size):
            part = slice(start, min(start + size, n_seeds))
            bits[part] = np.packbits(pairs(part).toarray() > 0, axis=1)
        return cls(bits)

    def holds(self, rows: Rows) -> Mask:
        """Which of the videos `[n_seeds, k]` form a pair with their seed."""
        width = self.bits.shape[1]
        place = np.arange(len(self.bits), dtype=np.int64)[:, None] * width + (rows >> 3)
        held: Mask = (self.bits.ravel()[place] & _BIT[rows & 7]) > 0
        return held


def _mean(values: PerSeed) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
