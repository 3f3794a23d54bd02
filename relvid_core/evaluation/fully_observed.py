"""Scoring against a log in which every viewer saw every video: which pairs are truly loved together?

**Reading "association among equally active viewers"**, ours. Two videos are partners if more viewers love both than
viewers of the same activity would by chance. The alternatives were measured on KuaiRec's small matrix (1,411 viewers,
3,327 videos, 4.6 % of the cells loved) and rejected:

* *Top 20 by phi* (Pearson of the two binary columns). Two random halves of the viewers agree on 4 % of such lists:
  videos with two or three lovers reach phi = 1 by accident.
* *phi·√n beyond a bound.* A viewer who loves much makes every pair look related: of the 302,000 pairs with ten common
  lovers expected, the median z is 3.2 where no association means 0, and two thirds pass a false discovery rate of 5 %.
  Such a truth is repeatable, but what repeats is mostly who loves much.
* *All that is significant, without a cap.* Next to no seed has more than 20 partners, so the cap hardly matters here.

Among viewers of like activity (ten strata) the median z is 0.0 with a standard deviation of 1.2, and 2,600 of 871,000
pairs pass. Only pairs of which at least ten common lovers are expected are tested at all: for rarer ones no number of
common lovers that occurs here would be proof. So this truth speaks of the better loved videos. It is noisy too: lists
drawn up from one half of the viewers find 16 % of the partners that the other half shows. Recall near that is good.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import betainc, ndtr

from relvid_core.data.catalog import Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Counts, Events, Floats, Interactions, Mask
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation import metrics
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.protocol import EvaluationSet

Matrix = npt.NDArray[np.float64]

ASSOCIATION_RECALL: Final = "association_recall"
RELATED_ENGAGEMENT: Final = "related_engagement"
MEAN_EXCESS: Final = "association_excess"

OBSERVED_AT_LEAST: Final = 0.95  # of all cells; KuaiRec's small matrix has 99.6 %
MAX_ROWS: Final = 8_000  # videos: about eight [n_rows, n_rows] float64 matrices are held at once, 4 GB at this size


@dataclass(frozen=True)
class AssociationTruth:
    """Who is loved with whom among `rows`, the fully observed videos. i and j index `rows`, not the catalogue."""

    title: ClassVar[str] = "Fully observed: loved together by equally active viewers"
    explanation: ClassVar[str] = (
        "Every one of these viewers was shown every one of these videos, so a pair counts as true if viewers who love "
        "equally much love both more often than chance allows, whatever a recommender once chose to show. "
        "Only these videos have a known truth, so lists are made from them alone: any other video would take a place "
        "in the list without anybody knowing whether it is right."
    )

    rows: Rows  # [n_rows] catalogue rows, ascending
    loves: Counts  # [n_rows] viewers who love the video
    conditional: Floats  # [n_rows, n_rows] P(a viewer loves j | loves i), 0 on the diagonal and where nobody loves i
    excess: Floats  # [n_rows, n_rows] z_ij: (viewers who love both − expected) / standard deviation, 0 if not tested
    tested: Counts  # [n_rows] other videos that the video was tested with
    partners: sparse.csr_matrix  # [n_videos, n_videos] z_ij of the partners of i, > 0

    @classmethod
    def from_log(
        cls,
        truth: Interactions,
        truth_rows: Rows,
        *,
        min_expected: float = 10.0,
        false_discovery: float = 0.05,
        most: int = 20,
        strata: int = 10,
    ) -> AssociationTruth:
        """Test the pairs with `min_expected` common lovers under independence; keep the `most` strongest of a seed.

        Strength is z_ij, ties go to the lower row; significance is one-sided with the false discovery rate held at
        `false_discovery` over all tested pairs (Benjamini & Hochberg 1995). What is expected does not depend on what
        is found, so leaving pairs out beforehand keeps the rate. Raises NotEnoughData if the log is not fully observed
        or shows no association.
        """
        rows = np.unique(truth_rows).astype(np.int32)
        loved = _loved(truth, rows)
        counts = loved.sum(axis=0)
        both = loved.T @ loved
        expected, variance = expected_by_activity(loved, strata)
        tested: Mask = (expected >= min_expected) & (variance > 0)
        np.fill_diagonal(tested, False)
        excess = np.divide(both - expected, np.sqrt(variance), out=np.zeros_like(both), where=tested)
        p_values = _upper_tail(both, expected, variance, excess > 0)
        bound = false_discovery_bound(p_values[np.triu(tested)], false_discovery)
        partners = _strongest(np.where(p_values <= bound, excess, 0.0), most)
        if partners.nnz == 0:
            raise NotEnoughData(
                f"fully observed truth: none of {int(tested.sum()) // 2:,} pairs with {min_expected:g} common lovers "
                f"expected is significant over {truth.n_users:,} viewers. Use more viewers, or the split in time."
            )
        np.fill_diagonal(both, 0.0)
        conditional = np.divide(both, counts[:, None], out=np.zeros_like(both), where=counts[:, None] > 0)
        return cls(
            rows,
            counts.astype(np.int64),
            conditional.astype(np.float32),
            excess.astype(np.float32),
            tested.sum(axis=1),
            _over_catalogue(partners, rows, truth.n_videos),
        )

    @cached_property
    def allowed(self) -> Mask:
        """The videos that lists may hold, `[n_videos]`."""
        allowed = np.zeros(self.partners.shape[0], dtype=np.bool_)
        allowed[self.rows] = True
        return allowed

    @cached_property
    def seeds(self) -> Rows:
        """Videos that were tested with any other: `[n_seeds]`, ascending; not all have a partner."""
        return self.rows[self.tested > 0]

    def evaluation_set(self, history: Interactions | None = None) -> EvaluationSet:
        """Seeds with a partner, known to the history, as the protocol asks them; lists must keep to `allowed`."""
        return EvaluationSet.from_coengagement(CoEngagement(self.partners), history)

    def recall(self, seeds: Rows, lists: Rows) -> PerSeed:
        """Share of each seed's partners in its list `[n_seeds, k]`; NaN where it has none."""
        truth = self.partners[seeds]
        return metrics.recall(metrics.found_in_truth(lists, truth), metrics.truth_sizes(truth))

    def chance_recall(self, k: int) -> float:
        """Expected recall of `k` other videos drawn from `rows` by chance: the same for every seed."""
        return min(1.0, k / max(1, len(self.rows) - 1))

    def related_engagement(self, seeds: Rows, lists: Rows) -> PerSeed:
        """Mean over the list of P(a viewer loves the neighbour | loves the seed). NaN where nobody loves the seed.

        Rewards popular neighbours as it should: it is what a viewer who loved the seed would make of the list.
        """
        place = self._places(seeds)
        values = self.conditional[place[:, None], self._places(lists)].mean(axis=1, dtype=np.float64)
        return np.where(self.loves[place] > 0, values, np.nan)

    def related_chance(self, seeds: Rows) -> PerSeed:
        """`related_engagement` of a list drawn by chance from the other videos."""
        place = self._places(seeds)
        values = self.conditional[place].sum(axis=1, dtype=np.float64) / max(1, len(self.rows) - 1)
        return np.where(self.loves[place] > 0, values, np.nan)

    def mean_excess(self, seeds: Rows, lists: Rows) -> PerSeed:
        """Mean z_ij over the list: about 0 by chance, and no threshold, so it tells settings apart with few viewers.

        NaN for a seed that was tested with no other video; a neighbour that it was not tested with counts 0.
        """
        place = self._places(seeds)
        values = self.excess[place[:, None], self._places(lists)].mean(axis=1, dtype=np.float64)
        return np.where(self.tested[place] > 0, values, np.nan)

    def _places(self, rows: Rows) -> npt.NDArray[np.int64]:
        place = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        if not np.array_equal(self.rows[place], rows):
            raise DataError(
                f"fully observed truth: received videos outside the {len(self.rows):,} that it knows; make lists of "
                "`allowed` alone"
            )
        return place


