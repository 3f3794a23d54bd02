"""Cosines between the two gradients: thirds of the pairs, parts of the model, means over an epoch."""

import math

import numpy as np
import pytest
import torch

from relvid_core.training.conflict import COSINE, ConflictRecorder, thirds

MARGINAL = np.array([0.1, 0.4, 0.0, 0.2, 0.3])  # from popular to rare: rows 1, 4, 3, 0, 2


def test_thirds_by_hand() -> None:
    """Shares before each video: 0 and 0.4 and 0.7 and 0.9 and 1.0, so one, one and three videos."""
    assert [group.tolist() for group in thirds(MARGINAL)] == [[1], [4], [3, 0, 2]]


def test_every_video_is_in_one_third_and_each_third_ends_about_a_third_of_the_pairs() -> None:
    marginal = np.random.default_rng(0).random(300) ** 3
    marginal[:20] = 0.0
    marginal /= marginal.sum()
    groups = thirds(marginal)
    assert sorted(np.concatenate(groups)) == list(range(300))
    assert [marginal[group].sum() for group in groups] == pytest.approx([1 / 3] * 3, abs=0.02)
    assert set(range(20)) <= set(groups[2])
    assert len(groups[0]) < len(groups[1]) < len(groups[2])


def test_thirds_of_one_overwhelming_video_leave_the_middle_empty() -> None:
    assert [group.tolist() for group in thirds(np.array([0.1, 0.9]))] == [[1], [], [0]]


def ids(**rows: float) -> torch.Tensor:
    """A gradient `[5, 2]` that is zero but for the first coordinate of the rows named r0 … r4."""
    gradient = torch.zeros(5, 2)
    for name, value in rows.items():
        gradient[int(name[1:]), 0] = value
    return gradient


def test_cosines_by_part_by_hand() -> None:
    recorder = ConflictRecorder(["seed.ids", "seed.maps.0", "candidate.ids", "candidate.maps.0"], MARGINAL)
    a = [ids(r1=1.0, r4=1.0), torch.tensor([[3.0, 0.0]]), ids(r0=1.0, r3=1.0), torch.tensor([[4.0, 0.0]])]
    b = [ids(r1=2.0, r4=-1.0), torch.tensor([[0.0, 1.0]]), ids(r0=1.0), torch.tensor([[2.0, 0.0]])]
    recorder.add(a, b)
    found = recorder.take()
    assert found == pytest.approx(
        {
            COSINE + "popular seeds": 1.0,
            COSINE + "middle seeds": -1.0,
            COSINE + "rare candidates": 1 / math.sqrt(2),  # (1, 1) and (1, 0)
            COSINE + "content": 8 / (5 * math.sqrt(5)),  # (3, 0, 4, 0) and (0, 1, 2, 0)
            # inner product 2 − 1 + 0 + 1 + 8, squared lengths 2 + 9 + 2 + 16 and 5 + 1 + 1 + 4
            COSINE + "all": 10 / math.sqrt(29 * 11),
        }
    )  # no "rare seeds": neither gradient reaches them


def test_an_epoch_holds_the_mean_of_its_steps_and_the_next_starts_empty() -> None:
    recorder = ConflictRecorder(["candidate.maps.0"], MARGINAL)
    for other in (torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])):
        recorder.add([torch.tensor([1.0, 0.0])], [other])
    assert recorder.take() == {COSINE + "all": 0.5, COSINE + "content": 0.5}
    assert recorder.take() == {}


def test_only_what_both_losses_share_can_be_in_conflict() -> None:
    """A split head belongs to one loss: (1, 0 | 7) against (−1, 0 | 0) is a full conflict of what they share."""
    names = ["seed.ids", "seed.heads.0", "seed.heads.1"]
    recorder = ConflictRecorder(names, MARGINAL)
    head, nothing = torch.full((2, 2), 7.0), torch.zeros(2, 2)
    recorder.add([ids(r1=1.0), head, nothing], [ids(r1=-1.0), nothing, head])
    assert recorder.take() == {COSINE + "all": -1.0, COSINE + "popular seeds": -1.0}
