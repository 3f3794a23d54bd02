"""Measures and distributions of a preview as HTML: drawn in a millisecond, while sliders move."""

from __future__ import annotations

import html
import math
from typing import Final

import numpy as np

from pages.ui.words import MEASURES, Measure
from relvid_core.charts.palette import QUIET, RUN_A, RUN_B
from relvid_core.data.interactions import Counts
from relvid_core.data.pictures import svg_uri
from relvid_core.experiments.preview import Change

STYLE: Final = """<style>
.rv-now {display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .2rem 1rem}
.rv-now > div {min-width: 0; padding-left: .7rem; border-left: 3px solid #DD6B32}
.rv-now abbr {font-size: .84rem; white-space: nowrap}
.rv-now b {display: block; font-size: 1.65rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums;
  white-space: nowrap}
.rv-now small {display: block; font-size: .8rem; opacity: .82; font-variant-numeric: tabular-nums; line-height: 1.35}
.rv-spreads {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem 2rem}
.rv-spread {margin: 0; min-width: 0}
.rv-spread figcaption {display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; margin-bottom: .3rem;
  font-size: .86rem; font-variant-numeric: tabular-nums}
.rv-spread figcaption b {font-size: .95rem; font-weight: 600}
.rv-spread i {display: inline-block; width: .68rem; height: .68rem; border-radius: .15rem; margin-right: .3rem}
.rv-spread img {width: 100%; height: 112px; display: block}
.rv-axis {display: flex; justify-content: space-between; font-size: .78rem; opacity: .8; margin-top: .15rem}
@media (max-width: 1100px) {
  .rv-now {gap: .2rem .5rem}
  .rv-now > div {padding-left: .45rem}
  .rv-now abbr {white-space: normal; display: block; min-height: 2.5em; line-height: 1.25}
}
@media (max-width: 900px) {
  .rv-now b {font-size: 1.25rem}
}
</style>"""
_WIDTH, _HEIGHT = 420, 110  # of a picture, in its own units; it stretches to its place


def measures_html(changes: list[Change], k: int, where: str) -> str:
    """The headline measures now, at the start, and the difference; `where` says at which position, in letters."""
    parts = []
    for change in changes:
        measure = MEASURES[change.metric]
        parts.append(
            f'<div><abbr title="{html.escape(measure.help)}">{measure.title_at(k)}</abbr>'
            f'<b data-measure="{change.metric}">{measure.text(change.now)}</b>'
            f"<small>{_signed(change)}</small><small>start {measure.text(change.start)}</small></div>"
        )
    return f'<div class="rv-now" role="group" aria-label="Measures at {html.escape(where)}">{"".join(parts)}</div>'


def _signed(change: Change) -> str:
    """The difference in percentage points, in words where it is none.

    >>> _signed(Change("recall", 0.25, 0.262)), _signed(Change("recall", 0.25, 0.25))
    ('+1.2 points', 'as at the start')
    """
    points = round(100 * change.difference, 1) if not math.isnan(change.difference) else 0.0
    return f"{points:+.1f} points".replace("-", "−") if points else "as at the start"


def spread_html(change: Change, start: Counts, now: Counts, k: int, chance: float) -> str:
    """How a share of the lists is spread over the seeds at the start and now: `[steps + 1]` counts each, as a figure.

    A dashed line marks `chance`, NaN for none.
    """
    measure = MEASURES[change.metric]
    most = max(_share(start).max(initial=0.0), _share(now).max(initial=0.0))
    top = math.ceil(10 * most) / 10 if most else 1.0  # in steps, so that bars do not all move when one does
    lines = [(change.start, RUN_A, ""), (change.now, RUN_B, ""), (chance, QUIET, ' stroke-dasharray="5 4"')]
    said = _alt(measure, change, k, int(start.sum()))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">'
        f"{_bars(_share(start) / top, RUN_A)}{_bars(_share(now) / top, RUN_B)}"
        f"{''.join(_line(at, colour, dash, len(start)) for at, colour, dash in lines if not math.isnan(at))}"
        f'<line x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}" stroke="{QUIET}" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    by_chance = "" if math.isnan(chance) else f"<span>dashed: chance, {measure.text(chance)}</span>"
    return (
        f'<figure class="rv-spread"><figcaption><b>{measure.title_at(k)}</b>'
        f'<span><i style="background:{RUN_A}"></i>A start {measure.text(change.start)}</span>'
        f'<span><i style="background:{RUN_B}"></i>B now {measure.text(change.now)}</span>{by_chance}</figcaption>'
        f'<img src="{svg_uri(svg)}" alt="{html.escape(said)}">'
        f'<div class="rv-axis"><span>0 % of a list</span><span>height: up to {100 * top:.0f} % of the seeds</span>'
        "<span>100 %</span></div></figure>"
    )


def _share(counts: Counts) -> np.ndarray:
    return counts / max(1, int(counts.sum()))


def _bars(heights: np.ndarray, colour: str) -> str:
    width = _WIDTH / len(heights)
    return "".join(
        f'<rect x="{place * width + 0.06 * width:.1f}" y="{_HEIGHT * (1 - height):.1f}" width="{0.88 * width:.1f}" '
        f'height="{_HEIGHT * height:.1f}" fill="{colour}" fill-opacity=".58"/>'
        for place, height in enumerate(heights.tolist())
        if height > 0
    )


def _line(share: float, colour: str, dash: str, n_bars: int) -> str:
    """A vertical line at a share; the bars of 0 and 1 are centred half a bar from the edges."""
    x = _WIDTH * (0.5 + share * (n_bars - 1)) / n_bars
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HEIGHT}" stroke="{colour}" stroke-width="2.5"{dash} '
        'vector-effect="non-scaling-stroke"/>'
    )


def _alt(measure: Measure, change: Change, k: int, n_seeds: int) -> str:
    return (
        f"{measure.title_at(k)} of {n_seeds:,} seed videos: {measure.text(change.start)} on average at the start, "
        f"{measure.text(change.now)} now"
    )
