"""What each baseline does, which are not here and why, and tuning them on the validation window."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import show_error
from relvid_core.data.dataset import Dataset
from relvid_core.errors import DataError
from relvid_core.evaluation.baselines import BASELINES
from relvid_core.evaluation.rivals.contract import Rival
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.standings import Standings
from relvid_core.experiments.tuned_baselines import LIMIT_S, tuned_run_id
from relvid_core.experiments.wording import listed_words

_STYLE: Final = """<style>
ul.rv-baselines {margin: 0 !important; padding: 0 0 0 1.1rem !important; font-size: .87rem; line-height: 1.5;
  max-width: 60rem}
.rv-baselines small {display: block; opacity: .78; overflow-wrap: anywhere}
</style>"""


def show_baselines(found: Standings) -> None:
    """The button that tunes the baselines beside the newest model, and what every baseline is."""
    model = found.models[0]
    try:
        data = cache.dataset(model.dataset_key)
    except DataError as error:
        show_error(error)
        return
    if data.fingerprint == model.dataset_fingerprint:  # else nothing made now could stand in this table
        _offer_tuning(model, found.baselines)
    with st.expander("What the baselines are"):
        st.html(_STYLE + explanations(data, found.baselines))


def _offer_tuning(model: RunInfo, baselines: list[RunInfo]) -> None:
    there = {info.run_id for info in baselines}
    rivals = [rival for rival in TUNABLE.values() if not rival.missing]
    left = [rival for rival in rivals if tuned_run_id(rival, model.evaluation_key) not in there]
    busy = bool(cache.queue().pending(model.dataset_key, "tuning"))
    button, words = st.columns([1, 3], vertical_alignment="center")
    if button.button("Tune the baselines" if left else "Tune them again", disabled=busy, width="stretch"):
        cache.queue().submit_tuning(model.dataset_key, model.config, again=not left)
        st.rerun()
    words.caption(
        "The baselines are being tuned, or wait for their turn: see above." if busy else tuning_words(left, model)
    )


def tuning_words(left: list[Rival], model: RunInfo) -> str:
    """What the button does and how long it takes; `left` are those that were not tuned yet."""
    if not left:
        return (
            "Every baseline with settings is tuned: see “What the baselines are”. Tuning again searches anew, which "
            "can find better settings where time ran out."
        )
    minutes = -(-len(left) * LIMIT_S // 60)
    titles = listed_words([rival.title for rival in left])
    return (
        f"Baselines have settings too, and a tuned model should be held against tuned baselines. For {titles} this "
        "tries up to some dozens of settings each on the validation window, the part of the log just before the one "
        f"that is scored; what finds most of it (Recall@{model.config.evaluation.k}) joins the table as “…, tuned”. It "
        f"takes from some seconds to about {minutes:g} minutes, in the background, after trainings that wait."
    )


def explanations(data: Dataset, baselines: list[RunInfo]) -> str:
    """Every baseline with what it does, or why it is not here, and every tuned one with its settings, as HTML."""
    has_content, has_topics = any(data.catalog.text), data.has_topics
    items = [
        _item(one.title, one.description, one.obstacle(has_content=has_content, has_topics=has_topics))
        for one in BASELINES.values()
    ]
    items += [_item(info.label, "", "; ".join(info.notes)) for info in baselines if info.notes]
    return f'<ul class="rv-baselines">{"".join(items)}</ul>'


def _item(title: str, description: str, said: str) -> str:
    below = f"<small>{html.escape(said)}</small>" if said else ""
    text = f": {html.escape(description)}" if description else ""
    return f"<li><b>{html.escape(title)}</b>{text}{below}</li>"
