"""The measures in the words of the app: one title, one sentence and one unit for each, everywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from relvid_core.config import PropensitySource
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
        ('28.6\u202f%', '0.286', '–')
        """
        if math.isnan(value):
            return "–"
        return f"{100 * value:.1f}{NARROW_SPACE}%" if self.percent else f"{value:.3f}"

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
TRUE_ENGAGEMENT: Final = Measure(
    "true_engagement",
    "True engagement",
    "The chance that a viewer of the seed video engages with a video of its list when it is shown. Only a made-up "
    "world can know it: no log and no popularity is in it.",
)

PROPENSITIES: Final[dict[PropensitySource, str]] = {
    "auto": "exposures, if any",
    "exposures": "exposures",
    "popularity": "popularity proxy",
    "learned": "a model of what is shown",
}


def propensity_sources(*, has_exposures: bool) -> list[PropensitySource]:
    """What a log can say about how often a video was shown."""
    return [source for source in PROPENSITIES if has_exposures or source != "exposures"]
