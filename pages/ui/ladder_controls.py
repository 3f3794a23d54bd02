"""The controls of the ladder: what its top rung is, from widgets to one ladder for each training seed."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from pages.ui import groups
from pages.ui.content import content_settings, visual_encoders
from pages.ui.controls import CLIPS, DEFAULT_PRESET, PRESETS, clip_text
from pages.ui.objective import relevance_sources
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.ladder import Ladder
from relvid_core.experiments.ladder_reading import seeded_ladders

_BIND: Final[Literal["query-params"]] = "query-params"
_START: Final = PRESETS[DEFAULT_PRESET]
DEFAULT_COLD: Final = 10  # per cent of all videos


def choose_ladder(data: Dataset) -> list[Ladder]:
    """One ladder for each training seed. Raises ConfigError."""
    sources = relevance_sources(data)
    relevance = st.slider(
        "Relevance weight", 0.05, 4.0, _START.relevance, 0.05, key="relevance", bind=_BIND, disabled=not sources,
        help="Of the rung “+ relevance” and all above; engagement weighs 1. Buys: topic match. Costs: recall, once it "
        "outweighs engagement.",
    )  # fmt: skip
    strength = st.slider(
        "Popularity correction (OPC) strength β", 0.05, 1.5, _START.strength, 0.05, key="correction", bind=_BIND,
        help="Of the top rung: weight of a pair = (how often its video was shown)^−β. Buys: fewer popular videos. "
        "Costs: noise, and good videos where popular is also good.",
    )  # fmt: skip
    clip = st.select_slider(
        "Largest weight before scaling (clip c)", CLIPS, _START.clip, format_func=clip_text, key="clipped", bind=_BIND,
        help="Of the top rung: no pair counts more than c times the most shown video's. Buys: less noise. Costs: the "
        "rarest videos are corrected less than β says.",
    )  # fmt: skip
    cold = st.slider(
        "Hidden as new videos", 0, 30, DEFAULT_COLD, 5, key="cold", bind=_BIND, format="%d %%",
        help="This share of all videos, drawn at random, is hidden from training, as if they had been uploaded "
        "yesterday. Buys: seeds that show what a lever does for new videos. Costs: that much of the log, so all "
        "figures are a little lower than elsewhere.",
    )  # fmt: skip
    times = st.slider(
        "Trainings of each rung", 1, 5, 1, key="times", bind=_BIND,
        help="With 1, a gap speaks of other seed videos, and not of training again: another random seed may move it. "
        "With more, every seed video counts with its mean over the trainings, so chance in training averages out. "
        "Costs: that many times the time.",
    )  # fmt: skip
    seen = bool(visual_encoders(data))
    with st.expander("How content is read"):
        st.html(groups.STYLE)
        towers = content_settings(data, reads_id=True, reads_text=True, reads_pictures=seen)
    base = ExperimentConfig().with_values(
        objective__relevance_weight=relevance,
        off_policy__strength=strength,
        off_policy__clip=clip,
        split__cold_share=cold / 100,
        **groups.only_if(bool(sources), objective__relevance_source=next(iter(sources), "")),
        **towers,
    )
    return seeded_ladders(base, times, data, has_pictures=seen)
