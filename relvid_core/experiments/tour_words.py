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
    """What this is about, and whether the models of the tour are there."""
    question = (
        "Somebody is watching a video. Which videos should stand next to it? More of the same subject, or whatever "
        f"people tend to watch next, or something that few know yet? Here are {n_videos:,} videos and "
        f"{n_engagements:,} times that somebody watched one, to find out what each choice gains and loses. "
    )
    if trained:
        return question + "Two small models have learned from them; the next steps look at what each would show."
    return question + (
        "First some small models must learn from them. It takes from some seconds to a minute, and you can go on using "
        "the app."
    )


def models_words(levers: Sequence[Lever], relevance: float) -> str:
    """What the two models are, and what sets them apart; `relevance` is the weight that the other one was given."""
    said = [
        "Each model has learned to place all videos on a kind of map: videos that people watched close together come "
        "to lie close together. It has two parts, called **towers**: one says where the video being watched belongs, "
        "the other where every other video does. What stands next to a video is simply what lies nearest.",
        "**Model A** minds **engagement** only: what people watched.",
    ]
    if "relevance" in levers:
        said.append(
            f"**Model B** was asked for **relevance**, too: videos of one subject should lie close together. How much "
            f"that counts is the **relevance weight**, {relevance:g} here and 0 in A; it is a slider on the page Tune."
        )
        rest = [_ASKED[lever] for lever in levers if lever != "relevance"]
        if rest:
            said.append(f"B was also asked {listed_words(rest)}.")
    else:
        said.append(f"**Model B** was also asked {listed_words([_ASKED[lever] for lever in levers])}.")
    return "\n\n".join(said)


def lists_words(shown: int, k: int) -> str:
    """What a list of related videos is; `shown` of its places are on the page, `k` are measured."""
    return (
        "On top is the video being watched, called the **seed**. Below is what each model would show next to it, best "
        f"first: {shown} places of the {k} that all measures look at. Click a video to make it the seed."
    )


def engagement_words(
    estimates: Mapping[str, Estimate], chance: float, popular: Change | None, *, k: int, head_share: float
) -> str:
    """What a model that minds engagement only does. `chance` is the topic match of a random list, NaN without topics;
    `popular` is its recall beside that of showing everybody the most popular videos."""
    found = percent(estimates[RECALL].mean)
    beside = "" if popular is None else f" {_beside_popular(popular)}"
    said = [
        f"Model A minds engagement only. Its lists of {k} find {found} of what viewers really watched close to the "
        f"seed later; this is called **recall**.{beside}"
    ]
    topics = estimates.get(TOPIC_MATCH)
    if topics is not None and not math.isnan(topics.mean):
        random = "" if math.isnan(chance) else f"; of a random list, {percent(chance)} would be"
        said.append(f"{percent(topics.mean)} of a list are on the seed’s subject (**topic match**){random}.")
    share = percent(estimates[POPULAR_SHARE].mean)
    said.append(
        f"The most watched {percent_round(head_share)} of all videos take {share} of the places (**popular share**)."
    )
    return "\n\n".join(said)


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
    points = [_topic_sentence(found[TOPIC_MATCH], graded_by_training=graded_by_training)] if _has_topics(found) else []
    points += [_recall_sentence(found[RECALL]), _popular_sentence(found[POPULAR_SHARE])]
    notes = ["The models differ in more than one thing, so this is what all of it does together."] * (len(levers) > 1)
    if found[RECALL].difference.n < FEW_SEEDS:
        notes.append(f"Only {found[RECALL].difference.n} seed videos were asked: trust no small difference.")
    listed = "\n".join(f"- {point}" for point in points)
    return "\n\n".join([f"Model B is like A, but was also asked {asked}.", listed, *notes])


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
            "Whether it pays here is not known yet: it takes two models that differ in nothing else, and one of them "
            "has not been trained."
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
        "In the picture: further right, the lists find more of what was watched next; further up, more of them is on "
        "the subject. The area around a point is where chance may have put it. "
    )
    topics, recall = found.get(TOPIC_MATCH), found[RECALL]
    moves = []
    if topics is not None and topics.evident:
        moves.append("higher" if topics.verdict == "better" else "lower")
    if recall.evident:
        moves.append("further right" if recall.verdict == "better" else "further left")
    said += (
        f"B stands {listed_words(moves)}, beyond chance. "
        if moves
        else "There is no evidence that A and B stand in different places. "
    )
    return said + "A model above and to the right of another is better at both; else the choice is yours."


def limits_words(n_seeds: int, *, graded_by_training: bool, made_up: bool) -> list[str]:
    """What the figures cannot say, one paragraph each, the gravest first."""
    said = [
        "**What was never shown was never watched.** Recall counts what people watched in a log of the old lists. A "
        "model that finds better videos than those gets no credit for it; only showing its lists to people can tell.",
    ]
    if graded_by_training:
        said.append(
            "**The same subjects teach and grade.** B learned from the subject labels that topic match is counted by. "
            "More of it shows that B did what it was asked, not that viewers find its lists more relevant."
        )
    said.append(
        f"**Chance has two parts, and the ranges cover one.** They say how far other seed videos than these "
        f"{n_seeds:,} may have moved a figure. Training again from another random start moves it, too."
    )
    if made_up:
        said.append("**This world is made up.** Its videos and viewers do not exist; try your own on the page Data.")
    return said


def summary_words(found: Mapping[str, Change], levers: Sequence[Lever]) -> str:
    """The whole story in a sentence."""
    parts = [_moved("topic match", found[TOPIC_MATCH])] if _has_topics(found) else []
    parts.append(_moved("recall", found[RECALL]))
    parts.append(_moved("popular share", found[POPULAR_SHARE]))
    return f"**In short**, asking a model {listed_words([_ASKED[lever] for lever in levers])}: {'; '.join(parts)}."


def _moved(name: str, change: Change) -> str:
    if not change.evident:
        return f"{name}, no evidence of a change ({percent(change.before)} → {percent(change.after)})"
    way = "rises" if change.difference.mean > 0 else "falls"
    return f"{name} {way} from {percent(change.before)} to {percent(change.after)}"


def _has_topics(found: Mapping[str, Change]) -> bool:
    return TOPIC_MATCH in found and found[TOPIC_MATCH].difference.n > 0


def vote_words(n_votes: int) -> str:
    """Why people should judge, too."""
    votes = f"{n_votes:,} {'vote' if n_votes == 1 else 'votes'} so far" if n_votes else "Nobody has voted on them yet"
    return (
        "**Vote.** All figures stand in for what viewers want, so ask them: the same two lists without names, their "
        f"sides drawn by chance. {votes}."
    )


def try_words(*, can_mix: bool) -> str:
    """Where to go from here."""
    mix = "\n- **Mix** moves the balance of relevance and popularity at once, without training." if can_mix else ""
    return (
        "- **Tune** has the sliders: set the relevance weight, train, and the model joins the picture on Overview."
        f"{mix}\n- **Browse** sets the lists of two models beside each other, for any video.\n"
        "- **Data** takes your own catalogue and watch log."
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
