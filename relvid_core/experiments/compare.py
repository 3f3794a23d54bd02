"""Two or more runs side by side, paired by seed video: tables, lists and verdicts. Nothing is drawn here.

Run A is what is compared with (before), run B what is judged (after): every difference is B − A. Further runs, C and D,
are held against A as B is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog, Rows
from relvid_core.errors import RunError
from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import holm, paired_difference
from relvid_core.evaluation.facets import NOVELTY
from relvid_core.evaluation.judge_encoders import SEMANTIC
from relvid_core.evaluation.metrics import STRATUM_NAMES, PerSeed
from relvid_core.evaluation.topic_readings import FINE_MATCH, HIDDEN_MATCH
from relvid_core.evaluation.whole_catalogue import STATISTICS, catalogue_difference
from relvid_core.experiments.known_truth import BY_TRUTH
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.wording import listed_words
from relvid_core.retrieval.ranking import Neighbours

Verdict = Literal["better", "worse", "less popular", "more popular", "higher", "lower", "no evidence"]

SIDE_A: Final = "A"
SIDE_B: Final = "B"
SIDES: Final = (SIDE_A, SIDE_B, "C", "D")  # as many lists as can be read beside each other
MEAN_A: Final = "mean_a"
MEAN_B: Final = "mean_b"
DIFFERENCE: Final = "difference"  # B − A
P_VALUE: Final = "p_value"  # Holm-adjusted
VERDICT: Final = "verdict"
ROW: Final = "row"
IN_OTHER: Final = "in_other"
RANK_IN_OTHER: Final = "rank_in_other"
RANKS: Final = "ranks"
SHARED_TOPICS: Final = "shared_topics"
PERCENTILE: Final = "percentile"

# Words for B above A and for B below A. More of an engagement metric or of topic match is better; a more popular list
# is not better or worse by itself, and metrics that are not named here only go up or down.
_IS_BETTER: Final = {
    protocol.RECALL,
    protocol.NDCG,
    protocol.HIT_RATE,
    protocol.RECIPROCAL_RANK,
    protocol.WEIGHTED_RECALL,
    protocol.TOPIC_MATCH,
    *(protocol.stratum_recall(name) for name in STRATUM_NAMES),
    HIDDEN_MATCH,
    FINE_MATCH,
    *SEMANTIC,
    *BY_TRUTH,
}
_IS_POPULAR: Final = {protocol.POPULAR_SHARE, protocol.POPULARITY_PERCENTILE}
_IS_UNPOPULAR: Final = {protocol.TAIL_SHARE, NOVELTY}

HEADLINE_METRICS: Final = (
    protocol.RECALL,
    protocol.NDCG,
    protocol.TOPIC_MATCH,
    protocol.POPULAR_SHARE,
    protocol.POPULARITY_PERCENTILE,
    protocol.TAIL_SHARE,
)


@dataclass(frozen=True)
class WinTieLoss:
    """On how many seed videos B is above, equal to and below A."""

    wins: int
    ties: int
    losses: int

    @property
    def n(self) -> int:
        """Seed videos for which both are defined."""
        return self.wins + self.ties + self.losses


def check_comparable(runs: Sequence[Run]) -> None:
    """Raises RunError unless all runs were asked the same seeds of the same data and judged by the same settings."""
    for run in runs[1:]:
        first, other = runs[0].info, run.info
        if other.evaluation_key != first.evaluation_key:
            raise RunError(
                f"runs {first.label!r} and {other.label!r} cannot be compared: {_reason(first, other)}. "
                "Choose two runs that were measured alike, or train one of them again."
            )
        if not np.array_equal(run.seeds, runs[0].seeds):
            raise RunError(
                f"runs {first.label!r} and {other.label!r} cannot be compared: their results are for different seed "
                f"videos ({len(runs[0].seeds)} and {len(run.seeds)}). Train one of them again."
            )


def _reason(a: RunInfo, b: RunInfo) -> str:
    if a.dataset_fingerprint != b.dataset_fingerprint:
        return f"they were made from different data ({a.dataset_title} and {b.dataset_title}, or two versions of it)"
    sections = [
        name for name in ("split", "coengagement", "evaluation") if getattr(a.config, name) != getattr(b.config, name)
    ]
    return f"their settings differ in {' and '.join(sections) or 'what was measured'}"


def metric_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Tidy (run, metric, mean, low, high, n_seeds) of all estimates; `run` is the run's id, labels may repeat."""
    check_comparable(runs)
    rows = [
        (run.info.run_id, metric, estimate.mean, estimate.low, estimate.high, estimate.n)
        for run in runs
        for metric, estimate in run.estimates.items()
    ]
    return pd.DataFrame(rows, columns=[c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH, c.N_SEEDS])


