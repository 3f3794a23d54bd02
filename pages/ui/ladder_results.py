"""What a trained ladder shows: one sentence, a table, small multiples, and how to read recall of new videos."""

from __future__ import annotations

import html
from functools import partial
from typing import Final

import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.frame import page, plain
from pages.ui.gaps import gap_html
from pages.ui.ladder_rungs import WHAT, StoredRungs
from pages.ui.training import show_meanings
from pages.ui.waiting import wait_for
from pages.ui.words import INTERVAL, MEASURES, Measure
from relvid_core.charts.ladder import rung_panels
from relvid_core.charts.layout import CONFIG
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments.cold_references import CONTENT, POPULAR, reference_runs
from relvid_core.experiments.ladder import RECALL_COLD_SEEDS, RECALL_TAIL_SEEDS, TITLES
from relvid_core.experiments.ladder_reading import LadderReading, ladder_frame, read_ladder

STYLE: Final = """<style>
ol.rv-rungs {list-style: none; margin: 0 0 .4rem !important; padding: 0 !important;}
ol.rv-rungs li {margin: 0 !important; padding: .42rem .2rem .42rem .85rem; border-left: 3px solid #8A949C;
  border-bottom: 1px solid color-mix(in srgb, currentColor 12%, transparent); line-height: 1.4}
ol.rv-rungs li span {opacity: .8; font-size: .87rem}
ol.rv-rungs li small {display: block; font-size: .8rem; opacity: .78}
ol.rv-rungs li.rv-done {border-left-color: #0F7490}
ol.rv-rungs li.rv-out {border-left-style: dotted}
ol.rv-rungs li.rv-out :is(b, span) {opacity: .8}
.st-key-rv-panels {display: grid !important; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr));
  gap: 1rem 1.1rem}
.st-key-rv-panels > div {min-width: 0; width: 100% !important}
.st-key-rv-panels p {font-weight: 600; font-size: .92rem}
.rv-cold {grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)) !important; max-width: 56rem}
.rv-cold dd small {display: block; font-weight: 400; opacity: .8; line-height: 1.35}
.rv-cold dd small span {white-space: nowrap}
</style>"""
_CANCEL: Final = "cancel_ladder"
LADDER_MEASURES: Final = {
    RECALL: MEASURES[RECALL],
    RECALL_TAIL_SEEDS: Measure(
        RECALL_TAIL_SEEDS,
        "Recall@{k}, tail seeds",
        "Recall of the lists of rarely watched videos: the tail by the seed's own popularity.",
    ),
    RECALL_COLD_SEEDS: Measure(
        RECALL_COLD_SEEDS,
        "Recall@{k}, cold seeds",
        "Recall of the lists of new videos: those that nobody had watched in what the models learned from.",
    ),
    TOPIC_MATCH: MEASURES[TOPIC_MATCH],
    POPULAR_SHARE: MEASURES[POPULAR_SHARE],
}
_WITHOUT_MODEL: Final = {
    POPULAR: ("Most popular", "one list for all"),
    CONTENT: ("Content alone", "most alike, nothing learned"),
}
_VERDICT_HELP: Final = (
    "Each rung against the one below, seed video by seed video: a verdict needs a difference larger than chance would "
    "make it (randomisation test at the level of the interval, Holm-adjusted for the whole table)."
)
_CIRCULAR: Final = (
    "Topics train the relevance loss here and also grade topic match: a gain there shows that training did what it was "
    "told, not that viewers find the lists more relevant. Recall does not know topics."
)


def show_ladder(data: Dataset, stored: StoredRungs) -> None:
    """The reading of a ladder whose runs are all there; the first time it takes some seconds. Raises RunError."""
    reading = _read(data, stored)
    if reading is None:
        return
    st.header("What the ladder shows", anchor=False)
    better = any(gap.verdict == "better" for step in reading.steps for gap in step.gaps.values())
    headline, *rest = (plain(sentence, 500) for sentence in reading.sentences)
    (st.success if better else st.info)(" ".join([f"**{headline}**", *rest]))
    st.html(table_html(reading))
    n_seeds = len(next(iter(stored.values())))
    again = (
        "Verdicts speak of other seed videos, not of training again: with more trainings of each rung, that averages "
        "out."
        if n_seeds == 1
        else f"Every seed video counts with its mean over {n_seeds} trainings of the rung."
    )
    st.caption(
        f"Below each figure: the gap to the rung below, in points. {again} A gap holds on top of the rungs below it; "
        "in another order it could be shared out otherwise."
    )
    _show_panels(reading)
    if reading.topics_train and TOPIC_MATCH in reading.steps[0].estimates:
        st.html(f'<p class="rv-note">{_CIRCULAR}</p>')
    _show_cold(reading)
    show_meanings("What the columns mean", [RECALL, TOPIC_MATCH, POPULAR_SHARE])
    rungs = list(stored)
    where = {"data": data.key, "a": stored[rungs[0]][0], "b": stored[rungs[-1]][0]}
    st.page_link(page("browse"), label="**Lists of the lowest and the highest rung, in Browse** →", query_params=where)


