"""The charts of a report, from what the runs store."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from relvid_core import columns as c
from relvid_core.charts import interval_bars, loss_curves, metric_histograms, tradeoff
from relvid_core.charts.palette import QUIET
from relvid_core.charts.standalone import Figure, figure_json
from relvid_core.evaluation.estimates import UNDEFINED, Estimate
from relvid_core.evaluation.metrics import STRATUM_NAMES
from relvid_core.evaluation.protocol import POPULAR_SHARE, TOPIC_MATCH, stratum_recall
from relvid_core.experiments.spreads import seed_spread
from relvid_core.experiments.standings import estimates_frame
from relvid_core.report.markup import figure, named
from relvid_core.report.material import Material
from relvid_core.report.words import BY_POPULARITY, CHANCE, MEASURES

_MOST_BARS = 25
_HEIGHT = 280  # pixels: that of the histograms beside it
_CEILING, _CEILING_NAME = "topic_ceiling", "best"
_SPREADS = {TOPIC_MATCH: "topic match", POPULAR_SHARE: "popular share"}


@dataclass(frozen=True)
class Drawing:
    """One chart: its place in the page, and its traces and layout as JSON."""

    key: str
    html: str
    json: str


def _drawing(key: str, drawn: Figure, alt: str, caption: str = "") -> Drawing:
    return Drawing(key, figure(key, alt, int(drawn.layout.height), caption), figure_json(drawn))


def tradeoff_drawing(material: Material) -> Drawing:
    """All runs and baselines, recall against topic match."""
    runs = {f"{letter} · {run.info.label}": run.estimates for letter, _, run in material.lettered}
    baselines = {baseline.info.label: baseline.estimates for baseline in material.baselines}
    chance = material.first.estimates.get(CHANCE, UNDEFINED).mean
    frame = estimates_frame(runs | baselines)
    return _drawing(
        "chart-tradeoff",
        tradeoff(frame, baselines=list(baselines), chance=chance, x_title="recall", y_title="topic match"),
        "Recall against topic match of every run and baseline, coloured by popular share",
    )


def topic_drawing(material: Material) -> Drawing | None:
    """Topic match of every run between its chance level and the best that any list could have; None without topics."""
    rows = {letter: run.estimates[TOPIC_MATCH] for letter, _, run in material.lettered}
    if all(estimate.n == 0 for estimate in rows.values()):
        return None
    ceiling = material.first.estimates.get(_CEILING, UNDEFINED)
    drawn = interval_bars(
        _rows(rows | {_CEILING_NAME: ceiling}),
        title=_SPREADS[TOPIC_MATCH],
        reference=material.first.estimates.get(CHANCE, UNDEFINED).mean,
        reference_name="chance",
        colours=_colours(material) | {_CEILING_NAME: QUIET},
        height=_HEIGHT,
    )
    drawn.update_xaxes(range=[0, 105])
    caption = f"<b>{MEASURES[TOPIC_MATCH].title_at(material.k)}</b>, with the chance level and the best possible"
    return _drawing("chart-topic", drawn, "Topic match of every run, with chance level and ceiling", caption)


def spread_drawings(material: Material) -> list[Drawing]:
    """Topic match and popular share over the seed videos: the first run alone, or under each of the others."""
    drawings = []
    for metric, title in _SPREADS.items():
        chance = material.first.estimates.get(CHANCE, UNDEFINED).mean if metric == TOPIC_MATCH else None
        if material.first.estimates[metric].n == 0:
            continue
        for frame, colours in _spread_frames(material, metric):
            pair = " and ".join(frame[c.RUN].unique())
            drawn = metric_histograms(
                frame, title=title, chance=chance, steps=min(material.k, _MOST_BARS), colours=colours
            )
            caption = f"<b>{MEASURES[metric].title_at(material.k)}</b> over the seed videos, {pair}"
            key = f"chart-{metric.replace('_', '-')}-{frame[c.RUN].iat[-1]}"
            drawings.append(_drawing(key, drawn, f"Histogram of {title} over the seed videos, {pair}", caption))
    return drawings


def _spread_frames(material: Material, metric: str) -> list[tuple[pd.DataFrame, list[str]]]:
    (_, first_colour, first), *others = material.lettered
    if not others:
        return [(seed_spread({"A": first}, metric), [first_colour])]
    return [(seed_spread({"A": first, letter: run}, metric), [first_colour, colour]) for letter, colour, run in others]


def stratum_drawings(material: Material) -> list[Drawing]:
    """Recall of popular, middling and rarely watched targets."""
    measures = [BY_POPULARITY[stratum_recall(name)] for name in STRATUM_NAMES]
    found = {
        measure: {letter: run.estimates.get(measure.key, UNDEFINED) for letter, _, run in material.lettered}
        for measure in measures
    }
    ends = [100 * end for rows in found.values() for one in rows.values() for end in (one.mean, one.high)]
    reach = max([end for end in ends if not math.isnan(end)], default=100.0)  # one axis, so that charts compare
    drawings = []
    for measure, rows in found.items():
        if all(estimate.n == 0 for estimate in rows.values()):
            continue
        drawn = interval_bars(_rows(rows), title="recall", colours=_colours(material))
        drawn.update_xaxes(range=[0, 1.08 * reach])
        key = f"chart-{measure.key.replace('_', '-')}"
        caption = f"<b>{measure.title}</b><br>{measure.help}"
        drawings.append(_drawing(key, drawn, f"{measure.title} of every run", caption))
    return drawings


def curve_drawings(material: Material) -> list[Drawing]:
    """The losses of every trained run; baselines have none."""
    return [
        _drawing(
            f"chart-losses-{letter}",
            loss_curves(run.history, height=260),
            f"Mean losses of run {letter} by epoch",
            named(letter, colour, run.info.label),
        )
        for letter, colour, run in material.lettered
        if len(run.history)
    ]


def _rows(estimates: dict[str, Estimate]) -> pd.DataFrame:
    rows = [(run, estimate.mean, estimate.low, estimate.high) for run, estimate in estimates.items()]
    return pd.DataFrame(rows, columns=[c.RUN, c.MEAN, c.LOW, c.HIGH])


def _colours(material: Material) -> dict[str, str]:
    return {letter: colour for letter, colour, _ in material.lettered}
