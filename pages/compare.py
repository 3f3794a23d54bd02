"""Compare: two to four runs over all seed videos, measure by measure, for whom, and beyond what chance would do."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import (
    cache,
    cards,
    compare_change,
    compare_logged,
    compare_measures,
    compare_seeds,
    compare_slices,
    compare_spread,
    compare_worst,
    report,
    run_lists,
    verdicts,
)
from pages.ui.cards import Shelf
from pages.ui.frame import begin, page, show_error, title_row
from pages.ui.protocol import show_protocol
from pages.ui.run_pair import choose_more, choose_pair, present_runs, show_apart
from pages.ui.training import show_training
from pages.ui.widgets import choose_dataset
from relvid_core.errors import RelvidError
from relvid_core.experiments.compare import SIDE_A, SIDE_B
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run, RunInfo


def choose_runs(
    fresh: list[RunInfo], left: DeltaGenerator, right: DeltaGenerator, add: DeltaGenerator
) -> dict[str, Run]:
    """Side → run; says what to do where there is nothing to compare with."""
    a, b = choose_pair(fresh, left, right, ("Run A (compared with)", "Run B (judged)"))
    more = choose_more(fresh, a, b, add)
    if b is None:
        only = "This is the only run on this data." if len(fresh) == 1 else "No other run was measured like this one."
        st.info(f"{only} A comparison needs two runs: train another, with one lever changed.")
        st.page_link(page("tune"), label="Train a model on Tune →")
    show_apart(fresh, a)
    chosen = {SIDE_A: a} | ({} if b is None else {SIDE_B: b}) | more
    return {side: cache.run(info.run_id) for side, info in chosen.items()}


@st.fragment
def show_seeds(shelf: Shelf, prepared: Prepared, runs: Mapping[str, Run], infos: list[RunInfo]) -> None:
    """All that one measure says seed by seed; a fragment, so that another measure redraws nothing else."""
    st.header("Seed video by seed video", anchor=False)
    try:
        question = compare_seeds.choose_question(shelf, prepared, runs)
        compare_seeds.show_outcomes(question)
        compare_slices.show_slices(question)
        compare_worst.show_worst(question)
        compare_change.show_change(question, infos)
    except RelvidError as error:  # the page around does not hear of it when only this part runs again
        show_error(error)


begin(
    "compare",
    "Compare",
    "Two to four runs over all seed videos, run A first: what got better, for whom, at what price, and whether that is "
    "more than chance.",
    cards.STYLE + verdicts.STYLE + run_lists.STYLE + compare_measures.STYLE + compare_spread.STYLE
    + compare_seeds.STYLE + compare_slices.STYLE + compare_worst.STYLE + compare_change.STYLE,
)  # fmt: skip
try:
    where, left, right, add = st.columns([1, 1.5, 1.5, 0.7], vertical_alignment="bottom")
    with where:
        data = cache.dataset(choose_dataset())
    infos = present_runs(data, "compare it")
    runs = choose_runs(infos, left, right, add)
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, runs[SIDE_A].info.config)
    with title_row("seeds"):
        st.header(f"Over all {len(runs[SIDE_A].seeds):,} seed videos", anchor=False, width="content")
        report.show_download(list(runs.values()), prepared)
    compare_measures.show_measures(runs, infos)
    show_protocol(runs[SIDE_A].info.config, data)
    compare_spread.show_spreads(runs, prepared.judge)
    if len(runs) > 1:
        show_seeds(Shelf(data.key, data.catalog, prepared.history.popularity), prepared, runs, infos)
        show_training(data.key, with_result=False)
    compare_logged.show_random(runs, prepared)
    compare_logged.show_logged(data, runs)
except RelvidError as error:
    show_error(error)
