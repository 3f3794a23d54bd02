"""The frame around every page: which pages there are, how they are reached, and how a page begins."""

from __future__ import annotations

import html
import importlib
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import clicks
from pages.ui.presenting import show_toggle
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
BEGAN: Final = "page_began"  # when the page began to read what it shows, in seconds
_ROUTED: Final = "routed"
# A browser begins with a narrow page. So much later than the word that it is wide, what is drawn need not move there.
_HEARD_S: Final = 0.1
_LEAD_WIDTH: Final = 930  # pixels: lines that can be read


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
        PageSpec("compare", "Compare"),
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

FACTS_STYLE: Final = """<style>
.rv-facts {display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: .7rem 1.1rem}
dl.rv-facts {margin: 0 !important; padding: 0 !important}
.rv-facts dt, .rv-facts dd {margin: 0 !important; padding: 0}
.rv-facts div {min-width: 0}
.rv-facts dt {font-size: .8rem; opacity: .76}
.rv-facts dd {font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums}
</style>"""
STYLE: Final = (
    FACTS_STYLE
    + clicks.STYLE
    + """<style>
.st-key-rv-lead {opacity: .82}
[class*="st-key-rv-title-row-"] {min-height: 38px; margin-top: .5rem} /* 38: a link that loads */
.stElementContainer:has(> .stHtml [data-page]) {position: absolute; height: 0; overflow: hidden}
.rv-note {font-size: .87rem; opacity: .78; line-height: 1.45}
.rv-ellipsis {overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate}
.rv-table-scroll {overflow-x: auto; max-width: 100%}
.rv-table {border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums}
.rv-table th, .rv-table td {padding: .42rem .6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent)}
.rv-table th {font-weight: 600; vertical-align: bottom}
.rv-table thead th small {display: block; font-weight: 400; opacity: .74}
.rv-table td small {display: block; opacity: .74; font-size: .78rem}
.rv-table tr > :first-child {text-align: left; min-width: 9rem; max-width: 15rem; white-space: normal;
  overflow-wrap: anywhere; padding-left: 0}
.rv-table tbody th a {color: inherit; text-decoration-thickness: 1px; text-underline-offset: .18em;
  unicode-bidi: isolate}
.rv-table tbody th small {display: block; font-weight: 400; opacity: .74}
.rv-table tbody th, .rv-table tbody th ~ td {vertical-align: top}
.rv-table tbody tr:hover {background: color-mix(in srgb, currentColor 5%, transparent)}
.rv-curve {margin: .9rem 0 .7rem}
.rv-curve img {width: 100%; height: 64px; display: block}
.rv-curve figcaption {display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .8rem; font-size: .8rem;
  opacity: .78; margin-top: .2rem}
.rv-cards {display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem}
.rv-card {border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .5rem;
  padding: .8rem .95rem .75rem; min-width: 0; display: flex; flex-direction: column; align-items: flex-start}
.rv-card .rv-big {font-size: 1.7rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums}
.rv-card .rv-small {font-size: .8rem; opacity: .78}
.rv-card .rv-small {margin-bottom: .5rem}
.rv-card .rv-small span, .rv-gap span {white-space: nowrap}
.rv-card .rv-gap {font-size: .84rem; margin-top: auto; padding-left: .55rem; border-left: 3px solid #8A949C;
  line-height: 1.4; font-variant-numeric: tabular-nums}
.rv-card .rv-better {border-color: #2F9461}
.rv-card .rv-worse {border-color: #CF5449}
ul.rv-notes {margin: 0 !important; padding-left: 1.1rem !important}
ul.rv-notes li {margin: 0 !important; padding: 0 0 .1rem !important}
.st-key-rv-head {flex-wrap: nowrap !important; align-items: flex-start}
@media (max-width: 640px) {.st-key-present {display: none}}
.st-key-start, .st-key-presets {gap: .35rem !important}
.st-key-start > div:first-child p {font-size: .875rem}
.st-key-presets button {border-radius: 1rem; min-height: 0; padding: .25rem .8rem}
.st-key-presets [data-testid="stBaseButton-primary"] {border-color: #0F7490; color: inherit; font-weight: 600;
  background: color-mix(in srgb, #0F7490 22%, transparent)}
[data-testid="stPageLink-NavLink"] {padding-inline: 0 !important; background: none !important}
[data-testid="stPageLink-NavLink"]:hover {text-decoration: underline; text-underline-offset: .2em}
[data-testid="stCaptionContainer"] {opacity: .8 !important} /* 0.6 would fall short of 4.5:1 */
.rv-place {opacity: .74; font-weight: 400; margin-right: .15rem}
/* The picture of all runs has names for a wide screen and numbers for a narrow one. */
.st-key-tradeoff .scatterlayer > .trace:last-child .textpoint {display: none}
@media (max-width: 640px) {
  .st-key-tradeoff .textpoint text {display: none}
  .st-key-tradeoff .scatterlayer > .trace:last-child .textpoint, .st-key-tradeoff .trace:last-child text {
    display: block}
  .rv-table tr > :first-child {min-width: 7.3rem}
  .rv-card:last-child:nth-child(odd) {grid-column: 1 / -1}
  .rv-curve figcaption span:nth-child(2) {order: 3; flex-basis: 100%}
}
/* Plotly's grey is below 4.5:1; the text of a figure takes the colour of the page's. */
.js-plotly-plot :is(.infolayer, .xaxislayer-above, .yaxislayer-above, .scatterlayer) text {
  fill: currentColor !important
}
.js-plotly-plot .hoverlayer .legend text {fill: currentColor !important}
/* Words in a figure stand free of the lines behind them. */
.js-plotly-plot .infolayer .annotation-text {paint-order: stroke; stroke: light-dark(#FBFCFD, #11181F);
  stroke-width: 4px; stroke-linejoin: round}
/* The accent fills and outlines; as a colour of text it would fall short of 4.5:1 in the dark. */
button[data-variant][data-selected="true"] {color: inherit !important; font-weight: 600}
[data-testid="stSliderThumbValue"] {color: inherit !important}
[data-testid="stCode"] .token {color: inherit !important} /* the colours of code fall short of it in both themes */
[data-testid="stWidgetLabel"][disabled] {color: inherit !important; opacity: .76}
/* A table's own download would write formulas as they are; where one is worth having, a button offers it. */
[data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]) {display: none}
/* Widgets with a label are this tall; what stands for them while they load is not. */
:is([class*="st-key-choose_"], .st-key-seed_search, .st-key-omega, .st-key-kappa, .st-key-we, .st-key-wr, .st-key-beta,
  .st-key-clip, .st-key-epochs, .st-key-label, .st-key-k):has(> [data-testid="stSkeleton"]) {min-height: 4.25rem}
abbr[title] {text-decoration: underline dotted; text-underline-offset: .2em; cursor: help}
</style>"""
)


