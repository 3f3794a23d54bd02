from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from relvid_core.errors import ConfigError, DataError
from relvid_core.retrieval import blend
from relvid_core.retrieval.blend import Shortlists, blended, prepare, shares_of

POSITIONS = [(0.0, -2.0), (0.0, 2.0), (1.0, -2.0), (1.0, 2.0), (0.5, 0.0), (0.31, 0.4), (0.9, -0.07), (0.62, 1.3)]


@dataclass(frozen=True)
class Pair:
    seed: np.ndarray
    candidate: np.ndarray


def planted(n: int, *, n_heads: int = 2, dim: int = 8, seed: int = 0) -> tuple[list[Pair], np.ndarray]:
    """Unit vectors around a dozen centres, a head each with centres of its own, and τ log p of skewed popularity."""
    rng = np.random.default_rng(seed)
    heads = []
    for _ in range(n_heads):
        meaning = rng.normal(size=(12, dim))[rng.integers(0, 12, n)] + 0.5 * rng.normal(size=(n, dim))
        sides = [meaning + 0.2 * rng.normal(size=(n, dim)) for _ in range(2)]
        heads.append(Pair(*((side / np.linalg.norm(side, axis=1, keepdims=True)).astype(np.float32) for side in sides)))
    return heads, 0.15 * rng.normal(-9, 1.8, n)


def finished(work: Generator[float, None, Shortlists]) -> Shortlists:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def naive_scores(heads: Sequence[Pair], lift: np.ndarray, omega: float, kappa: float) -> np.ndarray:
    weights = (omega, 1 - omega) if len(heads) == 2 else (1.0,)
    total = kappa * np.asarray(lift, dtype=np.float64)[None, :]
    for weight, head in zip(weights, heads, strict=True):
        total = total + weight * (head.seed.astype(np.float64) @ head.candidate.astype(np.float64).T)
    return total


def naive_lists(scores: np.ndarray, seeds: np.ndarray, k: int) -> list[list[int]]:
    orders = [np.argsort(-row, kind="stable").tolist() for row in scores[seeds]]
    return [[row for row in order if row != seed][:k] for seed, order in zip(seeds, orders, strict=True)]


def test_inner_products_of_blended_vectors_are_the_score() -> None:
    one = Pair(np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([[0.0, 1.0], [0.8, 0.6]]))
    two = Pair(np.array([[1.0], [-1.0]]), np.array([[1.0], [1.0]]))
    queries, candidates = blended([one, two], (0.25, 0.75), np.array([-3.0, -1.0]))
    assert queries.shape == candidates.shape == (2, 4)
    expected = [
        [0.25 * 0.0 + 0.75 * 1.0 - 3.0, 0.25 * 0.8 + 0.75 * 1.0 - 1.0],
        [0.25 * 0.8 - 0.75 * 1.0 - 3.0, 0.25 * (0.48 + 0.48) - 0.75 * 1.0 - 1.0],
    ]
    np.testing.assert_allclose(queries @ candidates.T, expected, atol=1e-6)


def test_shares() -> None:
    assert shares_of(2, 1.0) == (1.0, 0.0)
    for bad in (-0.1, 1.1, float("nan")):
        with pytest.raises(ConfigError, match="omega"):
            shares_of(2, bad)
    with pytest.raises(DataError, match="received 3"):
        shares_of(3, 0.5)
    with pytest.raises(DataError, match="for 2 heads"):
        blended(planted(4)[0], (1.0,), np.zeros(4))


@pytest.mark.parametrize("n_heads", [1, 2])
@pytest.mark.parametrize("width", [12, 40, 100, 10_000])
def test_every_list_is_the_exact_one(n_heads: int, width: int) -> None:
    heads, lift = planted(300, n_heads=n_heads)
    shortlists = finished(prepare(heads, lift, k=5, width=width))
    every = np.arange(300)
    for omega, kappa in POSITIONS:
        step = shortlists.at(omega=omega, kappa=kappa)
        scores = naive_scores(heads, lift, omega, kappa)
        assert step.neighbours.rows.tolist() == naive_lists(scores, every, 5)
        found = np.take_along_axis(scores, step.neighbours.rows, axis=1)
        np.testing.assert_allclose(step.neighbours.scores, found, atol=1e-5)
        assert (step.neighbours.rows == shortlists.reference(omega=omega, kappa=kappa).rows).mean() > 0.999


def test_the_bound_holds_for_everything_outside_the_shortlist() -> None:
    heads, lift = planted(400, seed=3)
    shortlists = finished(prepare(heads, lift, k=5, width=30))
    for omega, kappa in POSITIONS:
        scores = naive_scores(heads, lift, omega, kappa)
        np.put_along_axis(scores, shortlists.rows, -np.inf, axis=1)
        np.fill_diagonal(scores, -np.inf)
        bound = shortlists._bound(omega, kappa)
        assert (scores.max(axis=1) <= bound + shortlists.rounding).all()
        assert (bound - scores.max(axis=1)).mean() < 0.3  # and is not so far above that nothing would be certified


