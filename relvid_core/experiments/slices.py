"""Two runs within slices of the seed videos: by topic, and by how popular the seed or what it should find is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import t as student

from relvid_core import columns as c
from relvid_core.data.catalog import Rows
from relvid_core.data.topics import Topics, format_topic
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import holm
from relvid_core.evaluation.metrics import STRATUM_NAMES, PerSeed
from relvid_core.evaluation.protocol import RECALL, stratum_recall
from relvid_core.evaluation.randomization import sign_flip_p_of_groups
from relvid_core.experiments.compare import (
    DIFFERENCE,
    MEAN_A,
    MEAN_B,
    P_VALUE,
    VERDICT,
    check_comparable,
    values_of,
    verdict,
)
from relvid_core.experiments.gaps import judge_gaps
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run
from relvid_core.experiments.seed_groups import SeedGroup, group_values

SLICE: Final = "slice"
LEAST_SEEDS: Final = 10  # below it a slice is an anecdote
_COLUMNS: Final = [SLICE, c.N_SEEDS, MEAN_A, MEAN_B, DIFFERENCE, c.LOW, c.HIGH, P_VALUE, VERDICT]
_SEEDS: Final[dict[SeedGroup, str]] = {
    "head": "Popular seed videos",
    "mid": "Middling seed videos",
    "tail": "Rarely watched seed videos",
    "cold": "New seed videos",
}
_TARGETS: Final = {"head": "Popular targets", "mid": "Middling targets", "tail": "Rarely watched targets"}


@dataclass(frozen=True)
class SeedSlices:
    """Which seed belongs to which slice; a seed may be in several or in none."""

    names: tuple[str, ...]
    member: sparse.csr_matrix  # [n_seeds, n_slices] of 0 and 1

    @classmethod
    def by_topic(cls, topics: Topics, seeds: Rows, level: int = 0) -> SeedSlices:
        """By the seed's main topic, cut at `level` (0 = the finest): no seed is in two slices."""
        member = topics.incidence(level, primary_only=True)[seeds]
        return cls(tuple(map(format_topic, topics.names(level))), member)

    def places(self, name: str) -> Rows:
        """The places `[n]` of the seeds of one slice, ascending; none for a name that is not there."""
        if name not in self.names:
            return np.array([], dtype=np.int32)
        return np.flatnonzero(self.member[:, [self.names.index(name)]].toarray().ravel()).astype(np.int32)


def slice_table(a: Run, b: Run, metric: str, slices: SeedSlices, *, least: int = LEAST_SEEDS) -> pd.DataFrame:
    """B − A in every slice of at least `least` seeds that both runs have a value for.

    Columns: slice, n_seeds, mean_a, mean_b, difference, low, high, p_value, verdict. Falls with evidence come first,
    the largest first, then all others by their difference. Intervals are Student's, p-values those of sign flips,
    Holm-adjusted over the slices shown: closed forms, since resampling a thousand topics would take minutes.
    """
    check_comparable((a, b))
    of_a, of_b = (values_of(run, metric) for run in (a, b))
    both = np.flatnonzero(~(np.isnan(of_a) | np.isnan(of_b)))
    member = slices.member[both].astype(np.float64)
    n = np.asarray(member.sum(axis=0), dtype=np.float64).ravel()
    shown = np.flatnonzero(n >= max(least, 1))
    member, n = sparse.csr_matrix(member[:, shown]), n[shown]
    difference = (of_b - of_a)[both]
    means = [member.T @ values / n for values in (of_a[both], of_b[both], difference)]
    confidence = a.info.config.evaluation.confidence
    reach = _student_reach(member, difference, means[2], n, confidence)
    p_values = holm(sign_flip_p_of_groups(difference, member))
    table = pd.DataFrame(
        {
            SLICE: [slices.names[place] for place in shown.tolist()],
            c.N_SEEDS: n.astype(np.int64),
            MEAN_A: means[0],
            MEAN_B: means[1],
            DIFFERENCE: means[2],
            c.LOW: means[2] - reach,
            c.HIGH: means[2] + reach,
            P_VALUE: p_values,
            VERDICT: [
                verdict(metric, float(gap), bool(p < 1 - confidence)) for gap, p in zip(means[2], p_values, strict=True)
            ],
        },
        columns=_COLUMNS,
    )
    evident_fall = (table[P_VALUE] < 1 - confidence) & (table[DIFFERENCE] < 0)
    order = np.lexsort((table[SLICE].to_numpy(), table[DIFFERENCE].to_numpy(), ~evident_fall.to_numpy()))
    return table.iloc[order].reset_index(drop=True)


def _student_reach(
    member: sparse.csr_matrix, difference: PerSeed, mean: PerSeed, n: PerSeed, confidence: float
) -> PerSeed:
    """Half the width of the interval of each slice's mean difference, NaN for a single seed."""
    squares = np.maximum(member.T @ difference**2 - n * mean**2, 0.0)
    freedom = np.where(n > 1, n - 1, np.nan)
    reach: PerSeed = student.ppf((1 + confidence) / 2, freedom) * np.sqrt(squares / freedom / n)
    return reach


def popularity_slices(a: Run, b: Run, metric: str, prepared: Prepared) -> pd.DataFrame:
    """B − A by how popular the seed is and, of recall, by how popular the videos are that were to be found.

    The columns of `slice_table`, in the order popular to new, as one family for Holm's adjustment. New seed videos are
    those without any history; of them there is recall and topic match. Raises RunError unless `prepared` is what the
    runs were measured on.
    """
    check_comparable((a, b))
    if prepared.key != a.info.evaluation_key:
        raise RunError(
            f"run {a.info.label!r} was measured by another version of the program, so its seed videos cannot be sorted "
            "by popularity. Train it again."
        )
    settings = a.info.config.evaluation
    of_a, of_b = (group_values(run, prepared, metric) for run in (a, b))
    asked = {name: (metric, of_b[group], of_a[group]) for group, name in _SEEDS.items() if group in of_a}
    if metric == RECALL:
        keys = {name: stratum_recall(name) for name in STRATUM_NAMES}
        asked |= {_TARGETS[name]: (key, b.per_seed[key], a.per_seed[key]) for name, key in keys.items()}
    asked = {name: one for name, one in asked.items() if _both(*one[1:]).any()}
    gaps = judge_gaps(list(asked.values()), settings)
    rows = []
    for (name, (_, of_second, of_first)), gap in zip(asked.items(), gaps, strict=True):
        both, found = _both(of_first, of_second), gap.difference
        means = (float(of_first[both].mean()), float(of_second[both].mean()))
        rows.append((name, found.n, *means, found.mean, found.low, found.high, gap.p_value, gap.verdict))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _both(a: PerSeed, b: PerSeed) -> np.ndarray:
    return ~(np.isnan(a) | np.isnan(b))
