"""Blind ballots: two lists for one seed video, without names, in an order that nobody can guess.

Half of a voter's ballots are the same for everybody, so that agreement can be measured; the other half are the voter's
own, so that more seed videos are judged. Both orders are random and stratified by the seeds' popularity. They follow
from a secret number of the ballot box, the voter and what the voter has judged so far: a ballot that is shown again,
after an undo or a restart, is the same ballot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from relvid_core.data.catalog import Rows
from relvid_core.errors import NotEnoughData
from relvid_core.experiments.compare import SIDE_A, SIDE_B, check_comparable
from relvid_core.experiments.run import Run
from relvid_core.runtime import generator

Side = Literal["A", "B"]


@dataclass(frozen=True)
class Ballot:
    """One question: which of the two lists of `row`."""

    row: int  # of the seed video
    left: Side  # whose list stands on the left
    round: int  # from 1; the second begins when every seed was judged once

    @property
    def right(self) -> Side:
        """Whose list stands on the right."""
        return "B" if self.left == "A" else "A"


@dataclass(frozen=True)
class Deck:
    """The seed videos that two runs can be asked about. Made by `from_runs`."""

    rows: Rows  # [n] evaluated seeds whose lists differ
    stratum: npt.NDArray[np.integer]  # [n] how popular each is; any small numbers
    n_identical: int  # evaluated seeds left out because both lists are the same

    @classmethod
    def from_runs(cls, a: Run, b: Run, k: int, stratum: npt.NDArray[np.integer]) -> Deck:
        """The evaluated seeds whose first `k` places differ in any way; `stratum` is that of every video `[n_videos]`.

        Raises RunError for runs that cannot be compared, NotEnoughData where no list differs.
        """
        check_comparable((a, b))
        lists = [run.neighbours.first(min(k, run.neighbours.k)).rows[a.seeds] for run in (a, b)]
        if lists[0].shape != lists[1].shape:
            raise NotEnoughData(f"vote: lists of {k} are longer than what one of the runs kept; choose fewer videos")
        differ = (lists[0] != lists[1]).any(axis=1)
        if not differ.any():
            raise NotEnoughData(
                f"vote: the first {k} videos are the same in both runs for all {len(differ):,} seed videos. "
                "Choose longer lists, or two runs that differ."
            )
        rows = a.seeds[differ]
        return cls(rows, stratum[rows], int((~differ).sum()))

    def next_ballot(self, judged: Iterable[int], *, secret: int, voter: str) -> Ballot:
        """The next question for a voter who has judged these rows, each once a round."""
        counts = Counter(judged)
        times = np.array([counts[row] for row in self.rows.tolist()])
        least = int(times.min())
        left_over = times == least
        shared = int((~left_over).sum()) % 2 == 0
        whose = "everybody" if shared else f"voter {voter}"
        order = stratified_order(self.stratum, generator(secret, f"round {least} of {whose}"))
        place = next(place for place in order.tolist() if left_over[place])
        row = int(self.rows[place])
        left_is_a = generator(secret, f"side of {row} for {voter}, round {least}").random() < 0.5
        return Ballot(row, SIDE_A if left_is_a else SIDE_B, least + 1)


def stratified_order(stratum: npt.NDArray[np.integer], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """A random order in which every beginning holds each stratum in proportion, but for less than one video or so.

    Member i of a shuffled stratum of n stands at (i + u) / n, with one random u for each stratum.
    """
    at = np.empty(len(stratum))
    for one in np.unique(stratum):
        members = rng.permutation(np.flatnonzero(stratum == one))
        at[members] = (np.arange(len(members)) + rng.random()) / len(members)
    return np.argsort(at, kind="stable")
