"""Split heads: one metric a loss over a shared trunk, blended when lists are made."""

from typing import Any

import numpy as np
import pytest
import torch

from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.training.fit import FittedTowers
from relvid_core.training.towers import TwoTower, inputs_of

SPLIT = {"towers__heads": "split", "objective__relevance_weight": 1.0}


@pytest.fixture(scope="module")
def trained(planted: Any) -> FittedTowers:
    return planted.train(planted.config(**SPLIT))[0]


def test_there_are_two_heads_of_unit_rows_and_one_where_they_are_shared(planted: Any, trained: FittedTowers) -> None:
    assert trained.split
    assert len(trained.heads) == 2
    for head in trained.heads:
        for vectors in (head.seed, head.candidate):
            assert vectors.dtype == np.float32
            assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(planted.n_videos), abs=1e-5)
    shared, _ = planted.train(planted.config(training__epochs=1))
    assert not shared.split
    assert len(shared.heads) == 1
    assert set(trained.parameters) - set(shared.parameters) == {
        f"{tower}.heads.{head}" for tower in ("seed", "candidate") for head in (0, 1)
    }


def test_each_head_finds_what_its_own_loss_asks(planted: Any, trained: FittedTowers) -> None:
    """A shared head must compromise between groups and topics that cross; two heads need not."""
    engagement, relevance = trained.heads
    assert planted.share(engagement.seed, engagement.candidate, planted.group) > 0.9
    assert planted.share(relevance.seed, relevance.candidate, planted.topic) > 0.9


def test_the_blend_moves_from_one_to_the_other(planted: Any, trained: FittedTowers) -> None:
    """ω from 1 to 0: fewer neighbours that are watched together, more that share the topic, and never back."""
    engagement, relevance = trained.heads
    group, topic = [], []
    for omega in (1.0, 0.8, 0.6, 0.5, 0.4, 0.2, 0.0):
        roots = np.sqrt([omega, 1 - omega])
        seed = np.hstack([roots[0] * engagement.seed, roots[1] * relevance.seed])
        candidate = np.hstack([roots[0] * engagement.candidate, roots[1] * relevance.candidate])
        group.append(planted.share(seed, candidate, planted.group))
        topic.append(planted.share(seed, candidate, planted.topic))
    assert (np.diff(group) <= 0.01).all()  # one neighbour in a hundred may be a tie
    assert (np.diff(topic) >= -0.01).all()
    assert group[0] - group[-1] > 0.5 < topic[-1] - topic[0]


def test_each_loss_reaches_its_own_head_and_the_shared_trunk(planted: Any) -> None:
    matrix = np.eye(planted.n_videos, dtype=np.float32)
    content = ContentFeatures((Modality("text", "planted", matrix, np.ones(planted.n_videos, dtype=bool)),))
    start = torch.ones(planted.n_videos, 16) / 4
    towers = planted.config(**SPLIT, towers__use_text=True).towers
    inputs = inputs_of(towers, content, planted.pairs.known)
    model = TwoTower((start, start), towers, inputs, torch.Generator().manual_seed(0))
    rows = torch.tensor([0, 1, 2])
    for head in (0, 1):
        model.zero_grad()
        (model.seed(rows)[head] @ model.candidate(slice(None))[head].T)[:, 3].sum().backward()
        reached = {name for name, value in model.named_parameters() if value.grad is not None and value.grad.any()}
        expected = {f"{tower}.{part}" for tower in ("seed", "candidate") for part in ("ids", "maps.0", f"heads.{head}")}
        assert reached == expected


def test_parameters_give_back_the_very_same_towers(planted: Any, trained: FittedTowers) -> None:
    towers = planted.config(**SPLIT).towers
    nothing = torch.zeros(planted.n_videos, 16)
    inputs = inputs_of(towers, ContentFeatures(), planted.pairs.known)
    model = TwoTower((nothing, nothing), towers, inputs, torch.Generator().manual_seed(9))
    assert model.fits(trained.parameters)
    model.begin_from(trained.parameters)
    for mine, theirs in zip(model.fitted().heads, trained.heads, strict=True):
        assert mine.seed == pytest.approx(theirs.seed, abs=1e-6)
        assert mine.candidate == pytest.approx(theirs.candidate, abs=1e-6)
    assert not model.fits({**trained.parameters, "more": np.zeros(1, dtype=np.float32)})
    assert not model.fits({**trained.parameters, "seed.ids": np.zeros((3, 16), dtype=np.float32)})
