"""Comparisons of runs whose lists and metrics are written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments import compare
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run, RunInfo, RunKind, history_frame
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import drain

LISTS_A = [[1, 2, 3, 4], [0, 2, 3, 4], [0, 1, 3, 4], [0, 1, 2, 4], [0, 1, 2, 3]]
LISTS_B = [[5, 1, 2, 3], [0, 2, 3, 4], [0, 1, 3, 4], [0, 1, 2, 4], [0, 1, 2, 3]]


def info(run_id: str, *, kind: RunKind = "model", key: str = "same", data: str = "data") -> RunInfo:
    return RunInfo(run_id, f"label {run_id}", kind, 0.0, "d", "Data", data, key, ExperimentConfig(), 6, 1.0)


def run(run_id: str, lists: list[list[int]], *, key: str = "same", **per_seed: list[float]) -> Run:
    rows = np.array([*lists, [0, 1, 2, 3]], dtype=np.int32)
    scores = np.tile(np.float32([4, 3, 2, 1]), (6, 1))
    metrics = {name: np.array(values) for name, values in per_seed.items()}
    estimates = {name: Estimate(float(np.nanmean(values)), 0.0, 1.0, len(values)) for name, values in metrics.items()}
    seeds = np.arange(len(next(iter(metrics.values()), [])), dtype=np.int32)
    return Run(info(run_id, key=key), seeds, metrics, estimates, Neighbours(rows, scores), history_frame([]))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    topics = [(("Food", "Tea"), ("Art",)), (("Food", "Tea"),), (("Art",), ("Food", "Tea")), (("Food",),), (), ()]
    return Catalog.from_frame(pd.DataFrame({c.VIDEO_ID: list("abcdef"), c.TOPICS: topics}), source="test")


def test_metric_table_is_tidy_and_names_runs_by_id() -> None:
    table = compare.metric_table([run("x", LISTS_A, recall=[0.0, 1.0]), run("y", LISTS_B, recall=[1.0, 1.0])])
    assert table.to_dict("list") == {
        c.RUN: ["x", "y"],
        c.METRIC: ["recall", "recall"],
        c.MEAN: [0.5, 1.0],
        c.LOW: [0.0, 0.0],
        c.HIGH: [1.0, 1.0],
        c.N_SEEDS: [2, 2],
    }


def test_side_by_side_says_where_each_video_stands_in_the_other_list(catalog: Catalog) -> None:
    percentile = np.arange(6) / 5
    a, b = run("x", LISTS_A, recall=[0.0]), run("y", LISTS_B, recall=[0.0])
    frame = compare.side_by_side(a, b, 0, 3, catalog, percentile)
    of_a, of_b = (frame[frame[c.RUN] == side].drop(columns=c.RUN).reset_index(drop=True) for side in "AB")
    assert of_a[compare.ROW].tolist() == [1, 2, 3]
    assert of_b[compare.ROW].tolist() == [5, 1, 2]
    assert of_a[c.RANK].tolist() == [1, 2, 3]
    assert of_a[c.SCORE].tolist() == [4, 3, 2]
    assert of_a[compare.IN_OTHER].tolist() == [True, True, False]
    assert of_a[compare.RANK_IN_OTHER].tolist() == [2, 3, 4]  # video 3 is in B's list, beyond its third place
    assert of_b[compare.IN_OTHER].tolist() == [False, True, True]
    assert of_b[compare.RANK_IN_OTHER].tolist() == [0, 1, 2]
    assert of_a[compare.SHARED_TOPICS].tolist() == [("Food > Tea",), ("Art", "Food > Tea"), ()]
    assert of_b[compare.PERCENTILE].tolist() == [1.0, 0.2, 0.4]


def test_a_run_without_a_rival_shows_its_own_list(catalog: Catalog) -> None:
    frame = compare.side_by_side(run("x", LISTS_A), None, 1, 2, catalog, np.zeros(6))
    assert frame[c.RUN].tolist() == ["A", "A"]
    assert not frame[compare.IN_OTHER].any()


def test_a_list_shorter_than_asked_is_shown_whole(catalog: Catalog) -> None:
    assert len(compare.side_by_side(run("x", LISTS_A), None, 1, 50, catalog, np.zeros(6))) == 4


def test_a_row_or_catalogue_that_the_run_does_not_know_is_refused(catalog: Catalog) -> None:
    for row in (6, -1):
        with pytest.raises(RunError, match=f"row {row}"):
            compare.side_by_side(run("x", LISTS_A), None, row, 2, catalog, np.zeros(6))
    smaller = Catalog.from_frame(pd.DataFrame({c.VIDEO_ID: list("abc")}), source="test")
    with pytest.raises(RunError, match="catalogue of 3 videos"):
        compare.side_by_side(run("x", LISTS_A), None, 0, 2, smaller, np.zeros(3))


def test_differences_are_b_minus_a_over_seeds_that_both_have() -> None:
    a = run("x", LISTS_A, topic_match=[0.0, 0.5, np.nan, 0.25])
    b = run("y", LISTS_B, topic_match=[1.0, 0.5, 1.0, np.nan])
    table = compare.paired_table(a, b)
    assert table[c.METRIC].tolist() == ["topic_match"]  # the other headline metrics are in neither run
    row = table.iloc[0]
    assert (row[compare.MEAN_A], row[compare.MEAN_B], row[compare.DIFFERENCE]) == (0.25, 0.75, 0.5)
    assert row[c.N_SEEDS] == 2
    assert row[compare.VERDICT] == "no evidence"  # two seeds prove nothing


def test_verdicts_find_a_planted_difference_and_no_other() -> None:
    rng = np.random.default_rng(0)
    base = rng.uniform(0.3, 0.7, 400)
    noise = rng.normal(0, 0.05, (3, 400))
    before = {"recall": base, "topic_match": base, "popular_share": base, "tail_share": base, "ndcg": base}
    after = {
        "recall": base - 0.05 + noise[0],
        "topic_match": base + 0.05 + noise[1],
        "popular_share": base - 0.05 + noise[2],
        "tail_share": base + 0.05,
        "ndcg": base + (noise[0] - noise[0].mean()),
    }
    a = run("x", LISTS_A, **{name: list(values) for name, values in before.items()})
    b = run("y", LISTS_B, **{name: list(values) for name, values in after.items()})
    table = compare.paired_table(a, b).set_index(c.METRIC)
    assert table[compare.VERDICT].to_dict() == {
        "recall": "worse",
        "topic_match": "better",
        "popular_share": "less popular",
        "tail_share": "less popular",
        "ndcg": "no evidence",
    }
    assert table.at["recall", c.HIGH] < 0 < table.at["topic_match", c.LOW]
    swapped = compare.paired_table(b, a).set_index(c.METRIC)
    assert swapped.at["recall", compare.VERDICT] == "better"


def test_p_values_are_adjusted_over_the_table() -> None:
    a = run("x", LISTS_A, recall=[0.0] * 6, ndcg=[0.0] * 6)
    b = run("y", LISTS_B, recall=[0.1] * 6, ndcg=[0.1] * 6)
    alone = compare.paired_table(a, b, ["recall"])[compare.P_VALUE].tolist()
    both = compare.paired_table(a, b, ["recall", "ndcg"])[compare.P_VALUE].tolist()
    assert alone == [2 / 2**6]  # all six differences up, or all down
    assert both == [4 / 2**6] * 2  # Holm: the smaller of two equal ones times two, and the other no less


@pytest.mark.parametrize(
    ("metric", "up", "down"),
    [
        ("ndcg", "better", "worse"),
        ("recall_tail", "better", "worse"),
        ("popularity_percentile", "more popular", "less popular"),
        ("tail_share", "less popular", "more popular"),
        ("novelty", "less popular", "more popular"),
        ("topic_match_hidden", "better", "worse"),
        ("semantic_text", "better", "worse"),
        ("topic_diversity", "higher", "lower"),
        ("gini", "higher", "lower"),
    ],
)
def test_verdict_knows_the_direction_of_every_metric(metric: str, up: str, down: str) -> None:
    assert compare.verdict(metric, 0.1, True) == up
    assert compare.verdict(metric, -0.1, True) == down
    assert compare.verdict(metric, 0.1, False) == compare.verdict(metric, 0.0, True) == "no evidence"


def test_histograms_hold_the_same_seeds_of_both_runs() -> None:
    a, b = run("x", LISTS_A, recall=[0.0, np.nan, 0.5]), run("y", LISTS_B, recall=[1.0, 1.0, 0.25])
    frame = compare.seed_histograms(a, b, "recall")
    assert frame[c.RUN].tolist() == ["A", "A", "B", "B"]
    assert frame[c.VALUE].tolist() == [0.0, 0.5, 1.0, 0.25]
    with pytest.raises(RunError, match="'nonsense'"):
        compare.seed_histograms(a, b, "nonsense")


def test_win_tie_loss_and_the_worst_regressions() -> None:
    a = run("x", LISTS_A, recall=[0.5, 0.5, 0.5, np.nan, 0.5])
    b = run("y", LISTS_B, recall=[0.4, 0.5, 0.9, 1.0, 0.1])
    score = compare.win_tie_loss(a, b, "recall")
    assert (score.wins, score.ties, score.losses, score.n) == (1, 1, 2, 4)
    worst = compare.changed_most(a, b, "recall", 3)
    assert worst[compare.ROW].tolist() == [4, 0]  # the tie at row 1 is no regression
    assert worst[compare.DIFFERENCE].tolist() == pytest.approx([-0.4, -0.1])


def test_runs_that_were_measured_otherwise_are_refused_with_the_reason() -> None:
    a, b = run("x", LISTS_A, recall=[0.5]), run("y", LISTS_B, key="other", recall=[0.5])
    longer = replace(b, info=replace(b.info, config=b.info.config.with_values(evaluation__k=7)))
    with pytest.raises(RunError, match="settings differ in evaluation"):
        compare.metric_table([a, longer])
    elsewhere = replace(b, info=replace(b.info, dataset_fingerprint="else"))
    with pytest.raises(RunError, match="different data"):
        compare.paired_table(a, elsewhere)
    with pytest.raises(RunError, match="different seed videos"):
        compare.win_tie_loss(a, replace(run("z", LISTS_B, recall=[0.5]), seeds=np.int32([3])), "recall")


def test_default_pair_prefers_models_and_then_the_best_baseline() -> None:
    new, old = info("new"), info("old")
    weak, strong = info("weak", kind="baseline"), info("strong", kind="baseline")
    apart = info("apart", key="other")
    quality = {"weak": 0.1, "strong": 0.3}

    def pair(*infos: RunInfo) -> tuple[str, str | None]:
        a, b = compare.default_pair(infos, lambda one: quality[one.run_id])
        return a.run_id, None if b is None else b.run_id

    assert pair(weak, new, old, strong) == ("old", "new")
    assert pair(weak, new, strong, apart) == ("strong", "new")
    assert pair(new, apart) == ("new", None)
    assert pair(weak, strong) == ("strong", "weak")


def test_facts_of_a_list_agree_with_the_run_itself(planted: Dataset, quick: ExperimentConfig) -> None:
    cache = PreparedCache()
    trained = drain(train_run(planted, quick, cache=cache))
    judge = cache.get(planted, quick).judge
    for place in (0, 5):
        facts = compare.list_facts(trained, int(trained.seeds[place]), quick.evaluation.k, judge)
        assert facts.k == quick.evaluation.k
        assert facts.on_topic == pytest.approx(trained.per_seed["topic_match"][place])
        assert facts.chance == pytest.approx(11 / 71)
        assert facts.popular / facts.k == pytest.approx(trained.per_seed["popular_share"][place])
        assert facts.percentile == pytest.approx(trained.per_seed["popularity_percentile"][place])
