"""The health report on data whose truth is known, and the advice that follows from it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Interactions
from relvid_core.data.topics import Topics
from relvid_core.intake.clean import no_interactions
from relvid_core.intake.health import HealthReport, health_report
from relvid_core.intake.topic_agreement import topic_agreement

N_TOPICS, PER_TOPIC = 5, 20


def planted(*, in_topic: float = 0.8, seed: int = 0, n_events: int = 4_000, labelled: bool = True) -> Dataset:
    """Viewers who stay in their topic with this probability."""
    rng = np.random.default_rng(seed)
    n = N_TOPICS * PER_TOPIC
    topic = np.arange(n) % N_TOPICS
    frame = pd.DataFrame(
        {
            "video_id": [f"v{i}" for i in range(n)],
            "title": [f"{'abcdefghij'[i % 10] * 3} lesson {i * 7919}" for i in range(n)],
            "topics": [((f"topic {t}",),) if labelled else () for t in topic],
        }
    )
    users = rng.integers(0, 200, n_events)
    own = users % N_TOPICS
    inside = rng.random(n_events) < in_topic
    rows = np.where(inside, own + N_TOPICS * rng.integers(0, PER_TOPIC, n_events), rng.integers(0, n, n_events))
    log = pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in users],
            "video_id": [f"v{r}" for r in rows],
            "timestamp": np.arange(n_events) + 10**9,
        }
    )
    catalog = Catalog.from_frame(frame, source="t")
    return Dataset("t", "t", catalog, Interactions.from_frames(catalog, log, source="t"))


def levels(report: HealthReport) -> dict[str, str]:
    return {advice.title: advice.level for advice in report.advice}


def value(frame: pd.DataFrame, name: str) -> float:
    return float(frame.set_index(frame.columns[0]).iloc[:, -1][name])


def test_planted_agreement_is_read_against_its_chance() -> None:
    report = health_report(planted(in_topic=0.8))
    # Two views of one viewer agree where both stay in the topic, or by luck: 0.84² + 4 · 0.04² of the time.
    stays = 0.8 + 0.2 / N_TOPICS
    expected = stays**2 + (N_TOPICS - 1) * (0.2 / N_TOPICS) ** 2
    assert value(report.topic_share, "watched together") == pytest.approx(expected, abs=0.03)
    assert value(report.topic_share, "by chance") == pytest.approx(
        (PER_TOPIC - 1) / (N_TOPICS * PER_TOPIC - 1), abs=0.01
    )
    assert levels(report)["Topics and watching agree"] == "ok"


def test_topics_without_meaning_are_called_so() -> None:
    report = health_report(planted(in_topic=0.0))
    assert levels(report)["Topics say little about what is watched together"] == "look"


def test_chance_by_a_naive_count() -> None:
    rng = np.random.default_rng(3)
    n = 12
    paths = [tuple((f"t{t}",) for t in rng.choice(4, rng.integers(0, 3), replace=False)) for _ in range(n)]
    seeds, candidates = rng.integers(0, n, 60).astype(np.int32), rng.integers(0, n, 60).astype(np.int32)
    pairs = CoEngagement.from_pairs(seeds, candidates, rng.random(60).astype(np.float32), n)
    weight = pairs.matrix.toarray().astype(np.float64)
    labelled = np.array([bool(video) for video in paths])
    weight *= labelled[:, None] & labelled[None, :]
    share = np.array([[bool(set(a) & set(b)) for b in paths] for a in paths])
    starts, ends = weight.sum(axis=1) / weight.sum(), weight.sum(axis=0) / weight.sum()
    chance = 0.0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        chance += starts[i] * sum(ends[j] * share[i, j] for j in others) / sum(ends[j] for j in others)
    found = topic_agreement(pairs, Topics.from_paths(paths))
    assert found.chance == pytest.approx(chance)
    assert found.observed == pytest.approx((weight * share).sum() / weight.sum())
    assert found.n_pairs == (weight > 0).sum()


def test_counts_and_shares_by_hand() -> None:
    frame = pd.DataFrame(
        {"video_id": list("abcd"), "title": ["One two", "", "Three", "Four"], "topics": [(("x",),), (), (), ()]}
    )
    catalog = Catalog.from_frame(frame, source="t")
    log = pd.DataFrame(
        {"user_id": ["u", "u", "u", "w"], "video_id": ["a", "b", "a", "a"], "timestamp": [10, 20, 30, 86_400]}
    )
    report = health_report(Dataset("t", "t", catalog, Interactions.from_frames(catalog, log, source="t")))
    assert dict(zip(report.missing["kind"], report.missing["n"], strict=True)) == {
        "titles": 1,
        "descriptions": 4,
        "topics": 3,
        "pictures": 4,
    }
    assert value(report.popularity, "gini") == pytest.approx(0.625)  # 0, 0, 1, 3: (1·1 + 3·3) / (4 · 4)
    assert value(report.popularity, "top 5 % of videos") == 0.75
    assert value(report.popularity, "never watched") == 0.5
    assert report.head[["video_id", "engagements", "share"]].to_numpy().tolist() == [["a", 3, 0.75], ["b", 1, 0.25]]
    assert value(report.data, "seeds") == 2
    assert value(report.data, "viewers with one engagement") == 1
    assert report.period == (pd.Timestamp(10, unit="s", tz="UTC"), pd.Timestamp("1970-01-02", tz="UTC"))
    curve = report.curve
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve[curve["video_share"] == 0.25]["engagement_share"].tolist() == [0.75]
    assert curve.iloc[-1].tolist() == [1, 1]


def test_a_catalogue_alone_is_judged_too() -> None:
    dataset = planted()
    report = health_report(Dataset("t", "t", dataset.catalog, no_interactions(dataset.catalog)))
    assert levels(report)["There is no watch log"] == "problem"
    assert report.advice[0].level == "problem"
    assert math.isnan(value(report.popularity, "gini"))
    assert report.topic_share.empty
    assert report.period is None


def test_viewers_of_one_video_each_cannot_be_learned_from() -> None:
    dataset = planted()
    log = pd.DataFrame({"user_id": [f"u{i}" for i in range(50)], "video_id": [f"v{i}" for i in range(50)]})
    lonely = Interactions.from_frames(dataset.catalog, log, source="t")
    report = health_report(Dataset("t", "t", dataset.catalog, lonely))
    assert levels(report)["Nobody watched two different videos"] == "problem"


def test_missing_topics_are_a_problem() -> None:
    assert levels(health_report(planted(labelled=False)))["There are no topics"] == "problem"


def test_advice_says_what_to_do() -> None:
    for dataset in (planted(), planted(in_topic=0.0), planted(labelled=False)):
        report = health_report(dataset)
        order = [("problem", "look", "ok").index(advice.level) for advice in report.advice]
        assert order == sorted(order)
        assert all(advice.sentence.endswith(".") and len(advice.title) < 80 for advice in report.advice)
