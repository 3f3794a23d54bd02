"""Videos as cards: picture, title, topics, popularity, and how a video moved between two lists.

A list is one piece of HTML. Its cards are links, so that they can be copied and opened beside; what a plain click does
instead is said by `hops.listen`.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from pages.ui import cache
from pages.ui.card_tags import place_words, tags
from pages.ui.frame import attribute
from relvid_core import columns as c
from relvid_core.charts.layout import number
from relvid_core.charts.palette import BADGES
from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Counts
from relvid_core.experiments import compare
from relvid_core.report.words import popularity_words

Address: TypeAlias = Callable[[str], str]  # video id → the link of its card
Percentiles = npt.NDArray[np.float64]  # [n_videos] in [0, 1]
MAX_CHIPS: Final = 3
SCORE_HELP: Final = (
    "what the run ranks by, no probability. Every run has a scale of its own: compare it in one list only."
)

# The link of a card is its title, and lies over all of it; the card shows its focus.
STYLE: Final = (
    """<style>
ol.rv-list {display: grid; gap: .8rem .75rem; list-style: none; margin: 0 !important; padding: 0 !important;
  grid-template-columns: repeat(auto-fill, minmax(min(10.6rem, 100%), 1fr))}
@media (min-width: 1700px) { /* rows of four: every length of a list fills them */
  ol.rv-list {grid-template-columns: repeat(auto-fill, minmax(min(12.2rem, 100%), 1fr))}
}
ol.rv-list > li {position: relative; min-width: 0; margin: 0 !important; padding: 0 !important; border-radius: .6rem;
  border: 1px solid color-mix(in srgb, currentColor 16%, transparent); transition: background .12s; outline-offset: 2px}
