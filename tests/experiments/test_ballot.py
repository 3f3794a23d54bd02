"""Which seed is asked next, which side is whose, and that both can be neither guessed nor lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import NotEnoughData, RunError
from relvid_core.experiments.ballot import Ballot, Deck, stratified_order
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.runtime import drain

SECRET = 20_250_131


@pytest.fixture(scope="module")
def run(planted: Dataset, quick: ExperimentConfig) -> Run:
    return drain(train_run(planted, quick, cache=PreparedCache()))


def deck(n: int = 40) -> Deck:
    return Deck(np.arange(100, 100 + n, dtype=np.int32), np.arange(n) % 3, 0)


def ask(of: Deck, n: int, *, voter: str = "ada", secret: int = SECRET) -> list[Ballot]:
    """What a voter sees who answers `n` ballots."""
    seen: list[Ballot] = []
    for _ in range(n):
        seen.append(of.next_ballot([ballot.row for ballot in seen], secret=secret, voter=voter))
    return seen


def with_lists(run: Run, rows: np.ndarray) -> Run:
    return replace(run, neighbours=Neighbours(rows, run.neighbours.scores))


def test_only_seeds_whose_lists_differ_are_asked(run: Run) -> None:
    rows = run.neighbours.rows.copy()
    first, second, third = run.seeds[:3].tolist()
    rows[first, [0, 1]] = rows[first, [1, 0]]  # another order is another list
    rows[second, 4] = rows[second, 9]
    rows[third, 5] = rows[third, 9]  # beyond the first five
    stratum = np.arange(run.info.n_videos) % 3
    of = Deck.from_runs(run, with_lists(run, rows), 5, stratum)
    assert of.rows.tolist() == [first, second]
    assert of.stratum.tolist() == [first % 3, second % 3]
    assert of.n_identical == len(run.seeds) - 2


def test_two_runs_that_agree_everywhere_cannot_be_asked_about(run: Run) -> None:
    with pytest.raises(NotEnoughData, match=r"first 5 videos are the same in both runs for all"):
        Deck.from_runs(run, run, 5, np.zeros(run.info.n_videos, dtype=int))


def test_runs_that_were_measured_otherwise_are_refused(run: Run) -> None:
    other = replace(run, info=replace(run.info, evaluation_key="other"))
    with pytest.raises(RunError, match="cannot be compared"):
        Deck.from_runs(run, other, 5, np.zeros(run.info.n_videos, dtype=int))


def test_no_seed_comes_twice_until_all_were_seen() -> None:
    seen = ask(deck(), 90)
    assert sorted(ballot.row for ballot in seen[:40]) == list(range(100, 140))
    assert sorted(ballot.row for ballot in seen[40:80]) == list(range(100, 140))
    assert [ballot.round for ballot in seen] == [1] * 40 + [2] * 40 + [3] * 10


def test_half_of_the_ballots_are_the_same_for_everybody() -> None:
    ada, bob = ([ballot.row for ballot in ask(deck(400), 40, voter=voter)] for voter in ("ada", "bob"))
    assert len(set(ada) & set(bob)) >= 18  # 20 common ones, unless an own one came first
    assert len(set(ada) & set(bob)) < 30
    assert ada != bob


def test_an_undone_ballot_is_shown_again_as_it_was() -> None:
    seen = ask(deck(), 7)
    again = deck().next_ballot([ballot.row for ballot in seen[:6]], secret=SECRET, voter="ada")
    assert again == seen[6]


def test_sides_are_a_fair_coin_that_depends_on_secret_voter_and_seed() -> None:
    of = deck(600)
    sides = {ballot.row: ballot.left for ballot in ask(of, 600)}
    a = Counter(sides.values())["A"]
    assert 240 < a < 360  # 600 fair coins: 300 ± 60 is five standard deviations
    for other in (ask(of, 600, voter="bob"), ask(of, 600, secret=SECRET + 1)):
        same = sum(sides[ballot.row] == ballot.left for ballot in other)
        assert 240 < same < 360


def test_both_sides_of_a_ballot_are_shown() -> None:
    assert {(ballot.left, ballot.right) for ballot in ask(deck(), 40)} == {("A", "B"), ("B", "A")}


def test_rows_that_are_no_longer_asked_about_do_not_matter() -> None:
    assert deck().next_ballot([7, 8, 9], secret=SECRET, voter="ada") == ask(deck(), 1)[0]


def test_every_beginning_of_the_order_holds_each_stratum_in_proportion() -> None:
    stratum = np.repeat([0, 1, 2], [10, 90, 300])
    order = stratified_order(stratum, np.random.default_rng(3))
    assert sorted(order.tolist()) == list(range(400))
    for n in (40, 100, 333):
        counts = np.bincount(stratum[order[:n]], minlength=3)
        assert np.abs(counts - n * np.array([10, 90, 300]) / 400).max() <= 2


def test_within_a_stratum_every_order_is_as_likely() -> None:
    firsts = Counter(int(stratified_order(np.zeros(4), np.random.default_rng(seed))[0]) for seed in range(400))
    assert sorted(firsts) == [0, 1, 2, 3]
    assert min(firsts.values()) > 60  # 100 expected, standard deviation 8.7
