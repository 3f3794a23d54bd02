from dataclasses import replace

import numpy as np
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.topics import Topics
from relvid_core.errors import ConfigError, NotEnoughData
from relvid_core.evaluation import baselines as b
from relvid_core.evaluation import ease
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.baselines import BASELINES

SEEDS = np.array([0, 1, 4, 6], dtype=np.int32)  # a, b, e, and g that nobody has watched
# Neighbouring watches: a–b 3, b–c 1, b–d 1, a–c 1, c–d 1, d–e 1. Popularity a 4, b 3, c 2, d 2, e 1, f 0, g 0.


def names(found: np.ndarray) -> list[str]:
    return ["".join("abcdefg"[row] for row in rows) for rows in found]


def test_popularity(data: BaselineData) -> None:
    assert names(b.popularity(data, SEEDS, 3).rows) == ["bcd", "acd", "abc", "abc"]


def test_covisit_count_then_popularity(data: BaselineData) -> None:
    found = b.covisit_count(data, SEEDS, 6)
    # e has met d only; the rest of its list is in order of popularity
    assert names(found.rows) == ["bcdefg", "acdefg", "dabcfg", "abcdef"]
    assert found.scores[0].tolist() == [3, 1, 0, 0, 0, 0]


def test_covisit_lift(data: BaselineData) -> None:
    found = b.covisit_lift(data, SEEDS[:2], 3)
    np.testing.assert_allclose(found.scores, [[3 / 12, 1 / 8, 0], [3 / 12, 1 / 6, 1 / 6]], rtol=1e-6)
    assert names(found.rows) == ["bcd", "acd"]
    shrunk = b.covisit_lift(data, SEEDS[:2], 3, shrinkage=6.0)
    np.testing.assert_allclose(shrunk.scores, [[3 / 36, 1 / 32, 0], [3 / 30, 1 / 24, 1 / 24]], rtol=1e-6)
    with pytest.raises(ConfigError, match="shrinkage"):
        b.covisit_lift(data, SEEDS, 3, shrinkage=-1.0)


def test_cosine(data: BaselineData) -> None:
    found = b.cosine(data, SEEDS[1:2], 3)
    np.testing.assert_allclose(found.scores, [[3 / np.sqrt(12), 1 / np.sqrt(6), 1 / np.sqrt(6)]], rtol=1e-6)
    assert names(found.rows) == ["acd"]


def test_item_knn(data: BaselineData) -> None:
    found = b.item_knn(data, SEEDS[:1], 4)
    # audiences: a 0123, b 012, c 03, d 13, e 3
    expected = [3 / np.sqrt(12), 2 / np.sqrt(8), 2 / np.sqrt(8), 1 / np.sqrt(4)]
    np.testing.assert_allclose(found.scores, [expected], rtol=1e-6)
    assert names(found.rows) == ["bcde"]


def naive_ease(x: np.ndarray, regularisation: float) -> np.ndarray:
    """Each column by its own constrained ridge regression: x_j on all the others."""
    n = x.shape[1]
    weights = np.zeros((n, n))
    for j in range(n):
        others = np.delete(np.arange(n), j)
        a = x[:, others]
        weights[others, j] = np.linalg.solve(a.T @ a + regularisation * np.eye(n - 1), a.T @ x[:, j])
    return weights


@pytest.mark.parametrize(("n_users", "n_videos"), [(12, 30), (60, 20)])
@pytest.mark.parametrize("regularisation", [0.5, 20.0])
def test_ease_weights_are_ridge_regressions(n_users: int, n_videos: int, regularisation: float) -> None:
    rng = np.random.default_rng(n_users)
    x = (rng.random((n_users, n_videos)) < 0.3).astype(np.float32)
    x[0] = 1.0  # every video has a viewer
    user, row = np.nonzero(x)
    twice = Events(np.repeat(user, 2).astype(np.int32), np.repeat(row, 2).astype(np.int32))  # watched twice is once
    model = ease.fit_ease(Interactions(n_users, n_videos, twice), regularisation=regularisation)
    assert model.videos.tolist() == list(range(n_videos))
    np.testing.assert_allclose(model.weights, naive_ease(x, regularisation), atol=2e-5)


def test_ease_lists_use_the_seed_row(data: BaselineData) -> None:
    x = ease.watched_matrix(data.history.engagements, data.history.n_users, 7).toarray()[:, :5]
    weights = naive_ease(x, 1.0)
    found = b.ease(data, SEEDS, 4, regularisation=1.0)
    for list_, seed in zip(range(2), (0, 1), strict=True):
        padded = np.append(weights[seed], [0, 0])
        np.testing.assert_allclose(found.scores[list_], padded[found.rows[list_]], atol=1e-5)
        assert found.scores[list_, 0] == pytest.approx(np.delete(padded, seed).max(), abs=1e-5)
    assert names(found.rows)[3] == "abcd"  # g was not watched: popularity


def test_ease_keeps_the_most_engaged(data: BaselineData) -> None:
    assert ease.fit_ease(data.history, max_videos=3).videos.tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match="λ = 0"):
        ease.fit_ease(data.history, regularisation=0)


