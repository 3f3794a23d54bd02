"""What blind votes say: the share that prefers a run, whether chance would do it, and whether voters agree.

The seed video is the unit, as everywhere: of a voter who judged a seed more than once the last vote counts, and a seed
that several voters judged counts once, for the side that most of them preferred. So one eager voter, or one seed that
everybody saw, does not count more than it says.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import NormalDist
from typing import Final

import pandas as pd
from scipy.stats import binomtest

from relvid_core.data.spreadsheet import safe_csv
from relvid_core.errors import DataError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.votes import Vote

CSV_COLUMNS: Final = ("time_utc", "voter", "seed_id", "preferred_run", "preferred_label", "left_run", "right_run", "k")


@dataclass(frozen=True)
class Tally:
    """Preferences over seed videos (or over one voter's)."""

    a: int
    b: int
    ties: int  # no preference, or as many for A as for B
    share: Estimate  # of A among the decided, with Wilson's interval; NaN where none is decided
    p_value: float  # exact two-sided sign test, ties apart


@dataclass(frozen=True)
class SeedTally:
    """The votes on one seed video."""

    seed_id: str
    a: int
    b: int
    undecided: int

    @property
    def margin(self) -> int:
        """Votes for A minus votes for B."""
        return self.a - self.b


@dataclass(frozen=True)
class VoteResult:
    """Everything that the votes on A and B say."""

    tally: Tally  # over seed videos
    by_voter: dict[str, Tally]  # most votes first
    seeds: tuple[SeedTally, ...]
    alpha: float  # Krippendorff's, over seeds with two voters or more; NaN where undefined
    n_shared: int  # such seeds
    left: Estimate  # share of the left side among decided votes: 0.5 unless the place matters
    n_votes: int


def wilson(successes: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """A share with the score interval of Wilson (1927), which keeps its level for few votes and near 0 and 1.

    >>> found = wilson(8, 10)
    >>> round(found.mean, 2), round(found.low, 3), round(found.high, 3)
    (0.8, 0.49, 0.943)
    """
    if not 0 <= successes <= n or not 0 < confidence < 1:
        raise DataError(f"share: received {successes} of {n} at confidence {confidence}; give 0 to n, and 0 to 1")
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, scale = successes / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    reach = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else middle - reach  # exactly, whatever rounding says
    high = 1.0 if successes == n else middle + reach
    return Estimate(share, low, high, n)


def sign_test(a: int, b: int) -> float:
    """How often a fair coin would be at least as far from the middle; ties are not in it. NaN for no votes.

    >>> sign_test(5, 0)  # 2 · (1/2)⁵
    0.0625
    """
    return float(binomtest(a, a + b, 0.5).pvalue) if a + b else math.nan


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Agreement beyond chance for nominal values, and the number of units with two or more of them.

    1 is full agreement, 0 what chance would give, below 0 less than that. Any number of voters, none of whom need have
    judged everything: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C. NaN where no unit
    has two values, or where every value is the same, which leaves nothing to agree about.
    """
    pairs: defaultdict[tuple[str, str], float] = defaultdict(float)
    shared = [Counter(unit) for unit in units if len(unit) > 1]
    for counts in shared:
        size = counts.total()
        for one, n_one in counts.items():
            for other, n_other in counts.items():
                pairs[one, other] += n_one * (n_other - (one == other)) / (size - 1)
    totals: Counter[str] = Counter()
    for counts in shared:
        totals.update(counts)
    n = totals.total()
    expected = sum(totals[one] * totals[other] for one in totals for other in totals if one != other)
    if not expected:
        return math.nan, len(shared)
    observed = sum(value for (one, other), value in pairs.items() if one != other)
    return 1 - (n - 1) * observed / expected, len(shared)


def result_of(votes: Sequence[Vote], a: str) -> VoteResult:
    """The result for the run `a`; the other of the pair is B."""
    last = {(vote.voter, vote.seed_id): vote for vote in votes}  # a later vote takes the place of an earlier one
    of_seed: defaultdict[str, list[str]] = defaultdict(list)
    of_voter: defaultdict[str, list[str]] = defaultdict(list)
    for (voter, seed_id), vote in last.items():
        said = _side(vote, a)
        of_seed[seed_id].append(said)
        of_voter[voter].append(said)
    seeds = tuple(
        SeedTally(seed_id, said.count("A"), said.count("B"), said.count("none")) for seed_id, said in of_seed.items()
    )
    alpha, n_shared = krippendorff_alpha(list(of_seed.values()))
    placed = [vote.choice for vote in votes if vote.choice != "none"]
    return VoteResult(
        _tally([(one.margin > 0) - (one.margin < 0) for one in seeds]),
        {
            voter: _tally([{"A": 1, "B": -1, "none": 0}[one] for one in said])
            for voter, said in sorted(of_voter.items(), key=lambda item: (-len(item[1]), item[0]))
        },
        seeds,
        alpha,
        n_shared,
        wilson(placed.count("left"), len(placed)),
        len(votes),
    )


def clearest(seeds: Sequence[SeedTally], side: str, n: int) -> list[SeedTally]:
    """The seed videos on which voters preferred one side ("A" or "B") most clearly, at most `n`.

    By the margin of votes; among equals the one with the fewer undecided, then the earlier.
    """
    sign = 1 if side == "A" else -1
    ahead = [one for one in seeds if sign * one.margin > 0]
    return sorted(ahead, key=lambda one: (-sign * one.margin, one.undecided))[:n]


def votes_csv(votes: Sequence[Vote], labels: Mapping[str, str]) -> str:
    """One line a vote, for a spreadsheet: no cell of it can be taken for a formula. `labels` are by run id."""
    lines = []
    for vote in votes:
        moment = datetime.fromtimestamp(vote.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        preferred = vote.preferred or ""
        label = labels.get(preferred, "")
        lines.append((moment, vote.voter, vote.seed_id, preferred, label, vote.left, vote.right, vote.k))
    return safe_csv(pd.DataFrame(lines, columns=list(CSV_COLUMNS)))


def _side(vote: Vote, a: str) -> str:
    preferred = vote.preferred
    return "none" if preferred is None else "A" if preferred == a else "B"


def _tally(signs: Sequence[int]) -> Tally:
    a, b = signs.count(1), signs.count(-1)
    return Tally(a, b, signs.count(0), wilson(a, a + b), sign_test(a, b))
