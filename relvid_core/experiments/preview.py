"""What a trained model would show at another ω and κ, at once: lists, measures and a neighbour list of any video.

Two heads are blended when lists are made and κ only ranks, so no training is needed to move either. It is a preview
still: a model that is trained for a mix shares all its parameters between both aims. `confirm` says how far they are
apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.dataset import Dataset
from relvid_core.errors import RunError
from relvid_core.evaluation.instant import InstantJudge, Reading
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH, EvaluationSet, Judge
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run, RunInfo, list_length
from relvid_core.retrieval.blend import Shortlists, prepare, shares_of
from relvid_core.retrieval.ranking import Neighbours, top_k_of_scores
from relvid_core.runtime import generator

HEADLINE: Final = (RECALL, TOPIC_MATCH, POPULAR_SHARE)
WIDTH_A_PLACE: Final = 26  # twice the least of `blend`: in catalogues with many equal videos half as many full searches
MIN_SEEDS, MAX_CELLS = 1000, 20_000_000  # seeds × videos: keeps a step below a tenth of a second on one core
KEPT: Final = 3  # previews in memory, some 30 MB each at 10,000 videos
_LISTS_SHARE: Final = 0.95  # of the work of preparing


@dataclass(frozen=True)
class Position:
    """Where the sliders stand."""

    omega: float  # share of the engagement head; without meaning for a shared one
    kappa: float

    @classmethod
    def of(cls, config: ExperimentConfig) -> Position:
        """The position at which a run's stored lists were made."""
        return cls(config.objective.blend, config.objective.popularity_term)


@dataclass(frozen=True)
class View:
    """Lists of the measured seeds at one position, and what they are like. No intervals."""

    position: Position
    lists: Neighbours  # [n_seeds, k]
    reading: Reading


@dataclass(frozen=True)
class Change:
    """One measure at the start and now."""

    metric: str
    start: float
    now: float

    @property
    def difference(self) -> float:
        """Now − start."""
        return self.now - self.start


@dataclass(frozen=True)
class Preview:
    """A model whose sliders are ready to move. Made by `prepare_preview`."""

    info: RunInfo
    shortlists: Shortlists
    judge: InstantJudge  # of the measured seeds
    picked: Rows  # [n_seeds], their places among the seeds of the run
    n_all: int  # seeds of the run
    start: View

    @property
    def split(self) -> bool:
        """Whether ω has something to mix."""
        return len(self.shortlists.heads) == 2

    @property
    def sampled(self) -> bool:
        """Whether only some of the run's seeds are measured."""
        return len(self.picked) < self.n_all

    def at(self, position: Position) -> View:
        """Lists and measures at a position."""
        return _view(self.shortlists, self.judge, position)

    def list_of(self, row: int, position: Position) -> Neighbours:
        """The list of any one video by exact search, `[1, list length]`."""
        heads, n_videos = self.shortlists.heads, len(self.shortlists.lift)
        scores = np.float32(position.kappa) * self.shortlists.lift
        for share, head in zip(shares_of(len(heads), position.omega), heads, strict=True):
            scores = scores + np.float32(share) * (head.candidate @ head.seed[row])
        length = list_length(self.info.config, n_videos)
        return top_k_of_scores(scores[None, :], length, np.array([row], dtype=np.int32))


