"""The sentences of a report: protocol, settings, caveats, commands."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.report.caveats import caveats
from relvid_core.report.facts import dataset_facts
from relvid_core.report.material import Material, gather
from relvid_core.report.protocol import changed_settings, protocol_words
from relvid_core.report.recipes import train_command

PLAIN = ExperimentConfig()


def with_config(material: Material, **changed: object) -> Material:
    """The same runs as if their settings were others; the dataset is left out, since it would not fit."""
    runs = []
    for run in material.runs:
        info = replace(run.info, config=run.info.config.with_values(**changed))
        runs.append(replace(run, info=info))
    return Material(tuple(runs))


def test_protocol_names_split_pairs_seeds_and_what_was_left_apart(pair: Any) -> None:
    words = " ".join(protocol_words(pair))
    assert "Everything after one date was held back: the last 20\u202f%" in words
    assert "at most 5 steps apart, in either order" in words
    assert f"each of {len(pair.first.seeds):,} seed videos, the 10 videos" in words
    assert "its first-named topic equals that of the seed video" in words
    assert "the 5\u202f% most watched" in words
    assert "95\u202f% bootstrap intervals" in words
    n_cold = pair.prepared.evaluation.n_cold_seeds
    assert (f"{n_cold} videos that were watched after" if n_cold else "No video: all") in words


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"split__kind": "per_user"}, "last 20\u202f% of each viewer’s engagements"),
        ({"split__kind": "fully_observed"}, "lists are made from them alone"),
        ({"split__fold": "validation"}, "the test window, were not touched"),
        ({"coengagement__window": 0}, "at any distance"),
        ({"coengagement__symmetric": False}, "from the one watched first"),
        ({"coengagement__pair_weight": "user"}, "sum to the number of their engagements"),
        ({"evaluation__topic_rule": "any"}, "any of its topics equals one of the seed video’s"),
        ({"split__cold_share": 0.1}, "10\u202f% of the watched videos"),
    ],
)
def test_protocol_follows_the_settings(alone: Any, changed: dict[str, object], said: str) -> None:
    assert said in " ".join(protocol_words(with_config(alone, **changed)))


def test_only_what_differs_is_listed() -> None:
    stronger = PLAIN.with_values(off_policy__strength=0.5, training__warm_start=True)
    assert changed_settings([PLAIN, stronger, PLAIN]) == [
        ("Popularity correction β", ["0", "0.5", "0"]),
        ("Begun from an earlier run", ["no", "yes", "no"]),
    ]
    assert changed_settings([PLAIN, PLAIN]) == []
    assert changed_settings([stronger])[0] == ("Popularity correction β", ["0.5", "0"])


def test_topics_that_train_and_grade_are_said_of_the_runs_concerned(pair: Any) -> None:
    said = " ".join(caveats(pair))
    assert "Topics train and grade" in said
    assert "Run B learned" in said
    assert "Topics train" not in " ".join(caveats(with_config(pair, objective__relevance_weight=0.0)))
    assert "Topics train" not in " ".join(caveats(with_config(pair, objective__relevance_source="teacher")))


def test_the_chance_of_training_is_said_as_far_as_it_is_known(pair: Any, here: Any) -> None:
    assert "<b>One random seed.</b>" in " ".join(caveats(pair))
    twins = gather(here.store, [here.ids["plain"], here.ids["twin"]])
    assert "<b>Several random seeds.</b>" in " ".join(caveats(twins))
    mixed = gather(here.store, list(here.ids.values())[:3])
    assert "<b>One random seed for some settings.</b>" in " ".join(caveats(mixed))


def test_few_seeds_validation_and_warm_starts_are_said(alone: Any) -> None:
    said = " ".join(caveats(alone))
    assert f"<b>{len(alone.first.seeds)} seed videos.</b>" in said
    assert "only large differences" in said
    assert "Validation window" not in said
    assert "Validation window" in " ".join(caveats(with_config(alone, split__fold="validation")))
    warm = replace(alone.first, info=replace(alone.first.info, started_from="another"))
    assert "Warm start" in " ".join(caveats(Material((warm,))))


def test_the_command_survives_hostile_names(alone: Any, hostile: str) -> None:
    info = replace(alone.first.info, label=hostile, dataset_key="my data; rm")
    words = shlex.split(train_command("B", info))
    assert words == [
        *["python", "-m", "relvid_core", "train", "--data", "my data; rm", "--config", "run-b.toml", "--label", hostile]
    ]


def test_facts_count_the_dataset(alone: Any) -> None:
    facts = dataset_facts(alone.prepared.dataset)
    assert facts["Videos"] == "60"
    assert facts["Viewers"] == "60"
    assert facts["Engagements"] == f"{60 * 24:,}"
    assert facts["Exposures"] == "not recorded"
    assert facts["Topics"] == "6 on 2 levels"
    assert facts["Period"] == "2 days from 2023-11-14"  # 24 steps of 1000 s from 22:13 in the evening
