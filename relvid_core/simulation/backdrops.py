"""What stands behind the motif: one kind of place for each top topic, drawn over the whole picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from relvid_core.simulation.palette import Palette
from relvid_core.simulation.sketch import INK, PAPER, Point, Sketch, mix, shift

WIDTH, HEIGHT, OVERSAMPLING = 320, 180, 2
Backdrop = Callable[[Sketch, Palette, np.random.Generator], None]


def blank(p: Palette) -> Sketch:
    """The whole picture from -160 to 160 and -90 to 90, filled with the palette's gradient."""
    s = Sketch(OVERSAMPLING, WIDTH, HEIGHT)
    size = (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING)
    fade = Image.linear_gradient("L").resize(size)
    s.image.paste(Image.composite(Image.new("RGB", size, p.bottom), Image.new("RGB", size, p.top), fade))
    return s


def _hills(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    x, y = rng.uniform(-130, 130), rng.uniform(-66, -34)
    s.circle(x, y, 30, mix(p.top, PAPER, 0.35))
    s.circle(x, y, 21, mix(p.top, PAPER, 0.75))
    for k in range(3):
        base, high = 18 + 22 * k, rng.uniform(7, 18)
        phase, stretch = rng.uniform(0, 6.3), rng.uniform(38, 70)
        crest: list[Point] = [(float(x), base + high * math.sin(x / stretch + phase)) for x in range(-164, 165, 4)]
        s.poly([*crest, (164, 95), (-164, 95)], mix(p.bottom, p.main, 0.16 + 0.2 * k))


def _table(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    dots = mix(p.top, PAPER, 0.22)
    step = int(rng.integers(24, 34))
    for i, x in enumerate(range(-160, 170, step)):
        for y in range(-84, 60, step):
            s.circle(x, y + (step / 2 if i % 2 else 0), 3.2, dots)
    level = rng.uniform(40, 54)
    s.rect(-165, level, 165, 95, shift(p.bottom, light=-0.1))
    s.rect(-165, level, 165, level + 5, mix(p.bottom, PAPER, 0.3))


def _stage(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x in (-120, -20, 90):
        foot = x + rng.uniform(-60, 60)
        beam = mix(p.middle, PAPER, rng.uniform(0.08, 0.2))
        s.poly([(x - 4, -95), (x + 4, -95), (foot + 52, 95), (foot - 52, 95)], beam)
    for i in range(27):
        x, tall = -156 + 12 * i, 6 + 26 * rng.random() * (0.4 + abs(math.sin(i * 0.55)))
        s.rect(x - 3.5, 90 - tall, x + 3.5, 95, mix(p.bottom, p.accent, 0.45), radius=3)


def _grid(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    pale = mix(p.middle, PAPER, 0.1)
    for x in range(-160, 161, 20):
        s.line([(x, -90), (x, 90)], pale, 0.8)
    for y in range(-80, 90, 20):
        s.line([(-160, y), (160, y)], pale, 0.8)
    for _ in range(9):
        left, level = 20 * int(rng.integers(-8, 9)), 20 * int(rng.integers(-4, 5))
        far, side = left + 20 * int(rng.integers(1, 4)), level + 20 * int(rng.choice([-1, 1]))
        glow = mix(p.middle, p.main, 0.5)
        s.line([(left, level), (far, level), (far + 20, side)], glow, 2.5)
        s.circle(left, level, 4, glow)


def _space(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for r in (150, 112, 76):
        s.ring(rng.uniform(-6, 6), 0, r, mix(p.middle, PAPER, 0.16), 1.6)
    for _ in range(46):
        size = rng.choice([0.9, 1.4, 2.4], p=[0.5, 0.35, 0.15])
        x, y = rng.uniform(-160, 160), rng.uniform(-90, 90)
        s.circle(x, y, float(size), mix(p.middle, PAPER, rng.uniform(0.35, 0.85)))


def _track(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    slant = float(rng.choice([-1, 1])) * rng.uniform(50, 90)
    width = rng.uniform(26, 44)
    for i, x in enumerate(np.arange(-260, 260, width)):
        if i % 2:
            band = mix(p.middle, PAPER, 0.14) if i % 4 == 1 else mix(p.middle, p.bottom, 0.6)
            s.poly([(x, 95), (x + width, 95), (x + width + slant, -95), (x + slant, -95)], band)


def _bench(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    pale = mix(p.top, PAPER, 0.3)
    for x in range(-150, 160, 25):
        s.line([(x, -90), (x, 44)], pale, 1.2)
    for row in range(-80, 44, 25):
        s.line([(-160, row), (160, row)], pale, 1.2)
    level = rng.uniform(44, 56)
    for k in range(3):
        y = level + 16 * k
        s.rect(-165, y, 165, y + 15, shift(mix(p.bottom, p.main, 0.25), light=-0.02 * k))
        seam = rng.uniform(-140, 140)
        s.line([(seam, y), (seam, y + 15)], mix(p.bottom, INK, 0.25), 1.5)


def _horizon(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    x = rng.uniform(-110, 110)
    s.circle(x, rng.uniform(-46, -10), rng.uniform(24, 38), mix(p.top, PAPER, 0.55))
    for _ in range(4):
        cx, cy, wide = rng.uniform(-150, 150), rng.uniform(-82, -20), rng.uniform(18, 34)
        pale = mix(p.top, PAPER, 0.5)
        s.rect(cx - wide, cy, cx + wide, cy + 9, pale, radius=4.5)
        s.rect(cx - wide * 0.5, cy - 7, cx + wide * 0.6, cy + 5, pale, radius=6)
    level = rng.uniform(34, 50)
    s.rect(-165, level, 165, 95, mix(p.bottom, INK, 0.12))
    for k in range(5):
        y = level + 8 + 9 * k
        start = rng.uniform(-160, 60)
        s.line([(start, y), (start + rng.uniform(40, 110), y)], mix(p.bottom, PAPER, 0.25), 2)


BACKDROPS: Final[dict[str, Backdrop]] = {
    "Food": _table,
    "Outdoors": _hills,
    "Making": _bench,
    "Music": _stage,
    "Technology": _grid,
    "Science": _space,
    "Sport": _track,
    "Travel": _horizon,
}
