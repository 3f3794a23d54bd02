"""From a position of the sliders to the model that tests it, and how far off the preview was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.protocol import RECALL, TOPIC_MATCH
from relvid_core.experiments.confirm import (
    ERROR,
    PREVIEW,
    confirm,
    confirming_run,
    noise_floor,
    overlap,
    seed_twins,
    shared_config,
    with_start,
)
from relvid_core.experiments.pipeline import lists_of_towers, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.preview import Position, Preview, prepare_preview
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.runtime import drain

SPLIT = ExperimentConfig().with_values(
    towers__heads="split", towers__dim=32, objective__relevance_weight=1.0, off_policy__strength=0.4, training__seed=7
)


def test_omega_becomes_the_weights_of_the_losses() -> None:
    found = shared_config(SPLIT, Position(0.3, -0.25))
    expected = SPLIT.with_values(
        towers__heads="shared",
        objective__engagement_weight=0.3,
        objective__relevance_weight=0.7,
        objective__popularity_term=-0.25,
    )
    assert found == expected


def test_the_ratio_of_the_split_run_is_kept() -> None:
    found = shared_config(
        SPLIT.with_values(objective__engagement_weight=2.0, objective__relevance_weight=6.0), Position(0.5, 0.0)
    )
    assert (found.objective.engagement_weight, found.objective.relevance_weight) == (0.5, 1.5)  # 1 : 3


def test_the_ends_train_one_aim_alone() -> None:
    only_relevance, only_engagement = (shared_config(SPLIT, Position(omega, 0.0)).objective for omega in (0.0, 1.0))
    assert (only_relevance.engagement_weight, only_relevance.relevance_weight) == (0.0, 1.0)
    assert (only_engagement.engagement_weight, only_engagement.relevance_weight) == (1.0, 0.0)


def test_a_shared_run_keeps_its_weights() -> None:
    shared = ExperimentConfig().with_values(objective__relevance_weight=0.3)
    assert shared_config(shared, Position(0.9, 0.5)) == shared.with_values(objective__popularity_term=0.5)


def test_an_untrained_engagement_head_cannot_be_confirmed() -> None:
    config = SPLIT.with_values(objective__engagement_weight=0.0)
    with pytest.raises(ConfigError, match="engagement head"):
        shared_config(config, Position(0.5, 0.0))


@pytest.fixture(scope="module")
def trained(planted: Dataset, quick: ExperimentConfig) -> dict[str, Run]:
    """A split run, the shared run for ω = 0.6 and κ = 0.1, and its twin with another random seed."""
    split = quick.with_values(towers__heads="split", objective__relevance_weight=1.0)
    shared = shared_config(split, Position(0.6, 0.1))
    configs = {"split": split, "shared": shared, "twin": shared.with_values(training__seed=1)}
    cache = PreparedCache()
    return {name: drain(train_run(planted, config, cache=cache, label=name)) for name, config in configs.items()}


@pytest.fixture(scope="module")
def preview(trained: dict[str, Run], planted: Dataset) -> Preview:
    run = trained["split"]
    return drain(prepare_preview(run, PreparedCache().get(planted, run.info.config)))


def infos_of(trained: dict[str, Run]) -> list[RunInfo]:
    return [run.info for run in reversed(trained.values())]


def test_the_matching_run_is_found_however_it_was_begun(trained: dict[str, Run]) -> None:
    infos, info = infos_of(trained), trained["shared"].info
    asked = shared_config(trained["split"].info.config, Position(0.6, 0.1))
    assert confirming_run(asked, info.dataset_fingerprint, infos) == info
    warm = replace(info, config=info.config.with_values(training__warm_start=True, objective__blend=0.9))
    assert confirming_run(asked, info.dataset_fingerprint, [warm]) == warm
    assert confirming_run(asked, "other data", infos) is None
    elsewhere = shared_config(trained["split"].info.config, Position(0.62, 0.1))
    assert confirming_run(elsewhere, info.dataset_fingerprint, infos) is None


def test_retraining_begins_from_an_earlier_shared_run_if_there_is_one(trained: dict[str, Run]) -> None:
    info = trained["split"].info
    asked = shared_config(info.config, Position(0.2, 0.0))
    assert with_start(asked, info.dataset_fingerprint, infos_of(trained)).training.warm_start
    assert not with_start(asked, info.dataset_fingerprint, [info]).training.warm_start  # split parameters do not fit


def test_a_preview_is_held_against_the_retrained_model(trained: dict[str, Run], preview: Preview) -> None:
    view, run = preview.at(Position(0.6, 0.1)), trained["shared"]
    found = confirm(preview, view, run)
    table = found.table.set_index(c.METRIC)
    assert table.loc[RECALL, c.MEAN] == pytest.approx(run.estimates[RECALL].mean)
    assert table.loc[RECALL, c.LOW] == pytest.approx(run.estimates[RECALL].low)
    assert table.loc[TOPIC_MATCH, PREVIEW] == pytest.approx(np.nanmean(view.reading.per_seed[TOPIC_MATCH]))
    np.testing.assert_allclose(table[ERROR], table[PREVIEW] - table[c.MEAN])
    shares = [
        len(set(mine) & set(theirs)) / 5
        for mine, theirs in zip(view.lists.rows, run.neighbours.rows[run.seeds, :5], strict=True)
    ]
    assert found.overlap.shared == pytest.approx(np.mean(shares))
    assert found.n_seeds == len(run.seeds)


def test_a_model_made_of_the_same_heads_confirms_exactly(
    trained: dict[str, Run], preview: Preview, planted: Dataset
) -> None:
    """Planted: the "retrained" run holds the very lists of the preview's position."""
    run, position = trained["split"], Position(0.9, -0.5)
    assert run.towers is not None
    config = run.info.config.with_values(objective__blend=0.9, objective__popularity_term=-0.5)
    prepared = PreparedCache().get(planted, config)
    same = replace(run, neighbours=lists_of_towers(run.towers, config, prepared.pairs.log_marginal))
    found = confirm(preview, preview.at(position), same)
    np.testing.assert_allclose(found.table[ERROR], 0, atol=1e-3)
    assert found.overlap.shared > 0.99


