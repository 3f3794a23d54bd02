"""The map as an element of a page: what it draws is made by `relvid_core.charts.map`, how is in the script beside.

Two elements of one script. The first holds the points and shows nothing; it stands outside of the fragment of the
second, so that a hop neither sends nor draws them again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from relvid_core.charts.map import Drawn

POINTS_KEY, MAP_KEY = "map_points", "catalogue_map"
_HERE: Final = Path(__file__).parent
_SCRIPT: Final = "\n".join(
    (_HERE / name).read_text(encoding="utf-8") for name in ("canvas.js", "shapes.js", "fingers.js")
)
_STYLE: Final = (_HERE / "canvas.css").read_text(encoding="utf-8")

# Its styles are not isolated, so that it takes the page's font and colours; every name in them begins with rv-map.
_element = st.components.v2.component("relvid_map", css=_STYLE, js=_SCRIPT, isolate_styles=False)


def send_points(points: Drawn) -> None:
    """Hand the browser the points of `map_points`."""
    _element(key=POINTS_KEY, data={"catalogue": points})


def show_canvas(points_key: str, marks: Drawn, label: str, on_pick: Callable[[], None]) -> Any:
    """Draw the map of the points with that key, and `map_marks` on it. Returns what is selected, as the browser says:
    None, or {"points": key, "rows": [row, …]}. `on_pick` is called when somebody clicks a video: see `picked`."""
    result = _element(
        key=MAP_KEY,
        data={"points": points_key, "label": label, **marks},
        on_picked_change=on_pick,
        on_selected_change=_note,
    )
    return result.get("selected")


def picked() -> Any:
    """What was clicked, as the browser says: a row; None outside of `on_pick`."""
    return st.session_state[MAP_KEY].get("picked")


def _note() -> None:
    """A selection is read from what the element returns."""
