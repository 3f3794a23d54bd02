"""One axis for all corrections: the net popularity exponent, predicted and as the stored models show it."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.frame import show_error
from pages.ui.widgets import run_names
from relvid_core import columns as c
from relvid_core.charts.exponents import exponent_axis
from relvid_core.charts.layout import CONFIG
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError
from relvid_core.experiments.judging import judged_fingerprint
from relvid_core.experiments.prepared import evaluation_key
from relvid_core.experiments.run import RunInfo

SLIDERS: Final = "These sliders"
MOST_RUNS: Final = 10
_READ: Final = (
    "The power of a video’s popularity in what the lists rank by. **1**: as popular as in the log. **0**: by lift, by "
    "what the seed video adds to a video’s popularity. **Below 0**: popular videos are held back. Hollow diamond: "
    "predicted for a model that fits perfectly, with β as the clip leaves it. Dot: what the trained model shows, with "
    "its interval."
)
_WHY_APART: Final = (
    "A dot off its diamond: the model has not learned that far (few epochs, short vectors), or other parts of it speak "
    "about popularity too: texts, relevance, a popularity term. The prediction counts the engagement loss alone."
)


def show_exponents(data: Dataset, config: ExperimentConfig, predicted: float) -> None:
    """The sliders' predicted exponent, and both readings of every run that was measured like these would be."""
    st.header("How much popularity is left", anchor=False)
    key = evaluation_key(judged_fingerprint(data), config)
    models = [info for info in cache.runs_of(data.key) if info.kind == "model" and info.evaluation_key == key]
    st.plotly_chart(
        exponent_axis(exponents_frame(predicted, models[:MOST_RUNS]), highlighted=SLIDERS),
        key="exponents", config=CONFIG,
        alt="Net popularity exponent of the present sliders and of the stored runs, predicted and fitted",
    )  # fmt: skip
    st.caption(_READ)
    if not models:
        st.html('<p class="rv-note">Trained runs will join these sliders here: train the comparison below.</p>')
        return
    st.caption(_WHY_APART)
    if len(models) > MOST_RUNS:
        st.caption(f"The newest {MOST_RUNS} of {len(models)} comparable runs are shown.")


def exponents_frame(predicted: float, models: list[RunInfo]) -> pd.DataFrame:
    """Tidy (run, kind, mean, low, high): the sliders first, then both readings of every run that can be read."""
    nan = float("nan")
    rows: list[tuple[str, str, float, float, float]] = [(SLIDERS, c.PREDICTED, predicted, nan, nan)]
    with st.spinner("Reading the popularity that the trained models show …", show_time=True):
        for run_id, name in run_names(models).items():
            try:
                expected, fitted = cache_readings.exponents(run_id)
            except RelvidError as error:
                show_error(error)
                continue
            name = f"{name} (run)" if name == SLIDERS else name
            rows.append((name, c.PREDICTED, expected, nan, nan))
            rows.append((name, c.FITTED, fitted.mean, fitted.low, fitted.high))
    return pd.DataFrame(rows, columns=[c.RUN, c.KIND, c.MEAN, c.LOW, c.HIGH])
