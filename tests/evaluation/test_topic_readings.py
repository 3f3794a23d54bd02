"""Hidden and finest topics, and copies in topic match, against sets and loops."""

import math

import numpy as np
import pytest

from relvid_core.config import TopicRule
from relvid_core.data.topics import TopicPath, Topics
from relvid_core.evaluation import topic_match as t
from relvid_core.evaluation.facets import Lists
from relvid_core.evaluation.topic_readings import FineTopics, HiddenTopics

N = 70


def mean(values: list[bool]) -> float:
    return sum(values) / len(values) if values else math.nan


class World:
    """Videos with 0 to 3 paths of one or two levels, some copies, some hidden, and random lists."""

    def __init__(self, rule: TopicRule, k: int) -> None:
        rng = np.random.default_rng(k)
        paths: list[list[TopicPath]] = []
        for _ in range(N):
            number, depth = rng.integers(4), rng.integers(1, 3, 4)
            drawn = [(f"c{rng.integers(3)}", f"f{rng.integers(3)}")[: depth[i]] for i in range(number)]
            paths.append(list(dict.fromkeys(drawn)))
        self.topics = Topics.from_paths(paths)
        self.kept = [video[:1] if rule == "primary" else video for video in paths]
        self.copies = rng.integers(0, 50, N)
        self.hidden = (rng.random(N) < 0.4) & np.array([bool(video) for video in paths])
        self.seeds = rng.integers(0, N, 60).astype(np.int32)
        self.rows = np.stack([rng.permutation(np.delete(np.arange(N), s))[:k] for s in self.seeds]).astype(np.int32)
        self.lists = Lists(self.rows, self.seeds, self.copies[self.rows] == self.copies[self.seeds][:, None])
        self.labels = t.topic_labels(self.topics, rule, 0)

    def others(self, seed: int, among: list[int] | None = None) -> list[int]:
        found = range(N) if among is None else among
        return [j for j in found if self.copies[j] != self.copies[seed]]

    def sharing(self, seed: int, videos: list[int]) -> list[bool]:
        return [bool(set(self.kept[seed]) & set(self.kept[j])) for j in videos]

    def coarse(self, video: int) -> set[str]:
        return {path[0] for path in self.kept[video]}

    def fine(self, video: int) -> set[TopicPath]:
        return {path for path in self.kept[video] if len(path) > 1}


@pytest.fixture(params=[("any", 1), ("any", 9), ("primary", 9), ("primary", 2)], ids=str)
def world(request: pytest.FixtureRequest) -> World:
    return World(*request.param)


def same(found: np.ndarray, expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert not np.isnan(found).all()


def test_copies_of_the_seed_do_not_count(world: World) -> None:
    w = world
    match, chance, ceiling = [], [], []
    k = w.rows.shape[1]
    for seed, row in zip(w.seeds.tolist(), w.rows.tolist(), strict=True):
        everywhere = w.sharing(seed, w.others(seed))
        known = bool(w.kept[seed])
        match.append(mean(w.sharing(seed, w.others(seed, row))) if known else math.nan)
        chance.append(mean(everywhere) if known else math.nan)
        ceiling.append(min(sum(everywhere), k) / k if known else math.nan)
    same(t.topic_match(w.rows, w.seeds, w.labels, w.copies), match)
    same(t.topic_chance(w.seeds, w.labels, w.copies), chance)
    same(t.topic_ceiling(w.seeds, w.labels, k, w.copies), ceiling)
    assert w.lists.copied.any()


def test_hidden_labels_are_scored_among_themselves(world: World) -> None:
    w = world
    reading = HiddenTopics.from_labels(w.labels, w.hidden, w.copies)
    match, chance = [], []
    hidden = np.flatnonzero(w.hidden).tolist()
    for seed, row in zip(w.seeds.tolist(), w.rows.tolist(), strict=True):
        asked = w.hidden[seed]
        near = [j for j in w.others(seed, row) if w.hidden[j]]
        match.append(mean(w.sharing(seed, near)) if asked else math.nan)
        chance.append(mean(w.sharing(seed, w.others(seed, hidden))) if asked else math.nan)
    same(reading.of_lists(w.lists)["topic_match_hidden"], match)
    same(reading.of_seeds(w.seeds)["topic_match_hidden_chance"], chance)


def test_the_finest_topic_within_the_coarse_one(world: World) -> None:
    w = world
    rule: TopicRule = "primary" if all(len(video) < 2 for video in w.kept) else "any"
    reading = FineTopics.from_topics(w.topics, rule, w.copies)
    assert reading is not None
    match, chance = [], []

    def finer(seed: int, videos: list[int]) -> float:
        near = [j for j in w.others(seed, videos) if w.coarse(seed) & w.coarse(j)]
        return mean([bool(w.fine(seed) & w.fine(j)) for j in near]) if w.fine(seed) else math.nan

    for seed, row in zip(w.seeds.tolist(), w.rows.tolist(), strict=True):
        match.append(finer(seed, row))
        chance.append(finer(seed, list(range(N))))
    same(reading.of_lists(w.lists)["topic_match_fine"], match)
    same(reading.of_seeds(w.seeds)["topic_match_fine_chance"], chance)


def test_a_flat_taxonomy_has_no_finer_topic() -> None:
    flat = Topics.from_paths([[("a",)], [("b",)]])
    assert FineTopics.from_topics(flat, "any", np.arange(2)) is None
    second_only = Topics.from_paths([[("a",), ("b", "x")], [("b",)]])
    assert FineTopics.from_topics(second_only, "primary", np.arange(2)) is None
    assert FineTopics.from_topics(second_only, "any", np.arange(2)) is not None
