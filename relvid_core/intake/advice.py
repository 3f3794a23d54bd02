"""What the figures of a dataset mean for the experiments, in plain words: the consequence and the cure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from relvid_core.intake.topic_agreement import TopicAgreement

Level = Literal["ok", "look", "problem"]
_ORDER: Final[Mapping[Level, int]] = {"problem": 0, "look": 1, "ok": 2}
_FEW_VIDEOS: Final = 50
_FEW_ENGAGEMENTS: Final = 2_000


@dataclass(frozen=True)
class Advice:
    """One finding, ready to be shown."""

    level: Level
    title: str
    sentence: str


@dataclass(frozen=True)
class Findings:
    """The figures that the advice rests on; NaN = cannot be known. Shares are in [0, 1]."""

    n_videos: int
    n_users: int
    n_engagements: int
    has_time: bool
    has_exposures: bool
    missing: Mapping[str, float]  # kind → share of videos
    gini: float
    top5: float  # share of engagements on the most watched 5 % of videos
    never_watched: float
    agreement: TopicAgreement
    n_seeds: int
    n_thin: int  # seeds with fewer than min_partners partners
    min_partners: int
    single_viewers: float  # share of viewers
    n_duplicates: int  # pairs
    dropped: int  # rows, of `read`
    read: int
    n_faults: int
    ready_pairs: bool  # the dataset came as pairs, so it has no viewers


def advice_on(found: Findings) -> list[Advice]:
    """Everything worth saying, problems first."""
    every = [*_on_files(found), *_on_log(found), *_on_popularity(found), *_on_content(found), *_on_copies(found)]
    return sorted(every, key=_place)


def _place(advice: Advice) -> int:
    return _ORDER[advice.level]


def _percent(share: float) -> str:
    return "less than 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _on_files(found: Findings) -> Iterator[Advice]:
    if not found.read:
        return
    if found.dropped > 0.2 * found.read:
        yield Advice(
            "problem",
            f"{_percent(found.dropped / found.read)} of all rows were left out",
            f"{found.dropped:,} of {found.read:,} rows could not be used. Look at the reasons: most often a column is "
            "mapped wrongly, or the two files write ids differently.",
        )
    elif found.dropped:
        yield Advice(
            "look",
            f"{found.dropped:,} of {found.read:,} rows were left out",
            "The list of faults says which and why. Correct them in the file if they matter, and check again.",
        )
    elif found.n_faults:
        yield Advice(
            "ok", "Every row could be used", f"{found.n_faults:,} small faults were mended or emptied; see the list."
        )
    else:
        yield Advice("ok", "The files are clean", f"All {found.read:,} rows were read without a fault.")


def _on_log(found: Findings) -> Iterator[Advice]:
    if not found.n_engagements:
        yield Advice(
            "problem",
            "There is no watch log",
            "Nothing can be learned about engagement, and no model can be trained. Add a log with a user, a video and "
            "a time in each row. Topics can be proposed without it.",
        )
        return
    if not found.n_seeds:
        yield Advice(
            "problem",
            "Nobody watched two different videos",
            "Related videos are learned from viewers who watched both. Bring a longer log, or check the user column: "
            "an id of the session or the row in its place has this effect.",
        )
        return
    if found.n_videos < _FEW_VIDEOS or found.n_engagements < _FEW_ENGAGEMENTS:
        yield Advice(
            "look",
            "This is a small dataset",
            f"{found.n_videos:,} videos and {found.n_engagements:,} engagements: differences between two runs will "
            "mostly be chance. Look at the intervals before you believe a winner.",
        )
    thin = found.n_thin / found.n_seeds
    if thin > 0.3:
        yield Advice(
            "look",
            f"{_percent(thin)} of the videos have fewer than {found.min_partners} partners",
            f"For {found.n_thin:,} of {found.n_seeds:,} videos too little is known about what is watched next to them. "
            "Their lists rest on content: keep text and relevance switched on, or bring a longer log.",
        )
    else:
        yield Advice(
            "ok",
            "Most videos have enough partners",
            f"{found.n_seeds - found.n_thin:,} of {found.n_seeds:,} watched videos were watched together with at least "
            f"{found.min_partners} others.",
        )
    if not found.ready_pairs and found.single_viewers > 0.5:
        yield Advice(
            "look",
            f"{_percent(found.single_viewers)} of the viewers engaged only once",
            "They say nothing about what belongs together. Lower the threshold for an engagement, or join sessions of "
            "one viewer under one id.",
        )
    if not found.ready_pairs and not found.has_time:
        yield Advice(
            "look",
            "The log has no times",
            "Past and future cannot be told apart, so the test set is drawn by chance and results look better than "
            "they would be tomorrow. Add a timestamp column if you have one.",
        )
    if not found.ready_pairs and not found.has_exposures:
        yield Advice(
            "look",
            "The log does not say what was shown",
            "Without impressions, popularity bias is corrected by a popularity proxy, not by a propensity. Add rows "
            "with engagement 0 for what was shown and passed over, if you have them.",
        )


def _on_popularity(found: Findings) -> Iterator[Advice]:
    if math.isnan(found.gini):
        return
    taken = f"The most watched 5 % of the videos take {_percent(found.top5)} of all engagements"
    if found.top5 > 0.5:
        yield Advice(
            "look",
            "A few videos take most of the watching",
            f"{taken} (Gini {found.gini:.2f}). A plain model will recommend them everywhere: compare runs with and "
            "without the popularity correction.",
        )
    else:
        yield Advice("ok", "Watching is spread over many videos", f"{taken} (Gini {found.gini:.2f}).")
    if found.never_watched > 0.3:
        yield Advice(
            "look",
            f"{_percent(found.never_watched)} of the videos were never watched",
            "Only their content can place them. Keep text switched on, or leave them out if they are not on offer.",
        )


def _on_content(found: Findings) -> Iterator[Advice]:
    if found.missing["topics"] == 1.0:
        yield Advice(
            "problem",
            "There are no topics",
            "Topic match cannot be measured and relevance cannot be trained on topics. Map a column of genres, "
            "categories or tags, or have topics proposed from the texts.",
        )
    elif found.missing["topics"] > 0.2:
        yield Advice(
            "look",
            f"{_percent(found.missing['topics'])} of the videos have no topic",
            "They are left out of topic match, as seeds and as matches. Fill them in, or have topics proposed.",
        )
    agreement = found.agreement
    if agreement.n_pairs and not math.isnan(agreement.observed):
        shares = (
            f"{_percent(agreement.observed)} of what is watched together shares a topic, {_percent(agreement.chance)}"
        )
        lift = agreement.observed / agreement.chance if agreement.chance > 0 else math.inf
        if agreement.chance > 0.8:
            yield Advice(
                "look",
                "The topics are too coarse to tell videos apart",
                f"{shares} would by chance. Use finer topics, or topic match will look good for any list.",
            )
        elif lift < 1.2:
            yield Advice(
                "look",
                "Topics say little about what is watched together",
                f"{shares} would by chance. Training on these topics will cost engagement; other topics, proposed from "
                "the texts, may fit better.",
            )
        else:
            yield Advice("ok", "Topics and watching agree", f"{shares} would by chance.")
    if found.missing["titles"] > 0.5 and found.missing["descriptions"] > 0.5:
        yield Advice(
            "look",
            "Most videos have no text",
            "Models can only learn from the log, and new videos cannot be placed. Map a title or description column.",
        )
    elif found.missing["titles"] > 0.05:
        yield Advice(
            "look",
            f"{_percent(found.missing['titles'])} of the videos have no title",
            "Their ids are shown in place of titles, and models read nothing there. Add the titles if you have them.",
        )
    if 0.0 < found.missing["pictures"] < 1.0:
        share = _percent(found.missing["pictures"])
        yield Advice("look", f"{share} of the videos have no picture", "A drawn one stands in for them on the cards.")


def _on_copies(found: Findings) -> Iterator[Advice]:
    if found.n_duplicates:
        yield Advice(
            "look",
            f"{found.n_duplicates:,} pairs of videos look like copies",
            "Copies fill lists with the same thing and make topic match look better than it is. Look through them, and "
            "leave the copies out of the catalogue.",
        )
    else:
        yield Advice("ok", "No copies found", "No two videos share a title, a text or a picture.")
