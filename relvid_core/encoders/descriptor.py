"""What a picture looks like, without any weights: colours, where they are, and edges and textures."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from relvid_core.encoders.contract import EncoderCard, Frames, Matrix
from relvid_core.encoders.frames import mean_pooled, unit
from relvid_core.encoders.pictures import RGB, PictureFault, PictureLimits, read_picture

_WIDE, _HIGH = 128, 96  # every picture is brought to this size, its proportions given up
_LIGHTNESSES, _TINTS = 4, 6  # bins of L*, and of each of a* and b* over −64 … 64; stronger tints fall into the last bin
_ROWS, _COLUMNS = 4, 6  # of the layout grid
_CELL = (24, 32)  # pixels of one cell of edges, height and width: a grid of 4 × 4
_DIRECTIONS = 8
_PATTERNS = 10  # uniform binary patterns of 8 neighbours, the rest in one
DIM: Final = _LIGHTNESSES * _TINTS**2 + _ROWS * _COLUMNS * 3 + 16 * _DIRECTIONS + 4 * _PATTERNS

Block = npt.NDArray[np.float64]


class DescriptorEncoder:
    """Pictures as four blocks of equal weight, for where no weights of a network are at hand.

    Colour: a histogram in CIE Lab, square roots of shares (then the dot product is the Bhattacharyya coefficient).
    Layout: mean Lab colour on a 4 × 6 grid. Edges: histograms of oriented gradients (Dalal & Triggs 2005) on 4 × 4
    cells. Texture: local binary patterns (Ojala et al. 2002) of the four quarters. Edges and textures are taken
    without their mean over bins, which is nearly the same for all pictures. Each block has length 1 (0 where the
    picture is flat), so none dominates, and a vector depends on its own pictures alone. Several frames are averaged.
    """

    def __init__(self, *, batch_size: int = 64, limits: PictureLimits | None = None) -> None:
        self.batch_size = batch_size
        self.limits = limits
        self.faults: list[PictureFault] = []  # pictures that could not be used, of all batches so far

    @property
    def card(self) -> EncoderCard:
        """Who this is."""
        libraries = f"scikit-image {version('scikit-image')}, Pillow {version('pillow')}"
        return EncoderCard("descriptor", "Colour, layout, edges and texture", f"1 ({libraries})", "visual", DIM)

    def encode(self, batch: Sequence[Frames]) -> Matrix:
        """`[len(batch), DIM]`: unit rows; zero rows for videos of which no picture could be used."""
        vectors: list[Block] = []
        owner: list[int] = []
        for video, frames in enumerate(batch):
            for path in frames:
                picture = read_picture(path, self.limits)
                if isinstance(picture, PictureFault):
                    self.faults.append(picture)
                else:
                    vectors.append(described(picture))
                    owner.append(video)
        stacked = np.array(vectors, dtype=np.float32).reshape(len(vectors), DIM)
        return mean_pooled(stacked, np.array(owner, dtype=np.int64), len(batch))


def described(picture: RGB) -> Block:
    """The descriptor of one picture `[height, width, 3]`: `[DIM]`, unit length."""
    from skimage.color import rgb2lab

    small = Image.fromarray(picture).resize((_WIDE, _HIGH), Image.Resampling.BOX)
    lab: Block = rgb2lab(np.asarray(small))
    grey = np.asarray(small.convert("L"))
    blocks = [_colour(lab), _layout(lab), _edges(grey), _texture(grey)]
    joined: Block = unit(np.concatenate([unit(block[None])[0] for block in blocks])[None])[0].astype(np.float64)
    return joined


def _colour(lab: Block) -> Block:
    lightness = _binned(lab[..., 0], 0, 100, _LIGHTNESSES)
    green_red, blue_yellow = (_binned(lab[..., channel], -64, 64, _TINTS) for channel in (1, 2))
    bins = (lightness * _TINTS + green_red) * _TINTS + blue_yellow
    return np.sqrt(np.bincount(bins.ravel(), minlength=_LIGHTNESSES * _TINTS**2) / bins.size)


def _binned(values: Block, low: float, high: float, n_bins: int) -> npt.NDArray[np.int64]:
    return np.clip((values - low) / (high - low) * n_bins, 0, n_bins - 1).astype(np.int64)


def _layout(lab: Block) -> Block:
    """Mean colour of the cells, mid grey as 0; the axes brought to comparable ranges."""
    tiny = np.stack(
        [
            np.asarray(
                Image.fromarray(lab[..., channel].astype(np.float32)).resize((_COLUMNS, _ROWS), Image.Resampling.BOX)
            )
            for channel in range(3)
        ],
        axis=-1,
    )
    cells: Block = (tiny.astype(np.float64) - (50, 0, 0)) / (100, 128, 128)
    return cells.ravel()


def _edges(grey: npt.NDArray[np.uint8]) -> Block:
    from skimage.feature import hog

    cells: Block = hog(grey, orientations=_DIRECTIONS, pixels_per_cell=_CELL, cells_per_block=(4, 4))
    return np.asarray(cells - cells.mean())


def _texture(grey: npt.NDArray[np.uint8]) -> Block:
    from skimage.feature import local_binary_pattern

    patterns = local_binary_pattern(grey, P=8, R=1, method="uniform").astype(np.int64)  # type: ignore[no-untyped-call]
    high, wide = _HIGH // 2, _WIDE // 2
    quarters = (patterns[row : row + high, column : column + wide] for row in (0, high) for column in (0, wide))
    counts = np.concatenate([np.bincount(quarter.ravel(), minlength=_PATTERNS) for quarter in quarters])
    shares: Block = np.sqrt(counts / (high * wide))
    return np.asarray(shares - shares.mean())
