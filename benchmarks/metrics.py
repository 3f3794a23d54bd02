"""How fast a run is measured: every metric by seed video, and the interval of one of them, beside plain loops.

    python -m benchmarks.metrics [--videos 10000]

The judge and its truth are those of `benchmarks.instant_slider`, and it knows everything that a judge can know: 1/π,
copies, watchers, dates, a taxonomy of two levels, hidden topics, and three encoders (64, 128 and 384 numbers a video).
Half of each list are true partners, half are drawn by lot. The loops do the same one seed, one neighbour and one draw
at a time, on a part of the work that is scaled up; their results are compared first. Times are the quickest of several:
other work on the machine can only slow them down.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy import sparse

from benchmarks.instant_slider import planted
from relvid_core.errors import DataError
from relvid_core.evaluation import exposure
from relvid_core.evaluation import protocol as m
from relvid_core.evaluation.estimates import bootstrap, bootstraps
from relvid_core.evaluation.facets import (
    CONTENT_DIVERSITY,
    FRESH_SHARE,
    MEAN_AGE,
    NOVELTY,
    TOPIC_DIVERSITY,
    Facet,
    FreshnessFacet,
    NoveltyFacet,
    TopicDiversityFacet,
)
from relvid_core.evaluation.judge_encoders import SEMANTIC_TEACHER, SEMANTIC_TEXT, SEMANTIC_VISUAL, JudgeEncoder
from relvid_core.evaluation.likeness import UnitVectors
from relvid_core.evaluation.metrics import HEAD, MID, TAIL
from relvid_core.evaluation.novelty import FRESH_DAYS, self_information
from relvid_core.evaluation.protocol import Judge, stratum_recall
from relvid_core.evaluation.randomization import sign_flip_p
from relvid_core.evaluation.rank_overlap import rank_biased_overlap
from relvid_core.evaluation.topic_readings import FINE_MATCH, HIDDEN_MATCH, FineTopics, HiddenTopics
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
    _, _, plain = planted(options.videos, seed=options.seed)
    judge = knowing_all(plain, seed=options.seed)
    lists = lists_for(judge, seed=options.seed)
    n, k = lists.rows.shape
    measured = judge.per_seed(lists)
    compare(measured, looped(judge, lists, LOOPED_SEEDS))
    values = measured[m.RECALL]
    loop_share, replicate_share = n / min(n, LOOPED_SEEDS), REPLICATES / LOOPED_REPLICATES
    print(f"{n:,} seeds × top {k}, {options.videos:,} videos, {len(measured) + 2} metrics")
    print(f"{'milliseconds':44}{'here':>8}{'bound':>8}{'loops':>10}{'ratio':>8}")
    line("all metrics by seed video, Gini, coverage", 200, quickest(lambda: all_metrics(judge, lists)),
         loop_share * quickest(lambda: looped(judge, lists, LOOPED_SEEDS), 2))  # fmt: skip
    line(f"{REPLICATES:,} bootstrap replicates of one metric", 300,
         quickest(lambda: bootstrap(values, replicates=REPLICATES)),
         replicate_share * quickest(lambda: looped_means(values, LOOPED_REPLICATES), 2))  # fmt: skip
    line(f"the same of all {len(measured)} metrics", 1000,
         quickest(lambda: bootstraps(measured, replicates=REPLICATES), 3), None)  # fmt: skip
    line("intervals of Gini and coverage", 1000, quickest(lambda: judge.whole_catalogue(lists), 2), None)
    difference = generator(options.seed, "differences").normal(size=1000)
    line("10,000 sign flips of 1,000 differences", 300, quickest(lambda: sign_flip_p(difference)), None)
    other = lists_for(judge, seed=options.seed + 1).rows
    line("rank-biased overlap of two runs", 100, quickest(lambda: rank_biased_overlap(lists.rows, other)), None)


def all_metrics(judge: Judge, lists: Neighbours) -> None:
    """What the judge measures of lists, without intervals."""
    judge.per_seed(lists)
    counts = exposure.exposure_counts(lists.rows, len(judge.percentile))
    exposure.gini(counts)
    exposure.coverage(counts)


def knowing_all(plain: Judge, *, seed: int) -> Judge:
    """The judge with made-up knowledge of everything else that it can measure by."""
    rng = generator(seed, "knowledge")
    n = len(plain.percentile)
    copies = np.arange(n)
    copies[rng.permutation(n)[: n // 50]] = rng.integers(0, n, n // 50)
    coarse = sparse.csr_matrix((np.ones(n, np.float32), (np.arange(n), plain.labels.indices % 7)))
    rare = 1 + rng.permutation(n)
    age = np.where(rng.random(n) < 0.9, rng.exponential(100.0, n), np.nan)
    encoders = [
        JudgeEncoder(
            name,
            "file",
            UnitVectors.from_vectors(rng.normal(size=(n, dim)).astype(np.float32), rng.random(n) < 0.95),
            copies,
            diversity=name == SEMANTIC_TEXT,
        )
        for name, dim in ((SEMANTIC_TEACHER, 64), (SEMANTIC_TEXT, 128), (SEMANTIC_VISUAL, 384))
    ]  # fmt: skip
    facets = (
        NoveltyFacet(self_information(rare, n)),
        TopicDiversityFacet(plain.labels),
        HiddenTopics.from_labels(plain.labels, rng.random(n) < 0.3, copies),
        FineTopics(coarse, plain.labels, copies),
        FreshnessFacet(age),
        *encoders,
    )
    return replace(plain, target_weight=1.0 + rng.exponential(5.0, n), copies=copies, facets=facets)


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
        others = [j for j in row if judge.copies[j] != judge.copies[seed_row]]
        values = _engagement(judge, partners, row) | _exposure(judge, row)
        values[m.TOPIC_MATCH] = _mean([bool(_of(labels, seed_row) & _of(labels, j)) for j in others])
        for facet in judge.facets:
            values |= _facet(facet, seed_row, row, others)
        for name, value in values.items():
            found.setdefault(name, []).append(value)
    return found


def _engagement(judge: Judge, partners: set[int], row: list[int]) -> dict[str, float]:
    hits = [j in partners for j in row]
    gain = sum(1 / math.log2(rank + 2) for rank, hit in enumerate(hits) if hit)
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(len(partners), len(row))))
    values = {
        m.RECALL: sum(hits) / len(partners),
        m.NDCG: gain / ideal,
        m.HIT_RATE: float(any(hits)),
        m.RECIPROCAL_RANK: next((1 / (rank + 1) for rank, hit in enumerate(hits) if hit), 0.0),
    }
    for name, stratum in (("head", HEAD), ("mid", MID), ("tail", TAIL)):
        asked = {j for j in partners if int(judge.stratum[j]) == stratum}
        values[stratum_recall(name)] = len(asked & set(row)) / len(asked) if asked else math.nan
    if (weight := judge.target_weight) is not None:
        whole = sum(float(weight[j]) for j in partners)
        values[m.WEIGHTED_RECALL] = sum(float(weight[j]) for j in partners & set(row)) / whole
    return values


def _exposure(judge: Judge, row: list[int]) -> dict[str, float]:
    return {
        m.POPULAR_SHARE: sum(bool(judge.head[j]) for j in row) / len(row),
        m.TAIL_SHARE: sum(int(judge.stratum[j]) == TAIL for j in row) / len(row),
        m.POPULARITY_PERCENTILE: sum(float(judge.percentile[j]) for j in row) / len(row),
    }


def _facet(facet: Facet, seed_row: int, row: list[int], others: list[int]) -> dict[str, float]:
    if isinstance(facet, NoveltyFacet):
        return {NOVELTY: _mean([float(facet.information[j]) for j in row])}
    if isinstance(facet, FreshnessFacet):
        ages = [float(facet.age[j]) for j in row if not math.isnan(facet.age[j])]
        return {MEAN_AGE: _mean(ages), FRESH_SHARE: _mean([age < FRESH_DAYS for age in ages])}
    if isinstance(facet, TopicDiversityFacet):
        topics = [_of(facet.labels, j) for j in row]
        return {TOPIC_DIVERSITY: _mean([not (a & b) for a, b in combinations(topics, 2) if a and b])}
    if isinstance(facet, HiddenTopics):
        hidden = [j for j in others if facet.hidden[j]] if facet.hidden[seed_row] else []
        return {HIDDEN_MATCH: _mean([bool(_of(facet.labels, seed_row) & _of(facet.labels, j)) for j in hidden])}
    if isinstance(facet, FineTopics):
        near = [j for j in others if _of(facet.coarse, seed_row) & _of(facet.coarse, j)]
        near = near if _of(facet.fine, seed_row) else []
        return {FINE_MATCH: _mean([bool(_of(facet.fine, seed_row) & _of(facet.fine, j)) for j in near])}
    if not isinstance(facet, JudgeEncoder):
        raise DataError(f"benchmark: no loop for {type(facet).__name__}; write one")
    slabs, present = facet.vectors.slabs, facet.vectors.present
    vectors = {j: np.concatenate([slab[j] for slab in slabs]) for j in [seed_row, *row] if present[j]}
    compared = [j for j in others if j in vectors] if seed_row in vectors else []
    values = {facet.metric: _mean([float(vectors[seed_row] @ vectors[j]) for j in compared])}
    if facet.diversity:
        kept = [vectors[j] for j in row if j in vectors]
        values[CONTENT_DIVERSITY] = _mean([1 - float(a @ b) for a, b in combinations(kept, 2)])
    return values


def _of(labels: sparse.csr_matrix, row: int) -> set[int]:
    return set(labels.indices[labels.indptr[row] : labels.indptr[row + 1]].tolist())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def looped_means(values: np.ndarray, replicates: int) -> list[float]:
    """Bootstrap means, one draw at a time."""
    rng = generator(0, "loops")
    numbers = values.tolist()
    return [sum(numbers[at] for at in rng.integers(0, len(numbers), len(numbers))) / len(numbers)
            for _ in range(replicates)]  # fmt: skip


def compare(measured: dict[str, np.ndarray], loops: dict[str, list[float]]) -> None:
    """Raises DataError unless both found the same."""
    for name, values in measured.items():
        if not np.allclose(values[: len(loops[name])], loops[name], rtol=0, atol=1e-9, equal_nan=True):
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
