"""Browse as tests open and read it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from relvid_core.experiments.run import RunInfo

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


def browse(home: Any, path: str = "pages/browse.py", **query: str) -> AppTest:
    test = AppTest.from_file(ROOT / path, default_timeout=SECONDS)
    for name, value in {"data": home.key, **query}.items():
        test.query_params[name] = value
    return test


def drawn(page: AppTest) -> str:
    """All HTML of the page, its styles left out."""
    assert not page.exception
    text = "".join(element.proto.body for element in page.get("html"))
    return re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)


def cards(page: AppTest, side: str) -> list[tuple[int, str]]:
    """Row and title of every card of one list."""
    found = re.findall(r'data-hop="(\d+)"[^>]*>(.*?)</a>', _grid(page, side))
    return [(int(row), unescape(title)) for row, title in found]


def follow(page: AppTest, side: str, place: int) -> AppTest:
    """The page that the link of a card leads to. A click does the same without loading it: see tests/browser."""
    link = re.findall(r'class="rv-hop" href="\?([^"]*)"', _grid(page, side))[place]
    for name, values in parse_qs(unescape(link)).items():
        page.query_params[name] = values
    return page.run()


def _grid(page: AppTest, side: str) -> str:
    grid = re.search(rf'<ol class="rv-list" data-side="{side}">.*?</ol>', drawn(page), flags=re.DOTALL)
    return grid.group() if grid else ""


def address(page: AppTest, name: str) -> str:
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def labelled(home: Any, label: str) -> RunInfo:
    return next(info for info in home.infos if info.label == label)
