"""Why a neighbour is there: the parts add up to the stored score, and the words say what is true."""

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.reasons import Reason, Reasoner, sentence
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain


@pytest.fixture(scope="module")
def cache() -> PreparedCache:
    return PreparedCache()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"towers__heads": "split", "objective__relevance_weight": 0.5, "objective__blend": 0.3},
        {"objective__popularity_term": -0.7, "off_policy__strength": 0.5},
        {"towers__fusion": "gated", "towers__modality_dropout": 0.2, "split__cold_share": 0.1},
    ],
    ids=["plain", "split heads", "popularity", "gated"],
)
def test_parts_add_up_to_the_score_that_ranked_the_list(
    planted: Dataset, quick: ExperimentConfig, cache: PreparedCache, change: dict[str, object]
) -> None:
    config = quick.with_values(**change)
    run = drain(train_run(planted, config, cache=cache))
    prepared = cache.get(planted, config)
    seed = int(run.seeds[3])
    candidates = run.neighbours.rows[seed][:8]
    found = Reasoner(run, prepared).reasons(seed, candidates)
    assert [reason.row for reason in found] == candidates.tolist()
    assert [reason.score for reason in found] == pytest.approx(run.neighbours.scores[seed][:8].tolist(), abs=2e-5)
    for reason in found:
        assert reason.co_engaged == prepared.pairs.matrix[seed, reason.row]
        same = planted.catalog.topics.paths[seed] == planted.catalog.topics.paths[reason.row]
        assert reason.shared_topics == ((f"topic {seed % 6}",) if same else ())
    weights = np.array([reason.weight for reason in Reasoner(run, prepared).reasons(seed, np.arange(72))])
    marginal = prepared.pairs.candidate_marginal
    assert weights @ marginal == pytest.approx(1.0)  # mean 1 over the training pairs
    assert np.allclose(weights, 1) == (config.off_policy.strength == 0)


def test_a_baseline_has_counts_and_topics_but_no_parts(
    planted: Dataset, quick: ExperimentConfig, cache: PreparedCache, tmp_path: object
) -> None:
    store = RunStore(tmp_path)  # type: ignore[arg-type]  # pytest's Path
    run_id = drain(baseline_runs(planted, quick, cache=cache, store=store))[1]
    (reason,) = Reasoner(store.load(run_id), cache.get(planted, quick)).reasons(0, np.array([6]))
    assert not reason.inputs
    assert set(reason.cosines) == {"text"}
    assert "The model" not in sentence(reason)


def test_a_run_of_another_split_is_refused(planted: Dataset, quick: ExperimentConfig, cache: PreparedCache) -> None:
    run = drain(train_run(planted, quick, cache=cache))
    with pytest.raises(RunError, match="other data or another split"):
        Reasoner(run, cache.get(planted, quick.with_values(split__cold_share=0.1)))


def reason(**changes: object) -> Reason:
    plain = {
        "row": 1, "co_engaged": 0.0, "shared_topics": (), "cosines": {}, "inputs": {}, "popularity": 0.0, "lift": 0.0,
        "weight": 1.0,
    }  # fmt: skip
    return Reason(**{**plain, **changes})  # type: ignore[arg-type]  # the names are those of the fields


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Nobody watched both close together; they share no topic."),
        (
            {"co_engaged": 1.0, "shared_topics": ("Food > Baking", "Travel"), "inputs": {"id": 0.6, "text": 0.2}},
            "Viewers watched both close together once; both are about Food > Baking. The model draws it from what was "
            "watched together (75%) and its text (25%).",
        ),
        (
            {"co_engaged": 1234.0, "cosines": {"text": 0.9}, "inputs": {"id": -0.1, "text": 0.5}, "lift": 0.1},
            "Viewers watched both close together 1,234 times; their texts are much alike. The model draws it from its "
            "text (100%). Its popularity term lifts it.",
        ),
        (
            {"co_engaged": 2.5, "inputs": {"id": 0.5, "text": 0.3, "visual": 0.2}},
            "Viewers watched both close together with weight 2.5; they share no topic. The model draws it from what "
            "was watched together (50%), its text (30%) and its picture (20%).",
        ),
        (
            {"inputs": {"id": 0.4}, "popularity": 0.3, "lift": -0.2},
            "Nobody watched both close together; they share no topic. The model draws it from what was watched "
            "together (100%). Its popularity term holds it down.",
        ),
        (
            {"inputs": {"id": 0.4}, "lift": 0.01},
            "Nobody watched both close together; they share no topic. The model "
            "draws it from what was watched together (100%).",
        ),
        ({"inputs": {"id": -0.4}}, "Nobody watched both close together; they share no topic."),
    ],
)
def test_the_sentence_says_what_the_parts_say(changes: dict[str, object], expected: str) -> None:
    assert sentence(reason(**changes)) == expected
