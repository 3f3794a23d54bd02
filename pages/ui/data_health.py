"""The health of a dataset in plain words: advice, three small pictures, and videos that look like copies."""

from __future__ import annotations

import html
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui import cache, cache_intake
from pages.ui.waiting import Meter, wait_for
from relvid_core import columns as c
from relvid_core.charts.health import popularity_curve, share_bars
from relvid_core.charts.layout import CONFIG
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.intake import duplicates as d
from relvid_core.intake.health import Advice, HealthReport, health_report

STYLE: Final = """<style>
ul.rv-advice {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: .7rem;
  margin: 0 0 .4rem !important; padding: 0 !important; list-style: none}
ul.rv-advice li {margin: 0 !important; padding: .7rem .9rem .75rem; border-radius: .5rem; min-width: 0;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-left-width: 4px}
.rv-advice b {display: block; overflow-wrap: anywhere; line-height: 1.35}
.rv-advice p {margin: .2rem 0 0 !important; font-size: .88rem; line-height: 1.45; opacity: .88;
  overflow-wrap: anywhere}
.rv-level {float: right; font-size: .76rem; font-weight: 600; padding: 0 .45rem; border-radius: 1rem;
  margin: 0 0 .2rem .6rem; border: 1px solid currentColor; line-height: 1.5; white-space: nowrap}
ul.rv-advice li.rv-ok {border-left-color: #2F9461}
ul.rv-advice li.rv-look {border-left-color: #C98A1B}
ul.rv-advice li.rv-problem {border-left-color: #CF5449}
.js-plotly-plot .barlayer text {fill: currentColor !important}
h3.rv-chart {font-size: .95rem; font-weight: 600; margin: 0; padding: .5rem 0 0}
</style>"""
_LEVELS: Final = {"problem": "✕ problem", "look": "! look", "ok": "✓ ok"}
_HEAD: Final = 0.05  # share of the videos that the popularity curve marks; the head set of the measures, by default
_COPIES_SHOWN: Final = 200
_HOW_ALIKE: Final = {d.TITLE: "same title", d.TEXT: "nearly the same text", d.PICTURE: "nearly the same picture"}


def show_existing(data: Dataset) -> None:
    """The report on a dataset that is there, found out when somebody opens it."""
    opened = st.expander(
        "Health of this dataset", key="health", on_change="rerun", bind="query-params", expanded=False
    )  # fmt: skip
    with opened:
        if not opened.open:
            return
        report = cache_intake.kept_health(data)
        if report is None:
            meter = Meter()
            work = partial(health_report, data, on_progress=meter.move)
            said = "Counting who watched what, and looking for copies"
            report = wait_for(work, said, key="cancel_health", meter=meter)
            cache_intake.keep_health(data, report)
        show_health(report, data.catalog, key="existing")


def show_health(report: HealthReport, catalog: Catalog, *, key: str) -> None:
    """The whole report; `key` tells it from another one on the page."""
    st.html(advice_html(report.advice))
    drawn = [report.curve[c.ENGAGEMENT_SHARE].sum() > 0, len(report.topic_share) > 0, True]
    places = iter(st.columns(sum(drawn), gap="large"))
    if drawn[0]:
        with next(places):
            st.html('<h3 class="rv-chart">How watching is spread</h3>')
            st.plotly_chart(
                popularity_curve(report.curve, head=_HEAD), key=f"{key}_curve", config=CONFIG,
                alt="Share of all engagements that the most watched videos take",
            )  # fmt: skip
    if drawn[1]:
        with next(places):
            st.html('<h3 class="rv-chart">Do videos watched together share a topic?</h3>')
            st.plotly_chart(
                share_bars(report.topic_share, title="share a topic", quiet=str(report.topic_share[c.KIND].iat[-1])),
                key=f"{key}_topics", config=CONFIG,
                alt="Share of pairs watched together that share a topic, beside what popularity alone would give",
            )  # fmt: skip
    with next(places):
        st.html('<h3 class="rv-chart">What is missing</h3>')
        st.plotly_chart(
            share_bars(report.missing, title="of the videos"), key=f"{key}_missing", config=CONFIG,
            alt="Share of the videos without titles, descriptions, topics and pictures",
        )  # fmt: skip
    if len(report.duplicates):
        _show_copies(report.duplicates, catalog, key)


def advice_html(advice: list[Advice]) -> str:
    """The advice as cards; the level is a word and a sign, not only a colour."""
    cards = "".join(
        f'<li class="rv-{one.level}"><span class="rv-level">{_LEVELS[one.level]}</span><b>{html.escape(one.title)}</b>'
        f"<p>{html.escape(one.sentence)}</p></li>"
        for one in advice
    )
    return f'<ul class="rv-advice" aria-label="Advice on this data">{cards}</ul>'


def _show_copies(pairs: pd.DataFrame, catalog: Catalog, key: str) -> None:
    n = len(pairs)
    with st.expander(f"Videos that look like copies ({n:,} {'pair' if n == 1 else 'pairs'})"):
        st.dataframe(
            copies_frame(pairs.head(_COPIES_SHOWN), catalog), hide_index=True, key=f"{key}_copies", row_height=56,
            column_config={
                "Picture A": st.column_config.ImageColumn(width="small"),
                "Picture B": st.column_config.ImageColumn(width="small"),
                "Alike": st.column_config.NumberColumn(format="percent", width="small"),
            },
            alt="Pairs of videos that look like copies of each other",
        )  # fmt: skip
        if n > _COPIES_SHOWN:
            st.caption(f"The first {_COPIES_SHOWN:,} of {n:,}.")
        st.caption("Copies count as neighbours of each other, which flatters topic match. Nothing is left out for it.")


def copies_frame(pairs: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Pairs with their titles and pictures, for a table that shows text as text."""
    a, b = (pairs[name].tolist() for name in (d.ROW_A, d.ROW_B))
    return pd.DataFrame(
        {
            "Video A": [catalog.titles[row] for row in a],
            "Video B": [catalog.titles[row] for row in b],
            "Why": [_HOW_ALIKE[kind] for kind in pairs[c.KIND]],
            "Alike": pairs[d.SIMILARITY].astype("float64"),
            "Picture A": [cache.picture(catalog, row) for row in a],
            "Picture B": [cache.picture(catalog, row) for row in b],
            "Id A": [catalog.video_id(row) for row in a],
            "Id B": [catalog.video_id(row) for row in b],
        }
    )
