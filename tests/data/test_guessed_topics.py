"""Guessed topics: planted ones are found, known ones stay as they are, and likelihoods become expected grades."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from relvid_core.data.guessed_topics import LIKELIEST, guessed_features
from relvid_core.data.relevance import TopicGrades
from relvid_core.data.topics import Topics, relevance_features

N, PER_TOPIC, DIM = 400, 20, 32
TRUE = np.arange(N) // PER_TOPIC  # 20 fine topics in 4 coarse ones


def planted(noise: float, seed: int = 0) -> tuple[Topics, np.ndarray, np.ndarray]:
    """Topics of which 30 % are missing, evidence that follows them, and which are missing."""
    rng = np.random.default_rng(seed)
    evidence = rng.normal(size=(TRUE.max() + 1, DIM))[TRUE] + noise * rng.normal(size=(N, DIM))
    evidence /= np.linalg.norm(evidence, axis=1, keepdims=True)
    missing = rng.random(N) < 0.3
    paths = [() if gone else ((f"coarse {t % 4}", f"fine {t}"),) for t, gone in zip(TRUE, missing, strict=True)]
    return Topics.from_paths(paths), evidence.astype(np.float32), missing


def grades_of(features: object) -> np.ndarray:
    return TopicGrades(features).rows(np.arange(N, dtype=np.int32))  # type: ignore[arg-type]


def test_planted_topics_are_guessed_and_known_ones_stay() -> None:
    topics, evidence, missing = planted(noise=0.5)
    features, guessed = guessed_features(topics, evidence)
    assert guessed.tolist() == missing.tolist()
    assert abs(features - relevance_features(topics))[~missing].sum() == 0.0
    grades = grades_of(features)
    same = (TRUE[:, None] == TRUE) & ~np.eye(N, dtype=bool)
    asked = np.ix_(missing, missing)
    assert grades[asked][same[asked]].mean() > 5 * grades[asked][~same[asked]].mean()
    assert grades.max() <= 1.0 + 1e-6
    assert (grades[~missing].argmax(axis=1) // PER_TOPIC == TRUE[~missing]).all()


def test_without_evidence_that_tells_topics_apart_a_guess_is_next_to_what_is_common() -> None:
    topics, evidence, missing = planted(noise=0.5)
    shuffled = evidence[np.random.default_rng(1).permutation(N)]
    grades = grades_of(guessed_features(topics, shuffled)[0])
    same = TRUE[:, None] == TRUE
    np.fill_diagonal(same, False)
    between = np.ix_(missing, ~missing)
    assert grades[between][same[between]].mean() == pytest.approx(grades[between].mean(), rel=0.5)


def test_expected_grades_by_hand() -> None:
    rng = np.random.default_rng(3)
    topics = Topics.from_paths([[("a",)]] * 10 + [[("b",), ("c",)]] * 10 + [[]])
    evidence = rng.normal(size=(21, 4)).astype(np.float32)
    features, _ = guessed_features(topics, evidence)
    own = np.repeat([0, 1], 10)
    model = LogisticRegression(C=1.0, max_iter=200, tol=1e-3).fit(evidence[:20], own)
    of_a, of_b = model.predict_proba(evidence[20:])[0]
    grades = TopicGrades(features).rows(np.array([20], dtype=np.int32))[0]
    assert grades[:20] == pytest.approx(np.repeat([of_a, of_b], 10), abs=1e-6)  # a set that equals itself has grade 1
    assert grades[20] == 0.0


def test_nothing_is_guessed_without_evidence_or_with_one_topic_to_choose_from() -> None:
    topics, evidence, missing = planted(noise=0.5)
    evidence[np.flatnonzero(missing)[:7]] = 0.0
    features, guessed = guessed_features(topics, evidence)
    assert guessed.sum() == missing.sum() - 7
    assert np.diff(features.indptr)[np.flatnonzero(missing)[:7]].tolist() == [0] * 7
    one = Topics.from_paths([[("only",)]] * 5 + [[]] * 5)
    assert not guessed_features(one, np.ones((10, 3), dtype=np.float32))[1].any()
    nobody = Topics.from_paths([[]] * 10)
    assert guessed_features(nobody, np.ones((10, 3), dtype=np.float32))[0].shape == (10, 0)


def test_a_guess_holds_the_likeliest_topics_only() -> None:
    topics, evidence, missing = planted(noise=3.0)
    features, _ = guessed_features(topics, evidence)
    assert np.diff(features.indptr)[missing].max() <= 4 + LIKELIEST  # their four coarse topics, and the fine ones
    assert np.diff(features.indptr)[missing].min() >= LIKELIEST
