"""Groups of settings under small headings, for whoever wants more than the main levers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

STYLE: Final = """<style>
.rv-group:is(h2, h3) {font-size: .95rem; font-weight: 650; margin: 0; padding: 0; letter-spacing: 0}
[class*="st-key-group-"]:not(.st-key-group-Loss) {margin-top: .55rem; padding-top: .9rem;
  border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent)}
[class*="st-key-group-"] {gap: .7rem}
[class*="st-key-group-"] [data-testid="stCheckbox"] {min-height: 2.5rem; align-items: center}
</style>"""


def group(title: str, n: int) -> Iterator[DeltaGenerator]:
    """Places for `n` settings under a small heading, two in a row, which stand below each other on a narrow screen."""
    box = st.container(key=f"group-{title}")
    box.html(f'<h2 class="rv-group">{title}</h2>')
    rows = [box.columns(2, vertical_alignment="bottom") for _ in range((n + 1) // 2)]
    return iter([place for row in rows for place in row])


def only_if(applies: bool, **settings: object) -> dict[str, object]:
    """The settings if they have an effect, else nothing: two configs that train the same model should be equal."""
    return settings if applies else {}
