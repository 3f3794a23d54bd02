"""Both losses of a batch from the towers' own vectors: which head, which offset and which mask go where."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from relvid_core.data.coengagement import CoEngagement
from relvid_core.encoders.features import ContentFeatures
from relvid_core.training.batches import Batch, BatchSource
from relvid_core.training.objective import batch_losses
from relvid_core.training.towers import TwoTower, inputs_of

DIM, HARD = 4, 2.0
SETTINGS = {"towers__dim": DIM, "objective__relevance_weight": 1.0, "training__batch_seeds": 48}
SPLIT = {"towers__heads": "split"}
OFFSET = {"objective__popularity_offset": 0.7}
HARDER = {"objective__hard_negatives": HARD}
UNSCALED = {"off_policy__self_normalise": False}
ALL = {**SPLIT, **OFFSET, **HARDER, **UNSCALED}


@pytest.fixture
def pairs(planted: Any) -> CoEngagement:
    """The planted pairs with chance pairs of other weights among them, some of one topic."""
    rng = np.random.default_rng(4)
    matrix = planted.pairs.matrix.toarray() + (rng.random((48, 48)) < 0.2) * rng.integers(1, 9, (48, 48))
    np.fill_diagonal(matrix, 0.0)
    row, column = np.nonzero(matrix)
    return CoEngagement.from_pairs(row, column, matrix[row, column].astype(np.float32), 48)


def log_sum(values: list[tuple[float, float]]) -> float:
    """log Σ copies · e^score, in plain float64."""
    return math.log(sum(copies * math.exp(score) for copies, score in values))


def naive(
    planted: Any, batch: Batch, scores: list[np.ndarray], offset: np.ndarray, counts: np.ndarray, **changes: Any
) -> tuple[float, float]:
    """Both losses, one entry at a time. `scores` are cosines / τ of each head over all videos."""
    sampled, log_q = batch.sample is not None, changes.get("training__log_q", True)
    extra = changes.get("objective__hard_negatives", 0.0)
    rows = batch.sample.drawn.rows.tolist() if batch.sample is not None else list(range(48))
    copies = batch.sample.drawn.log_weight.double().exp().tolist() if batch.sample is not None else [1.0] * 48
    of_engaged, of_relevant, n_relevant = 0.0, [], 0
    for seed in batch.seeds.tolist():
        partners = np.flatnonzero(counts[seed])
        shifted = scores[0][seed] + offset
        others = [(m, shifted[k], k) for m, k in zip(copies, rows, strict=True) if k != seed]
        for j in partners:
            if sampled and log_q:
                terms = [(m, s) for m, s, k in others if k not in partners] + [(1.0, shifted[p]) for p in partners]
            else:
                terms = [(m, s) for m, s, _ in others] + ([] if j in rows else [(1.0, shifted[j])])
            of_engaged += counts[seed, j] * planted_weight(j) * (log_sum(terms) - shifted[j])
        relevant = [(m, k) for m, k in zip(copies, rows, strict=True) if k != seed and same(planted, seed, k)]
        if relevant:
            n_relevant += 1
            last = scores[-1][seed]
            terms = [(m * (1 + extra * (k in partners and not same(planted, seed, k))), last[k]) for m, _, k in others]
            whole = sum(m for m, _ in relevant)  # all grades are 1: the target follows what each stands for
            log_z = log_sum(terms)
            of_relevant.append(sum(m / whole * (log_z - last[k]) for m, k in relevant))
    weighted = sum(counts[i, j] * planted_weight(j) for i in batch.seeds.tolist() for j in range(48))
    mass = counts[batch.seeds.numpy()].sum() if "off_policy__self_normalise" in changes else weighted
    return of_engaged / mass, sum(of_relevant) / n_relevant


def planted_weight(row: int) -> float:
    return 0.5 + row / 48


def same(planted: Any, i: int, j: int) -> bool:
    return bool(planted.topic[i] == planted.topic[j])


FULL = {"training__softmax": "full"}
SAMPLE = {"training__softmax": "sampled", "training__sampled_candidates": 40}
NO_LOG_Q = {**SAMPLE, "training__log_q": False}


@pytest.mark.parametrize("softmax", [FULL, SAMPLE, NO_LOG_Q], ids=["full", "sampled", "no logQ"])
@pytest.mark.parametrize(
    "changes",
    [{}, SPLIT, OFFSET, HARDER, UNSCALED, ALL],
    ids=["plain", "split", "offset", "hard negatives", "not self-normalised", "everything"],
)
def test_losses_of_a_batch_match_a_naive_loop(
    planted: Any, pairs: CoEngagement, changes: dict[str, object], softmax: dict[str, object]
) -> None:
    config = planted.config(**{**SETTINGS, **softmax, **changes})
    rng = np.random.default_rng(2)
    weight = np.array([planted_weight(j) for j in range(48)])
    source = BatchSource(pairs, weight, planted.grades, config, device=torch.device("cpu"), rng=rng)
    (batch,) = source.epoch()
    start = tuple(torch.from_numpy(rng.normal(size=(48, DIM)).astype(np.float32)) for _ in range(2))
    inputs = inputs_of(config.towers, ContentFeatures(), pairs.known)
    model = TwoTower(start, config.towers, inputs, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if ".heads." in name:
                value.copy_(torch.from_numpy(rng.normal(size=(DIM, DIM)).astype(np.float32)))
    strength = config.objective.popularity_offset
    offset = strength * pairs.log_marginal
    log_popularity = torch.from_numpy(offset.astype(np.float32)) if strength else None
    losses = batch_losses(model, batch, config.objective, log_popularity, once=True)

    heads = model.fitted().heads
    scores = [h.seed.astype(float) @ h.candidate.T.astype(float) / config.objective.temperature for h in heads]
    counts = pairs.matrix.toarray().astype(float)
    expected = naive(planted, batch, scores, offset, counts, **{**softmax, **changes})
    assert losses.coengagement.item() == pytest.approx(expected[0], rel=1e-5)
    assert losses.relevance.item() == pytest.approx(expected[1], rel=1e-5)
    if batch.sample is not None:  # the case must be one that can tell: hits, misses and seeds in the sample
        assert 0 < int(batch.sample.entry_drawn.sum()) < len(batch.sample.entry_drawn)
        assert len(batch.sample.own[0]) > 0
    total = losses.coengagement + losses.relevance
    total.backward()
    assert all(value.grad is not None and torch.isfinite(value.grad).all() for value in model.parameters())
