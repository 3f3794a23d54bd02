"""What the tour says, in plain sentences that claim no more than a verdict does; every figure is from stored runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from relvid_core.evaluation.estimates import FEW_SEEDS, Estimate
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments.ladder_words import percent
from relvid_core.experiments.tour import Change, Lever
from relvid_core.experiments.wording import listed_words

_ASKED: Final[dict[Lever, str]] = {
    "relevance": "to stay on the subject",
    "correction": "to correct for popularity",
    "other settings": "to learn with other settings",
}


def start_words(n_videos: int, n_engagements: int, *, trained: bool) -> str:
    """What this is about, and whether the two models of the tour are there."""
    question = (
        f"Somebody is watching a video: what should stand next to it? Here are {n_videos:,} videos and "
        f"{n_engagements:,} times that somebody watched one. "
    )
    if trained:
        return question + "Two small models have learned from them; the next steps look at what each would show."
    return question + (
        "First, two small models must learn from them: one minds engagement only (what people watch), the other "
        "something more. It takes from some seconds to a minute, and you can go on using the app."
    )


def lists_words(k: int) -> str:
    """What a list of related videos is."""
    return (
        "On top is the **seed**, the video being watched. Below are two **lists**: what each model would show next to "
        f"it, best first. Click any video to make it the seed, and hop along. All measures are taken on the first {k} "
        "places, for every seed video."
    )


def engagement_words(
    estimates: Mapping[str, Estimate], chance: float, popular: Change | None, *, k: int, head_share: float
) -> str:
    """What a model that minds engagement only does. `chance` is the topic match of a random list, NaN without topics;
    `popular` is its recall beside that of showing everybody the most popular videos."""
    found = percent(estimates[RECALL].mean)
    said = [
        f"List A comes from the model that minds engagement only. Its lists of {k} find {found} of what viewers really "
        "watched close to the seed later; this is called **recall**."
    ]
    if popular is not None:
        said.append(_beside_popular(popular))
    topics = estimates.get(TOPIC_MATCH)
    if topics is not None and not math.isnan(topics.mean):
        random = "" if math.isnan(chance) else f"; of a random list, {percent(chance)} would be"
        said.append(f"{percent(topics.mean)} of a list are on the seed’s subject (**topic match**){random}.")
    share = percent(estimates[POPULAR_SHARE].mean)
    said.append(
        f"The most watched {percent_round(head_share)} of all videos take {share} of the places (**popular share**)."
    )
    return " ".join(said)


def _beside_popular(popular: Change) -> str:
    other = f"Showing everybody the same most watched videos would find {percent(popular.before)}"
    if not popular.evident:
        return f"{other}: no evidence that the model is better or worse than that."
    return other + (": the model is better than that." if popular.verdict == "better" else ": the model is worse.")


def trade_words(found: Mapping[str, Change], levers: Sequence[Lever], *, graded_by_training: bool) -> str:
    """What the other model buys and what it costs beside the one that minds engagement only.

    `graded_by_training`: relevance was learned from the topics that topic match is graded by, which is said beside it.
    """
    asked = listed_words([_ASKED[lever] for lever in levers])
    said = [f"List B comes from a model that was also asked {asked}."]
    topics = found.get(TOPIC_MATCH)
    if topics is not None and topics.difference.n:
        said.append(_topic_sentence(topics, graded_by_training=graded_by_training))
    said.append(_recall_sentence(found[RECALL]))
    said.append(_popular_sentence(found[POPULAR_SHARE]))
    if len(levers) > 1:
        said.append("The models differ in more than one thing, so this is what all of it does together.")
    if found[RECALL].difference.n < FEW_SEEDS:
        said.append(f"Only {found[RECALL].difference.n} seed videos were asked: trust no small difference.")
    return " ".join(said)


def _topic_sentence(change: Change, *, graded_by_training: bool) -> str:
    if change.verdict == "better":
        note = "; it was trained on the same topics that grade it" if graded_by_training else ""
        return f"It **buys relevance**: topic match {_from_to(change)}{note}."
    if change.verdict == "worse":
        return f"It does **not** buy relevance: topic match falls, {_from_to(change)}."
    return f"There is **no evidence** that it buys relevance: topic match {_from_to(change)}."


def _recall_sentence(change: Change) -> str:
    if change.verdict == "worse":
        return f"It **costs recall**: {_from_to(change)}."
    if change.verdict == "better":
        return f"It costs no recall but wins some: {_from_to(change)}."
    return (
        f"There is **no evidence** that it costs or wins recall: {_from_to(change)}. A price inside that range could "
        "still be there."
    )


def _popular_sentence(change: Change) -> str:
    if not change.evident:
        return f"No evidence that its lists are more or less popular: {_from_to(change)}."
    more = "more" if change.verdict == "more popular" else "fewer"
    return f"Its lists hold {more} of the most watched videos: {_from_to(change)}."


def correction_words(found: Mapping[str, Change] | None, strength: float) -> str:
    """What correcting for popularity does: a model against its twin that differs in nothing else."""
    said = (
        "Much watched videos were often just shown more. **Popularity correction** lets pairs with rarely shown videos "
        "count more while a model learns. "
    )
    if found is None:
        return said + (
            "Whether it pays here is not known yet: it takes two models that differ in nothing else. “Train the "
            "comparison” on this page makes them."
        )
    recall, popular = found[RECALL], found[POPULAR_SHARE]
    recall_words = {
        "better": f"finds **more** of what viewers watched next: recall {_from_to(recall)}",
        "worse": f"finds **less** of what viewers watched next: recall {_from_to(recall)}",
    }.get(recall.verdict, f"shows **no evidence** of finding more or less: recall {_from_to(recall)}")
    popular_words = {
        "less popular": f"the most watched videos lose places, {_from_to(popular)}",
        "more popular": f"the most watched videos gain places, {_from_to(popular)}",
    }.get(popular.verdict, f"there is no evidence that the most watched videos lose places, {_from_to(popular)}")
    return (
        f"{said}Here a model with it (strength {strength:g}) {recall_words}; {popular_words}. The log itself was made "
        "by showing popular videos, so recall counts against every correction."
    )


def picture_words(found: Mapping[str, Change]) -> str:
    """How to read the picture of all runs, and where the two models of the tour stand."""
    said = (
        "Scroll down to the picture. Further right: the lists find more of what was watched next. Further up: more on "
        "the subject. The region around a point is where chance may have moved it; orange means many popular videos. "
    )
    topics, recall = found.get(TOPIC_MATCH), found[RECALL]
    moves = []
    if topics is not None and topics.evident:
        moves.append("higher" if topics.verdict == "better" else "lower")
    if recall.evident:
        moves.append("further right" if recall.verdict == "better" else "further left")
    said += (
        f"Of the two models, the second stands {listed_words(moves)}, beyond chance. "
        if moves
        else "Of the two models, there is no evidence that either stands anywhere else than the other. "
    )
    return said + "Between models of which none lies above and to the right of the other, the choice is yours."


def vote_words(n_votes: int) -> str:
    """Why people should judge, too."""
    votes = f"{n_votes:,} {'vote' if n_votes == 1 else 'votes'} so far" if n_votes else "Nobody has voted on them yet"
    return (
        "All figures stand in for what viewers want. So ask them: the same two lists without names, their sides drawn "
        f"by chance. {votes}. Vote a few times yourself, then open the results below; few votes prove little."
    )


def try_words(*, can_mix: bool) -> str:
    """Where to go from here."""
    mix = "**Mix** moves the balance of relevance and popularity at once, without training; " if can_mix else ""
    return (
        f"Your turn. On this page the sliders set what a model minds: train one, and it joins the picture. {mix}"
        "**Data** takes your own catalogue and watch log. This was the tour."
    )


def _from_to(change: Change) -> str:
    """Both means, and the difference with its interval, in percentage points."""
    mean, low, high = (
        _points(value) for value in (change.difference.mean, change.difference.low, change.difference.high)
    )
    reach = "" if math.isnan(change.difference.low) else f", {low} to {high}"
    return f"{percent(change.before)} → {percent(change.after)} ({mean} points{reach})"


def _points(share: float) -> str:
    """A signed difference of shares in percentage points, with a real minus.

    >>> _points(-0.0123), _points(0.1)
    ('−1.2', '+10.0')
    """
    return f"{100 * share:+.1f}".replace("-", "−")


def percent_round(share: float) -> str:
    """A share that somebody set, without digits that nobody set.

    >>> percent_round(0.05), percent_round(0.125)
    ('5\\u202f%', '12.5\\u202f%')
    """
    return f"{100 * share:g}\u202f%"
