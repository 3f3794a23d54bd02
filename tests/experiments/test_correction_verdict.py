"""The verdict over four runs, on planted per-seed values."""

from __future__ import annotations

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.correction_verdict import (
    MEASURED,
    CorrectionTable,
    Gap,
    judge_corrections,
    verdict_sentence,
    winner,
)
from relvid_core.experiments.corrections import NAMES, Method
from relvid_core.experiments.known_truth import TRUE_ENGAGEMENT
from relvid_core.experiments.run import Run, RunInfo, history_frame
from relvid_core.retrieval.ranking import Neighbours

N = 120
LISTS = Neighbours(np.zeros((N, 1), np.int32), np.zeros((N, 1), np.float32))


def run(method: Method, recall: np.ndarray, *, key: str = "same", **others: np.ndarray) -> Run:
    per_seed = {name: others.get(name, recall) for name in MEASURED}
    estimates = {name: Estimate(float(np.nanmean(values)), 0.0, 1.0, len(values)) for name, values in per_seed.items()}
    info = RunInfo(method, NAMES[method], "model", 0.0, "d", "D", "data", key, ExperimentConfig(), N, 1.0)
    return Run(info, np.arange(N, dtype=np.int32), per_seed, estimates, LISTS, history_frame([]))


def judged(
    weights: float, offset: float, no_logq: float, *, noise: float = 0.02, true: bool = False
) -> CorrectionTable:
    """Four runs whose decider differs by these planted amounts from no correction."""
    draw = np.random.default_rng(5)
    base = draw.uniform(0.2, 0.6, N)
    planted: dict[Method, float] = {"none": 0.0, "weights": weights, "offset": offset, "no_logq": no_logq}
    values = {method: base + gain + noise * draw.standard_normal(N) for method, gain in planted.items()}
    if true:
        runs = {method: run(method, base - 0.1 * (method != "none")) for method in NAMES}
        return judge_corrections(runs, values)
    return judge_corrections({method: run(method, values[method]) for method in NAMES})


def test_the_best_of_three_wins_by_the_planted_gap() -> None:
    found = judged(0.05, 0.02, 0.01)
    gap = found.gaps["weights"]["recall"]
    assert found.winner == "weights"
    assert gap.verdict == "better"
    assert gap.difference.low < 0.05 < gap.difference.high
    assert found.sentence.startswith("OPC wins here: it raises recall@20 by ")
    assert "over “No logQ, no OPC” it is ahead by" in found.sentence


def test_a_simpler_one_that_does_as_well_makes_the_correction_pointless() -> None:
    found = judged(0.05, 0.0, 0.05)
    assert found.winner == "no_logq"
    assert "not worth its complexity" in found.sentence
    assert "OPC" in found.sentence


def test_the_simplest_may_win() -> None:
    found = judged(0.02, 0.02, 0.08)
    assert found.winner == "no_logq"
    assert found.sentence.startswith("“No logQ, no OPC” wins here: it raises recall@20 by ")


def test_logit_adjustment_may_tie_with_the_weights() -> None:
    found = judged(0.05, 0.05, -0.05)
    assert found.winner in ("weights", "offset")
    assert "does as well" in found.sentence


def test_nothing_wins_where_nothing_differs() -> None:
    found = judged(0.0, 0.0, 0.0)
    assert found.winner == "none"
    assert found.sentence.startswith("Nothing wins here: no correction changes recall@20 by more than chance")
    assert {gap.verdict for gaps in found.gaps.values() for gap in gaps.values()} == {"no evidence"}


def test_correcting_may_only_cost() -> None:
    found = judged(-0.05, -0.03, 0.0)
    assert found.winner == "none"
    assert found.sentence.startswith("Leaving popularity alone wins here: OPC changes recall@20 by −")
    assert "logit adjustment by −" in found.sentence
    assert found.sentence.endswith("the others change it by no more than chance would.")


def test_true_engagement_decides_where_it_is_known_whatever_recall_says() -> None:
    found = judged(0.05, 0.02, -0.02, true=True)
    assert found.decider == TRUE_ENGAGEMENT
    assert next(iter(found.estimates["none"])) == TRUE_ENGAGEMENT
    assert found.gaps["weights"]["recall"].verdict == "worse"
    assert found.gaps["weights"][TRUE_ENGAGEMENT].verdict == "better"
    assert found.winner == "weights"
    assert "the true engagement of the lists" in found.sentence


def test_gaps_are_to_no_correction_and_leave_undefined_seeds_out() -> None:
    base = np.full(N, 0.4)
    tail = np.where(np.arange(N) < N // 2, np.nan, 0.4)
    runs = {method: run(method, base, recall_tail=tail) for method in NAMES}
    runs["weights"] = run("weights", base, recall_tail=tail + 0.1, popular_share=base - 0.2)
    found = judge_corrections(runs)
    gap = found.gaps["weights"]["recall_tail"]
    assert (gap.difference.mean, gap.difference.n) == (pytest.approx(0.1), N // 2)
    assert gap.verdict == "better"
    assert found.gaps["weights"]["popular_share"].verdict == "less popular"
    assert found.gaps["weights"]["recall"].verdict == "no evidence"
    assert set(found.duels) == {("weights", "offset"), ("weights", "no_logq"), ("offset", "no_logq")}


def test_p_values_are_adjusted_over_the_whole_table() -> None:
    # A gap with an unadjusted p just below 0.05 is no evidence among 3 · 6 + 3 questions.
    draw = np.random.default_rng(0)
    base, moved = np.zeros(N), draw.standard_normal(N)
    moved += 2.1 * moved.std() / N**0.5 - moved.mean()  # t = 2.1
    runs = {method: run(method, base) for method in NAMES}
    runs["weights"] = run("weights", base, topic_match=moved)
    gap = judge_corrections(runs).gaps["weights"]["topic_match"]
    assert gap.difference.low > 0
    assert gap.p_value > 0.5
    assert gap.verdict == "no evidence"


def test_runs_measured_otherwise_are_refused() -> None:
    runs = {method: run(method, np.zeros(N), key=method[:4]) for method in NAMES}
    with pytest.raises(RunError, match="cannot be compared"):
        judge_corrections(runs)


def test_a_lead_within_chance_is_said() -> None:
    def gap(mean: float, verdict: str) -> Gap:
        return Gap(Estimate(mean, mean - 0.01, mean + 0.01, 9), 0.5, verdict)  # type: ignore[arg-type]

    gaps: dict[Method, Gap] = {
        "weights": gap(0.004, "no evidence"), "offset": gap(0.02, "better"), "no_logq": gap(0.009, "no evidence"),
    }  # fmt: skip
    duels: dict[tuple[Method, Method], Gap] = {
        ("weights", "offset"): gap(-0.016, "worse"),
        ("weights", "no_logq"): gap(-0.005, "no evidence"),
        ("offset", "no_logq"): gap(0.011, "no evidence"),
    }
    assert winner(gaps, duels) == "offset"
    assert verdict_sentence("recall@20", gaps, duels) == (
        "Logit adjustment wins here: it raises recall@20 by 2.00 points (1.00 to 3.00) over no correction; its lead "
        "over “No logQ, no OPC” is within chance."
    )
