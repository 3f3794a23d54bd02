"""The judge of a dataset: everything that lists are measured by, the same for every run with the same evaluation key.

Nothing here may depend on what a run's towers read or how it is corrected, or its measures could not be compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from relvid_core import columns as c
from relvid_core.config import EvaluationConfig, OffPolicyConfig, TowersConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.hidden_topics import hidden_videos
from relvid_core.data.interactions import Interactions, Mask
from relvid_core.data.propensity import Propensity
from relvid_core.encoders.content_hash import content_digest
from relvid_core.encoders.content_store import ContentStore, read_card
from relvid_core.encoders.contract import EncoderCard, Frames, Matrix
from relvid_core.encoders.descriptor import DescriptorEncoder
from relvid_core.encoders.encode import encode
from relvid_core.encoders.features import ContentFeatures
from relvid_core.encoders.frames import frames_of
from relvid_core.encoders.text import TfidfEncoder
from relvid_core.evaluation import novelty
from relvid_core.evaluation.facets import CONTENT_DIVERSITY, Facet, FreshnessFacet, NoveltyFacet, TopicDiversityFacet
from relvid_core.evaluation.judge_encoders import (
    SEMANTIC_TEACHER,
    SEMANTIC_TEXT,
    SEMANTIC_VISUAL,
    JudgeEncoder,
    JudgeName,
)
from relvid_core.evaluation.likeness import UnitVectors
from relvid_core.evaluation.protocol import WEIGHTED_RECALL, EvaluationSet, Judge
from relvid_core.evaluation.topic_match import topic_labels
from relvid_core.evaluation.topic_readings import FineTopics, HiddenTopics
from relvid_core.runtime import drain

MOST_TEXTS: Final = 30_000  # texts that are encoded for the judge alone, which takes some seconds; else it goes without
JudgedBy = tuple[tuple[str, str], ...]  # metric → the encoder or the kind of propensity that it stands on


@dataclass(frozen=True)
class EncoderVectors:
    """What one judge encoder says about every video."""

    metric: str
    name: JudgeName
    matrix: Matrix  # [n_videos, dim], zero where it knows nothing


def judge_of(
    evaluation: EvaluationSet,
    dataset: Dataset,
    history: Interactions,
    config: EvaluationConfig,
    encoders: Sequence[EncoderVectors] = (),
    allowed: Mask | None = None,
) -> Judge:
    """The judge of lists for `evaluation`; popularity, propensity and dates are as the `history` knew them.

    `allowed` `[n_videos]` is what lists may hold, None for everything.
    """
    propensity = default_propensity(history)
    return Judge.from_data(
        evaluation,
        dataset.catalog.topics,
        history.popularity,
        config,
        target_weight=1.0 / propensity.value,
        copies=dataset.copies,
        facets=tuple(_facets(dataset, history, config, encoders)),
        judged_by=((WEIGHTED_RECALL, propensity.kind), *_encoder_names(encoders)),
        allowed=allowed,
    )


def default_propensity(history: Interactions) -> Propensity:
    """How likely videos were to be shown, by the defaults: exposures where the log has them, else watch counts.

    Never by a run's own settings: weighted recall must be the same measure for every run.
    """
    return Propensity.from_log(history, OffPolicyConfig())


def _facets(
    dataset: Dataset, history: Interactions, config: EvaluationConfig, encoders: Sequence[EncoderVectors]
) -> Iterator[Facet]:
    topics, copies = dataset.catalog.topics, dataset.copies
    yield NoveltyFacet(novelty.self_information(novelty.viewers(history), history.n_users))
    if topics.n_levels:
        labels = topic_labels(topics, config.topic_rule, config.topic_level)
        yield TopicDiversityFacet(labels)
        yield HiddenTopics.from_labels(labels, hidden_videos(topics, config.hidden_share), copies)
        fine = FineTopics.from_topics(topics, config.topic_rule, copies)
        if fine is not None:
            yield fine
    dates = dataset.catalog.frame[c.PUBLISHED_AT]
    if dates.notna().any() and history.engagements.timestamp is not None:
        yield FreshnessFacet(novelty.age_days(dates, novelty.end_of_history(history)))
    of_content = _diversity_by(encoders)
    for judge in encoders:
        vectors = UnitVectors.from_vectors(judge.matrix)
        yield JudgeEncoder(judge.metric, judge.name, vectors, copies, diversity=judge is of_content)


def _diversity_by(encoders: Sequence[EncoderVectors]) -> EncoderVectors | None:
    """Whose vectors say how diverse lists are: the text's, else the pictures', else the teacher's."""
    by_metric = {judge.metric: judge for judge in encoders}
    wanted = (SEMANTIC_TEXT, SEMANTIC_VISUAL, SEMANTIC_TEACHER)
    return next((by_metric[metric] for metric in wanted if metric in by_metric), None)


