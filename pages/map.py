"""Map: the whole catalogue in two dimensions, a seed video and where its neighbours lie."""

from functools import partial

import streamlit as st

from pages.ui import cache, cache_readings, cards, map_view, mix_lists
from pages.ui.cards import Shelf
from pages.ui.frame import begin, show_error
from pages.ui.map_space import choose_settings, choose_space, drawn
from pages.ui.map_view import DEFAULT_LENGTH, View, choose_colour, reading_words, show_map
from pages.ui.run_pair import choose_pair, present_runs
from pages.ui.widgets import choose_dataset
from relvid_core.errors import RelvidError

begin(
    "map",
    "Map",
    "Where do the videos lie, and where does a run look for neighbours? Every point is a video. Click one to make it "
    "the seed, or draw a box or a lasso to see what lies together.",
    cards.STYLE + mix_lists.STYLE + map_view.STYLE,
)
try:
    where, left, right = st.columns([1, 1.4, 1.4])
    with where:
        data = cache.dataset(choose_dataset())
    fresh = present_runs(data, "see where its neighbours lie")
    info_a, info_b = choose_pair(fresh, left, right, ("Run A (compared with)", "Run B (judged)"))
    run_a = cache.run(info_a.run_id)
    run_b = cache.run(info_b.run_id) if info_b is not None else None
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, info_a.config)
    with st.container(key="map-controls", horizontal=True, vertical_alignment="bottom"):
        space = choose_space(run_a, run_b, prepared)
        colour = choose_colour(data.has_topics)
        settings = choose_settings()
    projection, method = drawn(space, settings)
    shelf = Shelf(data.key, data.catalog, prepared.history.popularity)
    runs = {side: run for side, run in (("A", run_a), ("B", run_b)) if run is not None}
    view = View.of(shelf, prepared.judge, projection, runs, colour)
    words, figure = st.columns([4.4, 1.1], vertical_alignment="center")
    words.markdown(reading_words(view, space.words, method))
    map_view.show_trust(figure, projection)
    typical = partial(cache_readings.typical_seed, list(runs.values()), prepared, DEFAULT_LENGTH)
    st.fragment(show_map)(view, map_view.send_points(view), typical)
except RelvidError as error:
    show_error(error)
