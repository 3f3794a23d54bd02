"""The sliders of Mix and what follows them at once: measures, distributions and the lists of one seed video."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import streamlit as st

from pages.ui import hops, seeds
from pages.ui.cards import Percentiles, Shelf
from pages.ui.mix_confirm import show_confirm
from pages.ui.mix_lists import choose_video, lists_html, position_words
from pages.ui.mix_pictures import measures_html, spread_html
from relvid_core.evaluation.protocol import POPULAR_SHARE, TOPIC_MATCH
from relvid_core.experiments.preview import Position, Preview, View, changes
from relvid_core.experiments.run import RunInfo

STYLE: Final = """<style>
.st-key-mix_band {padding: .7rem 0 .6rem; gap: .4rem !important; min-height: 7rem}
.st-key-mix_spreads {min-height: 13rem} /* they come last, and what is below would jump */
@media (min-width: 900px) {
  div:has(> .st-key-mix_band) {position: sticky; top: 3.4rem; z-index: 50;
    background: light-dark(#FBFCFD, #11181F);
    border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent)}
}
</style>"""
MOST_BARS: Final = 25
_OMEGA, _KAPPA = "omega", "kappa"  # keys of the sliders, which are their names in the address
_BIND: Final[Literal["query-params"]] = "query-params"
_LEGEND: Final = "✓ marks a topic of the seed; ▲ and ▼ say how far a video moved; the bar is its popularity."


@st.fragment
def show_mix(
    shelf: Shelf,
    preview: Preview,
    percentile: Percentiles,
    chance: float,
    infos: list[RunInfo],
    typical: Callable[[], int],
) -> None:
    """Everything that follows the sliders. A fragment: moving them draws nothing else again.

    `chance` is the chance level of topic match; `infos` are the stored models, newest first; `typical` finds the seed
    video to open on.
    """
    with st.container(key="mix_band"):
        sliders, measures = st.columns([1.25, 1], gap="large", vertical_alignment="center")
        with sliders:
            position = _choose_position(preview)
    spreads = st.container(key="mix_spreads")
    row = choose_video(shelf, preview, typical)
    # Everything is computed before anything of it is sent: the browser then draws once, not once a part.
    view = preview.at(position)
    lists = lists_html(shelf, preview, position, row, percentile)
    where = position_words(position, split=preview.split)
    measures.html(measures_html(changes(preview.start, view), view.lists.k, where))
    spreads.html(_spreads_html(preview, view, chance))
    st.html(lists)
    hops.listen(shelf.catalog, seeds.hop, f"{row} {where}")
    seeds.scroll_to_seed()
    show_confirm(shelf.dataset_key, preview, view, infos)


def _choose_position(preview: Preview) -> Position:
    """Where the sliders stand; without a word in the address, where the run's own lists were made."""
    start = preview.start.position
    left, right, back = st.columns([3, 3, 1.8], gap="small", vertical_alignment="bottom")
    omega, limit = start.omega, 1.0 if abs(start.kappa) <= 1 else 2.0
    if preview.split:
        omega = left.slider(
            "Relevance ↔ engagement ω", 0.0, 1.0, round(50 * start.omega) / 50, 0.02, key=_OMEGA, bind=_BIND,
            help="Share of the head that learned what is watched together; the rest is the head that learned topics. "
            "To the right: more recall, and more popular videos. To the left: more of the seed's topic, less recall.",
        )  # fmt: skip
    else:
        left.html(
            '<p class="rv-note">This model has one shared head: only the popularity exponent can move. A model with '
            "split heads can also be mixed.</p>"
        )
    kappa = right.slider(
        "Popularity exponent κ", -limit, limit, round(20 * start.kappa) / 20, 0.05, key=_KAPPA, bind=_BIND,
        help="Adds κ times the log of a video's popularity to its score. Below 0: fewer popular videos, more of the "
        "catalogue is seen, and recall falls. Above 0: popular videos win, which often buys recall.",
    )  # fmt: skip
    back.button(
        "Reset", on_click=_back, args=(preview,), width="stretch", disabled=Position(omega, kappa) == start,
        help="Puts the sliders where the lists of this run were made.",
    )  # fmt: skip
    return Position(omega, kappa)


def _back(preview: Preview) -> None:
    start = preview.start.position
    st.session_state[_OMEGA], st.session_state[_KAPPA] = round(50 * start.omega) / 50, round(20 * start.kappa) / 20


def _spreads_html(preview: Preview, view: View, chance: float) -> str:
    k = view.lists.k
    steps = min(k, MOST_BARS)
    start, now = preview.start.reading.histograms(steps), view.reading.histograms(steps)
    pictures = [
        spread_html(
            change,
            start[change.metric],
            now[change.metric],
            k,
            chance if change.metric == TOPIC_MATCH else float("nan"),
        )
        for change in changes(preview.start, view, (TOPIC_MATCH, POPULAR_SHARE))
    ]
    n_seeds = len(preview.shortlists.seeds)
    sample = f" (a random sample of {preview.n_all:,})" if preview.sampled else ""
    heads = "the two heads as they were trained, mixed" if preview.split else "the model as it was trained, ranked"
    return (
        f'<p class="rv-note">Over {n_seeds:,} seed videos{sample}, from {heads} while you look. Plain means: intervals '
        "come with “Confirm by retraining” below.</p>"
        f'<div class="rv-spreads">{"".join(pictures)}</div>'
    )
