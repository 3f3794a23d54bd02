"""Thumbnails: palette and motif tell the leaf, the backdrop the top topic, the layout the format."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from relvid_core.runtime import generator
from relvid_core.simulation import motifs_home, motifs_mind, motifs_world
from relvid_core.simulation.backdrops import BACKDROPS, HEIGHT, OVERSAMPLING, WIDTH, blank
from relvid_core.simulation.leaf import Leaf
from relvid_core.simulation.motifs_home import Motif
from relvid_core.simulation.palette import PALETTES, Palette
from relvid_core.simulation.sketch import INK, PAPER, Sketch, mix, rgb, shift

MOTIFS: Final[dict[str, Motif]] = {**motifs_home.MOTIFS, **motifs_mind.MOTIFS, **motifs_world.MOTIFS}
WEBP_QUALITY: Final = 72  # clean flat colours in about 4 kB; 60 saves little and shows ringing at thin lines
HEADROOM: Final = 105.0  # half the side of a motif's square, a little more than 100 so that line ends are not cut
_HAIR = (rgb("1d1512"), rgb("8d8d93"), rgb("3b2417"), rgb("a5682a"), rgb("e0bd7c"))
_SKIN = (rgb("f3cbaa"), rgb("dca680"), rgb("b9825a"), rgb("8f5f40"), rgb("74492f"))

Rng = np.random.Generator


def draw_thumbnail(leaf: Leaf, second: Leaf | None, kind: str, *, rng: Rng) -> Image.Image:
    """One 320 × 180 RGB picture. `kind` is the format; a second topic appears as a small badge."""
    palette = PALETTES[leaf.name].varied(rng)
    sheet = blank(palette)
    BACKDROPS[leaf.top](sheet, palette, rng)
    badge_side = _LAYOUTS[kind](sheet, leaf, palette, rng)
    if second is not None:
        _badge(sheet, second, badge_side, rng)
    return sheet.image.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def encode(picture: Image.Image) -> bytes:
    """The picture as WebP."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=WEBP_QUALITY, method=5)
    return buffer.getvalue()


def thumbnail_bytes(seed: int, video_id: str, leaf: Leaf, second: Leaf | None, kind: str) -> bytes:
    """The WebP file of one video; it depends on nothing but these arguments."""
    return encode(draw_thumbnail(leaf, second, kind, rng=generator(seed, f"thumbnail {video_id}")))


