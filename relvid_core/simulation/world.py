"""A whole sample world: catalogue, true parameters and log, drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from relvid_core import columns as c
from relvid_core.simulation.behaviour import make_log, make_truth
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.truth import Truth
from relvid_core.simulation.videos import Videos, make_videos


@dataclass(frozen=True)
class World:
    """Everything about a made-up world except its pictures, which `writing.write_world` draws."""

    config: WorldConfig
    videos: Videos
    truth: Truth
    log: pd.DataFrame  # one row an exposure, see `behaviour.make_log`


def make_world(config: WorldConfig | None = None) -> World:
    """Draw a world. One call makes the opposite case: `make_world(WorldConfig(quality_in_popularity=0.9))`."""
    config = config or WorldConfig()
    videos = make_videos(config)
    truth = make_truth(config, videos)
    return World(config, videos, truth, make_log(config, truth, list(videos.frame[c.VIDEO_ID])))
