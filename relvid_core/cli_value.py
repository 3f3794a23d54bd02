"""`python -m relvid_core value RUN…`: what the log says of showing these runs' lists."""

from __future__ import annotations

from typing import Final

from relvid_core.evaluation.off_policy.estimators import DR, IPS, MATCHED, SNIPS
from relvid_core.experiments.logged_value import LoggedValue

_COLUMNS: Final = {MATCHED: "no correction", IPS: "IPS", SNIPS: "SNIPS", DR: "doubly robust"}


def print_values(values: list[LoggedValue], labels: list[str]) -> None:
    """One block a run: every estimator with its interval, the gain over the first run, and whether to believe it."""
    for value, label in zip(values, labels, strict=True):
        support = value.report.support
        print(label)
        for name, words in _COLUMNS.items():
            print(f"  {words:16s} {value.report.values[name].estimate:.4f}")
        if value.gain is not None:
            print(f"  {'gain (DR)':16s} {value.gain:+.4f}")
        print(f"  {support.n_slots:,} slots, effective sample size {support.effective_sample_size:,.0f}")
        print(f"  {support.verdict}: {support.sentence}\n")
    print("engagement per watch-next slot of the target window, had the list been shown; intervals over viewers")
