"""From a dataset and a config to a Run: prepare → train → retrieve → evaluate. The only wiring in the project."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Mask
from relvid_core.data.propensity import Weights, weights_from_log
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.baselines import BASELINES
from relvid_core.evaluation.estimates import Estimate, bootstraps
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.experiments.grading import grades_for, guesses_topics
from relvid_core.experiments.prepared import Prepared, PreparedCache
from relvid_core.experiments.run import (
    OffPolicySummary,
    Run,
    RunInfo,
    default_label,
    history_frame,
    list_length,
    new_run_id,
)
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.warm import nearest_run
from relvid_core.retrieval.blend import blended, shares_of
from relvid_core.retrieval.indexes import build_index
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.retrieval.search import neighbours, neighbours_among
from relvid_core.training.fit import TrainingProgress, fit
from relvid_core.training.towers import FittedTowers, Vectors

Stage = Literal["encode", "prepare", "train", "retrieve", "evaluate", "baselines", "tune"]


@dataclass(frozen=True)
class Progress:
    """What a run is doing now. `training` is set while it trains."""

    stage: Stage
    message: str
    training: TrainingProgress | None = None
    share: float = 0.0  # of the encoding while it encodes, of the tuning while it tunes


def train_run(
    dataset: Dataset,
    config: ExperimentConfig,
    *,
    cache: PreparedCache,
    label: str = "",
    earlier: RunStore | None = None,
) -> Generator[Progress, None, Run]:
    """Train and evaluate one model; nothing is stored. Closing the generator abandons it.

    With `config.training.warm_start` it begins from the nearest run in `earlier`; where there is none that fits, or no
    store is given, it trains from the start, and the run says which.
    """
    yield from encoded(dataset, config, cache)
    yield Progress("prepare", "Reading the log")
    prepared = cache.get(dataset, config)
    marginal = prepared.pairs.candidate_marginal
    weights, kind = weights_from_log(prepared.history, config.off_policy, marginal, dataset.catalog)
    origin, start = _start(dataset, config, earlier)
    if guesses_topics(config):
        yield Progress("prepare", "Guessing the topics of videos without one")
    began = time.monotonic()
    history: list[tuple[float, dict[str, float]]] = []
    training = fit(
        prepared.pairs,
        weight=weights.weight,
        grades=grades_for(dataset, prepared.pairs, prepared.content, config),
        content=prepared.content,
        config=config,
        start=start,
    )
    towers = yield from _reported(training, history)
    seconds = time.monotonic() - began
    yield Progress("retrieve", "Finding the neighbours of every video")
    lists = lists_of_towers(towers, config, prepared.pairs.log_marginal, prepared.allowed)
    yield Progress("evaluate", "Measuring the lists")
    info = _info(prepared, config, label or default_label(config), seconds=seconds)
    summary = OffPolicySummary.of(weights, kind)
    info = replace(info, off_policy=summary, content=_content_read(prepared, config), started_from=origin)
    per_seed, estimates = evaluate(prepared, lists, config)
    return Run(info, prepared.evaluation.seeds, per_seed, estimates, lists, history_frame(history), towers)


def encoded(dataset: Dataset, config: ExperimentConfig, cache: PreparedCache) -> Generator[Progress, None, None]:
    """Have the content of the videos encoded, saying how far it is; nothing where it is at hand."""
    steps = cache.encode(dataset, config)
    try:
        for step in steps:
            left = "" if step.eta_s is None or step.eta_s < 1 else f", {step.eta_s:.0f} s left"
            said = f"{step.title}: {step.done:,} of {step.total:,} videos{left}"
            yield Progress("encode", said, share=step.done / max(1, step.total))
    finally:
        steps.close()


def _content_read(prepared: Prepared, config: ExperimentConfig) -> tuple[str, ...]:
    """Who encoded what the towers of a config read, and what could not be read."""
    wanted = {"text": config.towers.use_text, "visual": config.towers.use_visual}
    read = (
        f"{modality.name}: {modality.encoder}, {int(modality.present.sum()):,} of {len(modality.present):,} videos"
        for modality in prepared.content.modalities
        if wanted[modality.name]
    )
    return (*read, *prepared.content.notes)


def _start(
    dataset: Dataset, config: ExperimentConfig, earlier: RunStore | None
) -> tuple[str | None, Mapping[str, Vectors] | None]:
    """The id and the parameters of the run to begin from, both None to train from the start."""
    if not config.training.warm_start or earlier is None:
        return None, None
    nearest = nearest_run(config, dataset.fingerprint, earlier.list()[0])
    if nearest is None:
        return None, None
    return nearest.run_id, earlier.towers(nearest.run_id).parameters


def _reported(
    training: Generator[TrainingProgress, None, FittedTowers], history: list[tuple[float, dict[str, float]]]
) -> Generator[Progress, None, FittedTowers]:
    """Pass on what the training yields, and note the losses of finished epochs in `history`."""
    try:
        while True:
            progress = next(training)
            if progress.epoch_done:
                history.append((float(progress.epoch), progress.losses | progress.conflict))
            yield Progress("train", f"Epoch {progress.epoch} of {progress.n_epochs}", progress)
    except StopIteration as finished:
        towers: FittedTowers = finished.value
        return towers
    finally:
        training.close()


def lists_of_towers(
    towers: FittedTowers, config: ExperimentConfig, log_popularity: Weights, allowed: Mask | None = None
) -> Neighbours:
    """The neighbours of every video under trained towers, `[n_videos, list length]`; `allowed` ones only.

    Ranked by the cosine, blended over split heads by ω, plus τ κ log p_j: the logits of the model times τ.
    `log_popularity` is log p_j `[n_videos]`.
    """
    objective = config.objective
    shares = shares_of(len(towers.heads), objective.blend)
    bias = objective.temperature * objective.popularity_term * log_popularity
    queries, candidates = blended(towers.heads, shares, bias)
    every = np.arange(len(queries), dtype=np.int32)
    if allowed is not None:
        return neighbours_among(queries, candidates, every, list_length(config, int(allowed.sum())), allowed)
    return neighbours(build_index(candidates), queries, every, list_length(config, len(queries)))


def evaluate(
    prepared: Prepared, lists: Neighbours, config: ExperimentConfig
) -> tuple[dict[str, PerSeed], dict[str, Estimate]]:
    """Per-seed metrics and their estimates for lists of all videos, with what they must be read against.

    Where more is known than the log says (`prepared.truths`), the lists are measured by that too.
    """
    seeds = prepared.evaluation.seeds
    asked = Neighbours(lists.rows[seeds], lists.scores[seeds])
    per_seed = prepared.judge.per_seed(asked) | prepared.judge.references
    settings = config.evaluation
    for truth in prepared.truths:
        per_seed |= truth.per_seed(seeds, asked.first(settings.k))
    estimates = bootstraps(per_seed, replicates=settings.bootstrap_replicates, confidence=settings.confidence)
    return per_seed, estimates | prepared.judge.whole_catalogue(asked)


def baseline_runs(
    dataset: Dataset, config: ExperimentConfig, *, cache: PreparedCache, store: RunStore
) -> Generator[Progress, None, list[str]]:
    """Make and store the baselines that belong beside runs of this config; returns their ids. Stored ones are kept."""
    yield from encoded(dataset, config, cache)
    prepared = cache.get(dataset, config)
    data, allowed = baseline_data(prepared), prepared.allowed
    every = np.arange(len(dataset.catalog), dtype=np.int32)
    k = list_length(config, len(every) if allowed is None else int(allowed.sum()))
    run_ids = []
    for name, baseline in BASELINES.items():
        if baseline.obstacle(has_content=data.features is not None, has_topics=data.topics is not None):
            continue
        run_id = f"baseline-{name}-{prepared.key}"
        run_ids.append(run_id)
        if store.exists(run_id):
            continue
        yield Progress("baselines", f"Baseline: {baseline.title}")
        began = time.monotonic()
        lists = baseline.retrieve(data, every, k)
        seconds = time.monotonic() - began
        store.save(baseline_run(prepared, config, lists, run_id=run_id, label=baseline.title, seconds=seconds))
    return run_ids


def baseline_data(prepared: Prepared) -> BaselineData:
    """What a baseline may see of a prepared fold."""
    text, topics = prepared.content.named("text"), prepared.dataset.catalog.topics
    return BaselineData(
        prepared.history,
        prepared.pairs,
        text.matrix if text is not None and text.present.any() else None,
        topics if topics.n_levels > 0 else None,
        prepared.allowed,
    )


def baseline_run(
    prepared: Prepared,
    config: ExperimentConfig,
    lists: Neighbours,
    *,
    run_id: str,
    label: str,
    seconds: float,
    notes: tuple[str, ...] = (),
) -> Run:
    """A baseline's lists over all videos, measured on the fold of `prepared`."""
    info = replace(_info(prepared, config, label, seconds=seconds), run_id=run_id, kind="baseline", notes=notes)
    per_seed, estimates = evaluate(prepared, lists, config)
    return Run(info, prepared.evaluation.seeds, per_seed, estimates, lists, history_frame([]))


def _info(prepared: Prepared, config: ExperimentConfig, label: str, *, seconds: float) -> RunInfo:
    dataset = prepared.dataset
    return RunInfo(
        run_id=new_run_id(),
        label=label,
        kind="model",
        created_at=time.time(),
        dataset_key=dataset.key,
        dataset_title=dataset.title,
        dataset_fingerprint=dataset.fingerprint,
        evaluation_key=prepared.key,
        config=config,
        n_videos=len(dataset.catalog),
        seconds=seconds,
        judged_by=prepared.judge.judged_by,
    )
