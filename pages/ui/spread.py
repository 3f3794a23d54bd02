"""How far trainings that differ only in their random seed are apart, in words and in the table of runs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui import cache
from pages.ui.frame import show_error
from pages.ui.words import MEASURES, Measure
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.alike import Spread, spreads, twins_of
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.wording import listed_words

_APART: Final = (
    "This is the chance of training: what another random seed may change. The intervals are another chance, that of "
    "which seed videos were asked; neither holds the other."
)


def show_spread(info: RunInfo, infos: list[RunInfo], keys: tuple[str, ...]) -> None:
    """Under a run's result: the spread of these measures over it and its twins; nothing where it has none."""
    twins = twins_of(info, infos)
    try:
        found = spreads([cache.store().estimates(twin.run_id) for twin in twins])
    except RunError as error:
        show_error(error)
        return
    if found:
        seeds = sorted(twin.config.training.seed for twin in twins)
        st.caption(spread_words(found, seeds, keys, info.config.evaluation.k))


def spread_words(found: dict[str, Spread], seeds: list[int], keys: tuple[str, ...], k: int) -> str:
    """The spreads in a sentence, and what they are not."""
    said = (f"{MEASURES[key].title_at(k)} {_text(MEASURES[key], found[key])}" for key in keys if key in found)
    return (
        f"**± spread of {len(seeds)} trainings** (random seeds {listed_words([str(seed) for seed in seeds])}; standard "
        f"deviation, lowest to highest): {'; '.join(said)}. {_APART}"
    )


def _text(measure: Measure, spread: Spread) -> str:
    unit = " points" if measure.percent else ""
    ends = measure.interval(Estimate(spread.low, spread.low, spread.high, 0))
    return f"± {_size(measure, spread)}{unit} ({ends})"


def _size(measure: Measure, spread: Spread) -> str:
    return f"{100 * spread.deviation:.1f}" if measure.percent else f"{spread.deviation:.3f}"


def spreads_among(info: RunInfo, shown: list[RunInfo], estimates: dict[str, dict[str, Estimate]]) -> dict[str, Spread]:
    """The spreads of a run and its twins among those shown."""
    return spreads([estimates[twin.run_id] for twin in twins_of(info, shown)])


def name_note(found: dict[str, Spread]) -> str:
    """What the table says below the name of a run, as HTML; nothing for a run without twins."""
    n = next((spread.n for spread in found.values()), 0)
    return f'<small><abbr title="{_APART}">± spread of {n} trainings</abbr></small>' if n else ""


def cell_note(measure: Measure, spread: Spread | None) -> str:
    """What the table says below a measure's interval, as HTML."""
    return "" if spread is None else f"<small>± {_size(measure, spread)}</small>"