def test_content_only(data: BaselineData) -> None:
    features = np.zeros((7, 2), dtype=np.float32)
    features[[0, 4, 5]] = [[1, 0], [3, 3], [0, 2]]  # at 0°, 45° and 90°; the others have no content
    rows = np.array([6, 1, 6, 1, 6], dtype=np.int32)  # g is watched most, then b, and nothing else
    watched = Interactions(5, 7, Events(np.arange(5, dtype=np.int32), rows))
    found = b.content_only(replace(data, history=watched, features=features), SEEDS, 3)
    assert names(found.rows) == ["egb", "gac", "afg", "bac"]
    np.testing.assert_allclose(found.scores[0], [np.sqrt(0.5), 0, 0], rtol=1e-6)
    with pytest.raises(NotEnoughData, match="no content features"):
        b.content_only(data, SEEDS, 3)


def test_topic_only(data: BaselineData) -> None:
    baking, soup, tennis = ("Food", "Baking"), ("Food", "Soup"), ("Sport", "Tennis")
    paths = [[baking], [soup], [baking, tennis], [tennis], [("Food",)], [baking], []]
    found = b.topic_only(replace(data, topics=Topics.from_paths(paths)), np.array([0, 3, 6], dtype=np.int32), 6)
    # R = 1/3 overlap of top levels + 2/3 overlap of leaves. Of a (Food > Baking): f is the same, c shares one of two
    # at both levels (1/√2), b and e share Food only; b is watched more. d and g have nothing of it.
    assert names(found.rows) == ["fcbedg", "cabefg", "abcdef"]
    np.testing.assert_allclose(found.scores[0], [1, 1 / np.sqrt(2), 1 / 3, 1 / 3, 0, 0], atol=1e-5)
    assert found.scores[2].tolist() == [0] * 6  # g has no topic: popularity
    with pytest.raises(NotEnoughData, match="no video has a topic"):
        b.topic_only(data, SEEDS, 3)


def test_equal_shares_of_topics_tie_however_they_are_summed(data: BaselineData) -> None:
    """Three of three leaves in common is all of them, whichever they are; then the most watched comes first."""
    three = [("x", "1"), ("x", "2"), ("x", "3")]
    paths = [three, three[::-1], three, [("y",)], three, three, three]
    found = b.topic_only(replace(data, topics=Topics.from_paths(paths)), np.array([6], dtype=np.int32), 6)
    assert names(found.rows) == ["abcefd"]


def test_a_baseline_says_why_it_cannot_be_made() -> None:
    content, topic, count = (BASELINES[key] for key in ("content_only", "topic_only", "covisit_count"))
    assert content.obstacle(has_content=False, has_topics=True) == "left out: no video has a text"
    assert topic.obstacle(has_content=True, has_topics=False) == "left out: no video has a topic"
    assert {one.obstacle(has_content=True, has_topics=True) for one in (content, topic)} == {""}
    assert count.obstacle(has_content=False, has_topics=False) == ""
    absent = replace(count, needs=("no_such_library_at_all",))
    said = absent.obstacle(has_content=True, has_topics=True)
    assert said == "not installed: pip install -r requirements-rivals.txt"


def skip_without(key: str) -> None:
    if said := BASELINES[key].obstacle(has_content=True, has_topics=True):
        pytest.skip(said)


@pytest.mark.parametrize("key", [key for key in BASELINES if key != "popularity"])
@pytest.mark.filterwarnings("default")  # what optional libraries warn about is not ours to mend
def test_every_baseline_finds_planted_groups(key: str, planted_groups: BaselineData) -> None:
    skip_without(key)
    group = np.arange(43) // 20
    found = BASELINES[key].retrieve(planted_groups, np.arange(40, dtype=np.int32), 5)
    assert (group[found.rows] == group[:40, None]).mean() > 0.9  # by chance 19 / 42


@pytest.mark.parametrize("key", BASELINES)
@pytest.mark.filterwarnings("default")
def test_every_list_is_full_and_without_its_seed(key: str, data: BaselineData, catalog: Catalog) -> None:
    skip_without(key)
    features = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    given = replace(data, features=features, topics=catalog.topics)
    seeds = np.arange(len(catalog), dtype=np.int32)
    found = BASELINES[key].retrieve(given, seeds, 6)
    for seed, rows in zip(seeds, found.rows.tolist(), strict=True):
        assert sorted([*rows, seed]) == list(range(7))
    assert BASELINES[key].title
    assert BASELINES[key].description.endswith(".")


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.filterwarnings("default")
def test_a_baseline_ranks_the_allowed_as_it_ranks_all(name: str, data: BaselineData) -> None:
    skip_without(name)
    n_videos = data.history.n_videos
    given = replace(
        data,
        features=np.eye(n_videos, 3, dtype=np.float32) + 0.1,
        topics=Topics(tuple(((f"t{row % 3}",),) for row in range(n_videos))),
    )
    allowed = np.arange(n_videos) % 3 != 1
    seeds = np.array([0, 3], np.int32)
    found = BASELINES[name].retrieve(replace(given, allowed=allowed), seeds, 3)
    whole = BASELINES[name].retrieve(given, seeds, n_videos - 1)
    assert found.rows.tolist() == [[j for j in row if allowed[j]][:3] for row in whole.rows.tolist()]
