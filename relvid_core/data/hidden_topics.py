"""Topics that training is not shown, so that they can judge what it did: of some videos, or below the top level."""

from __future__ import annotations

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.data.interactions import Mask
from relvid_core.data.topics import Topics
from relvid_core.runtime import generator


def hidden_videos(topics: Topics, share: float) -> Mask:
    """A fixed random `share` of the videos that have a topic, `[n_videos]`: the same for every run on these topics."""
    labelled = np.flatnonzero([bool(video) for video in topics.paths])
    hidden = np.zeros(len(topics.paths), dtype=np.bool_)
    hidden[generator(0, "hidden topics").permutation(labelled)[: round(share * len(labelled))]] = True
    return hidden


def shown_topics(topics: Topics, config: ExperimentConfig) -> Topics:
    """What the relevance loss of this config may see: all topics, unless it hides some videos' or all finer levels."""
    shown = topics.cut(config.objective.topic_level) if config.objective.topic_level else topics
    if not config.objective.hide_topics:
        return shown
    return shown.without(hidden_videos(topics, config.evaluation.hidden_share))
