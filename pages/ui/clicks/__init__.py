"""Clicks on the links of a piece of HTML, heard without loading the page anew.

The browser draws one piece of HTML with fifty links several times faster than fifty buttons; and a link can be copied,
or opened beside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

STYLE: Final = '<style>[class*="st-key-rv-clicks-"] {display: none}</style>'
_SCRIPT: Final = (Path(__file__).parent / "clicks.js").read_text(encoding="utf-8")
_element = st.components.v2.component("relvid_clicks", js=_SCRIPT, isolate_styles=False)


def hear(name: str, n: int, on_click: Callable[[int], None], drawn: str = "") -> None:
    """Call `on_click` with the number, 0 to n − 1, of the link `a[data-NAME]` that is clicked.

    Once a page for every name; inside a fragment, a click runs that alone. `drawn` says which links these are: when it
    changes, the link in the place of the clicked one takes the focus, which would be lost with the old one.
    """
    key = f"rv-clicks-{name}"
    _element(key=key, data={"name": name, "drawn": drawn}, on_clicked_change=partial(_heard, key, n, on_click))


def here(**changed: str) -> str:
    """The link to the page as it is, but for some values of its address."""
    return "?" + urlencode(sorted({**st.query_params.to_dict(), **changed}.items()))


def number_said(said: Any, n: int) -> int | None:
    """What the browser says, if it is a number from 0 to n − 1."""
    known = isinstance(said, int) and not isinstance(said, bool) and 0 <= said < n
    return said if known else None


def _heard(key: str, n: int, on_click: Callable[[int], None]) -> None:
    number = number_said(st.session_state[key].get("clicked"), n)
    if number is not None:
        on_click(number)
