"""Handing a config to the queue, and saying how to repeat it without the app."""

from __future__ import annotations

import shlex

import streamlit as st

from pages.ui import cache
from pages.ui.frame import page, plain
from pages.ui.training import browse_address
from pages.ui.widgets import when
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.queue import UNFINISHED
from relvid_core.experiments.run import MAX_LABEL, default_label
from relvid_core.experiments.standings import reference_for, same_run


def show_submit(data: Dataset, config: ExperimentConfig) -> None:
    """The name, the Train button, and what to do when this very run exists."""
    name = st.text_input("Name of the run", placeholder=default_label(config), max_chars=MAX_LABEL, key="label")
    queued = [job for job in cache.queue().jobs() if job.state in UNFINISHED]
    if any(job.config == config and job.dataset_key == data.key for job in queued):
        st.button("Train", type="primary", disabled=True, width="stretch")
        st.caption("This very run is being trained, or waits for its turn.")
        return
    infos = cache.runs_of(data.key)
    existing = same_run(config, data.fingerprint, infos)
    if existing is not None:
        st.info(f"This run exists already: “{plain(existing.label)}”, {when(existing.created_at)}.")
        st.page_link(
            page("browse"),
            label="**Open it in Browse** →",
            query_params=browse_address(existing, reference_for(existing, infos)),
        )
    if st.button("Train" if existing is None else "Train it again", type="primary", width="stretch"):
        cache.queue().submit(data.key, config, " ".join(name.split()))
        st.rerun()


def show_repeat(dataset_key: str, config: ExperimentConfig) -> None:
    """The config and the command that train the same model without the app."""
    with st.expander("Repeat this"):
        st.markdown("Save this as `config.toml`:")
        st.code(config.to_toml(), language="toml")
        st.download_button("Download config.toml", config.to_toml(), "config.toml", "application/toml")
        st.markdown("and run, in the folder of this project:")
        st.code(f"python -m relvid_core train --data {shlex.quote(dataset_key)} --config config.toml", language="bash")
        st.caption("The address of this page holds the same settings: send it to show somebody these sliders.")
