"""One ballot at a time: a seed video, two lists without names, and three answers."""

from __future__ import annotations

import hashlib
import html
import secrets
import time
from typing import Final

import streamlit as st

from pages.ui import cache, cards
from pages.ui.frame import show_error
from pages.ui.vote_setup import Poll
from relvid_core import columns as c
from relvid_core.errors import RelvidError, UnknownVideo
from relvid_core.experiments.ballot import Ballot
from relvid_core.experiments.run import Run
from relvid_core.experiments.votes import ANONYMOUS, MAX_NAME, Choice, Vote, voter_name

GOAL: Final = 50  # decided votes: a true preference of 70 to 30 is then found 4 times of 5 (sign test at 5 %)
_NAME: Final = "voter"
_TOKEN: Final = "vote_token"  # of this tab, so that two people of one name do not send the same vote id
_PROBLEM: Final = "vote_problem"

STYLE: Final = """<style>
.rv-ballot {display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 1.6rem}
.rv-ballot section {min-width: 0; border: 1px solid color-mix(in srgb, currentColor 16%, transparent);
  border-radius: .6rem; padding: .8rem}
.rv-ballot h3 {font-size: 1rem; margin: 0 0 .6rem; padding: 0}
.rv-ballot ol {display: grid; gap: .7rem; list-style: none; margin: 0 !important; padding: 0 !important;
  grid-template-columns: repeat(auto-fill, minmax(min(9.4rem, 100%), 1fr))}
.rv-ballot li {margin: 0 !important; padding: 0 !important; min-width: 0}
.rv-ballot .rv-title {margin-bottom: .1rem}
.rv-ballot small {opacity: .76; font-size: .78rem; display: block; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; unicode-bidi: isolate}
.st-key-vote-seed .rv-seed {grid-template-columns: minmax(0, 13rem) minmax(0, 1fr); padding: .6rem}
.st-key-vote-seed .rv-clamp {-webkit-line-clamp: 2}
@media (max-width: 640px) {
  .rv-ballot {gap: 0 .5rem}
  .rv-ballot section {padding: .45rem}
  .st-key-vote-seed .rv-seed {grid-template-columns: minmax(0, 7rem) minmax(0, 1fr)}
  .st-key-vote-seed .rv-seed h2 {font-size: 1rem}
  .st-key-vote-seed :is(.rv-clamp, .rv-chips, .rv-pop) {display: none}
  .st-key-vote-answers [data-testid="stHorizontalBlock"] {flex-wrap: nowrap !important; gap: .4rem}
  .st-key-vote-answers [data-testid="stColumn"] {min-width: 0 !important; flex: 1 1 0 !important}
  .st-key-vote-answers button {padding-inline: .3rem; height: 100%}
  .st-key-vote-answers kbd {display: none} /* a phone has no such keys */
}
</style>"""


def show_ballot(poll: Poll) -> None:
    """The next ballot. Meant to run as a fragment: a vote redraws nothing else."""
    if problem := st.session_state.pop(_PROBLEM, None):
        show_error(problem)
    try:
        votes = poll.box.read()
        secret = poll.box.secret()
    except RelvidError as error:
        show_error(error)
        return
    name, progress, undo = st.columns([1.6, 3, 1.1], vertical_alignment="bottom")
    typed = name.text_input(
        "Your name",
        key=_NAME,
        max_chars=MAX_NAME,
        placeholder=ANONYMOUS,
        persist_state="session",
        help="Stands beside your votes, so that the agreement between voters can be measured. Half of the ballots are "
        "the same for everybody. Without a name you vote as “anonymous”, with all others who do.",
    )
    voter = voter_name(typed)
    own = votes.of(voter)
    _show_progress(poll, progress, own)
    undo.button(
        "Undo last vote",
        key="vote_undo",
        on_click=_undo,
        args=(poll, voter),
        disabled=not own,
        shortcut="U",
        width="stretch",
        help="Takes your last vote back and shows its ballot again.",
    )
    ballot = poll.deck.next_ballot(_rows(poll, own), secret=secret, voter=voter)
    st.header("Which would you rather watch next?", anchor=False)
    with st.container(key="vote-seed"):
        st.html(cards.seed_card(poll.shelf, ballot.row, float(poll.judge.percentile[ballot.row])))
    with st.container(key="vote-answers"):
        _show_answers(poll, ballot, voter, len(own))
    sides = {"Left": ballot.left, "Right": ballot.right}
    lists = "".join(_list_html(poll, name, poll.a if side == "A" else poll.b, ballot) for name, side in sides.items())
    st.html(f'<div class="rv-ballot">{lists}</div>')


