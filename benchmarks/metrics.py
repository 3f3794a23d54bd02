"""How fast a run is measured: every metric by seed video, and the interval of one of them, beside plain loops.

    python -m benchmarks.metrics [--videos 10000]

The judge and its truth are those of `benchmarks.instant_slider`; half of each list are true partners, half are drawn
by lot. The loops do the same one seed, one neighbour and one draw at a time, on a part of the work that is scaled up;
their results are compared first. Times are the quickest of several: other work on the machine can only slow them down.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np

from benchmarks.instant_slider import planted
from relvid_core.errors import DataError
from relvid_core.evaluation import protocol as m
from relvid_core.evaluation.estimates import bootstrap
from relvid_core.evaluation.metrics import HEAD, MID, TAIL
from relvid_core.evaluation.protocol import Judge, stratum_recall
from relvid_core.evaluation.randomization import sign_flip_p
from relvid_core.evaluation.rank_overlap import rank_biased_overlap
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import generator

REPLICATES = 1000
LOOPED_SEEDS = 500
LOOPED_REPLICATES = 20
REPEATS = 7


def main() -> None:
    """Print one line for each measurement, with its bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    _, _, judge = planted(options.videos, seed=options.seed)
    lists = lists_for(judge, seed=options.seed)
    n, k = lists.rows.shape
    measured = judge.per_seed(lists)
    compare(measured, looped(judge, lists, LOOPED_SEEDS))
    values = measured[m.RECALL]
    loop_share, replicate_share = n / min(n, LOOPED_SEEDS), REPLICATES / LOOPED_REPLICATES
    print(f"{n:,} seeds × top {k}, {options.videos:,} videos, {len(measured)} metrics")
    print(f"{'milliseconds':44}{'here':>8}{'bound':>8}{'loops':>10}{'ratio':>8}")
    line("all metrics by seed video", 200, quickest(lambda: judge.per_seed(lists)),
         loop_share * quickest(lambda: looped(judge, lists, LOOPED_SEEDS), 2))  # fmt: skip
    line(f"{REPLICATES:,} bootstrap replicates of one metric", 300,
         quickest(lambda: bootstrap(values, replicates=REPLICATES)),
         replicate_share * quickest(lambda: looped_means(values, LOOPED_REPLICATES), 2))  # fmt: skip
    difference = generator(options.seed, "differences").normal(size=1000)
    line("10,000 sign flips of 1,000 differences", 300, quickest(lambda: sign_flip_p(difference)), None)
    other = lists_for(judge, seed=options.seed + 1).rows
    line("rank-biased overlap of two runs", 100, quickest(lambda: rank_biased_overlap(lists.rows, other)), None)


def lists_for(judge: Judge, *, seed: int) -> Neighbours:
    """Lists without the seed and without repeats: up to k/2 true partners first, then others by lot."""
    rng = generator(seed, "lists")
    evaluation, k = judge.evaluation, judge.config.k
    n_videos = evaluation.truth.shape[1]
    rows = np.empty((evaluation.n_seeds, k), dtype=np.int32)
    for number, seed_row in enumerate(evaluation.seeds.tolist()):
        partners = evaluation.truth.indices[evaluation.truth.indptr[number] : evaluation.truth.indptr[number + 1]]
        drawn = rng.choice(n_videos, 2 * k + 1, replace=False)
        candidates = [*rng.permutation(partners)[: k // 2].tolist(), *drawn.tolist()]
        rows[number] = [row for row in dict.fromkeys(candidates) if row != seed_row][:k]
    return Neighbours(rows, np.zeros(rows.shape, dtype=np.float32))


def looped(judge: Judge, lists: Neighbours, n: int) -> dict[str, list[float]]:
    """Every metric of the first `n` seeds, one neighbour at a time."""
    evaluation, labels = judge.evaluation, judge.labels
    found: dict[str, list[float]] = {}
    for number, (seed_row, row) in enumerate(zip(evaluation.seeds[:n].tolist(), lists.rows[:n].tolist(), strict=True)):
        entries = slice(evaluation.truth.indptr[number], evaluation.truth.indptr[number + 1])
        partners = set(evaluation.truth.indices[entries].tolist())
        hits = [j in partners for j in row]
        mine = set(labels.indices[labels.indptr[seed_row] : labels.indptr[seed_row + 1]].tolist())
        match = [bool(mine & set(labels.indices[labels.indptr[j] : labels.indptr[j + 1]].tolist())) for j in row]
        gain = sum(1 / math.log2(rank + 2) for rank, hit in enumerate(hits) if hit)
        ideal = sum(1 / math.log2(rank + 2) for rank in range(min(len(partners), len(row))))
        values = {
            m.RECALL: sum(hits) / len(partners),
            m.NDCG: gain / ideal,
            m.HIT_RATE: float(any(hits)),
            m.RECIPROCAL_RANK: next((1 / (rank + 1) for rank, hit in enumerate(hits) if hit), 0.0),
            m.TOPIC_MATCH: sum(match) / len(row),
            m.POPULAR_SHARE: sum(bool(judge.head[j]) for j in row) / len(row),
            m.TAIL_SHARE: sum(int(judge.stratum[j]) == TAIL for j in row) / len(row),
            m.POPULARITY_PERCENTILE: sum(float(judge.percentile[j]) for j in row) / len(row),
        }
        for name, stratum in (("head", HEAD), ("mid", MID), ("tail", TAIL)):
            asked = {j for j in partners if int(judge.stratum[j]) == stratum}
            values[stratum_recall(name)] = len(asked & set(row)) / len(asked) if asked else math.nan
        for name, value in values.items():
            found.setdefault(name, []).append(value)
    return found


def looped_means(values: np.ndarray, replicates: int) -> list[float]:
    """Bootstrap means, one draw at a time."""
    rng = generator(0, "loops")
    numbers = values.tolist()
    return [sum(numbers[at] for at in rng.integers(0, len(numbers), len(numbers))) / len(numbers)
            for _ in range(replicates)]  # fmt: skip


def compare(measured: dict[str, np.ndarray], loops: dict[str, list[float]]) -> None:
    """Raises DataError unless both found the same."""
    for name, values in measured.items():
        if not np.allclose(values[: len(loops[name])], loops[name], atol=1e-12, equal_nan=True):
            raise DataError(f"{name}: the loop finds other values, so its time compares nothing; mend one of them")


def quickest(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Milliseconds of the quickest of several."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return 1000 * min(spent)


def line(name: str, bound: float, here: float, loops: float | None) -> None:
    """One measurement, milliseconds."""
    beside = "" if loops is None else f"{loops:10,.0f}{loops / here:7.0f}×"
    print(f"{name:44}{here:8.1f}{bound:8.0f}{beside}")


if __name__ == "__main__":
    main()
