"""Planted videos that every test of training shares: groups that are watched together, crossed by topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.relevance import RelevanceGrades, TopicGrades
from relvid_core.data.topics import Topics, relevance_features
from relvid_core.encoders.features import ContentFeatures
from relvid_core.training.fit import FittedTowers, TrainingProgress, fit

N_GROUPS, GROUP = 6, 8
N_VIDEOS = N_GROUPS * GROUP


@dataclass(frozen=True)
class Planted:
    """48 videos: `group` says who is watched together, `topic` what a video is about; they cross."""

    group_size: int = GROUP
    n_videos: int = N_VIDEOS
    group: np.ndarray = field(default_factory=lambda: np.arange(N_VIDEOS) // GROUP)
    topic: np.ndarray = field(default_factory=lambda: np.arange(N_VIDEOS) % N_GROUPS)

    @property
    def pairs(self) -> CoEngagement:
        together = (self.group[:, None] == self.group[None, :]) & ~np.eye(self.n_videos, dtype=bool)
        return CoEngagement(sparse.csr_matrix(together.astype(np.float32) * 5))

    @property
    def grades(self) -> RelevanceGrades:
        topics = Topics.from_paths([[(f"topic {topic}",)] for topic in self.topic])
        return TopicGrades(relevance_features(topics))

    def config(self, **changes: object) -> ExperimentConfig:
        quick = {
            "towers__dim": 16,
            "towers__use_text": False,
            "training__epochs": 40,
            "training__batch_seeds": 16,
        }
        return ExperimentConfig().with_values(**{**quick, **changes})

    def train(
        self,
        config: ExperimentConfig,
        *,
        content: ContentFeatures | None = None,
        start: Mapping[str, np.ndarray] | None = None,
        grades: RelevanceGrades | None = None,
        pairs: CoEngagement | None = None,
    ) -> tuple[FittedTowers, list[TrainingProgress]]:
        return run_to_end(
            pairs or self.pairs,
            weight=np.ones(self.n_videos),
            grades=grades or self.grades,
            content=content or ContentFeatures(),
            config=config,
            start=start,
        )

    def share(self, seed: np.ndarray, candidate: np.ndarray, label: np.ndarray) -> float:
        """Share of the nearest `group_size − 1` videos that have the label of their seed."""
        scores = seed @ candidate.T
        np.fill_diagonal(scores, -np.inf)
        top = np.argsort(-scores, axis=1)[:, : self.group_size - 1]
        return float((label[top] == label[:, None]).mean())


def run_to_end(pairs: CoEngagement, **arguments: object) -> tuple[FittedTowers, list[TrainingProgress]]:
    work = fit(pairs, **arguments)  # type: ignore[arg-type]  # the names are those of `fit`
    seen = []
    while True:
        try:
            seen.append(next(work))
        except StopIteration as finished:
            return finished.value, seen


@pytest.fixture(scope="session")
def planted() -> Planted:
    return Planted()


@pytest.fixture(scope="session")
def train_pairs() -> Callable[..., tuple[FittedTowers, list[TrainingProgress]]]:
    """Runs `fit` on any pairs to its end."""
    return run_to_end
