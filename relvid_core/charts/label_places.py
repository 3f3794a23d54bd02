"""Where the names of points may stand, so that they cover each other, the points and their intervals least."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Final

Place = tuple[float, float]
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
_SIGN_WIDTH, _LINE_HEIGHT, _RADIUS = 6.4, 16.0, 9.0  # pixels, of 12 px text and of a point
_WIDTH: Final = 760.0  # pixels; what the figure is taken to be when labels are placed


def label_positions(points: list[Place], names: list[str], reach: list[list[float]], height: int) -> list[str]:
    """A text position for every point: greedily the one whose box covers least of what was drawn before it.

    `reach` holds the ends of what is drawn around each point (whiskers, an ellipse): low x, low y, high x, high y; NaN
    where there is nothing.
    """
    taken: list[Box] = []
    pixels = []
    for (px, py), ends in zip(points, reach, strict=True):
        whole = [own if isnan(end) else end for own, end in zip((px, py, px, py), ends, strict=True)]
        (x, left, right), (y, bottom, top) = (
            _pixels((own, low, high), [point[axis] for point in points], size)
            for axis, own, low, high, size in (
                (0, px, whole[0], whole[2], _WIDTH),
                (1, py, whole[1], whole[3], float(height)),
            )
        )
        pixels.append((x, y))
        taken += [
            (x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS),
            (left, y - 2, right, y + 2),
            (x - 2, bottom, x + 2, top),
        ]
    chosen = []
    for (px, py), name in zip(pixels, names, strict=True):
        boxes = {position: _label_box(px, py, name, side) for position, side in _POSITIONS.items()}
        cost = {position: _cost(box, taken, height) for position, box in boxes.items()}
        best = min(cost, key=cost.__getitem__)
        taken.append(boxes[best])
        chosen.append(best)
    return chosen


def _pixels(values: Sequence[float], drawn: list[float], size: float) -> list[float]:
    """Where plotly will draw values on an axis of that many pixels: the points' range with a margin on both ends."""
    low, span = min(drawn), max(drawn) - min(drawn) or 1.0
    return [size * (0.06 + 0.88 * (value - low) / span) for value in values]


def _label_box(px: float, py: float, name: str, side: tuple[int, int]) -> Box:
    width = _SIGN_WIDTH * len(name)
    left = px + {1: _RADIUS, 0: -width / 2, -1: -_RADIUS - width}[side[0]]
    bottom = py + {1: _RADIUS, 0: -_LINE_HEIGHT / 2, -1: -_RADIUS - _LINE_HEIGHT}[side[1]]
    return left, bottom, left + width, bottom + _LINE_HEIGHT


def _cost(box: Box, taken: list[Box], height: int) -> float:
    """Pixels² covered of what is taken, and of what lies outside the figure."""

    def shared(other: Box) -> float:
        return max(0.0, min(box[2], other[2]) - max(box[0], other[0])) * max(
            0.0, min(box[3], other[3]) - max(box[1], other[1])
        )

    inside = shared((0.0, 0.0, _WIDTH, float(height)))
    return sum(map(shared, taken)) + (box[2] - box[0]) * (box[3] - box[1]) - inside
