"""One line at the foot of the terminal that says how far a run is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from relvid_core.experiments.pipeline import Progress


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """What takes the progress of a run while it works; the line goes when it is done, or where nobody would see it."""
    with tqdm(total=100, unit="%", disable=None, bar_format="{desc} {bar} {n:3.0f} % {postfix}") as bar:
        yield lambda progress: _show(bar, progress)


def _show(bar: tqdm[None], progress: Progress) -> None:
    bar.set_description_str(f"{progress.message:28s}", refresh=False)
    if progress.stage in ("encode", "tune"):
        bar.n = round(100 * progress.share)
    if progress.training is not None:
        bar.n = round(100 * progress.training.fraction)
        losses = "  ".join(f"{term} {value:.3f}" for term, value in progress.training.losses.items())
        bar.set_postfix_str(f"{progress.training.eta_s:.0f} s left  {losses}", refresh=False)
    bar.refresh()
