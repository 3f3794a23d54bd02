"""For whom a run is better or worse: by popularity, and by topic of the seed video."""

from __future__ import annotations

import html
from typing import Any, Final

import pandas as pd
import streamlit as st

from pages.ui import cache_readings, clicks, forest
from pages.ui.compare_seeds import Question
from pages.ui.frame import show_error
from pages.ui.verdicts import mark
from pages.ui.words import Measure
from relvid_core import columns as c
from relvid_core.data.spreadsheet import safe_csv
from relvid_core.errors import RunError
from relvid_core.evaluation.protocol import RECALL
from relvid_core.experiments.compare import DIFFERENCE, MEAN_A, MEAN_B, P_VALUE, VERDICT
from relvid_core.experiments.slices import SLICE

TOPIC: Final = "topic"  # the topic whose worst seeds are shown, in the address; "" = all
JUMPS: Final = "topic_jumps"  # how often a topic was clicked: each brings the worst seeds into view
STYLE: Final = (
    forest.STYLE
    + """<style>
.rv-slices {max-height: 34rem; overflow: auto}
.rv-slices table {font-size: .84rem}
.rv-slices thead th {position: sticky; top: 0; backdrop-filter: blur(14px)}
.rv-slices :is(th, td):nth-child(2) {text-align: left}
.rv-slices :is(th, td) {padding: .32rem .5rem}
.rv-slices tbody th {font-weight: 500; unicode-bidi: isolate}
.rv-slices tr[aria-current] {background: color-mix(in srgb, #0F7490 16%, transparent)}
.rv-slices tbody :is(th, td) {vertical-align: middle !important}
@media (max-width: 640px) { /* the difference itself must not lie outside of the screen */
  .rv-slices table {font-size: .78rem}
  .rv-slices :is(th, td) {padding-inline: .22rem}
  .rv-slices tr > :first-child {min-width: 4.8rem}
  .rv-slices .rv-verdict {font-size: .7rem; padding: 0 .35rem}
  .rv-slices tr > .rv-forest {min-width: 5.6rem}
  .rv-slices .rv-forest small:nth-child(even) {display: none}
}
</style>"""
)
MAIN, FINEST = "main", "finest"
_LEASTS: Final = (5, 10, 30, 100)
_DEFAULT_LEAST: Final = 10
_FAMILY: Final = "Holm-adjusted over all of them"


def show_slices(question: Question) -> None:
    """By popularity, by topic, and all of it to download."""
    tables = {"popularity": show_popularity(question), "topic": show_topics(question)}
    st.download_button(
        "Download slices (CSV)",
        slices_csv({by: table for by, table in tables.items() if table is not None}, question).encode("utf-8-sig"),
        file_name=f"slices-{question.measure.key}-{question.b.info.run_id}.csv",
        mime="text/csv",
        on_click="ignore",
        key="slices_csv",
    )


def show_popularity(question: Question) -> pd.DataFrame | None:
    """Popular, middling, rarely watched and new seeds and targets. Returns the table; None where it cannot be made."""
    st.header("For popular and for rare videos", anchor=False)
    try:
        table = cache_readings.by_popularity(question.a, question.b, question.measure.key, question.prepared)
    except RunError as error:  # of these slices alone: the rest of the page does not need what they need
        show_error(error)
        return None
    targets = (
        " Seed videos are those being watched; targets are the videos that should have been found for them."
        if question.measure.key == RECALL
        else ""
    )
    st.html(
        '<p class="rv-note">Popular: the most watched of the catalogue; rarely watched: those that share the last '
        f"fifth of all watching. Verdicts are {_FAMILY}.{targets}</p>"
    )
    st.html(slices_html(table, question, "Differences by popularity"))
    return table


def show_topics(question: Question) -> pd.DataFrame | None:
    """Topics of the seeds, the worst first. Returns the table; None where no video has a topic."""
    st.header("By topic of the seed video", anchor=False)
    topics = question.shelf.catalog.topics
    if not topics.n_levels:
        st.info("No video of this catalogue has a topic. Add a column of topics to it on Data, and train again.")
        return None
    level, least = _choose(topics.n_levels)
    table = cache_readings.topic_slices(question.a, question.b, question.measure.key, level, least)
    if table.empty:
        st.info(f"No topic has {least} seed videos with a value in both runs. Ask for fewer.")
        return table
    st.html(f'<p class="rv-note">{topics_words(table, question.worse, least)}</p>')
    names = [str(name) for name in table[SLICE]]
    st.html(slices_html(table, question, "Differences by topic", linked=True))
    clicks.hear("topic", len(names), lambda place: _turn_to(names[place]), f"{level} {least} {question.title}")
    return table


