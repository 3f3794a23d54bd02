"""Browse: the lists of two runs for one seed video, and what differs over all of them."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, cards, reasons, report, seeds, verdicts
from pages.ui.cards import Shelf
from pages.ui.frame import begin, page, show_error
from pages.ui.run_pair import choose_pair, present_runs
from pages.ui.widgets import choose_dataset
from relvid_core import columns as c
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments import compare
from relvid_core.experiments.compare import SIDE_A, SIDE_B
from relvid_core.experiments.run import Run, RunInfo

LENGTHS = (6, 12, 24, 48)  # full rows in grids of 2, 3, 4 and 6 columns
DEFAULT_LENGTH = 12
COLD_SEED = (
    "Nobody watched this video before the cut: a model’s list rests on its content alone, and co-visit baselines fall "
    "back on popular videos."
)
LEGEND = "✓ marks a topic of the seed; ▲ and ▼ say how far B moved a video up or down; the bar is its popularity."


def choose_runs(data: Dataset, left: DeltaGenerator, right: DeltaGenerator) -> tuple[RunInfo, RunInfo | None]:
    """Run A and run B; ends the page with a way on where there is nothing to show."""
    fresh = present_runs(data, "see its lists")
    a, b = choose_pair(fresh, left, right, ("Run A (compared with)", "Run B (judged)"))
    apart = len(fresh) - 1 - len(compare.comparable_infos(fresh, a))
    if b is None:
        st.info("No other run was measured like this one. Its baselines may still be in the making; or train another.")
        st.page_link(page("tune"), label="Train a model on Tune →")
    elif apart:
        st.caption(f"{apart} runs were split or measured otherwise and cannot stand beside run A.")
    return a, b


@st.fragment
def show_lists(shelf: Shelf, a: Run, b: Run | None, judge: Judge) -> None:
    """The seed and both its lists. A fragment: hopping from video to video redraws nothing else."""
    search, chance, length = st.columns([3.4, 1.4, 2.6], vertical_alignment="bottom")
    row = seeds.choose_seed(search, chance, shelf, a.seeds)
    kept = min(run.neighbours.k for run in (a, b) if run is not None)
    lengths = [number for number in LENGTHS if number <= kept] or [kept]
    k = length.segmented_control(
        "Videos in each list",
        lengths,
        default=DEFAULT_LENGTH if DEFAULT_LENGTH in lengths else lengths[-1],
        key="k",
        bind="query-params",
        required=True,
    )
    st.html(cards.seed_card(shelf, row, float(judge.percentile[row])))
    seeds.scroll_to_seed()
    if not shelf.watches[row]:
        st.info(COLD_SEED)
    places = compare.side_by_side(a, b, row, k, shelf.catalog, judge.percentile)
    if b is not None:
        st.html(f'<p class="rv-note">{verdicts.overlap_words(places, k)} {LEGEND}</p>')
    for column, side, run in zip(st.columns(2, gap="medium"), (SIDE_A, SIDE_B), (a, b), strict=True):
        if run is None:
            continue
        with column:
            st.html(cards.heading(side, run.info.label))
            st.html(verdicts.facts_html(compare.list_facts(run, row, k, judge), judge.config))
            other = "" if b is None else SIDE_B if side == SIDE_A else SIDE_A
            cards.show_list(shelf, places[places[c.RUN] == side], other, seeds.hop)
    reasons.show_why(shelf, row, places, a, b, judge.percentile)


begin("browse", "Browse", "What would stand next to a video? Two runs side by side: pick a seed video, then hop along.")
st.html(cards.STYLE + verdicts.STYLE)
try:
    where, left, right = st.columns([1, 1.4, 1.4])
    with where:
        data = cache.dataset(choose_dataset())
    info_a, info_b = choose_runs(data, left, right)
    run_a = cache.run(info_a.run_id)
    run_b = cache.run(info_b.run_id) if info_b is not None else None
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, info_a.config)
    shelf = Shelf(data.key, data.catalog, prepared.history.popularity)
    show_lists(shelf, run_a, run_b, prepared.judge)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader(f"Over all {len(run_a.seeds):,} seed videos", anchor=False, width="content")
        report.show_download(run_a, run_b, prepared)
    if run_b is not None:
        verdicts.show_all_seeds(shelf, run_a, run_b, prepared.judge)
except RelvidError as error:
    show_error(error)