def split_viewers(truth: Interactions, share: float, rng: np.random.Generator) -> tuple[Interactions, Interactions]:
    """The log of a random `share` of the viewers and that of all others: to tune on the one and report on the other."""
    order = rng.permutation(truth.n_users)
    first = round(share * truth.n_users)
    if not 0 < first < truth.n_users:
        raise NotEnoughData(
            f"fully observed truth: a share of {share:g} of {truth.n_users} viewers leaves one part empty. "
            "Use a share nearer to 0.5, or more viewers."
        )
    place = np.empty(truth.n_users, dtype=np.int32)
    place[order] = np.arange(truth.n_users, dtype=np.int32)
    return _viewers(truth, place, 0, first), _viewers(truth, place, first, truth.n_users)


def _viewers(truth: Interactions, place: npt.NDArray[np.int32], low: int, high: int) -> Interactions:
    def part(events: Events) -> Events:
        kept = events.take((place[events.user] >= low) & (place[events.user] < high))
        renumbered = Events(place[kept.user] - np.int32(low), kept.row, kept.timestamp, kept.value, kept.propensity)
        return renumbered.take(np.argsort(renumbered.user, kind="stable"))

    exposures = None if truth.exposures is None else part(truth.exposures)
    return Interactions(high - low, truth.n_videos, part(truth.engagements), exposures)


