"""The parts of a report that are text and tables, each as HTML."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, Final

import pandas as pd

from relvid_core import columns as c
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments import compare
from relvid_core.report.facts import FACT_HELP, dataset_facts
from relvid_core.report.markup import escaped, facts, named, paragraphs, table
from relvid_core.report.material import Material
from relvid_core.report.words import CHANCE, HEADLINE, INTERVAL, MEASURES, VERDICT_LOOKS, Measure, signed_text

_SMALLEST_P: Final = 0.001
_VERDICT_NOTE: Final = (
    "A verdict needs evidence: the difference over the seed videos must be larger than chance would make it "
    "(randomisation test, Holm-adjusted over all rows below). It speaks of other seed videos, not of training again."
)


def summary(material: Material, tables: Sequence[pd.DataFrame]) -> str:
    """The first thing to read: each run against the first, measure by measure, in one line of verdicts."""
    (letter_a, colour_a, first), *others = material.lettered
    if not others:
        values = {
            escaped(MEASURES[key].title_at(material.k)): MEASURES[key].text(first.estimates[key].mean)
            for key in ("recall", "topic_match", "popular_share")
        }
        return f"<p>{named(letter_a, colour_a, first.info.label)}</p>{facts(values)}"
    lines = []
    for (letter, colour, run), of_run in zip(others, tables, strict=True):
        said = [
            f"<li>{_verdict(row[compare.VERDICT])} {measure.title_at(material.k)} {_difference(row, measure)}</li>"
            for row, measure in _measured(of_run)
        ]
        lines.append(
            f'<div class="against"><p>{named(letter, colour, run.info.label)} '
            f"against {named(letter_a, colour_a, first.info.label)}</p><ul>{''.join(said)}</ul></div>"
        )
    return "".join(lines)


def dataset_html(material: Material) -> str:
    """What the dataset is and what its source says; without it, what the runs know of it."""
    info = material.first.info
    if material.prepared is None:
        known = {"Videos": f"{info.n_videos:,}", "Fingerprint": escaped(info.dataset_fingerprint)}
        why = f"The dataset itself could not be read ({escaped(material.missing)})" if material.missing else ""
        return (
            f'<p class="warn">{why or "The dataset itself was not at hand"}. This report is made from what the runs '
            "store: there are no example lists and no notes of the source.</p>" + facts(known)
        )
    data = material.prepared.dataset
    values = {
        f'<abbr title="{FACT_HELP[name]}">{name}</abbr>' if name in FACT_HELP else name: value
        for name, value in dataset_facts(data).items()
    }
    notes = [*map(escaped, data.notes), f"Licence: {escaped(data.licence) or 'not stated'}."]
    return facts(values) + paragraphs(notes, "li")


def measures_html(material: Material) -> str:
    """Every measure of every run and baseline, with its interval."""
    heads = ["Run"]
    for measure in HEADLINE.values():
        chance = material.first.estimates.get(CHANCE)
        beside = ""
        if measure.key == "topic_match" and chance is not None:
            beside = f"<small>chance {measure.text(chance.mean)}</small>"
        heads.append(f'<abbr title="{escaped(measure.help)}">{measure.title_at(material.k)}</abbr>{beside}')
    rows = [
        [named(letter, colour, run.info.label), *_cells(run.estimates)] for letter, colour, run in material.lettered
    ]
    rows += [
        [f"<bdi>{escaped(baseline.info.label)}</bdi><small>baseline</small>", *_cells(baseline.estimates)]
        for baseline in material.baselines
    ]
    meanings = [f"<b>{measure.title_at(material.k)}</b>: {measure.help}" for measure in HEADLINE.values()]
    return (
        table(heads, rows, about="Measures of all runs")
        + f'<p class="note">{INTERVAL}</p><details><summary>What the columns mean</summary>'
        + paragraphs(meanings, "li")
        + "</details>"
        + _further_measures(material)
    )


def _further_measures(material: Material) -> str:
    """The measures beyond the few of the table above, one a row, for whoever opens them; empty where no run has any."""
    rows = []
    for key, measure in MEASURES.items():
        found = [run.estimates.get(key) for _, _, run in material.lettered]
        if key in HEADLINE or all(one is None for one in found):
            continue
        chances = (run.estimates.get(measure.chance) for _, _, run in material.lettered)
        chance = next((one for one in chances if one is not None), None)
        beside = "" if chance is None else f"<small>chance {measure.text(chance.mean)}</small>"
        head = f'<abbr title="{escaped(measure.help)}">{measure.title_at(material.k)}</abbr>{beside}'
        rows.append([head, *(_cell(one, measure) for one in found)])
    if not rows:
        return ""
    heads = ["Measure", *(named(letter, colour, run.info.label) for letter, colour, run in material.lettered)]
    return "<details><summary>Further measures</summary>" + table(heads, rows, about="Further measures") + "</details>"


def _cells(estimates: dict[str, Estimate]) -> list[str]:
    return [_cell(estimates.get(key), measure) for key, measure in HEADLINE.items()]


def _cell(estimate: Estimate | None, measure: Measure) -> str:
    if estimate is None:
        return "–"
    return f"{measure.text(estimate.mean)}<small>{measure.interval(estimate)}</small>"


def differences_html(material: Material, tables: Sequence[pd.DataFrame]) -> str:
    """Paired differences of every other run against the first, with adjusted p-values and verdicts."""
    if not tables:
        return ""
    confidence = material.first.info.config.evaluation.confidence
    parts = [f'<p class="note">{_VERDICT_NOTE}</p>']
    for (letter, colour, run), of_run in zip(material.lettered[1:], tables, strict=True):
        rows = [
            [
                measure.title_at(material.k),
                _verdict(row[compare.VERDICT]),
                _difference(row, measure),
                _p_text(float(row[compare.P_VALUE])),
                measure.text(float(row[compare.MEAN_A])),
                measure.text(float(row[compare.MEAN_B])),
                f"{int(row[c.N_SEEDS]):,}",
            ]
            for row, measure in _measured(of_run)
        ]
        interval = f"{letter} − A<small>{100 * confidence:.3g}\u202f% interval</small>"
        heads = ["Measure", f"{letter} is …", interval, "p<small>Holm</small>", "A", letter, "Seed videos"]
        parts.append(
            f"<h3>{named(letter, colour, run.info.label)}</h3>"
            + table(heads, rows, about=f"Differences between run {letter} and run A", kind="paired")
        )
    return "".join(parts)


def _measured(of_run: pd.DataFrame) -> list[tuple[dict[Hashable, Any], Measure]]:
    """The rows of a paired table that have words, with them."""
    rows = of_run.to_dict("records")
    return [(row, MEASURES[str(row[c.METRIC])]) for row in rows if row[c.METRIC] in MEASURES]


def _verdict(verdict: object) -> str:
    look, sign = VERDICT_LOOKS[str(verdict)]
    return f'<span class="rv-verdict {look}">{sign} {verdict}</span>'


def _difference(row: dict[Hashable, Any], measure: Measure) -> str:
    mean, low, high = (
        signed_text(float(row[name]), percent=measure.percent) for name in (compare.DIFFERENCE, c.LOW, c.HIGH)
    )
    unit = " points" if measure.percent else ""
    return f'<span class="num">{mean}{unit}</span><small>{low} to {high}</small>'


def _p_text(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"&lt; {_SMALLEST_P}" if value < _SMALLEST_P else f"{value:.3f}"
