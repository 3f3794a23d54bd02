"""Where the names of points may stand, so that they cover each other, the points and their intervals least."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Final, NamedTuple

Place = tuple[float, float]  # in pixels, from the lower left corner of the plot
Box = tuple[float, float, float, float]  # left, bottom, right, top in pixels

_POSITIONS: Final = {  # where a label may stand: (horizontal, vertical) of its nearest edge, seen from the point
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top right": (1, 1),
    "bottom right": (1, -1),
    "top left": (-1, 1),
    "bottom left": (-1, -1),
}
_SIGN_WIDTH, _LINE_HEIGHT, _RADIUS = 7.0, 16.0, 9.0  # pixels, of 13 px text and of a point
_MOST_COVERED: Final = 20.0  # pixels² of points and labels that a label may cover before a shorter one is taken


class Label(NamedTuple):
    """What stands beside a point, and on which side, as plotly says it."""

    text: str
    position: str


class Plot(NamedTuple):
    """The area that points are drawn in: its size in pixels, and what its axes reach over."""

    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def pixels(self, x: float, y: float) -> Place:
        """Where a point is drawn."""
        (left, right), (bottom, top) = self.x, self.y
        return self.width * (x - left) / (right - left), self.height * (y - bottom) / (top - bottom)


def place_labels(
    plot: Plot, points: Sequence[Place], texts: Sequence[Sequence[str]], reach: Sequence[Sequence[float]]
) -> list[Label]:
    """A label for every point: greedily the place whose box covers least of what was drawn before it.

    `texts` holds what a point may be called, the best name first: the next is taken where the one before would cover a
    point or a label. `points` and `reach` are in units of the axes; `reach` holds the ends of what is drawn around each
    point (whiskers, an ellipse): low x, low y, high x, high y; NaN where there is nothing.
    """
    pixels = [plot.pixels(*point) for point in points]
    solid = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in pixels]  # what a label must not cover
    faint: list[Box] = []
    for (px, py), point, ends in zip(pixels, points, reach, strict=True):
        whole = [own if isnan(end) else end for own, end in zip((*point, *point), ends, strict=True)]
        (left, bottom), (right, top) = plot.pixels(*whole[:2]), plot.pixels(*whole[2:])
        faint += [(left, py - 2, right, py + 2), (px - 2, bottom, px + 2, top)]
    chosen = []
    for (px, py), choice in zip(pixels, texts, strict=True):
        for text in choice:
            boxes = {position: _label_box(px, py, text, side) for position, side in _POSITIONS.items()}
            cost = {place: _covered(box, [*solid, *faint], plot) for place, box in boxes.items()}
            best = min(cost, key=cost.__getitem__)
            if _covered(boxes[best], solid, plot) <= _MOST_COVERED:
                break
        solid.append(boxes[best])
        chosen.append(Label(text, best))
    return chosen


def _label_box(px: float, py: float, name: str, side: tuple[int, int]) -> Box:
    width = _SIGN_WIDTH * len(name)
    left = px + {1: _RADIUS, 0: -width / 2, -1: -_RADIUS - width}[side[0]]
    bottom = py + {1: _RADIUS, 0: -_LINE_HEIGHT / 2, -1: -_RADIUS - _LINE_HEIGHT}[side[1]]
    return left, bottom, left + width, bottom + _LINE_HEIGHT


def _covered(box: Box, taken: Sequence[Box], plot: Plot) -> float:
    """Pixels² of a box over what is taken, and outside the plot."""

    def shared(other: Box) -> float:
        return max(0.0, min(box[2], other[2]) - max(box[0], other[0])) * max(
            0.0, min(box[3], other[3]) - max(box[1], other[1])
        )

    outside = (box[2] - box[0]) * (box[3] - box[1]) - shared((0.0, 0.0, plot.width, plot.height))
    return sum(map(shared, taken)) + outside
