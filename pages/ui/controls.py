"""The main levers and their presets: from widgets to one frozen config. Each stands in the address unless it has its
default."""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

import streamlit as st

from pages.ui import groups
from pages.ui.content import content_settings, visual_encoders
from pages.ui.frame import show_error
from pages.ui.objective import loss_settings, popularity_settings
from pages.ui.procedure import measuring_settings, tower_settings, training_settings
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError


class Levers(NamedTuple):
    """What a preset sets."""

    engagement: float
    relevance: float
    strength: float
    clip: float

    def settings(self) -> dict[str, object]:
        """For `with_values`; the clip keeps its default where nothing is corrected."""
        return {
            "objective__engagement_weight": self.engagement,
            "objective__relevance_weight": self.relevance,
            "off_policy__strength": self.strength,
            **({"off_policy__clip": self.clip} if self.strength > 0 else {}),
        }


class Reads(NamedTuple):
    """What the towers read."""

    id: bool
    text: bool
    pictures: bool


DEFAULT_PRESET: Final = "Balanced"
PRESETS: Final = {
    "Engagement only": Levers(1.0, 0.0, 0.0, 4.0),
    DEFAULT_PRESET: Levers(1.0, 0.5, 0.4, 4.0),
    "Relevance first": Levers(1.0, 3.0, 0.0, 4.0),
    "Popularity corrected": Levers(1.0, 0.0, 0.4, 4.0),
}
_START: Final = PRESETS[DEFAULT_PRESET]
_PLAIN: Final = ExperimentConfig()
CLIPS: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, math.e**3, 30.0, 50.0, 100.0, 300.0, 1000.0)
_KEYS: Final = ("we", "wr", "beta", "clip")  # of the levers' widgets: their names in the address
_BIND: Final[Literal["query-params"]] = "query-params"


def preset_config(name: str) -> ExperimentConfig:
    """The defaults with one preset's levers."""
    return _PLAIN.with_values(**PRESETS[name].settings())


def first_steps(*, has_topics: bool) -> dict[str, ExperimentConfig]:
    """Two runs worth comparing on new data, by name; where nothing has topics, relevance cannot be one of them."""
    names = ("Engagement only", DEFAULT_PRESET if has_topics else "Popularity corrected")
    return {name: preset_config(name) for name in names}


def tour_models(*, has_topics: bool) -> dict[str, ExperimentConfig]:
    """The models of the tour by name: `first_steps`, and between them what only minds relevance, so that each lever is
    seen on its own."""
    first = first_steps(has_topics=has_topics)
    if not has_topics:
        return first
    relevant = _PLAIN.with_values(**_START._replace(strength=0.0).settings())
    return {"Engagement only": first["Engagement only"], "On the subject": relevant, **first}


def _choose_preset(levers: Levers) -> None:
    """Buttons that set the levers; the one that fits them now is marked.

    Not `st.pills`: whoever moves two sliders quickly sends the second with the mark as it was before the first, which
    counts as a click on it and would take the first back.
    """
    box = st.container(key="start")
    box.markdown("Start from", help="Sets the four sliders below. Move them as you like afterwards.")
    with box.container(horizontal=True, key="presets"):
        for name, preset in PRESETS.items():
            far = math.dist(preset[:3], levers[:3]) > 1e-9 or (levers.strength > 0 and preset.clip != levers.clip)
            st.button(
                name if far else f"✓ {name}",
                key=f"preset {name}",
                type="secondary" if far else "primary",
                on_click=_apply_preset,
                args=(name,),
            )


def _apply_preset(name: str) -> None:
    for key, value in zip(_KEYS, PRESETS[name], strict=True):
        st.session_state[key] = value


