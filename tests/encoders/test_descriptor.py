"""The descriptor: it tells what pictures look like, by themselves, and finds topics on the sample world."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from relvid_core.encoders.descriptor import DescriptorEncoder, described
from relvid_core.encoders.frames import frames_of
from relvid_core.simulation.loader import load_sample

Draw = Callable[..., Path]


def flat(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((90, 160, 3), colour, dtype=np.uint8)


def stripes(vertical: bool, colour: tuple[int, int, int] = (128, 128, 128)) -> np.ndarray:
    picture = flat(colour)
    place = np.arange(160)[None, :] if vertical else np.arange(90)[:, None]
    picture[np.broadcast_to(place // 10 % 2 == 0, (90, 160))] = 0
    return picture


def test_the_vector_is_unit_and_of_the_length_it_says() -> None:
    encoder = DescriptorEncoder()
    for picture in (flat((0, 0, 0)), flat((128, 128, 128)), stripes(True)):
        assert described(picture).shape == (encoder.card.dim,)
        assert np.linalg.norm(described(picture)) == pytest.approx(1)
    assert 100 <= encoder.card.dim <= 400


def test_like_colours_layouts_and_edges_are_closer() -> None:
    red, orange, blue = (described(flat(colour)) for colour in ((220, 30, 30), (235, 90, 20), (20, 30, 220)))
    assert red @ orange > red @ blue
    upright, wider, lying = described(stripes(True)), described(stripes(True)[:60]), described(stripes(False))
    assert upright @ wider > upright @ lying
    top, bottom = flat((250, 250, 250)), flat((250, 250, 250))
    top[:45], bottom[45:] = (30, 30, 200), (30, 30, 200)
    shifted = flat((250, 250, 250))
    shifted[:40] = (30, 30, 200)
    assert described(top) @ described(shifted) > described(top) @ described(bottom)


def test_no_block_dominates() -> None:
    """Squared, four blocks of a picture that has everything share the length equally: 144, 72, 128 and 40 numbers."""
    noise = np.random.default_rng(0).integers(0, 256, (90, 160, 3)).astype(np.uint8)
    noise[:, :80] //= 2
    squares = described(noise) ** 2
    parts = [part.sum() for part in np.split(squares, [144, 216, 344])]
    assert parts == pytest.approx([0.25] * 4, abs=1e-6)


def test_size_hardly_matters_and_other_videos_not_at_all(draw: Draw, tmp_path: Path) -> None:
    path = draw("a.png")
    large = tmp_path / "large.png"
    Image.open(path).resize((640, 480), Image.Resampling.NEAREST).save(large)
    encoder = DescriptorEncoder()
    alone = encoder.encode([(path,)])
    together = encoder.encode([(draw("b.png", (0, 200, 0)),), (path,), (large,)])
    assert np.array_equal(alone[0], together[1])
    assert together[1] @ together[2] > 0.95


def test_frames_are_averaged_and_faults_named(draw: Draw, tmp_path: Path) -> None:
    first, second = draw("a.png"), draw("b.png", (0, 0, 200), (0, 90, 90))
    encoder = DescriptorEncoder()
    one, two, both, none = encoder.encode([(first,), (second,), (first, second), (tmp_path / "gone.png",)])
    mean = (one + two) / 2
    assert both == pytest.approx(mean / np.sqrt(mean @ mean), abs=1e-6)
    assert not none.any()
    assert [fault.reason for fault in encoder.faults] == ["no such file"]
    assert encoder.encode([]).shape == (0, encoder.card.dim)
    assert encoder.encode([()]).tolist() == [[0.0] * encoder.card.dim]


def test_photographs(photos: list[Path]) -> None:
    names = [path.stem for path in photos]
    found = DescriptorEncoder().encode([(path,) for path in photos])
    similarity = found @ found.T
    np.fill_diagonal(similarity, -1)
    ground = {names.index(name) for name in ("grass", "gravel", "brick")}  # grey textures from edge to edge
    assert ground & {int(similarity[place].argmax()) for place in ground}


def topic_match(step: int) -> tuple[float, float, float]:
    """Of every `step`-th video of the sample world: share of its 10 nearest with a leaf topic of its own, the same of
    videos drawn blindly, and pictures described in a second of processor time."""
    catalog = load_sample().catalog
    rows = range(0, len(catalog), step)
    everything = frames_of(catalog)
    start = time.process_time()
    found = DescriptorEncoder().encode([everything[row] for row in rows])
    per_second = len(rows) / (time.process_time() - start)
    topics = [set(catalog.topics.paths[row]) for row in rows]
    shares = np.array([[not one.isdisjoint(other) for other in topics] for one in topics])
    similarity = found @ found.T
    np.fill_diagonal(similarity, -2)
    nearest = np.argsort(-similarity, axis=1)[:, :10]
    chance = (shares.sum() - len(rows)) / (len(rows) * (len(rows) - 1))
    return float(np.take_along_axis(shares, nearest, axis=1).mean()), float(chance), per_second


def test_neighbours_share_a_leaf_topic_far_above_chance() -> None:
    match, chance, per_second = topic_match(step=5)
    assert chance < 0.05
    assert match > 0.3  # 480 videos hold 10 of a leaf, so that many lists cannot be filled
    assert per_second > 50  # 200 on a quiet core; a bound that only a change of method breaks


@pytest.mark.slow
def test_neighbours_in_the_whole_sample_world() -> None:
    match, chance, _ = topic_match(step=1)
    assert chance < 0.05
    assert match > 0.55
