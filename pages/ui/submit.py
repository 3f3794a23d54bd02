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
from relvid_core.experiments.warm import nearest_run


def show_submit(data: Dataset, config: ExperimentConfig) -> ExperimentConfig:
    """The name, where to start, the Train button, and what to do when this very run exists.

    Returns what Train submits: the config with the chosen start.
    """
    name = st.text_input("Name of the run", placeholder=default_label(config), max_chars=MAX_LABEL, key="label")
    config = _choose_start(data, config)
    queued = [job for job in cache.queue().jobs() if job.state in UNFINISHED]
    if any(job.config == config and job.dataset_key == data.key for job in queued):
        st.button("Train", type="primary", disabled=True, width="stretch")
        st.caption("This very run is being trained, or waits for its turn.")
        return config
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
    return config


def _choose_start(data: Dataset, config: ExperimentConfig) -> ExperimentConfig:
    """The config with or without a warm start, and what that would begin from."""
    warm = st.toggle(
        "Start from the nearest earlier run", config.training.warm_start, key="warm", bind="query-params",
        help="Takes a second or two instead of several. Costs: another result than a training from the start, and the "
        "more so the less the earlier run is like this one. In the sample world it moved recall by up to 3 points, "
        "chance by 0.4. Good for looking around; train from the start before you decide.",
    )  # fmt: skip
    if not warm:
        return config
    infos = cache.runs_of(data.key)
    nearest = nearest_run(config, data.fingerprint, infos)
    if nearest is None:
        st.caption(
            "No earlier run fits: it must have the same towers, split and pairs, and itself be trained from the "
            "start. Train will start from nothing."
        )
    else:
        n_epochs = config.training.warm_epochs
        epochs = "1 epoch" if n_epochs == 1 else f"{n_epochs} epochs"
        st.caption(f"Will begin from “{plain(nearest.label, 60)}” and train {epochs}.")
    return config.with_values(training__warm_start=True)


def show_repeat(dataset_key: str, config: ExperimentConfig) -> None:
    """The config and the command that train the same model without the app."""
    with st.expander("Repeat this"):
        st.markdown("Save this as `config.toml`:")
        st.code(config.to_toml(), language="toml")
        st.download_button("Download config.toml", config.to_toml(), "config.toml", "application/toml")
        st.markdown("and run, in the folder of this project:")
        st.code(f"python -m relvid_core train --data {shlex.quote(dataset_key)} --config config.toml", language="bash")
        st.caption("The address of this page holds the same settings: send it to show somebody these sliders.")