def _show_progress(poll: Poll, place: st.delta_generator.DeltaGenerator, own: list[Vote]) -> None:
    seen, all_of_them = len({vote.seed_id for vote in own}), len(poll.deck.rows)
    decided = sum(vote.choice != "none" for vote in own)
    said = f"Judged by you: {len(own):,} · {max(0, all_of_them - seen):,} videos left"
    said += (
        f" · it takes some {GOAL} decided votes to see a clear preference"
        if decided < GOAL
        else " · enough for a clear preference"
    )
    place.progress(min(1.0, decided / GOAL), said)


def _show_answers(poll: Poll, ballot: Ballot, voter: str, n_own: int) -> None:
    token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
    # The id belongs to this showing of this ballot: a key pressed twice in a hurry sends the same vote again.
    shown = f"{token}/{voter}/{ballot.row}/{ballot.round}/{n_own}"
    vote_id = hashlib.sha256(shown.encode()).hexdigest()[:24]
    answers: tuple[tuple[str, str, Choice], ...] = (
        ("Left", "1", "left"),
        ("No preference", "0", "none"),
        ("Right", "2", "right"),
    )
    for column, (words, key, choice) in zip(st.columns([1.3, 1, 1.3]), answers, strict=True):
        column.button(
            words,
            key=f"{choice}-{vote_id}",
            shortcut=key,
            type="secondary" if choice == "none" else "primary",
            wrap=True,
            on_click=_vote,
            args=(poll, ballot, voter, choice, vote_id),
            width="stretch",
        )


def _vote(poll: Poll, ballot: Ballot, voter: str, choice: Choice, vote_id: str) -> None:
    runs = {"A": poll.a.info.run_id, "B": poll.b.info.run_id}
    seed_id = poll.shelf.catalog.video_id(ballot.row)
    left, right = runs[ballot.left], runs[ballot.right]
    try:
        poll.box.cast(Vote(vote_id, seed_id, left, right, poll.k, choice, voter, time.time()))
    except RelvidError as error:
        st.session_state[_PROBLEM] = error


def _undo(poll: Poll, voter: str) -> None:
    try:
        poll.box.undo(voter)
    except RelvidError as error:
        st.session_state[_PROBLEM] = error


def _rows(poll: Poll, votes: list[Vote]) -> list[int]:
    """The seeds of votes; one that is no longer in the catalogue cannot be shown again anyway."""
    rows = []
    for vote in votes:
        try:
            rows.append(poll.shelf.catalog.row(vote.seed_id))
        except UnknownVideo:
            continue
    return rows


def _list_html(poll: Poll, name: str, run: Run, ballot: Ballot) -> str:
    """One list without anything that tells whose it is: no score, no mark, no popularity."""
    rows = run.neighbours_of(ballot.row, poll.k).rows[0].tolist()
    items = "".join(f"<li>{_card(poll, row)}</li>" for row in rows)
    return f'<section aria-label="{name} list"><h3>{name}</h3><ol>{items}</ol></section>'


def _card(poll: Poll, row: int) -> str:
    catalog = poll.shelf.catalog
    about = [str(catalog.frame[c.CREATOR].iat[row]), cards.duration(float(catalog.frame[c.DURATION_S].iat[row]))]
    return (
        f'<div class="rv-thumb"><img src="{cache.picture(catalog, row)}" alt=""></div>'
        f'<div class="rv-title" dir="auto">{html.escape(catalog.titles[row])}</div>'
        f'<small dir="auto">{html.escape(" · ".join(filter(None, about)))}</small>'
    )
