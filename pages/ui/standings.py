"""All runs of a dataset: the trade-off, the plain sentence on the correction, the table, and keeping them in order."""

from __future__ import annotations

import html
import math
from typing import Final
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
import streamlit as st

from pages.ui import cache, cache_readings, verdicts
from pages.ui.baselines import show_baselines
from pages.ui.circular import mark_html, mark_note
from pages.ui.frame import page, plain, show_error
from pages.ui.spread import cell_note, name_note, spreads_among
from pages.ui.training import browse_address, points, show_meanings
from pages.ui.widgets import DATA_PARAMETER, run_names, when
from pages.ui.words import CHANCE, HEADLINE, MEASURES, Measure
from relvid_core.charts import tradeoff
from relvid_core.charts.layout import CONFIG
from relvid_core.errors import RunError
from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.alike import twin_groups
from relvid_core.experiments.circularity import circularity, first_reason
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.standings import (
    CorrectionVerdict,
    Standings,
    correction_pair,
    correction_verdict,
    estimates_frame,
    reference_for,
)

_PUNISHED: Final = (
    "But recall is counted in a log that was made by showing popular videos, so it punishes every correction."
)
_TOPIC: Final = MEASURES[protocol.TOPIC_MATCH]
Estimates = dict[str, dict[str, Estimate]]  # run id → metric → estimate


def show_standings(found: Standings) -> None:
    """Chart, verdict, table and the runs that do not belong into them."""
    estimates = _estimates([*found.models, *found.baselines])
    shown = [info for info in found.models if info.run_id in estimates]
    if not shown:
        return
    baselines = [info for info in found.baselines if info.run_id in estimates]
    shown += sorted(baselines, key=lambda info: -estimates[info.run_id][protocol.RECALL].mean)
    names = run_names(shown)
    _show_price(found.models, names)
    if any(not math.isnan(estimates[info.run_id][protocol.TOPIC_MATCH].mean) for info in shown):
        _show_chart(shown, names, estimates)
    else:
        st.caption("These videos have no topics, so recall cannot be drawn against topic match.")
    _show_verdict(found.models)
    st.html(table(shown, names, estimates))
    if reasons := first_reason(shown, HEADLINE):
        st.caption(mark_note(reasons))
    show_meanings("What the columns mean", list(HEADLINE))
    show_baselines(found)
    if found.others:
        with st.expander(f"Not comparable with these ({len(found.others)})"):
            st.caption("Measured on other data or in another way, so their figures do not belong into the same table.")
            for info, reason in found.others:
                st.markdown(f"- **{plain(info.label, 60)}** ({when(info.created_at)}): {plain(reason)}")


def _show_price(models: list[RunInfo], names: dict[str, str]) -> None:
    """What the newest model buys and what that costs, against what it is best held against, in one line."""
    newest, reference = models[0], reference_for(models[0], models)
    if reference is None or not {newest.run_id, reference.run_id} <= set(names):
        return
    try:
        gaps = cache_readings.paired(reference.run_id, newest.run_id)
    except RunError as error:
        show_error(error)
        return
    who = f"“{names[newest.run_id]}” against “{names[reference.run_id]}”"
    line = verdicts.line_html(gaps, who, newest.config.evaluation.k)
    st.html(verdicts.STYLE + line)  # with its own styles: drawn before those of the page, it would push the chart down


def _show_chart(shown: list[RunInfo], names: dict[str, str], estimates: Estimates) -> None:
    """Recall against topic match; a click on a point opens the lists of its run."""
    frame = estimates_frame({names[info.run_id]: estimates[info.run_id] for info in shown})
    chance = estimates[shown[0].run_id].get(CHANCE)
    event = st.plotly_chart(
        tradeoff(
            frame,
            baselines=[names[info.run_id] for info in shown if info.kind == "baseline"],
            chance=None if chance is None else chance.mean,
            outlines=_outlines(shown, names),
            alike=[[names[info.run_id] for info in group] for group in twin_groups(shown)],
            numbered=True,
        ),
        key="tradeoff",
        config=CONFIG,
        on_select="rerun",
        selection_mode="points",
        alt="Recall against topic match of every run, coloured by popular share; the table below has the same figures",
    )
    for point in event["selection"]["points"][:1]:
        info = shown[point["customdata"][-1]]
        st.switch_page(page("browse"), query_params=browse_address(info, reference_for(info, shown)))
    st.caption(_reading_words(shown, None if chance is None else chance.mean))


def _reading_words(shown: list[RunInfo], chance: float | None) -> str:
    """How to read the chart, under it."""
    said = [
        "Further right: the lists hold more of what viewers really watched next. Further up: more of them are on the "
        "topic of the video being watched. Orange points list many popular videos, teal ones few. Circles are trained "
        "models, hollow diamonds baselines; a number is that of a table row. **Click a point to see its lists.**",
        f"The area around a point says how far chance may have moved it: asked about other videos, "
        f"{100 * shown[0].config.evaluation.confidence:g} of 100 such areas would hold the true point.",
    ]
    if twin_groups(shown):
        said.append("Dotted lines join trainings of one model that differ only in their random start.")
    if chance is not None:
        said.append(f"A list drawn by chance would be {_TOPIC.text(chance)} on topic.")
    return " ".join(said)


