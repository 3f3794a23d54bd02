"""How runs are judged: the choice of a protocol, and what it says of itself."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.protocols import PROTOCOLS, ProtocolName, protocol_of, readings_of, splits_of

KEY: Final = "judged"


def choose_protocol(place: DeltaGenerator, data: Dataset, note: str) -> dict[str, object]:
    """The settings of the chosen protocol, `?judged=…` in the address; only what the dataset can carry is offered."""
    names: list[ProtocolName] = [one.name for one in splits_of(data)]
    chosen = place.selectbox(
        "How runs are judged", names, format_func=lambda name: PROTOCOLS[name].title, key=KEY, bind="query-params",
        help=f"What is hidden from training, and what then counts as right. Never seen in training. {note}",
    )  # fmt: skip
    return dict(PROTOCOLS[chosen].settings)


def show_protocol(config: ExperimentConfig, data: Dataset) -> None:
    """What the protocol of a config hides and asks, and what else is known of this data, for whoever opens it."""
    chosen = protocol_of(config)
    with st.expander(f"How runs are judged: {chosen.title[0].lower()}{chosen.title[1:]}"):
        st.markdown(f"{chosen.asks} {chosen.mind}")
        if config.split.fold == "validation":
            st.markdown("Scored on the window that tuning looks at; the last word belongs to the one after it.")
        for reading in readings_of(data):
            st.markdown(f"**{reading.title}.** {reading.asks} {reading.mind}")
