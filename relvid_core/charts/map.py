"""The catalogue as points: coloured by topic or popularity, with a seed video and its neighbours drawn on top.

No plotly here. It draws a figure anew for every seed, and twenty thousand points under a pointer that moves are more
than it redraws without a stall. What this module returns is all that the map of the pages needs to draw them itself:
the points, which are sent once, and the marks, which are sent with every seed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.charts.layout import NARROW_SPACE, need, short
from relvid_core.charts.palette import POPULARITY_SCALE, QUIET, RUN_A, RUN_B
from relvid_core.errors import DataError

Places = npt.NDArray[np.intp]
Drawn = dict[str, Any]  # what JSON can hold

X: Final = "x"
Y: Final = "y"
GROUP: Final = "group"  # place of the topic in `names`, −1 for the rest
PERCENTILE: Final = "percentile"

# Eight more colours than the palette has, for points beside run A (teal), run B (orange) and grey: each at least 3:1 on
# both backgrounds, and any two of the eleven at least 0.11 apart in OKLab (0.04 as simulated for colour blindness:
# names stand in the legend and at the pointer).
TOPIC_COLOURS: Final = ("#3278D9", "#0E9F54", "#C963B4", "#7150B7", "#B53F0C", "#8F88E1", "#39712E", "#8A556E")
MOST_DRAWN: Final = 20_000  # points; a drag redraws them all for every frame, in about 10 ms on one core
_REST: Final = -1
_HOVER: Final = 44  # characters of a title at the pointer
_TOPIC: Final = 24  # characters of a topic's name
_RUNS: Final = {  # letter → colour, shape, size; a video in both lists wears both, one inside the other
    "A": (RUN_A, "circle", 13),
    "B": (RUN_B, "diamond", 26),
}


@dataclass(frozen=True)
class Marks:
    """The neighbours of the seed under one run."""

    run: str  # "A" or "B"
    places: Places  # rows of the frame


def map_points(frame: pd.DataFrame, *, names: Sequence[str] = (), by_popularity: bool = False) -> Drawn:
    """One point a row of (x, y, title, group, percentile), or a sample of them where there are too many.

    Coloured by group (`names` are the topics' names) or by popularity percentile in [0, 1]. Each point has a style: a
    place in `styles`, which hold a colour, an opacity and the words that stand below the title at the pointer. Points
    are drawn in their order, which is random but for those of no named topic: they come first and lie below. Numbers
    are base64 of little-endian arrays. `key` is a digest of all of it. Titles are texts, not HTML.
    """
    need(frame, (X, Y, c.TITLE, PERCENTILE if by_popularity else GROUP), "map")
    codes = _codes(frame, by_popularity=by_popularity)
    rows = np.random.default_rng(0).permutation(drawn_rows(len(frame)))  # or the last topic would cover all others
    if not by_popularity:
        rows = rows[np.argsort(codes[rows] != _REST, kind="stable")]
    used, style = np.unique(codes[rows], return_inverse=True)
    titles = frame[c.TITLE].to_numpy()
    drawn: Drawn = {
        "rows": _packed(rows, "<i4"),
        "x": _packed(frame[X].to_numpy()[rows], "<f4"),
        "y": _packed(frame[Y].to_numpy()[rows], "<f4"),
        "style": _packed(style, "u1"),
        "styles": [_style(int(code), names, by_popularity=by_popularity) for code in used],
        "titles": [_title(titles[row]) for row in rows],
        "size": point_size(len(rows)),
        "scale": _scale() if by_popularity else None,
    }
    return {"key": hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:16], **drawn}


def map_marks(
    frame: pd.DataFrame,
    *,
    seed: int,
    marks: Sequence[Marks] = (),
    names: Sequence[str] = (),
    by_popularity: bool = False,
) -> Drawn:
    """The seed and its neighbours as marks on `map_points` of the same frame. They bring their own places and titles,
    since not all of them need be among the points."""
    need(frame, (X, Y, c.TITLE, PERCENTILE if by_popularity else GROUP), "map")
    runs = []
    for mark in marks:
        if mark.run not in _RUNS:
            raise DataError(f"map: received marks for run {mark.run!r}; they are for A or B")
        colour, shape, size = _RUNS[mark.run]
        runs.append(
            {
                "run": mark.run,
                "name": f"neighbours under {mark.run}",
                "colour": colour,
                "shape": shape,
                "size": size,
                "videos": _videos(frame, mark.places, names, by_popularity=by_popularity),
            }
        )
    (star,) = _videos(frame, np.array([seed]), names, by_popularity=by_popularity)
    return {"seed": star, "runs": runs}


def drawn_rows(n: int) -> Places:
    """Which of n videos become points, ascending: all, or a random sample that is always the same."""
    if n <= MOST_DRAWN:
        return np.arange(n)
    rows: Places = np.sort(np.random.default_rng(0).choice(n, MOST_DRAWN, replace=False))
    return rows


def point_size(n: int) -> float:
    """Pixels of a point: less where there are more.

    >>> point_size(200), point_size(2400), point_size(20_000)
    (9.0, 6.0, 4.0)
    """
    return 9.0 if n < 500 else 6.0 if n < 8000 else 4.0


def _codes(frame: pd.DataFrame, *, by_popularity: bool) -> npt.NDArray[np.int64]:
    """What decides the style of every row: the place of its topic, or its percentile in whole hundredths."""
    if by_popularity:
        codes: npt.NDArray[np.int64] = np.rint(100 * frame[PERCENTILE].to_numpy(dtype=np.float64)).astype(np.int64)
        return codes
    return frame[GROUP].to_numpy(dtype=np.int64)


def _style(code: int, names: Sequence[str], *, by_popularity: bool) -> Drawn:
    words = _words(code, names, by_popularity=by_popularity)
    if by_popularity:
        return {"colour": _blend(code / 100), "opacity": 0.75, "words": words}
    if code == _REST:
        return {"colour": QUIET, "opacity": 0.45, "words": words}
    return {"colour": TOPIC_COLOURS[code % len(TOPIC_COLOURS)], "opacity": 0.75, "words": words}


def _words(code: int, names: Sequence[str], *, by_popularity: bool) -> str:
    if by_popularity:
        return f"more watched than {code}{NARROW_SPACE}%"
    return "other or none" if code == _REST else short(names[code], _TOPIC)


def _videos(frame: pd.DataFrame, rows: Places, names: Sequence[str], *, by_popularity: bool) -> list[Drawn]:
    some = frame.iloc[rows]
    codes = _codes(some, by_popularity=by_popularity).tolist()
    places = zip(rows.tolist(), some[X].tolist(), some[Y].tolist(), some[c.TITLE], codes, strict=True)
    return [
        {"row": row, "x": x, "y": y, "title": _title(title), "words": _words(code, names, by_popularity=by_popularity)}
        for row, x, y, title, code in places
    ]


def _scale() -> Drawn:
    return {
        "title": "popularity percentile",
        "low": f"0{NARROW_SPACE}%",
        "high": f"100{NARROW_SPACE}%",
        "colours": [colour for _, colour in POPULARITY_SCALE],
    }


def _blend(share: float) -> str:
    """The colour of the popularity scale at a share in [0, 1], between its stops in proportion.

    >>> _blend(0.0) == RUN_A, _blend(0.5) == QUIET
    (True, True)
    """
    stops = [stop for stop, _ in POPULARITY_SCALE]
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in POPULARITY_SCALE])
    return "#" + "".join(f"{round(float(np.interp(share, stops, channel))):02X}" for channel in channels.T)


def _packed(values: npt.NDArray[Any], dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=dtype).tobytes()).decode("ascii")


@lru_cache(maxsize=1 << 16)  # the titles of a catalogue are the same under every colour and in every space
def _title(title: str) -> str:
    return short(title[: 4 * _HOVER], _HOVER)
