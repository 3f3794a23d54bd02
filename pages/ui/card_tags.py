"""How a video moved between lists: the marks on its picture, and the same in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from relvid_core import columns as c
from relvid_core.experiments import compare
from relvid_core.experiments.wording import listed_words

Place = Mapping[Hashable, Any]  # one row of `compare.side_by_side`


def tags(place: Place, sides: Sequence[str], k: int) -> str:
    """The rank of a video, and what became of it, as HTML; `sides` are all lists that stand beside each other.

    Lists are held against the first one. In that list itself a video is marked where others dropped it; beside a single
    other list, always.
    """
    side = str(place[c.RUN])
    rank = f'<span class="rv-tag rv-rank">{place[c.RANK]}</span>'
    if len(sides) == 1:
        return rank
    if side != sides[0]:
        return rank + _pair_tag(place, sides[0], k)
    if len(sides) == 2:
        return rank + _pair_tag(place, sides[1], k)
    dropped = [other for other, place_there in _elsewhere(place, sides) if not 0 < place_there <= k]
    if not dropped:
        return rank
    words = f"not among the first {k} of {listed_words(dropped, 'or')}"
    return f'{rank}<span class="rv-tag rv-move" role="img" aria-label="{words}">not in {", ".join(dropped)}</span>'


def _pair_tag(place: Place, other: str, k: int) -> str:
    """How the video moved against one other list: ▲2, ▼1, = or new; in A's list, whether the other dropped it."""
    rank, elsewhere = int(place[c.RANK]), int(place[compare.RANK_IN_OTHER])
    reference = place[c.RUN] == compare.SIDE_A
    if not place[compare.IN_OTHER]:
        words = f"not among the first {k} of {other}" + (f", there it is number {elsewhere}" if elsewhere else "")
        sign, kind = (f"not in {other}", "") if reference else ("new", " rv-new")
    elif rank == elsewhere:
        sign, words, kind = "=", f"the same place as in {other}", ""
    else:
        up = elsewhere > rank
        sign = f"{other}: {elsewhere}" if reference else f"{'▲' if up else '▼'}{abs(elsewhere - rank)}"
        words, kind = f"number {elsewhere} in {other}", ""
    return f'<span class="rv-tag rv-move{kind}" role="img" aria-label="{words}">{sign}</span>'


def place_words(place: Place, sides: Sequence[str]) -> str:
    """Where the video stands in the other lists, as a sentence; "" where there are none.

    >>> place_words({"run": "B", "ranks": (3, 1, 0)}, ["A", "B", "C"])
    'Number 3 in A, not in C.'
    """
    said = [f"number {rank} in {other}" if rank else f"not in {other}" for other, rank in _elsewhere(place, sides)]
    words = ", ".join(said)
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _elsewhere(place: Place, sides: Sequence[str]) -> list[tuple[str, int]]:
    """The other sides with the video's place there, 0 = not kept."""
    found = zip(sides, place[compare.RANKS], strict=True)
    return [(other, int(rank)) for other, rank in found if other != place[c.RUN]]