def _read(data: Dataset, stored: StoredRungs) -> LadderReading | None:
    """The reading, from memory where it was read before; None where somebody cancelled it."""
    infos = {info.run_id: info for info in cache.runs_of(data.key)}
    beside = reference_runs(list(infos.values()), infos[next(iter(stored.values()))[0]].evaluation_key)
    references = {name: info.run_id for name, info in beside.items()}
    made = [infos[run_id].created_at for of in (*stored.values(), references.values()) for run_id in of]
    key = (data.fingerprint, tuple((rung, *of) for rung, of in stored.items()), *made)
    known = cache_readings.ladder_readings()
    if key not in known:
        if st.session_state.get(_CANCEL):
            st.info("The ladder was not read: you cancelled it.")
            st.button("Read the ladder", type="primary")
            return None
        work = partial(read_ladder, stored, references, data, cache.store(), cache.prepared())
        known[key] = wait_for(work, "Comparing the rungs, seed video by seed video", key=_CANCEL)
    return known[key]


def table_html(reading: LadderReading) -> str:
    """The rungs as an HTML table, the lowest at the bottom: every measure with its gap to the rung below."""
    measures = [LADDER_MEASURES[name] for name in reading.steps[0].estimates]
    head = "".join(
        f'<th scope="col"><abbr title="{html.escape(one.help)}">{html.escape(one.title_at(reading.k))}</abbr></th>'
        for one in measures
    )
    rows = []
    for step in reversed(reading.steps):
        cells = []
        for one in measures:
            estimate, gap = step.estimates[one.key], step.gaps.get(one.key)
            below = "" if gap is None else gap_html(gap)
            cells.append(f"<td>{one.text(estimate.mean)}<small>{one.interval(estimate)}</small>{below}</td>")
        rows.append(
            f'<tr><th scope="row">{html.escape(TITLES[step.rung])}<small>{WHAT[step.rung]}</small></th>'
            f"{''.join(cells)}</tr>"
        )
    return (
        '<div class="rv-table-scroll" role="region" aria-label="The rungs compared" tabindex="0">'
        '<table class="rv-table rv-gaps"><thead><tr>'
        f'<th scope="col"><abbr title="{html.escape(_VERDICT_HELP)}">Against the rung below</abbr></th>{head}'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _show_panels(reading: LadderReading) -> None:
    references = {TOPIC_MATCH: {"chance": reading.topic_chance}}
    if reading.cold is not None:
        popular = reading.cold.baselines.get(POPULAR)
        references[RECALL_COLD_SEEDS] = {} if popular is None else {"most popular": popular.mean}
    panels = rung_panels(ladder_frame(reading.steps), references=references)
    with st.container(key="rv-panels"):
        for name, figure in panels.items():
            measure = LADDER_MEASURES[name]
            with st.container(gap=None):
                st.markdown(measure.title_at(reading.k), help=measure.help)
                words = f"{measure.title_at(reading.k)} of every rung, with intervals"
                st.plotly_chart(figure, config=CONFIG, key=f"panel-{name}", alt=words)


def _show_cold(reading: LadderReading) -> None:
    """What a cold seed is, and what its recall must be read against."""
    st.header("New videos", anchor=False)
    cold = reading.cold
    if cold is None:
        st.info("No seed is a new video here. Hide some videos as new (above) to see what each lever does for them.")
        return
    few = " That is little: only large differences can be seen." if cold.n_seeds < 100 else ""
    st.html(
        f'<p class="rv-note">A cold seed is a video that nobody had watched in what the models learned from, because '
        f"it was hidden or is really new; it is asked what viewers later watched close to it. There are "
        f"{cold.n_seeds:,} of them, beside {reading.n_seeds:,} seeds with a history.{few}</p>"
    )
    bottom, top = reading.steps[0], reading.steps[-1]
    measure = LADDER_MEASURES[RECALL_COLD_SEEDS]
    lowest, highest = bottom.estimates[RECALL_COLD_SEEDS], top.estimates[RECALL_COLD_SEEDS]
    facts = [
        ("A random list", measure.text(cold.chance), "what chance finds"),
        (
            TITLES[bottom.rung],
            measure.text(lowest.mean),
            f"knows nothing of a new video; <span>{measure.interval(lowest)}</span>",
        ),
    ]
    for name, (title, note) in _WITHOUT_MODEL.items():
        if (found := cold.baselines.get(name)) is not None:
            facts.append((title, measure.text(found.mean), f"{note}; <span>{measure.interval(found)}</span>"))
    facts.append(
        ("The highest rung", measure.text(highest.mean), f"all levers; <span>{measure.interval(highest)}</span>")
    )
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>" for name, value, note in facts)
    facts_html = f'<dl class="rv-facts rv-cold">{cells}</dl>'
    st.html(f'<div role="group" aria-label="Recall of cold seeds">{facts_html}</div>')
    st.caption(f"{measure.title_at(reading.k)}. {INTERVAL}")
