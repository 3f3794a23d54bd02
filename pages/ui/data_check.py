"""Checking the files before anything is stored: what was read, what was wrong, and what it means."""

from __future__ import annotations

import html
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui.data_draft import Checked, Draft, Settings
from pages.ui.data_health import show_health
from pages.ui.frame import show_error
from pages.ui.waiting import Meter, wait_for
from pages.ui.widgets import stale_note
from relvid_core.errors import RelvidError
from relvid_core.intake import faults as f
from relvid_core.intake.clean import Cleaned, clean, dataset_from
from relvid_core.intake.health import health_report

STYLE: Final = """<style>
.rv-faults :is(th, td):last-child {text-align: left !important; white-space: normal; min-width: 14rem}
.rv-faults :is(th, td):nth-child(3) {text-align: left !important}
.rv-counts dd {font-size: 1.25rem; line-height: 1.3}
.rv-counts dd small {display: block; font-size: .8rem; font-weight: 400; opacity: .78}
</style>"""
_ROWS_SHOWN: Final = 2_000
_TEXTS: Final = (f.FILE, f.COLUMN, f.FAULT, f.FOUND, f.DONE, f.CURE)


def show_check(draft: Draft, settings: Settings) -> bool:
    """The button, and what the check found. Whether that holds for these settings, so that one can go on."""
    st.subheader("Check", anchor=False)
    checked = draft.checked
    stale = checked is not None and checked.settings != settings
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.html(
        '<p class="rv-note">Reads every cell, says what is wrong and what it would do about it. Your files stay as '
        "they are.</p>"
    )
    label = "Check the files" if checked is None else "Check again"
    kind = "primary" if checked is None or stale else "secondary"
    if button.button(label, type=kind, width="stretch", key="check"):
        _check(draft, settings)
    if checked is None:
        return False
    if stale:
        stale_note("The report", "press “Check again”")
    _show_counts(checked.cleaned)
    _show_faults(checked.cleaned)
    st.html('<h3 class="rv-group">What the data is good for</h3>')
    show_health(checked.report, checked.dataset.catalog, key="draft")
    return not stale


def _check(draft: Draft, settings: Settings) -> None:
    """Clean, build and judge; leaves everything as it was when it is stopped or fails."""
    columns = {role: dict(pairs) for role, pairs in settings.columns}
    log = draft.uploads.get("log")
    try:
        cleaned = wait_for(
            partial(
                clean,
                draft.uploads["catalogue"].table,
                None if log is None else log.table,
                catalogue_columns=columns["catalogue"],
                log_columns=columns.get("log", {}),
                thumbnails=settings.pictures,
                engagement_from=settings.engagement_from,
            ),
            "Going through all cells (1 of 2)",
            key="cancel_cleaning",
        )
        draft.check(judge(settings, cleaned, "Counting who watched what, and looking for copies (2 of 2)"))
    except RelvidError as error:
        show_error(error)
        return
    st.rerun()


def judge(settings: Settings, cleaned: Cleaned, said: str) -> Checked:
    """The dataset that these frames make, and its health, with a bar. Raises RelvidError where they make none."""
    meter = Meter()
    return wait_for(partial(_judged, settings, cleaned, meter), said, key="cancel_judging", meter=meter)


def _judged(settings: Settings, cleaned: Cleaned, meter: Meter) -> Checked:
    dataset = dataset_from(cleaned, key="draft", title="Your data", thumbnails=settings.pictures)
    return Checked(settings, cleaned, dataset, health_report(dataset, cleaned, on_progress=meter.move))


def _show_counts(cleaned: Cleaned) -> None:
    """Rows read, kept and dropped, file by file."""
    facts = []
    for role, name in (("catalogue", "Videos"), ("log", "Views")):
        if role in cleaned.n_read:
            read, kept = cleaned.n_read[role], cleaned.n_kept[role]
            dropped = f"{read - kept:,} of {read:,} dropped" if read > kept else f"all {read:,} rows"
            facts.append(f"<div><dt>{name} kept</dt><dd>{kept:,}<small>{dropped}</small></dd></div>")
    n = len(cleaned.faults)
    rows = "nothing to correct" if not n else "listed below"
    facts.append(f"<div><dt>Faults found</dt><dd>{n:,}<small>{rows}</small></dd></div>")
    st.html(f'<dl class="rv-facts rv-counts">{"".join(facts)}</dl>')


def _show_faults(cleaned: Cleaned) -> None:
    if not cleaned.faults:
        return
    st.html(kinds_html(f.faults_by_kind(cleaned.faults)))
    st.download_button(
        "Download all faults (CSV)", f.faults_csv(cleaned.faults).encode("utf-8-sig"), "faults.csv", "text/csv",
        on_click="ignore", key="download_faults",
    )  # fmt: skip
    with st.expander("Every fault with its row"):
        frame = f.faults_frame(cleaned.faults)
        kinds = st.multiselect(
            "Only these", sorted(frame[f.FAULT].unique()), key="fault_kinds", placeholder="all kinds",
            help="Shows fewer rows; the download holds all of them.",
        )  # fmt: skip
        shown = frame[frame[f.FAULT].isin(kinds)] if kinds else frame
        st.dataframe(
            shown.head(_ROWS_SHOWN), hide_index=True, key="faults",
            column_config={
                f.ROW: st.column_config.NumberColumn("Row", format="%d"),
                **{name: st.column_config.TextColumn(name.capitalize()) for name in _TEXTS},
            },
            alt="Every fault: file, row, column, what was found and what was done",
        )  # fmt: skip
        if len(shown) > _ROWS_SHOWN:
            st.caption(f"The first {_ROWS_SHOWN:,} of {len(shown):,}; the download holds all.")
        st.caption("Rows are counted as a spreadsheet counts them: the header is row 1.")


def kinds_html(kinds: pd.DataFrame) -> str:
    """Faults by kind as an HTML table; names of files are escaped, the rest is ours."""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(fault)}<small dir="auto">{html.escape(file)}</small></th>'
        f"<td>{n:,}</td><td>{html.escape(done)}</td><td>{html.escape(cure)}</td></tr>"
        for file, fault, done, n, cure in kinds.itertuples(index=False)
    )
    heads = ("Fault", "Count", "What was done", "To mend it at its source")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        '<div class="rv-table-scroll" role="region" aria-label="Faults by kind" tabindex="0">'
        f'<table class="rv-table rv-faults"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
