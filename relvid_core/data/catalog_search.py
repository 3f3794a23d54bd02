"""Finding a video while somebody types: by its id, by words of its title, or by a topic."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.interactions import Counts
from relvid_core.data.topics import TopicPath, format_topic

MAX_TEXT: Final = 200  # characters that are read; nobody types more
MAX_TITLES: Final = 8
MAX_IDS: Final = 3
MAX_TOPICS: Final = 3
VIDEOS_OF_TOPIC: Final = 3
SHORTEST_ID_PREFIX: Final = 3  # shorter beginnings are words that somebody types, not ids


@dataclass(frozen=True)
class TopicHit:
    """A topic that was found, with its most watched videos."""

    label: str  # "Food > Baking"
    n_videos: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """What was found, each in the order to show it; a row under `ids` is not repeated under `titles`."""

    ids: tuple[int, ...] = ()
    titles: tuple[int, ...] = ()
    topics: tuple[TopicHit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ids or self.titles or self.topics)


class _Topic(NamedTuple):
    leaf: str  # the finest level, folded
    folded: str
    label: str
    rows: Rows


@dataclass(frozen=True)
class CatalogSearch:
    """The words of a catalogue without case and accents, folded once so that every keystroke is quick."""

    ids: list[str]  # [n_videos]
    titles: list[str]  # [n_videos]
    topics: list[_Topic]

    @classmethod
    def of(cls, catalog: Catalog) -> CatalogSearch:
        """Fold the ids, titles and topics of a catalogue; a topic holds the videos below it, too."""
        members: dict[TopicPath, list[int]] = {}
        for row, paths in enumerate(catalog.topics.paths):
            for topic in dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path) + 1)):
                members.setdefault(topic, []).append(row)
        topics = [
            _Topic(folded(path[-1]), folded(format_topic(path)), format_topic(path), np.array(rows, dtype=np.int32))
            for path, rows in members.items()
        ]
        ids = [folded(catalog.video_id(row)) for row in range(len(catalog))]
        return cls(ids, [folded(title) for title in catalog.titles], topics)

    def find(self, text: str, watches: Counts) -> Found:
        """Everything that `text` may mean, most watched first (`watches` is `[n_videos]`).

        An id that is equal to it comes before those that begin with it. A title or topic is found by all the words,
        in any order and also inside of words; those that begin with the text come first.
        """
        wanted = " ".join(folded(text[:MAX_TEXT]).split())
        if not wanted:
            return Found()
        words, order = wanted.split(), np.argsort(-watches, kind="stable").tolist()
        ids = self._ids(wanted, order)
        taken, titles = set(ids), self.titles
        hits = [row for row in order if row not in taken and all(word in titles[row] for word in words)]
        hits.sort(key=lambda row: not titles[row].startswith(wanted))
        return Found(ids, tuple(hits[:MAX_TITLES]), self._topics(wanted, words, watches))

    def _ids(self, wanted: str, order: list[int]) -> tuple[int, ...]:
        exact = [row for row in order if self.ids[row] == wanted]
        begin = [row for row in order if self.ids[row].startswith(wanted) and self.ids[row] != wanted]
        return tuple((exact + (begin if len(wanted) >= SHORTEST_ID_PREFIX else []))[:MAX_IDS])

    def _topics(self, wanted: str, words: list[str], watches: Counts) -> tuple[TopicHit, ...]:
        # One of the words must be the topic's own: else every topic below "Food" answers to "food".
        hits = [
            topic
            for topic in self.topics
            if all(word in topic.folded for word in words) and any(word in topic.leaf for word in words)
        ]
        hits.sort(key=lambda hit: (hit.leaf != wanted, not hit.leaf.startswith(wanted), -len(hit.rows), hit.label))
        return tuple(
            TopicHit(hit.label, len(hit.rows), tuple(_most_watched(hit.rows, watches))) for hit in hits[:MAX_TOPICS]
        )


def _most_watched(rows: Rows, watches: Counts) -> list[int]:
    order = np.argsort(-watches[rows], kind="stable")[:VIDEOS_OF_TOPIC]
    return [int(row) for row in rows[order]]


def folded(text: str) -> str:
    """Text as it is compared: without case and accents.

    >>> folded("CRÈME brûlée")
    'creme brulee'
    """
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(sign))
