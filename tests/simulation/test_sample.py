"""What is shipped in sample_data."""

import io
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from relvid_core import columns as c
from relvid_core.data.dataset import Dataset
from relvid_core.simulation.behaviour import make_truth
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.loader import load_sample, load_truth
from relvid_core.simulation.phrases import FORMATS
from relvid_core.simulation.statistics import describe, gini
from relvid_core.simulation.thumbnails import thumbnail_bytes
from relvid_core.simulation.truth import Truth
from relvid_core.simulation.videos import make_videos
from relvid_core.simulation.vocabulary import LEAVES


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return load_sample()


@pytest.fixture(scope="module")
def truth() -> Truth:
    return load_truth()


def test_size_on_disk(sample_folder: Path) -> None:
    files = [path for path in sample_folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25e6
    assert sum(path.stat().st_size for path in files if path.suffix == ".webp") < 15e6


def test_shipped_world_is_what_the_generator_makes(sample: Dataset, truth: Truth, sample_folder: Path) -> None:
    """Someone changed the generator? Make the sample again with `python -m relvid_core.simulation`."""
    config = WorldConfig()
    assert (sample_folder / "world.toml").read_text(encoding="utf-8") == config.to_toml()
    videos = make_videos(config)
    assert list(videos.frame[c.TITLE]) == sample.catalog.titles
    made = make_truth(config, videos)
    for name in ("viewer_factors", "video_factors", "fit_factors", "video_bias", "popularity"):
        np.testing.assert_allclose(getattr(truth, name), getattr(made, name), rtol=1e-4, atol=1e-5)
    for row in (0, 777, 2000):
        second = LEAVES[videos.secondary[row]] if videos.secondary[row] >= 0 else None
        leaf, kind = LEAVES[videos.primary[row]], FORMATS[videos.format[row]]
        drawn = thumbnail_bytes(config.seed, sample.catalog.video_id(row), leaf, second, kind)
        path = sample.catalog.thumbnail(row)
        assert path is not None
        with Image.open(path) as shipped, Image.open(io.BytesIO(drawn)) as again:
            assert np.abs(np.asarray(shipped, dtype=float) - np.asarray(again)).mean() < 1.0


def test_catalogue(sample: Dataset) -> None:
    frame = sample.catalog.frame
    assert sample.key == "sample"
    assert len(frame) >= 2000
    titles = [title.casefold() for title in sample.catalog.titles]
    assert len(set(titles)) == len(titles)
    assert not any("{" in text or "}" in text for text in sample.catalog.text)
    assert all(1 <= description.count(". ") + 1 <= 4 for description in frame[c.DESCRIPTION])
    assert frame[c.CREATOR].nunique() >= 200
    assert frame[c.DURATION_S].between(15, 6 * 3600).all()
    assert frame[c.PUBLISHED_AT].max() - frame[c.PUBLISHED_AT].min() > pd.Timedelta(days=700)
    assert len(sample.catalog.topics.names(1)) == 8
    assert len(sample.catalog.topics.names()) == 48
    assert 0.15 < np.mean([len(paths) == 2 for paths in sample.catalog.topics.paths]) < 0.35


def test_every_thumbnail_is_a_small_webp_under_the_root(sample: Dataset, sample_folder: Path) -> None:
    root = (sample_folder / "thumbnails").resolve()
    assert sample.catalog.thumbnail_root is not None
    pictures = [sample.catalog.thumbnail(row) for row in range(len(sample.catalog))]
    assert len(set(pictures)) == len(pictures)
    for path in pictures:
        assert path is not None
        assert path.resolve().is_relative_to(root)
        with Image.open(path) as picture:
            assert (picture.format, picture.size, picture.mode) == ("WEBP", (320, 180), "RGB")
    for path in pictures[::40]:
        assert path is not None
        with Image.open(path) as picture:
            assert np.asarray(picture).std() > 8, f"{path.name} is blank"
    assert len({path.read_bytes() for path in pictures if path is not None}) == len(pictures)


def test_log(sample: Dataset, truth: Truth) -> None:
    log = sample.interactions
    assert log.has_time
    assert log.exposures is not None
    assert log.exposures.propensity is not None
    assert log.n_users >= 5000
    assert len(log.exposures) >= 300_000
    assert (log.exposures.value > 0).sum() == len(log.engagements)
    assert (truth.n_viewers, truth.n_videos) == (log.n_users, log.n_videos)
    days = np.ptp(log.exposures.timestamp) / 86_400
    assert 85 < days <= 90


def test_loading_is_quick() -> None:
    best = min(_seconds() for _ in range(3))
    assert best < 2.0  # under 1 s on an idle core; the margin is for a busy one


def _seconds() -> float:
    start = time.perf_counter()
    load_sample()
    return time.perf_counter() - start


def test_tension_between_engagement_and_relevance(sample: Dataset, truth: Truth) -> None:
    """Co-engagement is far more topical than chance and far from pure; its popularity is only partly quality."""
    value = {line.name: line.value for line in describe(sample, truth)}
    assert value["sharing a leaf topic by chance"] < 0.05
    assert 0.35 < value["of these, sharing a leaf topic"] < 0.55
    assert value["R² of log popularity before the log on quality"] == pytest.approx(0.3, abs=1e-3)
    assert 0.15 < value["engagement rate"] < 0.4


def test_the_best_lists_are_neither_the_topical_nor_the_popular_ones(sample: Dataset, truth: Truth) -> None:
    seeds = np.arange(0, truth.n_videos, 60)
    true = truth.related_engagement(seeds)
    true[np.arange(len(seeds)), seeds] = 0
    incidence = sample.catalog.topics.incidence()
    same = (incidence[seeds] @ incidence.T).toarray() > 0
    same[np.arange(len(seeds)), seeds] = False
    best = np.argsort(-true, axis=1)[:, :20]
    rows = np.arange(len(seeds))[:, None]
    popular = np.argsort(-sample.interactions.popularity)[:20]
    topical = np.mean([true[i, same[i]].mean() for i in range(len(seeds))])
    assert true[rows, best].mean() > 1.2 * max(topical, true[:, popular].mean())
    assert 0.5 < same[rows, best].mean() < 0.9


def test_gini_by_hand() -> None:
    # mean absolute difference of (1, 3): 2·|1−3| / 4 = 1; over twice the mean, 4: 1/4
    assert gini(np.array([3, 1])) == pytest.approx(1 / 4)
