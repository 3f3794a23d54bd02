"""Likeness in content against loops over pairs, by slabs and with copies."""

import math

import numpy as np
import pytest

from relvid_core.errors import DataError
from relvid_core.evaluation import likeness as lk
from relvid_core.evaluation.likeness import UnitVectors, likeness, likeness_by_chance

NONE = np.arange(30, dtype=np.int64)  # no video is a copy


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.tolist(), b.tolist()
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a)) / math.sqrt(sum(y * y for y in b))


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


@pytest.mark.parametrize("slab", [2, 64])  # of 5 numbers: three slabs, one slab
@pytest.mark.parametrize("k", [1, 2, 7])
def test_against_loops(k: int, slab: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lk, "_SLAB", slab)
    rng = np.random.default_rng(k)
    raw = rng.normal(size=(30, 5)).astype(np.float32)
    raw[5] = raw[6]  # a tie
    raw[7] = 0.0
    present = rng.random(30) < 0.6
    has = present & raw.any(axis=1)
    copies = rng.integers(0, 20, 30)
    rows = np.argsort(rng.random((60, 30)), axis=1)[:, :k].astype(np.int32)
    seeds = rng.integers(0, 30, size=60).astype(np.int32)
    copied = copies[rows] == copies[seeds][:, None]
    vectors = UnitVectors.from_vectors(raw, present)
    assert len(vectors.slabs) == (3 if slab == 2 else 1)
    found = likeness(rows, seeds, vectors, copied)
    chance = likeness_by_chance(seeds, vectors, copies)
    for place, (seed, row) in enumerate(zip(seeds, rows, strict=True)):
        kept = [j for j in row if has[j]]
        pairs = [1 - cosine(raw[i], raw[j]) for a, i in enumerate(kept) for j in kept[a + 1 :]]
        apart = [j for j in kept if copies[j] != copies[seed]] if has[seed] else []
        others = [j for j in range(30) if has[j] and copies[j] != copies[seed]] if has[seed] else []
        assert found.diversity[place] == pytest.approx(mean(pairs), abs=1e-9, nan_ok=True)
        assert found.similarity[place] == pytest.approx(
            mean([cosine(raw[seed], raw[j]) for j in apart]), abs=1e-9, nan_ok=True
        )
        assert chance[place] == pytest.approx(mean([cosine(raw[seed], raw[j]) for j in others]), abs=1e-9, nan_ok=True)
    assert np.isnan(found.similarity).any()
    assert not np.isnan(found.similarity).all()


def test_extremes_by_hand() -> None:
    vectors = UnitVectors.from_vectors(np.array([[2.0, 0.0], [3.0, 0.0], [-1.0, 0.0], [0.0, 5.0]], dtype=np.float32))
    rows = np.array([[0, 1], [0, 2], [0, 3]], dtype=np.int32)
    seeds, copied = np.array([1, 1, 3], dtype=np.int32), np.zeros(rows.shape, dtype=bool)
    found = likeness(rows, seeds, vectors, copied)
    np.testing.assert_allclose(found.diversity, [0.0, 2.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(found.similarity, [1.0, 0.0, 0.5])
    copied[2, 1] = True
    np.testing.assert_allclose(likeness(rows, seeds, vectors, copied).similarity, [1.0, 0.0, 0.0], atol=1e-12)


def test_chance_is_the_mean_of_random_pairs() -> None:
    """In closed form: (|Σ u|² − n) / (n (n − 1))."""
    rng = np.random.default_rng(3)
    raw = (rng.normal(size=(30, 6)) + 0.5).astype(np.float32)
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    chance = likeness_by_chance(np.arange(30, dtype=np.int32), UnitVectors.from_vectors(raw), NONE)
    assert chance.mean() == pytest.approx((np.linalg.norm(unit.sum(axis=0)) ** 2 - 30) / (30 * 29), abs=1e-6)
    lists = np.stack([np.delete(np.arange(30), seed) for seed in range(30)]).astype(np.int32)
    everything = likeness(lists, np.arange(30, dtype=np.int32), UnitVectors.from_vectors(raw), np.zeros((30, 29), bool))
    np.testing.assert_allclose(everything.similarity, chance)


def test_broken_vectors_are_refused() -> None:
    with pytest.raises(DataError, match="NaN or infinite"):
        UnitVectors.from_vectors(np.array([[np.nan, 1.0]], dtype=np.float32))