def paired_table(a: Run, b: Run, metrics: Sequence[str] = HEADLINE_METRICS) -> pd.DataFrame:
    """B − A for each metric: both means, difference, low, high, Holm-adjusted p-value, verdict and n_seeds.

    The means are over the seeds where both runs are defined, so that they differ by exactly `difference`; Gini and
    coverage are of all lists together. Metrics that a run lacks, or that another encoder judged in each, are left out.
    A verdict needs p below 1 − confidence after Holm's adjustment over this table.
    """
    return paired_tables(a, [b], metrics)[0]


def paired_tables(a: Run, others: Sequence[Run], metrics: Sequence[str] = HEADLINE_METRICS) -> list[pd.DataFrame]:
    """`paired_table` of every other run against A, in their order, with one Holm adjustment over all of them."""
    check_comparable([a, *others])
    tables = [_paired_rows(a, b, metrics) for b in others]
    settings = a.info.config.evaluation
    adjusted = holm(np.concatenate([table[P_VALUE].to_numpy(dtype=np.float64) for table in tables]))
    ends = np.cumsum([len(table) for table in tables])
    for table, p_values in zip(tables, np.split(adjusted, ends[:-1]), strict=True):
        table[P_VALUE] = p_values
        table[VERDICT] = [
            verdict(str(metric), float(difference), p_value < 1 - settings.confidence)
            for metric, difference, p_value in table[[c.METRIC, DIFFERENCE, P_VALUE]].itertuples(index=False)
        ]
    return tables


def _paired_rows(a: Run, b: Run, metrics: Sequence[str]) -> pd.DataFrame:
    """A paired table whose p-values are not adjusted yet."""
    settings = a.info.config.evaluation
    rows: list[tuple[str, float, float, float, float, float, float, int]] = []
    for metric in metrics:
        if metric in STATISTICS and metric in a.estimates and metric in b.estimates:
            rows.append(_of_all_lists(a, b, metric))
            continue
        if metric not in a.per_seed or metric not in b.per_seed or a.info.judge_of(metric) != b.info.judge_of(metric):
            continue
        of_a, of_b = a.per_seed[metric], b.per_seed[metric]
        paired = paired_difference(of_b, of_a, replicates=settings.bootstrap_replicates, confidence=settings.confidence)
        found, both = paired.difference, ~(np.isnan(of_a) | np.isnan(of_b))
        means = [float(values[both].mean()) if both.any() else float("nan") for values in (of_a, of_b)]
        rows.append((metric, means[0], means[1], found.mean, found.low, found.high, paired.p_value, found.n))
    return pd.DataFrame(rows, columns=[c.METRIC, MEAN_A, MEAN_B, DIFFERENCE, c.LOW, c.HIGH, P_VALUE, c.N_SEEDS])


def _of_all_lists(a: Run, b: Run, metric: str) -> tuple[str, float, float, float, float, float, float, int]:
    """The row of a measure of all lists together, which has no value for a single seed."""
    settings = a.info.config.evaluation
    of_a, of_b = (run.neighbours.rows[run.seeds, : settings.k] for run in (a, b))
    paired = catalogue_difference(of_b, of_a, metric, a.info.n_videos, confidence=settings.confidence)
    means, found = (a.estimates[metric].mean, b.estimates[metric].mean), paired.difference
    return (metric, *means, found.mean, found.low, found.high, paired.p_value, found.n)


