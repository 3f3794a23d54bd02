"""Which stored runs the tour speaks of: two measured alike, one that minds engagement only and one that minds more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.circularity import learns_topics
from relvid_core.experiments.compare import DIFFERENCE, MEAN_A, MEAN_B, VERDICT, Verdict
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.standings import correction_pair, is_engagement_only

Lever = Literal["relevance", "correction", "other settings"]
_POPULAR: Final = "baseline-popularity-"  # how the id of the run of the most popular videos begins


@dataclass(frozen=True)
class TourRuns:
    """The two models of the tour and what may stand beside them; all of them can be compared seed by seed."""

    plain: RunInfo  # engagement only
    other: RunInfo
    most_popular: RunInfo | None  # the baseline that shows everybody the same
    corrected: tuple[RunInfo, RunInfo] | None  # newest model with a popularity correction, and its twin without

    @property
    def levers(self) -> list[Lever]:
        """What the other model minds or does that the plain one does not."""
        return levers_between(self.plain.config, self.other.config)

    @property
    def graded_by_training(self) -> bool:
        """Whether the other model learned relevance from the topics that topic match is graded by."""
        return learns_topics(self.other.config)


@dataclass(frozen=True)
class Change:
    """One measure of a run beside its reference, on the seed videos that both have a value for."""

    before: float
    after: float
    difference: Estimate  # after − before, by seed video
    verdict: Verdict

    @property
    def evident(self) -> bool:
        """Whether chance alone would hardly make it."""
        return self.verdict != "no evidence"


def tour_runs(infos: list[RunInfo], *, fingerprint: str, has_topics: bool) -> TourRuns | None:
    """The runs of one dataset (newest first) that tell the story, None if one of the two models is missing.

    Only runs of the present data. Among runs measured alike, the engagement-only model is the newest; the other one is
    the newest that differs from it by its relevance weight alone, else the newest with relevance (where nothing has
    topics: with a correction). Of several kinds of measuring, the one of the newest model that has both.
    """
    fresh = [info for info in infos if info.dataset_fingerprint == fingerprint]
    for key in dict.fromkeys(info.evaluation_key for info in fresh if info.kind == "model"):
        alike = [info for info in fresh if info.evaluation_key == key]
        models = [info for info in alike if info.kind == "model"]
        plain = next((info for info in models if is_engagement_only(info.config)), None)
        if plain is None:
            continue
        wanted: Lever = "relevance" if has_topics else "correction"
        others = [info for info in models if wanted in levers_between(plain.config, info.config)]
        alone = [info for info in others if levers_between(plain.config, info.config) == [wanted]]
        if others:
            popular = next((info for info in alike if info.run_id.startswith(_POPULAR)), None)
            return TourRuns(plain, [*alone, *others][0], popular, correction_pair(models))
    return None


def levers_between(plain: ExperimentConfig, other: ExperimentConfig) -> list[Lever]:
    """What else the other model minds or does differently; the names of runs do not count."""
    found: list[Lever] = []
    if other.objective.relevance_weight > 0 and plain.objective.relevance_weight == 0:
        found.append("relevance")
    if other.off_policy.strength > 0 and plain.off_policy.strength == 0:
        found.append("correction")
    weights = other.objective.relevance_weight, other.objective.engagement_weight
    same = replace(
        plain,
        off_policy=other.off_policy,
        objective=replace(plain.objective, relevance_weight=weights[0], engagement_weight=weights[1]),
    )
    return [*found, "other settings"] if same != other else found


def changes(table: pd.DataFrame) -> Mapping[str, Change]:
    """Metric → change, of a table by `compare.paired_table`, whose verdicts it keeps."""
    return {
        str(row[c.METRIC]): Change(
            float(row[MEAN_A]),
            float(row[MEAN_B]),
            Estimate(float(row[DIFFERENCE]), float(row[c.LOW]), float(row[c.HIGH]), int(row[c.N_SEEDS])),
            row[VERDICT],
        )
        for row in table.to_dict("records")
    }
