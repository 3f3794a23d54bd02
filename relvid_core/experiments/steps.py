"""Work that reports while it goes: generators that yield progress and return a result."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")
P = TypeVar("P")


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