ol.rv-list > li:hover {background: color-mix(in srgb, currentColor 6%, transparent)}
ol.rv-list > li:has(a:focus-visible) {outline: 3px solid #1C87A4}
a.rv-hop {color: inherit !important; text-decoration: none !important; outline: none}
a.rv-hop::after {content: ""; position: absolute; inset: 0; z-index: 1}
.rv-video {padding: .4rem .4rem .5rem; height: 100%}
.rv-thumb {position: relative; aspect-ratio: 16 / 9; border-radius: .45rem; overflow: hidden;
  background: color-mix(in srgb, currentColor 10%, transparent)}
.rv-thumb img {width: 100%; height: 100%; object-fit: cover; display: block}
.rv-tag {position: absolute; top: .3rem; padding: .05rem .38rem; border-radius: .35rem; font-size: .76rem;
  font-weight: 600; line-height: 1.4; color: #fff; background: rgba(10, 16, 22, .8); font-variant-numeric: tabular-nums}
.rv-rank {left: .3rem}
.rv-move {right: .3rem}
.rv-new {background: #A3461A}
.rv-title {font-weight: 600; font-size: .9rem; line-height: 1.3; margin: .4rem 0 .3rem; min-height: 2.6em;
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere;
  unicode-bidi: isolate}
ul.rv-chips {display: flex; flex-wrap: wrap; gap: .25rem; margin: 0 0 .35rem !important; padding: 0 !important;
  list-style: none;  height: 1.45rem; overflow: hidden}
ul.rv-chips li {font-size: .72rem; line-height: 1.2; padding: .14rem .42rem; border-radius: 1rem; max-width: 100%;
  margin: 0 !important; border: 1px solid color-mix(in srgb, currentColor 28%, transparent); overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate}
.rv-chips li.rv-shared {background: color-mix(in srgb, #0F7490 24%, transparent); border-color: #0F7490;
  font-weight: 600}
.rv-pop {display: flex; align-items: center; gap: .4rem; font-size: .76rem; opacity: .86; white-space: nowrap}
.rv-score {font-size: .72rem; opacity: .78; margin-top: .15rem; font-variant-numeric: tabular-nums}
.rv-bar {flex: 0 1 3.2rem; height: .32rem; border-radius: 1rem; overflow: hidden;
  background: color-mix(in srgb, currentColor 16%, transparent)}
.rv-bar i {display: block; height: 100%; border-radius: 1rem; background: #92908C}
.rv-heading {display: flex; align-items: baseline; gap: .5rem; font-size: 1.1rem; font-weight: 600; margin: 0;
  padding: 0}
.rv-heading b {flex: none; color: #fff; border-radius: .35rem; padding: 0 .45rem; font-size: .95rem; line-height: 1.5}
.rv-heading span {min-width: 0; overflow-wrap: anywhere; unicode-bidi: isolate}
.rv-seed {display: grid; grid-template-columns: minmax(0, 17.5rem) minmax(0, 1fr); gap: 1.2rem; align-items: center;
  padding: .8rem; border-radius: .7rem; background: color-mix(in srgb, currentColor 5%, transparent);
  scroll-margin: 4.5rem 0}
.rv-seed h2 {font-size: 1.35rem; line-height: 1.25; padding: 0; margin: 0 0 .3rem; overflow-wrap: anywhere;
  unicode-bidi: isolate}
.rv-seed p {margin: 0 0 .55rem; line-height: 1.5; max-width: 46rem; unicode-bidi: isolate; overflow-wrap: anywhere}
.rv-clamp {display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden}
.rv-seed ul.rv-chips {height: auto}
.rv-seed .rv-bar {flex-basis: 6rem}
@media (max-width: 640px) {
  ol.rv-list {grid-template-columns: 1fr; gap: .35rem}
  .rv-video {display: grid; grid-template-columns: 8.4rem minmax(0, 1fr); gap: .7rem; padding: .3rem}
  .rv-title {margin-top: 0; min-height: 0}
  .rv-seed {grid-template-columns: minmax(0, 1fr); gap: .7rem}
}
"""
    + "".join(f".rv-heading b.rv-{side.lower()} {{background: {colour}}}\n" for side, colour in BADGES.items())
    + "</style>"
)


@dataclass(frozen=True)
class Shelf:
    """What every card of a page needs to know about the videos."""

    dataset_key: str
    catalog: Catalog
    watches: Counts  # [n_videos], engagements in the history


def list_html(
    shelf: Shelf, places: pd.DataFrame, sides: Sequence[str], address: Address, *, scored: bool = True
) -> str:
    """One side of `compare.side_by_side` as a grid of cards; `sides` are all that stand beside each other.

    With `scored`, cards hold the score of the run.
    """
    side, k, items = str(places[c.RUN].iat[0]), len(places), []
    for place in places.to_dict("records"):
        row, percentile = int(place[compare.ROW]), float(place[compare.PERCENTILE])
        score = number(float(place[c.SCORE])) if scored else ""
        said = [place_words(place, sides) if len(sides) > 1 else "", f"Score {score}: {SCORE_HELP}" if scored else ""]
        link = _link(shelf, row, address, " ".join([*filter(None, said), "Click to see what stands next to it."]))
        shared = set(place[compare.SHARED_TOPICS])
        items.append(_card_html(shelf, row, percentile, tags(place, sides, k), shared, link, score))
    return _grid(side, items)


def changed_html(
    shelf: Shelf,
    changed: pd.DataFrame,
    percentile: Percentiles,
    address: Address,
    *,
    letter: str = compare.SIDE_B,
    text: Callable[[float], str],
) -> str:
    """`compare.changed_most` as a grid of cards, each with its value, as `text`, under A and under the other run."""
    items = []
    for place, row in enumerate(changed[compare.ROW].tolist()):
        before, after = (text(float(changed[name].iat[place])) for name in (compare.MEAN_A, compare.MEAN_B))
        words = f"{before} in A, {after} in {letter}"
        marks = f'<span class="rv-tag rv-rank" role="img" aria-label="{words}">{before} → {after}</span>'
        link = _link(shelf, row, address, f"{words}. Click to see both lists.")
        items.append(_card_html(shelf, row, float(percentile[row]), marks, set(), link))
    return _grid("changed", items)


def _grid(name: str, items: Sequence[str]) -> str:
    return f'<ol class="rv-list" data-side="{name}">{"".join(f"<li>{item}</li>" for item in items)}</ol>'


def _link(shelf: Shelf, row: int, address: Address, tip: str) -> str:
    """The title of a video as the link of its card; `tip` is our own words."""
    href, title = address(shelf.catalog.video_id(row)), shelf.catalog.titles[row]
    return (
        f'<a class="rv-hop" href="{html.escape(href)}" target="_self" data-hop="{row}" title="{tip}">'
        f"{html.escape(title)}</a>"
    )


def seed_card(shelf: Shelf, row: int, percentile: float) -> str:
    """The video being watched, large, as HTML."""
    frame = shelf.catalog.frame
    title = html.escape(shelf.catalog.titles[row])
    alt = f"Picture of {attribute(shelf.catalog.titles[row])}"
    description = html.escape(str(frame[c.DESCRIPTION].iat[row]))
    about = [html.escape(str(frame[c.CREATOR].iat[row])), duration(float(frame[c.DURATION_S].iat[row]))]
    if not pd.isna(published := frame[c.PUBLISHED_AT].iat[row]):
        about.append(f"{published:%d %b %Y}")
    chips = [_chip(topic, shared=False) for topic in shelf.catalog.topics.labels(row)[:8]]
    return (
        '<section class="rv-seed" aria-label="Seed video">'
        f'<div class="rv-thumb"><img src="{cache.picture(shelf.catalog, row)}" alt="{alt}"></div>'
        f'<div><h2 dir="auto">{title}</h2><p class="rv-note" dir="auto">{" · ".join(filter(None, about))}</p>'
        f'<p class="rv-clamp" dir="auto">{description}</p><ul class="rv-chips">{"".join(chips)}</ul>'
        f"{_popularity(percentile, int(shelf.watches[row]), with_count=True)}</div></section>"
    )


def heading(side: str, label: str) -> str:
    """The head of one run's column, its letter in the run's colour."""
    return f'<h3 class="rv-heading"><b class="rv-{side.lower()}">{side}</b><span>{html.escape(label)}</span></h3>'


def duration(seconds: float) -> str:
    """Minutes and seconds, "" if unknown.

    >>> duration(2170.0), duration(float("nan"))
    ('36:10', '')
    """
    if math.isnan(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _card_html(
    shelf: Shelf, row: int, percentile: float, marks: str, shared: set[str], link: str, score: str = ""
) -> str:
    """A card; `marks` is HTML for the picture, `shared` the topics to mark, `link` HTML for the title."""
    topics = sorted(shelf.catalog.topics.labels(row), key=lambda topic: topic not in shared)
    chips = [_chip(topic, shared=topic in shared) for topic in topics[:MAX_CHIPS]]
    if len(topics) > MAX_CHIPS:
        chips.append(f"<li>+{len(topics) - MAX_CHIPS}</li>")
    foot = f'<div class="rv-score">score {score}</div>' if score else ""
    return (
        f'<div class="rv-video"><div class="rv-thumb"><img src="{cache.picture(shelf.catalog, row)}" alt="">'
        f'{marks}</div><div><div class="rv-title" dir="auto">{link}</div>'
        f'<ul class="rv-chips" aria-label="Topics">{"".join(chips)}</ul>'
        f"{_popularity(percentile, int(shelf.watches[row]))}"
        f"{foot}</div></div>"
    )


def _chip(topic: str, *, shared: bool) -> str:
    """The finest part of a topic; a shared one is marked by colour, weight and a tick."""
    leaf = html.escape(topic.rsplit(" > ", 1)[-1])
    return f'<li class="rv-shared" dir="auto">✓ {leaf}</li>' if shared else f'<li dir="auto">{leaf}</li>'


def _popularity(percentile: float, watches: int, *, with_count: bool = False) -> str:
    words = popularity_words(percentile, watches)
    if with_count:
        words += f" by popularity · watched {watches:,} times so far" if watches else ""
    width = 100 * percentile if watches else 0
    return f'<div class="rv-pop"><span class="rv-bar"><i style="width:{width:.0f}%"></i></span>{words}</div>'
