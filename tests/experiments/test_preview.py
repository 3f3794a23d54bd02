"""The preview says what a run at the same position would say, and keeps to what it promises about seeds and memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments import preview as module
from relvid_core.experiments.pipeline import evaluate, lists_of_towers, train_run
from relvid_core.experiments.prepared import Prepared, PreparedCache
from relvid_core.experiments.preview import (
    Position,
    Preview,
    PreviewCache,
    changes,
    default_model,
    measured_seeds,
    prepare_preview,
    split_config,
)
from relvid_core.experiments.run import Run
from relvid_core.runtime import drain


@pytest.fixture(scope="module")
def split(planted: Dataset, quick: ExperimentConfig) -> tuple[Run, Prepared]:
    """A run with split heads, stored lists at ω = 0.3 and κ = 0.2."""
    config = quick.with_values(
        towers__heads="split",
        objective__relevance_weight=1.0,
        objective__blend=0.3,
        objective__popularity_term=0.2,
    )
    cache = PreparedCache()
    return drain(train_run(planted, config, cache=cache)), cache.get(planted, config)


@pytest.fixture(scope="module")
def preview(split: tuple[Run, Prepared]) -> Preview:
    return drain(prepare_preview(*split))


def same_lists(found: np.ndarray, expected: np.ndarray) -> bool:
    """Equal but for pairs of neighbours whose scores rounding cannot tell apart: at most one list in a hundred."""
    return bool((found != expected).any(axis=1).mean() <= 0.01)


def test_the_start_is_what_the_run_stored(split: tuple[Run, Prepared], preview: Preview) -> None:
    run, _ = split
    assert preview.start.position == Position(0.3, 0.2)
    assert same_lists(preview.start.lists.rows, run.neighbours.rows[run.seeds, :5])
    for metric in (RECALL, TOPIC_MATCH, POPULAR_SHARE):
        assert preview.start.reading.means[metric] == pytest.approx(run.estimates[metric].mean, abs=1e-3)


@pytest.mark.parametrize("position", [Position(0.0, 0.0), Position(0.8, -0.6), Position(1.0, 1.0)])
def test_any_position_measures_like_a_run_that_was_made_there(
    split: tuple[Run, Prepared], preview: Preview, position: Position
) -> None:
    run, prepared = split
    assert run.towers is not None
    config = run.info.config.with_values(objective__blend=position.omega, objective__popularity_term=position.kappa)
    lists = lists_of_towers(run.towers, config, prepared.pairs.log_marginal)
    per_seed, _ = evaluate(prepared, lists, config)
    view = preview.at(position)
    assert same_lists(view.lists.rows, lists.rows[run.seeds, :5])
    for metric in (RECALL, TOPIC_MATCH, POPULAR_SHARE):
        assert view.reading.means[metric] == pytest.approx(np.nanmean(per_seed[metric]), abs=1e-3)


def test_the_list_of_any_video_is_the_exact_one(split: tuple[Run, Prepared], preview: Preview) -> None:
    run, prepared = split
    assert run.towers is not None
    engagement, relevance = run.towers.heads
    tau = run.info.config.objective.temperature
    for row in (0, 17, 71):
        scores = 0.8 * engagement.candidate @ engagement.seed[row] + 0.2 * relevance.candidate @ relevance.seed[row]
        scores = scores - 0.5 * tau * prepared.pairs.log_marginal
        scores[row] = -np.inf
        found = preview.list_of(row, Position(0.8, -0.5))
        assert found.rows.shape == (1, 50)
        np.testing.assert_allclose(found.scores[0], np.sort(scores)[::-1][:50], rtol=1e-4, atol=1e-5)
        assert row not in found.rows


def test_more_kappa_means_more_popular_lists(preview: Preview) -> None:
    shares = [preview.at(Position(0.5, kappa)).reading.means[POPULAR_SHARE] for kappa in (-1.0, 0.0, 1.0)]
    assert shares[0] < shares[1] < shares[2]


def test_a_shared_head_moves_by_kappa_alone(planted: Dataset, quick: ExperimentConfig) -> None:
    cache = PreparedCache()
    run = drain(train_run(planted, quick, cache=cache))
    shared = drain(prepare_preview(run, cache.get(planted, quick)))
    assert not shared.split
    one, other = (shared.at(Position(omega, 0.3)).lists.rows for omega in (0.1, 0.9))
    assert (one == other).all()
    assert (shared.at(Position(0.5, -1.0)).lists.rows != one).any()


def test_a_large_catalogue_is_measured_on_a_fixed_sample(
    split: tuple[Run, Prepared], preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, prepared = split
    monkeypatch.setattr(module, "MIN_SEEDS", 10)
    monkeypatch.setattr(module, "MAX_CELLS", 20 * run.info.n_videos)
    some = drain(prepare_preview(run, prepared))
    assert some.sampled
    assert not preview.sampled
    assert len(some.shortlists.seeds) == 20
    np.testing.assert_array_equal(some.shortlists.seeds, run.seeds[some.picked])
    np.testing.assert_array_equal(some.picked, measured_seeds(len(run.seeds), run.info.n_videos))
    wanted = preview.at(Position(0.6, 0.1)).reading.per_seed[RECALL][some.picked]
    np.testing.assert_allclose(some.at(Position(0.6, 0.1)).reading.per_seed[RECALL], wanted)


def test_preparing_reports_and_can_be_stopped(split: tuple[Run, Prepared]) -> None:
    making = prepare_preview(*split)
    assert 0 < next(making) <= 1
    making.close()


def test_what_cannot_be_previewed_is_named(split: tuple[Run, Prepared]) -> None:
    run, prepared = split
    with pytest.raises(RunError, match="no towers"):
        drain(prepare_preview(replace(run, towers=None), prepared))
    with pytest.raises(RunError, match="Train it again"):
        drain(prepare_preview(replace(run, seeds=run.seeds[:-1]), prepared))


def test_changes_are_now_minus_start(preview: Preview) -> None:
    now = preview.at(Position(1.0, 1.0))
    found = {change.metric: change for change in changes(preview.start, now)}
    assert list(found) == [RECALL, TOPIC_MATCH, POPULAR_SHARE]
    change = found[POPULAR_SHARE]
    assert change.difference == now.reading.means[POPULAR_SHARE] - preview.start.reading.means[POPULAR_SHARE] > 0


def test_settings_for_split_heads_need_something_relevant(planted: Dataset) -> None:
    config = split_config(planted)
    assert config is not None
    assert (config.towers.heads, config.objective.relevance_weight) == ("split", 1.0)
    bare = planted.catalog.frame.copy()
    bare["topics"] = [()] * len(bare)
    without = replace(planted, catalog=type(planted.catalog).from_frame(bare, source="bare"))
    assert split_config(without) is None
    teacher = replace(without, teacher=np.eye(len(bare), 4, dtype=np.float32))
    found = split_config(teacher)
    assert found is not None
    assert found.objective.relevance_source == "teacher"


def test_the_newest_split_model_is_looked_at_first(split: tuple[Run, Prepared], quick: ExperimentConfig) -> None:
    info = split[0].info
    shared = replace(info, run_id="shared", config=quick)
    older = replace(info, run_id="older")
    assert default_model([shared, info, older]) is info
    assert default_model([shared]) is shared


def test_the_cache_lets_go_of_the_longest_unused(preview: Preview) -> None:
    kept = PreviewCache(kept=2)
    of = {name: replace(preview, info=replace(preview.info, run_id=name)) for name in "abc"}
    kept.keep(of["a"])
    kept.keep(of["b"])
    assert kept.get("a") is of["a"]
    kept.keep(of["c"])
    assert kept.get("b") is None
    assert kept.get("a") is of["a"]
