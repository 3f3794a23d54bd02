"""What stands for each leaf under Outdoors, Sport and Travel, drawn in the square from −100 to 100."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from relvid_core.simulation.motifs_home import STEEL, WOOD, Motif
from relvid_core.simulation.palette import Palette
from relvid_core.simulation.sketch import (
    INK,
    PAPER,
    Colour,
    Point,
    Sketch,
    arc_points,
    bezier,
    mix,
    rgb,
    shift,
    star_points,
)

SKIN: Final = rgb("d9a27e")


def mountain(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    peak = rng.uniform(-20, 20)
    s.poly([(-100, 80), (-54, -22), (-10, 80)], shift(p.main, light=0.1))
    s.poly([(-40, 80), (peak + 14, -84), (100, 80)], p.main)
    s.poly([(peak + 14, -84), (100, 80), (40, 80), (peak + 24, 0)], shift(p.main, light=-0.08))
    s.poly(
        [(peak + 14, -84), (peak - 8, -42), (peak + 6, -50), (peak + 15, -34), (peak + 26, -48), (peak + 40, -38)],
        PAPER,
    )
    s.poly([(-54, -22), (-66, 4), (-54, -4), (-42, 6)], PAPER)
    s.line([*bezier((-10, 80), (60, 60), (16, 36)), *bezier((16, 36), (-14, 20), (peak + 16, -8))], rgb("f4e3c1"), 6)
    s.line([(peak + 14, -84), (peak + 14, -100)], INK, 3)
    s.poly([(peak + 14, -100), (peak + 34, -94), (peak + 14, -87)], p.accent)


def tent(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x, h in ((-84, 70), (84, 84), (62, 52)):
        for k in range(3):
            y = 50 - h * 0.5 * k / 1.4
            s.poly([(x - 20 + 4 * k, y), (x + 20 - 4 * k, y), (x, y - h * 0.55)], rgb("163b3a"))
        s.rect(x - 4, 48, x + 4, 66, rgb("3b2a20"))
    s.poly([(-8, -50), (-82, 68), (66, 68)], p.main)
    s.poly([(-8, -50), (66, 68), (24, 68)], shift(p.main, light=-0.12))
    s.poly([(-8, -26), (-34, 68), (16, 68)], p.accent)
    s.line([(-8, -50), (-8, -62)], WOOD, 5)
    x = 78
    s.poly([(x - 14, 78), (x + 14, 78), (x + 10, 54), (x + 2, 36), (x - 10, 56)], rgb("ff6b35"))
    s.poly([(x - 7, 78), (x + 8, 78), (x + 1, 54)], rgb("ffd166"))
    s.line([(x - 20, 80), (x + 20, 74)], WOOD, 6)


def plant(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(0, 40), (0, -46)], p.main, 7)
    for y, side, size in ((20, -1, 40), (6, 1, 42), (-16, -1, 34), (-30, 1, 30)):
        leaf: list[Point] = bezier((0, y), (side * size * 0.5, y - size * 1.1), (side * size * 1.6, y - size * 0.7))
        leaf += bezier((side * size * 1.6, y - size * 0.7), (side * size * 0.9, y + 4), (0, y))
        s.poly(leaf, p.main if side < 0 else shift(p.main, light=0.1))
    flowers = int(rng.integers(0, 2))
    if flowers:
        for k in range(7):
            t = k * math.tau / 7
            s.circle(15 * math.cos(t), -62 + 15 * math.sin(t), 11, p.accent)
        s.circle(0, -62, 11, rgb("ffd166"))
    else:
        for x, y in ((-18, -58), (14, -64), (0, -44)):
            s.circle(x, y, 14, p.accent)
            s.poly(star_points(x, y - 11, 8, 3, 5), p.main)
    s.poly([(-50, 38), (50, 38), (38, 94), (-38, 94)], rgb("c8643c"))
    s.rect(-56, 30, 56, 48, rgb("d97b50"), radius=5)


def bird(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(-98, 66), (98, 50)], rgb("6b4a2f"), 10)
    for x in (-70, 66, 84):
        s.ellipse(x, 46 - x * 0.08, 17, 8, rgb("5fa55a"), turn=-30)
    s.poly([(-40, 24), (-96, 62), (-84, 74), (-24, 44)], shift(p.main, light=-0.1))
    s.ellipse(-2, 10, 52, 40, p.main, turn=-22)
    s.ellipse(12, 22, 38, 26, p.accent, turn=-22)
    s.circle(38, -32, 30, p.main)
    s.poly([(64, -40), (94, -28), (64, -22)], rgb("ffb703"))
    s.circle(46, -38, 8, PAPER)
    s.circle(48, -38, 4.5, INK)
    s.ellipse(-16, 6, 34, 18, shift(p.main, light=-0.12), turn=18)
    for x in (-2, 14):
        s.line([(x, 44), (x + 2, 60)], INK, 4)
    if rng.random() < 0.5:
        s.poly([(26, -56), (22, -84), (38, -62), (44, -80), (50, -58)], shift(p.main, light=-0.1))


def fish(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.poly([(46, 0), (94, -42), (80, 0), (94, 42)], shift(p.main, light=-0.1))
    s.poly([(-24, -34), (16, -70), (30, -28)], shift(p.main, light=-0.1))
    s.poly([(-8, 34), (18, 60), (24, 30)], shift(p.main, light=-0.1))
    s.ellipse(-10, 0, 66, 42, p.main)
    for x in (-30, 4, 34):
        half = 40 * math.sqrt(1 - ((x + 10) / 66) ** 2)
        s.line([(x, -half), (x + 3, 0), (x, half)], PAPER if rng.random() < 0.7 else p.accent, 11)
    s.circle(-50, -10, 9, PAPER)
    s.circle(-51, -10, 5, INK)
    s.arc(-68, 8, 10, 20, 90, INK, 3)
    for _ in range(4):
        s.ring(rng.uniform(-96, -76), rng.uniform(-86, -20), rng.uniform(4, 9), PAPER, 2.5)


def mushroom(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x, base, size in ((58, 88, 0.5), (-58, 88, 0.38), (-4, 88, 1.0)):
        stem = rgb("f3e6cf")
        s.poly(
            [
                (x - 17 * size, base - 88 * size),
                (x + 17 * size, base - 88 * size),
                (x + 25 * size, base),
                (x - 25 * size, base),
            ],
            stem,
        )
        s.ellipse(x, base, 25 * size, 6 * size, stem)
        s.ellipse(x, base - 86 * size, 66 * size, 15 * size, shift(stem, light=-0.12))
        s.pie(x, base - 86 * size, 72 * size, 84 * size, 180, 360, p.main)
        for dx, dy, r in ((-38, -22, 10), (-8, -54, 13), (30, -30, 11), (2, -16, 8)):
            s.circle(x + dx * size, base + (dy - 86) * size, r * size * rng.uniform(0.8, 1.15), p.accent)
    for x in (-92, -30, 36, 90):
        s.poly([(x - 8, 92), (x + 2, 62), (x + 8, 92)], rgb("6a8f4a"))


def figure(s: Sketch, joints: dict[str, list[Point]], head: Point, shirt: Colour, legs: Colour) -> None:
    """A simple athlete: limbs as thick strokes, then body and head."""
    for name in ("leg back", "leg front"):
        s.line(joints[name], shift(legs, light=-0.08) if "back" in name else legs, 17)
        s.circle(*joints[name][-1], 9, PAPER)
    s.line(joints["arm back"], mix(SKIN, INK, 0.2), 12)
    s.line(joints["body"], shirt, 28)
    s.line(joints["arm front"], SKIN, 12)
    s.circle(*head, 17, SKIN)
    s.pie(*head, 18, 18, 170, 350, rgb("3a2618"))


def runner(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    joints: dict[str, list[Point]] = {
        "leg back": [(-8, 22), (-34, 48), (-74, 40)],
        "leg front": [(-4, 22), (34, 36), (30, 82)],
        "arm back": [(14, -34), (-18, -16), (-42, -34)],
        "arm front": [(18, -34), (36, -6), (66, -22)],
        "body": [(16, -34), (-4, 18)],
    }
    for y in (-44, -8, 66):
        s.line([(-96, y), (-60 + rng.uniform(-10, 10), y)], PAPER, 5)
    figure(s, joints, (34, -68), p.accent, p.main)


def bicycle(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x in (-54, 54):
        s.ring(x, 34, 42, INK, 6)
        s.ring(x, 34, 35, STEEL, 2)
        for k in range(8):
            t = k * math.tau / 8 + rng.uniform(0, 0.3)
            s.line([(x, 34), (x + 36 * math.cos(t), 34 + 36 * math.sin(t))], STEEL, 1.3)
        s.circle(x, 34, 5, INK)
    frame = p.main
    for part in (
        [(-54, 34), (-22, -22), (34, -22), (-4, 36), (-54, 34)],
        [(-4, 36), (-26, -36)],
        [(54, 34), (30, -40)],
    ):
        s.line([(float(x), float(y)) for x, y in part], frame, 7)
    s.rect(-44, -46, -10, -37, INK, radius=4)
    s.line([(30, -40), (42, -50), (60, -46)], INK, 6)
    s.circle(-4, 36, 11, INK)
    s.circle(-4, 36, 6, p.top)


def ball(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    turn = rng.uniform(-20, 20)
    s.circle(0, 0, 80, rgb("d5dbe0"))
    s.circle(-4, -4, 75, PAPER)
    s.poly(star_points(0, 0, 30, 24.3, 5, -90 + turn), INK)
    for k in range(5):
        t = math.radians(-90 + turn + 72 * k)
        c, d = math.cos(t), math.sin(t)
        s.line([(30 * c, 30 * d), (54 * c, 54 * d)], INK, 4)
        a, b = math.cos(t + 0.34), math.sin(t + 0.34)
        e, f = math.cos(t - 0.34), math.sin(t - 0.34)
        s.poly(
            [
                (53 * c, 53 * d),
                (64 * a, 64 * b),
                (77 * a, 77 * b),
                (79 * c, 79 * d),
                (77 * e, 77 * f),
                (64 * e, 64 * f),
            ],
            INK,
        )
    for k in range(5):
        t = math.radians(-54 + turn + 72 * k)
        for side in (-0.29, 0.29):
            s.line([(52 * math.cos(t), 52 * math.sin(t)), (64 * math.cos(t + side), 64 * math.sin(t + side))], INK, 3)


def climber(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.poly([(34, -100), (100, -100), (100, 100), (8, 100), (40, 50), (22, 8), (46, -40)], p.main)
    s.poly([(70, -100), (100, -100), (100, 100), (56, 100), (78, 20), (64, -30)], shift(p.main, light=-0.08))
    for x, y in ((40, -64), (34, 16), (42, 62), (60, -20), (72, 46), (70, -76)):
        s.circle(x, y, 8, (p.accent, rgb("ffd166"), rgb("ef476f"))[int(rng.integers(3))])
    s.line([(-18, -100), (-14, 14)], rgb("f1faee"), 3)
    joints: dict[str, list[Point]] = {
        "leg back": [(-16, 18), (8, 40), (34, 62)],
        "leg front": [(-16, 18), (14, 6), (32, 18)],
        "arm back": [(-8, -26), (12, -10), (50, -20)],
        "arm front": [(-10, -28), (10, -52), (38, -64)],
        "body": [(-12, -26), (-18, 14)],
    }
    figure(s, joints, (-14, -62), p.accent, INK)


def swimmer(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line(bezier((-6, -8), (26, -78), (70, -10)), SKIN, 15)
    s.ellipse(-30, 6, 52, 18, rgb("1d3557"), turn=6)
    s.circle(34, -8, 22, SKIN)
    s.pie(34, -10, 23, 22, 180, 360, p.main)
    s.rect(38, -10, 56, -1, INK, radius=4)
    for row, colour in enumerate((rgb("cdf3ff"), rgb("6cc9ee"), rgb("2c9bd6"))):
        y = 14 + 22 * row
        points: list[Point] = [(float(x), y + 6 * math.sin(x / 15 + row * 2)) for x in range(-100, 101, 5)]
        s.poly([*points, (100, y + 30), (-100, y + 30)], colour)
    for _ in range(5):
        s.circle(rng.uniform(50, 92), rng.uniform(-50, 0), rng.uniform(3, 6), PAPER)


def yogi(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.ellipse(0, 82, 96, 13, p.accent)
    s.circle(0, -6, 84, mix(p.top, PAPER, 0.45))
    if rng.random() < 0.5:
        s.line([(-14, -26), (-26, -62), (-2, -98)], SKIN, 12)
        s.line([(14, -26), (26, -62), (2, -98)], SKIN, 12)
    else:
        s.line([(-14, -26), (-38, 14), (-66, 46)], SKIN, 12)
        s.line([(14, -26), (38, 14), (66, 46)], SKIN, 12)
    s.line([(-4, 58), (-64, 58), (-20, 74), (34, 74)], p.main, 20)
    s.line([(4, 58), (64, 58), (20, 72), (-34, 74)], shift(p.main, light=0.08), 20)
    s.rect(-21, -36, 21, 58, rgb("e26d9a"), radius=16)
    s.circle(0, -58, 19, SKIN)
    s.pie(0, -60, 20, 20, 180, 360, rgb("3a2618"))
    s.circle(0, -82, 9, rgb("3a2618"))


def train(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-100, 62, 100, 68, rgb("5a4a3c"))
    for x in range(-94, 100, 22):
        s.rect(x, 68, x + 10, 74, rgb("7a6650"))
    s.rect(-100, -44, 58, 46, p.main, radius=10)
    s.poly([(40, -44), (62, -44), *bezier((62, -44), (92, -10), (98, 46)), (40, 46)], p.main)
    s.rect(-100, 14, 92, 26, p.accent)
    for x in (-88, -52, -16):
        s.rect(x, -28, x + 28, 4, rgb("cfeaf7"), radius=5)
    s.poly([(38, -28), (64, -28), (82, 4), (38, 4)], rgb("cfeaf7"))
    s.rect(-100, 46, 96, 54, INK)
    for x in (-78, -46, 24, 58):
        s.circle(x, 54, 11, INK)
        s.circle(x, 54, 5, STEEL)
    s.circle(86, 34, 5, rgb("fff2b0"))


def palm(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.ellipse(0, 78, 94, 26, p.main)
    s.ellipse(0, 92, 100, 14, rgb("eafcff"))
    for start, lean, size in (((-6.0, 72.0), rng.uniform(16, 40), 1.0), ((24.0, 74.0), -rng.uniform(34, 50), 0.62)):
        x, y = start[0] + lean, start[1] - 120 * size
        trunk = bezier(start, (start[0] - lean * 0.3, start[1] - 70 * size), (x, y))
        s.line(trunk, rgb("8a5a35"), 11 * size)
        for angle in (-165, -130, -80, -40, -5, 25, 155):
            t = math.radians(angle)
            tip = (x + 64 * size * math.cos(t), y + 44 * size * math.sin(t) + 14)
            mid = (x + 40 * size * math.cos(t), y + 36 * size * math.sin(t) - 22 * size)
            frond = bezier((x, y), mid, tip)
            back = bezier(tip, (mid[0], mid[1] + 18 * size), (x, y))
            s.poly(frond + back, p.accent if angle % 2 else shift(p.accent, light=0.07))
        s.circle(x + 5, y + 6, 7 * size, rgb("6b4226"))
        s.circle(x - 6, y + 7, 7 * size, rgb("7d5130"))


def city(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    x = -96.0
    while x < 84:
        width, height = rng.uniform(26, 42), rng.uniform(60, 160)
        width = min(width, 96 - x)
        colour = shift(p.main, hue=rng.uniform(-0.03, 0.05), light=rng.uniform(-0.03, 0.12))
        s.rect(x, 90 - height, x + width, 90, colour)
        if rng.random() < 0.4:
            s.poly([(x, 90 - height), (x + width / 2, 74 - height), (x + width, 90 - height)], colour)
        for wy in np.arange(100 - height, 76, 15):
            for wx in np.arange(x + 6, x + width - 8, 11):
                if rng.random() < 0.62:
                    s.rect(float(wx), float(wy), float(wx) + 5.5, float(wy) + 8, p.accent)
        x += width + 2
    s.line([(-62, 96), (-62, 34), (-48, 26)], INK, 5)
    s.circle(-44, 28, 8, rgb("fff2b0"))
    s.rect(-98, 88, 98, 97, INK, radius=3)


def temple(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-92, 70, 92, 84, shift(p.main, light=-0.16))
    s.rect(-82, 58, 82, 72, shift(p.main, light=-0.07))
    broken = int(rng.integers(0, 5))
    for i in range(5):
        x = -66 + 33 * i
        top = -22 if i != broken else rng.uniform(-4, 24)
        s.rect(x - 10, top, x + 10, 58, p.main)
        for dx in (-4, 3):
            s.line([(x + dx, top + 4), (x + dx, 54)], shift(p.main, light=-0.12), 2)
        if i != broken:
            s.rect(x - 14, -30, x + 14, -20, shift(p.main, light=-0.06), radius=2)
    s.rect(-84, -44, 84, -29, p.main)
    s.poly([(-92, -44), (0, -88), (92, -44)], shift(p.main, light=-0.08))
    s.poly([(-66, -49), (0, -80), (66, -49)], p.main)
    s.line(arc_points(-84, 84, 16, 16, 180, 350), rgb("6a8f4a"), 6)
    s.line(arc_points(84, 86, 12, 16, 180, 360), rgb("6a8f4a"), 6)


def van(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for i, colour in enumerate((rgb("8a5a35"), rgb("e76f51"))[: int(rng.integers(1, 3))]):
        s.rect(-50 + 46 * i, -74, -12 + 46 * i, -52, colour, radius=5)
    s.rect(-70, -54, 60, -48, INK, radius=2)
    s.rect(-92, -48, 70, 52, p.main, radius=22)
    s.rect(-20, -6, 94, 52, p.main, radius=16)
    s.rect(-92, 6, 94, 18, p.accent)
    for x in (-76, -36):
        s.rect(x, -32, x + 32, -2, rgb("cdeefb"), radius=6)
    s.poly([(6, -32), (44, -32), (66, -2), (6, -2)], rgb("cdeefb"))
    s.circle(86, 32, 7, rgb("fff2b0"))
    for x in (-54, 52):
        s.circle(x, 54, 22, INK)
        s.circle(x, 54, 11, STEEL)


def boat(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(0, 50), (0, -96)], WOOD, 6)
    full = rng.uniform(0.75, 1.0)
    s.poly([(6, -88), *bezier((6, -88), (76 * full, -30), (70, 34)), (6, 34)], p.main)
    s.poly([(6, 6), *bezier((54, 6), (60, 18), (70, 34)), (6, 34)], p.accent)
    s.poly([(-6, -74), (-6, 34), *bezier((-64, 34), (-34, -4), (-6, -74))], mix(p.main, p.accent, 0.12))
    s.poly([(0, -96), (-24, -90), (0, -84)], p.accent)
    s.poly([(-82, 44), (86, 44), (58, 78), (-58, 78)], rgb("8a4f2d"))
    s.rect(-82, 44, 86, 52, PAPER, radius=3)
    for row in range(2):
        y = 74 + 13 * row
        s.line(
            [(float(x), y + 4 * math.sin(x / 12 + 3 * row)) for x in range(-98, 99, 4)],
            (rgb("eaf8ff"), rgb("b6e2fb"))[row],
            7,
        )


MOTIFS: Final[dict[str, Motif]] = {
    "Hiking": mountain,
    "Camping": tent,
    "Gardening": plant,
    "Birdwatching": bird,
    "Ocean Life": fish,
    "Mushrooms & Foraging": mushroom,
    "Running": runner,
    "Cycling": bicycle,
    "Football": ball,
    "Climbing": climber,
    "Swimming": swimmer,
    "Yoga & Mobility": yogi,
    "Trains": train,
    "Islands": palm,
    "City Walks": city,
    "Ancient Ruins": temple,
    "Road Trips": van,
    "Sailing": boat,
}