def choose_config(data: Dataset) -> ExperimentConfig | None:
    """The config that the widgets say, or None with a message where it is impossible."""
    presets = st.container()
    levers = Levers(*_weights(), *_correction())
    with presets:  # drawn after the sliders are read, which an address may have moved
        _choose_preset(levers)
    reads = _choose_inputs(data)
    epochs = st.slider(
        "Epochs", 1, 60, _PLAIN.training.epochs, key="epochs", bind=_BIND,
        help="Passes over all pairs. Buys: a closer fit. Costs: time, and after a while recall, as chance pairs are "
        "learned by heart.",
    )  # fmt: skip
    advanced = _advanced(data, levers, reads)
    try:
        return _PLAIN.with_values(
            **levers.settings(),
            towers__use_text=reads.text,
            towers__use_id=reads.id,
            towers__use_visual=reads.pictures,
            training__epochs=epochs,
            **advanced,
        )
    except ConfigError as error:
        show_error(error)
        return None


def _choose_inputs(data: Dataset) -> Reads:
    inputs = st.container(horizontal=True)
    text = inputs.toggle(
        "Read titles and texts", True, key="text", bind=_BIND,
        help="Buys: good lists for videos that few people have watched. Costs: lists lean towards similar wording.",
    )  # fmt: skip
    by_itself = inputs.toggle(
        "Learn each video by itself", True, key="id", bind=_BIND,
        help="One learned vector for each video. Buys: recall for videos with a history. Costs: nothing is known about "
        "new ones.",
    )  # fmt: skip
    seen = bool(visual_encoders(data))
    pictures = inputs.toggle(
        "Look at the pictures", False, key="pictures", bind=_BIND, disabled=not seen,
        help="Buys: something to go by where titles say little. Costs: time, once for each catalogue, and lists lean "
        "towards similar looks." if seen else "No video has a picture on this disk, so there is nothing to look at.",
    )  # fmt: skip
    return Reads(by_itself, text, pictures and seen)


def _weights() -> tuple[float, float]:
    engagement = st.slider(
        "Engagement weight", 0.0, 4.0, _START.engagement, 0.05, key="we", bind=_BIND,
        help="How much it counts that viewers watched two videos close together. Buys: recall, the share of what "
        "viewers really watch next that the list finds. Costs: off-topic and popular videos slip in.",
    )  # fmt: skip
    relevance = st.slider(
        "Relevance weight", 0.0, 4.0, _START.relevance, 0.05, key="wr", bind=_BIND,
        help="How much it counts that two videos are about the same. Buys: topic match. Costs: recall, once it "
        "outweighs engagement. Only the ratio of both weights matters.",
    )  # fmt: skip
    return engagement, relevance


def _correction() -> tuple[float, float]:
    strength = st.slider(
        "Popularity correction (OPC) strength β", 0.0, 1.5, _START.strength, 0.05, key="beta", bind=_BIND,
        help="Pairs that end in a video seen by few count more: weight = (how often shown)^−β. Buys: fewer popular "
        "videos in the lists. Costs: noise, since fewer pairs really count, and recall where popular is also good. "
        "With exposures in the log, 1 undoes what was shown; with watch counts alone, the same β also takes from "
        "videos that are popular because they are good.",
    )  # fmt: skip
    clip = st.select_slider(
        "Largest weight before scaling (clip c)", CLIPS, _START.clip,
        format_func=clip_text, key="clip", bind=_BIND, disabled=strength == 0,
        help="No pair counts more than c times the most shown video's. Buys: less noise. Costs: the rarest videos are "
        "corrected less than β says. The steps are about logarithmic.",
    )  # fmt: skip
    return strength, clip


def _advanced(data: Dataset, levers: Levers, reads: Reads) -> dict[str, object]:
    """Settings that have an effect beside these levers, by their dotted names for `with_values`."""
    relevance = levers.relevance > 0
    with st.expander("Advanced"):
        st.html(groups.STYLE)
        return {
            **loss_settings(data, relevance=relevance, both=relevance and levers.engagement > 0),
            **popularity_settings(data, corrected=levers.strength > 0),
            **content_settings(data, reads_id=reads.id, reads_text=reads.text, reads_pictures=reads.pictures),
            **tower_settings(),
            **training_settings(len(data.catalog)),
            **measuring_settings(data),
        }


def clip_text(clip: float) -> str:
    """A step of the clip's slider as it reads, and as it stands in the address."""
    return "e³ ≈ 20.1 (Chen et al. 2019)" if clip == _PLAIN.off_policy.clip else f"{clip:g}"
