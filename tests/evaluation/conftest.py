"""A small log whose lists can be worked by hand."""

import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import CoEngagementConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Interactions
from relvid_core.evaluation.baseline_data import BaselineData


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Seven videos a … g; a, b, c are Food, d and e Sport, f both, g nothing."""
    topics = [(("Food",),)] * 3 + [(("Sport",),)] * 2 + [(("Food",), ("Sport",)), ()]
    return Catalog.from_frame(pd.DataFrame({c.VIDEO_ID: list("abcdefg"), c.TOPICS: topics}), source="test")


def log(catalog: Catalog, viewers: list[str]) -> Interactions:
    """One string of video ids a viewer, in the order watched."""
    events = [(f"u{u}", video, t) for u, videos in enumerate(viewers) for t, video in enumerate(videos)]
    frame = pd.DataFrame(events, columns=[c.USER_ID, c.VIDEO_ID, c.TIMESTAMP])
    return Interactions.from_frames(catalog, frame, source="test")


@pytest.fixture(scope="session")
def history(catalog: Catalog) -> Interactions:
    """Popularity a 4, b 3, c 2, d 2, e 1, f 0, g 0."""
    return log(catalog, ["abc", "abd", "ab", "acde"])


@pytest.fixture(scope="session")
def target(catalog: Catalog) -> CoEngagement:
    """Pairs a–b, a–c, b–c, d–f, each both ways; f is new."""
    interactions = log(catalog, ["abc", "df"])
    return CoEngagement.from_events(interactions.engagements, len(catalog), CoEngagementConfig())


@pytest.fixture(scope="session")
def data(history: Interactions) -> BaselineData:
    """The history with the co-engagement of neighbouring watches only (window 1)."""
    config = CoEngagementConfig(window=1)
    return BaselineData(history, CoEngagement.from_events(history.engagements, history.n_videos, config))
