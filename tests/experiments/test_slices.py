"""Slices of seeds: by hand, against loops, with planted regressions, and in time for a large catalogue."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import ttest_1samp

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.topics import Topics
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import holm
from relvid_core.evaluation.metrics import STRATUM_NAMES
from relvid_core.evaluation.randomization import sign_flip_p
from relvid_core.experiments import compare
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.slices import SLICE, SeedSlices, popularity_slices, slice_table
from relvid_core.runtime import drain
from tests.experiments.made_runs import made_run

TOPICS = Topics.from_paths([(("Food", "Tea"), ("Art",)), (("Food", "Cake"),), (("Art",),), (), (("Food", "Tea"),)])


def of_groups(group: np.ndarray, n: int) -> SeedSlices:
    member = sparse.csr_matrix((np.ones(len(group)), (np.arange(len(group)), group)), shape=(len(group), n))
    return SeedSlices(tuple(f"topic {place}" for place in range(n)), member)


def test_a_seed_belongs_to_its_main_topic_at_the_level_asked_for() -> None:
    finest, top = (SeedSlices.by_topic(TOPICS, np.int32([4, 0, 2, 3]), level) for level in (0, 1))
    assert finest.names == ("Art", "Food > Cake", "Food > Tea")
    assert finest.places("Food > Tea").tolist() == [0, 1]
    assert finest.places("Food > Cake").tolist() == finest.places("nowhere").tolist() == []
    assert top.names == ("Art", "Food")
    assert (top.places("Art").tolist(), top.places("Food").tolist()) == ([2], [0, 1])


def test_a_table_by_hand() -> None:
    a = made_run("a", recall=[0.5, 0.5, 0.5, 0.2, 0.2, np.nan])
    b = made_run("b", recall=[0.1, 0.3, 0.5, 0.4, 0.2, 1.0])
    table = slice_table(a, b, "recall", of_groups(np.array([0, 0, 0, 1, 1, 1]), 3), least=2)
    assert table[SLICE].tolist() == ["topic 0", "topic 1"]  # the third has no seed
    first = table.iloc[0]
    assert first[c.N_SEEDS] == 3
    assert (first[compare.MEAN_A], first[compare.MEAN_B]) == pytest.approx((0.5, 0.3))
    # −0.4, −0.2, 0: standard deviation 0.2, and Student's t for 2 degrees of freedom is 4.3027 at 95 %.
    assert (first[compare.DIFFERENCE], first[c.LOW], first[c.HIGH]) == pytest.approx(
        (-0.2, -0.2 - 4.302653 * 0.2 / 3**0.5, -0.2 + 4.302653 * 0.2 / 3**0.5)
    )
    assert table[compare.P_VALUE].tolist() == [1.0, 1.0]  # 2 of 4 patterns, times 2; and one difference that moved
    assert table[c.N_SEEDS].tolist() == [3, 2]
    assert slice_table(a, b, "recall", of_groups(np.zeros(6, dtype=int), 1), least=7).empty


def test_every_figure_agrees_with_a_loop_over_the_slices() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 9, 400)
    before, after = rng.integers(0, 21, (2, 400)) / 20
    before[rng.random(400) < 0.1] = np.nan
    table = slice_table(
        made_run("a", topic_match=before), made_run("b", topic_match=after), "topic_match", of_groups(group, 9)
    ).set_index(SLICE)
    gaps = {f"topic {g}": (after - before)[(group == g) & ~np.isnan(before)] for g in range(9)}
    assert sorted(table.index) == sorted(gaps)
    expected_p = holm([sign_flip_p(gap) for gap in gaps.values()])
    for (name, gap), p in zip(gaps.items(), expected_p, strict=True):
        row, test = table.loc[name], ttest_1samp(gap, 0.0)
        low, high = test.confidence_interval(0.95)
        assert row[c.N_SEEDS] == len(gap)
        assert [row[compare.DIFFERENCE], row[c.LOW], row[c.HIGH]] == pytest.approx([gap.mean(), low, high])
        assert row[compare.P_VALUE] == pytest.approx(p, abs=0.03)  # the normal limit against 10,000 draws
    rising = table[compare.DIFFERENCE].tolist()
    assert rising == sorted(rising)


def test_planted_regressions_are_found_first_and_nothing_else() -> None:
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(60), 30)
    before = rng.uniform(0.3, 0.7, len(group))
    after = before + rng.normal(0, 0.1, len(group))
    after[group == 17] -= 0.3
    after[group == 41] -= 0.2
    after[group == 8] += 0.3
    few = np.flatnonzero(group == 50)
    group[few] = 59
    group[few[:12]] = 50
    after[few[:12]] += np.where(np.arange(12) % 2, 1.4, -2.0)  # the lowest mean of all, on twelve wild seeds
    table = slice_table(made_run("a", recall=before), made_run("b", recall=after), "recall", of_groups(group, 60))
    assert table[SLICE].tolist()[:3] == ["topic 17", "topic 41", "topic 50"]
    assert table[compare.VERDICT].tolist()[:3] == ["worse", "worse", "no evidence"]
    evident = table[table[compare.VERDICT] != "no evidence"].set_index(SLICE)[compare.VERDICT]
    assert evident.to_dict() == {"topic 17": "worse", "topic 41": "worse", "topic 8": "better"}


def test_equal_runs_are_seldom_told_apart() -> None:
    """Of 200 comparisons of equals over 20 slices, 5 % may name any slice at all."""
    rng = np.random.default_rng(11)
    alarms = 0
    slices = of_groups(np.repeat(np.arange(20), 15), 20)
    for _ in range(200):
        before, after = rng.binomial(20, 0.3, (2, 300)) / 20
        table = slice_table(made_run("a", recall=before), made_run("b", recall=after), "recall", slices)
        alarms += bool((table[compare.VERDICT] != "no evidence").any())
    assert alarms <= 19  # 10 expected; more than 19 happens once in 500


def test_a_thousand_topics_of_ten_thousand_seeds_take_a_moment() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.binomial(20, 0.3, (2, 10_000)) / 20
    slices = of_groups(rng.integers(0, 1000, 10_000), 1000)
    a, b = made_run("a", recall=before), made_run("b", recall=after)
    slice_table(a, b, "recall", slices, least=1)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        table = slice_table(a, b, "recall", slices, least=1)
        took.append(time.perf_counter() - began)
    assert len(table) > 990
    assert min(took) < 0.6  # 0.1 s on two quiet cores


def test_runs_measured_otherwise_are_refused() -> None:
    a, b = made_run("a", recall=[0.1] * 20), made_run("b", recall=[0.1] * 19)
    with pytest.raises(RunError, match="different seed videos"):
        slice_table(a, b, "recall", of_groups(np.zeros(20, dtype=int), 1))


def test_slices_by_popularity_of_seeds_and_of_targets(planted: Dataset, quick: ExperimentConfig) -> None:
    cache = PreparedCache()
    config = quick.with_values(split__cold_share=0.15)
    a, b = (
        drain(train_run(planted, one, cache=cache))
        for one in (config, config.with_values(objective__relevance_weight=1.0))
    )
    prepared = cache.get(planted, config)
    table = popularity_slices(a, b, "recall", prepared).set_index(SLICE)
    assert list(table.index) == [
        "Popular seed videos", "Middling seed videos", "Rarely watched seed videos", "New seed videos",
        "Popular targets", "Middling targets", "Rarely watched targets",
    ]  # fmt: skip
    for name, stratum in (("Popular seed videos", "head"), ("Rarely watched seed videos", "tail")):
        inside = prepared.judge.stratum[a.seeds] == STRATUM_NAMES.index(stratum)
        gap = (b.per_seed["recall"] - a.per_seed["recall"])[inside]
        assert table.at[name, compare.DIFFERENCE] == pytest.approx(np.nanmean(gap))
        assert table.at[name, c.N_SEEDS] == inside.sum()
    of_targets = b.per_seed["recall_tail"] - a.per_seed["recall_tail"]
    assert table.at["Rarely watched targets", compare.DIFFERENCE] == pytest.approx(np.nanmean(of_targets))
    assert table.at["New seed videos", c.N_SEEDS] == prepared.evaluation.n_cold_seeds
    shares = popularity_slices(a, b, "popular_share", prepared)[SLICE].tolist()
    assert shares == ["Popular seed videos", "Middling seed videos", "Rarely watched seed videos"]