def test_a_run_that_was_measured_otherwise_confirms_nothing(trained: dict[str, Run], preview: Preview) -> None:
    run = trained["shared"]
    other = replace(run, info=replace(run.info, evaluation_key="other"))
    with pytest.raises(RunError, match="measured otherwise"):
        confirm(preview, preview.start, other)


def test_twins_differ_in_their_random_seed_alone_and_own_ones_come_first(trained: dict[str, Run]) -> None:
    infos = infos_of(trained)
    fingerprint, config = infos[0].dataset_fingerprint, trained["shared"].info.config
    pair = seed_twins(config, fingerprint, infos)
    assert pair is not None
    assert {info.label for info in pair} == {"shared", "twin"}
    other = config.with_values(objective__relevance_weight=9.0)
    assert seed_twins(other, fingerprint, infos) == pair  # no own pair: the nearest thing there is
    newer = [replace(info, config=info.config.with_values(objective__relevance_weight=9.0)) for info in pair]
    assert seed_twins(config, fingerprint, [*newer, *infos]) == pair
    assert seed_twins(config, fingerprint, [info for info in infos if info.label != "twin"]) is None
    warm = [replace(info, started_from="x") for info in infos]
    assert seed_twins(config, fingerprint, warm) is None


def test_the_noise_floor_is_the_distance_of_the_twins(trained: dict[str, Run]) -> None:
    a, b = trained["shared"], trained["twin"]
    floor = noise_floor(a, b)
    assert floor.apart[RECALL] == pytest.approx(abs(a.estimates[RECALL].mean - b.estimates[RECALL].mean))
    assert 0 < floor.overlap.shared < 1
    assert noise_floor(a, a).overlap.shared == 1


def test_overlap_by_hand() -> None:
    found = overlap(np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), np.array([[4, 3, 9, 8], [8, 7, 6, 5]]))
    assert found.shared == pytest.approx((2 / 4 + 1) / 2)
    assert found.jaccard == pytest.approx((2 / 6 + 1) / 2)
