"""The sliders of the correction, from widgets to one frozen config, and the button that asks the log for a clip."""

from __future__ import annotations

import math
from typing import Final, Literal

import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.frame import show_error
from pages.ui.words import PROPENSITIES, propensity_sources
from relvid_core.config import ExperimentConfig, OffPolicyConfig
from relvid_core.data.clipping import ClipChoice, automatic_clip
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError

_BIND: Final[Literal["query-params"]] = "query-params"
_PLAIN: Final = OffPolicyConfig()
DEFAULT_STRENGTH: Final = 0.5
# Equal steps of ln c, since a clip acts on scores through its logarithm; e³ is one of them, and so is no clip at all.
CLIPS: Final = (*(math.e ** (step / 4) for step in range(37)), math.inf)
_SMOOTHINGS: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
_CLIP_KEY: Final = "largest"  # keys are also names in the address; Tune has others, since its steps differ


def choose_correction(data: Dataset) -> ExperimentConfig:
    """The default config with the weights that the sliders say."""
    has_exposures = data.interactions.exposures is not None
    strength = st.slider(
        "Strength β", 0.0, 1.5, DEFAULT_STRENGTH, 0.05, key="strength", bind=_BIND,
        help="Weight of a pair = (how often its video was shown)^−β. Buys: fewer popular videos in the lists. Costs: "
        "noise, since fewer pairs really count, and good videos where popular is also good.",
    )  # fmt: skip
    clip = st.select_slider(
        "Largest weight before scaling (clip c)", CLIPS, _PLAIN.clip,
        key=_CLIP_KEY, bind=_BIND, format_func=clip_text, disabled=strength == 0,
        help="No pair counts more than c times one that ends in the most shown video. Buys: less noise. Costs: the "
        "rarest videos are corrected less than β says. Every step multiplies c by 1.28.",
    )  # fmt: skip
    button = st.container()
    sources = propensity_sources(has_exposures=has_exposures)
    source = st.selectbox(
        "“How often shown” from", sources, format_func=PROPENSITIES.__getitem__, key="source", bind=_BIND,
        help="From exposures it is a propensity. From watch counts it is only a popularity proxy, which also holds "
        "what made the video good. A model of what is shown fills in for videos with few counts from their topics, "
        "length and age.",
    )  # fmt: skip
    from_exposures = has_exposures and source != "popularity"
    gamma = st.slider(
        "Exponent γ of the proxy", -1.0, 3.0, _PLAIN.gamma, 0.25, key="bend", bind=_BIND, disabled=from_exposures,
        help="The proxy is count^((γ+1)/2) (Yang et al. 2018): 1 is the count itself, −1 ignores it. Buys: a guess at "
        "how strongly the app favours what is popular. Costs: it is a guess. Without effect on exposures.",
    )  # fmt: skip
    smoothing = st.select_slider(
        "Added to every count", _SMOOTHINGS, _PLAIN.smoothing,
        key="pseudo", bind=_BIND, format_func="{:g}".format, disabled=source == "learned",
        help="Buys: videos with a count of 0 or 1 do not get absurd weights. Costs: rare videos look more often shown "
        "than they were. A model of what is shown needs none.",
    )  # fmt: skip
    self_normalise = st.toggle(
        "Scale weights to mean 1", _PLAIN.self_normalise, key="mean", bind=_BIND,
        help="Buys: β changes which pairs count, and not how hard the whole training pulls. Off: the rarest pair "
        "weighs up to c, and the steps of the training grow with β.",
    )  # fmt: skip
    config = ExperimentConfig(off_policy=OffPolicyConfig(strength, clip, source, gamma, smoothing, self_normalise))
    button.button(
        "Choose the clip from the log",
        on_click=_choose_clip,
        args=(data.key, config),
        disabled=strength == 0,
        width="stretch",
        help="Sets c to the step nearest to the one with the least estimated error: see “How the clip is chosen”.",
    )
    return config


def clip_choice(dataset_key: str, config: ExperimentConfig) -> ClipChoice:
    """What the log says about the clip for these settings. Raises DataError."""
    history = cache.cut_of(dataset_key, config).history
    return automatic_clip(
        cache_readings.propensity(dataset_key, config), config.off_policy, history.popularity.astype(float)
    )


def _choose_clip(dataset_key: str, config: ExperimentConfig) -> None:
    try:
        choice = clip_choice(dataset_key, config)
    except RelvidError as error:
        show_error(error)
        return
    st.session_state[_CLIP_KEY] = nearest_step(choice)


def nearest_step(choice: ClipChoice) -> float:
    """The step of the slider nearest to the chosen clip by its logarithm; where nothing is cut, the next one up."""
    steps = [step for step in CLIPS if step >= choice.clip] if choice.share_clipped == 0 else CLIPS[:-1]
    return min(steps, key=lambda step: abs(math.log(min(step, 1e300)) - math.log(choice.clip)))


def clip_text(clip: float) -> str:
    """A step of the slider as it reads, and as it stands in the address.

    >>> clip_text(math.e**3), clip_text(math.exp(0.25)), clip_text(math.inf)
    ('e³ = 20.1', '1.28', 'no clip')
    """
    if math.isinf(clip):
        return "no clip"
    return f"e³ = {clip:.1f}" if clip == _PLAIN.clip else f"{clip:.3g}" if clip < 1000 else f"{clip:.0f}"
