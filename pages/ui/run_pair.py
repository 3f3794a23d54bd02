"""Which two runs a page is about: run A and a comparable run B, by the same addresses as on Browse."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.frame import page
from pages.ui.widgets import choose_run
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.protocol import RECALL
from relvid_core.experiments import compare
from relvid_core.experiments.run import RunInfo


def present_runs(data: Dataset, purpose: str) -> list[RunInfo]:
    """The runs made from the present data; ends the page with a way on where there are none.

    `purpose` ends the sentence "train one to …".
    """
    infos = cache.runs_of(data.key)
    fresh = [info for info in infos if info.dataset_fingerprint == data.fingerprint]
    if not fresh:
        st.info(
            f"There are no runs on this dataset yet: train one to {purpose}."
            if not infos
            else "All runs on this dataset were made from an earlier version of it. Train one on the present data."
        )
        st.page_link(page("tune"), label="Train a model on Tune →")
        st.stop()
    return fresh


def choose_pair(
    fresh: list[RunInfo], left: DeltaGenerator, right: DeltaGenerator, names: tuple[str, str]
) -> tuple[RunInfo, RunInfo | None]:
    """Run A and, where one is comparable, run B; `names` are the labels of the boxes."""
    preferred, challenger = compare.default_pair(fresh, lambda info: cache.run(info.run_id).estimates[RECALL].mean)
    with left:
        a = choose_run(names[0], "a", fresh, fresh.index(preferred))
    assert a is not None  # fresh is not empty
    others = compare.comparable_infos(fresh, a)
    with right:
        return a, choose_run(names[1], "b", others, others.index(challenger) if challenger in others else 0)
