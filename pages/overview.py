"""Overview: what this is, which data, and how all runs on it stand."""

import streamlit as st

from pages.ui import cache, verdicts
from pages.ui.controls import first_steps
from pages.ui.datasets import show_card, show_data_link
from pages.ui.frame import DEFINITIONS, begin, show_error
from pages.ui.protocol import show_protocol
from pages.ui.standings import show_browse_link, show_housekeeping, show_standings
from pages.ui.tour import asked_step, show_invitation, show_tour
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
show_invitation()
with st.container(key="rv-aside-data"):
    chooser, _ = st.columns([1, 1])
    with chooser:
        key = choose_dataset()
try:
    data = cache.dataset(key)
except RelvidError as error:
    show_error(error)
    show_data_link(key)
    st.stop()
with st.container(key="rv-aside-card"):
    show_card(data)
    show_data_link(key)

found = standings(cache.runs_of(key))
st.space("small")
head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom")
head.header("All runs", anchor=False, width="content")
if found.models:
    with head:
        show_browse_link(found.models)
    st.caption(
        "A run is one model as it was trained, with its settings, its lists and how well they do. Simple rules that "
        "need no training, the baselines, stand beside them."
    )
    show_training(key, with_result=False)
    show_standings(found)
    show_protocol(found.models[0].config, data)
else:
    has_topics = data.catalog.topics.n_levels > 0
    second = (
        "that **balances** it with relevance and fewer popular videos" if has_topics else "**popularity corrected**"
    )
    st.markdown(
        "No model has been trained on this data yet. A good first step: one that minds **engagement only** and one "
        f"{second}. Both take from some seconds to a minute."
    )
    if st.button("Train two runs", type="primary", disabled=cache.queue().busy):
        for label, config in first_steps(has_topics=has_topics).items():
            cache.queue().submit(key, config, label)
        st.rerun()
    show_training(key, with_result=False)
show_housekeeping(found.models + [info for info, _ in found.others])
with st.container(key="rv-aside-definitions"):
    st.caption(DEFINITIONS)
