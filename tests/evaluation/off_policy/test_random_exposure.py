import math

import numpy as np
import pytest

from relvid_core.data.interactions import Events, Interactions
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation.off_policy.random_exposure import Unit, random_exposure
from relvid_core.retrieval.ranking import Neighbours


def events(user: np.ndarray, row: np.ndarray, value: np.ndarray | None = None) -> Events:
    order = np.argsort(user, kind="stable")
    made = Events(
        user.astype(np.int32), row.astype(np.int32), None, None if value is None else value.astype(np.float32)
    )
    return made.take(order)


def lists_of(rows: list[list[int]]) -> Neighbours:
    return Neighbours(np.array(rows, dtype=np.int32), np.zeros(np.shape(rows), dtype=np.float32))


def logs(watched: list[tuple[int, int]], shown: list[tuple[int, int, float]], n_videos: int = 8) -> list[Interactions]:
    user, row = np.array(watched).T
    by, what, value = np.array(shown).T
    n_users = int(max(user.max(), by.max())) + 1
    history = Interactions(n_users, n_videos, events(user, row))
    exposed = events(by, what, value)
    return [Interactions(n_users, n_videos, exposed.take(value[np.argsort(by, kind="stable")] > 0), exposed), history]


SEEDS = np.array([0, 1], dtype=np.int32)
LISTS = lists_of([[2, 3], [3, 4]])
# User 0 has watched seeds 0 (twice) and 1, user 1 seed 1, user 2 neither.
WATCHED = [(0, 0), (0, 0), (0, 1), (1, 1), (2, 7)]
SHOWN = [(0, 2, 1.0), (0, 3, 0.0), (0, 6, 1.0), (1, 3, 1.0), (1, 4, 0.0), (1, 2, 1.0), (2, 3, 1.0)]


def test_by_hand_by_user() -> None:
    # User 0: video 2 by seed 0, video 3 by both seeds: (1 + 0 + 0) / 3. User 1: 3 and 4 by seed 1: 1/2. User 2: none.
    found = random_exposure(SEEDS, LISTS, *logs(WATCHED, SHOWN))
    np.testing.assert_allclose(found.per_unit, [1 / 3, 1 / 2, math.nan])
    assert (found.estimate.mean, found.estimate.n, found.n_matched) == (pytest.approx(5 / 12), 2, 4)
    assert found.anything == pytest.approx(5 / 7)
    # Weights ⅓, ⅔ for user 0 and ½, ½ for user 1: 2² / (1/9 + 4/9 + 1/4 + 1/4).
    assert found.effective_sample_size == pytest.approx(4 / (5 / 9 + 1 / 2))
    assert (found.pool_share, found.verdict) == (1.0, "no support")


def test_by_hand_by_seed() -> None:
    # Seed 0: user 0 saw 2 and 3: ½. Seed 1: user 0 saw 3, user 1 saw 3 and 4: (0 + 1 + 0) / 3.
    found = random_exposure(SEEDS, LISTS, *logs(WATCHED, SHOWN), unit="seed")
    np.testing.assert_allclose(found.per_unit, [1 / 2, 1 / 3])
    # Video 2 counts ½, user 0's 3 counts ½ + ⅓, the others ⅓ each.
    assert found.effective_sample_size == pytest.approx(4 / (1 / 4 + 25 / 36 + 2 / 9))


@pytest.mark.parametrize("unit", ["user", "seed"])
def test_planted_truth(unit: Unit) -> None:
    """Engagement is a_u · b_j; the estimate over random exposures is that of the lists, and not of what is popular."""
    rng = np.random.default_rng(0)
    n_users, n_videos, k, trials = 300, 60, 8, 60
    likes, pull = rng.random(n_users), rng.random(n_videos)
    chance = likes[:, None] * pull
    seeds = np.arange(0, 20, dtype=np.int32)
    lists = lists_of([rng.permutation(np.arange(20, 60))[:k].tolist() for _ in seeds])
    watched = rng.random((n_users, n_videos)) < 0.08
    history = Interactions(n_users, n_videos, events(*np.nonzero(watched)))
    audience = watched[:, :20]
    in_list = np.zeros((20, n_videos))
    np.put_along_axis(in_list, lists.rows, 1.0, axis=1)
    times = audience.astype(float) @ in_list  # [n_users, n_videos] how often (u, j) counts
    if unit == "user":
        asked = times.sum(axis=1) > 0
        truth = float(((times * chance).sum(axis=1)[asked] / times.sum(axis=1)[asked]).mean())
    else:
        truth = float(((audience.T @ chance) * in_list).sum(axis=1) @ (1 / (audience.sum(axis=0) * k)) / 20)
    errors, covered = [], 0
    for trial in range(trials):
        user = np.repeat(np.arange(n_users), 40)
        row = np.concatenate([rng.choice(n_videos, 40, replace=False) for _ in range(n_users)])
        value = (rng.random(len(user)) < chance[user, row]).astype(float)
        shown = events(user, row, value)
        log = Interactions(n_users, n_videos, shown.take(value > 0), shown)
        found = random_exposure(seeds, lists, log, history, unit=unit, replicates=200, seed=trial)
        errors.append(found.estimate.mean - truth)
        covered += found.estimate.low <= truth <= found.estimate.high
    assert abs(np.mean(errors)) < 4 * np.std(errors) / math.sqrt(trials) + 0.001
    assert found.verdict == "reliable"
    assert abs(found.anything - chance.mean()) < 0.02
    assert covered / trials >= 0.85


def test_lists_outside_the_pool_are_only_half_known() -> None:
    rng = np.random.default_rng(1)
    user = np.repeat(np.arange(500), 2)
    shown = events(user, np.tile([2, 5], 500), (rng.random(1000) < 0.5).astype(float))
    log = Interactions(500, 8, shown, shown)
    history = Interactions(500, 8, events(np.arange(500), np.zeros(500)))
    found = random_exposure(SEEDS[:1], lists_of([[2, 3]]), log, history)
    assert (found.pool_share, found.verdict) == (0.5, "weak")
    assert "50%" in found.sentence


def test_refused() -> None:
    log, history = logs(WATCHED, SHOWN)
    with pytest.raises(NotEnoughData, match="none of 7 random exposures"):
        random_exposure(SEEDS, lists_of([[5, 7]] * 2), log, history)
    with pytest.raises(DataError, match="number users and videos alike"):
        random_exposure(SEEDS, LISTS, log, Interactions(9, 8, history.engagements))
    with pytest.raises(DataError, match="Export both"):
        random_exposure(SEEDS, LISTS, history, history)
