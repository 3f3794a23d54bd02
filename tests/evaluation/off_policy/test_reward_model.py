from dataclasses import replace

import numpy as np
import pytest

from relvid_core.data.topics import Topics, relevance_features
from relvid_core.errors import DataError
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.evaluation.off_policy.policy import ListPolicy
from relvid_core.evaluation.off_policy.reward_model import N_FOLDS, predict
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import generator

TOPICS = Topics.from_paths([((name,),) for name in "aabbccab"])


def drawn(n: int = 3000, n_users: int = 40) -> LoggedSlots:
    """Videos 0 … 7 of topics a, a, b, b, c, c, a, b; engagement 0.1 + 0.05 j, and 0.3 more within the topic."""
    rng = np.random.default_rng(0)
    seed_row, shown = rng.integers(0, 8, n), rng.integers(0, 7, n)
    shown = np.where(shown >= seed_row, shown + 1, shown)
    letters = np.array(list("aabbccab"))
    reward = rng.random(n) < 0.1 + 0.05 * shown + 0.3 * (letters[seed_row] == letters[shown])
    return LoggedSlots(
        seed_row.astype(np.int32),
        shown.astype(np.int32),
        reward.astype(np.float64),
        np.full(n, 1 / 7),
        np.sort(rng.integers(0, n_users, n)).astype(np.int32),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
        np.arange(n),
        8,
        "logged",
        0,
    )


def lists() -> ListPolicy:
    every = np.arange(8, dtype=np.int32)
    rows = np.array([[j for j in range(8) if j != i] for i in every], dtype=np.int32)
    return ListPolicy.uniform(every, Neighbours(rows, np.zeros(rows.shape, dtype=np.float32)), 8)


def test_it_learns_what_was_planted() -> None:
    slots = drawn()
    letters = np.array(list("aabbccab"))
    truth = 0.1 + 0.05 * slots.shown_row + 0.3 * (letters[slots.seed_row] == letters[slots.shown_row])
    found = predict(slots, lists().on(slots), TOPICS)
    assert np.abs(found.shown - truth).mean() < 0.05
    blind = predict(slots, lists().on(slots))
    assert np.abs(blind.shown - truth).mean() > 0.08  # without topics it cannot know who is related


def test_no_slot_is_predicted_from_its_user() -> None:
    slots = drawn()
    fold = generator(0, "reward folds").permutation(40) % N_FOLDS
    mine = fold[slots.user] == fold[7]
    turned = replace(slots, reward=np.where(mine, 1.0 - slots.reward, slots.reward))
    placed = lists().on(slots)
    before, after = predict(slots, placed, TOPICS), predict(turned, placed, TOPICS)
    np.testing.assert_array_equal(before.shown[mine], after.shown[mine])
    np.testing.assert_array_equal(before.expected[mine], after.expected[mine])
    assert np.abs(before.shown[~mine] - after.shown[~mine]).max() > 0.01  # the others do learn from them


def test_against_a_loop() -> None:
    slots = drawn(400, 20)
    factors = relevance_features(TOPICS).toarray().astype(np.float64)
    related = factors @ factors.T
    fold = (generator(0, "reward folds").permutation(20) % 5)[slots.user]

    def means(without: set[int]) -> np.ndarray:
        kept = ~np.isin(fold, list(without))
        average = slots.reward[kept].mean()
        return np.array([(slots.reward[kept & (slots.shown_row == j)].sum() + 20 * average)
                         / ((kept & (slots.shown_row == j)).sum() + 20) for j in range(8)])  # fmt: skip

    def features(m: np.ndarray, i: int, j: int) -> list[float]:
        return [1.0, m[j], related[i, j], m[j] * related[i, j], m[i]]

    shown, expected = np.zeros(400), np.zeros(400)
    for f in range(5):
        learned = [s for s in range(400) if fold[s] != f]
        design = np.array([features(means({f, int(fold[s])}), slots.seed_row[s], slots.shown_row[s]) for s in learned])
        b = np.linalg.solve(design.T @ design + np.eye(5), design.T @ slots.reward[learned])
        m = means({f})
        for s in np.flatnonzero(fold == f):
            i = int(slots.seed_row[s])
            q = {j: min(1.0, max(0.0, float(np.dot(features(m, i, j), b)))) for j in range(8)}
            shown[s] = q[int(slots.shown_row[s])]
            expected[s] = np.mean([q[j] for j in range(8) if j != i])
    found = predict(slots, lists().on(slots), TOPICS)
    np.testing.assert_allclose(found.shown, shown, atol=1e-6)  # topic factors are float32
    np.testing.assert_allclose(found.expected, expected, atol=1e-6)


def test_one_user_alone_teaches_nothing() -> None:
    slots = replace(drawn(30), user=np.zeros(30, dtype=np.int32))
    found = predict(slots, lists().on(slots), TOPICS)
    assert (found.shown == 0).all()
    assert (found.expected == 0).all()


def test_topics_of_another_catalogue() -> None:
    slots = drawn(30)
    with pytest.raises(DataError, match="topics of 2 videos"):
        predict(slots, lists().on(slots), Topics.from_paths([(), ()]))
