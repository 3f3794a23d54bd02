"""Which runs a page is about: run A and a comparable run B, by the same addresses as on Browse, and up to two more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.first_step import first_words, train_first
from pages.ui.frame import page, plain
from pages.ui.training import show_training
from pages.ui.widgets import DATA_PARAMETER, choose_run, when
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.protocol import RECALL
from relvid_core.experiments import compare
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.standings import why_not_comparable

_NOW: Final = "runs_beside"  # side → run id, as the page shows them
_BEFORE: Final = "runs_before"  # the same of the script run before
MORE_SIDES: Final = tuple(side for side in compare.SIDES if side not in (compare.SIDE_A, compare.SIDE_B))


def present_runs(data: Dataset, purpose: str) -> list[RunInfo]:
    """The runs made from the present data; ends the page with a way on where there are none.

    `purpose` ends the sentence "train one to …".
    """
    fresh = cache.current_runs(data)
    if not fresh:
        st.info(
            f"There are no runs on this dataset yet: train one to {purpose}."
            if not cache.runs_of(data.key)
            else "All runs on this dataset were made from an earlier version of it, or measured otherwise. "
            "Train one on the present data."
        )
        st.markdown(first_words(data))
        train_first(data)
        show_training(data.key, with_result=False)
        st.page_link(page("tune"), label="Or set up a training of your own on Tune →")
        st.stop()
    return fresh


def runs_query(dataset_key: str, runs: Mapping[str, Run]) -> dict[str, str]:
    """The query of a page about some runs, by side."""
    return {DATA_PARAMETER: dataset_key} | {side.lower(): run.info.run_id for side, run in runs.items()}


def choose_pair(
    fresh: list[RunInfo], left: DeltaGenerator, right: DeltaGenerator, names: tuple[str, str]
) -> tuple[RunInfo, RunInfo | None]:
    """Run A and, where one is comparable, run B; `names` are the labels of the boxes.

    Choosing the run of a later box in an earlier one exchanges the two.
    """
    before: dict[str, str] = st.session_state.get(_NOW, {})
    st.session_state[_BEFORE] = before
    preferred, challenger = compare.default_pair(fresh, lambda info: cache.run(info.run_id).estimates[RECALL].mean)
    with left:
        a = choose_run(names[0], "a", fresh, fresh.index(preferred))
    assert a is not None  # fresh is not empty
    others = compare.comparable_infos(fresh, a)
    with right:
        _give_way("b", names[1], {compare.SIDE_A: a}, others, fresh)
        b = choose_run(names[1], "b", others, others.index(challenger) if challenger in others else 0)
    now = {compare.SIDE_A: a.run_id} | ({} if b is None else {compare.SIDE_B: b.run_id})
    st.session_state[_NOW] = before | now
    return a, b


def choose_more(fresh: list[RunInfo], a: RunInfo, b: RunInfo | None, add: DeltaGenerator) -> dict[str, RunInfo]:
    """Side ("C", "D") → run, for every further run that a link asks for or that was added; draws their boxes.

    The button that adds one goes into `add`. A run keeps its letter when another one is taken away.
    """
    chosen = {compare.SIDE_A: a} | ({} if b is None else {compare.SIDE_B: b})
    free = [info for info in compare.comparable_infos(fresh, a) if info != b]
    for side in MORE_SIDES:
        if side.lower() in st.query_params:
            st.session_state[_shown(side)] = True
    shown = [side for side in MORE_SIDES if st.session_state.get(_shown(side))][: len(free)]
    if free and (closed := [side for side in MORE_SIDES if side not in shown]):
        add.button(
            "+ Add a run",
            on_click=_add,
            args=(closed[0],),
            disabled=len(free) == len(shown),
            width="stretch",
            help="Up to four runs stand beside each other, each held against run A. It costs room: cards are narrower.",
        )
    if shown:
        with st.container(horizontal=True, vertical_alignment="bottom", key="rv-more-runs"):
            for side in shown:
                chosen[side] = _further(side, chosen, free, fresh)
    st.session_state[_NOW] = {side: info.run_id for side, info in chosen.items()}
    return {side: chosen[side] for side in shown}


def show_apart(fresh: list[RunInfo], a: RunInfo) -> None:
    """Which runs cannot stand beside run A, and why; nothing where all can."""
    models = [info for info in fresh if info.kind == "model" and info.evaluation_key != a.evaluation_key]
    if models:
        with st.expander(f"Not comparable with run A ({len(models)})"):
            st.caption("Measured on other seed videos or in another way, so their figures do not belong beside A’s.")
            for info in models:
                st.markdown(
                    f"- **{plain(info.label, 60)}** ({when(info.created_at)}): {plain(why_not_comparable(info, a))}"
                )


def _further(side: str, chosen: dict[str, RunInfo], free: list[RunInfo], fresh: list[RunInfo]) -> RunInfo:
    """One box for a further run, with the button that takes it away."""
    key, label = side.lower(), f"Run {side}"
    free = [info for info in free if info not in chosen.values()]
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"rv-more-{key}", gap="small"):
        with st.container():
            _give_way(key, label, chosen, free, fresh)
            info = choose_run(label, key, free, 0)
        st.button("✕", key=f"drop_{key}", on_click=_drop, args=(side,), help=f"Take run {side} away.")
    assert info is not None  # no more boxes than runs
    return info


def _give_way(key: str, label: str, chosen: dict[str, RunInfo], options: list[RunInfo], fresh: list[RunInfo]) -> None:
    """Free a box of a run that exists but cannot stand in it, before the box says that there is no such run.

    Where an earlier box has just taken it, what stood there moves here; a link that asks for it is told.
    """
    asked, ids = st.query_params.get(key), [info.run_id for info in options]
    if asked in ids or asked not in [info.run_id for info in fresh]:
        return
    before: dict[str, str] = st.session_state.get(_BEFORE, {})
    taker = next((side for side, info in chosen.items() if info.run_id == asked), "")
    if before.get(taker) in ids:
        st.query_params[key] = before[taker]
        return
    if options and key.upper() not in before:
        st.caption(f"{label}: the run of the link stands here already, or was measured otherwise than run A.")
    del st.query_params[key]


def _shown(side: str) -> str:
    return f"more_run_{side}"


def _add(side: str) -> None:
    st.session_state[_shown(side)] = True


def _drop(side: str) -> None:
    key = side.lower()
    for name in (_shown(side), f"choose_{key}", f"choose_{key}_written"):
        st.session_state.pop(name, None)
    if key in st.query_params:
        del st.query_params[key]
