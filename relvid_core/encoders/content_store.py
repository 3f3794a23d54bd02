"""Content vectors on disk: a content that an encoder has seen once is never encoded again."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.data.files import DRAFT, write_whole
from relvid_core.encoders.contract import EncoderCard, Matrix
from relvid_core.encoders.sealed_file import SUFFIX, Array, is_sealed_name, write_sealed
from relvid_core.encoders.shards import (
    Gathering,
    merge_small_shards,
    read_table,
    set_aside,
    shard_arrays,
    table_arrays,
    touch,
)
from relvid_core.errors import EncoderError

_ATTEMPTS: Final = 5  # of a write, while others clear empty folders away
CARD_FILE: Final = "card.json"
DEFAULT_LIMIT: Final = 2 * 2**30  # bytes: two million videos under one 512-d encoder
KEPT_CORPORA: Final = 4  # of one corpus encoder
_DRAFT_LIFE_S: Final = 3600.0  # nothing is written for an hour: an older draft was left by a killed process
_FOLDER: Final = re.compile(r"[0-9a-f]{16}")
_RELEASE: Final = re.compile(r"\d+(?:\.\d+){2,}(?:\.?(?:dev|post|rc|a|b)\d+)*(?:\+[\w.]+)?")


@dataclass(frozen=True)
class Found:
    """What the store knows about the contents that were asked for."""

    matrix: Matrix  # [n_asked, dim], zero rows where nothing is known
    known: npt.NDArray[np.bool_]  # [n_asked]
    notes: tuple[str, ...] = ()  # what a reader should hear: damaged files set aside, vectors of another release


class ContentStore:
    """A folder of vectors, one sub-folder an encoder: `<card.fingerprint>/card.json` and sealed files beside it.

    Vectors of single videos stand in append-only shards `<seal>.safetensors`; those of a corpus encoder in one file a
    corpus, `<corpus hash>-<seal>.safetensors`. Files appear by renaming and are never changed, so several threads and
    processes may read, write, merge and prune at once; the worst that a race costs is encoding something again.

    `shipped` folders have the same layout and are only read. There an encoder is found by name, modality, width and
    settings: the release numbers in its version (1.9.0, 2.13.0+cpu) may differ, because vectors that came with the
    program are meant to be the same for everybody; a note then says which release made them. In `root` the whole
    version counts.
    """

    def __init__(self, root: Path, shipped: tuple[Path, ...] = (), *, limit_bytes: int = DEFAULT_LIMIT) -> None:
        self.root = root
        self.shipped = shipped
        self.limit_bytes = limit_bytes

    def find(self, card: EncoderCard, digests: Sequence[bytes]) -> Found:
        """The vectors of these contents, each named once. Damaged files of `root` are deleted, with a note."""
        gathering = Gathering(digests, card.dim)
        own = self.root / card.fingerprint
        with suppress(OSError):  # merging only saves time: a full or read-only disk goes without
            merge_small_shards(own, card.fingerprint, card.dim)
        gathering.read_folder(own, card.fingerprint, mine=True)
        for folder, maker in self._shipped(card):
            if not gathering.complete and gathering.read_folder(folder, maker.fingerprint, mine=False):
                gathering.notes += _release_note(card, maker)
        return Found(gathering.matrix, gathering.known, tuple(gathering.notes))

    def add(self, card: EncoderCard, digests: Sequence[bytes], vectors: Matrix) -> None:
        """Keep new vectors `[n, dim]`, rounded (see `shards.rounded`). Raises OSError and leaves nothing half-done."""
        self._write(card, "", shard_arrays(digests, vectors))

    def find_corpus(self, card: EncoderCard, corpus: str) -> tuple[Matrix | None, tuple[str, ...]]:
        """The matrix `[n, ≤ dim]` of a corpus by its hash, or None; and notes."""
        notes: list[str] = []
        folders = [(self.root / card.fingerprint, card), *self._shipped(card)]
        for folder, maker in folders:
            mine = folder.parent == self.root
            for path in sorted(folder.glob(f"{corpus}-*{SUFFIX}")):
                try:
                    matrix = read_table(path, maker.fingerprint, most=card.dim)
                except FileNotFoundError:  # pruned meanwhile
                    continue
                except (OSError, EncoderError) as error:
                    notes.append(set_aside(path, error, mine=mine))
                    continue
                if mine:
                    touch(path)
                return matrix, (*notes, *_release_note(card, maker))
        return None, tuple(notes)

    def add_corpus(self, card: EncoderCard, corpus: str, vectors: Matrix) -> None:
        """Keep the matrix of a corpus, and of this encoder's older ones the latest few. Raises OSError."""
        self._write(card, f"{corpus}-", table_arrays(vectors))
        kept = sorted((file for file in self._files() if file.folder == card.fingerprint and file.is_corpus), key=_age)
        for file in kept[KEPT_CORPORA:]:
            with suppress(OSError):  # not ours to delete; `prune` looks at it again
                file.path.unlink()

    def size_bytes(self) -> int:
        """Bytes that the cache takes on disk, shipped folders apart."""
        return sum(file.size for file in self._files())

    def prune(self, *, unused_since: float) -> int:
        """Delete the longest unused files until the limit holds; returns the bytes freed.

        Files used after `unused_since` (`time.time()`) stay even above the limit: a catalogue larger than the limit
        would otherwise lose at its end what was encoded at its beginning.
        """
        files = self._files()
        total, freed = sum(file.size for file in files), 0
        for file in sorted(files, key=_age, reverse=True):
            stale_draft = file.path.name.startswith(DRAFT) and file.used < time.time() - _DRAFT_LIFE_S
            if stale_draft or (total - freed > self.limit_bytes and file.used < unused_since and file.is_sealed):
                with suppress(OSError):  # another process was quicker, or may do what we may not
                    file.path.unlink()
                    freed += file.size
        self._drop_empty_folders()
        return freed

    def clear(self) -> int:
        """Delete every file of the cache; returns the bytes freed. Raises EncoderError if the disk refuses."""
        freed = 0
        for file in self._files():
            try:
                file.path.unlink(missing_ok=True)
            except OSError as error:
                raise EncoderError(
                    f"cache of content vectors: {file.path} cannot be deleted ({error}). Check its permissions."
                ) from error
            freed += file.size
        self._drop_empty_folders()
        return freed

    def _write(self, card: EncoderCard, prefix: str, arrays: dict[str, Array]) -> None:
        folder = self.root / card.fingerprint
        for attempt in range(_ATTEMPTS):
            try:
                write_sealed(folder, prefix, arrays, owner=card.fingerprint)
                if not (folder / CARD_FILE).is_file():
                    text = json.dumps(asdict(card), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
                    write_whole(folder / CARD_FILE, text.encode())
                return
            except (FileExistsError, FileNotFoundError):  # the folder was cleared away while it was made or written to
                if attempt == _ATTEMPTS - 1:
                    raise

    def _shipped(self, card: EncoderCard) -> Iterator[tuple[Path, EncoderCard]]:
        for root in self.shipped:
            for folder in _encoder_folders(root):
                maker = read_card(folder)
                if maker is not None and _without_releases(maker) == _without_releases(card):
                    yield folder, maker

    def _files(self) -> list[_File]:
        found = []
        for folder in _encoder_folders(self.root):
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name == CARD_FILE or entry.name.startswith(DRAFT) or is_sealed_name(entry.name):
                        with suppress(OSError):  # deleted since it was listed
                            status = entry.stat(follow_symlinks=False)
                            found.append(_File(Path(entry.path), folder.name, status.st_size, status.st_mtime))
        return found

    def _drop_empty_folders(self) -> None:
        for folder in _encoder_folders(self.root):
            with suppress(OSError):
                if [path.name for path in folder.iterdir()] == [CARD_FILE]:
                    (folder / CARD_FILE).unlink()
                folder.rmdir()  # refuses while anything is left in it


@dataclass(frozen=True)
class _File:
    path: Path
    folder: str
    size: int
    used: float  # time.time() of the last use

    @property
    def is_sealed(self) -> bool:
        return is_sealed_name(self.path.name)

    @property
    def is_corpus(self) -> bool:
        return self.is_sealed and "-" in self.path.name


def read_card(folder: Path) -> EncoderCard | None:
    """The card of an encoder's folder; None where there is none, or one that does not belong to this folder."""
    try:
        values = json.loads((folder / CARD_FILE).read_bytes())
        card = EncoderCard(**values)
        texts = (card.name, card.title, card.version, card.modality)
        fits = all(isinstance(text, str) for text in texts) and card.fingerprint == folder.name
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return card if fits and type(card.dim) is int else None


def _encoder_folders(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if _FOLDER.fullmatch(path.name) and path.is_dir())
    except OSError:  # no such folder yet
        return []


def _release_note(card: EncoderCard, maker: EncoderCard) -> list[str]:
    if card.fingerprint == maker.fingerprint:
        return []
    return [f"{card.title}: ready-made vectors of {maker.version} stand in for those of {card.version}."]


def _without_releases(card: EncoderCard) -> tuple[str, str, str, int]:
    return card.name, card.modality, _RELEASE.sub("*", card.version), card.dim


def _age(file: _File) -> float:
    """Seconds since the last use."""
    return time.time() - file.used
