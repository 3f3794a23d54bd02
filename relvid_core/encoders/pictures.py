"""Reading a picture that someone else made: any file gives a plain RGB array or the reason why not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from relvid_core.data.files import shortened

RGB = npt.NDArray[np.uint8]

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_WHITE: Final = (255, 255, 255)
_SIXTEEN_BIT: Final = ("I", "I;16", "I;16L", "I;16B", "I;16N")
# What Pillow's decoders raise for damaged files, besides UnidentifiedImageError (an OSError).
_DAMAGED: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, MemoryError),
    *(AttributeError, RuntimeError, struct.error, zlib.error),
)


@dataclass(frozen=True)
class PictureLimits:
    """How much one picture may bring: enough for a photograph as a camera makes it, not for a decompression bomb."""

    max_bytes: int = 32 * 2**20
    max_pixels: int = 40_000_000  # of one frame: 160 MB while it is decoded
    max_ratio: int = 64  # longer over shorter side; more is a strip, and resizing it alone could take minutes


@dataclass(frozen=True)
class PictureFault:
    """A picture that could not be used, and why. The video goes on with its other pictures, or without any."""

    path: Path
    reason: str


def read_picture(path: Path, limits: PictureLimits | None = None) -> RGB | PictureFault:
    """`[height, width, 3]` uint8, upright, on white where it is transparent; of an animation the first frame.

    Everything that a file can do wrong is a PictureFault: missing, not a picture of FORMATS (whatever its name says),
    cut short, damaged, too many bytes or pixels. Colour profiles are left aside: RGB is taken as sRGB.
    """
    limits = limits or PictureLimits()
    try:
        size = path.stat().st_size
        if not path.is_file():
            return PictureFault(path, "not a file")
        if size == 0:
            return PictureFault(path, "the file is empty")
        if size > limits.max_bytes:
            return PictureFault(path, f"{size:,} bytes, more than the {limits.max_bytes:,} allowed")
        with Image.open(path, formats=FORMATS) as picture:
            wide, high = picture.size
            if wide * high > limits.max_pixels:
                return PictureFault(path, f"{wide:,} × {high:,} pixels, more than the {limits.max_pixels:,} allowed")
            if max(wide, high) > limits.max_ratio * max(1, min(wide, high)):
                return PictureFault(path, f"{wide:,} × {high:,} pixels is a strip, not a picture")
            picture.load()
            return np.asarray(_on_white(ImageOps.exif_transpose(picture)), dtype=np.uint8)
    except FileNotFoundError:
        return PictureFault(path, "no such file")
    except UnidentifiedImageError:
        return PictureFault(path, f"not a picture of a known kind ({', '.join(FORMATS)})")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # a warning where warnings are errors
        return PictureFault(path, f"more than the {limits.max_pixels:,} pixels allowed")
    except _DAMAGED as error:
        return PictureFault(path, f"damaged or not readable ({shortened(str(error) or type(error).__name__)})")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in _SIXTEEN_BIT:  # Pillow would cut off at 255 what goes up to 65,535
        levels = np.asarray(picture, dtype=np.int64).clip(0, 65_535)
        return Image.fromarray((levels >> 8).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        canvas = Image.new("RGBA", layer.size, (*_WHITE, 255))
        canvas.alpha_composite(layer)
        return canvas.convert("RGB")
    return picture.convert("RGB")


def summary(faults: Iterable[PictureFault], shown: int = 3) -> str:
    """One sentence for people: how many pictures could not be used, and the first few by name; "" if none.

    >>> summary([PictureFault(Path("a.png"), "the file is empty")])
    "1 picture could not be used: 'a.png' (the file is empty)."
    """
    every = list(dict.fromkeys(faults))
    if not every:
        return ""
    named = "; ".join(f"{shortened(fault.path.name)} ({fault.reason})" for fault in every[:shown])
    rest = f"; and {len(every) - shown:,} more" if len(every) > shown else ""
    return f"{len(every):,} picture{'s' * (len(every) > 1)} could not be used: {named}{rest}."