def verdict(metric: str, difference: float, evident: bool) -> Verdict:
    """What a difference B − A says about B, in words; "no evidence" unless it is `evident`.

    >>> verdict("recall", -0.01, True), verdict("popular_share", -0.2, True), verdict("recall", 0.3, False)
    ('worse', 'less popular', 'no evidence')
    """
    if not evident or not difference:
        return "no evidence"
    up = difference > 0
    if metric in _IS_BETTER:
        return "better" if up else "worse"
    if metric in _IS_POPULAR or metric in _IS_UNPOPULAR:
        return "more popular" if up == (metric in _IS_POPULAR) else "less popular"
    return "higher" if up else "lower"


def side_by_side(
    a: Run,
    b: Run | None,
    row: int,
    k: int,
    catalog: Catalog,
    percentile: npt.NDArray[np.float64],
    *,
    more: Mapping[str, Run] | None = None,
) -> pd.DataFrame:
    """The lists of the video at `row`, A's first, `k` places each (fewer where a list is shorter).

    Columns: run ("A", "B", or a key of `more`: "C", "D"), rank (from 1), row, score, in_other (within the other's k
    places), rank_in_other (in all that the other run kept, 0 = not there), ranks (the place in every list shown, A's
    first, 0 = not kept), shared_topics (with the seed, as labels), percentile (of popularity; the argument is
    `[n_videos]`). The other of every list is A, that of A is the next one. Without a `b` and `more`, A's list alone.
    """
    runs = {SIDE_A: a} | ({} if b is None else {SIDE_B: b}) | dict(more or {})
    if unknown := [side for side in runs if side not in SIDES]:
        raise RunError(f"lists side by side: received {unknown[0]!r} as a side; use {listed_words(SIDES, 'or')}.")
    check_comparable(list(runs.values()))
    if not 0 <= row < a.info.n_videos or len(catalog) != a.info.n_videos:
        raise RunError(
            f"lists of {a.info.label!r}: received row {row} of a catalogue of {len(catalog)} videos, but the run knows "
            f"{a.info.n_videos}. Train it again on the present data."
        )
    lists = {side: run.neighbours_of(row, run.neighbours.k) for side, run in runs.items()}
    return _beside(lists, row, k, catalog, percentile)


