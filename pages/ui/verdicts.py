"""Lists in words, the look of verdicts, and the verdicts that decide on a run in one line."""

from __future__ import annotations

import html
import math
from typing import Final

import pandas as pd

from pages.ui.words import MEASURES
from relvid_core import columns as c
from relvid_core.config import EvaluationConfig
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments import compare
from relvid_core.experiments.compare import ListFacts
from relvid_core.report.words import VERDICT_LOOKS, VERDICT_STYLE, value_text

DECISIVE: Final = (RECALL, TOPIC_MATCH, POPULAR_SHARE)
STYLE: Final = (
    f"<style>{VERDICT_STYLE}"
    """
dl.rv-facts {padding: 0 !important}
dl.rv-facts dt, dl.rv-facts dd {margin: 0 !important; padding: 0 !important}
dl.rv-facts dd small {display: block; font-weight: 400; opacity: .8; line-height: 1.35}
dl.rv-facts {grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)) !important}
ul.rv-line {list-style: none; display: flex; flex-wrap: wrap; gap: .35rem 1.3rem; margin: 0 !important;
  padding: 0 !important; align-items: baseline}
ul.rv-line li {margin: 0 !important; padding: 0 !important; font-size: .95rem; font-variant-numeric: tabular-nums}
ul.rv-line .rv-side {font-weight: 600}
</style>"""
)


def mark(verdict: str) -> str:
    """A verdict as HTML: its word, a sign, and a colour where one side is better."""
    look, sign = VERDICT_LOOKS[verdict]
    return f'<span class="rv-verdict {look}">{sign} {verdict}</span>'


def decisive_html(measures: pd.DataFrame, letter: str, k: int) -> str:
    """From `measure_table`: what one run does to recall, topic match and popularity, against A, in one line."""
    return line_html(measures[measures[c.RUN] == letter], f"{letter} against A", k)


def line_html(measures: pd.DataFrame, who: str, k: int) -> str:
    """The same of one run's rows alone, as `compare.paired_table` has them too; `who` says which runs, as text."""
    rows = measures.set_index(c.METRIC)
    said = [f'<li class="rv-side">{html.escape(who)}</li>']
    for key in DECISIVE:
        if key in rows.index and (verdict := str(rows.at[key, compare.VERDICT])):
            measure, difference = MEASURES[key], float(rows.at[key, compare.DIFFERENCE])
            said.append(f"<li>{measure.title_at(k)} {mark(verdict)} {measure.signed(difference)}</li>")
    return f'<ul class="rv-line" aria-label="{html.escape(who)}">{"".join(said)}</ul>'


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


def _whole(value: float) -> str:
    return f"{100 * value:.0f}\u202f%"
