"""Measures and verdicts in plain words: one title, one sentence and one unit for each, in the app and in reports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from relvid_core.evaluation import facets, judge_encoders, protocol, topic_readings
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.fully_observed import MEAN_EXCESS, RELATED_ENGAGEMENT
from relvid_core.evaluation.metrics import STRATUM_NAMES
from relvid_core.experiments.known_truth import RANDOM_ENGAGEMENT, TRUE_ENGAGEMENT

NARROW_SPACE: Final = "\u202f"
CHANCE: Final = protocol.TOPIC_CHANCE  # key of the chance level of topic match among the estimates of a run


@dataclass(frozen=True)
class Measure:
    """One measure as people read it."""

    key: str
    title: str  # {k} stands for the length of the lists
    help: str
    percent: bool = True
    unit: str = ""  # of a value that is no share, as it stands behind it
    chance: str = ""  # key of its chance level among the estimates of a run, where it has one

    def title_at(self, k: int) -> str:
        """The title for lists of `k`."""
        return self.title.format(k=k)

    def text(self, value: float) -> str:
        """A value of it with as many digits as its intervals deserve.

        >>> MEASURES["recall"].text(0.2859), MEASURES["gini"].text(0.2859), MEASURES["gini"].text(float("nan"))
        ('28.6\\u202f%', '0.286', '–')
        """
        if self.unit and not math.isnan(value):
            return f"{value:.1f}{NARROW_SPACE}{self.unit}"
        return value_text(value, percent=self.percent)

    def signed(self, value: float) -> str:
        """A difference of two values of it, with its sign and unit; shares in points.

        >>> MEASURES["recall"].signed(-0.0123), MEASURES["mean_age"].signed(12.345)
        ('−1.2 points', '+12.3\\u202fdays')
        """
        if self.unit and not math.isnan(value):
            return f"{value:+.1f}{NARROW_SPACE}{self.unit}".replace("-", "−")
        points = " points" if self.percent and not math.isnan(value) else ""
        return signed_text(value, percent=self.percent) + points

    def interval(self, estimate: Estimate) -> str:
        """Its interval, the unit once; empty where there is none."""
        if math.isnan(estimate.low):
            return ""
        return f"{self.text(estimate.low).partition(NARROW_SPACE)[0]} – {self.text(estimate.high)}"


MEASURES: Final = {
    measure.key: measure
    for measure in (
        Measure(
            TRUE_ENGAGEMENT,
            "True engagement",
            "The chance that a viewer of the seed video engages with a video of its list when it is shown. Only a "
            "made-up world can know it: no log and no popularity is in it.",
        ),
        Measure(
            RANDOM_ENGAGEMENT,
            "Engagement when shown by chance",
            "How often viewers of the seed video engaged with a video of its list that chance had shown them, after "
            "the date of the split. Few seed videos have such a showing: mind how many.",
        ),
        Measure(
            RELATED_ENGAGEMENT,
            "Loved by who loves the seed",
            "Of the viewers who were shown everything and love the seed video, the share who love a video of its list, "
            "averaged over the list. Popular videos score well here because many people love them.",
        ),
        Measure(
            MEAN_EXCESS,
            "Association beyond chance",
            "How much more often than chance and equal activity explain the seed video and a video of its list are "
            "loved together, in standard deviations, averaged over the list: 0 by chance.",
            percent=False,
        ),
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
            protocol.RECIPROCAL_RANK,
            "MRR@{k}",
            "How high up the first hit stands: 1 if it is first, a half if second, a third if third, 0 without a hit.",
            percent=False,
        ),
        Measure(
            protocol.HIT_RATE,
            "Hit rate@{k}",
            "Share of seed videos whose list holds at least one video that viewers really watched close to it later.",
        ),
        Measure(
            protocol.WEIGHTED_RECALL,
            "Recall@{k}, weighted",
            "Recall in which a video counts the more, the less it was shown before: by exposures where the log has "
            "them, else by watch counts. Plain recall favours popular lists, this one favours corrected ones: the "
            "truth lies between, so read both.",
        ),
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
        Measure(
            protocol.TOPIC_MATCH,
            "Topic match@{k}",
            "Share of the list that has the seed video's topic. The chance level is what a random list would have.",
            chance=CHANCE,
        ),
        Measure(
            topic_readings.HIDDEN_MATCH,
            "Topic match, hidden labels",
            "A random part of the videos (30 % unless set otherwise) can be hidden from the relevance loss. Of the "
            "neighbours of a hidden video that are hidden too, the share that has its topic: what a model finds out "
            "about topics that it was not told.",
            chance=facets.chance_of(topic_readings.HIDDEN_MATCH),
        ),
        Measure(
            topic_readings.FINE_MATCH,
            "Finest topic within the coarse",
            "Of the neighbours within the seed video's top-level topic, the share that has its finest topic too. "
            "Trained on the top level only, a model was never told.",
            chance=facets.chance_of(topic_readings.FINE_MATCH),
        ),
        Measure(
            judge_encoders.SEMANTIC_TEACHER,
            "Alike by the teacher",
            "How alike the list is to the seed video by the vectors of the data's own teacher encoder: mean cosine, "
            "1 is the same, and the chance level is that of random videos.",
            percent=False,
            chance=facets.chance_of(judge_encoders.SEMANTIC_TEACHER),
        ),
        Measure(
            judge_encoders.SEMANTIC_TEXT,
            "Alike by text",
            "How alike titles and descriptions of the list are to the seed video's: mean cosine of text vectors, 1 is "
            "the same, and the chance level is that of random videos.",
            percent=False,
            chance=facets.chance_of(judge_encoders.SEMANTIC_TEXT),
        ),
        Measure(
            judge_encoders.SEMANTIC_VISUAL,
            "Alike by picture",
            "How alike the pictures of the list are to the seed video's: mean cosine of picture vectors, 1 is the "
            "same, and the chance level is that of random videos.",
            percent=False,
            chance=facets.chance_of(judge_encoders.SEMANTIC_VISUAL),
        ),
        Measure(
            protocol.POPULAR_SHARE,
            "Popular share@{k}",
            "Share of the list taken by the most watched videos of the catalogue (the top 5 % unless set otherwise).",
        ),
        Measure(
            protocol.POPULARITY_PERCENTILE,
            "Mean popularity",
            "Share of the catalogue that a video of the list is more watched than, averaged over the list: 50 % is a "
            "random list.",
        ),
        Measure(
            protocol.TAIL_SHARE,
            "Tail share@{k}",
            "Share of the list taken by rarely watched videos.",
        ),
        Measure(
            facets.NOVELTY,
            "Novelty",
            "How unlikely it is that a random viewer has watched a video of the list, in bits: one more means watched "
            "by half as many.",
            percent=False,
            unit="bits",
        ),
        Measure(
            facets.TOPIC_DIVERSITY,
            "Diversity of topics",
            "Share of the pairs of videos within a list that have no topic in common. Lists that keep to the seed's "
            "topic have little of it.",
        ),
        Measure(
            facets.CONTENT_DIVERSITY,
            "Diversity of content",
            "How unlike the videos within a list are to each other: mean of 1 − cosine of their text vectors (or "
            "picture vectors, without texts), 0 for copies.",
            percent=False,
        ),
        Measure(
            facets.FRESH_SHARE,
            "Fresh share",
            "Share of the list, of its videos with a date, published in the 30 days before the split.",
        ),
        Measure(
            facets.MEAN_AGE,
            "Mean age",
            "How old the videos of the list were at the split, by their dates.",
            percent=False,
            unit="days",
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
HEADLINE: Final = {  # the few that stand in tables of all runs
    key: MEASURES[key]
    for key in (
        protocol.RECALL,
        protocol.NDCG,
        protocol.TOPIC_MATCH,
        protocol.POPULAR_SHARE,
        protocol.TAIL_SHARE,
        protocol.COVERAGE,
        protocol.GINI,
    )
}
BY_POPULARITY: Final = {  # recall by how popular its target is
    key: MEASURES[key] for key in map(protocol.stratum_recall, STRATUM_NAMES)
}
INTERVAL: Final = (
    "Intervals: where the mean would lie for other seed videos of this kind, with the same trained model (95 % unless "
    "set otherwise)."
)

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
