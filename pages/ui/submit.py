"""Handing a config to the queue, and saying how to repeat it without the app."""

from __future__ import annotations

import shlex
from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import page, plain, show_error
from pages.ui.training import browse_address
from pages.ui.widgets import when
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError
from relvid_core.experiments.alike import MOST_TRAININGS, seeded
from relvid_core.experiments.run import MAX_LABEL, RunInfo, default_label
from relvid_core.experiments.standings import reference_for, same_run
from relvid_core.experiments.warm import nearest_run

# The button stays in view beside sliders that are taller than a screen.
STYLE: Final = """<style>
@media (min-width: 900px) {
  div:has(> .st-key-rv-train) {position: sticky; bottom: 0; z-index: 5; background: light-dark(#FBFCFD, #11181F)}
  .st-key-rv-train {padding: .6rem 0 .8rem; border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent)}
}
</style>"""


def show_submit(data: Dataset, config: ExperimentConfig) -> tuple[ExperimentConfig, int]:
    """The name, where to start, how often, the Train button, and what to do when this very run exists.

    Returns what Train submits: the config with the chosen start, and the number of trainings.
    """
    name = st.text_input("Name of the run", placeholder=default_label(config), max_chars=MAX_LABEL, key="label")
    config = _choose_start(data, config)
    with st.container(key="rv-train"):
        number, button = st.columns([2, 3], vertical_alignment="bottom")
    with number:
        n = _choose_trainings(config)
    try:
        asked = seeded(config, n, " ".join(name.split()))
    except ConfigError as error:
        show_error(error)
        return config, n
    queued, infos = cache.queue().pending(data.key), cache.current_runs(data)
    found = [same_run(one, data.fingerprint, infos) for one, _ in asked]
    stored = [run for run in found if run is not None]
    again = len(stored) == n
    left = [job for job, run in zip(asked, found, strict=True) if job[0] not in queued and (again or run is None)]
    if stored:
        _show_stored(stored, n, infos)
    if n_waiting := sum(one in queued for one, _ in asked):
        st.caption(_waiting_words(n_waiting, n))
    if button.button(_train_words(len(left), n, again=again), type="primary", disabled=not left, width="stretch"):
        for one, label in left:
            cache.queue().submit(data.key, one, label)
        st.rerun()
    return config, n


def _choose_trainings(config: ExperimentConfig) -> int:
    """How many trainings that differ only in their random seed; a warm start shares its chance, so one says it all."""
    warm = config.training.warm_start
    n = st.number_input(
        "Trainings", 1, MOST_TRAININGS, 1, 1, key="trainings", bind="query-params", disabled=warm,
        help="Trainings that differ only in their random seed: the one under Advanced, the next, and so on. Buys: the "
        "spread of every measure over trainings, which is how much of a difference is chance. Costs: that many times "
        "the time." + (" Not with a start from an earlier run: all would share that run's chance." if warm else ""),
    )  # fmt: skip
    return 1 if warm else int(n)


def _train_words(n_left: int, n: int, *, again: bool) -> str:
    if n == 1:
        return "Train it again" if again else "Train"
    asked = n_left or n
    return f"Train {asked} model{'s' if asked > 1 else ''}{' again' if again else ''}"


def _waiting_words(n_waiting: int, n: int) -> str:
    if n == 1:
        return "This very run is being trained, or waits for its turn."
    return f"{n_waiting} of these {n} are being trained, or wait for their turn."


def _show_stored(stored: list[RunInfo], n: int, infos: list[RunInfo]) -> None:
    first = stored[0]
    which = "This run exists already" if n == 1 else f"{len(stored)} of these {n} exist already"
    st.info(f"{which}: “{plain(first.label)}”, {when(first.created_at)}.")
    st.page_link(
        page("browse"),
        label="**Open it in Browse** →",
        query_params=browse_address(first, reference_for(first, infos)),
    )


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


def show_repeat(dataset_key: str, config: ExperimentConfig, n: int) -> None:
    """The config and the command that train the same model, or the same `n`, without the app."""
    with st.expander("Repeat this"):
        st.markdown("Save this as `config.toml`:")
        st.code(config.to_toml(), language="toml")
        st.download_button("Download config.toml", config.to_toml(), "config.toml", "application/toml")
        st.markdown("and run, in the folder of this project:")
        seeds = f" --seeds {n}" if n > 1 else ""
        command = f"python -m relvid_core train --data {shlex.quote(dataset_key)} --config config.toml{seeds}"
        st.code(command, language="bash")
        st.caption("The address of this page holds the same settings: send it to show somebody these sliders.")
