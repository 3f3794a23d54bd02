"""Widgets that several pages share. What they choose stands in the address, so that a link shows the same."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import plain, show_error
from relvid_core.errors import DataError
from relvid_core.experiments.run import RunInfo

DATA_PARAMETER: Final = "data"


def choose_dataset() -> str:
    """The key of the chosen dataset, `?data=…` in the address. Ends the page if the list of datasets is damaged."""
    try:
        found = cache.sources()
    except DataError as error:
        show_error(error)
        st.stop()
    titles = {source.key: source.title for source in found}
    asked = st.query_params.get(DATA_PARAMETER)
    if asked is not None and asked not in titles:
        st.warning(f"The link asks for the dataset “{plain(asked, 60)}”, which is not here. Add it on the Data page.")
    return linked_choice("Dataset", DATA_PARAMETER, titles, found[0].key)


def choose_run(label: str, key: str, infos: list[RunInfo], default: int) -> RunInfo | None:
    """One of `infos`, by `?key=<run id>` in the address; None if there are none."""
    if not infos:
        return None
    asked = st.query_params.get(key)
    by_id = {info.run_id: info for info in infos}
    if asked is not None and asked not in by_id:
        st.warning(f"{plain(label)}: the link asks for a run that is not here; it may have been deleted.")
    chosen = linked_choice(label, key, run_names(infos), infos[min(default, len(infos) - 1)].run_id)
    return by_id[chosen]


def linked_choice(label: str, key: str, names: dict[str, str], default: str) -> str:
    """A select box over `names` (value → distinct text) whose value stands in the address as `?key=value`.

    The value "" stands for an address without it.
    Not `bind="query-params"`: that writes the text, and a link must survive a renamed run.
    """
    widget, written = f"choose_{key}", f"choose_{key}_written"
    asked = st.query_params.get(key, "" if "" in names else None)
    before = st.session_state.get(written)
    wanted = asked if asked in names and asked != before else st.session_state.get(widget, before)  # a link was opened
    # Assigned in every run: a box that comes back with another page would begin at its first option.
    st.session_state[widget] = wanted if wanted in names else default
    chosen: str = st.selectbox(label, list(names), format_func=names.__getitem__, key=widget, persist_state="session")
    st.session_state[written] = chosen
    if asked != chosen and chosen:
        st.query_params[key] = chosen
    elif asked != chosen:
        del st.query_params[key]
    return chosen


def run_names(infos: list[RunInfo]) -> dict[str, str]:
    """Run id → label; runs that share one also show when they were made (and their id, should that not do)."""
    names = {info.run_id: info.label for info in infos}
    repeated = Counter(names.values())
    for info in infos:
        if repeated[info.label] > 1:
            names[info.run_id] = f"{info.label} · {when(info.created_at)}"
    repeated = Counter(names.values())
    return {run_id: name if repeated[name] == 1 else f"{name} · {run_id[-6:]}" for run_id, name in names.items()}


def when(seconds: float) -> str:
    """A moment in local time, to the minute."""
    return f"{datetime.fromtimestamp(seconds):%d %b %H:%M}"


def stale_note(what: str, why: str) -> None:
    """Say that what is shown below was made from other settings than those on the page."""
    st.info(f"{what} below was made with other settings: {why}.")
