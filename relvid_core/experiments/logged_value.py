"""What if a run's lists had been shown? Its value per watch-next slot, from the exposures of the target window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from relvid_core.data.dataset import Dataset
from relvid_core.data.split import split_interactions
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.off_policy.estimators import DR, OffPolicyReport, Resampling, difference, evaluate
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.evaluation.off_policy.policy import ListPolicy
from relvid_core.experiments.compare import check_comparable
from relvid_core.experiments.run import Run, RunInfo


@dataclass(frozen=True)
class LoggedValue:
    """The value of one run's lists, and by how much it beats the first run's (doubly robust, paired by slot)."""

    run: Run
    report: OffPolicyReport
    gain: Estimate | None  # None for the first run


def why_unknown(info: RunInfo, dataset: Dataset) -> str:
    """Why `logged_values` could say nothing for this run, in one sentence; "" where nothing speaks against asking."""
    if dataset.interactions.exposures is None:
        return (
            f"{dataset.title} records what was watched, not what was shown, so nothing can be said about lists that "
            "nobody saw: it needs a log of every video shown, with its time and whether it was engaged with."
        )
    if info.config.split.kind == "fully_observed":
        return (
            "These runs learned from the whole log, so no part of it is left to ask what their lists would have "
            "earned; train them again with one date of the cut for everybody."
        )
    if info.config.split.kind != "global":
        return (
            "These runs cut the log at each viewer’s own last engagements, so which slots fall into the test window "
            "depends on what was engaged with, and every value would be far off; train them again with one date of "
            "the cut for everybody."
        )
    return ""


def logged_values(
    runs: Sequence[Run], dataset: Dataset, *, moved: Callable[[float], None] | None = None
) -> list[LoggedValue]:
    """Engagement per slot had each run's list of k been shown, every video of it with the same chance.

    Only slots of the target window count, which no run has learned from; what was being watched is read from the log.
    Raises RunError for runs that were not measured alike or were made from other data, ConfigError unless the split is
    "global" (windows that end at each viewer's own engagements bias every value), and NotEnoughData for a log that
    does not say what was shown. `moved` is told the share that is done, from 0 to 1.
    """
    check_comparable(list(runs))
    info = runs[0].info
    if info.dataset_fingerprint != dataset.fingerprint:
        raise RunError(f"run {info.label!r}: was made from other data than {dataset.title}. Train it again.")
    config = info.config
    slots = LoggedSlots.of_target(split_interactions(dataset.interactions, config.split), config.split.fold)
    resampling = Resampling(config.evaluation.bootstrap_replicates, config.evaluation.confidence)
    every = np.arange(info.n_videos, dtype=np.int32)
    reports = []
    for place, run in enumerate(runs):
        if moved is not None:
            moved((place + 0.5) / (len(runs) + 0.5))  # the slots are read: about half as long as one run takes
        policy = ListPolicy.uniform(every, run.neighbours.first(config.evaluation.k), info.n_videos)
        reports.append(evaluate(slots, policy, topics=dataset.catalog.topics, resampling=resampling))
    gains = [None, *(difference(report, reports[0], DR, resampling=resampling) for report in reports[1:])]
    return [LoggedValue(*parts) for parts in zip(runs, reports, gains, strict=True)]
