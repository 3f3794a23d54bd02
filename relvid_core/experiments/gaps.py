"""The gap between two runs on one measure, judged as one of a family of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relvid_core.evaluation.estimates import Estimate, PairedDifference, holm
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


def judge_gaps(metrics: Sequence[str], found: Sequence[PairedDifference], alpha: float) -> list[Gap]:
    """Verdicts over one family (Holm 1979); `metrics` says of each difference what is measured, and so what is good."""
    adjusted = holm([one.p_value for one in found])
    return [
        Gap(one.difference, p_value, verdict(metric, one.difference.mean, p_value < alpha))
        for metric, one, p_value in zip(metrics, found, adjusted.tolist(), strict=True)
    ]
