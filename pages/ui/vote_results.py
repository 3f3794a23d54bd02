"""What the votes say, hidden until somebody asks: who knows the result votes otherwise."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from pages.ui import cards, seeds
from pages.ui.frame import show_error
from pages.ui.vote_setup import Poll
from relvid_core.errors import RelvidError, UnknownVideo
from relvid_core.experiments.compare import SIDE_A, SIDE_B
from relvid_core.experiments.vote_results import SeedTally, Tally, VoteResult, clearest, result_of, votes_csv
from relvid_core.report.words import value_text

ALPHA: Final = 0.05
MAX_VOTERS: Final = 50
CLEAREST: Final = 6
_ASIDE: Final = "votes_aside"  # (pair, name of the box put aside)
STYLE: Final = """<style>
ul.rv-clear {list-style: none; margin: .4rem 0 0 !important; padding: 0 !important}
ul.rv-clear li {margin: 0 !important; padding: .28rem 0 !important; border-bottom: 1px solid
  color-mix(in srgb, currentColor 12%, transparent); overflow-wrap: anywhere}
ul.rv-clear a {color: inherit !important; unicode-bidi: isolate; text-underline-offset: .18em}
ul.rv-clear small {opacity: .78; white-space: nowrap}
</style>"""


def show_results(poll: Poll) -> None:
    """The panel with its switch, the export and the reset."""
    _show_aside(poll)
    if not st.toggle(
        "Show the result",
        key="vote_result",
        help="Hidden at first: whoever knows how others voted votes otherwise. Vote first, then look.",
    ):
        return
    votes = poll.box.read()
    if votes.n_damaged:
        st.warning(f"{votes.n_damaged:,} lines of the ballot box are damaged or no votes on these runs: left out.")
    if not votes.votes:
        st.info("Nobody has voted on these two runs yet. Vote above, or send the link for voters.")
        return
    result = result_of(votes.votes, poll.a.info.run_id)
    st.html(cards.heading(SIDE_A, poll.a.info.label) + cards.heading(SIDE_B, poll.b.info.label))
    st.markdown(f"**{verdict_words(result.tally)}**")
    share, agreement, left = st.columns(3)
    share.metric(
        "Prefer A",
        value_text(result.tally.share.mean, percent=True),
        help="Of the seed videos with a decided vote. A seed that several people judged "
        "counts once, for the side that most of them preferred (Wilson’s interval, exact sign test without ties).",
    )
    agreement.metric(
        "Agreement of voters",
        "–" if math.isnan(result.alpha) else f"{result.alpha:.2f}".replace("-", "−"),
        help=f"Krippendorff’s α over the {result.n_shared:,} seed videos that two voters or more judged: 1 is full "
        "agreement, 0 what chance would give. Below 0.67 people do not mean the same by “rather”.",
    )
    left.metric(
        "Left side chosen",
        value_text(result.left.mean, percent=True),
        help="Of all decided votes. Sides are drawn by chance, so far from 50 % means habit, which blurs the result.",
    )
    st.html(f'<p class="rv-note">{tie_words(result, poll.deck.n_identical, poll.k)}</p>')
    st.html(voters_html(result))
    columns = st.columns(2, gap="large")
    for column, side in zip(columns, (SIDE_A, SIDE_B), strict=True):
        column.html(_clearest_html(poll, clearest(result.seeds, side, CLEAREST), side))
    labels = {run.info.run_id: run.info.label for run in (poll.a, poll.b)}
    with st.container(horizontal=True):
        st.download_button(
            "Download votes (CSV)",
            votes_csv(votes.votes, labels),
            file_name=f"votes-{poll.a.info.run_id}-{poll.b.info.run_id}.csv",
            mime="text/csv",
            on_click="ignore",
            key="votes_csv",
        )
        with st.popover("Start again"):
            st.markdown(f"Puts all {result.n_votes:,} votes on these two runs aside and begins with an empty box.")
            st.button("Put all votes aside", key="vote_reset", on_click=_reset, args=(poll,), type="primary")


def verdict_words(tally: Tally) -> str:
    """The result in one sentence."""
    decided = tally.a + tally.b
    if not decided:
        return "No vote prefers either list yet."
    numbers = f"A on {tally.a:,} and B on {tally.b:,} of {decided:,} decided seed videos"
    numbers += f" (share of A {_interval(tally)}, p {_p(tally.p_value)})"
    if tally.p_value < ALPHA:
        return f"People prefer {'A' if tally.a > tally.b else 'B'}: {numbers}."
    return f"No evidence that people prefer either: {numbers}."


def tie_words(result: VoteResult, n_identical: int, k: int) -> str:
    """What is not in the share: ties, and seeds whose lists are the same."""
    ties = result.tally.ties
    are = "is a tie" if ties == 1 else "are ties"
    said = f"{result.n_votes:,} votes on {len(result.seeds):,} seed videos; {ties:,} of these {are}."
    if n_identical:
        said += (
            f" For {n_identical:,} other seed videos both runs begin with the same {k} videos: nobody is asked about "
            "them, and they are ties too."
        )
    return said


def voters_html(result: VoteResult) -> str:
    """One row a voter as an HTML table."""
    rows = [
        f'<tr><th scope="row" dir="auto">{html.escape(voter)}</th><td>{tally.a}</td><td>{tally.b}</td>'
        f"<td>{tally.ties}</td><td>{value_text(tally.share.mean, percent=True)}<small>{_interval(tally)}</small></td>"
        f"<td>{_p(tally.p_value).removeprefix('= ')}</td></tr>"
        for voter, tally in list(result.by_voter.items())[:MAX_VOTERS]
    ]
    more = len(result.by_voter) - MAX_VOTERS
    note = f'<p class="rv-note">And {more:,} more voters, in the CSV.</p>' if more > 0 else ""
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="Votes by voter"><table class="rv-table">'
        '<thead><tr><th scope="col">Voter</th><th scope="col">For A</th><th scope="col">For B</th>'
        '<th scope="col">No preference</th><th scope="col">Share of A</th><th scope="col">p</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{note}"
    )


def _clearest_html(poll: Poll, found: Sequence[SeedTally], side: str) -> str:
    items = []
    for one in found:
        try:
            title = poll.shelf.catalog.titles[poll.shelf.catalog.row(one.seed_id)]
        except UnknownVideo:
            continue  # the catalogue has changed since
        query = {"data": poll.shelf.dataset_key, "a": poll.a.info.run_id, "b": poll.b.info.run_id}
        link = html.escape("browse?" + urlencode(query | {seeds.SEED_PARAMETER: one.seed_id}))
        count = f"{one.a} for A, {one.b} for B" + (f", {one.undecided} undecided" if one.undecided else "")
        items.append(f'<li><a href="{link}" target="_self">{html.escape(title)}</a> <small>{count}</small></li>')
    list_html = f'<ul class="rv-clear">{"".join(items)}</ul>' if items else '<p class="rv-note">None yet.</p>'
    return f"{cards.heading(side, f'Most clearly preferred: {side}')}{list_html}"


def _interval(tally: Tally) -> str:
    if math.isnan(tally.share.low):
        return ""
    low, high = (value_text(value, percent=True) for value in (tally.share.low, tally.share.high))
    return f"{low} to {high}"


def _p(value: float) -> str:
    return "–" if math.isnan(value) else "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _reset(poll: Poll) -> None:
    try:
        st.session_state[_ASIDE] = (poll.box.runs, poll.box.reset())
    except RelvidError as error:
        show_error(error)


def _restore(poll: Poll, name: str) -> None:
    try:
        poll.box.restore(name)
        del st.session_state[_ASIDE]
    except RelvidError as error:
        show_error(error)


def _show_aside(poll: Poll) -> None:
    runs, name = st.session_state.get(_ASIDE, (None, None))
    if runs == poll.box.runs and name is not None:
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.markdown("All votes on these two runs were put aside.")
        button.button("Undo", key="vote_restore", on_click=_restore, args=(poll, name), width="stretch")
