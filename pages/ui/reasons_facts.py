"""What is known of a seed video and one of its neighbours under each run, as a table."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Final

from relvid_core.charts.layout import number
from relvid_core.experiments.reasons import Reason
from relvid_core.experiments.run import Run

MAX_TOPICS: Final = 3
STYLE: Final = """<style>
.rv-pair {max-width: 42rem}
.rv-pair thead b {color: #fff; border-radius: .35rem; padding: 0 .4rem}
.rv-pair thead b.rv-a {background: #0F7490}
.rv-pair thead b.rv-b {background: #B5521F}
.rv-pair td {white-space: normal !important; overflow-wrap: break-word; min-width: 4.6rem}
.rv-pair td[colspan] {text-align: center}
</style>"""

_HELP: Final = {
    "together": "How often viewers engaged with both videos close together, before the cut: what a run learns from. "
    "A weighted log counts with fractions.",
    "topics": "Topics that the seed video and this one both carry.",
    "text": "Cosine of the vectors of both texts: 1 is the same, 0 has nothing in common. It is the same for runs that "
    "read texts alike.",
    "visual": "Cosine of the vectors of both pictures. “–” where a run does not look at pictures, or a video has none.",
    "weight": "How much the training pairs that end in this video count against the mean pair. Below 1: held down "
    "because it is popular. 1 throughout where the correction is off.",
    "popularity": "How popular the video is among all, by what was watched before the cut.",
    "score": "What ranks the list. Scores of one run can be compared with each other, not with those of another run.",
    "place": "Where the video stands in the list of each run.",
}


@dataclass(frozen=True)
class Stand:
    """One video of one seed under one run."""

    side: str
    run: Run
    rank: int  # from 1; 0: not among the neighbours that the run kept
    reason: Reason
    score: float | None  # None: a baseline that kept no score for it

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"number\u00a0{self.rank}" if self.rank else f"not among its first {self.run.neighbours.k}"


def facts_html(stands: list[Stand], popularity: str) -> str:
    """All that is known of the pair, one column a run; what is the same for both is written once."""
    rows = [
        ("Place in the list", "place", [stand.place for stand in stands]),
        ("Score", "score", [_value(stand.score) for stand in stands]),
        ("Watched close together", "together", [_times(stand.reason.co_engaged) for stand in stands]),
        ("Topics in common", "topics", [_topics(stand.reason.shared_topics) for stand in stands]),
        ("Likeness of texts", "text", [_value(stand.reason.cosines.get("text")) for stand in stands]),
        ("Likeness of pictures", "visual", [_value(stand.reason.cosines.get("visual")) for stand in stands]),
        ("Off-policy weight", "weight", [_weight(stand) for stand in stands]),
        ("Popularity", "popularity", [popularity for _ in stands]),
    ]
    body = "".join(
        f'<tr><td><abbr title="{html.escape(_HELP[key])}">{name}</abbr></td>{_cells(values)}</tr>'
        for name, key, values in rows
    )
    heads = "".join(f'<th scope="col"><b class="rv-{s.side.lower()}">{s.side}</b></th>' for s in stands)
    return (
        '<div class="rv-table-scroll" tabindex="0" role="region" aria-label="Facts about both videos">'
        f'<table class="rv-table rv-pair"><thead><tr><th scope="col">Both videos</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(values: list[str]) -> str:
    """HTML of the cells of one row, from HTML."""
    if len(values) == 2 and values[0] == values[1]:
        return f'<td colspan="2">{values[0]}</td>'
    return "".join(f"<td>{value}</td>" for value in values)


def _value(value: float | None) -> str:
    return "–" if value is None else number(value)


def _weight(stand: Stand) -> str:
    return f"{number(stand.reason.weight)} ×" if stand.reason.inputs else "–"


def _times(count: float) -> str:
    """How often, whole or in fractions.

    >>> _times(0.0), _times(1.0), _times(1234.0), _times(2.5)
    ('never', 'once', '1,234 times', 'weight 2.5')
    """
    if count in (0.0, 1.0):
        return "once" if count else "never"
    return f"{count:,.0f} times" if count == int(count) else f"weight {count:,.1f}"


def _topics(names: tuple[str, ...]) -> str:
    """The first of them as HTML."""
    if not names:
        return "none"
    more = f" and {len(names) - MAX_TOPICS} more" if len(names) > MAX_TOPICS else ""
    return ", ".join(f"<bdi>{html.escape(name)}</bdi>" for name in names[:MAX_TOPICS]) + more