def topics_words(table: pd.DataFrame, worse: str, least: int) -> str:
    """What the table of topics holds; `worse` is the verdict of those that come first."""
    evident, fallen = int((table[VERDICT] != "no evidence").sum()), int((table[VERDICT] == worse).sum())
    first = f"{fallen:,} of them {worse}, which come first" if fallen else f"none of them {worse}"
    return (
        f"By main topic, so that every seed video counts once. Of {len(table):,} topics with at least {least} seed "
        f"videos, {evident:,} differ with evidence ({_FAMILY}), {first}. Click a topic to see its worst seed videos "
        "below."
    )


def chosen_level(n_levels: int) -> int:
    """The level at which topics are cut: 1 = main topics, 0 = the finest."""
    return 1 if n_levels > 1 and st.session_state.get("topics", MAIN) == MAIN else 0


def _choose(n_levels: int) -> tuple[int, int]:
    with st.container(horizontal=True, gap="large"):
        if n_levels > 1:
            st.segmented_control(
                "Topics", (MAIN, FINEST), default=MAIN, key="topics", bind="query-params", required=True
            )
        least = st.segmented_control(
            "At least this many seed videos", _LEASTS, default=_DEFAULT_LEAST, key="least", bind="query-params",
            required=True,
        )  # fmt: skip
    return chosen_level(n_levels), int(least)


def _turn_to(topic: str) -> None:
    """Show the worst seed videos of a topic, and bring them into view."""
    st.query_params[TOPIC] = topic
    st.session_state[JUMPS] = st.session_state.get(JUMPS, 0) + 1


def slices_html(table: pd.DataFrame, question: Question, about: str, *, linked: bool = False) -> str:
    """A table of slices as HTML: verdict, difference drawn and in figures with its interval, both means, and how many
    seeds. With `linked`, the name of a slice asks for its worst seed videos."""
    measure, chosen = question.measure, st.query_params.get(TOPIC, "")
    axis = forest.Axis.over(table[[DIFFERENCE, c.LOW, c.HIGH]].to_numpy(dtype=float).ravel().tolist())
    rows = []
    for place, row in enumerate(table.to_dict("records")):
        name, gap = str(row[SLICE]), float(row[DIFFERENCE])
        current = ' aria-current="true"' if name == chosen else ""
        shown = _link(name, place) if linked else html.escape(name)
        rows.append(
            f'<tr{current}><th scope="row" dir="auto">{shown}</th><td>{mark(str(row[VERDICT]))}</td>'
            f"{axis.cell(gap, float(row[c.LOW]), float(row[c.HIGH]), str(row[VERDICT]))}"
            f"<td>{measure.signed(gap)}<small>{_reach(row, measure)}</small></td>"
            f"<td>{measure.text(float(row[MEAN_A]))}</td><td>{measure.text(float(row[MEAN_B]))}</td>"
            f"<td>{int(row[c.N_SEEDS]):,}</td></tr>"
        )
    return (
        f'<div class="rv-table-scroll rv-slices" tabindex="0" role="region" aria-label="{about}">'
        f'<table class="rv-table"><thead><tr><th scope="col">Slice</th><th scope="col">{question.letter} is …</th>'
        f'{axis.head(percent=measure.percent)}<th scope="col">{question.letter} − A</th><th scope="col">A</th>'
        f'<th scope="col">{question.letter}</th><th scope="col">Seeds</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _link(topic: str, place: int) -> str:
    href = html.escape(clicks.here(**{TOPIC: topic}))
    return f'<a href="{href}" target="_self" data-topic="{place}">{html.escape(topic)}</a>'


def _reach(row: Any, measure: Measure) -> str:
    low, high = (measure.signed(float(row[name])).removesuffix(" points") for name in (c.LOW, c.HIGH))
    return f"{low} to {high}"


_CSV_COLUMNS: Final = (
    "by", "slice", "measure", "run", "run_label", c.N_SEEDS, "mean_a", "mean", "difference_to_a", "difference_low",
    "difference_high", "p_value_holm", VERDICT,
)  # fmt: skip


def slices_csv(tables: dict[str, pd.DataFrame], question: Question) -> str:
    """Tables of slices, by what they are cut by, as one CSV."""
    figures = (c.N_SEEDS, MEAN_A, MEAN_B, DIFFERENCE, c.LOW, c.HIGH, P_VALUE, VERDICT)
    rows = [
        (by, row[SLICE], question.title, question.letter, question.b.info.label, *(row[name] for name in figures))
        for by, table in tables.items()
        for row in table.to_dict("records")
    ]
    return safe_csv(pd.DataFrame(rows, columns=list(_CSV_COLUMNS)))
