"""A planted dataset that trains in a blink: six topics, viewers who mostly stay within one, some popular videos."""

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Interactions

N_TOPICS, PER_TOPIC, N_USERS, N_EVENTS = 6, 12, 90, 30


def make_dataset(seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    n_videos = N_TOPICS * PER_TOPIC
    topic = np.arange(n_videos) % N_TOPICS
    frame = pd.DataFrame(
        {
            c.VIDEO_ID: [f"v{row:03d}" for row in range(n_videos)],
            c.TITLE: [f"clip {row} about subject{topic[row]}" for row in range(n_videos)],
            c.TOPICS: [((f"topic {topic[row]}",),) for row in range(n_videos)],
        }
    )
    catalog = Catalog.from_frame(frame, source="planted")
    events = []
    for user in range(N_USERS):
        own = user % N_TOPICS
        for step in range(N_EVENTS):
            in_topic = rng.random() < 0.6
            row = rng.choice(np.flatnonzero(topic == own)) if in_topic else int(n_videos * rng.random() ** 3)
            events.append((f"u{user}", f"v{row:03d}", 1_000 * step + user))
    log = pd.DataFrame(events, columns=[c.USER_ID, c.VIDEO_ID, c.TIMESTAMP])
    return Dataset("planted", "Planted", catalog, Interactions.from_frames(catalog, log, source="planted"))


@pytest.fixture(scope="session")
def planted() -> Dataset:
    return make_dataset()


@pytest.fixture(scope="session")
def quick() -> ExperimentConfig:
    """Settings that train the planted dataset in some tenths of a second."""
    return ExperimentConfig().with_values(
        training__epochs=4,
        training__batch_seeds=24,
        towers__dim=8,
        towers__text_dim=8,
        evaluation__k=5,
        evaluation__bootstrap_replicates=50,
    )
