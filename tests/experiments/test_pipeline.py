"""The whole way from a dataset to a run, on planted data."""

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.split import split_interactions
from relvid_core.experiments.pipeline import Progress, baseline_runs, lists_of_towers, train_run
from relvid_core.experiments.prepared import PreparedCache, evaluation_key, prepare
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain


def test_a_run_holds_lists_for_every_video_and_metrics_for_every_seed(
    planted: Dataset, quick: ExperimentConfig
) -> None:
    seen: list[Progress] = []
    run = drain(train_run(planted, quick, cache=PreparedCache()), seen.append)
    n = len(planted.catalog)
    assert run.neighbours.rows.shape == (n, 50)
    assert not (run.neighbours.rows == np.arange(n)[:, None]).any()
    assert [stage for i, stage in enumerate(p.stage for p in seen) if i == 0 or stage != seen[i - 1].stage] == [
        "encode",
        "prepare",
        "train",
        "retrieve",
        "evaluate",
    ]
    assert run.history["epoch"].nunique() == quick.training.epochs
    for name, values in run.per_seed.items():
        assert values.shape == run.seeds.shape, name
        assert run.estimates[name].mean == pytest.approx(np.nanmean(values), nan_ok=True)
        assert run.estimates[name].low <= run.estimates[name].mean <= run.estimates[name].high
    assert run.estimates["topic_chance"].mean == pytest.approx(11 / 71)  # 11 of the 71 others share the topic
    assert run.info.label == "engagement only"