def _encoder_names(encoders: Sequence[EncoderVectors]) -> JudgedBy:
    of_content = _diversity_by(encoders)
    names = tuple((judge.metric, judge.name) for judge in encoders)
    return names if of_content is None else (*names, (CONTENT_DIVERSITY, of_content.name))


def judged_fingerprint(dataset: Dataset) -> str:
    """The dataset's fingerprint, and its copies where it has some: runs made before they were left out differ."""
    if len(np.unique(dataset.copies)) == len(dataset.copies):
        return dataset.fingerprint
    return f"{dataset.fingerprint}/copies {hashlib.sha256(dataset.copies.tobytes()).hexdigest()[:16]}"


def judge_encoders(
    dataset: Dataset, content: ContentFeatures, store: ContentStore | None
) -> tuple[EncoderVectors, ...]:
    """The encoders that can judge this dataset without a download or a long encoding.

    Of text: the user's own vectors; else sentence vectors that ship with the data; else TF-IDF. Of pictures: the user's
    own vectors, else the descriptors where they are at hand. And the teacher. The choice depends on the data alone;
    `content`, what a run's towers read, only spares encoding the same again.
    """
    found: list[EncoderVectors] = []
    if dataset.teacher is not None:
        found.append(EncoderVectors(SEMANTIC_TEACHER, "teacher", dataset.teacher))
    name, text = _text_vectors(dataset, content, store)
    if text is not None and text.any():
        found.append(EncoderVectors(SEMANTIC_TEXT, name, text))
    name, visual = _visual_vectors(dataset, content, store)
    if visual is not None and visual.any():
        found.append(EncoderVectors(SEMANTIC_VISUAL, name, visual))
    return tuple(found)


def _text_vectors(
    dataset: Dataset, content: ContentFeatures, store: ContentStore | None
) -> tuple[JudgeName, Matrix | None]:
    if "text" in dataset.vectors:
        return "file", dataset.vectors["text"].matrix
    texts = dataset.catalog.text
    shipped = _shipped_sentences(texts, store)
    if shipped is not None:
        return "sentence", shipped
    encoder = TfidfEncoder(TowersConfig().text_dim)
    read = content.named("text")
    by_it = read is not None and read.encoder == f"{encoder.card.name} {encoder.card.version}"
    if read is not None and by_it and read.matrix.shape[1] == encoder.dim:
        return "tfidf", read.matrix
    if len(texts) > MOST_TEXTS:
        return "tfidf", None
    return "tfidf", drain(encode(encoder, texts, store=store)).matrix


def _shipped_sentences(texts: list[str], store: ContentStore | None) -> Matrix | None:
    """Ready-made sentence vectors of all these texts, found without the package that made them."""
    for root in () if store is None else store.shipped:
        for folder in sorted(root.glob("*/")):
            card = read_card(folder)
            if card is not None and card.name == "sentence":
                return _at_hand(card, texts, ContentStore(root))
    return None


def _visual_vectors(
    dataset: Dataset, content: ContentFeatures, store: ContentStore | None
) -> tuple[JudgeName, Matrix | None]:
    if "visual" in dataset.vectors:
        return "file", dataset.vectors["visual"].matrix
    card = DescriptorEncoder().card
    read = content.named("visual")
    if read is not None and read.encoder == f"{card.name} {card.version}":
        return "descriptor", read.matrix
    if store is None or not any(frames := frames_of(dataset.catalog)):
        return "descriptor", None
    return "descriptor", _at_hand(card, frames, store)


def _at_hand(card: EncoderCard, contents: Sequence[str] | Sequence[Frames], store: ContentStore) -> Matrix | None:
    """The vectors of all contents where the store has every one, `[n_videos, dim]`."""
    digests = [content_digest(content) for content in contents]
    distinct = list(dict.fromkeys(digests))
    found = store.find(card, distinct)
    if not found.known.all():
        return None
    place = {digest: row for row, digest in enumerate(distinct)}
    return found.matrix[[place[digest] for digest in digests]]
