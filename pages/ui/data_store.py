"""Storing what was checked as a dataset, and the first two runs on it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.data_draft import Draft, discard, ending
from pages.ui.first_step import train_first
from pages.ui.frame import page, plain, show_error
from pages.ui.training import show_training
from pages.ui.widgets import DATA_PARAMETER
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RelvidError
from relvid_core.experiments.datasets import runs_home
from relvid_core.intake.store import MAX_NAME, save_dataset

_IMPORTED: Final = "data_imported"  # key of the dataset that this visit imported last


def show_import(draft: Draft) -> None:
    """The name, the button, and what stands in the way."""
    checked = draft.checked
    assert checked is not None
    st.subheader("Import", anchor=False)
    words, button = st.columns([3, 1], vertical_alignment="bottom")
    name = words.text_input(
        "Name of the dataset", _proposed_name(draft), key=f"import_name_{draft.keys('catalogue')}", max_chars=MAX_NAME,
        persist_state="session",
        help="Stands in the list of datasets and, in plain letters, in links. A name that is taken gets a number.",
    ) or ""  # fmt: skip
    if checked.cleaned.log_frame is None:
        st.info("Without a watch log this can be looked at, but no model can be trained on engagement.")
    if button.button("Import", type="primary", width="stretch"):
        try:
            with st.spinner("Storing the dataset …", show_time=True):
                path = save_dataset(
                    checked.cleaned,
                    home=runs_home(),
                    name=name,
                    thumbnails=None if draft.pictures is None else draft.pictures.folder,
                    notes=_notes(draft),
                    taken={source.key for source in cache.sources()},
                )
        except RelvidError as error:
            show_error(error)
            return
        discard()
        st.session_state[_IMPORTED] = path.name
        st.query_params[DATA_PARAMETER] = path.name
        st.rerun()


def _proposed_name(draft: Draft) -> str:
    """The catalogue's file name without its ending."""
    called = draft.uploads["catalogue"].called
    return called[: -len(ending(called))].rsplit("/", 1)[-1][:MAX_NAME]


def _notes(draft: Draft) -> tuple[str, ...]:
    if draft.own_topics is None:
        return ()
    return ("Topics were proposed from titles and descriptions and named by hand: they favour models that read texts.",)


def show_imported(data: Dataset) -> None:
    """After an import: what to do with the dataset, while it is the chosen one."""
    key = data.key
    if st.session_state.get(_IMPORTED) != key:
        return
    st.success(f"Imported “{plain(data.title, 80)}”: {len(data.catalog):,} videos. It is chosen above.")
    if not len(data.interactions.engagements):
        st.info("No model can be trained on it: import it again with a watch log.")
        return
    runs = cache.runs_of(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if not runs:
            train_first(data)
        st.page_link(page("tune"), label="Set up a training on Tune →", query_params={DATA_PARAMETER: key})
        if runs:
            st.page_link(page("browse"), label="See the lists in Browse →", query_params={DATA_PARAMETER: key})
    show_training(key, with_result=False)