def expected_by_activity(loved: Matrix, strata: int) -> tuple[Matrix, Matrix]:
    """Mean and variance of how many viewers love both i and j if, among viewers of like activity, love is independent.

    `loved` `[n_users, n_rows]` of 0 and 1. Viewers are ordered by how much they love and cut into `strata` equal parts;
    within each the count is hypergeometric, and parts add up (Mantel & Haenszel 1959). Both `[n_rows, n_rows]`.
    """
    n_rows = loved.shape[1]
    expected, variance = np.zeros((n_rows, n_rows)), np.zeros((n_rows, n_rows))
    order = np.argsort(loved.sum(axis=1), kind="stable")
    for users in np.array_split(order, max(1, min(strata, len(order) // 2))):
        n = len(users)
        p = loved[users].mean(axis=0)
        expected += n * np.outer(p, p)
        variance += n * n / max(1, n - 1) * np.outer(p * (1 - p), p * (1 - p))
    return expected, variance


def _upper_tail(both: Matrix, expected: Matrix, variance: Matrix, where: Mask) -> Matrix:
    """P(count ≥ both), 1 where not asked; the larger of two approximations that share its mean and variance.

    Normal with a continuity correction (Mantel & Haenszel 1959), and binomial: the normal tail is too thin where few
    are expected, the binomial one where most viewers love both.
    """
    p_values = np.ones_like(both)
    mean, count, spread = expected[where], both[where], variance[where]
    normal = ndtr((mean + 0.5 - count) / np.sqrt(spread))
    chance = np.clip(1.0 - spread / mean, 1e-9, 1.0 - 1e-9)
    trials = mean / chance
    binomial = betainc(np.minimum(count, trials), np.maximum(trials - count, 0.0) + 1.0, chance)
    p_values[where] = np.maximum(normal, binomial)
    return p_values


def false_discovery_bound(p_values: npt.NDArray[np.float64], rate: float) -> float:
    """The largest p-value that may be called significant at this false discovery rate, −1 if none may.

    >>> false_discovery_bound(np.array([0.01, 0.9, 0.02, 0.5]), 0.05)
    0.02
    """
    ordered = np.sort(p_values)
    passed = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / max(1, len(ordered)))
    return float(ordered[passed[-1]]) if len(passed) else -1.0


def _strongest(strength: Matrix, most: int) -> sparse.csr_matrix:
    """The up to `most` largest positive entries of every row, ties to the lower column."""
    first = np.argsort(-strength, axis=1, kind="stable")[:, :most]
    kept = np.zeros_like(strength)
    np.put_along_axis(kept, first, np.take_along_axis(strength, first, axis=1), axis=1)
    return sparse.csr_matrix(kept, dtype=np.float32)


def _over_catalogue(partners: sparse.csr_matrix, rows: Rows, n_videos: int) -> sparse.csr_matrix:
    entries = partners.tocoo()
    return sparse.csr_matrix(
        (entries.data, (rows[entries.row], rows[entries.col])), shape=(n_videos, n_videos), dtype=np.float32
    )


def _loved(truth: Interactions, rows: Rows) -> Matrix:
    """`[n_users, n_rows]` of 0 and 1, checked to be a whole observed block."""
    if not 2 <= len(rows) <= MAX_ROWS:
        raise NotEnoughData(
            f"fully observed truth: received {len(rows):,} videos; it takes 2 to {MAX_ROWS:,}. Use the split in time."
        )
    events = truth.engagements
    place = np.minimum(np.searchsorted(rows, events.row), len(rows) - 1)
    if not np.array_equal(rows[place], events.row):
        raise DataError("fully observed truth: holds engagements outside its videos. Load the dataset again.")
    if truth.exposures is not None:
        cells = np.unique(truth.exposures.user.astype(np.int64) * truth.n_videos + truth.exposures.row)
        observed = len(cells) / (truth.n_users * len(rows))
        if observed < OBSERVED_AT_LEAST:
            raise NotEnoughData(
                f"fully observed truth: only {observed:.1%} of the cells of {truth.n_users:,} viewers and "
                f"{len(rows):,} videos were seen, at least {OBSERVED_AT_LEAST:.0%} are needed. Use the split in time."
            )
    loved = np.zeros((truth.n_users, len(rows)))
    loved[events.user, place] = 1.0
    return loved
