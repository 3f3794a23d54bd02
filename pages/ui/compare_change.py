"""How much the lists changed, beside how much they change by training again; and the button that trains again."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui import cache, cache_readings
from pages.ui.compare_seeds import Question
from pages.ui.frame import plain
from relvid_core.config import ExperimentConfig
from relvid_core.experiments.compare import SIDE_A
from relvid_core.experiments.confirm import Overlap, but_seed
from relvid_core.experiments.list_change import ListChange, find_twins
from relvid_core.experiments.queue import UNFINISHED
from relvid_core.experiments.run import RunInfo

STYLE: Final = "<style>.rv-change {max-width: 46rem}</style>"
_SUBMITTED: Final = "twin_submitted"
_ROWS: Final = {
    "shared": ("Share in common", "Share of a list that stands in the other one too."),
    "jaccard": ("Jaccard", "Videos in common ÷ all videos of both lists."),
    "rank_biased": (
        "Rank-biased overlap",
        "Like the share in common, but agreement at the top counts most (Webber et al. 2010, p = 0.9): 100 % is the "
        "same videos in the same order.",
    ),
}


def show_change(question: Question, infos: list[RunInfo]) -> None:
    """One sentence, the three overlaps beside the noise floor, and what to do where there is none.

    `infos` are all runs of the dataset, newest first.
    """
    if st.session_state.pop(_SUBMITTED, False):
        st.rerun()  # the whole page, which shows the queue
    st.header("How much the lists changed", anchor=False)
    a, b, letter = question.a, question.b, question.letter
    twins = find_twins(a.info, b.info, infos)
    if twins is None:
        pair = cache_readings.lists_in_common(a, b)
        st.markdown(
            f"**{100 * pair.shared:.0f} % of a list is shared between A and {letter}.** Whether that is much cannot be "
            "said yet: no two stored runs differ only in their random seed, and training again changes lists too."
        )
        st.html(change_html(pair, None, letter))
    else:
        found = cache_readings.change(a, b, twins)
        st.markdown(f"**{found.sentence(letter)}**")
        st.html(change_html(found.pair, found.floor, letter))
        st.caption(twins_words(found, letter))
    if twins is None or twins.whose == "other":
        _offer(question, infos)


def change_html(pair: Overlap, floor: Overlap | None, letter: str) -> str:
    """The overlaps of A and the other run, and of the twins where there are some, as an HTML table."""
    rows = []
    for name, (title, words) in _ROWS.items():
        between = "–" if floor is None else f"{100 * getattr(floor, name):.0f}\u202f%"
        rows.append(
            f'<tr><th scope="row"><abbr title="{words}">{title}</abbr></th>'
            f"<td>{100 * getattr(pair, name):.0f}\u202f%</td><td>{between}</td></tr>"
        )
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="What the lists have in common">'
        f'<table class="rv-table rv-change"><thead><tr><th scope="col">Lists of {pair.k}</th>'
        f'<th scope="col">A and {letter}</th><th scope="col">Two trainings of one setting<small>the noise floor</small>'
        f"</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def twins_words(found: ListChange, letter: str) -> str:
    """Which two runs make the noise floor, as markdown."""
    twins = found.twins
    seeds = " and ".join(str(info.config.training.seed) for info in (twins.first, twins.second))
    neither = f"settings that are neither A’s nor {letter}’s"
    whose = {"a": "A’s settings", "b": f"{letter}’s settings", "other": neither}[twins.whose]
    names = " and ".join(f"“{plain(info.label, 50)}”" for info in (twins.first, twins.second))
    return f"Noise floor: {names}, trained with {whose} and the random seeds {seeds}."


def _offer(question: Question, infos: list[RunInfo]) -> None:
    """The button that queues A's settings (or, where A is a baseline, the other's) with another random seed."""
    sides = {SIDE_A: question.a.info, question.letter: question.b.info}
    models = [(side, info) for side, info in sides.items() if info.kind == "model"]
    if not models:
        st.html('<p class="rv-note">Baselines are not trained: they have no noise of training.</p>')
        return
    side, info = models[0]
    own = but_seed(info.config)
    taken = [one.config.training.seed for one in infos if one.kind == "model" and but_seed(one.config) == own]
    key = question.shelf.dataset_key
    if any(
        job.state in UNFINISHED and job.dataset_key == key and but_seed(job.config) == own
        for job in cache.queue().jobs()
    ):
        st.html(f'<p class="rv-note">Run {side} is being trained again; the noise floor will stand here.</p>')
    else:
        config = info.config.with_values(training__seed=max(taken) + 1, training__warm_start=False)
        # A callback is run before anything is drawn, whatever else the page is asked for meanwhile.
        st.button(
            f"Train {side} again with another random seed", key="train_twin", on_click=_train,
            args=(key, config, f"{info.label[:60]}, seed {config.training.seed}"),
        )  # fmt: skip


def _train(dataset_key: str, config: ExperimentConfig, label: str) -> None:
    cache.queue().submit(dataset_key, config, label)
    st.session_state[_SUBMITTED] = True
