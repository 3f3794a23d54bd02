"""The lists of a few seed videos, chosen by a fixed rule, as small cards with their pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from relvid_core import columns as c
from relvid_core.data.pictures import picture_uri, placeholder
from relvid_core.evaluation.protocol import RECALL, TOPIC_MATCH
from relvid_core.experiments import compare
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run
from relvid_core.report.markup import escaped, named
from relvid_core.report.material import Material
from relvid_core.report.words import popularity_words

SHOWN: Final = 6  # places of each list
_TOPICS: Final = 3  # examples by popularity
_WORST: Final = {TOPIC_MATCH: "topic match", RECALL: "recall"}
_LARGEST_PICTURE: Final = 60_000  # bytes
_ALL_PICTURES: Final = 1_500_000  # bytes of all data URIs together; drawn pictures take their place beyond


@dataclass(frozen=True)
class Example:
    """A seed video, and why it is shown."""

    row: int
    why: str


@dataclass
class _Album:
    """Pictures within a budget of bytes. Each video's picture is decided once."""

    prepared: Prepared
    spent: int = 0
    uris: dict[int, str] = field(default_factory=dict)

    def picture(self, row: int) -> str:
        if row not in self.uris:
            catalog = self.prepared.dataset.catalog
            uri = picture_uri(catalog, row, largest=_LARGEST_PICTURE)
            if self.spent + len(uri) > _ALL_PICTURES:
                uri = placeholder(catalog.titles[row], "")
            self.uris[row] = uri
        self.spent += len(self.uris[row])  # written out every time
        return self.uris[row]


def example_seeds(material: Material, prepared: Prepared) -> list[Example]:
    """The most watched seed of three different topics, then the two on which B fell furthest behind A."""
    watched, topics = prepared.history.popularity, prepared.dataset.catalog.topics
    seeds = material.first.seeds
    examples: list[Example] = []
    taken: set[object] = set()
    for row in seeds[np.argsort(-watched[seeds], kind="stable")].tolist():
        paths = topics.paths[row]
        topic: object = paths[0][0] if paths else row
        if len(examples) < _TOPICS and topic not in taken:
            taken.add(topic)
            examples.append(Example(row, "Most watched of its topic" if paths else "Among the most watched"))
    if len(material.runs) == 1:
        return examples
    for metric, words in _WORST.items():
        worst = compare.changed_most(material.runs[0], material.runs[1], metric, len(examples) + 1)
        for place in worst.to_dict("records"):
            row = int(place[compare.ROW])
            if row not in [example.row for example in examples]:
                fall = f"{100 * place[compare.MEAN_A]:.0f} → {100 * place[compare.MEAN_B]:.0f}\u202f%"
                examples.append(Example(row, f"B loses most {words} here ({fall} over {material.k} places)"))
                break
    return examples


def lists_html(material: Material) -> str:
    """Every run's list of every example; empty without the dataset."""
    if material.prepared is None:
        return ""
    album = _Album(material.prepared)
    rule = (
        "Chosen by a fixed rule, not by hand: the most watched seed video of three different topics"
        + (", and those on which B falls furthest behind A in topic match and in recall." if material.runs[1:] else ".")
        + f" The first {SHOWN} places of each list. ✓ marks a topic of the seed video"
        + ("; “not in A” a video that A’s list of this length does not hold." if material.runs[1:] else ".")
    )
    seeds = [_example_html(material, example, album) for example in example_seeds(material, material.prepared)]
    return f'<p class="note">{rule}</p>{"".join(seeds)}'


def _example_html(material: Material, example: Example, album: _Album) -> str:
    prepared, catalog = album.prepared, album.prepared.dataset.catalog
    title = escaped(catalog.titles[example.row])
    chips = "".join(f"<li><bdi>{escaped(_leaf(topic))}</bdi></li>" for topic in catalog.topics.labels(example.row)[:3])
    words = f"{_popularity(prepared, example.row)} by popularity"
    seed = (
        f'<div class="seed"><img src="{album.picture(example.row)}" alt="" width="320" height="180"><div>'
        f'<p class="why">{example.why}</p><h3 dir="auto">{title}</h3><ul class="chips">{chips}</ul>'
        f'<p class="note">{words}</p></div></div>'
    )
    lists = [_list_html(material, run, letter, colour, example.row, album) for letter, colour, run in material.lettered]
    return f'<article class="example">{seed}{"".join(lists)}</article>'


def _list_html(material: Material, run: Run, letter: str, colour: str, row: int, album: _Album) -> str:
    prepared = album.prepared
    k = min(SHOWN, run.neighbours.k)
    beside = None if run is material.first else run
    places = compare.side_by_side(material.first, beside, row, k, prepared.dataset.catalog, prepared.judge.percentile)
    own = places[places[c.RUN] == (compare.SIDE_A if beside is None else compare.SIDE_B)]
    cards = [_card_html(place, beside is not None, album) for place in own.to_dict("records")]
    facts = compare.list_facts(run, row, k, prepared.judge)
    rule = "on its main topic" if prepared.judge.config.topic_rule == "primary" else "on topic"
    topic = "" if math.isnan(facts.on_topic) else f"{facts.on_topic * facts.k:.0f} of {facts.k} {rule} · "
    said = f"{topic}{facts.popular} of {facts.k} popular"
    return (
        f'<p class="list-head">{named(letter, colour, run.info.label)} <small>{said}</small></p>'
        f'<ol class="cards">{"".join(cards)}</ol>'
    )


def _card_html(place: dict[Any, Any], compared: bool, album: _Album) -> str:
    catalog, row = album.prepared.dataset.catalog, int(place[compare.ROW])
    shared = place[compare.SHARED_TOPICS]
    topics = [*shared, *(topic for topic in catalog.topics.labels(row) if topic not in shared)]
    chip = ""
    if topics:
        own, tick = (' class="shared"', "✓ ") if shared else ("", "")
        chip = f'<ul class="chips"><li{own}>{tick}<bdi>{escaped(_leaf(topics[0]))}</bdi></li></ul>'
    new = '<span class="tag new">not in A</span>' if compared and not place[compare.IN_OTHER] else ""
    return (
        f'<li><div class="thumb"><img src="{album.picture(row)}" alt="" width="320" height="180">'
        f'<span class="tag">{place[c.RANK]}</span>{new}</div>'
        f'<div><p class="title" dir="auto">{escaped(catalog.titles[row])}</p>{chip}'
        f'<p class="note">{_popularity(album.prepared, row)}</p></div></li>'
    )


def _popularity(prepared: Prepared, row: int) -> str:
    return popularity_words(float(prepared.judge.percentile[row]), int(prepared.history.popularity[row]))


def _leaf(topic: str) -> str:
    return topic.rsplit(" > ", 1)[-1]
