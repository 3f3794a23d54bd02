"""Browse: what stands next to a video in the lists of one to four runs, and where a hop leads."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, cache_readings, cards, reasons, run_lists, seeds, trail, verdicts
from pages.ui.cards import Shelf
from pages.ui.frame import begin, page, show_error
from pages.ui.run_pair import choose_more, choose_pair, present_runs, runs_query, show_apart
from pages.ui.widgets import choose_dataset
from relvid_core import columns as c
from relvid_core.errors import RelvidError
from relvid_core.experiments import compare
from relvid_core.experiments.compare import SIDE_A, SIDE_B
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run, RunInfo

LENGTHS = (6, 12, 24, 48)  # full rows in grids of 2, 3, 4 and 6 columns
DEFAULT_LENGTH = 12
COLD_SEED = (
    "Nobody watched this video before the cut: a model’s list rests on its content alone, and co-visit baselines fall "
    "back on popular videos."
)


def choose_runs(
    fresh: list[RunInfo], left: DeltaGenerator, right: DeltaGenerator, add: DeltaGenerator
) -> dict[str, RunInfo]:
    """Side → run; says what to do where A stands alone."""
    a, b = choose_pair(fresh, left, right, ("Run A (compared with)", "Run B (judged)"))
    more = choose_more(fresh, a, b, add)
    if b is None:
        st.info("No other run was measured like this one. Its baselines may still be in the making; or train another.")
        st.page_link(page("tune"), label="Train a model on Tune →")
    return {SIDE_A: a} | ({} if b is None else {SIDE_B: b}) | more


@st.fragment
def show_lists(shelf: Shelf, runs: dict[str, Run], prepared: Prepared) -> None:
    """The seed and all its lists. A fragment: hopping from video to video redraws nothing else."""
    a, b, judge = runs[SIDE_A], runs.get(SIDE_B), prepared.judge
    with st.container(key="rv-aside-search"):
        search, chance, length = st.columns([3.4, 1.4, 2.6], vertical_alignment="bottom")
    typical = partial(cache_readings.typical_seed, list(runs.values()), prepared, DEFAULT_LENGTH)
    row = seeds.choose_seed(search, chance, shelf, a.seeds, typical)
    kept = min(run.neighbours.k for run in runs.values())
    lengths = [number for number in LENGTHS if number <= kept] or [kept]
    k = length.segmented_control(
        "Videos in each list",
        lengths,
        default=DEFAULT_LENGTH if DEFAULT_LENGTH in lengths else lengths[-1],
        key="k",
        bind="query-params",
        required=True,
    )
    trail.show_trail(shelf, seeds.turn_to)
    st.html(cards.seed_card(shelf, row, float(judge.percentile[row])))
    seeds.scroll_to_seed()
    if not shelf.watches[row]:
        st.info(COLD_SEED)
    more = {side: run for side, run in runs.items() if side not in (SIDE_A, SIDE_B)}
    places = compare.side_by_side(a, b, row, k, shelf.catalog, judge.percentile, more=more)
    run_lists.show_columns(shelf, runs, places, row, k, judge)
    reasons.show_why(shelf, row, places[places[c.RUN].isin([SIDE_A, SIDE_B])], a, b, judge.percentile)


def show_decisive(dataset_key: str, runs: dict[str, Run]) -> None:
    """What the runs are worth over all seed videos, in a line each, and the way to all that is known of that."""
    if len(runs) > 1:
        table = cache_readings.measures(runs)
        for side in list(runs)[1:]:
            st.html(verdicts.decisive_html(table, side, runs[SIDE_A].info.config.evaluation.k))
    where = runs_query(dataset_key, runs)
    st.page_link(page("compare"), label="**Compare over all seed videos** →", query_params=where)


begin(
    "browse",
    "Browse",
    "What would each model show next to the video being watched, the seed? A click on any card makes it the seed.",
    cards.STYLE + verdicts.STYLE + run_lists.STYLE,
)
try:
    with st.container(key="rv-aside-runs"):
        where, left, right, add = st.columns([1, 1.5, 1.5, 0.7], vertical_alignment="bottom")
        with where:
            data = cache.dataset(choose_dataset())
        fresh = present_runs(data, "see its lists")
        infos = choose_runs(fresh, left, right, add)
    runs = {side: cache.run(info.run_id) for side, info in infos.items()}
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, runs[SIDE_A].info.config)
    shelf = Shelf(data.key, data.catalog, prepared.history.popularity)
    show_lists(shelf, runs, prepared)
    show_decisive(data.key, runs)
    show_apart(fresh, infos[SIDE_A])
except RelvidError as error:
    show_error(error)
