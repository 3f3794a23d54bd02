"""All measures of the compared runs in one table, in groups, with verdicts against A and what could have been found."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.circular import mark_html, mark_note
from pages.ui.verdicts import decisive_html, mark
from pages.ui.words import INTERVAL, MEASURES, NARROW_SPACE, Measure
from relvid_core import columns as c
from relvid_core.charts.palette import BADGES
from relvid_core.data.spreadsheet import safe_csv
from relvid_core.evaluation.estimates import FEW_SEEDS, Estimate
from relvid_core.evaluation.protocol import COVERAGE, POPULAR_SHARE, RECALL, TOPIC_CEILING, TOPIC_MATCH
from relvid_core.experiments.circularity import first_reason
from relvid_core.experiments.cold_references import CONTENT, reference_runs
from relvid_core.experiments.compare import DIFFERENCE, P_VALUE, SIDE_A, VERDICT
from relvid_core.experiments.known_truth import TRUE_ENGAGEMENT
from relvid_core.experiments.measure_table import DETECTABLE, DIFFERENCE_HIGH, DIFFERENCE_LOW
from relvid_core.experiments.run import Run, RunInfo

STYLE: Final = (
    """<style>
.rv-measures {font-size: .86rem; max-width: 66rem}
.rv-measures tbody th:first-child {font-weight: 500}
.rv-measures tr.rv-group th {font-weight: 650; padding-top: 1.1rem; text-align: left; max-width: none}
.rv-measures thead th {white-space: normal; min-width: 6rem}
.rv-measures :is(th, td) {padding-inline: .4rem}
.rv-measures thead th b {color: #fff; border-radius: .3rem; padding: .05rem .4rem; margin-right: .35rem}
.rv-measures thead th small {display: inline; unicode-bidi: isolate; overflow-wrap: anywhere}
.rv-measures td .rv-verdict {font-size: .76rem; padding: 0 .45rem; margin-right: .25rem}
.rv-measures .rv-against {text-align: left; padding-left: .7rem}
@media (max-width: 640px) { /* the verdict is what matters: it must not lie outside of the screen */
  .rv-measures {font-size: .8rem}
  .rv-measures :is(th, td) {padding-inline: .2rem}
  .rv-measures thead th {min-width: 4.5rem}
  .rv-measures tr > :first-child {min-width: 0; overflow-wrap: break-word}
  .rv-measures .rv-against {padding-left: .45rem}
  .rv-measures td {white-space: normal}
  .rv-measures td.rv-against {min-width: 5.6rem}
  .rv-measures td .rv-verdict {display: block; width: fit-content; font-size: .7rem; margin: 0}
}
"""
    + "".join(
        f".rv-measures thead th b.rv-{side.lower()} {{background: {colour}}}\n" for side, colour in BADGES.items()
    )
    + "</style>"
)
# A group begins at these measures, in the order of MEASURES.
_GROUPS: Final = {
    TRUE_ENGAGEMENT: "What is known beside the log",
    RECALL: "What viewers watched next",
    TOPIC_MATCH: "Relevance to the seed video",
    POPULAR_SHARE: "What the lists are made of",
    COVERAGE: "All lists together",
}
_VERDICT_HELP: Final = (
    "A verdict needs evidence: the difference over the seed videos must be larger than chance would make it "
    "(randomisation test at the level of the interval, Holm-adjusted for the whole table). It speaks of other seed "
    "videos, not of training the model again."
)
_MISSED_HELP: Final = (
    "A true difference of this size would be found in 80 % of such comparisons. Smaller ones are often missed, so “no "
    "evidence” does not mean that there is none. Counted with the strictest level that the adjustment for many "
    "questions may ask for."
)


def show_measures(runs: Mapping[str, Run], infos: list[RunInfo]) -> None:
    """The verdicts that decide, the table, and its download. `infos` are all runs of the dataset."""
    first = runs[SIDE_A]
    settings = first.info.config.evaluation
    table = cache_readings.measures(runs)
    for side in runs:
        if side != SIDE_A:
            st.html(decisive_html(table, side, settings.k))
    if len(first.seeds) < FEW_SEEDS:
        st.warning(
            f"Only {len(first.seeds)} seed videos. With fewer than {FEW_SEEDS}, intervals of recall are too narrow: do "
            "not trust a small difference. A longer log brings more."
        )
    st.html(
        f'<p class="rv-note">Measured on lists of {settings.k}. A seed video counts if it was watched before the cut '
        f"and together with another one after it. {INTERVAL}</p>"
    )
    # Topic match first: the line below the table says why of the first one that is marked.
    circular = first_reason([run.info for run in (*list(runs.values())[1:], first)], (TOPIC_MATCH, *MEASURES))
    st.html(measures_html(table, runs, _read_against(first, infos), settings.confidence, circular))
    if marked := {key: why for key, why in circular.items() if key in set(table[c.METRIC])}:
        st.caption(mark_note(marked))
    st.download_button(
        "Download measures (CSV)",
        measures_csv(table, runs).encode("utf-8-sig"),
        file_name=f"measures-{first.info.run_id}.csv",
        mime="text/csv",
        on_click="ignore",
        key="measures_csv",
    )


def _read_against(first: Run, infos: list[RunInfo]) -> dict[str, dict[str, float]]:
    """Measure → what it must be read against, by name: chance, and of topic match the best possible and content alone.

    Content alone is the baseline, where it is stored.
    """
    against: dict[str, dict[str, float]] = {}
    for key, measure in MEASURES.items():
        names = {"by chance": measure.chance} | ({"at best": TOPIC_CEILING} if key == TOPIC_MATCH else {})
        against[key] = {name: first.estimates[of].mean for name, of in names.items() if of in first.estimates}
    content = reference_runs(infos, first.info.evaluation_key).get(CONTENT)
    if content is not None:
        against[TOPIC_MATCH]["content alone"] = cache.store().estimates(content.run_id)[TOPIC_MATCH].mean
    return against


def measures_html(
    table: pd.DataFrame,
    runs: Mapping[str, Run],
    against: Mapping[str, Mapping[str, float]],
    confidence: float,
    circular: Mapping[str, str],
) -> str:
    """`measure_table` as an HTML table: a measure a row, a run and its difference to A a column.

    `against` says of a measure what it must be read against, `circular` why it grades what trained a run.
    """
    k = runs[SIDE_A].info.config.evaluation.k
    head = "".join(
        f'<th scope="col"><b class="rv-{side.lower()}">{side}</b>'
        f'<small dir="auto">{html.escape(run.info.label)}</small></th>{"" if side == SIDE_A else _against(side)}'
        for side, run in runs.items()
    )
    body = []
    for heading, measure, rows in _grouped(table):
        if heading:
            body.append(f'<tr class="rv-group"><th colspan="{2 * len(runs)}" scope="rowgroup">{heading}</th></tr>')
        cells = "".join(
            _mean(row, measure) + ("" if side == SIDE_A else _gap(row, measure)) for side, row in rows.items()
        )
        name = _named(measure, k, against.get(measure.key, {}), circular.get(measure.key))
        body.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="Measures of the runs">'
        f'<table class="rv-table rv-measures"><thead><tr><th scope="col">Measure'
        f"<small> {100 * confidence:.0f} % intervals</small></th>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _against(side: str) -> str:
    return f'<th scope="col" class="rv-against"><abbr title="{html.escape(_VERDICT_HELP)}">{side} against A</abbr></th>'


def _named(measure: Measure, k: int, against: Mapping[str, float], circular: str | None) -> str:
    """The title of a measure, its mark where it is circular, and what it must be read against below it."""
    said = ", ".join(f"{name} {measure.text(value)}" for name, value in against.items() if not math.isnan(value))
    small = f"<small>{said}</small>" if said else ""
    title = f'<abbr title="{html.escape(measure.help)}">{html.escape(measure.title_at(k))}</abbr>'
    return f"{title}{mark_html(circular)}{small}"


def _grouped(table: pd.DataFrame) -> Iterator[tuple[str, Measure, dict[str, pd.Series]]]:
    """For each measure of the table: the heading that begins at it ("" if none), the measure, and its rows by run."""
    due = ""
    there = {str(metric): of_metric for metric, of_metric in table.groupby(c.METRIC, sort=False)}
    for key, measure in MEASURES.items():
        due = _GROUPS.get(key, due)
        if key in there:
            yield due, measure, {str(row[c.RUN]): row for _, row in there[key].iterrows()}
            due = ""


def _mean(row: pd.Series, measure: Measure) -> str:
    mean, low, high = (float(row[name]) for name in (c.MEAN, c.LOW, c.HIGH))
    interval = measure.interval(Estimate(mean, low, high, int(row[c.N_SEEDS])))
    return f"<td>{measure.text(mean)}<small>{interval}</small></td>"


def _gap(row: pd.Series, measure: Measure) -> str:
    """The difference to A: its verdict, its interval, and without evidence how large it could be unseen."""
    if not row[VERDICT]:
        return '<td class="rv-against">–</td>'
    difference = measure.signed(float(row[DIFFERENCE]))
    reach = " to ".join(_unitless(measure, float(row[name])) for name in _ENDS)
    missed = ""
    if row[VERDICT] == "no evidence" and row[DETECTABLE] > 0:  # 0 where both runs agree on every seed
        size = measure.signed(float(row[DETECTABLE])).removeprefix("+")
        missed = (
            f'<small><abbr title="{html.escape(_MISSED_HELP)}">a difference would show from {size} on</abbr></small>'
        )
    return f'<td class="rv-against">{mark(str(row[VERDICT]))} {difference}<small>{reach}</small>{missed}</td>'


def _unitless(measure: Measure, value: float) -> str:
    return measure.signed(value).removesuffix(" points").removesuffix(f"{NARROW_SPACE}{measure.unit}")


_ENDS: Final = (DIFFERENCE_LOW, DIFFERENCE_HIGH)
_CSV_COLUMNS: Final = (
    "measure", "key", "run", "run_label", "run_id", c.MEAN, c.LOW, c.HIGH, c.N_SEEDS, "difference_to_a", *_ENDS,
    "p_value_holm", VERDICT, "detectable_difference",
)  # fmt: skip


def measures_csv(table: pd.DataFrame, runs: Mapping[str, Run]) -> str:
    """`measure_table` as CSV, with the titles of measures and the labels of runs."""
    k = runs[SIDE_A].info.config.evaluation.k
    rows = []
    for row in table.to_dict("records"):
        run = runs[str(row[c.RUN])].info
        named = (MEASURES[str(row[c.METRIC])].title_at(k), row[c.METRIC], row[c.RUN], run.label, run.run_id)
        figures = [row[name] for name in (c.MEAN, c.LOW, c.HIGH, c.N_SEEDS, DIFFERENCE, *_ENDS, P_VALUE)]
        rows.append((*named, *figures, row[VERDICT], row[DETECTABLE]))
    return safe_csv(pd.DataFrame(rows, columns=list(_CSV_COLUMNS)))
