"""What a config calls relevant: whose grades, by which topics, and of which videos nothing is known."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from relvid_core.config import ExperimentConfig, TowersConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.guessed_topics import guessed_features
from relvid_core.data.hidden_topics import hidden_videos, shown_topics
from relvid_core.data.interactions import Floats, Mask
from relvid_core.data.relevance import RelevanceGrades, relevance_grades
from relvid_core.data.topics import relevance_features
from relvid_core.encoders.features import ContentFeatures
from relvid_core.experiments.circularity import learns_topics
from relvid_core.training.spectral import spectral_start
from relvid_core.training.towers import inputs_in_use


def grades_for(
    dataset: Dataset, pairs: CoEngagement, content: ContentFeatures, config: ExperimentConfig
) -> RelevanceGrades | None:
    """What the config calls relevant; None if that loss is off. `pairs` and `content` are what training may see.

    Raises ConfigError where the dataset cannot say.
    """
    if config.objective.relevance_weight == 0:
        return None
    features, unknown = _topic_features(dataset, pairs, content, config) if learns_topics(config) else (None, None)
    return relevance_grades(
        config.objective.relevance_source,
        topic_features=features,
        ratings=dataset.ratings,
        teacher=dataset.teacher,
        unknown=unknown,
    )


def _topic_features(
    dataset: Dataset, pairs: CoEngagement, content: ContentFeatures, config: ExperimentConfig
) -> tuple[sparse.csr_matrix, Mask | None]:
    """What may be known of topics, as `topics.relevance_features`, and of which videos nothing is; None: of none."""
    topics = dataset.catalog.topics
    shown = shown_topics(topics, config)
    unknown = hidden_videos(topics, config.evaluation.hidden_share) if config.objective.hide_topics else None
    if guesses_topics(config):
        features, guessed = guessed_features(shown, evidence(pairs, content, config.towers))
        unknown = ~guessed & (np.diff(features.indptr) == 0)
    else:
        features = relevance_features(shown)
    return features, unknown if unknown is not None and unknown.any() else None


def guesses_topics(config: ExperimentConfig) -> bool:
    """Whether the relevance loss learns from topics, guessed ones among them."""
    return learns_topics(config) and config.objective.guess_topics


def evidence(pairs: CoEngagement, content: ContentFeatures, config: TowersConfig) -> Floats:
    """What speaks for a video's topic, `[n_videos, dim]`: who is watched with it, and the content that towers read."""
    company = spectral_start(pairs, config.dim, seed=0)
    return np.hstack([*company, *(modality.matrix for modality in inputs_in_use(config, content))]).astype(np.float32)
