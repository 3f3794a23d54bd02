"""The judge of a dataset: the same for every run, and made from what is at hand."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tomli_w

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.vector_files import VideoVectors
from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.descriptor import DescriptorEncoder
from relvid_core.encoders.encode import encode
from relvid_core.encoders.features import ContentFeatures
from relvid_core.encoders.frames import frames_of
from relvid_core.experiments import judging
from relvid_core.experiments.content import content_store, encode_content
from relvid_core.experiments.judging import judge_encoders, judged_fingerprint
from relvid_core.experiments.known_truth import BY_TRUTH
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache, evaluation_key, prepare
from relvid_core.experiments.standings import why_not_comparable
from relvid_core.experiments.store import RunStore
from relvid_core.report.words import HEADLINE, MEASURES
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

NOTHING = ContentFeatures()


def named(dataset: Dataset, content: ContentFeatures = NOTHING, store: ContentStore | None = None) -> dict[str, str]:
    return {judge.metric: judge.name for judge in judge_encoders(dataset, content, store)}


def with_catalog(planted: Dataset, **columns: list[Any]) -> Dataset:
    frame = planted.catalog.frame.assign(**columns)
    frame[c.TOPICS] = list(planted.catalog.topics.paths)
    return replace(planted, catalog=Catalog.from_frame(frame, source="planted"))


def test_text_is_judged_by_own_vectors_else_by_tfidf(planted: Dataset) -> None:
    assert named(planted) == {"semantic_text": "tfidf"}
    own = VideoVectors(np.eye(72, 5, dtype=np.float32), (Path("text_vectors.parquet"),))
    assert named(replace(planted, vectors={"text": own})) == {"semantic_text": "file"}
    taught = replace(planted, teacher=np.eye(72, 3, dtype=np.float32))
    assert named(taught) == {"semantic_teacher": "teacher", "semantic_text": "tfidf"}
    silent = with_catalog(planted, **{c.TITLE: [""] * 72, c.DESCRIPTION: [""] * 72})
    assert named(silent) == {}


def test_no_long_encoding_is_begun_for_the_judge(planted: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_TEXTS", 71)
    assert named(planted) == {}
    read = drain(encode_content(planted, ExperimentConfig().towers, None))
    wide = np.zeros((72, 128), dtype=np.float32)
    wide[:, : read.modalities[0].matrix.shape[1]] = read.modalities[0].matrix
    at_hand = ContentFeatures((replace(read.modalities[0], matrix=wide),))
    assert named(planted, at_hand) == {"semantic_text": "tfidf"}


def test_the_judge_does_not_depend_on_what_a_run_reads_or_corrects(planted: Dataset, quick: ExperimentConfig) -> None:
    other = quick.with_values(
        towers__text_dim=5, off_policy__propensity="learned", off_policy__gamma=3.0, off_policy__smoothing=9.0,
        objective__hide_topics=True,
    )  # fmt: skip
    one, two = (prepare(planted, config) for config in (quick, other))
    assert one.key == two.key
    assert one.judge.judged_by == two.judge.judged_by
    assert np.array_equal(one.judge.target_weight, two.judge.target_weight)  # type: ignore[arg-type]  # both have some
    rows = np.stack([np.delete(np.arange(72), seed)[:5] for seed in one.evaluation.seeds]).astype(np.int32)
    lists = type(train(planted, quick).neighbours)(rows, np.zeros(rows.shape, dtype=np.float32))
    of_one, of_two = one.judge.per_seed(lists), two.judge.per_seed(lists)
    assert set(of_one) == set(of_two)
    for name in of_one:
        np.testing.assert_array_equal(of_one[name], of_two[name])


def train(dataset: Dataset, config: ExperimentConfig) -> Any:
    return drain(train_run(dataset, config, cache=PreparedCache()))


def test_every_measure_of_a_run_has_words_and_its_chance_level(planted: Dataset, quick: ExperimentConfig) -> None:
    deep = [((f"group {row % 2}", f"topic {row % 6}"),) for row in range(72)]
    frame = planted.catalog.frame.assign(**{c.PUBLISHED_AT: pd.to_datetime(np.arange(72) * 100, unit="s")})
    frame[c.TOPICS] = deep
    full = replace(
        planted,
        catalog=Catalog.from_frame(frame, source="planted"),
        teacher=np.eye(72, 3, dtype=np.float32),
        vectors={"visual": VideoVectors(np.eye(72, 5, dtype=np.float32), (Path("visual_vectors.parquet"),))},
    )
    run = train(full, quick)
    references = {measure.chance for measure in MEASURES.values()} - {""} | {"topic_ceiling"}
    assert set(run.estimates) == set(MEASURES) - set(BY_TRUTH) | references  # nothing but the log is known here
    assert set(HEADLINE) < set(MEASURES)
    assert run.info.judge_of("weighted_recall") == "popularity proxy"
    assert run.info.judge_of("semantic_visual") == "file"
    assert run.info.judge_of("content_diversity") == "tfidf"
    assert run.info.judge_of("recall") is None


def test_a_stored_run_keeps_who_judged_it_and_older_cards_still_load(
    planted: Dataset, quick: ExperimentConfig, tmp_path: Path
) -> None:
    store, run = RunStore(tmp_path), train(planted, quick)
    card = store.save(run) / "run.toml"
    assert store.load(run.info.run_id).info == run.info
    values = tomllib.loads(card.read_text())
    del values["judged_by"], values["estimates"]["novelty"], values["config"]["evaluation"]["hidden_share"]
    del values["config"]["objective"]["hide_topics"], values["config"]["objective"]["topic_level"]
    card.write_text(tomli_w.dumps(values))
    back = store.info(run.info.run_id)
    assert back.judged_by == ()
    assert back.config == run.info.config


def test_runs_stay_comparable_where_nothing_that_is_measured_changed(planted: Dataset, quick: ExperimentConfig) -> None:
    assert judged_fingerprint(planted) == planted.fingerprint
    twice = with_catalog(planted, **{c.TITLE: ["the same"] * 2 + [f"other {row}" for row in range(70)]})
    assert judged_fingerprint(twice) != twice.fingerprint  # there topic match is another than before
    wider = quick.with_values(evaluation__hidden_share=0.4)
    assert evaluation_key("print", quick) != evaluation_key("print", wider)
    run = train(planted, quick).info
    assert "share of hidden topics 0.4 instead of 0.3" in why_not_comparable(replace(run, config=wider), run)


def test_the_sample_world_is_judged_by_sentences_and_pictures_that_ship_with_it(tmp_path: Path) -> None:
    """Without the package that made the sentence vectors, and without encoding a picture."""
    sample = load_sample()
    assert named(sample, NOTHING, content_store(tmp_path)) == {
        "semantic_text": "sentence",
        "semantic_visual": "descriptor",
    }
    assert named(sample, NOTHING, None) == {"semantic_text": "tfidf"}


def test_pictures_judge_only_where_every_vector_is_at_hand(tmp_path: Path) -> None:
    sample, store = load_sample(), ContentStore(tmp_path)
    drain(encode(DescriptorEncoder(), frames_of(sample.catalog)[:9], store=store))
    assert "semantic_visual" not in named(sample, NOTHING, store)
