"""What stands for each leaf under Food and Making, drawn in the square from −100 to 100."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from relvid_core.simulation.palette import Palette
from relvid_core.simulation.sketch import INK, PAPER, Sketch, arc_points, bezier, mix, rgb, shift

Motif = Callable[[Sketch, Palette, np.random.Generator], None]
WOOD, STEEL, CRUST = rgb("b07a4a"), rgb("c9d1d9"), rgb("c98842")


def steam(s: Sketch, x: float, y: float, height: float = 46) -> None:
    """Three wisps rising from a point."""
    for dx in (-20.0, 0.0, 20.0):
        lift = height if dx == 0 else height * 0.75
        s.curve((x + dx, y), (x + dx + 12, y - lift / 4), (x + dx, y - lift / 2), PAPER, 5)
        s.curve((x + dx, y - lift / 2), (x + dx - 12, y - lift * 0.75), (x + dx, y - lift), PAPER, 5)


def loaf(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.ellipse(0, 48, 92, 14, mix(p.accent, INK, 0.2))
    s.rect(-88, 28, 88, 48, WOOD, radius=10)
    s.ellipse(0, 2, 76, 46, CRUST)
    s.rect(-70, 2, 70, 40, CRUST, radius=24)
    s.ellipse(-10, -14, 52, 24, mix(CRUST, PAPER, 0.35))
    for x in (-44, -12, 20, 50)[: int(rng.integers(3, 5))]:
        s.curve((x - 12, 20), (x - 2, -8), (x + 10, -28), rgb("fbe3b8"), 8)
    steam(s, 0, -48, 36)


def pan(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(50, 24), (96, -6)], INK, 14)
    s.line([(62, 16), (92, -4)], p.accent, 5)
    s.ellipse(-14, 36, 80, 34, INK)
    s.ellipse(-14, 30, 80, 34, rgb("4c5866"))
    s.ellipse(-14, 30, 66, 26, rgb("e2703a"))
    for _ in range(9):
        angle, reach = rng.uniform(0, 6.28), rng.uniform(0.1, 0.8)
        x, y = -14 + 58 * reach * np.cos(angle), 30 + 20 * reach * np.sin(angle)
        s.circle(x, y, rng.uniform(5, 9), (rgb("5fad56"), rgb("f4e04d"), rgb("d7263d"))[int(rng.integers(3))])
    steam(s, -14, -8, 62)


def noodles(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x in (-58, -22, 14, 50):
        s.circle(x, -72, 15, p.accent if (x // 36) % 2 else p.main)
        s.line([(x, -100), (x, -86)], PAPER, 3)
    s.line([(6, 6), (78, -50)], WOOD, 6)
    s.line([(22, 8), (90, -40)], WOOD, 6)
    s.ellipse(0, 14, 74, 20, PAPER)
    s.ellipse(0, 14, 64, 15, rgb("e9a03b"))
    for x in (-44, -28, -10, 10, 28):
        s.arc(x, 14, 15, 180, 360, rgb("ffe2a0"), 5)
    s.circle(34, 10, 12, PAPER)
    s.circle(34, 10, 6, rgb("ff9f1c"))
    s.pie(0, 14, 74, 74, 2, 178, p.accent)
    s.rect(-58, 40, 58, 50, PAPER, radius=3)
    s.rect(-28, 82, 28, 92, mix(p.accent, INK, 0.3), radius=4)


def cup(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.ellipse(-4, 66, 88, 16, mix(p.main, INK, 0.3))
    s.ellipse(-4, 60, 88, 16, PAPER)
    s.ring(60, 18, 28, p.accent, 11)
    s.rect(-62, -18, 54, 20, p.accent)
    s.pie(-4, 14, 58, 50, 0, 180, p.accent)
    s.ellipse(-4, -18, 58, 15, shift(p.accent, light=-0.12))
    s.ellipse(-4, -17, 50, 11, rgb("6b3e26"))
    s.ellipse(-6, -17, 24, 5, rgb("e8cda6"))
    steam(s, -4, -40, 50)
    for _ in range(3):
        x = rng.uniform(-80, 70)
        s.ellipse(x, 78, 9, 6, rgb("4a2a18"), turn=rng.uniform(-40, 40))


def jar(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x, colour, size in ((-46, p.main, 0.86), (40, p.accent, 1.0)):
        top = 76 - 130 * size
        s.rect(x - 42 * size, top, x + 42 * size, 78, mix(PAPER, p.top, 0.4), radius=16)
        s.rect(x - 36 * size, top + 30, x + 36 * size, 72, colour, radius=12)
        for _ in range(8):
            bx, by = x + rng.uniform(-26, 26) * size, rng.uniform(top + 42, 62)
            s.ellipse(
                bx, by, 11 * size, 7 * size, shift(colour, light=rng.uniform(-0.14, 0.2)), turn=rng.uniform(-60, 60)
            )
        s.rect(x - 34 * size, top - 18, x + 34 * size, top + 6, WOOD if x < 0 else rgb("c7a23c"), radius=6)
        s.rect(x - 24 * size, 12, x + 24 * size, 40, PAPER, radius=4)
        s.line([(x - 14, 22), (x + 14, 22)], INK, 3)
        s.line([(x - 14, 30), (x + 6, 30)], INK, 3)


def chocolate(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    bite = int(rng.integers(0, 4))
    for row in range(4):
        for col in range(4):
            if row == 0 and col >= 4 - bite:
                continue
            x, y = -66 + 33 * col, -74 + 31 * row
            s.rect(x, y, x + 32, y + 30, p.main, radius=4)
            s.rect(x + 5, y + 4, x + 27, y + 23, mix(p.main, rgb("a86a45"), 0.45), radius=4)
    s.poly([(-74, 30), (-50, 18), (-26, 32), (0, 18), (26, 32), (50, 18), (74, 30), (74, 84), (-74, 84)], rgb("e9c46a"))
    s.rect(-74, 44, 74, 84, p.accent)
    s.rect(-74, 54, 74, 72, rgb("d9486e"))


def plane(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-98, 36, 98, 66, rgb("d9a066"), radius=4)
    for y in (44, 53):
        s.curve((-92, y), (0, y + 8), (92, y), rgb("b87f47"), 2.5)
    s.rect(-72, 6, 62, 38, p.main, radius=8)
    s.poly([(-8, 8), (26, -48), (44, -38), (24, 8)], STEEL)
    s.poly([(30, 8), (44, -34), (66, -34), (58, 8)], shift(p.main, light=-0.12))
    s.circle(-48, -4, 17, shift(p.main, light=-0.12))
    for i in range(int(rng.integers(2, 4))):
        s.arc(-24 - 22 * i, -34 - 10 * i, 13, 40, 330, rgb("f6d7a0"), 6)


def yarn(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(-70, -80), (48, 70)], WOOD, 7)
    s.line([(72, -80), (-50, 70)], WOOD, 7)
    s.circle(-72, -84, 9, p.accent)
    s.circle(74, -84, 9, p.accent)
    s.circle(0, 12, 64, p.main)
    light = shift(p.main, light=0.16)
    for k in range(-2, 3):
        s.line(arc_points(0, 12 + 4 * k, 58, 14 + 9 * abs(k), 200, 340), light, 5)
        s.line(arc_points(18 * k, 14, 16, 52, 100, 250), shift(p.main, light=0.08), 4)
    s.curve((50, 52), (96, 96), (20, 88), p.main, 6)


def vase(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.ellipse(0, 82, 84, 12, rgb("6e5a4b"))
    s.ellipse(0, 76, 84, 12, rgb("94806f"))
    neck, belly = rng.uniform(16, 30), rng.uniform(52, 70)
    right = bezier((neck, -76), (neck - 6, -36), (belly, 4)) + bezier((belly, 4), (belly + 4, 54), (30, 76))
    outline = right + [(-x, y) for x, y in reversed(right)]
    s.poly(outline, p.main)
    left = [(x * 0.45 - 20, y) for x, y in right if y > -50]
    s.line(left, mix(p.main, PAPER, 0.4), 6)
    s.ellipse(0, -76, neck + 4, 7, shift(p.main, light=-0.15))
    for y in (-4, 12):
        s.line(arc_points(0, y, belly - 4, 8, 12, 168), p.accent, 7)


def easel(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x in (-50, 50):
        s.line([(x * 0.5, -84), (x * 1.3, 96)], WOOD, 8)
    s.rect(-70, -68, 70, 44, PAPER, radius=3)
    s.rect(-62, -60, 62, 36, mix(p.main, PAPER, 0.55))
    s.poly([(-62, 36), (-62, 6), (-20, -24), (14, 8), (36, -8), (62, 12), (62, 36)], p.main)
    s.circle(rng.uniform(-40, 40), -36, 14, p.accent)
    s.rect(-62, 22, 62, 36, shift(p.main, light=-0.15))
    s.rect(-78, 44, 78, 56, WOOD, radius=4)
    s.line([(62, 92), (88, 22)], INK, 5)
    s.ellipse(91, 12, 5, 14, p.accent, turn=18)


def crane(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    main = p.main if rng.random() < 0.6 else p.accent
    dark, light = shift(main, light=-0.13), shift(main, light=0.14)
    s.poly([(-18, 36), (-88, -30), (-60, 30)], dark)
    s.poly([(-88, -30), (-96, -8), (-74, -16)], light)
    s.poly([(24, 34), (90, 22), (30, 52)], dark)
    s.poly([(-34, 30), (30, 30), (0, 70)], light)
    s.poly([(-30, 32), (2, 70), (8, 20)], main)
    s.poly([(4, 34), (-34, -88), (-30, 24)], light)
    s.poly([(0, 34), (58, -84), (34, 34)], main)
    s.poly([(34, 34), (58, -84), (14, 10)], dark)


def camera(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-38, -62, 34, -20, shift(p.main, light=0.12), radius=8)
    s.rect(-88, -44, 88, 62, p.main, radius=14)
    s.rect(-88, -18, 88, 40, shift(p.main, light=0.1))
    s.circle(0, 12, 48, rgb("e6e9ee"))
    s.circle(0, 12, 41, INK)
    s.circle(0, 12, 29, shift(p.top, hue=0.55, light=-0.2))
    s.circle(0, 12, 18, rgb("1b2a49"))
    s.circle(-12, -2, 8, PAPER)
    s.rect(52, -34, 76, -24, p.accent, radius=3)
    s.circle(-64, -30, 7, p.accent)


MOTIFS: Final[dict[str, Motif]] = {
    "Baking": loaf,
    "Weeknight Dinners": pan,
    "Street Food": noodles,
    "Coffee": cup,
    "Pickles & Ferments": jar,
    "Chocolate & Sweets": chocolate,
    "Woodworking": plane,
    "Knitting": yarn,
    "Pottery": vase,
    "Painting": easel,
    "Origami": crane,
    "Photography": camera,
}
