"""The gap between two runs on one measure, judged as one of a family of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relvid_core.config import EvaluationConfig
from relvid_core.evaluation.estimates import Estimate, holm, paired_difference
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.experiments.compare import Verdict, verdict


@dataclass(frozen=True)
class Gap:
    """One run minus another, and what it means for the first."""

    difference: Estimate
    p_value: float  # Holm-adjusted over the family
    verdict: Verdict

    @property
    def evident(self) -> bool:
        """Whether chance alone would hardly make it."""
        return self.verdict != "no evidence"


def judge_gaps(asked: Sequence[tuple[str, PerSeed, PerSeed]], settings: EvaluationConfig) -> list[Gap]:
    """First minus second of each question, as one family for Holm's adjustment (1979).

    A question is (metric, values of the first, values of the second), paired by seed video; the metric says what is
    good.
    """
    found = [
        paired_difference(first, second, replicates=settings.bootstrap_replicates, confidence=settings.confidence)
        for _, first, second in asked
    ]
    adjusted = holm([one.p_value for one in found]).tolist()
    alpha = 1 - settings.confidence
    return [
        Gap(one.difference, p_value, verdict(metric, one.difference.mean, p_value < alpha))
        for (metric, _, _), one, p_value in zip(asked, found, adjusted, strict=True)
    ]
