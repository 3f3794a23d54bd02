"""A trained ladder, read from stored runs: its steps, its references, and what they come to in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig, TowersConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.cold_references import ColdReferences, cold_references
from relvid_core.experiments.ladder import TITLES, Ladder, LadderStep, RungName, climb
from relvid_core.experiments.ladder_words import ladder_sentences
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore


@dataclass(frozen=True)
class LadderReading:
    """What a page shows of a ladder."""

    k: int
    confidence: float
    n_seeds: int  # seed videos with a history
    steps: list[LadderStep]  # from the bottom up
    sentences: list[str]  # the first is the headline
    cold: ColdReferences | None  # None where no seed is cold
    topic_chance: float
    topics_train: bool  # the relevance rung learned from the topics that topic match is graded by


def seeded_ladders(base: ExperimentConfig, n_seeds: int, dataset: Dataset, *, has_pictures: bool) -> list[Ladder]:
    """One ladder for each of the training seeds 0 … n − 1. Raises ConfigError."""
    return [
        Ladder.of(base.with_values(training__seed=seed), dataset, has_pictures=has_pictures) for seed in range(n_seeds)
    ]


def read_ladder(
    run_ids: Mapping[RungName, Sequence[str]],
    reference_ids: Mapping[str, str],
    dataset: Dataset,
    store: RunStore,
    cache: PreparedCache,
) -> LadderReading:
    """The reading of stored runs, one for each training seed of each rung; `reference_ids`: `reference_runs`.

    Raises RunError for runs that are gone, or were not measured alike.
    """
    runs: dict[RungName, list[Run]] = {rung: [store.load(run_id) for run_id in of] for rung, of in run_ids.items()}
    first = next(iter(runs.values()))[0]
    config = first.info.config
    # What is asked does not depend on what towers read, and the default reads the fastest.
    prepared = cache.get(dataset, replace(config, towers=TowersConfig()))
    steps = climb(runs, prepared)
    baselines = {name: store.load(run_id) for name, run_id in reference_ids.items()}
    topics_train = "relevance" in runs and runs["relevance"][0].info.config.objective.relevance_source == "topics"
    return LadderReading(
        config.evaluation.k,
        config.evaluation.confidence,
        len(first.seeds),
        steps,
        ladder_sentences(steps, topics_train=topics_train),
        cold_references(prepared, config.evaluation.k, baselines),
        first.estimates["topic_chance"].mean,
        topics_train,
    )


def ladder_frame(steps: Sequence[LadderStep]) -> pd.DataFrame:
    """Tidy run / metric / mean / low / high / verdict table of the rungs, from the bottom up; "" = none below."""
    rows = [
        (TITLES[step.rung], name, e.mean, e.low, e.high, step.gaps[name].verdict if name in step.gaps else "")
        for step in steps
        for name, e in step.estimates.items()
    ]
    return pd.DataFrame(rows, columns=[c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH, c.VERDICT])
