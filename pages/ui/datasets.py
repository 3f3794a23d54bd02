"""The dataset in hand: its card, and the way to the page about data."""

from __future__ import annotations

import html
from typing import Final

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.frame import FACTS_STYLE, attribute, page
from pages.ui.widgets import DATA_PARAMETER
from relvid_core.data.dataset import Dataset
from relvid_core.report.facts import FACT_HELP, dataset_facts

# It comes with what it is for: drawn before the styles of the page, the pictures would push all else far down.
_STYLE: Final = """<style>
.rv-strip {display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: 0 .5rem;
  margin: .2rem 0 .9rem; grid-auto-rows: 0; grid-template-rows: auto; overflow: hidden}
.rv-strip img {width: 100%; aspect-ratio: 16 / 9; object-fit: cover; border-radius: .4rem; display: block}
.rv-more summary {cursor: pointer; font-size: .87rem; margin-top: .8rem; opacity: .85}
.rv-more summary:hover {opacity: 1}
.rv-more ul.rv-notes {margin-top: .5rem !important}
</style>"""
_PICTURES: Final = 8


def show_card(data: Dataset) -> None:
    """Pictures of some videos, the figures of the dataset, and what its source says about it for whoever opens it."""
    with st.container(border=True):
        st.html(FACTS_STYLE + strip(data) + _facts(data) + _notes(data))


def strip(data: Dataset) -> str:
    """A row of pictures: the most watched video of each top topic, up to eight."""
    picked: dict[object, int] = {}
    for row in np.argsort(-data.interactions.popularity, kind="stable")[:2000]:
        paths = data.catalog.topics.paths[row]
        picked.setdefault(paths[0][0] if paths else int(row), int(row))
        if len(picked) == _PICTURES:
            break
    images = (
        f'<img src="{cache.thumbnail(data.key, row)}" alt="{attribute(data.catalog.titles[row])}" '
        f'title="{attribute(data.catalog.titles[row])}">'
        for row in picked.values()
    )
    return f'{_STYLE}<div class="rv-strip">{"".join(images)}</div>'


def _facts(data: Dataset) -> str:
    cells = "".join(
        f"<div><dt>{_term(name, FACT_HELP.get(name))}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in dataset_facts(data).items()
    )
    return f'<dl class="rv-facts">{cells}</dl>'


def _term(name: str, help_text: str | None) -> str:
    return name if help_text is None else f'<abbr title="{html.escape(help_text)}">{name}</abbr>'


def _notes(data: Dataset) -> str:
    """Folded, and in one piece with what stands above: a part of its own would jump when that is drawn."""
    said = [*data.notes, f"Licence: {data.licence or 'not stated'}."]
    items = "".join(f"<li>{html.escape(note)}</li>" for note in said)
    return (
        f'<details class="rv-more"><summary>What to know about this data ({len(said)})</summary>'
        f'<ul class="rv-note rv-notes">{items}</ul></details>'
    )


def show_data_link(key: str) -> None:
    """The way to the page where datasets are looked at, added and removed."""
    st.page_link(page("data"), label="Check it, or bring your own →", query_params={DATA_PARAMETER: key})
