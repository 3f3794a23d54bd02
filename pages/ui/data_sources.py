"""Which datasets there are: the table of them, adding a folder by its path, and taking one away again."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.cache import Facts
from pages.ui.frame import plain, show_error
from pages.ui.widgets import DATA_PARAMETER
from relvid_core.data.adapters import ADAPTERS
from relvid_core.errors import DataError
from relvid_core.experiments.datasets import (
    DatasetSource,
    delete_imported,
    forget_folder,
    remember_folder,
    remembered_folders,
    restore_imported,
)

STYLE: Final = """<style>
.rv-sources td:nth-last-child(-n+2) {text-align: left !important; white-space: normal; overflow-wrap: anywhere;
  min-width: 8rem; max-width: 20rem; font-size: .8rem}
.rv-sources thead th:nth-last-child(-n+2) {text-align: left !important}
.rv-sources tbody th {font-weight: 500}
.rv-sources tr[aria-current] th {font-weight: 650}
.rv-sources tr[aria-current] th::before {content: "● "; color: #1C87A4}
</style>"""
_PROBLEM: Final = "folder_problem"
_DELETED: Final = "dataset_deleted"  # key of the imported dataset that was deleted last


def show_sources(chosen: str) -> None:
    """All datasets as a table, the chosen one marked; figures of those not read yet on request."""
    found = cache.sources()
    facts = {source.key: cache.known_facts(source) for source in found}
    st.html(table_html(found, facts, chosen))
    unread = [source for source in found if facts[source.key] is None]
    if unread:
        words = "one dataset that was" if len(unread) == 1 else f"{len(unread)} datasets that were"
        if st.button("Count them all", help=f"Reads the {words} not opened yet. A large log takes some seconds."):
            _read_all(unread)
    _show_problem()
    _show_removal(next((source for source in found if source.key == chosen), None))


def table_html(found: list[DatasetSource], facts: dict[str, Facts | None], chosen: str) -> str:
    """The datasets as an HTML table, one a row."""
    names = ("Dataset", "Videos", "Viewers", "Engagements", "Licence", "Where it lies")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = []
    for source in found:
        known = facts[source.key]
        cells = ("–", "–", "–", "–") if known is None else _cells(known)
        where = "in this project" if source.folder is None else str(source.folder)
        current = ' aria-current="true"' if source.key == chosen else ""
        rows.append(
            f'<tr{current}><th scope="row" dir="auto">{html.escape(source.title)}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in (*cells, where))
            + "</tr>"
        )
    return (
        '<div class="rv-table-scroll" role="region" aria-label="The datasets there are" tabindex="0">'
        f'<table class="rv-table rv-sources"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _cells(known: Facts) -> tuple[str, str, str, str]:
    if known.problem:
        return "cannot be read", "–", "–", known.problem
    viewers = "not recorded" if known.n_users is None else f"{known.n_users:,}"
    return f"{known.n_videos:,}", viewers, f"{known.n_engagements:,}", known.licence or "not stated"


def _read_all(unread: list[DatasetSource]) -> None:
    place = st.empty()
    for done, source in enumerate(unread):
        place.progress(done / len(unread), f"Reading {plain(source.title, 60)}")
        cache.read_facts(source)
    st.rerun()


def _show_removal(source: DatasetSource | None) -> None:
    """Deletes an imported dataset, with the way back."""
    deleted = st.session_state.get(_DELETED)
    if deleted is not None:
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.markdown(f"Deleted “{plain(deleted)}”. Its runs are kept, and work again once it is back.")
        button.button("Undo", on_click=_undo, args=(deleted,), width="stretch")
    if source is not None and source.imported:
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.html('<p class="rv-note">This dataset was imported here: its files lie with your runs.</p>')
        button.button("Delete it", on_click=_delete, args=(source.key,), width="stretch")


def _delete(key: str) -> None:
    try:
        delete_imported(key)
    except DataError as error:
        st.session_state[_PROBLEM] = error
        return
    st.session_state[_DELETED] = key
    st.query_params.pop(DATA_PARAMETER, None)


def _undo(key: str) -> None:
    st.session_state.pop(_DELETED, None)
    try:
        restore_imported(key)
    except DataError as error:
        st.session_state[_PROBLEM] = error
        return
    st.query_params[DATA_PARAMETER] = key


def _show_problem() -> None:
    problem = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        show_error(problem)


def show_folders() -> None:
    """Add a folder of data by its path; remove remembered ones."""
    with st.expander("Add a folder on this computer, or a known public dataset"):
        st.markdown(
            "Files in one of these forms are read where they lie; the first fault in them is named, not mended:"
        )
        st.markdown("\n".join(f"- {plain(adapter.recognises)}" for adapter in ADAPTERS.values()))
        st.text_input("Path of the folder", key="new_folder", placeholder="a folder on this computer")
        st.button("Add", on_click=_add)
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
        st.session_state[_PROBLEM] = error
        return
    st.session_state["new_folder"] = ""
    st.query_params[DATA_PARAMETER] = source.key


def _forget(key: str) -> None:
    try:
        forget_folder(key)
    except DataError as error:
        st.session_state[_PROBLEM] = error