def test_recall_of_a_run_equals_a_count_by_hand(planted: Dataset, quick: ExperimentConfig) -> None:
    run = drain(train_run(planted, quick, cache=PreparedCache()))
    fold = split_interactions(planted.interactions, quick.split).fold("test")
    later = CoEngagement.from_events(fold.target.engagements, len(planted.catalog), quick.coengagement).matrix.toarray()
    for place in (0, len(run.seeds) // 2, -1):
        seed = run.seeds[place]
        true = set(np.flatnonzero(later[seed]))
        found = set(run.neighbours.rows[seed, :5].tolist())
        assert run.per_seed["recall"][place] == pytest.approx(len(true & found) / len(true))


def test_relevance_raises_topic_match(planted: Dataset, quick: ExperimentConfig) -> None:
    cache = PreparedCache()
    longer = quick.with_values(training__epochs=15)
    engagement = drain(train_run(planted, longer, cache=cache))
    relevance = drain(train_run(planted, longer.with_values(objective__relevance_weight=2.0), cache=cache))
    assert relevance.estimates["topic_match"].low > engagement.estimates["topic_match"].high


def test_off_policy_correction_lowers_the_popular_share(planted: Dataset, quick: ExperimentConfig) -> None:
    cache = PreparedCache()
    longer = quick.with_values(training__epochs=15)
    plain = drain(train_run(planted, longer, cache=cache))
    corrected = drain(train_run(planted, longer.with_values(off_policy__strength=1.0), cache=cache))
    assert corrected.estimates["popularity_percentile"].high < plain.estimates["popularity_percentile"].low
    assert plain.info.off_policy is not None
    assert corrected.info.off_policy is not None
    assert plain.info.off_policy.effective_sample_size == pytest.approx(1.0)
    assert corrected.info.off_policy.effective_sample_size < 0.95


@pytest.fixture(scope="module")
def split(planted: Dataset, quick: ExperimentConfig) -> Run:
    """A run with a head a loss."""
    settings = quick.with_values(training__epochs=15, towers__heads="split", objective__relevance_weight=1.0)
    return drain(train_run(planted, settings, cache=PreparedCache()))


def by_sorting(scores: np.ndarray, k: int) -> np.ndarray:
    """The k best videos but the seed itself, as sets: ties of rounding do not matter."""
    scores = scores.copy()
    np.fill_diagonal(scores, -np.inf)
    return np.sort(np.argsort(-scores, axis=1)[:, :k], axis=1)


@pytest.mark.parametrize(("omega", "head"), [(1.0, 0), (0.0, 1)], ids=["engagement", "relevance"])
def test_at_the_ends_of_the_blend_one_head_makes_the_lists(split: Run, omega: float, head: int) -> None:
    assert split.towers is not None
    settings = split.info.config.with_values(objective__blend=omega, evaluation__k=5)
    lists = lists_of_towers(split.towers, settings, np.zeros(split.info.n_videos))
    vectors = split.towers.heads[head]
    assert np.array_equal(np.sort(lists.rows[:, :5], axis=1), by_sorting(vectors.seed @ vectors.candidate.T, 5))


def test_blend_and_popularity_term_make_the_lists_of_a_run(planted: Dataset, split: Run) -> None:
    """ω q_e·c_e + (1 − ω) q_r·c_r + τ κ log p_j, in float64."""
    assert split.towers is not None
    log_p = prepare(planted, split.info.config).pairs.log_marginal
    settings = split.info.config.with_values(objective__blend=0.3, objective__popularity_term=0.5)
    lists = lists_of_towers(split.towers, settings, log_p)
    first, second = ((h.seed.astype(float) @ h.candidate.T.astype(float)) for h in split.towers.heads)
    scores = 0.3 * first + 0.7 * second + settings.objective.temperature * 0.5 * log_p
    assert np.array_equal(np.sort(lists.rows[:, :10], axis=1), by_sorting(scores, 10))
    assert lists.scores == pytest.approx(np.take_along_axis(scores, lists.rows.astype(int), axis=1), abs=1e-5)


def test_the_popularity_term_raises_popularity_at_once_and_its_opposite_lowers_it(
    planted: Dataset, quick: ExperimentConfig
) -> None:
    """κ changes the ranking only: the three runs hold the same towers."""
    cache = PreparedCache()
    runs = [
        drain(train_run(planted, quick.with_values(objective__popularity_term=kappa), cache=cache))
        for kappa in (-1.0, 0.0, 1.0)
    ]
    below, plain, above = runs
    assert above.estimates["popular_share"].low > plain.estimates["popular_share"].high
    assert below.estimates["popularity_percentile"].high < plain.estimates["popularity_percentile"].low
    assert plain.estimates["popularity_percentile"].high < above.estimates["popularity_percentile"].low
    assert above.towers is not None
    assert plain.towers is not None
    assert np.array_equal(above.towers.heads[0].candidate, plain.towers.heads[0].candidate)


@pytest.mark.parametrize("log_q", [True, False])
def test_a_sampled_run_records_the_losses_and_their_cosines(
    planted: Dataset, quick: ExperimentConfig, log_q: bool
) -> None:
    settings = quick.with_values(
        training__softmax="sampled",
        training__sampled_candidates=40,
        training__log_q=log_q,
        objective__relevance_weight=1.0,
        objective__hard_negatives=1.0,
    )
    run = drain(train_run(planted, settings, cache=PreparedCache()))
    terms = set(run.history["term"])
    assert {"coengagement", "relevance", "total", "cosine all", "cosine content", "cosine rare seeds"} <= terms
    cosines = run.history[run.history["term"].str.startswith("cosine ")]
    assert cosines["value"].abs().max() <= 1 + 1e-6
    assert np.isfinite(run.history["value"]).all()


def test_baselines_are_made_once_and_then_found(planted: Dataset, quick: ExperimentConfig, tmp_path: object) -> None:
    store, cache = RunStore(tmp_path), PreparedCache()
    made: list[Progress] = []
    ids = drain(baseline_runs(planted, quick, cache=cache, store=store), made.append)
    assert len([one for one in made if one.stage == "baselines"]) == len(ids) >= 8
    again: list[Progress] = []
    assert drain(baseline_runs(planted, quick, cache=cache, store=store), again.append) == ids
    assert again == []
    popular = next(store.load(run_id) for run_id in ids if "popularity" in run_id)
    assert popular.estimates["popular_share"].mean > 0.5
    assert popular.towers is None


def test_nothing_of_the_test_window_reaches_the_model(planted: Dataset, quick: ExperimentConfig) -> None:
    prepared = prepare(planted, quick)
    log = planted.interactions.engagements
    assert len(prepared.history.engagements) == pytest.approx(0.8 * len(log), rel=0.02)
    per_user = np.bincount(prepared.history.engagements.user)
    assert (per_user == 24).all()  # 80 % of everybody's 30
    ends = [
        prepared.history.engagements.timestamp[prepared.history.engagements.user == user].max() for user in range(90)
    ]
    assert max(ends) < 25_000


def test_the_evaluation_key_names_what_makes_runs_comparable(planted: Dataset, quick: ExperimentConfig) -> None:
    key = evaluation_key(planted.fingerprint, quick)
    assert key == evaluation_key(planted.fingerprint, quick.with_values(objective__relevance_weight=1.0))
    assert key != evaluation_key(planted.fingerprint, quick.with_values(evaluation__k=6))
    assert key != evaluation_key(planted.fingerprint, quick.with_values(split__fold="validation"))
    assert key != evaluation_key("other data", quick)


def test_the_cache_prepares_once_and_forgets_the_oldest(planted: Dataset, quick: ExperimentConfig) -> None:
    cache = PreparedCache(kept=1)
    first = cache.get(planted, quick)
    assert cache.get(planted, quick.with_values(training__epochs=9)) is first
    cache.get(planted, quick.with_values(evaluation__k=6))
    assert cache.get(planted, quick) is not first
