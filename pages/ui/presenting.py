"""Presenting: a page without its controls and in larger type, for an audience; `?present=1` in the address."""

from __future__ import annotations

from typing import Final

import streamlit as st

PRESENT: Final = "present"

# What only whoever operates the page needs: navigation, choosers, and what a page put into an "aside".
_PRESENTING: Final = """<style>
@media (min-width: 641px) {html {font-size: 19px !important}}
[data-testid="stHeader"], .st-key-rv-lead, [class*="st-key-rv-aside"], :has(> [class*="st-key-rv-aside"]),
.stSelectbox, .stExpander, .stDownloadButton,
[data-testid="stPageLink"]:not(.st-key-rv-tour *) {display: none !important}
[data-testid="stMainBlockContainer"] {padding-top: 1.6rem !important}
.st-key-rv-present {position: fixed; top: .5rem; right: 1rem; z-index: 99; width: auto !important; opacity: .75}
.st-key-rv-present:is(:hover, :focus-within) {opacity: 1}
.st-key-rv-present button {min-height: 0; padding: .1rem .6rem; font-size: .8rem}
</style>"""


def presenting() -> bool:
    """Whether the page is shown to an audience."""
    return st.query_params.get(PRESENT) == "1"


def carried(query: dict[str, str]) -> dict[str, str]:
    """The query of a link inside the app, which goes on presenting where this page does."""
    return query | ({PRESENT: "1"} if presenting() else {})


def show_toggle() -> None:
    """The way in, beside the title; while presenting, the way out in the corner, and what hides the controls."""
    with st.container(key="rv-present", width="content"):
        if presenting():
            st.html(_PRESENTING)
            st.button("Leave presentation", key="leave", on_click=_leave, shortcut="Esc")
        else:
            st.button(
                "Present",
                key="present",
                on_click=_enter,
                shortcut="P",
                type="tertiary",
                help="For an audience: hides navigation and choosers, and enlarges the type. The address keeps it; Esc "
                "leaves it.",
            )


def _enter() -> None:
    st.query_params[PRESENT] = "1"


def _leave() -> None:
    del st.query_params[PRESENT]
