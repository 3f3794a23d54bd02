"""The seed video that a page opens on, on lists whose averages are worked by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy import sparse

from relvid_core.errors import RunError
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments.run import Run
from relvid_core.experiments.typical import typical_seed
from tests.experiments.made_runs import made_run

# Videos 0 to 9 are of one topic, 10 to 19 of another, 20 to 29 are popular and of the other one too.
JUDGE = cast(
    Judge,
    SimpleNamespace(
        labels=sparse.csr_matrix(np.repeat(np.eye(2), [10, 20], axis=0)),
        head=np.arange(30) >= 20,
    ),
)


def lists(*rows: list[int]) -> Run:
    """A run with these lists for the seed videos at rows 0, 1 and 2."""
    return made_run("r", np.array(rows))


def test_it_is_the_one_whose_lists_are_as_usual() -> None:
    # on topic: A 2, 4, 0 of 4 (mean 2), B 3, 4, 2 (mean 3), B − A 1, 0, 2 (mean 1): seed 0 is the mean in all
    a = lists([1, 2, 11, 12], [2, 3, 4, 5], [11, 12, 13, 14])
    b = lists([1, 2, 3, 12], [2, 3, 4, 6], [1, 3, 13, 14])
    assert typical_seed([a, b], JUDGE, 4) == 0
    # the order is turned around: now seed 2 is
    turned = [lists([11, 12, 13, 14], [2, 3, 4, 5], [1, 0, 11, 12]), lists([1, 3, 13, 14], [2, 3, 4, 6], [1, 0, 3, 12])]
    assert typical_seed(turned, JUDGE, 4) == 2


def test_lists_that_are_unusually_popular_are_not_typical() -> None:
    # popular: 2, 0, 0 of 4 (mean 2/3); on topic 2 of 4 in all, so that nothing else tells the seeds apart
    a = lists([1, 2, 21, 22], [2, 3, 14, 15], [1, 3, 13, 14])
    assert typical_seed([a], JUDGE, 4) == 1


def test_what_the_lists_share_counts() -> None:
    # on topic and popular are 4 of 4 and 0 everywhere; shared with A: 3, 1, 2 of 4 (mean 2)
    a = lists([1, 2, 3, 4], [2, 3, 4, 5], [1, 3, 4, 5])
    b = lists([1, 2, 3, 5], [2, 6, 7, 8], [1, 3, 6, 7])
    assert typical_seed([a, b], JUDGE, 4) == 2


def test_lists_that_are_the_same_come_last() -> None:
    # shared with A: 4, 4, 2 of 4 (mean 10/3): seeds 0 and 1 are nearer to the mean, and have nothing to compare
    a = lists([1, 2, 3, 4], [2, 3, 4, 5], [1, 3, 4, 5])
    b = lists([4, 3, 2, 1], [2, 3, 4, 5], [1, 3, 6, 7])
    assert typical_seed([a, b], JUDGE, 4) == 2
    assert typical_seed([a, a], JUDGE, 4) == 0  # where all are, one of them


def test_every_further_run_counts_too() -> None:
    a = lists([1, 2, 3, 4], [2, 3, 4, 5], [1, 3, 4, 5])
    b = lists([1, 2, 3, 5], [2, 3, 4, 6], [1, 3, 4, 6])
    assert typical_seed([a, b], JUDGE, 4) == 0  # all alike, so the first
    third = lists([1, 2, 3, 4], [2, 3, 4, 7], [1, 3, 4, 7])  # the same as A for seed 0
    assert typical_seed([a, b, third], JUDGE, 4) == 1


def test_only_the_places_that_are_shown_count() -> None:
    # popular among all 4: 2, 1, 0 (mean 1, seed 1); among the first 2: 0, 1, 0 (mean 1/3, seed 0)
    a = lists([1, 2, 21, 22], [2, 21, 14, 15], [1, 3, 13, 14])
    a_topics = SimpleNamespace(labels=sparse.csr_matrix((30, 2)), head=np.arange(30) >= 20)  # nothing has a topic
    assert typical_seed([a], cast(Judge, a_topics), 4) == 1
    assert typical_seed([a], cast(Judge, a_topics), 2) == 0
    assert typical_seed([a], cast(Judge, a_topics), 99) == 1  # no more than the run kept


def test_a_seed_without_a_topic_is_not_typical_where_others_have_one() -> None:
    labels = sparse.csr_matrix(np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1, 9, 20], axis=0))
    judge = cast(Judge, SimpleNamespace(labels=labels, head=np.zeros(30, dtype=bool)))
    # on topic: none, 1, 3 of 4: seeds 1 and 2 are both 1/4 off the mean of 2/4, seed 0 has no value
    a = lists([1, 2, 3, 4], [2, 11, 12, 13], [1, 3, 4, 12])
    assert typical_seed([a], judge, 4) == 1


def test_runs_of_other_seeds_cannot_be_held_against_each_other() -> None:
    with pytest.raises(RunError, match="different seed"):
        typical_seed([lists([1], [0], [0]), made_run("x", np.array([[1], [0]]))], JUDGE, 1)
