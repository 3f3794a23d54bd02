"""What a sample world looks like in numbers: printed when it is made and kept beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relvid_core import columns as c
from relvid_core.config import CoEngagementConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.topics import Topics
from relvid_core.simulation.truth import Truth

HEAD_SHARE = 0.05


@dataclass(frozen=True)
class Statistic:
    """One line of the description."""

    name: str
    value: float
    shown: str


def describe(dataset: Dataset, truth: Truth) -> list[Statistic]:
    """Counts, inequality of popularity, engagement rate, and how topical co-engagement is."""
    log = dataset.interactions
    if log.exposures is None or log.exposures.value is None:
        raise AssertionError("a sample world logs its exposures")
    engaged, shown = log.popularity, log.exposures.counts(log.n_videos)
    head = np.sort(engaged)[::-1][: max(1, round(HEAD_SHARE * log.n_videos))].sum() / engaged.sum()
    matrix = CoEngagement.from_events(log.engagements, log.n_videos, CoEngagementConfig()).matrix
    leaf, leaf_chance = topic_share(matrix.toarray(), dataset.catalog.topics, 0)
    top, top_chance = topic_share(matrix.toarray(), dataset.catalog.topics, 1)
    creators = int(dataset.catalog.frame[c.CREATOR].nunique())
    days = np.ptp(log.exposures.timestamp) / 86_400 if log.exposures.timestamp is not None else 0.0
    quality, popularity = truth.quality, np.log(truth.popularity)
    lines = [
        ("videos", log.n_videos, "{:,.0f}"),
        ("leaf topics", len(dataset.catalog.topics.names()), "{:,.0f}"),
        ("creators", creators, "{:,.0f}"),
        ("viewers", log.n_users, "{:,.0f}"),
        ("days", days, "{:,.1f}"),
        ("exposures", len(log.exposures), "{:,.0f}"),
        ("engagements", len(log.engagements), "{:,.0f}"),
        ("engagement rate", log.exposures.value.mean(), "{:.3f}"),
        ("median exposures a video", np.median(shown), "{:,.0f}"),
        ("videos never engaged with", (engaged == 0).sum(), "{:,.0f}"),
        ("Gini of exposures", gini(shown), "{:.3f}"),
        ("Gini of engagements", gini(engaged), "{:.3f}"),
        ("share of engagements in the top 5 % of videos", head, "{:.3f}"),
        ("R² of log popularity before the log on quality", np.corrcoef(popularity, quality)[0, 1] ** 2, "{:.3f}"),
        ("correlation of log exposures with quality", np.corrcoef(np.log1p(shown), quality)[0, 1], "{:.3f}"),
        ("co-engaged pairs (within 5 steps)", matrix.sum(), "{:,.0f}"),
        ("of these, sharing a leaf topic", leaf, "{:.3f}"),
        ("sharing a leaf topic by chance", leaf_chance, "{:.3f}"),
        ("of these, sharing a top topic", top, "{:.3f}"),
        ("sharing a top topic by chance", top_chance, "{:.3f}"),
    ]
    return [Statistic(name, float(value), pattern.format(value)) for name, value, pattern in lines]


def gini(counts: npt.NDArray[np.int64]) -> float:
    """Gini coefficient over all videos: 0 all equal, near 1 one has all.

    >>> gini(np.array([0, 0, 0, 4]))
    0.75
    """
    ordered = np.sort(counts)
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def topic_share(pairs: npt.NDArray[np.float32], topics: Topics, level: int) -> tuple[float, float]:
    """Share of pair weight between videos that share a topic at `level`, and the same for two random videos."""
    incidence = topics.incidence(level)
    same = (incidence @ incidence.T).toarray() > 0
    np.fill_diagonal(same, False)
    n = len(same)
    return float(pairs[same].sum() / pairs.sum()), float(same.sum() / (n * (n - 1)))
