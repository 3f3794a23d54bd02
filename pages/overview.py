"""Overview: what this is, which data, and how all runs on it stand."""

import streamlit as st

from pages.ui import cache, verdicts
from pages.ui.datasets import show_card, show_data_link
from pages.ui.frame import DEFINITIONS, begin, show_error, title_row
from pages.ui.protocol import show_protocol
from pages.ui.standings import show_browse_link, show_housekeeping, show_standings
from pages.ui.tour import asked_step, show_first_step, show_invitation, show_tour
from pages.ui.training import show_training
from pages.ui.widgets import choose_dataset
from relvid_core.errors import RelvidError
from relvid_core.experiments.standings import standings

if asked_step():
    show_tour()
    st.stop()
begin(
    "overview",
    "What to show next to a video",
    "Small models learn to pick related videos. Should they show more of what viewers really watch next, more of the "
    "same subject, or fewer of the videos that everybody knows already? See what each wish gains and costs, with the "
    "uncertainty of every figure, and look into every model’s lists.",
    verdicts.STYLE,
)
with st.container(key="rv-aside-data"):
    chooser, beside = st.columns([1, 1], vertical_alignment="bottom")
    with chooser:
        key = choose_dataset()
try:
    data = cache.dataset(key)
except RelvidError as error:
    show_error(error)
    show_data_link(key)
    st.stop()

found = standings(cache.runs_of(key))
if not found.models:
    show_first_step(data)
else:
    with beside:
        show_invitation()
    with title_row("runs"):
        st.header("All runs", anchor=False, width="content")
        show_browse_link(found.models)
    st.caption(
        "A run is one model as it was trained, with its settings, its lists and how well they do. Simple rules that "
        "need no training, the baselines, stand beside them."
    )
    show_training(key, with_result=False)
    show_standings(found)
    show_protocol(found.models[0].config, data)
show_housekeeping(found.models + [info for info, _ in found.others])
with st.container(key="rv-aside-card"):
    with title_row("data"):
        st.header("The data", anchor=False, width="content")
        show_data_link(key)
    show_card(data)
if found.models:  # about figures, and the last words: what stands below the card moves when its pictures come
    with st.container(key="rv-aside-definitions"):
        st.caption(DEFINITIONS)
