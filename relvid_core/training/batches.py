"""Batches of whole rows: a seed video with all its partners, counted once, against every candidate or a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.propensity import Weights
from relvid_core.data.relevance import RelevanceGrades, TopicGrades
from relvid_core.training.candidates import CandidateSample, CandidateSampler
from relvid_core.training.grouped import GroupedTarget, grouped_target
from relvid_core.training.losses import SparseTarget, relevance_target

FULL_SOFTMAX_UP_TO = 30_000  # videos; above, "auto" samples; `python -m benchmarks.softmax` measures both
GROUPED_BELOW = 4_000  # sets of topics; with more, a target by groups is hardly smaller than one by videos


@dataclass(frozen=True)
class SharedSample:
    """The candidates that a batch shares, and which of its pairs and seeds are among them: (row, place in sample)."""

    drawn: CandidateSample
    hits: tuple[torch.Tensor, torch.Tensor]  # accidental: positives of the row that were drawn
    own: tuple[torch.Tensor, torch.Tensor]  # seeds that were drawn
    entry_drawn: torch.Tensor  # [e] which entries of `engaged` the hits are


@dataclass(frozen=True)
class Batch:
    """One step's worth of seeds and what they should retrieve; c is the catalogue, or the sample where there is one."""

    seeds: torch.Tensor  # [b] rows
    engaged: SparseTarget  # N_ij w_j; columns are rows of the catalogue
    mass: float | None  # what L_e is divided by; None: the sum of `engaged`
    relevant: torch.Tensor | GroupedTarget | None  # [b, c], rows sum to 1 or are all zero
    off_topic: SparseTarget | None  # entries of `engaged` that are not relevant, columns in c; None: not asked for
    sample: SharedSample | None
    unknown: torch.Tensor | None = None  # [c], True: of unknown relevance, no part of that softmax; None: all are known


def uses_sample(config: ExperimentConfig, n_videos: int) -> bool:
    """Whether training takes a sample of candidates instead of the whole catalogue."""
    softmax = config.training.softmax
    large = n_videos > FULL_SOFTMAX_UP_TO
    return softmax == "sampled" or (softmax == "auto" and large)


class BatchSource:
    """Shuffles the seeds of the co-engagement matrix and looks up both targets."""

    def __init__(
        self,
        pairs: CoEngagement,
        weight: Weights,
        grades: RelevanceGrades | None,
        config: ExperimentConfig,
        *,
        device: torch.device,
        rng: np.random.Generator,
    ) -> None:
        """`grades` say which candidates are relevant to a seed; None switches that loss off."""
        self._indptr = pairs.matrix.indptr.astype(np.int64)
        self._column = pairs.matrix.indices
        self._count = pairs.matrix.data
        self._weight = weight.astype(np.float32)
        self._seeds = pairs.seeds
        self._config = config
        self._grades = grades
        self._device = device
        self._rng = rng
        self._groups = grades if isinstance(grades, TopicGrades) and len(grades.members) < GROUPED_BELOW else None
        if self._groups is not None:
            self._group = torch.from_numpy(self._groups.group).to(device)
            self._members = torch.from_numpy(self._groups.members.astype(np.float32)).to(device)
        self._unknown: torch.Tensor | None = None
        if grades is not None and grades.unknown is not None:
            self._unknown = torch.from_numpy(grades.unknown).to(device)
        self._sampler: CandidateSampler | None = None
        if uses_sample(config, pairs.matrix.shape[0]):
            self._sampler = CandidateSampler(
                pairs.candidate_marginal, config.training.sampled_candidates, log_q=config.training.log_q, rng=rng
            )

    @property
    def n_batches(self) -> int:
        """Steps of one epoch."""
        return max(1, round(len(self._seeds) / self._config.training.batch_seeds))

    def epoch(self) -> Iterator[Batch]:
        """Every seed once, in random order."""
        for seeds in np.array_split(self._rng.permutation(self._seeds), self.n_batches):
            yield self._batch(np.sort(seeds))

    def _batch(self, seeds: np.ndarray) -> Batch:
        start, stop = self._indptr[seeds], self._indptr[seeds + 1]
        size = stop - start
        row = np.repeat(np.arange(len(seeds)), size)
        entry = np.arange(size.sum()) + np.repeat(start - (np.cumsum(size) - size), size)
        column = self._column[entry].astype(np.int64)
        count = self._count[entry]
        mass = None if self._config.off_policy.self_normalise else float(count.sum())
        engaged = self._target(row, column, count * self._weight[column])
        sample = self._draw(seeds, row, column)
        relevant, off_topic = self._relevance(seeds, engaged, sample)
        rows_of_seeds = torch.from_numpy(seeds.astype(np.int64)).to(self._device)
        unknown = self._unknown
        if unknown is not None and sample is not None:
            unknown = unknown[sample.drawn.rows]
        return Batch(rows_of_seeds, engaged, mass, relevant, off_topic, sample, unknown)

    def _target(self, row: np.ndarray, column: np.ndarray, value: np.ndarray) -> SparseTarget:
        return SparseTarget(
            torch.from_numpy(row).to(self._device),
            torch.from_numpy(column).to(self._device),
            torch.from_numpy(value).to(self._device),
        )

    def _draw(self, seeds: np.ndarray, row: np.ndarray, column: np.ndarray) -> SharedSample | None:
        if self._sampler is None:
            return None
        drawn = self._sampler.draw(self._device)
        place = drawn.place[column]
        own = self._places(drawn.place[seeds], np.arange(len(seeds)))
        return SharedSample(drawn, self._places(place, row), own, torch.from_numpy(place >= 0).to(self._device))

    def _places(self, place: np.ndarray, row: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        drawn = place >= 0
        return torch.from_numpy(row[drawn]).to(self._device), torch.from_numpy(place[drawn]).to(self._device)

    def _relevance(
        self, seeds: np.ndarray, engaged: SparseTarget, sample: SharedSample | None
    ) -> tuple[torch.Tensor | GroupedTarget | None, SparseTarget | None]:
        """What is relevant to the seeds, and which of their partners are not (where hard negatives are on)."""
        if self._grades is None:
            return None, None
        settings = self._config.objective
        relevant: torch.Tensor | GroupedTarget
        if self._groups is not None and sample is None:
            own = self._groups.group[seeds]
            grades = torch.from_numpy(self._groups.by_group(seeds)).to(self._device)
            own_group = torch.from_numpy(own).to(self._device)
            relevant = grouped_target(grades, self._members, self._group, own_group, settings.relevance_temperature)
            of_engaged = grades[engaged.row, self._group[engaged.column]]
        else:
            columns = None if sample is None else sample.drawn.rows.cpu().numpy()
            grades = torch.from_numpy(self._grades.rows(seeds, columns)).to(self._device)
            log_weight = None if sample is None else sample.drawn.log_weight
            relevant = relevance_target(grades, settings.relevance_temperature, log_weight=log_weight)
            rows, places = (engaged.row, engaged.column) if sample is None else sample.hits
            of_engaged = grades[rows, places]
        if settings.hard_negatives == 0:
            return relevant, None
        rows, places = (engaged.row, engaged.column) if sample is None else sample.hits
        wrong = of_engaged == 0
        return relevant, SparseTarget(rows[wrong], places[wrong], torch.ones_like(of_engaged[wrong]))
