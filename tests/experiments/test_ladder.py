"""The ablation ladder: what each rung adds, and what is said about the step."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.topics import Topics
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.estimates import paired_difference
from relvid_core.experiments.ladder import RECALL_COLD_SEEDS, RECALL_TAIL_SEEDS, Ladder, RungName, climb
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.runtime import drain


@pytest.fixture(scope="module")
def base(quick: ExperimentConfig) -> ExperimentConfig:
    return quick.with_values(
        objective__relevance_weight=0.5, off_policy__strength=0.4, off_policy__clip=4.0, split__cold_share=0.15
    )


@pytest.fixture(scope="module")
def cache() -> PreparedCache:
    return PreparedCache()


@pytest.fixture(scope="module")
def runs(planted: Dataset, base: ExperimentConfig, cache: PreparedCache) -> dict[RungName, list[Run]]:
    ladder = Ladder.of(base, planted, has_pictures=False)
    return {
        rung: [drain(train_run(planted, config.with_values(training__seed=seed), cache=cache)) for seed in (0, 1)]
        for rung, config in ladder.configs.items()
    }


def test_every_rung_changes_one_thing(planted: Dataset, base: ExperimentConfig) -> None:
    ladder = Ladder.of(base, planted, has_pictures=True)
    assert list(ladder.configs) == ["engagement", "relevance", "text", "visual", "correction"]
    seen = [
        (one.objective.relevance_weight, one.towers.use_text, one.towers.use_visual, one.off_policy.strength)
        for one in ladder.configs.values()
    ]
    assert seen == [
        (0.0, False, False, 0.0),
        (0.5, False, False, 0.0),
        (0.5, True, False, 0.0),
        (0.5, True, True, 0.0),
        (0.5, True, True, 0.4),
    ]
    assert all(one.split.cold_share == 0.15 and one.towers.use_id for one in ladder.configs.values())
    assert not ladder.left_out


def test_rungs_that_the_data_cannot_offer_are_left_out_and_say_why(planted: Dataset, base: ExperimentConfig) -> None:
    n = len(planted.catalog)
    frame = planted.catalog.frame
    bare = replace(
        planted.catalog,
        frame=frame.assign(
            **{c.TITLE: "Video " + frame[c.VIDEO_ID], c.DESCRIPTION: pd.Series([""] * n, dtype="string")}
        ),
        topics=Topics.from_paths([()] * n),
    )
    ladder = Ladder.of(base, replace(planted, catalog=bare), has_pictures=False)
    assert list(ladder.configs) == ["engagement", "correction"]
    assert set(ladder.left_out) == {"relevance", "text", "visual"}
    assert "no topics" in ladder.left_out["relevance"]


@pytest.mark.parametrize("change", [{"objective__relevance_weight": 0.0}, {"off_policy__strength": 0.0}])
def test_a_rung_must_differ_from_the_one_below(
    planted: Dataset, base: ExperimentConfig, change: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match="must be above 0"):
        Ladder.of(base.with_values(**change), planted, has_pictures=True)


def test_steps_hold_means_over_training_seeds_and_gaps_to_the_rung_below(
    planted: Dataset, base: ExperimentConfig, cache: PreparedCache, runs: dict[RungName, list[Run]]
) -> None:
    prepared = cache.get(planted, base)
    steps = climb(runs, prepared)
    assert [step.rung for step in steps] == ["engagement", "relevance", "text", "correction"]
    assert not steps[0].gaps
    assert {RECALL_COLD_SEEDS, RECALL_TAIL_SEEDS} <= set(steps[0].estimates)
    means = {rung: np.mean([run.per_seed["topic_match"] for run in of_rung], axis=0) for rung, of_rung in runs.items()}
    for below, step in pairwise(steps):
        expected = paired_difference(means[step.rung], means[below.rung], replicates=50)
        assert step.gaps["topic_match"].difference == expected.difference
        assert step.gaps["topic_match"].p_value >= expected.p_value
        assert step.estimates["topic_match"].mean == pytest.approx(np.nanmean(means[step.rung]))
    assert steps[1].gaps["topic_match"].verdict == "better"


def test_text_helps_cold_seeds(
    planted: Dataset, base: ExperimentConfig, cache: PreparedCache, runs: dict[RungName, list[Run]]
) -> None:
    """Titles name the topic here, and nobody watched a cold video: only text can place it."""
    without, with_text = climb(runs, cache.get(planted, base))[1:3]
    assert with_text.estimates[RECALL_COLD_SEEDS].mean > without.estimates[RECALL_COLD_SEEDS].mean


def test_a_rung_without_a_run_is_refused(
    planted: Dataset, base: ExperimentConfig, cache: PreparedCache, runs: dict[RungName, list[Run]]
) -> None:
    with pytest.raises(RunError, match="Train every rung"):
        climb({**runs, "text": []}, cache.get(planted, base))
