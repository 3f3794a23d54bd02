"""The sliders: from presets and widgets to one frozen config. Each stands in the address unless it has its default."""

from __future__ import annotations

import math
from typing import Final, Literal, get_args

import streamlit as st

from pages.ui.frame import show_error
from relvid_core.config import ExperimentConfig, PropensitySource, SplitKind, TopicRule
from relvid_core.errors import ConfigError

DEFAULT_PRESET: Final = "Balanced"
PRESETS: Final = {  # engagement weight, relevance weight, OPC strength
    "Engagement only": (1.0, 0.0, 0.0),
    DEFAULT_PRESET: (1.0, 0.3, 0.0),
    "Relevance first": (1.0, 3.0, 0.0),
    "Popularity corrected": (1.0, 0.3, 0.5),
}
_CLIPS: Final = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, math.e**3, 30.0, 50.0, 100.0, 300.0, 1000.0)
_PLAIN: Final = ExperimentConfig()
_LEVERS: Final = ("we", "wr", "beta")  # keys of the widgets, which are their names in the address

_SPLITS: Final[dict[SplitKind, str]] = {"per_user": "last of each viewer", "global": "after one date"}
_RULES: Final[dict[TopicRule, str]] = {"primary": "the first-named topic", "any": "any topic"}
_PROPENSITIES: Final[dict[PropensitySource, str]] = {
    "auto": "exposures, if any",
    "exposures": "exposures",
    "popularity": "popularity proxy",
}
_BIND: Final[Literal["query-params"]] = "query-params"


def preset_config(name: str) -> ExperimentConfig:
    """The defaults with one preset's three levers."""
    engagement, relevance, strength = PRESETS[name]
    return _PLAIN.with_values(
        objective__engagement_weight=engagement,
        objective__relevance_weight=relevance,
        off_policy__strength=strength,
    )


def first_steps(*, has_topics: bool) -> dict[str, ExperimentConfig]:
    """Two runs worth comparing on new data, by name; where nothing has topics, relevance cannot be one of them."""
    plain = preset_config("Engagement only")
    if has_topics:
        return {"Engagement only": plain, DEFAULT_PRESET: preset_config(DEFAULT_PRESET)}
    return {"Engagement only": plain, "Popularity corrected": plain.with_values(off_policy__strength=0.5)}


def _choose_preset(*levers: float) -> None:
    """Buttons that set the levers; the one that fits them now is marked.

    Not `st.pills`: whoever moves two sliders quickly sends the second with the mark as it was before the first, which
    counts as a click on it and would take the first back.
    """
    box = st.container(key="start")
    box.markdown("Start from", help="Sets the three sliders below. Move them as you like afterwards.")
    with box.container(horizontal=True, key="presets"):
        for name, values in PRESETS.items():
            fits = math.dist(values, levers) < 1e-9
            st.button(
                f"✓ {name}" if fits else name,
                key=f"preset {name}",
                type="primary" if fits else "secondary",
                on_click=_apply_preset,
                args=(name,),
            )


def _apply_preset(name: str) -> None:
    for key, value in zip(_LEVERS, PRESETS[name], strict=True):
        st.session_state[key] = value


def choose_config(*, has_exposures: bool, topic_levels: int) -> ExperimentConfig | None:
    """The config that the widgets say, or None with a message where it is impossible."""
    presets = st.container()
    engagement, relevance = _weights()
    strength, clip = _correction()
    with presets:  # drawn after the sliders are read, which an address may have moved
        _choose_preset(engagement, relevance, strength)
    inputs = st.container(horizontal=True)
    use_text = inputs.toggle(
        "Read titles and texts", True, key="text", bind=_BIND,
        help="Buys: good lists for videos that few people have watched. Costs: lists lean towards similar wording.",
    )  # fmt: skip
    use_id = inputs.toggle(
        "Learn each video by itself", True, key="id", bind=_BIND,
        help="One learned vector for each video. Buys: recall for videos with a history. Costs: nothing is known about "
        "new ones.",
    )  # fmt: skip
    epochs = st.slider(
        "Epochs", 1, 60, _PLAIN.training.epochs, key="epochs", bind=_BIND,
        help="Passes over all pairs. Buys: a closer fit. Costs: time, and after a while recall, as chance pairs are "
        "learned by heart.",
    )  # fmt: skip
    try:
        return _PLAIN.with_values(
            objective__engagement_weight=engagement,
            objective__relevance_weight=relevance,
            off_policy__strength=strength,
            off_policy__clip=clip,
            towers__use_text=use_text,
            towers__use_id=use_id,
            training__epochs=epochs,
            **_advanced(has_exposures, topic_levels),
        )
    except ConfigError as error:
        show_error(error)
        return None


def _weights() -> tuple[float, float]:
    default = PRESETS[DEFAULT_PRESET]
    engagement = st.slider(
        "Engagement weight", 0.0, 4.0, default[0], 0.1, key="we", bind=_BIND,
        help="How much it counts that viewers watched two videos close together. Buys: recall, the share of what "
        "viewers really watch next that the list finds. Costs: off-topic and popular videos slip in.",
    )  # fmt: skip
    relevance = st.slider(
        "Relevance weight", 0.0, 4.0, default[1], 0.1, key="wr", bind=_BIND,
        help="How much it counts that two videos share topics. Buys: topic match. Costs: recall, once it outweighs "
        "engagement. Only the ratio of both weights matters.",
    )  # fmt: skip
    return engagement, relevance


