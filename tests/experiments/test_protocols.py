"""Protocols explain themselves, and are offered where the data can carry them."""

from dataclasses import replace
from pathlib import Path

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.experiments import protocols
from relvid_core.experiments.protocols import PROTOCOLS, protocol_of


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_says_in_two_sentences_or_three_what_it_does(name: protocols.ProtocolName) -> None:
    one = PROTOCOLS[name]
    assert one.name == name
    for words in (one.asks, one.mind):
        assert words.endswith(".")
        assert 60 < len(words) < 330
    assert bool(one.settings) == one.splits
    assert one.splits or one.measures


@pytest.mark.parametrize("name", [one.name for one in PROTOCOLS.values() if one.splits])
def test_a_config_made_by_a_protocol_is_recognised(name: protocols.ProtocolName) -> None:
    config = ExperimentConfig().with_values(**PROTOCOLS[name].settings)
    assert protocol_of(config) is PROTOCOLS[name]


def test_one_date_for_everybody_is_the_default(planted: Dataset) -> None:
    assert protocol_of(ExperimentConfig()).name == "global"
    assert protocols.splits_of(planted)[0].name == "global"


def test_what_a_dataset_can_carry(planted: Dataset) -> None:
    assert [one.name for one in protocols.splits_of(planted)] == ["global", "per_user", "cold"]
    assert protocols.readings_of(planted) == []
    by_lot = replace(planted, truth=planted.interactions, truth_kind="shown at random")
    assert [one.name for one in protocols.readings_of(by_lot)] == ["random_exposure"]
    seen = replace(planted, truth=planted.interactions, truth_kind="fully observed")
    assert [one.name for one in protocols.splits_of(seen)][-1] == "fully_observed"
    assert protocols.why_not(PROTOCOLS["planted_truth"], planted) == "only a made-up world knows its truth"


def test_real_data(shared_data: Path) -> None:
    if not (shared_data / "kuairec").is_dir():
        pytest.skip("no KuaiRec in the folder of real data")
    assert PROTOCOLS["fully_observed"] in protocols.splits_of(load(shared_data / "kuairec"))
