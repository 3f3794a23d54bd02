"""Seeds by stage, generators and the device."""

import random

import numpy as np
import pytest
import torch

from relvid_core.errors import ConfigError
from relvid_core.runtime import generator, resolve_device, seed_for, torch_generator

STAGES = ["split", "towers", "batches", "bootstrap", "world"]


def test_seeds_stay_the_same_from_release_to_release() -> None:
    # CRC-32 of "123456789" is the published check value of that polynomial, 0xCBF43926.
    by_hand = np.random.SeedSequence([7, 0xCBF43926]).generate_state(1, np.uint32)[0]
    assert seed_for(7, "123456789") == int(by_hand)
    assert isinstance(seed_for(7, "towers"), int)


def test_every_stage_and_every_seed_draws_numbers_of_its_own() -> None:
    seeds = [seed_for(seed, stage) for seed in (0, 1, 2**31 - 1) for stage in STAGES]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize("stage", STAGES)
def test_a_generator_repeats_itself(stage: str) -> None:
    assert generator(3, stage).random(4).tolist() == generator(3, stage).random(4).tolist()
    assert torch.equal(
        torch.rand(4, generator=torch_generator(3, stage)), torch.rand(4, generator=torch_generator(3, stage))
    )
    assert generator(3, stage).random() != generator(4, stage).random()


def test_streams_of_two_stages_are_not_correlated() -> None:
    first, second = generator(0, "towers").normal(size=20_000), generator(0, "batches").normal(size=20_000)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(20_000)  # 4 standard errors


def test_generators_leave_the_global_ones_alone() -> None:
    legacy = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is being watched
    before = (random.getstate(), torch.random.get_rng_state())
    generator(0, "towers").random(10)
    torch.rand(10, generator=torch_generator(0, "towers"))
    assert random.getstate() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])
    assert np.array_equal(np.random.get_state()[1], legacy)  # noqa: NPY002


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(False, False, "cpu"), (False, True, "mps"), (True, False, "cuda"), (True, True, "cuda")],
)
def test_auto_takes_the_fastest_device_present(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto").type == chosen
    assert resolve_device().type == chosen
    assert resolve_device("cpu").type == "cpu"


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_named_device_that_is_absent_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=f"{name!r} was asked for.*'auto' or 'cpu'"):
        resolve_device(name)


@pytest.mark.parametrize("name", ["", "CPU", "cuda:0", "gpu", "meta"])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"device: received {name!r}; use one of"):
        resolve_device(name)
