"""What every room runs on: random generators, the compute device, and work that reports while it goes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from relvid_core.errors import ConfigError

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
P = TypeVar("P")


def seed_for(seed: int, stage: str) -> int:
    """A seed of its own for one stage of a run, stable across machines and releases.

    >>> seed_for(7, "towers") == seed_for(7, "towers"), seed_for(7, "towers") == seed_for(7, "batches")
    (True, False)
    """
    return int(np.random.SeedSequence([seed, zlib.crc32(stage.encode())]).generate_state(1, np.uint32)[0])


def generator(seed: int, stage: str) -> np.random.Generator:
    """The NumPy generator of one stage."""
    return np.random.default_rng(seed_for(seed, stage))


def torch_generator(seed: int, stage: str) -> torch.Generator:
    """The torch generator (CPU) of one stage, so that a run draws the same numbers on every device."""
    import torch

    return torch.Generator().manual_seed(seed_for(seed, stage))


def resolve_device(name: str = "auto") -> torch.device:
    """The torch device for "auto", "cpu", "cuda" or "mps"; "auto" takes the fastest one present.

    Raises ConfigError if the device was named and is not there.
    """
    import torch

    if name not in ("auto", "cpu", "cuda", "mps"):
        raise ConfigError(f"device: received {name!r}; use one of auto, cpu, cuda, mps")
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device in ("cuda", "mps", "cpu") if available[device])
    if not available[name]:
        raise ConfigError(f"device: {name!r} was asked for, but torch finds none here; use 'auto' or 'cpu'")
    return torch.device(name)


def drain(work: Generator[P, None, T], on_progress: Callable[[P], None] | None = None) -> T:
    """Run a generator to its end and return its result; `on_progress` sees what it yields."""
    while True:
        try:
            progress = next(work)
        except StopIteration as finished:
            result: T = finished.value
            return result
        if on_progress is not None:
            on_progress(progress)
