"""What the log says about popularity, what the weights do to the pairs, and how the clip is chosen."""

from __future__ import annotations

import math
from typing import Final

import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.debias_controls import clip_choice, clip_text
from pages.ui.frame import plain
from pages.ui.weights import facts_html
from relvid_core.charts.layout import CONFIG, NARROW_SPACE, number
from relvid_core.charts.weights import clip_errors, weight_histogram
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.propensity import ImportanceWeights, importance_weights, weight_histogram_frame
from relvid_core.evaluation.quality import QualityReading

STYLE: Final = """<style>
.rv-reading {border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .6rem;
  padding: .85rem 1.05rem .9rem; max-width: 62rem}
.rv-reading p {margin: .5rem 0 .35rem; line-height: 1.5; font-size: 1.03rem; text-wrap: pretty}
.rv-reading .rv-verdict {font-size: .9rem}
.rv-reading small {opacity: .78; font-size: .84rem; font-variant-numeric: tabular-nums}
.rv-meter {position: relative; height: .6rem; border-radius: 1rem; margin: .9rem 0 1.7rem;
  background: color-mix(in srgb, currentColor 12%, transparent)}
.rv-meter i {position: absolute; inset: 0 auto 0 0; border-radius: 1rem; background: #6A92D4}
.rv-meter b {position: absolute; top: -.25rem; bottom: -.25rem; border-left: 2px solid #92908C}
.rv-meter b span {position: absolute; top: 1.15rem; left: 0; transform: translateX(-50%); white-space: nowrap;
  font-size: .8rem; font-weight: 400; opacity: .8}
</style>"""
_METER_NATS: Final = 4.0  # the meter reaches this far, or to the bound where that is more
_LOOKS: Final = {"popularity is luck": "rv-good", "popularity is quality": "rv-bad", "cannot tell": "rv-none"}
_HEADS: Final = {
    "popularity is luck": "Here popularity is mostly luck",
    "popularity is quality": "Here popularity is quality",
    "cannot tell": "The log cannot tell whether popularity is luck or quality",
}
_CLIP_RULE: Final = (
    "For every clip the log says how much of the *corrected engagement* (the mean of all weights before clipping) it "
    "would cut off, and how noisy the rest would still be. The clip with the least squared error of both is chosen: "
    "the rule of Wang, Agarwal & Dudík 2017 and Su et al. 2020, less the noise of the squared part that is cut off, "
    "which is ours."
)
_CLIP_CAUTION: Final = (
    "Best for this one number, not necessarily for lists: a model sees single pairs, and a few heavy ones hurt it "
    "sooner than they hurt a mean. At strong correction (β near 1) it hardly clips at all; in the sample world the "
    "lists were then worse than with e³."
)


def show_quality(reading: QualityReading) -> None:
    """Luck or quality, how the log knows, and the number behind it."""
    slope, sentence = reading.slope, reading.sentence.replace(" %", f"{NARROW_SPACE}%")
    found = "No number can be given."
    if not math.isnan(slope.mean):
        found = (
            f"Slope of the {reading.kind}: {number(slope.mean)} ({number(slope.low)} to {number(slope.high)}, 95 %), "
            f"in logarithms per standard deviation, over {slope.n:,} videos. 0: no link; above 0: shown more, "
            "liked more."
        )
    st.html(
        f'<section class="rv-reading" aria-label="Is popularity luck or quality?"><span class="rv-verdict '
        f'{_LOOKS[reading.verdict]}">{_HEADS[reading.verdict]}</span><p>{sentence}</p>'
        f"<small>{found}</small></section>"
    )


def weights_of(data: Dataset, config: ExperimentConfig) -> ImportanceWeights:
    """The weights that these settings give. Raises DataError."""
    marginal = cache.cut_of(data.key, config).pairs.candidate_marginal
    return importance_weights(cache_readings.propensity(data.key, config), config.off_policy, marginal)


def show_weights(data: Dataset, config: ExperimentConfig, weights: ImportanceWeights) -> None:
    """Facts, the logit bound on its meter, the histogram, and how the clip is chosen."""
    if config.off_policy.strength == 0:
        st.info("The correction is off: every pair counts the same. Move β above 0 to see what it would do.")
        return
    kind = cache_readings.propensity(data.key, config).kind
    st.html(facts_html(weights, kind) + meter(weights.logit_bound))
    st.plotly_chart(
        weight_histogram(weight_histogram_frame(weights), marks=_marks(config.off_policy.clip, weights.of_most_shown)),
        key="weights", config=CONFIG, alt="Share of all pairs by their weight, before and after clipping",
    )  # fmt: skip
    unit = "the mean pair" if config.off_policy.self_normalise else "a pair of the most shown video"
    st.caption(f"Weights from the {kind}. 1 × is {unit}; every bar is a share of all training pairs.")
    _show_clip(data, config)


def _marks(clip: float, scale: float) -> dict[str, float]:
    """Where the clip and e³ stand among scaled weights."""
    usual = math.e**3
    if clip == usual:
        return {"clip c = e³ (Chen et al. 2019)": scale * usual}
    chosen = {} if math.isinf(clip) else {f"clip c = {clip_text(clip)}": scale * clip}
    return {**chosen, "e³ (Chen et al. 2019)": scale * usual}


def meter(bound: float) -> str:
    """The logit bound on a line with 3 nats marked, as HTML.

    >>> 'width:37.0%' in meter(1.48), 'left:75.0%' in meter(1.48)
    (True, True)
    """
    end = max(_METER_NATS, bound)
    said = f"The weights move no score by more than {number(bound)} nats; e³ would be 3."
    return (
        f'<div class="rv-meter" role="img" aria-label="{said}"><i style="width:{100 * bound / end:.1f}%"></i>'
        f'<b style="left:{100 * 3 / end:.1f}%"><span>3 nats = e³</span></b></div>'
    )


def _show_clip(data: Dataset, config: ExperimentConfig) -> None:
    with st.expander("How the clip is chosen"):
        choice = clip_choice(data.key, config)
        cut = number(choice.share_clipped, percent=True)
        st.markdown(
            f"For these settings the log chooses **c = {plain(number(choice.clip))}**; {cut} of all engagements would "
            f"be clipped. {_CLIP_RULE}"
        )
        marks = {f"chosen {number(choice.clip)}": choice.clip, "e³": math.e**3}
        st.plotly_chart(
            clip_errors(choice.candidates, marks=marks), key="clips", config=CONFIG,
            alt="Estimated error of the corrected engagement by clip, with the parts from cutting off and from noise",
        )  # fmt: skip
        st.caption(_CLIP_CAUTION)
