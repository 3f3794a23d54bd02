"""What happens in the test window changes nothing that training, or the judge's idea of popularity, is made from.

The check is metamorphic: two logs differ only in which videos were watched and shown in the test window, and all that a
run stands on must be equal bit by bit. Then each leak is planted once, and the same check must catch it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.clipping import automatic_clip
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.hidden_topics import hidden_videos
from relvid_core.data.interactions import Interactions
from relvid_core.data.propensity import Propensity
from relvid_core.data.topics import Topics
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.evaluation.facets import FreshnessFacet, NoveltyFacet
from relvid_core.evaluation.protocol import Judge
from relvid_core.evaluation.topic_readings import HiddenTopics
from relvid_core.experiments import grading, judging, pipeline, prepared
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache, prepare
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

N_VIDEOS, N_USERS, N_EVENTS, LATE = 36, 24, 20, 17  # steps from LATE on lie in every kind of test window
CONFIG = ExperimentConfig().with_values(
    training__epochs=1, training__batch_seeds=12, towers__dim=4, towers__text_dim=4, evaluation__k=4,
    evaluation__bootstrap_replicates=10, off_policy__strength=0.7, objective__relevance_weight=0.5,
)  # fmt: skip
Seen = dict[str, bytes]


def world(late: int = 0, topics: Topics | None = None) -> Dataset:
    """A small log with exposures; `late` says which videos are watched and shown in the test window."""
    rng = np.random.default_rng(0)
    paths = [((f"group {row % 2}", f"topic {row % 6}"),) for row in range(N_VIDEOS)] if topics is None else topics.paths
    frame = pd.DataFrame(
        {
            c.VIDEO_ID: [f"v{row:02d}" for row in range(N_VIDEOS)],
            c.TITLE: [f"clip {row} on subject{row % 6}" for row in range(N_VIDEOS)],
            c.TOPICS: list(paths),
            c.PUBLISHED_AT: pd.to_datetime(np.arange(N_VIDEOS) * 100, unit="s"),
        }
    )
    catalog = Catalog.from_frame(frame, source="world")
    events = []
    for step in range(N_EVENTS):
        for user in range(N_USERS):
            for shown, engaged in ((0, 1.0), (1, 0.0)):
                row = int(N_VIDEOS * rng.random() ** 2)
                if step >= LATE:
                    row = (row * 5 + 7 * late + shown) % N_VIDEOS
                events.append((f"u{user:02d}", f"v{row:02d}", 10_000 + 100 * step + user, engaged))
    log = pd.DataFrame(events, columns=[c.USER_ID, c.VIDEO_ID, c.TIMESTAMP, c.ENGAGEMENT])
    watched = log[log[c.ENGAGEMENT] > 0]
    return Dataset("world", "World", catalog, Interactions.from_frames(catalog, watched, log, source="world"))


def plain(array: Any) -> bytes:
    return np.ascontiguousarray(array).tobytes()


def of_training(run: Run) -> Seen:
    assert run.towers is not None
    heads = [plain(part) for head in run.towers.heads for part in (head.seed, head.candidate)]
    return {
        "towers": b"".join(heads),
        "lists": plain(run.neighbours.rows),
        "weights": repr(run.info.off_policy).encode(),
    }


def of_data(dataset: Dataset, config: ExperimentConfig) -> Seen:
    """What is made from the history, through the wiring that runs and pages use."""
    at_hand = prepare(dataset, config)
    history, judge = at_hand.history, at_hand.judge
    engagements, exposures = history.engagements, history.exposures
    assert exposures is not None
    facets = {type(facet): facet for facet in judge.facets}
    novelty, freshness, hidden = (facets[kind] for kind in (NoveltyFacet, FreshnessFacet, HiddenTopics))
    assert isinstance(novelty, NoveltyFacet)
    assert isinstance(freshness, FreshnessFacet)
    assert isinstance(hidden, HiddenTopics)
    parts = prepared.cut(dataset, config)
    propensity = Propensity.from_log(parts.history, config.off_policy, dataset.catalog)
    clip = automatic_clip(propensity, config.off_policy, parts.history.popularity.astype(float))
    matrix = at_hand.pairs.matrix
    return {
        "history": b"".join(map(plain, (engagements.user, engagements.row, exposures.user, exposures.row))),
        "popularity": plain(history.popularity),
        "propensity": plain(propensity.value),
        "pairs": b"".join(map(plain, (matrix.indptr, matrix.indices, matrix.data))),
        "content": b"".join(plain(modality.matrix) for modality in at_hand.content.modalities),
        "strata": plain(judge.head) + plain(judge.stratum) + plain(judge.percentile),
        "judge weights": plain(judge.target_weight),
        "novelty": plain(novelty.information),
        "freshness": plain(freshness.age),
        "hidden topics": plain(hidden.hidden),
        "clip": plain(clip.clip),
    }


def seen(dataset: Dataset, config: ExperimentConfig, store: RunStore | None = None) -> Seen:
    run = drain(train_run(dataset, config, cache=PreparedCache(), earlier=store))
    return of_data(dataset, config) | of_training(run)


def baselines(dataset: Dataset, store: RunStore) -> Seen:
    ids = drain(baseline_runs(dataset, CONFIG, cache=PreparedCache(), store=store))
    return {run_id.split("-")[1]: plain(store.load(run_id).neighbours.rows) for run_id in ids}


def differing(a: Seen, b: Seen) -> set[str]:
    assert set(a) == set(b)
    return {name for name in a if a[name] != b[name]}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"off_policy__propensity": "learned", "objective__popularity_offset": 0.5},
        {"off_policy__propensity": "popularity", "split__cold_share": 0.1},
        {"split__kind": "per_user"},
        {"split__fold": "validation"},
    ],
    ids=str,
)
def test_the_test_window_changes_nothing_that_is_learned_from(settings: dict[str, Any]) -> None:
    config = CONFIG.with_values(**settings)
    one, other = world(0), world(1)
    assert one.fingerprint != other.fingerprint
    assert differing(seen(one, config), seen(other, config)) == set()


def test_it_does_change_what_is_asked() -> None:
    """Or the check above would see nothing."""
    one, other = (prepared.cut(world(late), CONFIG).target.matrix.toarray() for late in (0, 1))
    assert not np.array_equal(one, other)


def test_baselines_do_not_see_it_either(tmp_path: Any) -> None:
    one, other = (baselines(world(late), RunStore(tmp_path / str(late))) for late in (0, 1))
    assert len(one) >= 9  # more where the optional libraries are installed
    assert differing(one, other) == set()


Plant = Callable[[pytest.MonkeyPatch, Dataset], None]


def whole_history(patch: pytest.MonkeyPatch, data: Dataset) -> None:
    cut = prepared.cut
    patch.setattr(prepared, "cut", lambda dataset, config: replace(cut(dataset, config), history=data.interactions))


def whole_pairs(patch: pytest.MonkeyPatch, data: Dataset) -> None:
    cut = prepared.cut
    every = CoEngagement.from_events(data.interactions.engagements, N_VIDEOS, CONFIG.coengagement)
    patch.setattr(prepared, "cut", lambda dataset, config: replace(cut(dataset, config), pairs=every))


def whole_weights(patch: pytest.MonkeyPatch, data: Dataset) -> None:
    weights = pipeline.weights_from_log
    patch.setattr(pipeline, "weights_from_log", lambda _, *rest: weights(data.interactions, *rest))


def whole_content(patch: pytest.MonkeyPatch, data: Dataset) -> None:
    encode = prepared.encode_content

    def telling(*arguments: Any) -> Any:
        content = yield from encode(*arguments)
        told = data.interactions.popularity[:, None] / data.interactions.popularity.max()
        matrix = np.hstack([content.named("text").matrix, told]).astype(np.float32)
        return ContentFeatures((Modality("text", "telling", matrix, np.ones(N_VIDEOS, dtype=bool)),))

    patch.setattr(prepared, "encode_content", telling)


def whole_strata(patch: pytest.MonkeyPatch, data: Dataset) -> None:
    from_data = Judge.from_data

    def telling(evaluation: Any, topics: Any, _: Any, *rest: Any, **named: Any) -> Judge:
        return from_data(evaluation, topics, data.interactions.popularity, *rest, **named)

    patch.setattr(judging.Judge, "from_data", telling)


def whole_judge_weights(patch: pytest.MonkeyPatch, data: Dataset) -> None:
    of = judging.default_propensity
    patch.setattr(judging, "default_propensity", lambda _: of(data.interactions))


@pytest.mark.parametrize(
    ("plant", "caught"),
    [
        (
            whole_history,
            {"history", "popularity", "propensity", "strata", "judge weights", "novelty", "clip", "towers"},
        ),
        (whole_pairs, {"pairs", "towers"}),
        (whole_weights, {"weights", "towers"}),
        (whole_content, {"content", "towers"}),
        (whole_strata, {"strata"}),
        (whole_judge_weights, {"judge weights"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_leak_is_caught(plant: Plant, caught: set[str]) -> None:
    found = []
    for late in (0, 1):
        data = world(late)
        with pytest.MonkeyPatch.context() as patch:
            plant(patch, data)
            found.append(seen(data, CONFIG))
    assert caught <= differing(*found)


def test_a_leak_into_the_baselines_is_caught(tmp_path: Any) -> None:
    made = pipeline.BaselineData
    found = []
    for late in (0, 1):
        data = world(late)
        every = CoEngagement.from_events(data.interactions.engagements, N_VIDEOS, CONFIG.coengagement)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "BaselineData", lambda _, __, *rest: made(data.interactions, every, *rest))  # noqa: B023
            found.append(baselines(data, RunStore(tmp_path / str(late))))
    assert differing(*found) == set(found[0]) - {"content_only"}


# --- Topics: the labels that are hidden are the test window of topic match --------------------------------------------

HIDING = CONFIG.with_values(objective__hide_topics=True)


def relabelled() -> tuple[Dataset, Dataset]:
    """Two worlds that differ only in the topics of the hidden videos."""
    one = world()
    hidden = hidden_videos(one.catalog.topics, HIDING.evaluation.hidden_share)
    assert 0 < hidden.sum() < N_VIDEOS
    paths = [
        (("group 0", f"topic {2 * (row % 3)}"),) if hidden[row] else video
        for row, video in enumerate(one.catalog.topics.paths)
    ]
    return one, world(topics=Topics.from_paths(paths))


@pytest.mark.parametrize("guess", [False, True])
def test_hidden_labels_change_nothing_that_is_learned(guess: bool) -> None:
    hiding = HIDING.with_values(objective__guess_topics=guess)
    one, other = (of_training(drain(train_run(data, hiding, cache=PreparedCache()))) for data in relabelled())
    assert differing(one, other) == set()


def test_a_leak_of_hidden_labels_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "shown_topics", lambda topics, _: topics)
    one, other = (of_training(drain(train_run(data, HIDING, cache=PreparedCache()))) for data in relabelled())
    assert differing(one, other) >= {"towers", "lists"}


# --- Warm start: a run of another split has learned from what is asked now --------------------------------------------


@pytest.fixture
def knowing(tmp_path: Any) -> tuple[Dataset, RunStore]:
    """A store that holds one run, which has learned from nearly the whole log."""
    data, store = world(), RunStore(tmp_path)
    nearly_all = CONFIG.with_values(split__test_share=0.1)
    store.save(drain(train_run(data, nearly_all, cache=PreparedCache())))
    return data, store


def test_a_warm_start_does_not_begin_where_the_test_window_was_learned(knowing: tuple[Dataset, RunStore]) -> None:
    data, store = knowing
    warm = CONFIG.with_values(training__warm_start=True)
    run = drain(train_run(data, warm, cache=PreparedCache(), earlier=store))
    assert run.info.started_from is None
    assert differing(of_training(run), of_training(drain(train_run(data, CONFIG, cache=PreparedCache())))) == set()


def test_a_leak_through_a_warm_start_is_caught(
    knowing: tuple[Dataset, RunStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, store = knowing
    monkeypatch.setattr(pipeline, "nearest_run", lambda config, fingerprint, infos: infos[0])
    warm = CONFIG.with_values(training__warm_start=True)
    run = drain(train_run(data, warm, cache=PreparedCache(), earlier=store))
    cold = of_training(drain(train_run(data, CONFIG, cache=PreparedCache())))
    assert differing(of_training(run), cold) >= {"towers"}
