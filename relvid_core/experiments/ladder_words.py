"""What a ladder shows, in plain sentences that say no more than its verdicts do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments.compare import Verdict
from relvid_core.experiments.gaps import Gap
from relvid_core.experiments.ladder import RECALL_COLD_SEEDS, RECALL_TAIL_SEEDS, LadderStep, RungName
from relvid_core.experiments.wording import listed_words

_LEVERS: Final[dict[RungName, str]] = {
    "relevance": "relevance",
    "text": "text",
    "visual": "pictures",
    "correction": "the popularity correction",
}
_PLURAL: Final[RungName] = "visual"
_EFFECTS: Final = {
    RECALL: "recall",
    RECALL_TAIL_SEEDS: "recall of rarely watched seeds",
    RECALL_COLD_SEEDS: "recall of new videos",
    TOPIC_MATCH: "topic match",
    POPULAR_SHARE: "the share of popular videos",
}
_UP: Final[tuple[Verdict, ...]] = ("better", "more popular", "higher")


def ladder_sentences(steps: Sequence[LadderStep], *, topics_train: bool) -> list[str]:
    """What helps new videos, then what else each lever changes, then the levers without evidence of any change.

    `topics_train`: relevance was learned from the topics that topic match is graded by, which is said beside it. Every
    change named is one with a verdict of its own; all of them are against the rung below.
    """
    above = [(below, step) for below, step in pairwise(steps) if step.gaps]
    said = [_new_videos(above)]
    said += [_changes(step, topics_train=topics_train) for _, step in above]
    quiet = [step.rung for _, step in above if not any(gap.evident for gap in step.gaps.values())]
    if quiet:
        said.append(
            f"There is no evidence that {listed_words([_LEVERS[rung] for rung in quiet], 'or')} changes anything."
        )
    return [sentence for sentence in said if sentence]


def _new_videos(above: Sequence[tuple[LadderStep, LadderStep]]) -> str:
    asked = [(below, step) for below, step in above if RECALL_COLD_SEEDS in step.gaps]
    if not asked:
        return ""
    helped = [(below, step) for below, step in asked if step.gaps[RECALL_COLD_SEEDS].verdict == "better"]
    if not helped:
        return "No lever is shown to help new videos."
    names = [_LEVERS[step.rung] for _, step in helped]
    verb = "help" if len(helped) > 1 or helped[0][1].rung == _PLURAL else "helps"
    means = [tuple(one.estimates[RECALL_COLD_SEEDS].mean for one in steps) for steps in helped]
    reached = [f"{percent(after)} instead of {percent(before)}" for before, after in means]
    if len(helped) == 1:
        return _capital(f"{names[0]} {_be(helped[0][1].rung)} what {verb} new videos: recall {reached[0]}.")
    by_name = [f"{numbers} with {name}" for numbers, name in zip(reached, names, strict=True)]
    return _capital(f"{listed_words(names)} {verb} new videos: recall {listed_words(by_name)}.")


def _changes(step: LadderStep, *, topics_train: bool) -> str:
    """One sentence on what else a lever changes, "" if nothing."""
    parts: list[str] = []
    for name, words in _EFFECTS.items():
        gap = step.gaps.get(name)
        if gap is None or not gap.evident or (name == RECALL_COLD_SEEDS and gap.verdict == "better"):
            continue
        if name == RECALL_TAIL_SEEDS and gap.verdict == step.gaps[RECALL].verdict:
            continue  # the same as recall as a whole
        note = " (graded by the topics that it learned from)" if name == TOPIC_MATCH and topics_train else ""
        note = note if step.rung == "relevance" and gap.verdict == "better" else ""
        parts.append(f"{_verb(gap, step.rung)} {words} by {points(gap.difference.mean)}{note}")
    return _capital(f"{_LEVERS[step.rung]} {listed_words(parts)}.") if parts else ""


def _verb(gap: Gap, rung: RungName) -> str:
    return ("raise" if gap.verdict in _UP else "lower") + ("" if rung == _PLURAL else "s")


def _be(rung: RungName) -> str:
    return "are" if rung == _PLURAL else "is"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def percent(share: float) -> str:
    """A share with the digits that its interval deserves.

    >>> percent(0.0204)
    '2.0\\u202f%'
    """
    return f"{100 * share:.1f}\u202f%"


def points(difference: float) -> str:
    """A difference of shares without its sign; small ones keep a digit that is not 0.

    >>> points(-0.1234), points(0.00043)
    ('12.3 points', '0.043 points')
    """
    size = 100 * abs(difference)
    return f"{size:.1f} points" if size >= 0.95 else f"{size:.2g} points"
