"""The comparison of two runs in words: a table of differences, and sentences about lists and wins."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui import cache_readings
from pages.ui.cards import Shelf, show_changed
from pages.ui.circular import mark_html, mark_note
from pages.ui.seeds import hop
from pages.ui.words import CHANCE, INTERVAL, MEASURES
from relvid_core import columns as c
from relvid_core.charts import metric_histograms
from relvid_core.charts.layout import CONFIG
from relvid_core.config import EvaluationConfig
from relvid_core.evaluation.estimates import FEW_SEEDS
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH, Judge
from relvid_core.experiments import compare
from relvid_core.experiments.circularity import first_reason
from relvid_core.experiments.compare import ListFacts, WinTieLoss
from relvid_core.experiments.run import Run
from relvid_core.report.words import VERDICT_LOOKS, VERDICT_STYLE, signed_text, value_text

STYLE: Final = (
    f"<style>{VERDICT_STYLE}"
    """
dl.rv-facts {padding: 0 !important}
dl.rv-facts dt, dl.rv-facts dd {margin: 0 !important; padding: 0 !important}
dl.rv-facts dd small {display: block; font-weight: 400; opacity: .8; line-height: 1.35}
dl.rv-facts {grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)) !important}
.rv-paired {max-width: 62rem}
.rv-paired :is(th, td):nth-child(2) {text-align: left !important}
</style>"""
)
_CHANGED: Final = 12  # seed videos shown under "changed most"
_MOST_BARS: Final = 25
_VERDICT_HELP: Final = (
    "A verdict needs evidence: the difference over the seed videos must be larger than chance would make it "
    "(randomisation test at the level of the interval, Holm-adjusted for the rows of this table). "
    "It speaks of other seed videos, not of training the model again."
)


def show_all_seeds(shelf: Shelf, a: Run, b: Run, judge: Judge) -> None:
    """Both runs over all seed videos: distributions, differences with verdicts, and where B lost most."""
    settings = a.info.config.evaluation
    st.html(
        f'<p class="rv-note">Measured on lists of {settings.k}. A seed video counts if it was watched before the cut '
        f"and together with another one after it. {INTERVAL}</p>"
    )
    if len(a.seeds) < FEW_SEEDS:
        st.warning(
            f"Only {len(a.seeds)} seed videos. With fewer than {FEW_SEEDS}, intervals of recall are too narrow: do not "
            "trust a small difference. A longer log brings more."
        )
    for column, metric in zip(st.columns(2, gap="medium"), (TOPIC_MATCH, POPULAR_SHARE), strict=True):
        measure = MEASURES[metric]
        with column:
            st.markdown(f"**{measure.title_at(settings.k)}**", help=measure.help)
            figure = metric_histograms(
                compare.seed_histograms(a, b, metric),
                title=_short_title(metric).lower(),
                steps=min(settings.k, _MOST_BARS),
                chance=a.estimates[CHANCE].mean if metric == TOPIC_MATCH else None,
            )
            words = f"{measure.title_at(settings.k)} over the seed videos, A and B"
            st.plotly_chart(figure, config=CONFIG, key=f"spread-{metric}", alt=words)
    table = cache_readings.paired(a.info.run_id, b.info.run_id)
    reasons = first_reason([b.info, a.info], map(str, table[c.METRIC]))
    st.html(paired_html(table, settings.k, settings.confidence, reasons))
    if reasons:
        st.caption(mark_note(reasons))
    _show_changed(shelf, a, b, judge)


def _show_changed(shelf: Shelf, a: Run, b: Run, judge: Judge) -> None:
    k = a.info.config.evaluation.k
    st.subheader("Where B falls furthest behind A", anchor=False)
    metric = st.segmented_control(
        "Judged by",
        (TOPIC_MATCH, RECALL),
        default=TOPIC_MATCH,
        key="by",
        format_func=_short_title,
        required=True,
        help="Where B fell furthest behind A, the worst first. Click one to see both its lists.",
    )
    score = compare.win_tie_loss(a, b, metric)
    st.html(f'<p class="rv-note">{wins_words(score, MEASURES[metric].title_at(k))}</p>')
    worst = compare.changed_most(a, b, metric, _CHANGED)
    if worst.empty:
        st.info("B falls behind A on no seed video.")
        return
    show_changed(shelf, worst, judge.percentile, hop)


def _short_title(metric: str) -> str:
    return MEASURES[metric].title.split("@")[0]


def paired_html(table: pd.DataFrame, k: int, confidence: float, circular: Mapping[str, str] | None = None) -> str:
    """`compare.paired_table` as an HTML table; measures that have no words are left out.

    `circular` says of some metrics why they grade what trained a run.
    """
    rows = []
    for row in table.to_dict("records"):
        measure = MEASURES.get(str(row[c.METRIC]))
        if measure is None:
            continue
        a, b = (value_text(float(row[name]), percent=measure.percent) for name in (compare.MEAN_A, compare.MEAN_B))
        difference, low, high = (
            signed_text(float(row[name]), percent=measure.percent) for name in (compare.DIFFERENCE, c.LOW, c.HIGH)
        )
        unit = " points" if measure.percent else ""
        look, sign = VERDICT_LOOKS[str(row[compare.VERDICT])]
        rows.append(
            f'<tr><td><abbr title="{html.escape(measure.help)}">{html.escape(measure.title_at(k))}</abbr>'
            f"{mark_html((circular or {}).get(measure.key))}</td>"
            f'<td><span class="rv-verdict {look}">{sign} {row[compare.VERDICT]}</span></td>'
            f"<td>{difference}{unit}<small>{low} to {high}</small></td><td>{a}</td><td>{b}</td></tr>"
        )
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="Differences between the runs">'
        '<table class="rv-table rv-paired"><thead><tr><th scope="col">Measure</th>'
        f'<th scope="col"><abbr title="{html.escape(_VERDICT_HELP)}">B is …</abbr></th>'
        f'<th scope="col">B − A<small>{100 * confidence:.0f} % interval</small></th>'
        '<th scope="col">A</th><th scope="col">B</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def facts_html(facts: ListFacts, settings: EvaluationConfig) -> str:
    """What one list is like, in three facts, each with what it must be read against."""
    topic, chance = "–", "the seed has no topic"
    if not math.isnan(facts.on_topic):
        topic, chance = _whole(facts.on_topic), f"by chance {value_text(facts.chance, percent=True)}"
    parts = [
        ("On its main topic" if settings.topic_rule == "primary" else "Sharing a topic", topic, chance),
        ("Popular videos", f"{facts.popular} of {facts.k}", f"the {100 * settings.head_share:.2g} % most watched"),
        ("Popularity", f"above {_whole(math.floor(100 * facts.percentile) / 100)}", "of all videos, on average"),
    ]
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>" for name, value, note in parts)
    return f'<dl class="rv-facts">{cells}</dl>'


def overlap_words(places: pd.DataFrame, k: int) -> str:
    """How much the two lists have in common."""
    shared = int(places.loc[places[c.RUN] == compare.SIDE_A, compare.IN_OTHER].sum())
    if shared in (0, k):
        return "The two lists have no video in common." if not shared else "Both lists hold the same videos."
    return f"{shared} of {k} videos stand in both lists."


def wins_words(score: WinTieLoss, measure: str) -> str:
    """On how many seeds each run is ahead."""
    return (
        f"{measure}: B is ahead on {score.wins:,} of {score.n:,} seed videos, A on {score.losses:,}, "
        f"and {score.ties:,} are equal."
    )


def _whole(value: float) -> str:
    return f"{100 * value:.0f}\u202f%"
