"""Topics are found where they were planted, named by their own words, and stay the same for a seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from relvid_core.data.catalog import Catalog
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.intake.proposals import NO_TOPIC, apply_topics, distinctive_terms, propose_topics
from relvid_core.intake.topic_text import subject_terms, topic_features
from relvid_core.simulation.loader import load_sample

_LISTS = """
baking: bread oven flour dough yeast crust sourdough kneading rye loaf butter pastry baguette crumb
chess: opening gambit rook endgame knight bishop castling pawn blunder sacrifice queen tempo fianchetto fork
sailing: boat wind harbour anchor mast sail rudder keel regatta tide jib helm mooring hull
piano: keys sonata pedal chord scales nocturne hammer etude octave prelude waltz arpeggio fugue trill
"""
WORDS = {line.split(":")[0]: line.split(":")[1].split() for line in _LISTS.strip().splitlines()}
CHINESE = {
    "烘焙": ["面包", "烤箱", "面粉", "酵母", "蛋糕", "奶油"],
    "钢琴": ["琴键", "和弦", "奏鸣", "练习", "踏板", "乐谱"],
    "帆船": ["港口", "风浪", "船锚", "桅杆", "航海", "海图"],
}


def catalog_of(titles: list[str], descriptions: list[str] | None = None) -> Catalog:
    frame = pd.DataFrame({"video_id": [f"v{i}" for i in range(len(titles))], "title": titles})
    return Catalog.from_frame(frame if descriptions is None else frame.assign(description=descriptions), source="t")


@pytest.fixture(scope="module")
def planted() -> tuple[Catalog, np.ndarray]:
    """240 videos of four topics, in set phrases that say nothing."""
    rng = np.random.default_rng(0)
    topic = np.arange(240) % 4
    names = list(WORDS)
    phrases = ["How to begin with {}", "What nobody tells you about {}", "The best of {}", "Watch this before {}"]
    titles = [phrases[rng.integers(4)].format(f"{names[t]}: {rng.choice(WORDS[names[t]])}") for t in topic]
    texts = ["Filmed in one take. In this we look at " + " ".join(rng.choice(WORDS[names[t]], 4)) for t in topic]
    return catalog_of(titles, texts), topic


def test_planted_topics_are_found_and_named(planted: tuple[Catalog, np.ndarray]) -> None:
    catalog, topic = planted
    proposal = propose_topics(catalog, topic_features(catalog), n_topics=4)
    assert adjusted_rand_score(topic, proposal.assignment) > 0.9
    assert proposal.sizes == np.bincount(proposal.assignment).tolist() == sorted(proposal.sizes, reverse=True)
    for group in range(4):
        true = list(WORDS)[np.bincount(topic[proposal.assignment == group]).argmax()]
        assert set(proposal.terms[group][:5]) <= {true, *WORDS[true]}
        assert true in proposal.terms[group][:2]
        assert proposal.names[group] == " · ".join(proposal.terms[group][:3])
    assert proposal.silhouette > 0.1


def test_their_number_is_found_too(planted: tuple[Catalog, np.ndarray]) -> None:
    catalog, topic = planted
    proposal = propose_topics(catalog, topic_features(catalog), n_topics=None)
    assert len(proposal.names) == 4
    assert adjusted_rand_score(topic, proposal.assignment) > 0.9


def test_same_seed_same_topics(planted: tuple[Catalog, np.ndarray]) -> None:
    catalog, _ = planted
    features = topic_features(catalog)
    first, second = (propose_topics(catalog, features, n_topics=6, seed=5) for _ in range(2))
    assert first.names == second.names
    assert np.array_equal(first.assignment, second.assignment)


def test_chinese_titles_are_named_by_their_characters() -> None:
    rng = np.random.default_rng(1)
    names = list(CHINESE)
    topic = np.arange(90) % 3
    catalog = catalog_of([f"学习{names[t]}之{''.join(rng.choice(CHINESE[names[t]], 3, replace=False))}" for t in topic])
    proposal = propose_topics(catalog, topic_features(catalog), n_topics=3)
    assert adjusted_rand_score(topic, proposal.assignment) > 0.9
    for group in range(3):
        true = names[np.bincount(topic[proposal.assignment == group]).argmax()]
        assert any(term in "".join([true, *CHINESE[true]]) for term in proposal.terms[group][:3])


def test_c_tf_idf_by_hand() -> None:
    texts = ["apple apple pear", "pear plum plum", "apple apple pear", "pear plum plum"]
    terms = distinctive_terms(texts, np.array([0, 1, 0, 1]), 2)
    # Each group has 6 terms: A = 6. apple: 4/6 · log(1 + 6/4); pear: 2/6 · log(1 + 6/4).
    assert terms == [["apple", "pear"], ["plum", "pear"]]


def test_set_phrases_fall_away_and_common_subjects_stay() -> None:
    near, kinds = ("about", "with", "for", "of"), ("rocky", "sandy", "windy", "quiet", "green")
    texts = [f"filmed in one take {word} sailing {kind} coast" for word in near for kind in kinds]
    assert subject_terms(texts)[0] == ["sailing", "rocky", "coast"]
    assert subject_terms(["prime numbers"] * 50)[0] == ["prime", "numbers"]


def features_of(matrix: np.ndarray) -> ContentFeatures:
    present = np.abs(matrix).sum(axis=1) > 0
    return ContentFeatures((Modality("text", "test", matrix.astype(np.float32), present),))


def test_videos_without_content_have_no_topic() -> None:
    matrix = np.zeros((12, 2))
    matrix[:5, 0], matrix[5:10, 1] = 1.0, 1.0
    catalog = catalog_of([f"t{i}" for i in range(12)])
    proposal = propose_topics(catalog, features_of(matrix), n_topics=2)
    assert proposal.assignment[10:].tolist() == [NO_TOPIC, NO_TOPIC]
    assert proposal.sizes == [5, 5]
    assert apply_topics(catalog, proposal).topics.paths[11] == ()


def test_topics_are_renamed_merged_and_dropped() -> None:
    matrix = np.repeat(np.eye(3), [5, 4, 3], axis=0)
    catalog = catalog_of([f"t{i}" for i in range(12)])
    proposal = propose_topics(catalog, features_of(matrix), n_topics=3)
    named = apply_topics(catalog, proposal, {0: "A|a > b", 1: "B", 2: ""})
    assert [named.topics.labels(row) for row in (0, 5, 9)] == [["A/a › b"], ["B"], []]
    merged = apply_topics(catalog, proposal, {0: "A"}, {1: 0, 2: 1})
    assert {merged.topics.labels(row)[0] for row in range(12)} == {"A"}
    assert {
        label for row in range(12) for label in apply_topics(catalog, proposal, {0: "X", 1: "X"}).topics.labels(row)
    } == {
        "X",
        proposal.names[2],
    }
    with pytest.raises(DataError, match="no group 7"):
        apply_topics(catalog, proposal, {7: "A"})
    with pytest.raises(DataError, match="Propose them again"):
        apply_topics(catalog_of(["x"]), proposal)


def test_too_little_content_is_refused() -> None:
    catalog = catalog_of(["", ""])
    with pytest.raises(NotEnoughData, match="topics"):
        topic_features(catalog)
    with pytest.raises(NotEnoughData, match="no content"):
        propose_topics(catalog, ContentFeatures(), n_topics=None)
    with pytest.raises(NotEnoughData, match="distinct"):
        propose_topics(catalog_of(list("abcdef")), features_of(np.ones((6, 2))), n_topics=2)
    with pytest.raises(DataError, match="propose 2 to"):
        propose_topics(catalog_of(list("abcdef")), features_of(np.eye(6)), n_topics=1)


def test_sample_world_groups_agree_with_its_topics_beyond_chance() -> None:
    catalog = load_sample().catalog
    leaf = [paths[0] for paths in catalog.topics.paths]
    number = {path: i for i, path in enumerate(sorted(set(leaf)))}
    truth = [number[path] for path in leaf]
    proposal = propose_topics(catalog, topic_features(catalog), n_topics=48)
    shuffled = np.random.default_rng(0).permutation(truth)
    assert normalized_mutual_info_score(truth, proposal.assignment) > 0.35
    assert normalized_mutual_info_score(shuffled, proposal.assignment) < 0.3
    assert adjusted_rand_score(truth, proposal.assignment) > 0.1
