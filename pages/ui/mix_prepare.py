"""Before the sliders can move: a model with two heads, and its shortlists."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import page, plain
from pages.ui.training import show_training
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.preview import Preview, default_model, prepare_preview, split_config
from relvid_core.experiments.run import Run, RunInfo

_STOPPED: Final = "mix_stopped"  # id of the run whose preparation was cancelled
_WHY: Final = (
    "The sliders need a model with **split heads**: one head learned what is watched together, the other what is on "
    "topic, so that they can be mixed afterwards in any proportion. Training one takes from some seconds to a minute."
)


def choose_models(data: Dataset) -> list[RunInfo]:
    """The models that can be mixed, newest first; asks to train one with split heads where there is none. Ends the
    page where there is no model at all."""
    models = [info for info in cache.current_runs(data) if info.kind == "model"]
    if not has_split(models):
        _offer_split(data)
        show_training(data.key, with_result=False)
    if not models:
        st.stop()
    return models


def has_split(models: list[RunInfo]) -> bool:
    """Whether one of the models has split heads."""
    return bool(models) and default_model(models).config.towers.heads == "split"


def _offer_split(data: Dataset) -> None:
    config = split_config(data)
    if config is None:
        st.info(
            "Nothing says what is relevant here: the videos have no topics, and there are neither ratings nor teacher "
            "vectors. So only the popularity exponent of a model can be moved."
        )
        st.page_link(page("tune"), label="Train a model on Tune →")
        return
    st.markdown(_WHY)
    waiting = config in cache.queue().pending(data.key)
    if st.button("Train a model with split heads", type="primary", disabled=waiting):
        cache.queue().submit(data.key, config)
        st.rerun()


def ready(run: Run, prepared: Prepared) -> Preview:
    """The preview of a run, made with a progress bar the first time; ends the page when that is cancelled."""
    kept = cache.previews().get(run.info.run_id)
    if kept is not None:
        return kept
    if st.session_state.get(_STOPPED) == run.info.run_id:
        st.info(f"“{plain(run.info.label, 60)}” was not made ready: you cancelled it.")
        st.button("Make the sliders ready", type="primary", on_click=_stop, args=("",))
        st.stop()
    place = st.empty()
    with place.container(border=True):
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.markdown("**Making the sliders ready**")
        button.button("Cancel", key="mix_cancel", on_click=_stop, args=(run.info.run_id,), width="stretch")
        said = "Looking up which videos can enter a list at any position of the sliders"
        bar = st.progress(0.0, said)
    making = prepare_preview(run, prepared)
    try:
        while True:
            bar.progress(next(making), said)  # a click on Cancel ends the script here
    except StopIteration as done:
        preview: Preview = done.value
    finally:
        making.close()
    place.empty()
    cache.previews().keep(preview)
    return preview


def _stop(run_id: str) -> None:
    st.session_state[_STOPPED] = run_id
