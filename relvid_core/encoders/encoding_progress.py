"""What an encoding reports while it works."""

from __future__ import annotations

import time
from dataclasses import dataclass

from relvid_core.encoders.contract import EncoderCard, ModalityName


@dataclass(frozen=True)
class EncodingProgress:
    """How far one encoding is. Counts are videos; equal contents are encoded once and counted each."""

    modality: ModalityName
    title: str  # of the encoder
    done: int
    total: int
    reused: int  # of those done, how many came from the store
    elapsed_s: float
    eta_s: float | None  # from the videos encoded so far; None before the first, and for corpus encoders
    notes: tuple[str, ...] = ()  # what a reader should hear; the last progress holds all of them


class Clock:
    """Counts and times of one encoding."""

    def __init__(self, card: EncoderCard, total: int, report_every_s: float) -> None:
        self.started_at = time.time()
        self.done = self.reused = 0
        self.kept = False
        self.notes: list[str] = []
        self._card, self._total, self._every = card, total, report_every_s
        self._started = self._reported = time.monotonic()
        self._encoding_since: float | None = None

    def due(self) -> bool:
        """Whether it is time to report."""
        return time.monotonic() - self._reported >= self._every

    def looked_up(self, reused: int) -> None:
        """Encoding begins now, `reused` videos are at hand."""
        self.done = self.reused = reused
        self._encoding_since = time.monotonic()

    def progress(self) -> EncodingProgress:
        """Where it stands, and begins the next wait."""
        now = self._reported = time.monotonic()
        eta = None
        if self._encoding_since is not None and self.done > self.reused:
            eta = (now - self._encoding_since) / (self.done - self.reused) * (self._total - self.done)
        card = self._card
        counts = (self.done, self._total, self.reused)
        return EncodingProgress(card.modality, card.title, *counts, now - self._started, eta, tuple(self.notes))
