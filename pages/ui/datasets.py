"""The dataset in hand: its card, and adding or removing folders of one's own."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.frame import plain, show_error
from pages.ui.widgets import DATA_PARAMETER
from relvid_core.data.adapters import ADAPTERS
from relvid_core.data.dataset import Dataset
from relvid_core.errors import DataError
from relvid_core.experiments.datasets import forget_folder, remember_folder, remembered_folders

_PICTURES = 8


def show_card(data: Dataset) -> None:
    """Pictures of some videos, the figures of the dataset, and what its source says about it."""
    with st.container(border=True):
        st.html(_strip(data) + _facts(data) + _notes(data))


def _strip(data: Dataset) -> str:
    """The most watched video of each top topic, up to eight."""
    picked: dict[object, int] = {}
    for row in np.argsort(-data.interactions.popularity, kind="stable")[:2000]:
        paths = data.catalog.topics.paths[row]
        picked.setdefault(paths[0][0] if paths else int(row), int(row))
        if len(picked) == _PICTURES:
            break
    images = (
        f'<img src="{cache.thumbnail(data.key, row)}" alt="{html.escape(data.catalog.titles[row])}" '
        f'title="{html.escape(data.catalog.titles[row])}">'
        for row in picked.values()
    )
    return f'<div class="rv-strip">{"".join(images)}</div>'


def _facts(data: Dataset) -> str:
    log, topics = data.interactions, data.catalog.topics
    levels = f" on {topics.n_levels} levels" if topics.n_levels > 1 else ""
    facts = {
        "Videos": f"{len(data.catalog):,}",
        "Viewers": f"{log.n_users:,}" if data.pairs is None else "not recorded",
        "Engagements": f"{len(log.engagements):,}",
        "Exposures": "not recorded" if log.exposures is None else f"{len(log.exposures):,}",
        "Period": _period(data),
        "Topics": f"{len(topics.names()):,}{levels}" if topics.n_levels else "none",
    }
    helps = {
        "Engagements": "Somebody watched a video with interest.",
        "Exposures": "A video was shown to somebody, watched or not. With them, how likely a video was to be shown can "
        "be estimated; without them, watch counts have to stand in.",
    }
    cells = "".join(
        f"<div><dt>{_term(name, helps.get(name))}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in facts.items()
    )
    return f'<dl class="rv-facts">{cells}</dl>'


def _term(name: str, help_text: str | None) -> str:
    return name if help_text is None else f'<abbr title="{html.escape(help_text)}">{name}</abbr>'


def _period(data: Dataset) -> str:
    times = data.interactions.engagements.timestamp
    if times is None or not len(times):
        return "not recorded"
    first, last = (np.datetime64(int(time), "s").astype("datetime64[D]") for time in (times.min(), times.max()))
    days = int((last - first).astype(int)) + 1
    return f"{first}, {days:,} day{'s' if days > 1 else ''}"


def _notes(data: Dataset) -> str:
    said = [*data.notes, f"Licence: {data.licence or 'not stated'}."]
    return f'<ul class="rv-note rv-notes">{"".join(f"<li>{html.escape(note)}</li>" for note in said)}</ul>'


def show_folders() -> None:
    """Add a folder of data by its path; remove remembered ones."""
    with st.expander("Add your own data"):
        st.markdown("A folder on this computer with files in one of these forms:")
        st.markdown("\n".join(f"- {plain(adapter.recognises)}" for adapter in ADAPTERS.values()))
        st.text_input("Path of the folder", key="new_folder", placeholder="a folder on this computer")
        st.button("Add", on_click=_add)
        problem = st.session_state.pop("folder_problem", None)
        if problem is not None:
            show_error(problem)
        try:
            remembered = remembered_folders()
        except DataError as error:
            show_error(error)
            return
        for key, folder in remembered.items():
            name, button = st.columns([4, 1], vertical_alignment="center")
            missing = "" if folder.is_dir() else " (not there now)"
            name.markdown(f"{plain(key)}{missing}: {plain(str(folder))}")
            button.button("Remove", key=f"forget_{key}", on_click=_forget, args=(key,), width="stretch")


def _add() -> None:
    try:
        source = remember_folder(st.session_state["new_folder"])
    except DataError as error:
        st.session_state["folder_problem"] = error
        return
    st.session_state["new_folder"] = ""
    st.query_params[DATA_PARAMETER] = source.key


def _forget(key: str) -> None:
    try:
        forget_folder(key)
    except DataError as error:
        st.session_state["folder_problem"] = error