def test_a_longer_shortlist_certifies_more() -> None:
    heads, lift = planted(400)
    shares = []
    for width in (8, 40, 120, 399):
        shortlists = finished(prepare(heads, lift, k=5, width=width))
        shares.append(np.mean([shortlists.at(omega=o, kappa=kappa).certified_share for o, kappa in POSITIONS]))
    assert shares == sorted(shares)
    assert shares[0] < 0.6
    assert shares[2] > 0.95
    assert shares[3] == 1.0


def test_certified_lists_come_from_the_shortlist_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    heads, lift = planted(300)
    shortlists = finished(prepare(heads, lift, k=5, width=40))
    asked = []

    def note(shares: object, kappa: float, wanted: np.ndarray) -> blend.Neighbours:
        asked.append(wanted)
        n = int(wanted.sum())
        return blend.Neighbours(np.full((n, 5), -7, dtype=np.int32), np.zeros((n, 5), dtype=np.float32))

    monkeypatch.setattr(Shortlists, "_search", lambda self, shares, kappa, wanted: note(shares, kappa, wanted))
    step = shortlists.at(omega=0.31, kappa=0.4)
    exact = np.array(naive_lists(naive_scores(heads, lift, 0.31, 0.4), np.arange(300), 5))
    assert 0 < step.certified_share < 1
    np.testing.assert_array_equal(step.neighbours.rows[step.certified], exact[step.certified])
    assert (step.neighbours.rows[~step.certified] == -7).all()
    np.testing.assert_array_equal(asked[0], ~step.certified)


def test_equal_videos_keep_the_order_of_their_rows() -> None:
    one, lift = planted(40)
    heads = [Pair(np.tile(head.seed, (5, 1)), np.tile(head.candidate, (5, 1))) for head in one]
    shortlists = finished(prepare(heads, np.tile(lift, 5), k=7, width=30))
    step = shortlists.at(omega=0.31, kappa=0.4)
    np.testing.assert_array_equal(step.neighbours.rows, shortlists.reference(omega=0.31, kappa=0.4).rows)


def test_some_seeds_only() -> None:
    heads, lift = planted(200)
    seeds = np.array([150, 3, 77], dtype=np.int32)
    shortlists = finished(prepare(heads, lift, k=5, seeds=seeds, width=50))
    step = shortlists.at(omega=0.31, kappa=0.4)
    assert step.neighbours.rows.tolist() == naive_lists(naive_scores(heads, lift, 0.31, 0.4), seeds, 5)
    assert shortlists.nbytes > shortlists.rows.nbytes + 2 * shortlists.parts[0].nbytes


@pytest.mark.parametrize(("n", "k"), [(2, 1), (5, 4), (37, 36), (129, 20)])
def test_small_catalogues_with_the_longest_lists(n: int, k: int) -> None:
    heads, lift = planted(n)
    shortlists = finished(prepare(heads, lift, k=k))
    step = shortlists.at(omega=0.5, kappa=-1.0)
    assert step.neighbours.rows.tolist() == naive_lists(naive_scores(heads, lift, 0.5, -1.0), np.arange(n), k)


def test_equal_popularity() -> None:
    heads, _ = planted(100)
    shortlists = finished(prepare(heads, np.zeros(100), k=5, width=30))
    low, high = (shortlists.at(omega=0.4, kappa=kappa).neighbours.rows for kappa in (-2.0, 2.0))
    np.testing.assert_array_equal(low, high)


def test_progress_and_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    heads, lift = planted(100)
    whole = finished(prepare(heads, lift, k=5, width=30))
    monkeypatch.setattr(blend, "_CHUNK_CELLS", 3000)
    work = prepare(heads, lift, k=5, width=30)
    assert [next(work) for _ in range(4)] == [0.3, 0.6, 0.9, 1.0]
    work.close()
    np.testing.assert_array_equal(finished(prepare(heads, lift, k=5, width=30)).rows, whole.rows)


def test_what_cannot_be_prepared() -> None:
    heads, lift = planted(10)
    with pytest.raises(ConfigError, match="received 10"):
        next(prepare(heads, lift, k=10))
    with pytest.raises(ConfigError, match="received 3 for lists of 5"):
        next(prepare(heads, lift, k=5, width=3))
    with pytest.raises(DataError, match=r"term \(9,\)"):
        next(prepare(heads, lift[:9], k=5))
    with pytest.raises(DataError, match="floor under p_j"):
        next(prepare(heads, np.append(lift[:9], -np.inf), k=5))
    with pytest.raises(DataError, match="rows 0 to 9"):
        next(prepare(heads, lift, k=5, seeds=np.array([10], dtype=np.int32)))
    with pytest.raises(DataError, match="received 0"):
        next(prepare([], lift, k=5))


def test_what_cannot_be_asked() -> None:
    shortlists = finished(prepare(*planted(10), k=5))
    for kappa in (2.1, -2.1, float("nan")):
        with pytest.raises(ConfigError, match="kappa"):
            shortlists.at(omega=0.5, kappa=kappa)
        with pytest.raises(ConfigError, match="kappa"):
            shortlists.reference(omega=0.5, kappa=kappa)
    with pytest.raises(ConfigError, match="omega"):
        shortlists.at(omega=1.5, kappa=0.0)
