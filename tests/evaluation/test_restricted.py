"""Lists over some of the videos, against a naive search over those alone."""

import numpy as np
import pytest

from relvid_core.data.interactions import Interactions
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation import restricted as r
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.baselines import BASELINES
from relvid_core.retrieval.ranking import Neighbours

ALLOWED = np.array([True, False, True, True, True, False, True])


def test_vectors_are_searched_among_the_allowed_only() -> None:
    rng = np.random.default_rng(0)
    seed_vectors, candidates = rng.normal(size=(2, 300, 5)).astype(np.float32)
    allowed = rng.random(300) < 0.4
    seeds = np.flatnonzero(allowed)[::3].astype(np.int32)
    found = r.lists_of_vectors(seed_vectors, candidates, seeds, allowed, 7)
    for seed, row in zip(seeds, found.rows, strict=True):
        score = candidates.astype(float) @ seed_vectors[seed].astype(float)
        order = [j for j in np.argsort(-score) if allowed[j] and j != seed]
        assert row.tolist() == order[:7]
    with pytest.raises(DataError, match="1 of 1 seeds are outside"):
        r.lists_of_vectors(seed_vectors, candidates, np.flatnonzero(~allowed)[:1].astype(np.int32), allowed, 7)


@pytest.mark.parametrize("cells", [1 << 22, 4])
def test_long_lists_keep_their_order(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(r, "_BLOCK_CELLS", cells)  # 4: one list at a time
    rows = np.array([[6, 5, 1, 0, 3], [1, 2, 5, 3, 4], [3, 2, 1, 0, 5]], np.int32)
    scores = np.arange(15, dtype=np.float32).reshape(3, 5)
    found = r.restricted(Neighbours(rows, scores), ALLOWED, 2)
    assert found.rows.tolist() == [[6, 0], [2, 3], [3, 2]]
    assert found.scores.tolist() == [[0, 3], [6, 8], [10, 11]]
    with pytest.raises(ConfigError, match="lists of 3 videos hold fewer than 2 allowed"):
        r.restricted(Neighbours(rows, scores).first(3), ALLOWED, 2)


@pytest.mark.parametrize(
    "name", [name for name, one in BASELINES.items() if not one.obstacle(has_content=False, has_topics=False)]
)
def test_a_baseline_ranks_the_allowed_as_it_ranks_all(name: str, data: BaselineData, history: Interactions) -> None:
    seeds = np.array([0, 3], np.int32)
    found = r.lists_of_baseline(BASELINES[name], data, seeds, ALLOWED, 3)
    whole = BASELINES[name].retrieve(data, seeds, history.n_videos - 1)
    assert found.rows.tolist() == [[j for j in row if ALLOWED[j]][:3] for row in whole.rows.tolist()]


def test_lists_that_cannot_be_made(data: BaselineData, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="received 5; a catalogue of 5 videos"):
        r.lists_of_baseline(BASELINES["cosine"], data, np.array([0], np.int32), ALLOWED, 5)
    monkeypatch.setattr(r, "MAX_CELLS", 7)
    with pytest.raises(ConfigError, match="ask for at most 1 seeds"):
        r.lists_of_baseline(BASELINES["cosine"], data, np.array([0, 2], np.int32), ALLOWED, 2)
