"""How fast the lists and metrics of a whole catalogue follow the sliders ω and κ, and how exact they are.

    python -m benchmarks.instant_slider [--videos 10000] [--steps 200]

The heads are planted: videos lie in topics (which the relevance head knows) and in smaller communities (which the
engagement head knows beside the topics), popularity is log-normal, and true partners are drawn from the community by
popularity. A walk moves both sliders by small steps with a jump now and then, and includes their ends. Every tenth
position is also searched exactly; where more than 20 are taken, 20 of them. Other work on the machine shows in the
slowest steps first: repeat, and take the quietest run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from relvid_core.config import EvaluationConfig
from relvid_core.data.interactions import Floats
from relvid_core.data.topics import Topics
from relvid_core.evaluation.instant import InstantJudge
from relvid_core.evaluation.protocol import EvaluationSet, Judge
from relvid_core.retrieval.blend import KAPPA_LIMIT, WIDTH, prepare
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import drain, generator

TEMPERATURE = 0.15
DIM = 64
N_TOPICS = 40
COMMUNITY = 25  # videos
PARTNERS = 15  # true partners drawn for each seed
LOOKED_UP = 20  # positions at most that are also searched exactly


@dataclass(frozen=True)
class PlantedHead:
    """Unit rows `[n_videos, dim]`."""

    seed: Floats
    candidate: Floats


def main() -> None:
    """Print the timings of a walk and how its lists compare with an exact search."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--width", type=int, default=WIDTH, help="videos on a shortlist")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    heads, log_p, judge = planted(options.videos, seed=options.seed)
    k = judge.config.k
    began = time.perf_counter()
    shortlists = drain(prepare(heads, TEMPERATURE * log_p, k=k, width=options.width))
    ready = time.perf_counter()
    instant = InstantJudge.from_judge(judge)
    print(f"{options.videos:,} videos, {DIM}-d, k = {k}, {judge.evaluation.n_seeds:,} seeds with partners")
    print(f"prepared in {ready - began:.1f} s (lists) + {time.perf_counter() - ready:.1f} s (metrics)")
    print(f"memory {shortlists.nbytes / 2**20:.0f} MiB (lists) + {instant.nbytes / 2**20:.0f} MiB (metrics)")
    asked = judge.evaluation.seeds
    spent, certified, overlaps, searches = [], [], [], []
    every = max(10, options.steps // LOOKED_UP)
    for number, (omega, kappa) in enumerate(walk(options.steps, seed=options.seed)):
        clock = [time.perf_counter()]
        step = shortlists.at(omega=omega, kappa=kappa)
        clock.append(time.perf_counter())
        lists = step.neighbours
        reading = instant.measure(Neighbours(lists.rows[asked], lists.scores[asked]))
        clock.append(time.perf_counter())
        reading.histograms()
        clock.append(time.perf_counter())
        spent.append([*np.diff(clock), clock[-1] - clock[0]])
        certified.append(step.certified_share)
        if number % every == 0:
            began = time.perf_counter()
            exact = shortlists.reference(omega=omega, kappa=kappa)
            searches.append(time.perf_counter() - began)
            overlaps.append(overlap(lists, exact))
    milliseconds = 1000 * np.array(spent)
    print(f"{'ms a step':12}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, column in zip(("lists", "metrics", "histograms", "all"), milliseconds.T, strict=True):
        print(f"{name:12}{np.median(column):8.1f}{np.quantile(column, 0.95):8.1f}{column.max():8.1f}")
    print(f"exact search {1000 * np.median(searches):.0f} ms")
    print(f"certified without a full search: mean {np.mean(certified):.2%}, least {np.min(certified):.2%}")
    print(f"overlap@{k} with exact search: mean {np.mean(overlaps):.5f}, least {np.min(overlaps):.5f}")


def planted(n_videos: int, *, seed: int) -> tuple[list[PlantedHead], np.ndarray, Judge]:
    """Engagement and relevance heads, log p_j `[n_videos]`, and a judge that knows the planted partners."""
    rng = generator(seed, "heads")
    frequency = np.arange(1, N_TOPICS + 1) ** -0.7
    topic = rng.choice(N_TOPICS, n_videos, p=frequency / frequency.sum())
    n_communities = max(2, n_videos // COMMUNITY)
    community = rng.integers(0, n_communities, n_videos)
    rate = np.exp(rng.normal(0, 1.8, n_videos))
    watched = rng.poisson(rate / rate.sum() * 30 * n_videos)
    p = np.maximum(watched, 0.5) / watched.sum()
    standard = (np.log(p) - np.log(p).mean()) / np.log(p).std()
    of_topic, of_community, of_popular = (rng.normal(size=(n, DIM)) for n in (N_TOPICS, n_communities, 1))
    engagement = 0.8 * of_community[community] + 0.6 * of_topic[topic] + 0.2 * standard[:, None] * of_popular
    engagement += 0.7 * rng.normal(size=(n_videos, DIM))
    relevance = of_topic[topic] + 0.35 * rng.normal(size=(n_videos, DIM))
    heads = [
        PlantedHead(*(_unit(meaning + noise * rng.normal(size=(n_videos, DIM))) for _ in range(2)))
        for meaning, noise in ((engagement, 0.3), (relevance, 0.1))
    ]
    order = np.argsort(community, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(community, minlength=n_communities))[:-1])
    of_seed = [members[group] for group in community]
    drawn = np.concatenate([rng.choice(own, PARTNERS, p=p[own] / p[own].sum()) for own in of_seed])
    pairs = (np.ones(drawn.size), (np.repeat(np.arange(n_videos), PARTNERS), drawn))
    matrix = sparse.csr_matrix(pairs, shape=(n_videos, n_videos)).tolil()
    matrix.setdiag(0.0)
    truth = matrix.tocsr()
    truth.eliminate_zeros()
    seeds = np.flatnonzero(np.diff(truth.indptr) > 0).astype(np.int32)
    evaluation = EvaluationSet(seeds, truth[seeds], seeds[:0], truth[:0], np.ones(n_videos, dtype=np.bool_))
    names = [((f"topic {number}",),) for number in topic]
    topics = Topics.from_paths(names)
    return heads, np.log(p), Judge.from_data(evaluation, topics, watched.astype(np.int64), EvaluationConfig())


def walk(n_steps: int, *, seed: int) -> Iterator[tuple[float, float]]:
    """Positions (ω, κ): both sliders drift, are stopped by their ends, and jump on every tenth step."""
    rng = generator(seed, "walk")
    omega, kappa = 0.5, 0.0
    for number in range(n_steps):
        if number % 10 == 9:
            omega, kappa = rng.random(), rng.uniform(-KAPPA_LIMIT, KAPPA_LIMIT)
        yield omega, kappa
        omega = float(np.clip(omega + rng.normal(0, 0.1), 0, 1))
        kappa = float(np.clip(kappa + rng.normal(0, 0.3), -KAPPA_LIMIT, KAPPA_LIMIT))


def overlap(found: Neighbours, exact: Neighbours) -> float:
    """Mean share of the exact lists that was found."""
    shared = [np.isin(a, b).mean() for a, b in zip(exact.rows, found.rows, strict=True)]
    return float(np.mean(shared))


def _unit(vectors: np.ndarray) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    main()
