"""What the popularity correction would do to the weights, shown while its sliders move."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.frame import show_error
from relvid_core.charts import RUN_A
from relvid_core.charts.layout import number
from relvid_core.config import ExperimentConfig
from relvid_core.data.pictures import svg_uri
from relvid_core.data.propensity import ImportanceWeights, Propensity, importance_weights
from relvid_core.errors import RelvidError

_POINTS = 120  # of the curve
_NOTE = (
    '<p class="rv-note">Weights from the {kind}. Unequal weights make fewer pairs decide, which adds noise: below a '
    "third that really count, trust small differences less. A score that moves by 0.7 nats doubles the odds of being "
    "listed.</p>"
)


def show_weights(dataset_key: str, config: ExperimentConfig) -> None:
    """Effective sample size, largest weight, share clipped, logit bound and the curve of weights."""
    if config.off_policy.strength == 0:
        st.html('<p class="rv-note">Popularity correction is off: every pair counts the same.</p>')
        return
    try:
        parts = cache.cut_of(dataset_key, config)
        propensity = cache_readings.propensity(dataset_key, config)
    except RelvidError as error:
        show_error(error)
        return
    weights = importance_weights(propensity, config.off_policy, parts.pairs.candidate_marginal)
    st.html(facts_html(weights, propensity.kind) + curve(propensity, weights) + _NOTE.format(kind=propensity.kind))


def facts_html(weights: ImportanceWeights, kind: str) -> str:
    """What must be known of the weights before they are trusted, as HTML."""
    facts = [
        (
            "Pairs that really count",
            number(weights.effective_sample_size, percent=True),
            "Effective sample size, (Σw)²/Σw² as a share of all pairs. Unequal weights make few pairs decide; "
            "below a third, expect noisy lists.",
        ),
        (
            "Largest pair weight",
            f"{number(weights.largest)} ×",
            "Where 1 is the mean over the training pairs. A video that ends no pair may stand higher in the curve.",
        ),
        (
            "Clipped",
            number(weights.share_clipped, percent=True),
            "Share of pairs whose weight was cut at c.",
        ),
        (
            "Most a score moves",
            f"{number(weights.logit_bound)} nats",
            "Logit bound: log of c over the mean weight. 0.7 doubles the odds of being listed.",
        ),
    ]
    cells = "".join(
        f'<div><dt><abbr title="{html.escape(help_text)}">{name}</abbr></dt><dd>{value}</dd></div>'
        for name, value, help_text in facts
    )
    return f'<dl class="rv-facts" aria-label="Weights from the {kind}">{cells}</dl>'


def curve(propensity: Propensity, weights: ImportanceWeights) -> str:
    """Weight over the videos from the most to the least shown, on a logarithmic axis, as a picture."""
    order = np.argsort(-propensity.value, kind="stable")
    picked = order[np.unique(np.linspace(0, len(order) - 1, min(_POINTS, len(order))).astype(int))]
    levels = np.log(weights.weight[picked])
    low, high = min(float(levels.min()), 0.0), max(float(levels.max()), 0.0)
    span = max(high - low, 1e-9)
    across = np.linspace(0, 300, len(picked))
    down = 4 + 52 * (high - levels) / span
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    one = 4 + 52 * high / span
    least, most = (f"{number(float(w))} ×" for w in (weights.weight[picked[0]], weights.weight[picked[-1]]))
    said = f"Weight of a pair by its video: {least} for the most shown video, {most} for the least shown."
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60" preserveAspectRatio="none">'
        f'<line x1="0" x2="300" y1="{one:.1f}" y2="{one:.1f}" stroke="#8A949C" stroke-dasharray="4 4" '
        'vector-effect="non-scaling-stroke"/>'
        f'<polyline points="{points}" fill="none" stroke="{RUN_A}" stroke-width="2.5" stroke-linejoin="round" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    return (  # a picture, since st.html drops inline SVG
        f'<figure class="rv-curve"><img src="{svg_uri(svg)}" alt="{said}">'
        f"<figcaption><span>most shown video: {least}</span><span>dashed: weight 1</span>"
        f"<span>least shown: {most}</span></figcaption></figure>"
    )
