"""Debias: is popularity luck or quality here, what would correcting for it do, and does that pay."""

import streamlit as st

from pages.ui import cache, cache_readings, debias_weights, gaps, verdicts
from pages.ui.debias_comparison import show_comparison
from pages.ui.debias_controls import choose_correction
from pages.ui.debias_exponents import show_exponents
from pages.ui.debias_weights import show_quality, show_weights, weights_of
from pages.ui.frame import begin, show_error
from pages.ui.widgets import choose_dataset
from relvid_core.config import ExperimentConfig
from relvid_core.errors import RelvidError
from relvid_core.evaluation.popularity_exponent import effective_strength
from relvid_core.experiments.corrections import predicted_net

begin(
    "debias",
    "Correct for popularity",
    "A log was made by showing some videos far more than others, so a model learns what was shown as much as what was "
    "liked. Is that a bias here, what would correcting for it do, and does it pay?",
    verdicts.STYLE + debias_weights.STYLE + gaps.STYLE,
)
chooser, _ = st.columns([1, 1])
with chooser:
    key = choose_dataset()
try:
    data = cache.dataset(key)
    with st.spinner("Reading the log …", show_time=True):
        parts = cache.cut_of(key, ExperimentConfig())
    show_quality(cache_readings.quality(key, ExperimentConfig()))
    st.header("What the correction does to the pairs", anchor=False)
    left, right = st.columns([5, 7], gap="large")
    with left:
        config = choose_correction(data)
    weights = weights_of(data, config)
    effective = effective_strength(weights, parts.pairs.candidate_marginal)
    with right:
        show_weights(data, config, weights)
    show_exponents(data, config, predicted_net(config, effective, len(data.catalog)))
    show_comparison(data, config, effective)
except RelvidError as error:
    show_error(error)
