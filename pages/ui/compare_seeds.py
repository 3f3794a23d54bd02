"""Seed by seed: how often each run is ahead, for whom, and where a run got worse, all by one measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.ui.cards import Shelf
from pages.ui.seeds import SEED_PARAMETER
from pages.ui.words import MEASURES, Measure
from relvid_core import columns as c
from relvid_core.charts.layout import CONFIG
from relvid_core.charts.outcomes import AHEAD, BEHIND, EQUAL, outcome_bars
from relvid_core.charts.palette import RUN_COLOURS
from relvid_core.evaluation.protocol import TOPIC_MATCH
from relvid_core.experiments import compare
from relvid_core.experiments.compare import SIDE_A, WinTieLoss
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run


@dataclass(frozen=True)
class Question:
    """Which run is held against A, and by what."""

    shelf: Shelf
    prepared: Prepared
    runs: Mapping[str, Run]  # all of the page, by letter
    letter: str  # of the run that is held against A
    measure: Measure

    @property
    def a(self) -> Run:
        """The run that is compared with."""
        return self.runs[SIDE_A]

    @property
    def b(self) -> Run:
        """The run that is judged, whatever its letter."""
        return self.runs[self.letter]

    @property
    def title(self) -> str:
        """The measure for lists of this length."""
        return self.measure.title_at(self.a.info.config.evaluation.k)

    @property
    def worse(self) -> str:
        """The word for b below A."""
        return compare.verdict(self.measure.key, -1.0, True)

    @property
    def address(self) -> dict[str, str]:
        """The query of another page about the same runs."""
        return {"data": self.shelf.dataset_key} | {side.lower(): run.info.run_id for side, run in self.runs.items()}

    def seed_address(self, video_id: str) -> dict[str, str]:
        """The same about one seed video."""
        return {**self.address, SEED_PARAMETER: video_id}


def choose_question(shelf: Shelf, prepared: Prepared, runs: Mapping[str, Run]) -> Question:
    """Draws the choice of the measure, and of the judged run where there are several; both stand in the address."""
    known = [
        measure
        for key, measure in MEASURES.items()
        if all(key in run.per_seed and run.estimates[key].n for run in runs.values())
    ]
    titles = {measure.title_at(runs[SIDE_A].info.config.evaluation.k): measure for measure in known}
    default = next((title for title, measure in titles.items() if measure.key == TOPIC_MATCH), next(iter(titles)))
    others = [side for side in runs if side != SIDE_A]
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        "Judged by",
        list(titles),
        index=list(titles).index(default),
        key="by",
        bind="query-params",
        help="Everything from here to “Where … got worse” is about this measure.",
    )
    letter = others[0]
    if len(others) > 1:
        letter = right.segmented_control(
            "Run held against A", others, default=others[0], key="judged", bind="query-params", required=True
        )
    return Question(shelf, prepared, runs, letter, titles[chosen])


def show_outcomes(question: Question) -> None:
    """On how many seed videos each run is ahead of A, as a bar in words and colours."""
    others = {side: run for side, run in question.runs.items() if side != SIDE_A}
    scores = {side: compare.win_tie_loss(question.a, run, question.measure.key) for side, run in others.items()}
    frame = pd.DataFrame(
        [(side, score.losses, score.ties, score.wins) for side, score in scores.items()],
        columns=[c.RUN, BEHIND, EQUAL, AHEAD],
    )
    title = question.title
    said = " ".join(wins_words(score, side) for side, score in scores.items())
    st.plotly_chart(
        outcome_bars(frame, colours=RUN_COLOURS), config=CONFIG, key="outcomes", alt=f"{title}, seed by seed. {said}"
    )
    st.html(f'<p class="rv-note">{title}: {said} Ahead means a higher value, by however little.</p>')


def wins_words(score: WinTieLoss, letter: str) -> str:
    """On how many seeds a run and A are ahead."""
    return (
        f"{letter} is ahead on {score.wins:,} of {score.n:,} seed videos, A on {score.losses:,}, and {score.ties:,} "
        "are equal."
    )
