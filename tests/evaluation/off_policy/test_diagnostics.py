from dataclasses import replace

import numpy as np
import pytest

from relvid_core.evaluation.off_policy.diagnostics import Support
from relvid_core.evaluation.off_policy.estimators import Resampling, evaluate
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.evaluation.off_policy.policy import ListPolicy
from relvid_core.retrieval.ranking import Neighbours

N_VIDEOS = 21  # seed 0 and candidates 1 … 20


def drawn(chance: np.ndarray, n: int, *, seed: int = 0) -> LoggedSlots:
    """Slots of seed 0 by 50 users; candidate j is shown with probability chance[j − 1] and engaged with at 0.3."""
    rng = np.random.default_rng(seed)
    shown = rng.choice(20, size=n, p=chance)
    return LoggedSlots(
        np.zeros(n, dtype=np.int32),
        (shown + 1).astype(np.int32),
        (rng.random(n) < 0.3).astype(np.float64),
        chance[shown],
        (np.arange(n) % 50).astype(np.int32),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
        np.arange(n),
        N_VIDEOS,
        "logged",
        0,
    )


def lists(rows: list[int]) -> ListPolicy:
    found = Neighbours(np.array([rows], dtype=np.int32), np.zeros((1, len(rows)), dtype=np.float32))
    return ListPolicy.uniform(np.zeros(1, dtype=np.int32), found, N_VIDEOS)


def support(slots: LoggedSlots, rows: list[int]) -> Support:
    return evaluate(slots, lists(rows), resampling=Resampling(replicates=300)).support


EVENLY = np.full(20, 0.05)


def test_reliable() -> None:
    found = support(drawn(EVENLY, 4000), list(range(1, 11)))
    assert found.verdict == "reliable"
    assert found.effective_sample_size == pytest.approx(2000, rel=0.1)  # half of the slots, all with weight 2
    assert found.overlap == pytest.approx(0.5, abs=0.05)
    assert (found.largest_weight, found.unseen_pairs) == (pytest.approx(2.0), 0.0)
    assert found.mean_weight.low < 1 < found.mean_weight.high
    assert "worth" in found.sentence


def test_estimated_propensities_are_never_reliable() -> None:
    found = support(replace(drawn(EVENLY, 4000), origin="estimated"), list(range(1, 11)))
    assert found.verdict == "weak"
    assert "know nothing of the video being watched" in found.sentence


def test_too_few_slots_for_the_lists() -> None:
    found = support(drawn(EVENLY, 500), [1, 2, 3])  # some 75 slots show one of them
    assert found.verdict == "weak"
    assert "worth only" in found.sentence
    found = support(drawn(EVENLY, 100), [1])
    assert found.verdict == "no support"
    assert "at least 30" in found.sentence


def test_part_of_the_lists_could_never_be_shown() -> None:
    """Candidates 11 … 20 are not in the logger's reach. The mean weight shows how much of the list that is."""
    half = np.where(np.arange(20) < 10, 0.1, 0.0)
    quarter = support(drawn(half, 6000), [1, 2, 3, 4, 5, 6, 11, 12])
    assert quarter.verdict == "weak"
    assert quarter.without_support == pytest.approx(0.25, abs=0.05)
    assert quarter.unseen_pairs == pytest.approx(0.25)
    assert "25%" in quarter.sentence.replace("24%", "25%").replace("26%", "25%")
    most = support(drawn(half, 6000), [1, 2, 11, 12, 13, 14, 15, 16])
    assert (most.verdict, "other lists" in most.sentence) == ("no support", True)
    none = support(drawn(half, 6000), [11, 12])
    assert (none.verdict, none.effective_sample_size, none.without_support) == ("no support", 0.0, 1.0)


def test_one_slot_that_decides() -> None:
    slots = drawn(EVENLY, 4000)
    propensity = slots.propensity.copy()
    propensity[np.flatnonzero(slots.shown_row == 1)[0]] = 2.5e-4
    found = support(replace(slots, propensity=propensity), list(range(1, 11)))
    assert found.verdict == "weak"
    assert "one slot alone" in found.sentence
    assert found.largest_share > 0.05


def test_propensities_that_do_not_fit() -> None:
    slots = drawn(EVENLY, 4000)
    found = support(replace(slots, propensity=slots.propensity / 1.5), list(range(1, 11)))
    assert (found.verdict, found.without_support) == ("weak", 0.0)
    assert "do not fit this log" in found.sentence
    wrong = support(replace(slots, propensity=slots.propensity / 3), list(range(1, 11)))
    assert (wrong.verdict, "wrong" in wrong.sentence) == ("no support", True)
    guessed = replace(slots, propensity=slots.propensity / 3, origin="estimated")
    assert "estimated from counts" in support(guessed, list(range(1, 11))).sentence
