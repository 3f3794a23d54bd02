"""Which seed videos are shown, and their lists."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from relvid_core.report.lists import example_seeds, lists_html
from relvid_core.report.material import Material


def test_three_are_the_most_watched_of_different_topics(pair: Any) -> None:
    watched = pair.prepared.history.popularity
    group = np.arange(60) % 6 % 3  # how the fixture deals topics to groups
    seeds = pair.first.seeds
    best = [max(seeds[group[seeds] == g].tolist(), key=lambda row: (watched[row], -row)) for g in range(3)]
    shown = [example.row for example in example_seeds(pair, pair.prepared)][:3]
    assert sorted(shown) == sorted(best)
    assert watched[shown].tolist() == sorted(watched[shown], reverse=True)


def test_two_are_where_b_falls_furthest_behind(pair: Any) -> None:
    examples = example_seeds(pair, pair.prepared)
    rows = [example.row for example in examples]
    assert len(set(rows)) == len(rows) == 5
    a, b = (run.per_seed for run in pair.runs)
    for place, metric in ((3, "topic_match"), (4, "recall")):
        falls = {int(row): fall for row, fall in zip(pair.first.seeds, (b[metric] - a[metric]), strict=True)}
        left = {row: fall for row, fall in falls.items() if row not in rows[:place]}
        assert falls[rows[place]] == min(fall for fall in left.values() if not np.isnan(fall)) < 0
        assert metric.replace("_", " ") in examples[place].why


def test_one_run_shows_the_most_watched_alone(alone: Any) -> None:
    assert len(example_seeds(alone, alone.prepared)) == 3


def test_lists_hold_the_neighbours_of_the_runs_in_order(pair: Any) -> None:
    source = lists_html(pair)
    lists = re.findall(r'<ol class="cards">(.*?)</ol>', source)
    examples = example_seeds(pair, pair.prepared)
    assert len(lists) == 2 * len(examples)
    titles = pair.prepared.dataset.catalog.titles
    for place, example in enumerate(examples):
        of_a = pair.runs[0].neighbours.rows[example.row, :6].tolist()
        for run, shown in zip(pair.runs, lists[2 * place : 2 * place + 2], strict=True):
            rows = run.neighbours.rows[example.row, :6].tolist()
            found = re.findall(r'<p class="title" dir="auto">(.*?)</p>', shown)
            assert [text for text in found if text.startswith("clip")] == [
                titles[row] for row in rows if titles[row].startswith("clip")
            ]
            assert len(found) == 6
            new = 0 if run is pair.runs[0] else sum(row not in of_a for row in rows)
            assert shown.count("not in A") == new


def test_without_the_dataset_there_are_none(pair: Any) -> None:
    assert lists_html(Material(pair.runs)) == ""
