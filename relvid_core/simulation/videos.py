"""The invented catalogue: channels, titles, descriptions, durations and dates, made from each leaf's own words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.topics import TOPIC_SEPARATOR, format_topic
from relvid_core.runtime import generator
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.leaf import Leaf
from relvid_core.simulation.phrases import (
    CHANNEL_FIRST,
    CHANNEL_LAST,
    CHANNEL_SECOND,
    DESCRIPTION_PATTERNS,
    DETOUR_PATTERNS,
    FORMATS,
    TITLE_PATTERNS,
    VARIED_NUMBERS,
)
from relvid_core.simulation.vocabulary import COMPLEMENTS, LEAVES

Ints = npt.NDArray[np.int64]
Words = dict[str, str]

TYPICAL_MINUTES: Final = {"guide": 11.0, "story": 24.0, "review": 13.0, "vlog": 16.0, "short": 0.8, "session": 58.0}
DURATION_SPREAD: Final = 0.35  # standard deviation of log duration within a format
LOG_START: Final = pd.Timestamp("2025-01-06")  # a Monday; every video is older, so that all can be shown from day one


@dataclass(frozen=True)
class Videos:
    """The catalogue as users see it, and the drawn attributes behind it; every array is `[n_videos]` in row order."""

    frame: pd.DataFrame  # the columns of catalogue.parquet
    primary: Ints  # index into vocabulary.LEAVES
    secondary: Ints  # the second leaf, or -1
    format: Ints  # index into phrases.FORMATS
    creator: Ints  # index of the channel


def make_videos(config: WorldConfig) -> Videos:
    """Draw the catalogue of a world."""
    rng = generator(config.seed, "videos")
    n = config.n_videos
    primary = rng.permutation(np.arange(n) % len(LEAVES))
    second = np.where(rng.random(n) < config.second_topic_share, _second_topics(primary, rng), -1)
    creator, channels = _creators(primary, config, rng)
    habits = rng.dirichlet(np.full(len(FORMATS), 0.6), size=len(channels))  # most channels keep to a few formats
    kind = np.array([rng.choice(len(FORMATS), p=habits[channel]) for channel in creator], dtype=np.int64)
    minutes = np.array([TYPICAL_MINUTES[name] for name in FORMATS])[kind]
    duration = np.round(60 * minutes * np.exp(DURATION_SPREAD * rng.standard_normal(n)))
    days = rng.uniform(1, config.catalogue_days, size=n)
    published = LOG_START - pd.to_timedelta(np.round(days * 86_400), unit="s")
    ids = [f"rv{number:05d}" for number in range(n)]
    titles, words = _titles(primary, kind, rng)
    frame = pd.DataFrame(
        {
            c.VIDEO_ID: ids,
            c.TITLE: titles,
            c.DESCRIPTION: [
                _description(own, LEAVES[s] if s >= 0 else None, FORMATS[k], rng)
                for own, s, k in zip(words, second, kind, strict=True)
            ],
            c.TOPICS: [_topic_cell(p, s) for p, s in zip(primary, second, strict=True)],
            c.CREATOR: [channels[channel] for channel in creator],
            c.DURATION_S: np.clip(duration, 15, None).astype(np.int64),
            c.PUBLISHED_AT: published.strftime("%Y-%m-%d"),
            c.THUMBNAIL: [f"{LEAVES[p].slug}/{video_id}.webp" for p, video_id in zip(primary, ids, strict=True)],
        }
    )
    return Videos(frame, primary, second, kind, creator)


def _topic_cell(primary: int, secondary: int) -> str:
    paths = [LEAVES[leaf].path for leaf in (primary, secondary) if leaf >= 0]
    return f" {TOPIC_SEPARATOR} ".join(format_topic(path) for path in paths)


def partners() -> list[list[int]]:
    """For every leaf, the leaves of other top topics that go with it."""
    number = {leaf.name: i for i, leaf in enumerate(LEAVES)}
    out: list[list[int]] = [[] for _ in LEAVES]
    for a, b in COMPLEMENTS:
        out[number[a]].append(number[b])
        out[number[b]].append(number[a])
    return out


def _second_topics(primary: Ints, rng: np.random.Generator) -> Ints:
    """A sibling under the same top topic or a partner elsewhere, half and half."""
    elsewhere = partners()
    siblings = [[j for j, other in enumerate(LEAVES) if other.top == leaf.top and other is not leaf] for leaf in LEAVES]
    pools = ((siblings if rng.random() < 0.5 else elsewhere)[leaf] for leaf in primary)
    return np.array([rng.choice(pool) for pool in pools], dtype=np.int64)


def _creators(primary: Ints, config: WorldConfig, rng: np.random.Generator) -> tuple[Ints, list[str]]:
    """Give every video a channel that knows its leaf: channels have one or two leaves and unequal output."""
    n = max(config.n_creators, len(LEAVES))
    first = np.arange(n) % len(LEAVES)
    second = np.where(rng.random(n) < 0.35, _second_topics(first, rng), first)
    output = rng.lognormal(0.0, 0.8, size=n)
    creator = np.empty(len(primary), dtype=np.int64)
    for leaf in range(len(LEAVES)):
        able = np.flatnonzero((first == leaf) | (second == leaf))
        here = primary == leaf
        creator[here] = rng.choice(able, size=int(here.sum()), p=output[able] / output[able].sum())
    names: list[str] = []
    taken: set[str] = set()
    for home in first:
        while True:
            last = CHANNEL_LAST[LEAVES[home].top]
            name = " ".join(str(rng.choice(words)) for words in (CHANNEL_FIRST, CHANNEL_SECOND, last))
            if name not in taken:
                break
        taken.add(name)
        names.append(name)
    return creator, names


def _titles(primary: Ints, kind: Ints, rng: np.random.Generator) -> tuple[list[str], list[Words]]:
    """Distinct titles, with the words each was made of.

    A pattern or a thing comes back within a leaf only when the others have been used as often.
    """
    titles = [""] * len(primary)
    words: list[Words] = [{} for _ in titles]
    taken: set[str] = set()
    for number, leaf in enumerate(LEAVES):
        rows = [int(row) for row in rng.permutation(np.flatnonzero(primary == number))]
        written = leaf.titles if len(rows) > 4 * len(leaf.titles) else ()
        taken.update(written)
        used: Counter[str] = Counter()
        for place, row in enumerate(rows):
            words[row] = draw_words(leaf, rng)
            if place < len(written):
                titles[row] = written[place]
                continue
            while titles[row] == "" or titles[row] in taken:
                patterns = rng.permutation(TITLE_PATTERNS[FORMATS[int(kind[row])]])
                pattern = str(min(patterns, key=lambda text: used[str(text)]))
                thing = str(min(rng.permutation(leaf.things), key=lambda text: used[str(text)]))
                words[row] = draw_words(leaf, rng, thing=thing)
                titles[row] = fill(pattern, words[row])
                used[pattern] += 1
            used[thing] += "{thing}" in pattern
            taken.add(titles[row])
    return titles, words


def draw_words(leaf: Leaf, rng: np.random.Generator, *, thing: str | None = None) -> Words:
    """One choice of a leaf's words for every slot of the patterns."""
    thing = thing or str(rng.choice(leaf.things))
    others = [other for other in leaf.things if other != thing]
    return {
        "thing": thing,
        "other": str(rng.choice(others)),
        "action": str(rng.choice(leaf.actions)),
        "twist": str(rng.choice(leaf.twists)),
        "place": str(rng.choice(leaf.places)),
        "people": str(rng.choice(leaf.people)),
        "topic": leaf.name.lower().replace("&", "and"),
        **{name: str(rng.choice(values)) for name, values in VARIED_NUMBERS.items()},
    }


def fill(pattern: str, words: Words) -> str:
    """The pattern with words in its slots, first letter upper case.

    >>> fill("{thing}, {twist}", {"thing": "rye bread", "twist": "before breakfast"})
    'Rye bread, before breakfast'
    """
    text = pattern.format(**words)
    return text[0].upper() + text[1:]


def _description(words: Words, second: Leaf | None, kind: str, rng: np.random.Generator) -> str:
    """One to three sentences on the title's own subject; a second topic is always mentioned, in its own words."""
    patterns = rng.permutation(DESCRIPTION_PATTERNS[kind])[: int(rng.integers(1, 3))]
    sentences = [fill(str(pattern), words) for pattern in patterns]
    if second is not None:
        sentences.append(fill(str(rng.choice(DETOUR_PATTERNS)), draw_words(second, rng)))
    return " ".join(sentences)
