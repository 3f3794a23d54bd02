"""Measures and verdicts in plain words: one title, one sentence and one unit for each, in the app and in reports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from relvid_core.evaluation import protocol
from relvid_core.evaluation.estimates import Estimate

NARROW_SPACE: Final = "\u202f"
CHANCE: Final = "topic_chance"  # key of the chance level of topic match among the estimates of a run


@dataclass(frozen=True)
class Measure:
    """One measure as people read it."""

    key: str
    title: str  # {k} stands for the length of the lists
    help: str
    percent: bool = True

    def title_at(self, k: int) -> str:
        """The title for lists of `k`."""
        return self.title.format(k=k)

    def text(self, value: float) -> str:
        """A value of it with as many digits as its intervals deserve.

        >>> MEASURES["recall"].text(0.2859), MEASURES["gini"].text(0.2859), MEASURES["gini"].text(float("nan"))
        ('28.6\\u202f%', '0.286', '–')
        """
        return value_text(value, percent=self.percent)

    def signed(self, value: float) -> str:
        """A difference of two values of it, with its sign; shares in points.

        >>> MEASURES["recall"].signed(-0.0123), MEASURES["gini"].signed(0.5)
        ('−1.2 points', '+0.500')
        """
        points = " points" if self.percent and not math.isnan(value) else ""
        return signed_text(value, percent=self.percent) + points

    def interval(self, estimate: Estimate) -> str:
        """Its interval, the unit once; empty where there is none."""
        if math.isnan(estimate.low):
            return ""
        return f"{self.text(estimate.low).removesuffix(NARROW_SPACE + '%')} – {self.text(estimate.high)}"


MEASURES: Final = {
    measure.key: measure
    for measure in (
        Measure(
            protocol.RECALL,
            "Recall@{k}",
            "Of the videos that viewers really watched close to this one later, the share that the list found. "
            "Averaged over seed videos; the whole catalogue is searched.",
        ),
        Measure(
            protocol.NDCG,
            "nDCG@{k}",
            "Like recall, but a hit high up in the list counts more. 1 is a perfect order.",
            percent=False,
        ),
        Measure(
            protocol.TOPIC_MATCH,
            "Topic match@{k}",
            "Share of the list that has the seed video's topic. The chance level is what a random list would have.",
        ),
        Measure(
            protocol.POPULAR_SHARE,
            "Popular share@{k}",
            "Share of the list taken by the most watched videos of the catalogue (the top 5 % unless set otherwise).",
        ),
        Measure(
            protocol.TAIL_SHARE,
            "Tail share@{k}",
            "Share of the list taken by rarely watched videos.",
        ),
        Measure(
            protocol.COVERAGE,
            "Coverage",
            "Share of the catalogue that appears in at least one list.",
        ),
        Measure(
            protocol.GINI,
            "Gini",
            "How unequally the lists spread attention over the catalogue: 0 is even, 1 is all for one.",
            percent=False,
        ),
    )
}
INTERVAL: Final = (
    "Intervals: where the mean would lie for other seed videos of this kind, with the same trained model (95 % unless "
    "set otherwise)."
)
BY_POPULARITY: Final = {  # recall by how popular its target is: for pages about popularity only
    measure.key: measure
    for measure in (
        Measure(
            protocol.stratum_recall("head"),
            "Recall, head",
            "Recall of popular videos alone: the most watched of the catalogue (the top 5 % unless set otherwise).",
        ),
        Measure(
            protocol.stratum_recall("mid"),
            "Recall, middle",
            "Recall of the videos that are neither popular nor rarely watched.",
        ),
        Measure(
            protocol.stratum_recall("tail"),
            "Recall, tail",
            "Recall of rarely watched videos alone.",
        ),
    )
}

VERDICT_LOOKS: Final = {  # verdict of `compare.verdict` → (CSS class, sign); colour only where one side is better
    "better": ("rv-good", "▲"),
    "worse": ("rv-bad", "▼"),
    "less popular": ("rv-neutral", ""),
    "more popular": ("rv-neutral", ""),
    "higher": ("rv-neutral", ""),
    "lower": ("rv-neutral", ""),
    "no evidence": ("rv-none", "–"),
}
VERDICT_STYLE: Final = """
.rv-verdict {display: inline-block; padding: .06rem .5rem; border-radius: 1rem; font-weight: 600; font-size: .82rem;
  border: 1px solid transparent}
.rv-good {background: color-mix(in srgb, #0F7490 22%, transparent); border-color: #0F7490}
.rv-bad {background: color-mix(in srgb, #AF4036 22%, transparent); border-color: #AF4036}
.rv-neutral {background: color-mix(in srgb, #805AD9 18%, transparent); border-color: #805AD9}
.rv-none {border-color: color-mix(in srgb, currentColor 30%, transparent); font-weight: 400}
"""


def popularity_words(percentile: float, watches: int) -> str:
    """How popular a video is among all, for people.

    >>> popularity_words(0.976, 40), popularity_words(0.2, 3), popularity_words(0.1, 0)
    ('top 3 %', 'bottom 20 %', 'not watched yet')
    """
    if not watches:
        return "not watched yet"
    above = percentile >= 0.5
    share = max(1, math.ceil(round(100 * (1 - percentile if above else percentile), 6)))
    return f"{'top' if above else 'bottom'} {share} %"


def value_text(value: float, *, percent: bool) -> str:
    """A mean with the digits that its interval deserves, "–" where undefined.

    >>> value_text(0.2859, percent=True), value_text(0.2859, percent=False)
    ('28.6\\u202f%', '0.286')
    """
    if math.isnan(value):
        return "–"
    return f"{100 * value:.1f}{NARROW_SPACE}%" if percent else f"{value:.3f}"


def signed_text(value: float, *, percent: bool) -> str:
    """A difference with its sign, in points (hundredths) where `percent`.

    >>> signed_text(-0.0123, percent=True), signed_text(0.5, percent=False)
    ('−1.2', '+0.500')
    """
    if math.isnan(value):
        return "–"
    return (f"{100 * value:+.1f}" if percent else f"{value:+.3f}").replace("-", "−")
