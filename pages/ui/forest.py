"""Intervals drawn in the rows of a table, on one axis around the line of no difference: a forest plot that can be read
aloud, copied and searched, because its figures stand beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from relvid_core.charts.palette import QUIET, VERDICT_COLOURS

STYLE: Final = """<style>
.rv-table :is(th, td).rv-forest {position: relative; width: 40%; min-width: 9rem; padding-inline: 0}
.rv-forest > span {position: absolute; inset: 0 .9rem}
td.rv-forest > span {background: linear-gradient(#92908C, #92908C) var(--zero) 0 / 1px 100% no-repeat}
.rv-forest :is(i, b, small) {position: absolute; translate: -50% 0}
.rv-forest i {top: 50%; height: 3px; margin-top: -1.5px; translate: 0 0}
.rv-forest b {top: 50%; width: 11px; height: 11px; margin-top: -5.5px; border-radius: 50%; border: 2px solid}
.rv-table thead th.rv-forest small {bottom: .42rem; font-variant-numeric: tabular-nums}
</style>"""
_STEPS: Final = 4  # from tick to tick, at most
_ROOM: Final = 0.02  # of the axis beyond the outermost end


@dataclass(frozen=True)
class Axis:
    """What all rows are drawn on; zero is always on it."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float]) -> Axis:
        """An axis that holds all values that are known.

        >>> axis = Axis.over([0.1, float("nan"), 0.4])
        >>> axis.ticks, round(axis.at(0.4))
        ([0.0, 0.2, 0.4], 98)
        """
        known = [0.0, *(value for value in values if not math.isnan(value))]
        low, high = min(known), max(known)
        room = _ROOM * (high - low or 1.0)
        return cls(low - room, high + room)

    @property
    def ticks(self) -> list[float]:
        """Round values, zero among them, at most five."""
        rough = (self.high - self.low) / _STEPS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [round(place * step, 12) for place in range(first, last + 1)]

    def at(self, value: float) -> float:
        """Where a value stands, in percent of the width."""
        return 100 * (value - self.low) / (self.high - self.low)

    def head(self, *, percent: bool) -> str:
        """The head of the column, with the ticks; in points where `percent`."""
        scale = 100 if percent else 1
        marks = "".join(
            f'<small style="left:{self.at(tick):.1f}%">{_signed(scale * tick)}</small>' for tick in self.ticks
        )
        return f'<th class="rv-forest" aria-hidden="true"><span>{marks}</span></th>'

    def cell(self, mean: float, low: float, high: float, verdict: str) -> str:
        """A dot with its whisker in the colour of the verdict, hollow and grey without evidence."""
        drawn, colour = "", VERDICT_COLOURS.get(verdict, QUIET)
        if not (math.isnan(low) or math.isnan(high)):
            start, end = self.at(low), self.at(high)
            drawn += f'<i style="left:{start:.2f}%;width:{end - start:.2f}%;background:{colour}"></i>'
        if not math.isnan(mean):
            fill = colour if verdict in VERDICT_COLOURS else "Canvas"
            drawn += f'<b style="left:{self.at(mean):.2f}%;border-color:{colour};background:{fill}"></b>'
        return f'<td class="rv-forest" aria-hidden="true"><span style="--zero:{self.at(0):.1f}%">{drawn}</span></td>'


def _signed(value: float) -> str:
    return f"{value:+g}".replace("-", "−") if value else "0"
