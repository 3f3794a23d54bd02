"""The mark beside a measure that grades what it trained, and the line that says what the mark means."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final

from pages.ui.words import MEASURES

MARK: Final = "↺"


def mark_html(why: str | None) -> str:
    """A small sign with the reason as its help; nothing without a reason."""
    if why is None:
        return ""
    said = html.escape(why)
    return f' <abbr title="{said}" aria-label="{said}" style="text-decoration:none;cursor:help">{MARK}</abbr>'


def mark_note(reasons: Mapping[str, str]) -> str:
    """One line below a table or a row of cards, as markdown; empty where nothing is marked."""
    if not reasons:
        return ""
    (metric, why), *others = reasons.items()
    more = f" {len(others)} more have the sign; rest on it for the reason." if others else ""
    return f"{MARK} {MEASURES[metric].title.partition('@')[0]}: {why[0].lower()}{why[1:]}{more}"
