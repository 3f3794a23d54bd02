"""Why is it here? What the log, the topics and the model's own arithmetic say of one video of a list."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.cards import Percentiles, Shelf
from pages.ui.frame import plain, show_error
from pages.ui.reasons_facts import STYLE as FACTS_STYLE
from pages.ui.reasons_facts import Stand, facts_html
from pages.ui.widgets import linked_choice
from relvid_core import columns as c
from relvid_core.charts.layout import CONFIG, label, number
from relvid_core.charts.palette import RUN_A, RUN_B
from relvid_core.charts.reasons import POPULARITY, part_words, reason_bars
from relvid_core.errors import RelvidError
from relvid_core.experiments import compare
from relvid_core.experiments.compare import SIDE_A, SIDE_B
from relvid_core.experiments.reasons import sentence
from relvid_core.experiments.run import Run
from relvid_core.report.words import popularity_words

WHY_PARAMETER: Final = "why"
MAX_TITLE: Final = 60  # characters in the select box
_OPEN: Final = "why_open"
_SEED: Final = "why_seed"  # the seed that the video was chosen for
_COLOURS: Final = {SIDE_A: RUN_A, SIDE_B: RUN_B}

STYLE: Final = """<style>
.rv-why {margin: 0 0 1rem; padding-left: .7rem; border-left: 3px solid #0F7490}
.rv-why[data-side="B"] {border-color: #DD6B32}
.rv-why p {margin: .15rem 0 0; line-height: 1.5; max-width: 46rem; overflow-wrap: anywhere}
.rv-why .rv-heading {font-size: 1rem}
</style>"""

_HONEST: Final = "Parts add up to the score; they say what the model used, not why viewers liked it."
_BASELINE: Final = "A baseline has no parts: it only counts, or compares texts."
_LIFTS: Final = (  # by the sign of κ; log p_j is never above 0, so only differences of this part rank a list
    "Its popularity term holds popular videos down: every video gets a positive popularity part, the more the less it "
    "was watched."
)
_HOLDS: Final = (
    "Its popularity term lifts popular videos: no popularity part is above 0, and the less a video was watched, the "
    "more it counts against it."
)


@st.fragment
def show_why(shelf: Shelf, seed: int, places: pd.DataFrame, a: Run, b: Run | None, percentile: Percentiles) -> None:
    """A box that explains one video of `compare.side_by_side`; closed, it costs nothing. `?why=…` opens it.

    A fragment: opening it and going from video to video leaves the lists alone.
    """
    if _OPEN not in st.session_state:
        st.session_state[_OPEN] = WHY_PARAMETER in st.query_params
    box = st.expander("Why is it here?", key=_OPEN, on_change="rerun")
    if not box.open:
        if WHY_PARAMETER in st.query_params:
            del st.query_params[WHY_PARAMETER]
        return
    with box:
        st.html(STYLE + FACTS_STYLE)
        row = _choose(shelf, seed, places)
        runs = [(side, run) for side, run in ((SIDE_A, a), (SIDE_B, b)) if run is not None]
        stands = [stand for side, run in runs if (stand := _stand(side, run, seed, row))]
        if stands:
            words, facts = st.columns([1.25, 1], gap="medium")
            with words:
                _show_parts(stands)
            facts.html(facts_html(stands, popularity_words(float(percentile[row]), int(shelf.watches[row]))))


def _choose(shelf: Shelf, seed: int, places: pd.DataFrame) -> int:
    """The row of the chosen video; another seed begins with its own default."""
    catalog, before = shelf.catalog, st.session_state.get(_SEED)
    asked, written = st.query_params.get(WHY_PARAMETER), st.session_state.get(f"choose_{WHY_PARAMETER}_written")
    if before not in (None, seed) and asked in (None, written):
        for key in (f"choose_{WHY_PARAMETER}", f"choose_{WHY_PARAMETER}_written"):
            st.session_state.pop(key, None)
        if asked is not None:
            del st.query_params[WHY_PARAMETER]
            asked = None
    st.session_state[_SEED] = seed
    names = {catalog.video_id(row): f"{words} · {_title(shelf, row)}" for row, words in rank_words(places).items()}
    if asked not in (None, "", written) and asked not in names:
        st.warning(f"The link asks for the video “{plain(asked, 60)}”, which is in neither list of this seed video.")
    chosen = linked_choice(
        "A video of the lists, after its place in each", WHY_PARAMETER, names, catalog.video_id(moved_most(places))
    )
    return catalog.row(chosen)


def _title(shelf: Shelf, row: int) -> str:
    # A select box shows text as it is: one line, cut and isolated as in a figure, but without the escapes.
    return html.unescape(label(shelf.catalog.titles[row], MAX_TITLE))


def rank_words(places: pd.DataFrame) -> dict[int, str]:
    """Row → its place in both lists, of every video in either: the list that is judged first, then what only A holds.

    No two are alike, as no two videos share a place.
    """
    sides = sorted(places[c.RUN].unique(), reverse=True)
    words: dict[int, str] = {}
    for side in sides:
        for row, rank, other in places.loc[
            places[c.RUN] == side, [compare.ROW, c.RANK, compare.RANK_IN_OTHER]
        ].itertuples(index=False):
            if row in words:
                continue
            if len(sides) == 1:
                words[int(row)] = f"{side} {rank}"
            elif side == SIDE_B:
                words[int(row)] = f"A {other} · B {rank}" if other else f"B {rank} · new"
            else:
                words[int(row)] = f"A {rank} · B {other}" if other else f"A {rank} · not in B"
    return words


def moved_most(places: pd.DataFrame) -> int:
    """The row of B's list that changed its place most, a new one before all others; the first where none did."""
    judged = places[places[c.RUN] == SIDE_B]
    if judged.empty:
        return int(places[compare.ROW].iat[0])
    elsewhere = judged[compare.RANK_IN_OTHER]
    change = (judged[c.RANK] - elsewhere).abs().where(elsewhere > 0, np.inf)
    return int(judged[compare.ROW].iat[int(np.argmax(change))])


def _stand(side: str, run: Run, seed: int, row: int) -> Stand | None:
    """None where the run cannot be explained any more, which is said."""
    try:
        (reason,) = cache.reasoner(run.info.run_id).reasons(seed, np.array([row], dtype=np.int32))
    except RelvidError as error:
        show_error(error)
        return None
    places = np.flatnonzero(run.neighbours.rows[seed] == row)
    rank = int(places[0]) + 1 if len(places) else 0
    kept = float(run.neighbours.scores[seed, rank - 1]) if rank else None
    return Stand(side, run, rank, reason, reason.score if reason.inputs else kept)


def _show_parts(stands: list[Stand]) -> None:
    """A sentence for each run, and the parts of the scores that have some."""
    st.html("".join(_sentence_html(stand) for stand in stands))
    frame = parts_frame(stands)
    if frame.empty:
        return
    colours = {_bar_name(stand): _COLOURS[stand.side] for stand in stands}
    st.plotly_chart(reason_bars(frame, colours=colours), config=CONFIG, key="why-parts", alt=_alt(stands))
    st.html(f'<p class="rv-note">{_HONEST}</p>')


def _sentence_html(stand: Stand) -> str:
    side, name = stand.side, html.escape(stand.run.info.label)
    popularity = stand.reason.popularity
    also = _BASELINE if not stand.reason.inputs else _LIFTS if popularity > 0 else _HOLDS if popularity < 0 else ""
    return (
        f'<div class="rv-why" data-side="{side}"><h4 class="rv-heading"><b class="rv-{side.lower()}">{side}</b>'
        f"<span>{name}: {stand.place}</span></h4>"
        f'<p dir="auto">{html.escape(sentence(stand.reason))} {also}</p></div>'
    )


def _bar_name(stand: Stand) -> str:
    return f"{stand.side}, {stand.place}"


def parts_frame(stands: Iterable[Stand]) -> pd.DataFrame:
    """Tidy (run, kind, value) of the parts of every score that has some."""
    rows = [
        (_bar_name(stand), kind, value)
        for stand in stands
        if stand.reason.inputs
        for kind, value in [*stand.reason.inputs.items(), (POPULARITY, stand.reason.popularity)]
    ]
    return pd.DataFrame(rows, columns=[c.RUN, c.KIND, c.VALUE])


def _alt(stands: Iterable[Stand]) -> str:
    said = []
    for stand in stands:
        parts = [*stand.reason.inputs.items(), (POPULARITY, stand.reason.popularity)]
        words = ", ".join(f"{part_words(kind)} {number(value)}" for kind, value in parts if value)
        if stand.reason.inputs:
            said.append(f"{stand.side}: score {number(stand.reason.score)} of {words or 'nothing'}")
    return f"Parts of the score by input. {'; '.join(said)}"