def lists_side_by_side(
    a: Neighbours, b: Neighbours | None, row: int, k: int, catalog: Catalog, percentile: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """`side_by_side` for two lists `[1, kept]` of the video at `row`, wherever they come from."""
    return _beside({SIDE_A: a} if b is None else {SIDE_A: a, SIDE_B: b}, row, k, catalog, percentile)


def _beside(
    lists: Mapping[str, Neighbours], row: int, k: int, catalog: Catalog, percentile: npt.NDArray[np.float64]
) -> pd.DataFrame:
    shared_with_seed = set(catalog.topics.labels(row))
    parts = []
    for own, (side, kept) in enumerate(lists.items()):
        rows, scores = kept.rows[0, :k], kept.scores[0, :k]
        places = np.stack([_ranks(rows, one.rows[0]) for one in lists.values()], axis=1)  # [n_places, n_lists]
        other = 0 if own else 1
        ranks = places[:, other] if other < len(lists) else np.zeros(len(rows), dtype=np.int64)
        parts.append(
            pd.DataFrame(
                {
                    c.RUN: side,
                    c.RANK: np.arange(1, len(rows) + 1),
                    ROW: rows,
                    c.SCORE: scores,
                    IN_OTHER: (ranks > 0) & (ranks <= k),
                    RANK_IN_OTHER: ranks,
                    RANKS: list(map(tuple, places.tolist())),
                    SHARED_TOPICS: [
                        tuple(topic for topic in catalog.topics.labels(video) if topic in shared_with_seed)
                        for video in rows.tolist()
                    ],
                    PERCENTILE: percentile[rows],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def shared_with_first(places: pd.DataFrame) -> dict[str, int]:
    """From `side_by_side`: side → how many videos of its list also stand in A's, for all sides but A."""
    others = places[places[c.RUN] != SIDE_A]
    return {str(side): int(found.sum()) for side, found in others.groupby(c.RUN)[IN_OTHER]}


def in_all_lists(places: pd.DataFrame, k: int) -> int:
    """From `side_by_side`: how many videos stand within the first `k` places of every list."""
    of_a = places.loc[places[c.RUN] == SIDE_A, RANKS]
    return sum(all(0 < rank <= k for rank in ranks) for ranks in of_a)


def _ranks(rows: Rows, others: Rows) -> npt.NDArray[np.int64]:
    """The place from 1 of every row within `others`, 0 where it is not there."""
    places = {row: place for place, row in enumerate(others.tolist(), start=1)}
    return np.array([places.get(row, 0) for row in rows.tolist()], dtype=np.int64)


def win_tie_loss(a: Run, b: Run, metric: str) -> WinTieLoss:
    """On how many seed videos B beats, equals and loses to A by a per-seed metric, higher winning."""
    of_a, of_b, _ = _paired(a, b, metric)
    return WinTieLoss(int((of_b > of_a).sum()), int((of_b == of_a).sum()), int((of_b < of_a).sum()))


def changed_most(a: Run, b: Run, metric: str, n: int | None = None, *, places: Rows | None = None) -> pd.DataFrame:
    """The `n` seed videos (None: all) on which B fell furthest behind A, worst first: row, mean_a, mean_b, difference.

    Every difference is below 0. `places` asks only the seeds at these places of `a.seeds`.
    """
    of_a, of_b, seeds = _paired(a, b, metric, places)
    fell = np.flatnonzero(of_b < of_a)
    order = fell[np.argsort((of_b - of_a)[fell], kind="stable")][:n]
    table = pd.DataFrame({ROW: seeds[order], MEAN_A: of_a[order], MEAN_B: of_b[order]})
    table[DIFFERENCE] = table[MEAN_B] - table[MEAN_A]
    return table


def values_of(run: Run, metric: str) -> PerSeed:
    """A per-seed metric of a run, `[n_seeds]`. Raises RunError where it has none of that name."""
    if metric not in run.per_seed:
        raise RunError(
            f"run {run.info.label!r}: received metric {metric!r}; it holds {', '.join(sorted(run.per_seed))}"
        )
    return run.per_seed[metric]


def _paired(a: Run, b: Run, metric: str, places: Rows | None = None) -> tuple[PerSeed, PerSeed, Rows]:
    """Values of A and of B, and the seeds' rows, where both are defined: three arrays `[n_both]`."""
    check_comparable((a, b))
    asked = np.arange(len(a.seeds)) if places is None else places
    of_a, of_b = (values_of(run, metric)[asked] for run in (a, b))
    both = ~(np.isnan(of_a) | np.isnan(of_b))
    return of_a[both], of_b[both], a.seeds[asked][both]


def comparable_infos(infos: Sequence[RunInfo], with_run: RunInfo) -> list[RunInfo]:
    """The other runs that can be compared with one, in the order given."""
    return [info for info in infos if info.evaluation_key == with_run.evaluation_key and info.run_id != with_run.run_id]


def default_pair(infos: Sequence[RunInfo], quality: Callable[[RunInfo], float]) -> tuple[RunInfo, RunInfo | None]:
    """What to look at first, (A, B), from a non-empty list that is newest first.

    B is the newest model and A the newest other model comparable with it, else the comparable baseline of the highest
    `quality` (asked of baselines only). A run with nothing to compare stands alone as A.
    """
    newest = next((info for info in infos if info.kind == "model"), infos[0])
    others = comparable_infos(infos, newest)
    models = [info for info in others if info.kind == "model"]
    if models:
        return models[0], newest
    return (max(others, key=quality), newest) if others else (newest, None)


@dataclass(frozen=True)
class ListFacts:
    """What one list is like. NaN where undefined: a seed without a topic."""

    k: int
    on_topic: float  # share of the list that matches the seed's topic, by the rule of the judge
    chance: float  # the same for videos drawn at random
    popular: int  # videos of the head set
    percentile: float  # mean popularity percentile


def list_facts(run: Run, row: int, k: int, judge: protocol.Judge) -> ListFacts:
    """Facts of the first `k` places of one video's list, with the judge's own topics and head set."""
    rows = run.neighbours_of(row, k).rows
    seed = np.array([row], dtype=np.int32)
    return ListFacts(
        rows.shape[1],
        float(judge.topic_match(rows, seed)[0]),
        float(judge.topic_chance(seed)[0]),
        int(judge.head[rows[0]].sum()),
        float(judge.percentile[rows[0]].mean()),
    )
