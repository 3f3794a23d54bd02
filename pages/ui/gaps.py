"""Gaps between runs as they stand in tables: the verdict, the difference, and its interval."""

from __future__ import annotations

from typing import Final

from relvid_core.experiments.gaps import Gap
from relvid_core.report.words import VERDICT_LOOKS, signed_text

# For tables of class `rv-gaps`, beside the verdicts' own style.
STYLE: Final = """<style>
.rv-gaps td .rv-verdict {display: inline-block; margin-top: .2rem; font-size: .76rem; padding: 0 .45rem}
.rv-gaps thead th {white-space: normal}
.rv-gaps tbody th:first-child {font-weight: 600; min-width: 10.5rem}
.rv-gaps :is(th, td) {padding-inline: .38rem !important}
.rv-gaps tr > :first-child {padding-left: 0 !important}
</style>"""


def gap_html(gap: Gap) -> str:
    """The verdict as a mark, and the difference in points with its interval below it."""
    look, sign = VERDICT_LOOKS[gap.verdict]
    mean, low, high = (
        signed_text(value, percent=True) for value in (gap.difference.mean, gap.difference.low, gap.difference.high)
    )
    return (
        f'<span class="rv-verdict {look}">{sign} {gap.verdict}</span><small>{mean}</small>'
        f"<small>{low} to {high}</small>"
    )
