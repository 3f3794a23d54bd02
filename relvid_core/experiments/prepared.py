"""What all runs on the same data, split and evaluation share: made once, then reused."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

import numpy as np

from relvid_core.config import EvaluationConfig, ExperimentConfig
from relvid_core.data.coengagement import CoEngagement, log_of_pairs
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Interactions, Mask
from relvid_core.data.split import cold_rows, split_interactions, split_pairs, without_videos
from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.encoding_progress import EncodingProgress
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import ConfigError, NotEnoughData
from relvid_core.evaluation.fully_observed import AssociationTruth, split_viewers
from relvid_core.evaluation.protocol import EvaluationSet, Judge
from relvid_core.experiments.content import content_key, encode_content, pictures_digest
from relvid_core.experiments.judging import judge_encoders, judge_of, judged_fingerprint
from relvid_core.experiments.known_truth import KnownTruth, known_truths
from relvid_core.runtime import drain

K = TypeVar("K")
V = TypeVar("V")
KEPT = 3  # prepared datasets held in memory at a time


@dataclass(frozen=True)
class Prepared:
    """A dataset cut into what may be seen (`history`, `pairs`, `content`) and what is asked (`judge`)."""

    dataset: Dataset
    key: str
    history: Interactions
    pairs: CoEngagement  # of the history
    content: ContentFeatures
    judge: Judge
    allowed: Mask | None = None  # [n_videos], what lists may hold; None = everything
    truths: tuple[KnownTruth, ...] = ()  # what lists are measured by beside the Judge

    @property
    def evaluation(self) -> EvaluationSet:
        """The seeds that are asked, and their true partners."""
        return self.judge.evaluation


def evaluation_key(dataset_fingerprint: str, config: ExperimentConfig) -> str:
    """Two runs can be compared seed by seed exactly if this is equal: same data, split, pairs and metrics.

    The fingerprint is `judging.judged_fingerprint`.
    """
    split = asdict(config.split)
    if config.split.cold_share == 0:  # named only where it is used: runs stored before it was known stay comparable
        del split["cold_share"]
    evaluation = asdict(config.evaluation)
    if config.evaluation.hidden_share == EvaluationConfig().hidden_share:  # likewise
        del evaluation["hidden_share"]
    asked = [dataset_fingerprint, split, asdict(config.coengagement), evaluation]
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Cut:
    """A dataset cut in time: what may be learned from, and what is asked about."""

    history: Interactions
    pairs: CoEngagement  # of the history
    target: CoEngagement
    observed: AssociationTruth | None = None  # what `target` was read from, where viewers had seen everything


def cut(dataset: Dataset, config: ExperimentConfig) -> Cut:
    """Split, hide the cold videos, and count; the cheap part of `prepare`.

    Raises NotEnoughData where the log is too short, or where nobody has seen everything and the split asks for it.
    """
    if config.split.kind == "fully_observed":
        return _cut_observed(dataset, config)
    cold = cold_rows(dataset.interactions.popularity, config.split.cold_share)
    if dataset.pairs is not None:
        fold_of_pairs = split_pairs(dataset.pairs, config.split)
        history_pairs = fold_of_pairs.history.without(cold) if len(cold) else fold_of_pairs.history
        return Cut(log_of_pairs(history_pairs), history_pairs, fold_of_pairs.target)
    n_videos = len(dataset.catalog)
    fold = split_interactions(dataset.interactions, config.split).fold(config.split.fold)
    history = without_videos(fold.history, cold) if len(cold) else fold.history
    pairs = CoEngagement.from_events(history.engagements, n_videos, config.coengagement)
    asked = replace(config.coengagement, pair_weight="pair")  # what counts as true does not depend on a weighting
    return Cut(history, pairs, CoEngagement.from_events(fold.target.engagements, n_videos, asked))


def _cut_observed(dataset: Dataset, config: ExperimentConfig) -> Cut:
    """The whole log as history: the truth is a log of its own, of which half the viewers are kept for tuning."""
    if dataset.truth is None or dataset.truth_rows is None or dataset.truth_kind != "fully observed":
        raise NotEnoughData(f"{dataset.title}: has no fully observed truth. Use a split in time.")
    if config.split.cold_share > 0:
        raise ConfigError(
            f"split.cold_share: received {config.split.cold_share:g} with split.kind 'fully_observed', which hides "
            "nothing. Set it to 0, or split in time."
        )
    validation, test = split_viewers(dataset.truth, 0.5, np.random.default_rng(0))
    viewers = validation if config.split.fold == "validation" else test
    observed = AssociationTruth.from_log(viewers, dataset.truth_rows)
    history = dataset.interactions
    pairs = CoEngagement.from_events(history.engagements, len(dataset.catalog), config.coengagement)
    return Cut(history, pairs, CoEngagement(observed.partners), observed)


def prepare(
    dataset: Dataset,
    config: ExperimentConfig,
    content: ContentFeatures | None = None,
    *,
    store: ContentStore | None = None,
) -> Prepared:
    """Split, count, encode (unless `content` is at hand) and set up the judge, with what `store` holds of encoders.

    Everything the model sees comes from the history of the fold. Raises NotEnoughData where the log is too short.
    """
    parts = cut(dataset, config)
    evaluation = EvaluationSet.from_coengagement(parts.target, parts.history)
    content = content or drain(encode_content(dataset, config.towers, None))
    encoders = judge_encoders(dataset, content, store)
    allowed = None if parts.observed is None else parts.observed.allowed
    judge = judge_of(evaluation, dataset, parts.history, config.evaluation, encoders, allowed)
    key = evaluation_key(judged_fingerprint(dataset), config)
    truths = known_truths(dataset, parts.history, parts.observed, per_user=config.split.kind == "per_user")
    return Prepared(dataset, key, parts.history, parts.pairs, content, judge, allowed, truths)


class PreparedCache:
    """The last few prepared datasets, safe for several threads; the same one is never prepared twice at once."""

    def __init__(self, kept: int = KEPT, store: ContentStore | None = None) -> None:
        """Content vectors are looked up in `store`, and kept there; None: they are encoded anew in each process."""
        self._kept = kept
        self._store = store
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], Prepared] = OrderedDict()
        self._content: OrderedDict[str, tuple[str, ContentFeatures]] = OrderedDict()  # with the digest of the pictures

    def encode(self, dataset: Dataset, config: ExperimentConfig) -> Generator[EncodingProgress, None, None]:
        """Have the content ready for `get`, with progress; at once where nothing changed. Closing it stops it."""
        key = content_key(dataset, config.towers)
        pictures = pictures_digest(dataset) if config.towers.use_visual else ""
        with self._lock:
            held = self._content.get(key)
        if held is None or held[0] != pictures:
            content = yield from encode_content(dataset, config.towers, self._store)
            with self._lock:
                self._keep_content(key, pictures, content)

    def get(self, dataset: Dataset, config: ExperimentConfig) -> Prepared:
        """The prepared dataset for this config, from memory where it is held."""
        with self._lock:
            wanted = content_key(dataset, config.towers)
            if wanted not in self._content:
                pictures = pictures_digest(dataset) if config.towers.use_visual else ""
                content = drain(encode_content(dataset, config.towers, self._store))
                self._keep_content(wanted, pictures, content)
            self._content.move_to_end(wanted)
            _, content = self._content[wanted]
            key = (evaluation_key(judged_fingerprint(dataset), config), wanted)
            if key not in self._held:
                self._held[key] = prepare(dataset, config, content, store=self._store)
                _forget_oldest(self._held, self._kept)
            self._held.move_to_end(key)
            return self._held[key]

    def _keep_content(self, key: str, pictures: str, content: ContentFeatures) -> None:
        self._content[key] = (pictures, content)
        self._content.move_to_end(key)
        for stale in [held for held in self._held if held[1] == key]:
            del self._held[stale]
        _forget_oldest(self._content, self._kept)


def _forget_oldest(held: OrderedDict[K, V], kept: int) -> None:
    """The least recently used make way."""
    while len(held) > kept:
        held.popitem(last=False)
