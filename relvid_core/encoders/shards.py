"""Shards: append-only files that hold the vectors of some contents, each beside the digest of its content.

Vectors are kept in half precision: half the disk, and the shipped ones stay small enough for the repository.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from relvid_core.encoders.content_hash import DIGEST_BYTES
from relvid_core.encoders.contract import Matrix
from relvid_core.encoders.sealed_file import SUFFIX, Array, is_sealed_name, read_sealed, write_sealed
from relvid_core.errors import EncoderError

MERGE_ABOVE: Final = 16  # small shards in one folder
SMALL_SHARD: Final = 16 * 2**20  # bytes
MERGED_SHARD: Final = 64 * 2**20
_DIGESTS, _VECTORS = "digests", "vectors"


def rounded(vectors: Matrix) -> Matrix:
    """The vectors as they come back from a file: in half precision, which moves the cosine of unit rows by some 1e-5.

    >>> float(rounded(np.array([[0.1]], np.float32))[0, 0])
    0.0999755859375
    """
    return vectors.astype(np.float16).astype(np.float32)


def shard_arrays(digests: Sequence[bytes], vectors: Matrix) -> dict[str, Array]:
    """What a shard holds: digests uint8 `[n, 16]` and vectors float16 `[n, dim]`."""
    table = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)
    assert len(table) == len(vectors), "one digest a vector"
    return {_DIGESTS: table, _VECTORS: vectors.astype(np.float16)}


def table_arrays(vectors: Matrix) -> dict[str, Array]:
    """What the file of a corpus holds: vectors float16 `[n, dim]` in row order."""
    return {_VECTORS: vectors.astype(np.float16)}


def read_table(path: Path, owner: str, *, most: int) -> Matrix:
    """The vectors of a corpus, `[n, ≤ most]`. Raises OSError, or EncoderError for a damaged file."""
    return _checked(read_sealed(path, owner=owner).get(_VECTORS), path, most=most)


class Gathering:
    """Collects the vectors of the asked contents from one folder after another."""

    def __init__(self, digests: Sequence[bytes], dim: int) -> None:
        self._place = {digest: place for place, digest in enumerate(digests)}
        self.matrix: Matrix = np.zeros((len(digests), dim), np.float32)
        self.known = np.zeros(len(digests), bool)
        self.notes: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether nothing is left to look for."""
        return bool(self.known.all())

    def read_folder(self, folder: Path, owner: str, *, mine: bool) -> bool:
        """Take what is asked for and not yet known; True if there was any."""
        before, seen = int(self.known.sum()), set[str]()
        vanished = True
        while vanished:  # somebody merged shards while we read: the new one holds what we missed
            vanished = False
            for path in _shards(folder):
                if path.name in seen or self.complete:
                    continue
                seen.add(path.name)
                try:
                    digests, vectors = _read_shard(path, owner, self.matrix.shape[1])
                except FileNotFoundError:
                    vanished = True
                    continue
                except (OSError, EncoderError) as error:
                    self.notes.append(set_aside(path, error, mine=mine))
                    continue
                if self._take(digests, vectors) and mine:
                    touch(path)
        return int(self.known.sum()) > before

    def _take(self, digests: list[bytes], vectors: Matrix) -> bool:
        places = np.array([self._place.get(digest, -1) for digest in digests], np.int64)
        new = places >= 0
        new[new] = ~self.known[places[new]]
        self.matrix[places[new]] = vectors[new]
        self.known[places[new]] = True
        return bool(new.any())


def _shards(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if is_sealed_name(path.name) and "-" not in path.name)


def _read_shard(path: Path, owner: str, dim: int) -> tuple[list[bytes], Matrix]:
    arrays = read_sealed(path, owner=owner)
    table = arrays.get(_DIGESTS)
    vectors = _checked(arrays.get(_VECTORS), path, most=dim)
    if table is None or table.dtype != np.uint8 or table.shape != (len(vectors), DIGEST_BYTES):
        raise EncoderError(f"{path.name}: no digest for each of its {len(vectors)} vectors. Delete the file.")
    if vectors.shape[1] != dim:
        raise EncoderError(f"{path.name}: vectors of {vectors.shape[1]} numbers; expected {dim}. Delete the file.")
    data = table.tobytes()
    return [data[start : start + DIGEST_BYTES] for start in range(0, len(data), DIGEST_BYTES)], vectors


def _checked(vectors: npt.NDArray[np.generic] | None, path: Path, *, most: int) -> Matrix:
    if vectors is None or vectors.ndim != 2 or vectors.dtype != np.float16:
        raise EncoderError(f"{path.name}: no table of vectors in it. Delete the file; it is made again.")
    if vectors.shape[1] > most or not np.isfinite(vectors).all():
        raise EncoderError(f"{path.name}: its table {vectors.shape} is too wide or not finite. Delete the file.")
    return np.ascontiguousarray(vectors, np.float32)


def merge_small_shards(folder: Path, owner: str, dim: int) -> None:
    """Put many small shards into few once there are more than MERGE_ABOVE. Raises OSError.

    What replaces them is written before they go, so that a reader at any moment finds every vector.
    """
    small = [path for path in _shards(folder) if _size(path) < SMALL_SHARD]
    if len(small) <= MERGE_ABOVE:
        return
    digests: list[bytes] = []
    tables: list[Matrix] = []
    merged = []
    for path in small:
        try:
            some, vectors = _read_shard(path, owner, dim)
        except (FileNotFoundError, EncoderError):  # gone, or damaged: the reading that follows sees to it
            continue
        digests += some
        tables.append(vectors)
        merged.append(path)
    place_of = {digest: place for place, digest in enumerate(digests)}
    every = sorted(place_of)
    table = np.concatenate([np.zeros((0, dim), np.float32), *tables])
    step = max(1, MERGED_SHARD // (2 * dim + DIGEST_BYTES))
    written = set()
    for start in range(0, len(every), step):
        part = every[start : start + step]
        arrays = shard_arrays(part, table[[place_of[digest] for digest in part]])
        written.add(write_sealed(folder, "", arrays, owner=owner).name)
    for path in merged:
        if path.name not in written:
            path.unlink(missing_ok=True)


def set_aside(path: Path, error: OSError | EncoderError, *, mine: bool) -> str:
    """Delete a damaged file of our own; says what happened."""
    if mine and isinstance(error, EncoderError):
        with suppress(OSError):
            path.unlink(missing_ok=True)
            return (
                f"A damaged file of cached content vectors was deleted ({path.name}); its contents are encoded again."
            )
    place = "cached" if mine else "ready-made"
    return f"A file of {place} content vectors cannot be used, its contents are encoded again: {error}"


def touch(path: Path) -> None:
    """Note that a file was used now."""
    with suppress(OSError):  # a read-only cache forgets what was used last
        os.utime(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
