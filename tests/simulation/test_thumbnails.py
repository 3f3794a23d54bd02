import io

import numpy as np
import pytest
from PIL import Image

from relvid_core.runtime import generator
from relvid_core.simulation.backdrops import BACKDROPS
from relvid_core.simulation.leaf import Leaf
from relvid_core.simulation.palette import PALETTES
from relvid_core.simulation.phrases import FORMATS
from relvid_core.simulation.thumbnails import MOTIFS, draw_thumbnail, encode, thumbnail_bytes
from relvid_core.simulation.vocabulary import LEAVES, TOPS


def test_every_leaf_has_its_own_motif_and_palette() -> None:
    names = {leaf.name for leaf in LEAVES}
    assert set(MOTIFS) == set(PALETTES) == names
    assert len(set(MOTIFS.values())) == 48
    assert len(set(PALETTES.values())) == 48
    assert set(BACKDROPS) == set(TOPS)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_draws(kind: str) -> None:
    leaf, second = LEAVES[3], LEAVES[40]
    plain = draw_thumbnail(leaf, None, kind, rng=generator(1, kind))
    badged = draw_thumbnail(leaf, second, kind, rng=generator(1, kind))
    assert plain.size == badged.size == (320, 180)
    differ = (np.asarray(plain) != np.asarray(badged)).any(axis=2)
    assert 0.01 < differ.mean() < 0.1, "the second topic is a small badge"
    with Image.open(io.BytesIO(encode(plain))) as again:
        assert np.abs(np.asarray(again, dtype=float) - np.asarray(plain)).mean() < 4


def test_a_picture_depends_on_seed_and_id_only() -> None:
    def one(seed: int, video: str) -> bytes:
        return thumbnail_bytes(seed, video, LEAVES[0], None, "guide")

    assert one(1, "rv1") == one(1, "rv1")
    assert len({one(1, "rv1"), one(2, "rv1"), one(1, "rv2")}) == 3


def test_leaves_look_different() -> None:
    """Nearest leaf by mean colour grid: far above chance, so pictures carry their topic."""

    def grid(picture: Image.Image) -> np.ndarray:
        return np.asarray(picture.resize((16, 9)), dtype=float).ravel()

    leaves, kinds = LEAVES[::4], ("guide", "review")
    known = np.array([np.mean([grid(draw(leaf, k, 1)) for k in kinds], axis=0) for leaf in leaves])
    hits = [
        int(np.abs(known - grid(draw(leaf, k, 2))).sum(axis=1).argmin()) == number
        for number, leaf in enumerate(leaves)
        for k in kinds
    ]
    assert np.mean(hits) > 0.5  # chance is 1 in 12


def draw(leaf: Leaf, kind: str, seed: int) -> Image.Image:
    return draw_thumbnail(leaf, None, kind, rng=generator(seed, leaf.name))
