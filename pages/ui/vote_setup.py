"""What is voted on: the dataset, the two runs and the length of the lists; hidden from voters who follow a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.ui import cache
from pages.ui.cards import Shelf
from pages.ui.frame import page
from pages.ui.run_pair import choose_pair, present_runs
from pages.ui.widgets import DATA_PARAMETER, choose_dataset
from relvid_core.data.dataset import Dataset
from relvid_core.errors import DataError, RunError
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments.ballot import Deck
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.votes import BallotBox

VOTER: Final = "vote"  # ?vote=1: ballots and nothing else
LENGTHS: Final = (3, 6, 12)  # full rows in grids of 1 and 3 columns
DEFAULT_LENGTH: Final = 6
LENGTH: Final = "vote_k"


@dataclass(frozen=True)
class Poll:
    """Everything that ballots and results need."""

    shelf: Shelf
    judge: Judge
    a: Run
    b: Run
    k: int
    deck: Deck
    box: BallotBox


def for_voters() -> bool:
    """Whether the page was opened by a link for voters."""
    return st.query_params.get(VOTER) == "1"


def choose_poll() -> Poll:
    """The poll that the address asks for, with widgets to change it unless it was opened by a voter. Ends the page
    with a way on where there are not two runs to compare. Raises RelvidError for a link that leads nowhere."""
    if for_voters():
        return _poll(_linked_dataset(), _linked("a"), _linked("b"), _linked_length())
    where, left, right, length = st.columns([1.2, 1.3, 1.3, 0.9])
    with where:
        data = cache.dataset(choose_dataset())
    fresh = present_runs(data, "have people judge its lists")
    a, b = choose_pair(fresh, left, right, ("Run A (compared with)", "Run B (judged)"))
    if b is None:
        st.info("No other run was measured like this one, and a vote needs two. Train another, then ask people.")
        st.page_link(page("tune"), label="Train a model on Tune →")
        st.stop()
    k = length.segmented_control(
        "Videos in each list",
        LENGTHS,
        default=DEFAULT_LENGTH,
        key=LENGTH,
        bind="query-params",
        required=True,
        help="Short lists are judged faster and say more about the first places; long ones differ more often.",
    )
    return _poll(data, a, b, k)


def show_link(poll: Poll) -> None:
    """The address to send to voters."""
    here = urlsplit(st.context.url or "")
    query = {VOTER: "1", DATA_PARAMETER: poll.shelf.dataset_key, "a": poll.a.info.run_id, "b": poll.b.info.run_id}
    address = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    with st.popover("Link for voters", help="An address that shows ballots only, without runs and results."):
        st.markdown("Whoever opens this address votes without seeing which runs are compared, or any result.")
        st.code(f"{address}/vote?{urlencode(query | {LENGTH: str(poll.k)})}", language=None, wrap_lines=True)


def _linked_dataset() -> Dataset:
    key = st.query_params.get(DATA_PARAMETER)
    if key is None or key not in {source.key for source in cache.sources()}:  # a link must not open any folder
        raise DataError("vote: the link asks for a dataset that is not here. Ask whoever sent it for a new one.")
    return cache.dataset(key)


def _linked(side: str) -> RunInfo:
    run_id = st.query_params.get(side)
    if run_id is None:
        raise RunError("vote: the link names no two runs. Ask whoever sent it for a new one.")
    return cache.store().info(run_id)


def _linked_length() -> int:
    asked = st.query_params.get(LENGTH, "")
    return int(asked) if asked in map(str, LENGTHS) else DEFAULT_LENGTH


def _poll(data: Dataset, a: RunInfo, b: RunInfo, k: int) -> Poll:
    for info in (a, b):
        if info.dataset_fingerprint != data.fingerprint:
            raise RunError(f"vote: run {info.label!r} was made from other data than {data.title}. Train it again.")
    runs = cache.run(a.run_id), cache.run(b.run_id)
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, a.config)
    deck = Deck.from_runs(*runs, k, prepared.judge.stratum)
    box = BallotBox(cache.store().root, a.run_id, b.run_id)
    return Poll(Shelf(data.key, data.catalog, prepared.history.popularity), prepared.judge, *runs, k, deck, box)
