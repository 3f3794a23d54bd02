"""Encoding a catalogue: what the store knows is reused, the rest is encoded, reported and kept as it goes."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, runtime_checkable

import numpy as np

from relvid_core.encoders.content_hash import content_digest, corpus_hash
from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.contract import (
    ContentT,
    ContentT_contra,
    CorpusEncoder,
    EncoderCard,
    Frames,
    ItemEncoder,
    Matrix,
)
from relvid_core.encoders.encoding_progress import Clock, EncodingProgress
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.encoders.shards import rounded
from relvid_core.errors import EncoderError

KEEP_EVERY_S: Final = 2.0  # the most work that a killed process loses …
KEEP_EVERY_SHARE: Final = (
    0.02  # … in its first minutes; later this share, so that hours leave hundreds of files at most
)
_UNIT_TOLERANCE: Final = 0.01  # a row's length may miss 1 by this; half precision on a GPU misses it by 0.001


@dataclass(frozen=True)
class EncodingJob(Generic[ContentT]):
    """One modality to encode."""

    encoder: ItemEncoder[ContentT] | CorpusEncoder[ContentT]
    contents: Sequence[ContentT]  # one a video, in row order


Steps = Generator[EncodingProgress, None, Modality]


def encode(
    encoder: ItemEncoder[ContentT] | CorpusEncoder[ContentT],
    contents: Sequence[ContentT],
    *,
    store: ContentStore | None,
    report_every_s: float = 0.2,
    keep_every_s: float = KEEP_EVERY_S,
) -> Steps:
    """The vectors of all contents in row order; `present` is False where a row is zero.

    Closing the generator stops between two batches; what was encoded until then is in the store. The result does not
    depend on what the store held: fresh vectors are rounded as kept ones are. (Shipped vectors may be of another
    release, see ContentStore; a note says so.) A store that cannot be written to costs a note, not the result.
    Raises EncoderError for an encoder that breaks its contract.
    """
    clock = Clock(encoder.card, len(contents), report_every_s)
    digests = []
    for content in contents:
        digests.append(content_digest(content))
        if clock.due():
            yield clock.progress()
    if isinstance(encoder, _Corpus):
        matrix = yield from _encode_corpus(encoder, contents, digests, store, clock)
    else:
        matrix = yield from _encode_items(encoder, contents, digests, store, clock, keep_every_s)
    if store is not None and clock.kept:
        store.prune(unused_since=clock.started_at - 1)  # a second, since file clocks tick coarsely
    clock.done = len(contents)
    yield replace(clock.progress(), eta_s=0.0)
    card = encoder.card
    return Modality(card.modality, f"{card.name} {card.version}", matrix, np.abs(matrix).max(axis=1, initial=0) > 0)


def encode_all(
    jobs: Sequence[EncodingJob[str] | EncodingJob[Frames]],
    *,
    store: ContentStore | None,
    report_every_s: float = 0.2,
) -> Generator[EncodingProgress, None, ContentFeatures]:
    """Encode one modality after another under one count: `done`, `total` and `reused` are sums over all jobs.

    Title, modality and `eta_s` are those of the job that is running; notes add up.
    """
    started, total = time.monotonic(), sum(len(job.contents) for job in jobs)
    modalities: list[Modality] = []
    before, reused, notes = 0, 0, tuple[str, ...]()
    for job in jobs:
        steps: Steps = _steps(job, store, report_every_s)
        last: EncodingProgress | None = None
        try:
            while True:
                last = next(steps)
                yield replace(
                    last,
                    done=before + last.done,
                    total=total,
                    reused=reused + last.reused,
                    elapsed_s=time.monotonic() - started,
                    notes=notes + last.notes,
                )
        except StopIteration as finished:
            modalities.append(finished.value)
        finally:
            steps.close()
        assert last is not None, "every encoding reports at its end"
        before, reused, notes = before + last.done, reused + last.reused, notes + last.notes
    return ContentFeatures(tuple(modalities), notes)


def _steps(job: EncodingJob[str] | EncodingJob[Frames], store: ContentStore | None, report_every_s: float) -> Steps:
    return encode(job.encoder, job.contents, store=store, report_every_s=report_every_s)  # type: ignore[misc]  # one job's two halves fit


@runtime_checkable
class _Corpus(CorpusEncoder[ContentT_contra], Protocol[ContentT_contra]):
    """The contract again, in a form that `isinstance` can ask for."""


def _encode_corpus(
    encoder: CorpusEncoder[ContentT],
    contents: Sequence[ContentT],
    digests: list[bytes],
    store: ContentStore | None,
    clock: Clock,
) -> Generator[EncodingProgress, None, Matrix]:
    card, corpus = encoder.card, corpus_hash(digests)
    if store is not None:
        found, notes = store.find_corpus(card, corpus)
        clock.notes += notes
        if found is not None and len(found) == len(contents):
            clock.looked_up(len(contents))
            return found
    yield clock.progress()
    matrix = _checked(encoder.encode_corpus(contents), card, len(contents), exact=False)
    if store is not None:
        try:
            store.add_corpus(card, corpus, matrix)
            clock.kept = True
        except OSError as error:
            clock.notes.append(_not_kept(card, error))
    return matrix


def _encode_items(
    encoder: ItemEncoder[ContentT],
    contents: Sequence[ContentT],
    digests: list[bytes],
    store: ContentStore | None,
    clock: Clock,
    keep_every_s: float,
) -> Generator[EncodingProgress, None, Matrix]:
    card = encoder.card
    first_row: dict[bytes, int] = {}
    for row, digest in enumerate(digests):
        first_row.setdefault(digest, row)
    asked = list(first_row)
    place_of = {digest: place for place, digest in enumerate(asked)}
    place = np.array([place_of[digest] for digest in digests], np.int64)  # of each row in `asked`
    videos = np.bincount(place, minlength=len(asked))  # that share each content
    matrix, missing = np.zeros((len(asked), card.dim), np.float32), np.arange(len(asked))
    if store is not None:
        found = store.find(card, asked)
        clock.notes += found.notes
        matrix, missing = found.matrix, np.flatnonzero(~found.known)
    clock.looked_up(len(contents) - int(videos[missing].sum()))
    keeper = _Keeper(card, asked, matrix, store, clock, keep_every_s)
    try:
        for start in range(0, len(missing), encoder.batch_size):
            if start == 0 or clock.due():
                yield clock.progress()
            batch = missing[start : start + encoder.batch_size]
            vectors = encoder.encode([contents[first_row[asked[one]]] for one in batch])
            matrix[batch] = _checked(vectors, card, len(batch), exact=True)
            clock.done += int(videos[batch].sum())
            keeper.add(batch.tolist())
    finally:  # also when the generator is closed or the encoder fails: what is encoded is kept
        keeper.flush()
    return np.ascontiguousarray(matrix[place])


class _Keeper:
    """Writes new vectors to the store now and then; gives up, with a note, when the disk refuses."""

    def __init__(
        self,
        card: EncoderCard,
        digests: list[bytes],
        matrix: Matrix,
        store: ContentStore | None,
        clock: Clock,
        every_s: float,
    ) -> None:
        self._card, self._digests, self._matrix = card, digests, matrix
        self._store, self._clock, self._every_s = store, clock, every_s
        self._waiting: list[int] = []
        self._began = self._flushed = time.monotonic()

    def add(self, places: list[int]) -> None:
        self._waiting += places
        now = time.monotonic()
        if now - self._flushed >= max(self._every_s, KEEP_EVERY_SHARE * (now - self._began)):
            self.flush()

    def flush(self) -> None:
        if self._store is None or not self._waiting:
            return
        try:
            digests = [self._digests[place] for place in self._waiting]
            self._store.add(self._card, digests, self._matrix[self._waiting])
            self._clock.kept = True
        except OSError as error:
            self._clock.notes.append(_not_kept(self._card, error))
            self._store = None
        self._waiting, self._flushed = [], time.monotonic()


def _not_kept(card: EncoderCard, error: OSError) -> str:
    return (
        f"{card.title}: the vectors could not be kept ({error.strerror or error}), so they will be encoded again next "
        "time. Free some space, or make the cache folder writable."
    )


def _checked(vectors: Matrix, card: EncoderCard, n: int, *, exact: bool) -> Matrix:
    """The vectors as the store gives them back. Raises EncoderError if they are not what the contract promises."""
    matrix = np.ascontiguousarray(vectors, np.float32)
    fits = matrix.ndim == 2 and len(matrix) == n
    fits = fits and (matrix.shape[1] == card.dim if exact else matrix.shape[1] <= card.dim)
    if not fits:
        wanted = f"({n}, {card.dim})" if exact else f"({n}, at most {card.dim})"
        raise EncoderError(f"{card.title}: returned an array {matrix.shape}; expected {wanted}. The encoder is broken.")
    length = np.sqrt(np.einsum("nd,nd->n", matrix, matrix))
    if not np.isfinite(length).all():
        raise EncoderError(
            f"{card.title}: returned NaN or infinite numbers for {int((~np.isfinite(length)).sum())} of {n} videos. "
            "Its weights or its half-precision arithmetic are at fault: choose other weights, or another device."
        )
    if (odd := (length > 0) & (np.abs(length - 1) > _UNIT_TOLERANCE)).any():
        raise EncoderError(
            f"{card.title}: returned rows of length {length[odd][0]:.3g}; expected 1, or 0 for no content. "
            "The encoder is broken."
        )
    return rounded(matrix)