def prepare_preview(run: Run, prepared: Prepared) -> Generator[float, None, Preview]:
    """Make a model's sliders ready; yields the share that is done, and closing the generator stops soon.

    At most 20 million seeds × videos are measured (but 1,000 seeds): beyond, a random sample of the seeds, always the
    same. Raises RunError for a baseline, and for a run that was measured on other seeds than `prepared` has.
    """
    if run.towers is None:
        raise RunError(f"run {run.info.label!r} is a baseline and has no towers to mix. Choose a trained model.")
    if prepared.allowed is not None:
        raise RunError(
            f"run {run.info.label!r}: its lists hold the fully observed videos alone, which the sliders cannot mix. "
            "Choose a run that was split in time."
        )
    if not np.array_equal(run.seeds, prepared.evaluation.seeds):
        raise RunError(
            f"run {run.info.label!r}: its {len(run.seeds)} seed videos are not the {prepared.evaluation.n_seeds} of "
            "the present data. Train it again."
        )
    config = run.info.config
    lift = config.objective.temperature * prepared.pairs.log_marginal
    picked = measured_seeds(len(run.seeds), run.info.n_videos)
    seeds = run.seeds[picked]
    making = prepare(run.towers.heads, lift, k=config.evaluation.k, seeds=seeds, width=_width(config.evaluation.k))
    try:
        while True:
            yield _LISTS_SHARE * next(making)
    except StopIteration as done:
        shortlists: Shortlists = done.value
    finally:
        making.close()
    judge = InstantJudge.from_judge(_judge_of(prepared.judge, picked))
    return Preview(run.info, shortlists, judge, picked, len(run.seeds), _view(shortlists, judge, Position.of(config)))


def measured_seeds(n_seeds: int, n_videos: int) -> Rows:
    """Places of the seeds that are measured, ascending.

    >>> len(measured_seeds(2100, 2400)), len(measured_seeds(9000, 10_000)), len(measured_seeds(5000, 10**6))
    (2100, 2000, 1000)
    """
    most = max(MIN_SEEDS, MAX_CELLS // n_videos)
    every = np.arange(n_seeds, dtype=np.int32)
    if n_seeds <= most:
        return every
    return np.sort(generator(0, "preview seeds").choice(every, most, replace=False))


def changes(start: View, now: View, metrics: tuple[str, ...] = HEADLINE) -> list[Change]:
    """The measures of one view against those of another."""
    return [Change(metric, start.reading.means[metric], now.reading.means[metric]) for metric in metrics]


def split_config(dataset: Dataset) -> ExperimentConfig | None:
    """Settings that train both heads on a dataset; None where nothing says what is relevant."""
    plain = ExperimentConfig().with_values(towers__heads="split", objective__relevance_weight=1.0)
    if dataset.has_topics:
        return plain
    if dataset.ratings is not None:
        return plain.with_values(objective__relevance_source="ratings")
    return None if dataset.teacher is None else plain.with_values(objective__relevance_source="teacher")


def default_model(models: list[RunInfo]) -> RunInfo:
    """The newest model with split heads, else the newest; `models` is newest first and not empty."""
    return next((info for info in models if info.config.towers.heads == "split"), models[0])


class PreviewCache:
    """The last few previews by the id of their run, safe for several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Preview] = OrderedDict()

    def get(self, run_id: str) -> Preview | None:
        """The preview of a run, None if it is not held."""
        with self._lock:
            if run_id in self._held:
                self._held.move_to_end(run_id)
            return self._held.get(run_id)

    def keep(self, preview: Preview) -> None:
        """Hold a preview, and let go of the one that was not asked for longest."""
        with self._lock:
            self._held[preview.info.run_id] = preview
            self._held.move_to_end(preview.info.run_id)
            while len(self._held) > self._kept:
                self._held.popitem(last=False)


def _view(shortlists: Shortlists, judge: InstantJudge, position: Position) -> View:
    lists = shortlists.at(omega=position.omega, kappa=position.kappa).neighbours
    return View(position, lists, judge.measure(lists))


def _judge_of(judge: Judge, picked: Rows) -> Judge:
    """The same judge for some of its seeds."""
    whole = judge.evaluation
    none = whole.cold_seeds[:0]
    some = EvaluationSet(whole.seeds[picked], whole.truth[picked], none, whole.cold_truth[:0], whole.known)
    return replace(judge, evaluation=some)


def _width(k: int) -> int:
    return max(512, WIDTH_A_PLACE * k)
