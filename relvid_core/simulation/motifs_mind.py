"""What stands for each leaf under Music, Technology and Science, drawn in the square from −100 to 100."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from relvid_core.simulation.motifs_home import STEEL, WOOD, Motif
from relvid_core.simulation.palette import Palette
from relvid_core.simulation.sketch import INK, PAPER, Sketch, arc_points, bezier, mix, rgb, shift, star_points


def guitar(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-8, -84, 8, 0, p.accent)
    s.rect(-14, -100, 14, -74, p.accent, radius=5)
    for y in (-94, -84):
        for x in (-17, 17):
            s.circle(x, y, 4, STEEL)
    s.circle(0, 10, 38, p.main)
    s.circle(0, 56, 44, p.main)
    s.rect(-34, 14, 34, 52, p.main, radius=10)
    s.circle(0, 56, 38, mix(p.main, PAPER, 0.22))
    s.circle(0, 10, 31, mix(p.main, PAPER, 0.22))
    s.circle(0, 22, 16, p.accent)
    s.rect(-20, 62, 20, 70, p.accent, radius=3)
    for string in (-4.5, -1.5, 1.5, 4.5):
        s.line([(string, -84), (string, 64)], rgb("fff3d6"), 1.2)


def keys(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-98, -40, 98, 64, INK, radius=8)
    pressed = int(rng.integers(0, 8))
    for i in range(8):
        x: float = -92 + 23 * i
        s.rect(x, -30, x + 21.5, 58 if i != pressed else 54, p.accent if i == pressed else PAPER, radius=4)
    for i in (0, 1, 3, 4, 5):
        x = -92 + 23 * i
        s.rect(x + 15, -30, x + 29, 22, INK, radius=3)
    note(s, -30, -64, p.accent)
    note(s, 40, -74, PAPER)


def note(s: Sketch, x: float, y: float, colour: tuple[int, int, int]) -> None:
    """A quaver."""
    s.ellipse(x, y + 10, 9, 7, colour, turn=-20)
    s.line([(x + 8, y + 8), (x + 8, y - 22)], colour, 4)
    s.curve((x + 8, y - 22), (x + 22, y - 16), (x + 20, y), colour, 4)


def synth(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-94, -56, 94, 66, rgb("2b2140"), radius=12)
    s.rect(-94, -56, 94, -44, p.accent, radius=6)
    for i in range(5):
        x, turn = -70 + 35 * i, rng.uniform(-2.4, 2.4)
        s.circle(x, -20, 13, rgb("4a3a6b"))
        s.circle(x, -20, 9, PAPER if i % 2 else p.main)
        s.line([(x, -20), (x + 9 * math.sin(turn), -20 - 9 * math.cos(turn))], INK, 3)
    for i in range(8):
        for j in range(2):
            x, y = -80 + 21 * i, 8 + 26 * j
            lit = rng.random() < 0.4
            s.rect(x, y, x + 16, y + 20, (p.main, p.accent)[j] if lit else rgb("5a4a7d"), radius=4)


def drums(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for x, tilt in ((-72, -14), (74, 14)):
        s.line([(x, -56), (x * 0.92, 88)], STEEL, 4)
        s.ellipse(x, -58, 34, 8, rgb("f2c14e"), turn=tilt)
    for x in (-26, 28):
        s.rect(x - 24, -32, x + 24, 6, p.main, radius=4)
        s.ellipse(x, -32, 24, 8, p.accent)
    s.circle(0, 44, 50, INK)
    s.circle(0, 44, 46, p.main)
    s.circle(0, 44, 37, p.accent)
    s.poly(star_points(0, 44, 22, 9, 5), p.main)
    s.line([(-60, -98), (-24, -40)], WOOD, 5)
    s.line([(66, -96), (30, -40)], WOOD, 5)


def microphone(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    for r in (62, 82):
        s.arc(0, -36, r, 150, 210, p.accent, 6)
        s.arc(0, -36, r, -30, 30, p.accent, 6)
    s.arc(0, -28, 46, 10, 170, INK, 7)
    s.line([(0, 18), (0, 74)], INK, 8)
    s.rect(-38, 72, 38, 86, INK, radius=7)
    s.rect(-32, -88, 32, 4, p.main, radius=32)
    s.rect(-32, -34, 32, -22, p.accent)
    for y in (-74, -62, -50):
        s.line([(-20, y), (20, y)], mix(p.main, INK, 0.35), 3)


def violin(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(-70, 84), (76, -76)], p.accent, 4)
    s.line([(-76, 72), (64, -84)], PAPER, 2)
    s.rect(-6, -92, 6, -20, INK)
    s.arc(0, -92, 8, 90, 400, WOOD, 6)
    s.circle(0, -14, 34, p.main)
    s.circle(0, 48, 43, p.main)
    s.rect(-25, -8, 25, 40, p.main)
    s.circle(-40, 14, 13, (0, 0, 0))
    _cut(s, -41, 14, 14)
    _cut(s, 41, 14, 14)
    s.circle(-8, -18, 20, shift(p.main, light=0.06))
    for x in (-17, 17):
        s.curve((x - 4, 2), (x + 9, 14), (x - 3, 28), INK, 4)
    s.poly([(-7, 50), (7, 50), (4, 84), (-4, 84)], INK)
    s.rect(-16, 30, 16, 34, p.accent)
    for x in (-3, 0, 3):
        s.line([(x, -86), (x, 52)], rgb("fff3d6"), 1)


def _cut(s: Sketch, x: float, y: float, radius: float) -> None:
    """Make a disc transparent again."""
    left, top = (x - radius + s.origin[0]) * s.scale, (y - radius + s.origin[1]) * s.scale
    size = round(2 * radius * s.scale)
    hole = Sketch(s.scale, 2 * radius, 2 * radius)
    hole.circle(0, 0, radius, (255, 255, 255))
    s.image.paste((0, 0, 0, 0), (round(left), round(top)), hole.image.getchannel("A").resize((size, size)))


def code(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-98, -68, 98, 72, rgb("111827"), radius=12)
    s.rect(-98, -68, 98, -44, rgb("374151"), radius=12)
    s.rect(-98, -54, 98, -44, rgb("374151"))
    for left, shade in ((-84, "ff5f57"), (-68, "febc2e"), (-52, "28c840")):
        s.circle(left, -57, 5.5, rgb(shade))
    indents = (0, 1, 2, 2, 1, 0)
    for i, indent in enumerate(indents):
        x = -84.0 + 18 * indent
        y = -30 + 16.5 * i
        for colour in rng.permutation([p.main, p.accent, rgb("ff6b9d"), rgb("9ca3af")])[: int(rng.integers(2, 4))]:
            width = rng.uniform(16, 46)
            if x + width > 88:
                break
            s.rect(x, y, x + width, y + 8, (int(colour[0]), int(colour[1]), int(colour[2])), radius=4)
            x += width + 8


def board(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-90, -70, 90, 70, rgb("0b8457"), radius=10)
    for x, corner in ((-78, -58), (-78, 58), (78, -58), (78, 58)):
        s.circle(x, corner, 6, p.accent)
    for k in range(-3, 4):
        y = 9.0 * k
        for side in (-1, 1):
            bend = side * (50 + 4 * abs(k))
            s.line([(side * 30, y), (bend, y), (bend + side * 14, y * 2.2), (side * 80, y * 2.2)], p.main, 3)
            s.circle(side * 80, y * 2.2, 3.5, p.accent)
            s.rect(side * 28, y - 2.5, side * 40, y + 2.5, STEEL)
    s.rect(-32, -34, 32, 34, INK, radius=5)
    s.circle(-20, -22, 4, STEEL)
    for i in range(3):
        s.rect(
            -14 + 12 * i, 46, -6 + 12 * i, 62, (rgb("ff595e"), p.accent, rgb("4cc9f0"))[int(rng.integers(3))], radius=3
        )


def robot(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(0, -72), (0, -94)], INK, 5)
    s.circle(0, -94, 8, p.accent)
    s.rect(-78, -38, -56, 0, p.accent, radius=8)
    s.rect(56, -38, 78, 0, p.accent, radius=8)
    s.rect(-62, -74, 62, 28, p.main, radius=20)
    s.rect(-48, -54, 48, -2, rgb("16213e"), radius=16)
    for x in (-22, 22):
        s.circle(x, -28, 12 if rng.random() < 0.8 else 9, rgb("7df9ff"))
        s.circle(x + 3, -31, 4, PAPER)
    for x in (-24, -8, 8, 24):
        s.line([(x, 10), (x, 18)], INK, 4)
    s.rect(-18, 26, 18, 40, INK)
    s.rect(-54, 38, 54, 96, shift(p.main, light=0.08), radius=14)
    s.circle(0, 62, 13, p.accent)


def printer(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-88, -90, 88, -74, p.main, radius=6)
    for post in (-82, 82):
        s.rect(post - 7, -84, post + 7, 76, p.main, radius=4)
    s.rect(-96, 70, 96, 88, p.main, radius=6)
    s.rect(-78, -54, 78, -46, STEEL)
    x = rng.uniform(-34, 34)
    s.rect(x - 20, -66, x + 20, -30, INK, radius=5)
    s.poly([(x - 8, -30), (x + 8, -30), (x, -16)], rgb("f2c14e"))
    layers = 8
    for i in range(layers):
        wide = 20 + 30 * abs(math.sin(0.7 + 2.6 * i / layers))
        s.rect(-wide, 56 - 9 * i, wide, 64.5 - 9 * i, shift(p.accent, light=0.05 * (i % 2)), radius=4)
    s.rect(-66, 64, 66, 71, STEEL)


def computer(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.rect(-74, -88, 74, 34, p.main, radius=10)
    s.rect(-60, -74, 60, 20, rgb("16281f"), radius=14)
    sprite = rng.random((5, 3)) < 0.55
    sprite[2] = True
    for row in range(5):
        for col in range(5):
            if sprite[row, min(col, 4 - col)]:
                s.rect(-36 + 14 * col, -62 + 14 * row, -23 + 14 * col, -49 + 14 * row, p.accent)
    s.rect(-92, 44, 92, 80, shift(p.main, light=-0.06), radius=8)
    for row in range(3):
        for col in range(13):
            s.rect(-84 + 13 * col, 50 + 9 * row, -74 + 13 * col, 56 + 9 * row, rgb("6d6552"), radius=1.5)
    s.circle(62, 27, 3, rgb("ff595e"))


def lock(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    outline = [
        (0.0, -98.0),
        (78.0, -70.0),
        (78.0, 0.0),
        *bezier((78, 0), (70, 66), (0, 98)),
        *bezier((0, 98), (-70, 66), (-78, 0)),
    ]
    s.poly([*outline, (-78.0, -70.0)], p.main)
    s.poly([(x * 0.86, y * 0.88) for x, y in [*outline, (-78.0, -70.0)]], mix(p.main, INK, 0.7))
    s.arc(0, -18, 25, 180, 360, STEEL, 10)
    s.line([(-25, -18), (-25, 0)], STEEL, 10)
    s.line([(25, -18), (25, 0)], STEEL, 10)
    s.rect(-38, -6, 38, 50, p.accent, radius=9)
    s.circle(0, 16, 9, INK)
    s.poly([(-5, 18), (5, 18), (8, 38), (-8, 38)], INK)


def planet(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    turn = rng.uniform(-26, -10)
    angle = math.radians(turn)

    def tilted(start: float, end: float) -> list[tuple[float, float]]:
        c, d = math.cos(angle), math.sin(angle)
        return [(x * c - y * d, x * d + y * c) for x, y in arc_points(0, 0, 96, 24, start, end)]

    s.line(tilted(180, 360), mix(p.accent, INK, 0.2), 9)
    s.circle(0, 0, 56, p.main)
    for dy, colour in ((-26, 0.3), (2, 0.18), (28, -0.1)):
        half = math.sqrt(54**2 - dy**2) * 0.96
        c, d = math.cos(angle), math.sin(angle)
        s.line(
            [(-half * c - dy * d, -half * d + dy * c), (half * c - dy * d, half * d + dy * c)],
            shift(p.main, light=colour / 3),
            9,
        )
    s.line(tilted(0, 180), p.accent, 9)
    s.circle(70, -66, 13, PAPER)
    s.circle(65, -70, 3.5, rgb("c9cbd6"))


def flask(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    glass = mix(PAPER, p.top, 0.5)
    s.poly([(-16, -86), (16, -86), (16, -30), (74, 74), (64, 88), (-64, 88), (-74, 74), (-16, -30)], glass)
    level = rng.uniform(0, 26)
    half = 16 + (level + 30) * 58 / 104 - 5
    s.poly([(-half, level), (half, level), (66, 74), (60, 81), (-60, 81), (-66, 74)], p.accent)
    s.ellipse(0, level, half, 7, shift(p.accent, light=0.12))
    s.rect(-24, -94, 24, -80, p.main, radius=6)
    for _ in range(7):
        s.circle(rng.uniform(-36, 36), rng.uniform(level + 12, 72), rng.uniform(3, 8), shift(p.accent, light=0.18))
    s.circle(8, -52, 6, p.accent)
    s.circle(-4, -70, 4, p.accent)
    s.line([(-26, 8), (-50, 60)], PAPER, 5)


def dinosaur(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    body = p.main
    s.line(bezier((-14, 26), (-74, 48), (-98, 2)), body, 15)
    for x in (-42, -16, 22, 44):
        s.rect(x - 10, 28, x + 10, 88, shift(body, light=-0.08 if x in (-16, 44) else 0), radius=8)
    s.ellipse(0, 22, 62, 36, body)
    s.line(bezier((40, 8), (58, -30), (50, -70)), body, 25)
    s.ellipse(64, -74, 30, 17, body, turn=8)
    s.circle(62, -80, 4.5, PAPER)
    s.circle(63, -80, 2.4, INK)
    s.curve((68, -66), (80, -64), (90, -70), shift(body, light=-0.2), 3)
    for i in range(6):
        x = -50 + 17 * i
        y = 22 - 36 * math.sqrt(max(0.0, 1 - (x / 62) ** 2))
        s.poly([(x - 11, y + 7), (x + 1, y - 18), (x + 12, y + 5)], p.accent)
    for x, y in ((-26, 22), (0, 10), (18, 28), (-8, 36)):
        s.circle(x, y, 6, shift(body, light=0.12))


def geometry(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    s.line([(-92, 66), (92, 66)], p.main, 4)
    s.line([(-76, 86), (-76, -86)], p.main, 4)
    wave = rng.uniform(0.03, 0.055)
    s.line([(x, 6 - 44 * math.sin(wave * x)) for x in range(-76, 90, 4)], p.accent, 7)
    s.ring(26, -16, 54, p.main, 4)
    corners = [(26 + 52 * math.cos(t), -16 + 52 * math.sin(t)) for t in (rng.uniform(0, 1) + np.array([0, 2.1, 4.0]))]
    s.line([*corners, corners[0], corners[1]], rgb("8ecae6"), 5)
    for x, y in corners:
        s.circle(x, y, 7, p.accent)


def cloud(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        s.circle(40, -52, 34, p.accent)
    for x, y, r in ((-52, -6, 32), (-14, -28, 42), (36, -14, 36), (62, 4, 24)):
        s.circle(x, y, r, p.main)
    s.rect(-82, -6, 84, 28, p.main, radius=17)
    s.poly([(6, 20), (-22, 62), (-2, 62), (-14, 98), (30, 48), (8, 48), (26, 20)], p.accent)
    for x in (-62, -38, 48, 70):
        drop = rng.uniform(0, 14)
        s.line([(x, 44 + drop), (x - 8, 66 + drop)], rgb("a9d6ff"), 6)


def heart(s: Sketch, p: Palette, rng: np.random.Generator) -> None:
    t = np.linspace(0, 2 * np.pi, 80)
    x = 5.2 * 16 * np.sin(t) ** 3
    y = -5.2 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    s.poly([(float(a), float(b)) for a, b in zip(x, y, strict=True)], p.main)
    s.ellipse(-42, -38, 20, 12, shift(p.main, light=0.2), turn=-40)
    k = rng.uniform(0.7, 1.1)
    pulse = [(-96, 6), (-40, 6), (-26, -10), (-14, 6), (-4, 34 * k), (10, -48 * k), (24, 26 * k), (32, 6), (96, 6)]
    s.line([(float(a), float(b)) for a, b in pulse], PAPER, 7)


MOTIFS: Final[dict[str, Motif]] = {
    "Guitar": guitar,
    "Piano": keys,
    "Synthesisers": synth,
    "Drums": drums,
    "Singing": microphone,
    "Strings & Orchestra": violin,
    "Programming": code,
    "Electronics": board,
    "Robots": robot,
    "3D Printing": printer,
    "Retro Computing": computer,
    "Cybersecurity": lock,
    "Astronomy": planet,
    "Chemistry": flask,
    "Dinosaurs": dinosaur,
    "Mathematics": geometry,
    "Weather": cloud,
    "Human Body": heart,
}
