"""The list of one seed video at the start and now."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from pages.ui import cache, cards, seeds, verdicts
from pages.ui.cards import Percentiles, Shelf
from relvid_core import columns as c
from relvid_core.experiments.compare import SIDE_A, SIDE_B, lists_side_by_side
from relvid_core.experiments.preview import Position, Preview

LIST_LENGTH: Final = 12
STYLE: Final = """<style>
.rv-beside {display: flex; gap: .9rem; align-items: center}
.rv-beside img {width: 7.6rem; aspect-ratio: 16 / 9; object-fit: cover; border-radius: .45rem; flex: none}
.rv-beside > div {min-width: 0}
.rv-beside b {font-weight: 600; overflow-wrap: anywhere; unicode-bidi: isolate}
.rv-beside p {margin: .1rem 0 0; overflow-wrap: anywhere}
.rv-two ol.rv-list {margin-top: .6rem !important}
.rv-two ol.rv-list > li {content-visibility: auto; contain-intrinsic-size: auto 13rem} /* for the sake of the sliders */
.rv-two {display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.4rem 2rem; margin-top: 1.1rem}
@media (max-width: 640px) {
  .rv-two {grid-template-columns: minmax(0, 1fr)}
  .rv-two ol.rv-list > li {contain-intrinsic-size: auto 6rem}
  .rv-beside img {width: 6rem}
}
</style>"""
_LEGEND: Final = "✓ marks a topic of the seed; ▲ and ▼ say how far a video moved; the bar is its popularity."


def choose_video(shelf: Shelf, preview: Preview, typical: Callable[[], int]) -> int:
    """The row of the seed video whose lists are shown, with the widgets to search it; `typical` finds the first."""
    st.header("What stands next to a video", anchor=False)
    search, chance = st.columns([3.4, 1.4], vertical_alignment="bottom")
    return seeds.choose_seed(search, chance, shelf, preview.shortlists.seeds, typical)


def lists_html(shelf: Shelf, preview: Preview, position: Position, row: int, percentile: Percentiles) -> str:
    """The seed video, and its lists at the start and at a position side by side."""
    start, now = preview.list_of(row, preview.start.position), preview.list_of(row, position)
    k = min(LIST_LENGTH, start.k)
    places = lists_side_by_side(start, now, row, k, shelf.catalog, percentile)

    def address(video_id: str) -> str:
        asked = {"data": shelf.dataset_key, "run": preview.info.run_id, "omega": position.omega}
        return "?" + urlencode(asked | {"kappa": position.kappa, seeds.SEED_PARAMETER: video_id})

    columns = []
    for side, name, where in ((SIDE_A, "Start", preview.start.position), (SIDE_B, "Now", position)):
        heading = cards.heading(side, f"{name}: {position_words(where, split=preview.split)}")
        of_side = places[places[c.RUN] == side]
        listed = cards.list_html(shelf, of_side, [SIDE_A, SIDE_B], address, scored=False)
        columns.append(f"<div>{heading}{listed}</div>")
    return (
        '<section class="rv-beside" aria-label="Seed video">'
        f'<img src="{cache.picture(shelf.catalog, row)}" alt=""><div>'
        f'<b dir="auto">{html.escape(shelf.catalog.titles[row])}</b>'
        f'<p class="rv-note">{verdicts.overlap_words(places, k)} {_LEGEND}</p></div></section>'
        f'<div class="rv-two">{"".join(columns)}</div>'
    )


def position_words(position: Position, *, split: bool) -> str:
    """A position of the sliders in letters.

    >>> position_words(Position(0.5, -0.25), split=True), position_words(Position(0.5, 0.0), split=False)
    ('ω 0.5, κ −0.25', 'κ 0')
    """
    kappa = f"κ {position.kappa:g}".replace("-", "−")
    return f"ω {position.omega:g}, {kappa}" if split else kappa
