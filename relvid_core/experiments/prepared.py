"""What all runs on the same data, split and evaluation share: made once, then reused."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement, log_of_pairs
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Interactions
from relvid_core.data.split import split_interactions, split_pairs
from relvid_core.encoders.features import ContentFeatures
from relvid_core.encoders.text import encode_text
from relvid_core.evaluation.protocol import EvaluationSet, Judge
from relvid_core.runtime import seed_for

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

    @property
    def evaluation(self) -> EvaluationSet:
        """The seeds that are asked, and their true partners."""
        return self.judge.evaluation


def evaluation_key(dataset_fingerprint: str, config: ExperimentConfig) -> str:
    """Two runs can be compared seed by seed exactly if this is equal: same data, split, pairs and metrics."""
    asked = [dataset_fingerprint, asdict(config.split), asdict(config.coengagement), asdict(config.evaluation)]
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Cut:
    """A dataset cut in time: what may be learned from, and what is asked about."""

    history: Interactions
    pairs: CoEngagement  # of the history
    target: CoEngagement


def cut(dataset: Dataset, config: ExperimentConfig) -> Cut:
    """Split and count; the cheap part of `prepare`. Raises NotEnoughData where the log is too short."""
    if dataset.pairs is not None:
        fold_of_pairs = split_pairs(dataset.pairs, config.split)
        return Cut(log_of_pairs(fold_of_pairs.history), fold_of_pairs.history, fold_of_pairs.target)
    n_videos = len(dataset.catalog)
    fold = split_interactions(dataset.interactions, config.split).fold(config.split.fold)
    pairs = CoEngagement.from_events(fold.history.engagements, n_videos, config.coengagement)
    asked = replace(config.coengagement, pair_weight="pair")  # what counts as true does not depend on a weighting
    return Cut(fold.history, pairs, CoEngagement.from_events(fold.target.engagements, n_videos, asked))


def prepare(dataset: Dataset, config: ExperimentConfig) -> Prepared:
    """Split, count, encode and set up the judge.

    Everything the model sees comes from the history of the fold. Raises NotEnoughData where the log is too short.
    """
    parts = cut(dataset, config)
    evaluation = EvaluationSet.from_coengagement(parts.target, parts.history)
    judge = Judge.from_data(evaluation, dataset.catalog.topics, parts.history.popularity, config.evaluation)
    text = ContentFeatures((encode_text(dataset.catalog.text, dim=config.towers.text_dim, seed=seed_for(0, "text")),))
    return Prepared(dataset, evaluation_key(dataset.fingerprint, config), parts.history, parts.pairs, text, judge)


class PreparedCache:
    """The last few prepared datasets, safe for several threads; the same one is never prepared twice at once."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, int], Prepared] = OrderedDict()

    def get(self, dataset: Dataset, config: ExperimentConfig) -> Prepared:
        """The prepared dataset for this config, from memory where it is held."""
        key = (evaluation_key(dataset.fingerprint, config), config.towers.text_dim)
        with self._lock:
            if key not in self._held:
                self._held[key] = prepare(dataset, config)
            self._held.move_to_end(key)
            while len(self._held) > self._kept:
                self._held.popitem(last=False)
            return self._held[key]
