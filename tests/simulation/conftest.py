"""Small worlds, and the shipped one."""

from pathlib import Path

import pytest

from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.world import World, make_world

SMALL = {"n_videos": 96, "n_viewers": 400, "n_creators": 60}


@pytest.fixture(scope="session")
def world() -> World:
    """96 videos, 400 viewers, popularity mostly luck."""
    return make_world(WorldConfig(**SMALL))


@pytest.fixture(scope="session")
def fair_world() -> World:
    """The same, with popularity mostly quality."""
    return make_world(WorldConfig(**SMALL, quality_in_popularity=0.9))


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    """The shipped sample world."""
    return Path(__file__).resolve().parents[2] / "sample_data"
