"""The mark beside a measure that grades what it trained, and the line that says what the mark means."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final

from pages.ui.words import MEASURES
from relvid_core.experiments.circularity import untold
from relvid_core.experiments.run import Run

MARK: Final = "↺"


def mark_html(why: str | None) -> str:
    """A small sign with the reason as its help; nothing without a reason."""
    if why is None:
        return ""
    said = html.escape(why)
    return f'&nbsp;<abbr title="{said}" aria-label="{said}" style="text-decoration:none;cursor:help">{MARK}</abbr>'


def mark_note(reasons: Mapping[str, str]) -> str:
    """One line below a table or a row of cards, as markdown; empty where nothing is marked."""
    if not reasons:
        return ""
    (metric, why), *others = reasons.items()
    n = len(others)
    more = f" {n} more {'has' if n == 1 else 'have'} the sign; point at it to see why." if n else ""
    return f"{MARK} {MEASURES[metric].title.partition('@')[0]}: {why[0].lower()}{why[1:]}{more}"


def untold_note(run: Run) -> str:
    """What a run found out about topics that it was not told, as markdown; empty where it was told all or none."""
    said = []
    for metric in untold(run.info):
        estimate, measure = run.estimates.get(metric), MEASURES[metric]
        if estimate is not None and estimate.n:
            chance = run.estimates[measure.chance]
            said.append(
                f"{measure.title.lower()} {measure.text(estimate.mean)} ({measure.interval(estimate)}, "
                f"by chance {measure.text(chance.mean)})"
            )
    return f"By topics that training was not told: {'; '.join(said)}." if said else ""