def _outlines(shown: list[RunInfo], names: dict[str, str]) -> dict[str, npt.NDArray[np.float64]]:
    """Name → the region that holds recall and topic match together; what cannot be read is said."""
    found = {}
    for info in shown:
        try:
            joint = cache_readings.recall_and_topic_match(info.run_id)
        except RunError as error:
            show_error(error)
            continue
        found[names[info.run_id]] = joint.outline(info.config.evaluation.confidence)
    return found


def _estimates(infos: list[RunInfo]) -> Estimates:
    found: Estimates = {}
    for info in infos:
        try:
            found[info.run_id] = cache.store().estimates(info.run_id)
        except RunError as error:
            show_error(error)
    return found


def _show_verdict(models: list[RunInfo]) -> None:
    pair = correction_pair(models)
    if pair is None:
        return
    try:
        verdict = correction_verdict(*(cache.run(info.run_id) for info in pair))
    except RunError as error:
        show_error(error)
        return
    (st.success if verdict.pays else st.warning)(verdict_text(verdict))
    key = pair[0].dataset_key
    st.page_link(page("debias"), label="What correcting does here, step by step →", query_params={DATA_PARAMETER: key})


def verdict_text(verdict: CorrectionVerdict) -> str:
    """One sentence on whether the correction pays, as markdown."""
    strength = verdict.corrected.config.off_policy.strength
    who = f"(strength {strength:g}, “{plain(verdict.corrected.label, 40)}” against “{plain(verdict.plain.label, 40)}”)"
    share = f"the popular share changes by {points(verdict.popular_share)}"
    recall = points(verdict.recall)
    if verdict.pays:
        return f"Popularity correction pays here {who}: recall changes by {recall}, and {share}."
    if verdict.recall.high < 0:
        return f"Popularity correction costs recall here {who}: it changes by {recall}, while {share}. {_PUNISHED}"
    return (
        f"Popularity correction does not beat no correction here {who}: recall changes by {recall}, and {share}. "
        f"{_PUNISHED}"
    )


def table(shown: list[RunInfo], names: dict[str, str], estimates: Estimates) -> str:
    """The runs as an HTML table, one column a measure, with a link into the lists of every run."""
    k = shown[0].config.evaluation.k
    head = "".join(
        f'<th scope="col"><abbr title="{html.escape(measure.help)}">{html.escape(measure.title_at(k))}</abbr>'
        f"{_chance(measure, estimates[shown[0].run_id])}</th>"
        for measure in HEADLINE.values()
    )
    rows = []
    for place, info in enumerate(shown, start=1):
        link = urlencode(browse_address(info, reference_for(info, shown)))
        spread = spreads_among(info, shown, estimates)
        cells = "".join(
            _cell(estimates[info.run_id].get(key), measure, circularity(info, key), cell_note(measure, spread.get(key)))
            for key, measure in HEADLINE.items()
        )
        small = "<small>baseline</small>" if info.kind == "baseline" else name_note(spread)
        name = f'<a href="browse?{html.escape(link)}">{html.escape(names[info.run_id])}</a>'
        rows.append(f'<tr><th scope="row"><span class="rv-place">{place}</span> {name}{small}</th>{cells}</tr>')
    return (
        '<div class="rv-table-scroll" role="region" aria-label="Measures of all runs" tabindex="0">'
        f'<table class="rv-table"><thead><tr><th scope="col">Run</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _chance(measure: Measure, estimates: dict[str, Estimate]) -> str:
    chance = estimates.get(CHANCE)
    if measure is not _TOPIC or chance is None:
        return "<small>&nbsp;</small>"
    return f"<small>chance {measure.text(chance.mean)}</small>"


def _cell(estimate: Estimate | None, measure: Measure, why_circular: str | None, note: str) -> str:
    if estimate is None:
        return "<td>–</td>"
    value = f"{measure.text(estimate.mean)}{mark_html(why_circular)}"
    return f"<td>{value}<small>{measure.interval(estimate)}</small>{note}</td>"


def show_browse_link(models: list[RunInfo]) -> None:
    """The way into the lists: the newest run against its reference."""
    st.page_link(
        page("browse"),
        label="**See the lists in Browse** →",
        query_params=browse_address(models[0], reference_for(models[0], models)),
    )


def show_housekeeping(models: list[RunInfo]) -> None:
    """Rename and delete, with the way back from a deletion."""
    deleted = st.session_state.get("deleted")
    if deleted is not None:
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.markdown(f"Deleted “{plain(deleted[1])}”.")
        button.button("Undo", on_click=_undo, args=deleted, width="stretch")
    if not models:
        return
    with st.expander("Rename or delete a run"):
        names = run_names(models)
        run_id = st.selectbox("Run", list(names), format_func=names.__getitem__, key="kept_run")
        label = next(info.label for info in models if info.run_id == run_id)
        new = st.text_input("Name", label, key=f"label_{run_id}", max_chars=80)
        left, right = st.columns(2)
        same = new.strip() in ("", label)
        left.button("Rename", on_click=_rename, args=(run_id, new), disabled=same, width="stretch")
        right.button("Delete", on_click=_delete, args=(run_id, label), width="stretch")


def _rename(run_id: str, label: str) -> None:
    try:
        cache.store().rename(run_id, label)
    except RunError as error:
        show_error(error)


def _delete(run_id: str, label: str) -> None:
    try:
        cache.store().delete(run_id)
        st.session_state["deleted"] = (run_id, label)
    except RunError as error:
        show_error(error)


def _undo(run_id: str, label: str) -> None:
    st.session_state.pop("deleted", None)
    try:
        cache.store().restore(run_id)
    except RunError as error:
        show_error(error)
