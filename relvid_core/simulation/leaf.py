"""One finest-level topic of the sample world, as the words its titles and descriptions are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leaf:
    """Words of one leaf topic. Every phrase fits mid-sentence, in lower case, and as singular or plural alike."""

    top: str
    name: str
    things: tuple[str, ...]  # noun phrases
    actions: tuple[str, ...]  # imperatives: "shape a wet dough"
    twists: tuple[str, ...]  # tails: "without a mixer"
    places: tuple[str, ...]  # tails: "in a tiny kitchen"
    people: tuple[str, ...]  # plural nouns
    titles: tuple[str, ...]  # whole titles, used once each

    @property
    def path(self) -> tuple[str, str]:
        """The topic path in the taxonomy."""
        return (self.top, self.name)

    @property
    def slug(self) -> str:
        """A folder name: lower-case letters and hyphens only."""
        return "-".join("".join(ch if ch.isalpha() else " " for ch in f"{self.top} {self.name}".lower()).split())


def leaf(top: str, name: str, things: str, actions: str, twists: str, places: str, people: str, titles: str) -> Leaf:
    """A leaf from lists written with semicolons."""
    lists = (
        tuple(part.strip() for part in text.split(";")) for text in (things, actions, twists, places, people, titles)
    )
    return Leaf(top, name, *lists)
