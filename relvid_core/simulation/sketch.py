"""Drawing in units of a small square, oversampled so that edges come out smooth."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

INK: Final[Colour] = (34, 38, 52)
PAPER: Final[Colour] = (255, 249, 238)


def rgb(text: str) -> Colour:
    """A colour from six hex digits.

    >>> rgb("ff8000")
    (255, 128, 0)
    """
    return (int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16))


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The colour `share` of the way from a to b."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return (red, green, blue)


def shift(colour: Colour, *, hue: float = 0.0, light: float = 0.0) -> Colour:
    """Turned by `hue` (of a full circle), with `light` added to the HLS lightness."""
    h, lightness, s = colorsys.rgb_to_hls(*(x / 255 for x in colour))
    r, g, b = colorsys.hls_to_rgb((h + hue) % 1.0, min(0.97, max(0.03, lightness + light)), s)
    return (round(255 * r), round(255 * g), round(255 * b))


class Sketch:
    """A transparent square from −100 to 100 (y downwards) to draw one motif on."""

    def __init__(self, scale: float = 2.0, width: float = 200.0, height: float = 200.0) -> None:
        self.scale = scale
        self.origin = (width / 2, height / 2)
        self.image = Image.new("RGBA", (round(width * scale), round(height * scale)), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.image)

    def _at(self, point: Point) -> Point:
        return ((point[0] + self.origin[0]) * self.scale, (point[1] + self.origin[1]) * self.scale)

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (left, top), (right, bottom) = self._at((min(x0, x1), min(y0, y1))), self._at((max(x0, x1), max(y0, y1)))
        return (left, top, right, bottom)

    def poly(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([self._at(point) for point in points], fill=colour)

    def circle(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle."""
        self._draw.ellipse(self._box(x - radius, y - radius, x + radius, y + radius), fill=colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, *, turn: float = 0.0) -> None:
        """A filled ellipse, turned by `turn` degrees clockwise."""
        angle = math.radians(turn)
        c, s = math.cos(angle), math.sin(angle)
        around = [(rx * math.cos(t * math.tau / 60), ry * math.sin(t * math.tau / 60)) for t in range(60)]
        self.poly([(x + a * c - b * s, y + a * s + b * c) for a, b in around], colour)

    def ring(self, x: float, y: float, radius: float, colour: Colour, width: float) -> None:
        """A circle's outline, `width` thick, inside the radius."""
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=colour, width=max(1, round(width * self.scale)))

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, *, radius: float = 0.0) -> None:
        """A filled rectangle with rounded corners."""
        self._draw.rounded_rectangle(self._box(x0, y0, x1, y1), radius=radius * self.scale, fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A polyline with round joints and ends."""
        self._draw.line(
            [self._at(p) for p in points], fill=colour, width=max(1, round(width * self.scale)), joint="curve"
        )
        if width * self.scale > 3:
            for x, y in (points[0], points[-1]):
                self.circle(x, y, width / 2 - 0.4 / self.scale, colour)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, colour: Colour, width: float) -> None:
        """Part of a circle from `start` to `end` degrees (0 = right, clockwise), with round ends."""
        self.line(arc_points(x, y, radius, radius, start, end), colour, width)

    def pie(self, x: float, y: float, rx: float, ry: float, start: float, end: float, colour: Colour) -> None:
        """A filled slice of an ellipse cut by its chord from `start` to `end` degrees."""
        self._draw.chord(self._box(x - rx, y - ry, x + rx, y + ry), start, end, fill=colour)

    def curve(self, start: Point, bend: Point, end: Point, colour: Colour, width: float) -> None:
        """A quadratic Bézier stroke."""
        self.line(bezier(start, bend, end), colour, width)


def arc_points(x: float, y: float, rx: float, ry: float, start: float, end: float, n: int = 40) -> list[Point]:
    """Points on an ellipse from `start` to `end` degrees."""
    angles = [math.radians(start + (end - start) * i / n) for i in range(n + 1)]
    return [(x + rx * math.cos(t), y + ry * math.sin(t)) for t in angles]


def bezier(start: Point, bend: Point, end: Point, n: int = 24) -> list[Point]:
    """Points of a quadratic Bézier curve."""
    out = []
    for i in range(n + 1):
        t = i / n
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        out.append((a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]))
    return out


def star_points(x: float, y: float, outer: float, inner: float, n: int, turn: float = -90.0) -> list[Point]:
    """Corners of an n-pointed star."""
    out = []
    for i in range(2 * n):
        t = math.radians(turn + 180 * i / n)
        radius = outer if i % 2 == 0 else inner
        out.append((x + radius * math.cos(t), y + radius * math.sin(t)))
    return out
