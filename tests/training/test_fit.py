"""Training finds planted structure, is repeatable, reports progress and can be stopped."""

import numpy as np
import pytest
import torch
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.topics import Topics
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import ConfigError, EncoderError, RelvidError
from relvid_core.training.fit import FittedTowers, TrainingProgress, fit

N_GROUPS, GROUP = 6, 8
N_VIDEOS = N_GROUPS * GROUP
GROUP_OF = np.arange(N_VIDEOS) // GROUP  # who is watched together
TOPIC_OF = np.arange(N_VIDEOS) % N_GROUPS  # what it is about: crosses every group


def planted_pairs() -> CoEngagement:
    together = (GROUP_OF[:, None] == GROUP_OF[None, :]) & ~np.eye(N_VIDEOS, dtype=bool)
    return CoEngagement(sparse.csr_matrix(together.astype(np.float32) * 5))


def topics() -> Topics:
    return Topics.from_paths([[(f"topic {topic}",)] for topic in TOPIC_OF])


def train(
    config: ExperimentConfig, content: ContentFeatures | None = None
) -> tuple[FittedTowers, list[TrainingProgress]]:
    work = fit(
        planted_pairs(),
        weight=np.ones(N_VIDEOS),
        topics=topics(),
        content=content or ContentFeatures(),
        config=config,
    )
    seen = []
    while True:
        try:
            seen.append(next(work))
        except StopIteration as finished:
            return finished.value, seen


def share_in_list(towers: FittedTowers, label: np.ndarray, k: int) -> float:
    scores = towers.seed_vectors @ towers.candidate_vectors.T
    np.fill_diagonal(scores, -np.inf)
    top = np.argsort(-scores, axis=1)[:, :k]
    return float((label[top] == label[:, None]).mean())


def config(**changes: object) -> ExperimentConfig:
    return ExperimentConfig().with_values(
        **{"towers__dim": 16, "towers__use_text": False, "training__epochs": 40, "training__batch_seeds": 16, **changes}
    )


def test_engagement_alone_finds_the_groups_and_relevance_alone_the_topics() -> None:
    engagement, _ = train(config())
    assert share_in_list(engagement, GROUP_OF, GROUP - 1) > 0.95
    relevance, _ = train(config(objective__engagement_weight=0.0, objective__relevance_weight=1.0))
    assert share_in_list(relevance, TOPIC_OF, GROUP - 1) > 0.95
    both, _ = train(config(objective__relevance_weight=1.0))
    assert 0.3 < share_in_list(both, GROUP_OF, GROUP - 1) < 0.95
    assert share_in_list(both, TOPIC_OF, GROUP - 1) > 2 * share_in_list(engagement, TOPIC_OF, GROUP - 1)


def test_embeddings_are_unit_rows_and_repeat_with_the_seed() -> None:
    first, _ = train(config())
    second, _ = train(config())
    other, _ = train(config(training__seed=1))
    assert np.linalg.norm(first.seed_vectors, axis=1) == pytest.approx(np.ones(N_VIDEOS), abs=1e-5)
    assert np.array_equal(first.candidate_vectors, second.candidate_vectors)
    assert not np.allclose(first.candidate_vectors, other.candidate_vectors)


def test_training_leaves_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    train(config(training__epochs=1))
    assert torch.equal(before, torch.random.get_rng_state())


def test_progress_counts_up_and_the_loss_goes_down() -> None:
    _, seen = train(config(training__epochs=10))
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen[-1].eta_s == pytest.approx(0.0)
    done = [progress for progress in seen if progress.epoch_done]
    assert [progress.epoch for progress in done] == list(range(1, 11))
    best = np.log(GROUP - 1)  # nats: seven equally likely partners, nothing else
    assert best < done[-1].losses["coengagement"] < best + 0.02 < done[0].losses["coengagement"]
    assert set(done[0].losses) == {"coengagement", "relevance", "total"}


def test_closing_stops_at_once() -> None:
    work = fit(
        planted_pairs(),
        weight=np.ones(N_VIDEOS),
        topics=topics(),
        content=ContentFeatures(),
        config=config(training__epochs=9_999),
    )
    next(work)
    work.close()
    with pytest.raises(StopIteration):
        next(work)


def test_off_policy_weights_push_the_heavier_candidates_up() -> None:
    """Two candidates with equal counts: the one that carries three times the weight ends up more probable."""
    pairs = CoEngagement(sparse.csr_matrix(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]], dtype=np.float32)))
    weight = np.array([1.0, 0.5, 1.5])
    work = fit(
        pairs,
        weight=weight,
        topics=Topics.from_paths([[], [], []]),
        content=ContentFeatures(),
        config=config(training__epochs=300, towers__dim=4, objective__temperature=0.3),
    )
    while True:
        try:
            next(work)
        except StopIteration as finished:
            towers: FittedTowers = finished.value
            break
    score = towers.seed_vectors[0] @ towers.candidate_vectors.T
    # the optimum is P = 1/4 and 3/4: logits that are log 3 apart
    assert (score[2] - score[1]) / 0.3 == pytest.approx(np.log(3), abs=0.02)


def test_text_alone_carries_a_video_without_id() -> None:
    generator = np.random.default_rng(0)
    directions = np.linalg.qr(generator.normal(size=(N_GROUPS, N_GROUPS)))[0]
    matrix = np.ascontiguousarray(directions[GROUP_OF], dtype=np.float32)
    content = ContentFeatures((Modality("text", "planted", matrix, np.ones(N_VIDEOS, dtype=bool)),))
    towers, _ = train(config(towers__use_id=False, towers__use_text=True), content)
    assert share_in_list(towers, GROUP_OF, GROUP - 1) > 0.95


def test_settings_that_cannot_work_are_refused_in_words() -> None:
    with pytest.raises(EncoderError, match="no video has usable text"):
        train(config(towers__use_id=False, towers__use_text=True))
    nothing = Topics.from_paths([[] for _ in range(N_VIDEOS)])
    work = fit(
        planted_pairs(),
        weight=np.ones(N_VIDEOS),
        topics=nothing,
        content=ContentFeatures(),
        config=config(objective__relevance_weight=1.0),
    )
    with pytest.raises(ConfigError, match="no topics"):
        next(work)


def test_a_loss_that_blows_up_says_so() -> None:
    with pytest.raises(RelvidError, match="Lower the learning rate"):
        train_with_weight(np.full(N_VIDEOS, np.inf))


def train_with_weight(weight: np.ndarray) -> None:
    work = fit(planted_pairs(), weight=weight, topics=topics(), content=ContentFeatures(), config=config())
    for _ in work:
        pass


@pytest.mark.parametrize("steps", range(1, 9))
def test_few_steps_are_enough_for_the_schedule(steps: int) -> None:
    _, seen = train(config(training__epochs=steps, training__batch_seeds=N_VIDEOS))
    assert [progress.epoch for progress in seen] == list(range(1, steps + 1))
