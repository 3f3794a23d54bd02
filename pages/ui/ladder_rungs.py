"""The rungs as a plan: which there are, which are trained, which the data cannot offer; and the button that trains."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.training import show_training
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.ladder import TITLES, Ladder, RungName

WHAT: Final[dict[RungName, str]] = {
    "engagement": "each video by itself, from what viewers watched close together",
    "relevance": "and what is about the same",
    "text": "and titles and descriptions",
    "visual": "and pictures",
    "correction": "and pairs weighted by how rarely their video was shown",
}
StoredRungs = dict[RungName, list[str]]  # rung → ids of its runs, one a training seed


def show_rungs(data: Dataset, ladders: list[Ladder]) -> StoredRungs | None:
    """The plan, the button for what is missing, and the queue. Returns the runs once all are there."""
    infos = cache.current_runs(data)
    stored = [ladder.stored(infos, data.fingerprint) for ladder in ladders]
    queued = cache.queue().pending(data.key)
    st.header("The rungs", anchor=False)
    trained = {rung: sum(rung in of for of in stored) for rung in ladders[0].configs}
    st.html(plan_html(ladders[0], trained, len(ladders)))
    missing = [
        (seed, rung, config)
        for seed, (ladder, have) in enumerate(zip(ladders, stored, strict=True))
        for rung, config in ladder.configs.items()
        if rung not in have and config not in queued
    ]
    if missing:
        _offer(data.key, missing, sum(trained.values()), len(ladders))
    show_training(data.key, with_result=False)
    if sum(trained.values()) < len(ladders) * len(ladders[0].configs):
        return None
    return {rung: [of[rung].run_id for of in stored] for rung in ladders[0].configs}


def plan_html(ladder: Ladder, trained: dict[RungName, int], n_seeds: int) -> str:
    """The rungs, the lowest at the bottom, each with what it reads and how far it is."""
    items = []
    for rung, title in reversed(TITLES.items()):
        if rung in ladder.left_out:
            said, look = f"left out: {ladder.left_out[rung]}", "rv-out"
        elif trained[rung] == n_seeds:
            said, look = "trained", "rv-done"
        else:
            said, look = (f"{trained[rung]} of {n_seeds} trained" if trained[rung] else "not trained yet"), "rv-open"
        items.append(
            f'<li class="{look}"><b>{html.escape(title)}</b> <span>{WHAT[rung]}</span>'
            f"<small>{html.escape(said)}</small></li>"
        )
    return f'<ol class="rv-rungs">{"".join(items)}</ol>'


def _offer(
    dataset_key: str, missing: list[tuple[int, RungName, ExperimentConfig]], n_stored: int, n_seeds: int
) -> None:
    if st.button("Train the ladder", type="primary"):
        for seed, rung, config in missing:
            cache.queue().submit(dataset_key, config, rung_label(rung, seed if n_seeds > 1 else None))
        st.rerun()
    there = f" {n_stored} are there already." if n_stored else ""
    word = "training" if len(missing) == 1 else "trainings"
    st.caption(f"{len(missing)} {word}, from some seconds to some minutes each, in the background.{there}")


def rung_label(rung: RungName, seed: int | None) -> str:
    """The name of a rung's run; `seed` where there are several.

    >>> rung_label("text", None), rung_label("engagement", 1)
    ('Ladder: + text', 'Ladder: co-engagement alone, seed 1')
    """
    title = TITLES[rung]
    return f"Ladder: {title[0].lower()}{title[1:]}" + ("" if seed is None else f", seed {seed}")
