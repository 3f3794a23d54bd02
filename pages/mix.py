"""Mix: move relevance against engagement, and popularity, without training; then confirm by training."""

from functools import partial

import streamlit as st

from pages.ui import cache, cache_readings, cards, mix_confirm, mix_lists, mix_pictures, mix_prepare, mix_sliders
from pages.ui.cards import Shelf
from pages.ui.frame import begin, show_error
from pages.ui.mix_lists import LIST_LENGTH
from pages.ui.training import show_training
from pages.ui.widgets import choose_dataset, choose_run
from pages.ui.words import CHANCE
from relvid_core.errors import RelvidError
from relvid_core.experiments.preview import default_model

begin(
    "mix",
    "Mix",
    "How much relevance for how much engagement? Move the sliders: lists and measures follow at once, without "
    "training. Then train the mix that you like, and see whether the preview holds.",
    cards.STYLE + mix_pictures.STYLE + mix_sliders.STYLE + mix_lists.STYLE + mix_confirm.STYLE,
)
try:
    left, right = st.columns([1, 1.6])
    with left:
        data = cache.dataset(choose_dataset())
    models = mix_prepare.choose_models(data)
    with right:
        info = choose_run("Model", "run", models, models.index(default_model(models)))
    assert info is not None  # models is not empty
    run = cache.run(info.run_id)
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, info.config)
    preview = mix_prepare.ready(run, prepared)
    shelf = Shelf(data.key, data.catalog, prepared.history.popularity)
    typical = partial(cache_readings.typical_seed, [run], prepared, LIST_LENGTH)
    mix_sliders.show_mix(shelf, preview, prepared.judge.percentile, run.estimates[CHANCE].mean, models, typical)
    if mix_prepare.has_split(models):  # else it stands above
        show_training(data.key, with_result=False)
except RelvidError as error:
    show_error(error)
