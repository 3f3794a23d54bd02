"""Do two losses pull the model apart? Cosines between their gradients over the epochs of one training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import DOTTED, Sketch, axis, label, need
from relvid_core.charts.palette import COLOURS, QUIET

_LINE: Final = 17  # pixels: the height of a line of text
_MARGIN: Final = {"l": 62, "r": 142, "t": 12, "b": 48}
_OVERALL_COLOUR: Final = COLOURS[2]  # none of these is the colour of run A or run B: these lines are no runs
_PART_COLOURS: Final = (COLOURS[5], COLOURS[4], COLOURS[3])
_DASHES: Final = ("solid", "dot", "dash")


def conflict_curves(
    history: pd.DataFrame,
    *,
    overall: tuple[str, str],
    parts: Mapping[str, Mapping[str, str]],
    height: int = 340,
) -> go.Figure:
    """One line for each gradient cosine of a tidy (epoch, term, value) frame, on an axis from −1 to 1.

    `overall` is the (term, shown name) of the thick line. `parts` are the thin ones: group → term → shown name; a group
    shares a colour and its members differ in their dashes. Terms that are absent are left out, so a training with one
    loss alone gives empty axes.
    """
    need(history, (c.EPOCH, c.TERM, c.VALUE), "conflict curves")
    sketch = Sketch(height)
    wide = history.pivot_table(index=c.EPOCH, columns=c.TERM, values=c.VALUE, sort=True)
    ends: list[tuple[float, str, str]] = []
    styles = [
        (term, name, _PART_COLOURS[place % 3], _DASHES[member % 3])
        for place, group in enumerate(parts.values())
        for member, (term, name) in enumerate(group.items())
    ]
    for term, shown, colour, dash in [*styles, (*overall, _OVERALL_COLOUR, "solid")]:
        if term not in wide.columns:
            continue
        line, name, thick = wide[term].dropna(), label(shown), term == overall[0]
        sketch.scatter(
            x=line.index,
            y=line,
            name=name,
            mode="lines+markers" if len(line) < 3 else "lines",
            line={"color": colour, "width": 4 if thick else 1.5, "dash": dash},
            hovertemplate=f"epoch %{{x:.3g}}: {name} %{{y:.2f}}<extra></extra>",
        )
        ends.append((float(line.iloc[-1]), f"<b>{name}</b>" if thick else name, colour))
    last = float(wide.index.max()) if len(wide) else 1.0
    sketch.across(0, line=DOTTED | {"width": 1.5})
    ends.append((0.0, "no conflict", QUIET))
    _name_lines(sketch, ends, last, (height - _MARGIN["t"] - _MARGIN["b"]) / 2)
    return sketch.figure(
        xaxis=axis("epoch", grid=False, range=[min(1.0, last) - 0.02 * last, last * 1.02]),
        yaxis=axis("cosine of the two gradients", range=[-1, 1], dtick=0.5),
        margin=_MARGIN,
    )


def opening_cosines(history: pd.DataFrame, names: Mapping[str, str]) -> dict[str, float]:
    """Shown name → cosine in the first epoch on record, lowest first, for those of `names` (term → name) it holds."""
    need(history, (c.EPOCH, c.TERM, c.VALUE), "opening cosines")
    first = history[(history[c.EPOCH] == history[c.EPOCH].min()) & history[c.TERM].isin(list(names))]
    ordered = first.sort_values(c.VALUE, kind="stable")
    return {names[term]: float(value) for term, value in zip(ordered[c.TERM], ordered[c.VALUE], strict=True)}


def _name_lines(sketch: Sketch, ends: list[tuple[float, str, str]], last: float, unit: float) -> None:
    """Write each line's name beside its end with a thin leader; `unit` is the pixels of a cosine of 1."""
    ordered = sorted(ends, reverse=True)
    places = _spread([unit * value for value, _, _ in ordered], _LINE, unit)
    for (value, name, colour), place in zip(ordered, places, strict=True):
        sketch.note(
            x=last, y=value, text=name, xanchor="left", font={"size": 12},
            showarrow=True, ax=22, ay=unit * value - place, arrowhead=0, arrowwidth=1, arrowcolor=colour,
        )  # fmt: skip


def _spread(heights: list[float], gap: float, edge: float) -> list[float]:
    """Descending heights at least `gap` apart: what would overlap is spread about its mean, and stays above −`edge`.

    >>> _spread([0.0, 0.0, 0.0], 10.0, 100.0), _spread([5.0, -98.0, -99.0], 10.0, 100.0)
    ([10.0, 0.0, -10.0], [5.0, -90.0, -100.0])
    """
    clusters: list[list[float]] = []
    for height in heights:
        clusters.append([height])
        while len(clusters) > 1 and _stack(clusters[-2], gap)[-1] - gap < _stack(clusters[-1], gap)[0]:
            clusters[-2:] = [clusters[-2] + clusters[-1]]
    places = [place for cluster in clusters for place in _stack(cluster, gap)]
    floor = -edge
    for place in reversed(range(len(places))):
        places[place] = max(places[place], floor)
        floor = places[place] + gap
    return places


def _stack(cluster: list[float], gap: float) -> list[float]:
    """Places `gap` apart around the mean of the cluster, the highest first."""
    top = sum(cluster) / len(cluster) + gap * (len(cluster) - 1) / 2
    return [top - gap * member for member in range(len(cluster))]