# Streamlit makes a new entry of the browser's history for every value that a page writes into its address. Where a page
# only completes its address, Back would lead to the bare one, which is completed again at once: nobody could go back.
_COMPLETES: Final = """<script>
if (!window.rvCompletes) {
  window.rvCompletes = true;
  const push = history.pushState.bind(history), own = ["data", "a", "b", "run", "seed"];
  history.pushState = (state, unused, address) => {
    const before = new URL(location.href), after = new URL(address ?? "", location.href);
    const added = [...after.searchParams.keys()].filter(key => !before.searchParams.has(key));
    const kept = [...before.searchParams].every(([key, value]) => after.searchParams.get(key) === value);
    const completes = before.pathname === after.pathname && kept && added.length > 0
      && added.every(key => own.includes(key));
    return completes ? history.replaceState(state, unused, address) : push(state, unused, address);
  };
}
</script>"""


def route() -> StreamlitPage:
    """Declare all pages and return the one that the address asks for."""
    st.set_page_config(
        page_icon=_ICON,
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"About": f"**{APP_NAME}**: experiments with related-video retrieval.\n\n{DEFINITIONS}"},
    )
    if not st.session_state.get(_ROUTED):
        time.sleep(_HEARD_S)
    st.logo(_WORDMARK, size="large")
    return st.navigation([page(key) for key in PAGES], position="top")


def load() -> None:
    """Import what the pages need, with a word about it the first time: it takes seconds, and the screen is bare."""
    if "pages.ui.cache" not in sys.modules:
        with st.spinner("Starting: the first visit takes some seconds …"):
            importlib.import_module("pages.ui.cache")


def page(key: str) -> StreamlitPage:
    """The page as Streamlit links to it."""
    spec = PAGES[key]
    return st.Page(_FOLDER / f"{key}.py", title=spec.title, url_path=key, default=spec.default)


def begin(page_key: str, title: str, lead: str, style: str = "", *, presentable: bool = True) -> None:
    """Every page's first call: its header. `title` and `lead` are our own words, not data; `style` are the style sheets
    of what the page draws.

    Title and lead are what the browser can draw at once, at the size that they keep. The code behind everything else
    comes a moment later; styles until then take the room of a line, in a row that is as tall anyway.

    Because this folder is called `pages`, a deep link runs the page itself until app.py has run once in the process;
    the page then declares the routes and starts again.
    """
    if not st.session_state.get(_ROUTED):
        mark_routed()
        route()
        st.rerun()
    st.session_state[BEGAN] = time.time()
    st.set_page_config(page_title=f"{PAGES[page_key].title} · {APP_NAME}")
    with st.container(horizontal=True, horizontal_alignment="distribute", key="rv-head"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content"):
            if presentable:
                show_toggle()
            unseen = f'{STYLE}{style}<i data-page="{page_key}"></i>{_COMPLETES}'
            st.html(unseen, width=1, unsafe_allow_javascript=True)
    with st.container(key="rv-lead", width=_LEAD_WIDTH):
        st.markdown(lead)


def title_row(name: str) -> DeltaGenerator:
    """A row for a header on the left and a link or a button on the right."""
    return st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key=f"rv-title-row-{name}"
    )


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
