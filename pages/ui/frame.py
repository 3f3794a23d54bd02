"""The frame around every page: which pages there are, how they are reached, and how a page begins."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from pages.ui.look import STYLE
from relvid_core.errors import RelvidError

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

APP_NAME: Final = "RelVid Lab"
DEFINITIONS: Final = (
    "The task follows *Balancing Semantic Relevance and Engagement in Related Video Recommendations* "
    "(Jaspal et al., 2025). Its definitions are not public, so every metric and label here is defined by this "
    "project; figures are not comparable with the paper's."
)
_FOLDER: Final = Path(__file__).resolve().parents[1]
_ROUTED: Final = "routed"


@dataclass(frozen=True)
class PageSpec:
    """One page: the file in pages/ without its ending is also its address."""

    key: str
    title: str
    default: bool = False


PAGES: Final = {
    spec.key: spec
    for spec in (
        PageSpec("overview", "Overview", default=True),
        PageSpec("data", "Data"),
        PageSpec("tune", "Tune"),
        PageSpec("mix", "Mix"),
        PageSpec("debias", "Debias"),
        PageSpec("ladder", "Ladder"),
        PageSpec("browse", "Browse"),
        PageSpec("map", "Map"),
        PageSpec("vote", "Vote"),
    )
}

# Two overlapping play marks: the video being watched, and the one beside it.
_MARK: Final = (
    '<path d="M3 5.5v13a1.4 1.4 0 0 0 2.1 1.2l10.6-6.5a1.4 1.4 0 0 0 0-2.4L5.1 4.3A1.4 1.4 0 0 0 3 5.5z" '
    'fill="#0F7490"/>'
    '<path d="M13 8v8l6.9-4.2a.9.9 0 0 0 0-1.5z" transform="translate(1.6 .15)" fill="#DD6B32"/>'
)
_ICON: Final = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="64" height="64">{_MARK}</svg>'
# A picture cannot take the text colour of the page: this grey-blue reads on both backgrounds (above 4.5:1).
_WORDMARK: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 24" width="512" height="96">'
    f'{_MARK}<text x="29" y="17.2" font-family="ui-sans-serif, system-ui, sans-serif" font-size="15.5" '
    'font-weight="650" letter-spacing="-.2" fill="#66798A">RelVid Lab</text></svg>'
)


def route() -> StreamlitPage:
    """Declare all pages and return the one that the address asks for."""
    st.set_page_config(
        page_icon=_ICON,
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"About": f"**{APP_NAME}**: experiments with related-video retrieval.\n\n{DEFINITIONS}"},
    )
    st.logo(_WORDMARK, size="large")
    return st.navigation([page(key) for key in PAGES], position="top")


def page(key: str) -> StreamlitPage:
    """The page as Streamlit links to it."""
    spec = PAGES[key]
    return st.Page(_FOLDER / f"{key}.py", title=spec.title, url_path=key, default=spec.default)


def begin(page_key: str, title: str, lead: str, style: str = "") -> None:
    """Every page's first call: its header. `title` and `lead` are our own words, not data; `style` are the style sheets
    of what the page draws.

    They come in one piece with the lead: an element of style alone is drawn after the others, which then move.

    Because this folder is called `pages`, a deep link runs the page itself until app.py has run once in the process;
    the page then declares the routes and starts again.
    """
    if not st.session_state.get(_ROUTED):
        mark_routed()
        route()
        st.rerun()
    st.set_page_config(page_title=f"{PAGES[page_key].title} · {APP_NAME}")
    st.title(title, anchor=False)
    st.html(f'{STYLE}{style}<p class="rv-lead" data-page="{page_key}">{lead}</p>')


def mark_routed() -> None:
    """Note that this session's navigation is declared; app.py does it before anything else."""
    st.session_state[_ROUTED] = True


def show_error(error: RelvidError) -> None:
    """An expected error in words; its message may quote hostile data."""
    st.error("  \n".join(plain(line) for line in str(error).splitlines()))


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=&])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ANGLES: Final = str.maketrans("<>", "‹›")
_JOINER = "\u2060"  # invisible; Streamlit finds emoji codes, icons and addresses after the backslashes are gone


def plain(text: str, limit: int = 300) -> str:
    """Text from data as markdown that shows exactly that text: no emphasis, link, emoji code, icon or formula.

    Control characters become spaces, right-to-left text is isolated, and beyond `limit` characters it is cut.

    >>> plain("*a* [b](c)")
    '\\\\*a\\\\* \\\\[b\\\\]\\\\(c\\\\)'
    """
    text = " ".join(_CONTROLS.sub(" ", text).split())
    text = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    escaped = _MARKDOWN.sub(r"\\\1", text)
    escaped = re.sub(r":(?=\S)", f":{_JOINER}", escaped).replace("@", f"@{_JOINER}")
    escaped = re.sub(r"(?i)(www)(?=\\\.)", rf"\1{_JOINER}", escaped)
    return f"\u2068{escaped}\u2069" if _RIGHT_TO_LEFT.search(escaped) else escaped


def attribute(text: str) -> str:
    """Text from data inside an HTML attribute. One that seems to hold a tag would be dropped, however escaped.

    >>> attribute('<b>"hi"')
    '‹b›&quot;hi&quot;'
    """
    return html.escape(text.translate(_ANGLES))
