"""Tune: move the levers, see what the correction would do, train, and hold the result against the reference."""

import streamlit as st

from pages.ui import cache
from pages.ui.controls import choose_config
from pages.ui.frame import begin, show_error
from pages.ui.objective import relevance_sources
from pages.ui.protocol import show_protocol
from pages.ui.submit import STYLE, show_repeat, show_submit
from pages.ui.training import show_training
from pages.ui.weights import show_weights
from pages.ui.widgets import choose_dataset
from relvid_core.errors import RelvidError

begin(
    "tune",
    "Tune a model",
    "Choose what a model should care about and train it. Training runs in the background: leave the page, or close it, "
    "and come back.",
    STYLE,
)

left, right = st.columns([5, 6], gap="large")
with left:
    key = choose_dataset()
    try:
        data = cache.dataset(key)
    except RelvidError as error:
        show_error(error)
        st.stop()
    config, n_trainings = choose_config(data), 1
    if config is not None and config.objective.relevance_weight > 0 and not relevance_sources(data):
        st.warning(
            "These videos have no topics, and nobody rated them, so there is nothing to be relevant by: set the "
            "relevance weight to 0."
        )
    elif config is not None:
        config, n_trainings = show_submit(data, config)
with right:
    if config is not None:
        st.header("What the popularity correction does", anchor=False)
        show_weights(key, config)
        show_protocol(config, data)
    show_training(key)
if config is not None:
    show_repeat(key, config, n_trainings)
