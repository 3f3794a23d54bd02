"""Training finds planted structure, is repeatable, reports progress, begins where it is told and can be stopped."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from relvid_core.data.coengagement import CoEngagement
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import ConfigError, EncoderError, RelvidError
from relvid_core.training.conflict import COSINE
from relvid_core.training.fit import FittedTowers, TrainingProgress, fit

BOTH = {"objective__relevance_weight": 1.0}
RELEVANCE_ALONE = {"objective__engagement_weight": 0.0, "objective__relevance_weight": 1.0}
SAMPLED = {"training__softmax": "sampled", "training__sampled_candidates": 2000}


def shares(planted: Any, towers: FittedTowers) -> tuple[float, float]:
    """Of the nearest videos under the first head: how many are watched together, how many share the topic."""
    head = towers.heads[0]
    return tuple(planted.share(head.seed, head.candidate, label) for label in (planted.group, planted.topic))


def epochs(seen: list[TrainingProgress]) -> list[TrainingProgress]:
    return [progress for progress in seen if progress.epoch_done]


@pytest.mark.parametrize("softmax", [{}, SAMPLED], ids=["full", "sampled"])
def test_engagement_alone_finds_the_groups_and_relevance_alone_the_topics(planted: Any, softmax: dict) -> None:
    """A sample of 2,000 draws of 48 videos holds nearly all of them: it must find what the full softmax finds."""
    engagement = shares(planted, planted.train(planted.config(**softmax))[0])
    assert engagement[0] > 0.95
    relevance = shares(planted, planted.train(planted.config(**softmax, **RELEVANCE_ALONE))[0])
    assert relevance[1] > 0.95
    both = shares(planted, planted.train(planted.config(**softmax, **BOTH))[0])
    assert 0.3 < both[0] < 0.95
    assert both[1] > 2 * engagement[1]


def test_projected_gradients_serve_both_losses(planted: Any) -> None:
    towers, seen = planted.train(planted.config(**BOTH, objective__weighting="pcgrad"))
    assert min(shares(planted, towers)) > 2 * 7 / 47  # twice what chance would give
    done = epochs(seen)
    assert done[-1].losses["total"] < done[0].losses["total"] - 1.0
    assert done[-1].losses["total"] == pytest.approx(
        done[-1].losses["coengagement"] + done[-1].losses["relevance"], rel=1e-5
    )


def test_learned_uncertainty_lowers_its_own_total(planted: Any) -> None:
    """It may take sides: at rest η_t = log 2 L_t, so the total is ½ Σ log L_t + const, which is concave in the losses
    and rewards one small loss more than two middling ones. Here it gives up the groups, so only the total is tested.
    """
    _, seen = planted.train(planted.config(**BOTH, objective__weighting="uncertainty"))
    done = epochs(seen)
    assert done[-1].losses["total"] < done[0].losses["total"] - 1.0
    plain_sum = done[-1].losses["coengagement"] + done[-1].losses["relevance"]
    assert abs(done[-1].losses["total"] - plain_sum) > 1.0  # the variances have moved


def test_embeddings_are_unit_rows_and_repeat_with_the_seed(planted: Any) -> None:
    first, second, other = (
        planted.train(planted.config(training__seed=seed, training__epochs=5))[0].heads[0] for seed in (0, 0, 1)
    )
    assert np.linalg.norm(first.seed, axis=1) == pytest.approx(np.ones(planted.n_videos), abs=1e-5)
    assert np.array_equal(first.candidate, second.candidate)
    assert not np.allclose(first.candidate, other.candidate)


def test_sampled_training_repeats_with_the_seed(planted: Any) -> None:
    settings = planted.config(training__softmax="sampled", training__sampled_candidates=16, training__epochs=5, **BOTH)
    first, second = (planted.train(settings)[0].heads[0] for _ in range(2))
    assert np.array_equal(first.candidate, second.candidate)


def test_training_leaves_the_global_generators_alone(planted: Any) -> None:
    before, numbers = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002  # what is watched
    planted.train(planted.config(training__epochs=1, **SAMPLED))
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.array_equal(numbers, np.random.get_state()[1])  # noqa: NPY002


def test_progress_counts_up_and_the_loss_goes_down(planted: Any) -> None:
    _, seen = planted.train(planted.config(training__epochs=20))
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen[-1].eta_s == pytest.approx(0.0)
    done = epochs(seen)
    assert [progress.epoch for progress in done] == list(range(1, 21))
    best = np.log(planted.group_size - 1)  # nats: seven equally likely partners, nothing else …
    # … which unit vectors reach but for the 40 others, whose cosine is at best −1/5: six groups, a regular simplex
    temperature = planted.config().objective.temperature
    reachable = np.log(7 + 40 * np.exp(-1.2 / temperature))
    assert best < done[-1].losses["coengagement"] < reachable + 0.02 < done[0].losses["coengagement"]
    assert set(done[0].losses) == {"coengagement", "relevance", "total"}


@pytest.mark.parametrize("weighting", ["fixed", "uncertainty", "pcgrad"])
def test_progress_holds_cosines_of_both_losses(planted: Any, weighting: str) -> None:
    _, seen = planted.train(planted.config(training__epochs=6, objective__weighting=weighting, **BOTH))
    found = [progress.conflict for progress in epochs(seen) if progress.conflict]
    assert found
    for cosines in found:
        assert COSINE + "all" in cosines
        assert COSINE + "popular seeds" in cosines
        assert COSINE + "rare candidates" in cosines
        assert COSINE + "content" not in cosines  # ids only
        assert all(-1 - 1e-6 <= value <= 1 + 1e-6 for value in cosines.values())
    assert all(progress.conflict == {} for progress in seen if not progress.epoch_done)
    _, alone = planted.train(planted.config(training__epochs=2, objective__weighting=weighting))
    assert all(progress.conflict == {} for progress in alone)


def test_near_the_optimum_of_a_sum_the_two_gradients_cancel(planted: Any) -> None:
    """There α_e ∇L_e + α_r ∇L_r = 0: the two are equal and opposite, so their cosine tends to −1, conflict or not.

    So a cosine near −1 late in training says that the sum has converged, and not that the losses got worse enemies.
    """
    settings = planted.config(
        training__epochs=100,
        training__batch_seeds=planted.n_videos,  # whole epochs, or the noise of batches hides it
        training__learning_rate=0.05,
        **BOTH,
    )
    cosines = [p.conflict[COSINE + "all"] for p in epochs(planted.train(settings)[1]) if p.conflict]
    assert cosines[0] > -0.8
    assert np.mean(cosines[-3:]) < -0.99


def test_hard_negatives_push_what_is_engaged_but_off_topic_away(planted: Any) -> None:
    """Every pair that is watched together is off topic here; the seven counting 1 + 50 times must fall."""
    mean_score = []
    together = planted.pairs.matrix.toarray() > 0
    for hard in (0.0, 50.0):
        settings = planted.config(**RELEVANCE_ALONE, objective__hard_negatives=hard)
        head = planted.train(settings)[0].heads[0]
        mean_score.append(float((head.seed @ head.candidate.T)[together].mean()))
    assert mean_score[1] < mean_score[0] - 0.05


def test_a_training_begins_where_another_ended(planted: Any) -> None:
    settings = planted.config(**BOTH)
    earlier, cold = planted.train(settings)
    gentle = settings.with_values(training__warm_epochs=3, training__learning_rate=0.01)
    towers, warm = planted.train(gentle, start=earlier.parameters)
    assert [progress.epoch for progress in epochs(warm)] == [1, 2, 3]
    assert {progress.n_epochs for progress in warm} == {3}
    first, ended = epochs(cold)[0].losses["total"], epochs(cold)[-1].losses["total"]
    assert first > ended + 2.0
    assert epochs(warm)[0].losses["total"] == pytest.approx(ended, abs=0.05)
    assert set(towers.parameters) == set(earlier.parameters) == {"seed.ids", "candidate.ids"}


def test_a_start_of_another_shape_is_refused(planted: Any) -> None:
    earlier, _ = planted.train(planted.config(training__epochs=1))
    for other in (
        planted.config(towers__dim=8),
        planted.config(towers__heads="split"),
    ):
        with pytest.raises(ConfigError, match="another shape"):
            planted.train(other, start=earlier.parameters)
    with pytest.raises(ConfigError, match="another shape"):
        planted.train(planted.config(), start={})


def test_closing_stops_at_once(planted: Any) -> None:
    work = fit(
        planted.pairs,
        weight=np.ones(planted.n_videos),
        grades=None,
        content=ContentFeatures(),
        config=planted.config(training__epochs=9_999),
    )
    next(work)
    work.close()
    with pytest.raises(StopIteration):
        next(work)


@pytest.mark.parametrize("self_normalise", [True, False])
def test_off_policy_weights_push_the_heavier_candidates_up(
    planted: Any, train_pairs: Callable[..., tuple[FittedTowers, list]], self_normalise: bool
) -> None:
    """Two candidates with equal counts: the one that carries three times the weight ends up more probable."""
    pairs = CoEngagement(sparse.csr_matrix(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]], dtype=np.float32)))
    towers, _ = train_pairs(
        pairs,
        weight=np.array([1.0, 0.5, 1.5]),
        grades=None,
        content=ContentFeatures(),
        config=planted.config(
            training__epochs=150,
            towers__dim=4,
            objective__temperature=0.3,
            off_policy__self_normalise=self_normalise,
        ),
    )
    score = towers.heads[0].seed[0] @ towers.heads[0].candidate.T
    # the optimum is P = 1/4 and 3/4: logits that are log 3 apart
    assert (score[2] - score[1]) / 0.3 == pytest.approx(np.log(3), abs=0.02)


def test_sampling_without_log_q_takes_popularity_out_and_log_q_keeps_it_in(
    planted: Any, train_pairs: Callable[..., tuple[FittedTowers, list]]
) -> None:
    """Seed 0 goes with video 1 three times as often as with 2, and everybody else too: log P is log 3 apart, lift 0."""
    matrix = np.zeros((6, 6), dtype=np.float32)
    matrix[[0, 3, 4, 5], 1], matrix[[0, 3, 4, 5], 2] = 3.0, 1.0
    pairs = CoEngagement(sparse.csr_matrix(matrix))
    apart = []
    for log_q in (True, False):
        towers, _ = train_pairs(
            pairs,
            weight=np.ones(6),
            grades=None,
            content=ContentFeatures(),
            config=planted.config(
                training__epochs=100,
                towers__dim=4,
                objective__temperature=0.5,
                training__softmax="sampled",
                training__sampled_candidates=10_000,
                training__log_q=log_q,
            ),
        )
        score = towers.heads[0].seed[0] @ towers.heads[0].candidate.T
        apart.append((score[1] - score[2]) / 0.5)
    assert apart == pytest.approx([np.log(3), 0.0], abs=0.06)


def test_text_alone_carries_a_video_without_id(planted: Any) -> None:
    directions = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    matrix = np.ascontiguousarray(directions[planted.group], dtype=np.float32)
    content = ContentFeatures((Modality("text", "planted", matrix, np.ones(planted.n_videos, dtype=bool)),))
    settings = planted.config(towers__use_id=False, towers__use_text=True)
    towers, _ = planted.train(settings, content=content)
    assert shares(planted, towers)[0] > 0.95
    again, _ = planted.train(settings, content=content, start=towers.parameters)
    assert set(again.parameters) == {"seed.maps.0", "candidate.maps.0"}


def test_settings_that_cannot_work_are_refused_in_words(planted: Any) -> None:
    with pytest.raises(EncoderError, match="no video has usable text"):
        planted.train(planted.config(towers__use_id=False, towers__use_text=True))
    work = fit(
        planted.pairs,
        weight=np.ones(planted.n_videos),
        grades=None,
        content=ContentFeatures(),
        config=planted.config(**BOTH),
    )
    with pytest.raises(ConfigError, match="nothing says what is relevant"):
        next(work)


def test_a_loss_that_blows_up_says_so(planted: Any, train_pairs: Callable[..., tuple[FittedTowers, list]]) -> None:
    with pytest.raises(RelvidError, match="Lower the learning rate"):
        train_pairs(
            planted.pairs,
            weight=np.full(planted.n_videos, np.inf),
            grades=None,
            content=ContentFeatures(),
            config=planted.config(),
        )


@pytest.mark.parametrize("steps", range(1, 9))
def test_few_steps_are_enough_for_the_schedule(planted: Any, steps: int) -> None:
    _, seen = planted.train(planted.config(training__epochs=steps, training__batch_seeds=planted.n_videos))
    assert [progress.epoch for progress in seen] == list(range(1, steps + 1))
