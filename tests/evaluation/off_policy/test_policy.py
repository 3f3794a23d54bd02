import math

import numpy as np
import pytest

from relvid_core.errors import ConfigError, DataError, NotEnoughData
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.evaluation.off_policy.policy import ListPolicy
from relvid_core.retrieval.ranking import Neighbours


def slots_of(seeds: list[int], shown: list[int], seen: list[list[int]], *, n_videos: int = 10) -> LoggedSlots:
    n = len(seeds)
    return LoggedSlots(
        np.array(seeds, dtype=np.int32),
        np.array(shown, dtype=np.int32),
        np.ones(n),
        np.full(n, 0.5),
        np.zeros(n, dtype=np.int32),
        np.repeat(np.arange(n), [len(before) for before in seen]),
        np.array([row for before in seen for row in before], dtype=np.int32),
        np.arange(n),
        n_videos,
        "logged",
        0,
    )


def lists_of(rows: list[list[int]], scores: list[list[float]] | None = None) -> Neighbours:
    made = np.zeros(np.shape(rows)) if scores is None else np.array(scores)
    return Neighbours(np.array(rows, dtype=np.int32), made.astype(np.float32))


SEEDS = np.array([0, 5], dtype=np.int32)
LISTS = lists_of([[1, 2, 3, 4], [1, 6, 7, 8]], [[3.0, 2.0, 1.0, 0.0]] * 2)


def test_softmax_by_hand() -> None:
    policy = ListPolicy.softmax(SEEDS, LISTS, 10, temperature=2.0)
    powers = [math.exp(score / 2) for score in (3, 2, 1, 0)]
    np.testing.assert_allclose(policy.probability[0], np.array(powers) / sum(powers))
    hot = ListPolicy.softmax(SEEDS, LISTS, 10, temperature=1e6)
    np.testing.assert_allclose(hot.probability, ListPolicy.uniform(SEEDS, LISTS, 10).probability, atol=1e-6)
    with pytest.raises(ConfigError, match="temperature: received 0"):
        ListPolicy.softmax(SEEDS, LISTS, 10, temperature=0)
    with pytest.raises(DataError, match="NaN"):
        ListPolicy.softmax(SEEDS, lists_of([[1]] * 2, [[math.nan]] * 2), 10, temperature=1)


def test_slots_by_hand() -> None:
    slots = slots_of(
        seeds=[0, 0, 0, 5, 9, 0, 0],
        shown=[2, 7, 2, 6, 1, 2, 3],
        seen=[[], [], [1, 3, 9, 1], [1], [], [1, 2, 3, 4], [3]],
    )
    placed = ListPolicy.uniform(SEEDS, LISTS, 10).on(slots)
    assert placed.asked.tolist() == [0, 1, 2, 3, 6]  # 9 has no list; of slot 5's nothing is left
    # A quarter of the list; not in it; two of four are left; one of three; shown a second time.
    np.testing.assert_allclose(placed.chosen, [1 / 4, 0, 1 / 2, 1 / 3, 0])
    np.testing.assert_allclose(placed.open_mass, [1, 1, 1 / 2, 3 / 4, 3 / 4])
    values = np.array([[[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]], [[0.0] * 4, [-1.0] * 4]])
    expected = placed.expected(values, np.array([0, 0, 0, 0, 1]))
    np.testing.assert_allclose(expected, [2.5, 2.5, 3.0, 30.0, 0.0])


def test_against_a_loop() -> None:
    rng = np.random.default_rng(0)
    n, n_videos, k = 200, 12, 4
    seeds = np.arange(0, 12, 2, dtype=np.int32)
    lists = lists_of(
        [rng.permutation([j for j in range(n_videos) if j != i])[:k].tolist() for i in seeds],
        rng.normal(size=(len(seeds), k)).tolist(),
    )
    slots = slots_of(
        rng.integers(0, n_videos, n).tolist(),
        rng.integers(0, n_videos, n).tolist(),
        [rng.integers(0, n_videos, rng.integers(0, 7)).tolist() for _ in range(n)],
        n_videos=n_videos,
    )
    policy = ListPolicy.softmax(seeds, lists, n_videos, temperature=0.7)
    values, group = rng.normal(size=(3, len(seeds), k)), rng.integers(0, 3, n)
    asked, chosen, expected = [], [], []
    for s in range(n):
        if slots.seed_row[s] % 2:
            continue
        number = slots.seed_row[s] // 2
        chance = dict(zip(lists.rows[number].tolist(), policy.probability[number].tolist(), strict=True))
        value = dict(zip(lists.rows[number].tolist(), values[group[s], number].tolist(), strict=True))
        for row in slots.seen_row[slots.seen_slot == s].tolist():
            chance.pop(row, None)
        if not chance:
            continue
        total = sum(chance.values())
        asked.append(s)
        chosen.append(chance.get(int(slots.shown_row[s]), 0.0) / total)
        expected.append(sum(p / total * value[row] for row, p in chance.items()))
    placed = policy.on(slots)
    assert placed.asked.tolist() == asked
    np.testing.assert_allclose(placed.chosen, chosen, atol=1e-12)
    np.testing.assert_allclose(placed.expected(values, group[placed.asked]), expected, atol=1e-12)
    assert (placed.chosen > 0).sum() > 10


def test_refused() -> None:
    policy = ListPolicy.uniform(SEEDS, LISTS, 10)
    with pytest.raises(DataError, match="over 11 videos"):
        policy.on(slots_of([0], [1], [[]], n_videos=11))
    with pytest.raises(NotEnoughData, match="none of 1 logged slots"):
        policy.on(slots_of([9], [1], [[]]))
    with pytest.raises(DataError, match="seeds"):
        ListPolicy.uniform(SEEDS[:1], LISTS, 10)
