"""Seed by seed: how often each run is ahead, for whom, and where a run got worse, all by one measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from pages.ui.cards import Shelf
from pages.ui.run_pair import runs_query
from pages.ui.seeds import SEED_PARAMETER
from pages.ui.words import MEASURES, NARROW_SPACE, Measure
from relvid_core.charts.palette import QUIET, RUN_A, RUN_COLOURS
from relvid_core.evaluation.protocol import TOPIC_MATCH
from relvid_core.experiments import compare
from relvid_core.experiments.compare import SIDE_A, WinTieLoss
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run

STYLE: Final = """<style>
.rv-outcome {margin: .2rem 0 .7rem}
.rv-outcome p {display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0 0 .3rem; font-size: .9rem}
.rv-outcome span {border-left: .3rem solid var(--part); padding-left: .35rem}
.rv-outcome div {display: flex; gap: 1px; height: 1.3rem}
.rv-outcome i {background: var(--part)}
</style>"""


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
        return runs_query(self.shelf.dataset_key, self.runs)

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
    said = " ".join(wins_words(score, side) for side, score in scores.items())
    bars = "".join(outcome_html(score, side) for side, score in scores.items())
    st.html(f'{bars}<p class="rv-note">{question.title}: {said} Ahead means a higher value, by however little.</p>')


def outcome_html(score: WinTieLoss, letter: str) -> str:
    """A bar in three parts, in colours and in words: on how many seed videos A is ahead, neither, and the run."""
    own = RUN_COLOURS[letter]
    parts = (("A ahead", score.losses, RUN_A), ("equal", score.ties, QUIET), (f"{letter} ahead", score.wins, own))
    words, bar = [], []
    for what, count, colour in parts:
        share = 100 * count / score.n if score.n else 0.0
        words.append(f'<span style="--part:{colour}">{what} {share:.0f}{NARROW_SPACE}%</span>')
        tip = f"{what} on {count:,} of {score.n:,} seed videos ({share:.1f} %)"
        bar.append(f'<i style="--part:{colour};width:{share:.2f}%" title="{tip}"></i>')
    return f'<div class="rv-outcome"><p>{"".join(words)}</p><div aria-hidden="true">{"".join(bar)}</div></div>'


def wins_words(score: WinTieLoss, letter: str) -> str:
    """On how many seeds a run and A are ahead."""
    return (
        f"{letter} is ahead on {score.wins:,} of {score.n:,} seed videos, A on {score.losses:,}, and {score.ties:,} "
        "are equal."
    )