def _correction() -> tuple[float, float]:
    strength = st.slider(
        "Popularity correction (OPC) strength β", 0.0, 1.5, PRESETS[DEFAULT_PRESET][2], 0.05, key="beta", bind=_BIND,
        help="Pairs that end in a video seen by few count more: weight = (how often shown)^−β. Buys: fewer popular "
        "videos in the lists. Costs: noise, since fewer pairs really count, and recall where popular is also good.",
    )  # fmt: skip
    clip = st.select_slider(
        "Largest weight before scaling (clip c)", _CLIPS, _PLAIN.off_policy.clip,
        format_func=_clip_text, key="clip", bind=_BIND, disabled=strength == 0,
        help="No pair counts more than c times the most shown video's. Buys: less noise. Costs: the rarest videos are "
        "corrected less than β says. The steps are about logarithmic.",
    )  # fmt: skip
    return strength, clip


def _clip_text(clip: float) -> str:
    return "e³ ≈ 20.1 (Chen et al. 2019)" if clip == _PLAIN.off_policy.clip else f"{clip:.0f}"


def _advanced(has_exposures: bool, topic_levels: int) -> dict[str, object]:
    """Settings by their dotted names for `with_values`."""
    sources = [s for s in get_args(PropensitySource) if has_exposures or s != "exposures"]
    with st.expander("Advanced"):
        left, right = st.columns(2)
        return {
            "objective__temperature": left.number_input(
                "Temperature τ", 0.01, 2.0, _PLAIN.objective.temperature, 0.01, key="tau", bind=_BIND,
                help="Scores are divided by it. Lower: the model minds only the closest videos.",
            ),
            "objective__popularity_offset": right.number_input(
                "Popularity offset λ", 0.0, 1.0, _PLAIN.objective.popularity_offset, 0.1, key="lam", bind=_BIND,
                help="0: the vectors learn popularity too. 1: they learn only what is watched together more often than "
                "popularity explains.",
            ),
            "off_policy__propensity": left.selectbox(
                "“How often shown” from", sources, format_func=_PROPENSITIES.__getitem__, key="prop", bind=_BIND,
                help="From exposures it is a propensity. From watch counts it is only a popularity proxy, which also "
                "holds what made the video good.",
            ),
            "off_policy__gamma": right.number_input(
                "Exponent γ of the proxy", -1.0, 3.0, _PLAIN.off_policy.gamma, 0.25, key="gamma", bind=_BIND,
                help="The proxy is count^((γ+1)/2) (Yang et al. 2018). Without effect on exposures.",
            ),
            "towers__dim": left.number_input(
                "Vector length", 2, 512, _PLAIN.towers.dim, 8, key="dim", bind=_BIND,
                help="Numbers that describe one video. More: finer distinctions, slower, easier to overfit.",
            ),
            "training__learning_rate": right.number_input(
                "Learning rate", 0.0005, 2.0, _PLAIN.training.learning_rate, 0.01, format="%.4g", key="lr", bind=_BIND,
                help="Size of the largest training step. Too high: the loss jumps. Too low: it stays high.",
            ),
            "training__seed": left.number_input(
                "Random seed", 0, 2**31 - 1, _PLAIN.training.seed, 1, key="chance", bind=_BIND,
                help="Two runs that differ only here show how much of a difference is chance.",
            ),
            "coengagement__window": right.number_input(
                "Pair window (steps)", 0, 1000, _PLAIN.coengagement.window, 1, key="window", bind=_BIND,
                help="Two videos make a pair if one viewer watched them at most this many steps apart; 0 = any two. "
                "Changes what counts as right, so such runs are not comparable with others.",
            ),
            "split__kind": left.selectbox(
                "Held back to measure", list(_SPLITS), format_func=_SPLITS.__getitem__, key="split", bind=_BIND,
                help="The last events of each viewer, or all events after one date. Never seen in training. Makes runs "
                "incomparable with others.",
            ),
            "evaluation__k": right.number_input(
                "Length of the lists K", 1, 50, _PLAIN.evaluation.k, 1, key="length", bind=_BIND,
                help="Videos in a measured list. Makes runs incomparable with others.",
            ),
            "evaluation__topic_rule": left.selectbox(
                "Same topic means", list(_RULES), format_func=_RULES.__getitem__, key="rule", bind=_BIND,
                help="When two videos count as on topic. Makes runs incomparable with others.",
            ),
            "evaluation__topic_level": right.number_input(
                "Topic level", 0, max(1, topic_levels), _PLAIN.evaluation.topic_level, 1, key="level", bind=_BIND,
                help="How deep the topics must agree: 1 is the top level, 0 the finest there is.",
            ),
            "evaluation__head_share": left.number_input(
                "Popular videos: top share", 0.01, 0.5, _PLAIN.evaluation.head_share, 0.01, key="top", bind=_BIND,
                help="This share of the catalogue, by watch count, is called popular. Makes runs incomparable.",
            ),
        }  # fmt: skip