def _place(
    sheet: Sketch, leaf: Leaf, palette: Palette, rng: Rng, *, x: float, y: float, size: float, turn: float
) -> None:
    """Put a leaf's motif on the sheet with a soft shadow; `size` is half its side in the sheet's units."""
    motif = Sketch(OVERSAMPLING, 2 * HEADROOM, 2 * HEADROOM)
    MOTIFS[leaf.name](motif, palette, rng)
    side = round(2 * HEADROOM / 100 * size * OVERSAMPLING)
    figure = motif.image.resize((side, side), Image.Resampling.LANCZOS)
    figure = figure.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    left = round((x + sheet.origin[0]) * OVERSAMPLING - figure.width / 2)
    top = round((y + sheet.origin[1]) * OVERSAMPLING - figure.height / 2)
    mask = Image.new("L", sheet.image.size, 0)
    mask.paste(figure.getchannel("A").point(lambda alpha: alpha * 0.42), (left + 5, top + 11))
    small = (mask.width // 4, mask.height // 4)  # a blur needs no resolution
    soft = mask.resize(small).filter(ImageFilter.GaussianBlur(2.6)).resize(mask.size, Image.Resampling.BILINEAR)
    sheet.image.paste(shift(palette.bottom, light=-0.3), (0, 0), soft)
    sheet.image.paste(figure, (left, top), figure)


def _side(rng: Rng) -> float:
    return float(rng.choice([-1.0, 1.0]))


def _guide(sheet: Sketch, leaf: Leaf, p: Palette, rng: Rng) -> float:
    """The thing, and a checklist beside it."""
    side = _side(rng)
    x, y = -side * 78, rng.uniform(-8, 4)
    wide, tall = 50.0, 52.0
    sheet.rect(x - wide + 3, y - tall + 5, x + wide + 3, y + tall + 5, mix(p.bottom, INK, 0.35), radius=12)
    sheet.rect(x - wide, y - tall, x + wide, y + tall, PAPER, radius=12)
    done = int(rng.integers(1, 4))
    for row in range(3):
        cy = y - 30 + 30 * row
        sheet.circle(x - 31, cy, 10, p.accent if row < done else mix(PAPER, INK, 0.2))
        if row < done:
            sheet.line([(x - 36, cy), (x - 32, cy + 4), (x - 26, cy - 4)], PAPER, 3)
        end = x - 12 + rng.uniform(28, 50)
        sheet.rect(x - 13, cy - 4, end, cy + 4, mix(PAPER, INK, 0.72 if row < done else 0.3), radius=4)
    _place(sheet, leaf, p, rng, x=side * 62, y=rng.uniform(-2, 6), size=rng.uniform(70, 82), turn=rng.uniform(-8, 8))
    return -side


def _story(sheet: Sketch, leaf: Leaf, p: Palette, rng: Rng) -> float:
    """One large figure in a halo between cinema bars."""
    side = _side(rng)
    x = side * rng.uniform(0, 62)
    for r, share in ((98, 0.12), (80, 0.24), (62, 0.4)):
        sheet.circle(x, 0, r, mix(p.middle, mix(p.top, PAPER, 0.7), share))
    _place(sheet, leaf, p, rng, x=x, y=rng.uniform(-3, 3), size=rng.uniform(64, 76), turn=rng.uniform(-5, 5))
    for top, bottom in ((-90, -76), (76, 90)):
        sheet.rect(-161, top - 1, 161, bottom + 1, rgb("0d0f16"))
    return -side


def _review(sheet: Sketch, leaf: Leaf, p: Palette, rng: Rng) -> float:
    """Two of them, side by side, on two grounds."""
    lean = _side(rng) * rng.uniform(8, 26)
    other = replace(
        p, main=shift(p.main, hue=rng.uniform(0.25, 0.6)), accent=shift(p.accent, hue=rng.uniform(0.2, 0.6))
    )
    ground = shift(mix(p.bottom, p.accent, 0.3), hue=0.08, light=-0.08)
    sheet.poly([(lean, -95), (165, -95), (165, 95), (-lean, 95)], ground)
    for x, colours in ((-80, p), (80, other)):
        turn = rng.uniform(-9, 9)
        _place(sheet, leaf, colours, rng, x=x, y=rng.uniform(-4, 6), size=rng.uniform(58, 68), turn=turn)
    sheet.line([(lean, -95), (-lean, 95)], PAPER, 5)
    return _side(rng)


def _vlog(sheet: Sketch, leaf: Leaf, p: Palette, rng: Rng) -> float:
    """The thing and, in front, the one who made the video."""
    side = _side(rng)
    _place(sheet, leaf, p, rng, x=side * 58, y=rng.uniform(-10, 2), size=rng.uniform(68, 80), turn=rng.uniform(-8, 8))
    x = -side * rng.uniform(72, 92)
    tone = int(rng.integers(len(_SKIN)))
    skin, hair = _SKIN[tone], _HAIR[int(rng.integers(len(_HAIR) if tone < 2 else 2))]  # hair must stand out from skin
    shirt = (p.accent, p.main, rgb("f1faee"), rgb("457b9d"), rgb("e76f51"))[int(rng.integers(5))]
    long_hair = rng.random() < 0.5
    if long_hair:
        sheet.rect(x - 35, -28, x + 35, 52, hair, radius=28)
    sheet.rect(x - 54, 46, x + 54, 140, shirt, radius=34)
    sheet.rect(x - 13, 30, x + 13, 58, shift(skin, light=-0.06), radius=10)
    sheet.pie(x, 50, 17, 13, 0, 180, shift(skin, light=-0.06))
    sheet.rect(x - 28, -30, x + 28, 42, skin, radius=27)
    sheet.pie(x, -8, 32, 34, 178, 362, hair)
    if rng.random() < 0.5:
        sheet.poly([(x - 30, -10), (x - 24, -26), (x + 26, -22), (x + 30, -8), (x + 4, -14)], hair)
    for dx in (-11, 11):
        sheet.circle(x + dx, 6, 3.4, INK)
    sheet.arc(x, 16, 10, 25, 155, INK, 3)
    if rng.random() < 0.3:
        for dx in (-12, 12):
            sheet.ring(x + dx, 6, 10, INK, 2.5)
    return side


def _short(sheet: Sketch, leaf: Leaf, p: Palette, rng: Rng) -> float:
    """Close up on a burst of rays, or three on a band."""
    if rng.random() < 0.5:
        slope, tall = rng.uniform(-26, 26), rng.uniform(38, 54)
        band = mix(p.top, PAPER, 0.5) if rng.random() < 0.5 else shift(p.bottom, light=-0.12)
        sheet.poly([(-165, slope - tall), (165, -slope - tall), (165, tall - slope), (-165, tall + slope)], band)
        for x in (-104.0, 104.0, 0.0):
            y, size = -slope * x / 165, rng.uniform(60, 70) if x == 0 else rng.uniform(40, 46)
            _place(sheet, leaf, p.varied(rng), rng, x=x, y=y, size=size, turn=rng.uniform(-14, 14))
        return _side(rng)
    x, y = rng.uniform(-30, 30), rng.uniform(-6, 10)
    n, start = 14, rng.uniform(0, 1)
    bright = mix(p.top, PAPER, 0.32)
    for k in range(n):
        a, b = math.tau * (k + start) / n, math.tau * (k + start + 0.5) / n
        sheet.poly(
            [(x, y), (x + 260 * math.cos(a), y + 260 * math.sin(a)), (x + 260 * math.cos(b), y + 260 * math.sin(b))],
            bright,
        )
    _place(sheet, leaf, p, rng, x=x, y=y, size=rng.uniform(92, 112), turn=rng.uniform(-16, 16))
    return _side(rng)


def _session(sheet: Sketch, leaf: Leaf, p: Palette, rng: Rng) -> float:
    """Calm, under a dimmed light: small with ripples, or at one side above a long sound wave."""
    dim = Image.new("RGB", sheet.image.size, shift(p.bottom, light=-0.22))
    sheet.image.paste(dim, (0, 0), Image.new("L", sheet.image.size, 90))
    if rng.random() < 0.5:
        side = _side(rng)
        for i in range(40):
            left, tall = -156 + 8 * i, 4 + 22 * abs(math.sin(i * 0.37) * math.sin(i * 0.11 + 1)) + 5 * rng.random()
            played = 0.55 if i * side < 20 * side else 0.25
            sheet.rect(left - 2.2, 62 - tall, left + 2.2, 62 + tall, mix(p.middle, PAPER, played), radius=2)
        _place(sheet, leaf, p, rng, x=side * 84, y=4, size=rng.uniform(66, 76), turn=rng.uniform(-6, 6))
        return -side
    x = rng.uniform(-50, 50)
    for r in (132, 108, 84):
        sheet.ring(x, 0, r, mix(p.middle, PAPER, 0.3), 2.2)
    sheet.circle(x, 0, 66, mix(p.top, PAPER, 0.5))
    _place(sheet, leaf, p, rng, x=x, y=0, size=rng.uniform(50, 56), turn=0.0)
    return 1.0 if x < 0 else -1.0


_LAYOUTS: Final[dict[str, Callable[[Sketch, Leaf, Palette, Rng], float]]] = {
    "guide": _guide,
    "story": _story,
    "review": _review,
    "vlog": _vlog,
    "short": _short,
    "session": _session,
}  # each returns the side (−1 left, 1 right) where a badge hides least


def _badge(sheet: Sketch, leaf: Leaf, side: float, rng: Rng) -> None:
    p = PALETTES[leaf.name]
    x, y = side * 128, -56.0
    sheet.circle(x + 1, y + 3, 27, mix(p.bottom, INK, 0.5))
    sheet.circle(x, y, 27, PAPER)
    sheet.circle(x, y, 24, p.middle)
    _place(sheet, leaf, p, rng, x=x, y=y, size=16, turn=0.0)
