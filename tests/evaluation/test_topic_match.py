import numpy as np
import pytest

from relvid_core.config import TopicRule
from relvid_core.data.topics import Topics
from relvid_core.evaluation import topic_match as t

TOPICS = Topics.from_paths(
    [
        (("Food", "Baking"), ("Travel",)),
        (("Food", "Grill"),),
        (("Travel",), ("Food", "Baking")),
        (),
        (("Sport",),),
    ]
)
SEEDS = np.array([0, 1, 3], dtype=np.int32)
ROWS = np.array([[1, 2, 3], [0, 2, 4], [0, 1, 2]], dtype=np.int32)


@pytest.mark.parametrize(
    ("rule", "level", "expected"),
    [
        ("any", 0, [1 / 3, 0, np.nan]),  # 0 and 2 share both topics; 1 shares none at the finest level
        ("any", 1, [2 / 3, 2 / 3, np.nan]),  # all of 0, 1, 2 are Food
        ("primary", 0, [0, 0, np.nan]),
        ("primary", 1, [1 / 3, 1 / 3, np.nan]),  # 0 and 1 are Food first, 2 is Travel first
    ],
)
def test_match_by_rule_and_level(rule: TopicRule, level: int, expected: list[float]) -> None:
    np.testing.assert_allclose(t.topic_match(ROWS, SEEDS, t.topic_labels(TOPICS, rule, level)), expected)


def test_chance_and_ceiling_by_hand() -> None:
    labels = t.topic_labels(TOPICS, "any", 1)
    np.testing.assert_allclose(t.topic_chance(SEEDS, labels), [2 / 4, 2 / 4, np.nan])
    np.testing.assert_allclose(t.topic_ceiling(SEEDS, labels, 1), [1, 1, np.nan])
    np.testing.assert_allclose(t.topic_ceiling(SEEDS, labels, 4), [2 / 4, 2 / 4, np.nan])


@pytest.mark.parametrize("cells", [1, 1 << 22])
@pytest.mark.parametrize("rule", ["any", "primary"])
def test_against_naive_sets(rule: TopicRule, cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t, "_BLOCK_CELLS", cells)
    rng = np.random.default_rng(0)
    names = [[f"t{j}" for j in rng.permutation(9)[: rng.integers(0, 4)]] for _ in range(80)]
    topics = Topics.from_paths([tuple((name,) for name in video) for video in names])
    kept = [set(video[:1] if rule == "primary" else video) for video in names]
    seeds = rng.integers(0, 80, 50).astype(np.int32)
    rows = np.stack([rng.permutation(80)[:6] for _ in seeds]).astype(np.int32)
    labels = t.topic_labels(topics, rule, 0)
    sharing = [sum(bool(kept[s] & kept[j]) for j in range(80) if j != s) for s in seeds]
    np.testing.assert_array_equal(t.sharing_videos(seeds, labels), sharing)
    np.testing.assert_array_equal(t.sharing_videos(seeds[:9], labels), sharing[:9])
    shared = [[bool(kept[s] & kept[j]) for j in row] for s, row in zip(seeds, rows, strict=True)]
    match = [np.mean(row) if kept[s] else np.nan for s, row in zip(seeds, shared, strict=True)]
    np.testing.assert_allclose(t.topic_match(rows, seeds, labels), match)


def test_random_lists_match_at_chance() -> None:
    rng = np.random.default_rng(1)
    topics = Topics.from_paths([((f"t{j}",),) for j in rng.choice(5, 400, p=[0.5, 0.2, 0.1, 0.1, 0.1])])
    seeds = np.arange(400, dtype=np.int32)
    labels = t.topic_labels(topics, "any", 0)
    rows = np.stack([rng.choice(np.delete(seeds, s), 50, replace=False) for s in seeds])
    assert t.topic_match(rows, seeds, labels).mean() == pytest.approx(t.topic_chance(seeds, labels).mean(), abs=0.01)


def test_no_topics_at_all() -> None:
    labels = t.topic_labels(Topics.from_paths([(), (), ()]), "any", 0)
    seeds = np.arange(3, dtype=np.int32)
    rows = np.array([[1], [2], [0]], dtype=np.int32)
    assert np.isnan(t.topic_match(rows, seeds, labels)).all()
    assert np.isnan(t.topic_chance(seeds, labels)).all()
    assert np.isnan(t.topic_ceiling(seeds, labels, 1)).all()
