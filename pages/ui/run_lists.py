"""The lists of two to four runs beside each other, each under its run's colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui import cards, hops, seeds, verdicts
from pages.ui.cards import Shelf
from relvid_core import columns as c
from relvid_core.charts.palette import BADGES, RUN_COLOURS
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments import compare
from relvid_core.experiments.run import Run
from relvid_core.experiments.wording import listed_words

# Columns of at least 15.5rem: four at 1280 pixels, fewer on narrower screens, one on a phone. Where a column holds one
# card a row, the card lies down: picture left, words right.
STYLE: Final = (
    """<style>
[class*="st-key-rv-columns-"] {display: grid !important; align-items: start; gap: 1.6rem 1.5rem !important;
  grid-template-columns: repeat(auto-fit, minmax(min(15.5rem, 100%), 1fr))}
[class*="st-key-rv-columns-"] > div {min-width: 0; width: 100% !important}
.st-key-rv-columns-4 {gap: 1.6rem 1.1rem !important}
[class*="st-key-rv-run-"] {border-top: 3px solid; padding-top: .7rem; gap: .8rem !important}
.st-key-rv-columns-3 .rv-heading, .st-key-rv-columns-4 .rv-heading {font-size: 1rem}
.st-key-rv-columns-4 dl.rv-facts {grid-template-columns: repeat(auto-fill, minmax(6.6rem, 1fr)) !important}
@media (min-width: 641px) {
  .st-key-rv-columns-4 ol.rv-list {grid-template-columns: 1fr; gap: .4rem}
  .st-key-rv-columns-4 .rv-video {display: grid; grid-template-columns: 6.4rem minmax(0, 1fr); gap: .6rem}
  .st-key-rv-columns-4 .rv-thumb {align-self: start}
  .st-key-rv-columns-4 .rv-title {margin-top: 0; font-size: .84rem}
  .st-key-rv-columns-4 .rv-tag {font-size: .68rem; padding: 0 .3rem}
  .st-key-rv-columns-4 .rv-move {right: auto; left: .3rem; top: auto; bottom: .3rem}
  .st-key-rv-columns-4 .rv-heading {min-height: 3.2em}
}
.st-key-rv-more-runs, .st-key-rv-more-runs > div {min-width: 0}
[class*="st-key-rv-more-"]:not(.st-key-rv-more-runs) {flex-wrap: nowrap !important; min-width: min(18rem, 100%)}
"""
    + "".join(
        f".st-key-rv-run-{side} {{border-color: {colour}}}\n"
        f".rv-list[data-side={side}] .rv-new {{background: {BADGES[side]}}}\n"
        for side, colour in RUN_COLOURS.items()
    )
    + "</style>"
)


def show_columns(shelf: Shelf, runs: Mapping[str, Run], places: pd.DataFrame, row: int, k: int, judge: Judge) -> None:
    """One column for each side of `compare.side_by_side` for the seed video at `row`."""
    sides = list(runs)
    st.html(f'<p class="rv-note">{overlap_words(places, k)} {legend(sides)}</p>')
    with st.container(key=f"rv-columns-{len(runs)}"):
        for side, run in runs.items():
            with st.container(key=f"rv-run-{side}"):
                st.html(cards.heading(side, run.info.label))
                st.html(verdicts.facts_html(compare.list_facts(run, row, k, judge), judge.config))
                st.html(cards.list_html(shelf, places[places[c.RUN] == side], sides, seeds.address))
    hops.listen(shelf.catalog, seeds.hop, f"{row} {k}")


def overlap_words(places: pd.DataFrame, k: int) -> str:
    """How much the lists have in common; "" for a single one."""
    shared = compare.shared_with_first(places)
    if len(shared) < 2:
        return verdicts.overlap_words(places, k) if shared else ""
    (first, n), *rest = shared.items()
    parts = [f"{first} also shows {n}", *(f"{side} {number}" for side, number in rest)]
    everywhere = compare.in_all_lists(places, k)
    stand = f"{everywhere or 'none'} of them {'stands' if everywhere == 1 else 'stand'} in all {len(shared) + 1} lists"
    return f"Of the {k} videos of A, {listed_words(parts)}; {stand}."


def legend(sides: Sequence[str]) -> str:
    """What the marks on the cards mean."""
    moved = {
        1: "",
        2: "▲ and ▼ say how far B moved a video up or down, “B: 3” where B shows a video of A, “new” that A does not "
        "show it; ",
    }.get(len(sides), "▲ and ▼ say how far a run moved a video up or down against A, “new” that A does not show it; ")
    return (
        f"✓ marks a topic that a video shares with the seed; {moved}the bar is how popular it is; scores compare "
        "videos of one list only."
    )
