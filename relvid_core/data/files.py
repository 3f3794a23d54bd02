"""Opening a file that someone else made: size, compression and encoding are checked before a parser sees the text."""

from __future__ import annotations

import gzip
import io
import os
import uuid
import zlib
from collections.abc import Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from numbers import Real
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from relvid_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

Encoding = Literal["utf-8", "latin-1"]

DRAFT: Final = ".draft-"  # begins the names of files that are being written
_RATIO_FROM_BYTES = 16 * 2**20  # small files may pack as well as they like


@dataclass(frozen=True)
class Limits:
    """How much one file may bring: enough for every public log named in the README, not for a decompression bomb."""

    max_bytes: int = 4 * 2**30  # of text, after unpacking
    max_ratio: float = 200.0  # unpacked over packed; watch logs reach 3 to 20, a file of zeros 1000
    max_rows: int = 200_000_000


def find_file(folder: Path, stems: Iterable[str], suffixes: Iterable[str]) -> Path | None:
    """The first existing `stem + suffix`, stem by stem. The names come from our code, never from a file."""
    for stem in stems:
        for suffix in suffixes:
            path = folder / (stem + suffix)
            if path.is_file():
                return path
    return None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and rename it there, so that no half of it is ever seen.

    Raises OSError and leaves nothing.
    """
    draft = path.with_name(DRAFT + uuid.uuid4().hex)
    try:
        draft.write_bytes(data)
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def leaves_folder(name: str) -> bool:
    """Whether a name means anything but a file below a folder: a web address, an absolute path, a way up.

    >>> leaves_folder("../a.jpg"), leaves_folder("https://example.org/a.jpg"), leaves_folder("a/b.jpg")
    (True, True, False)
    """
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name or not name.isprintable()


def listed(names: Iterable[str]) -> str:
    """Names for a message, shortened so that a broken file cannot flood it.

    >>> listed(["a", "b"]), listed([])
    ("'a', 'b'", 'none')
    """
    every = list(names)
    shown = ", ".join(shortened(name) for name in every[:12])
    return (shown or "none") + (f" and {len(every) - 12} more" if len(every) > 12 else "")


def shortened(value: object) -> str:
    """One found value for a message, quoted, at most 60 characters."""
    text = f"{float(value):.15g}" if isinstance(value, Real) else repr(value)
    return text if len(text) <= 60 else text[:56] + " …" + text[-1]


class _Checked(io.RawIOBase):
    """The unpacked bytes of a file, refused when there are too many of them or when they hold a NUL."""

    def __init__(self, stream: gzip.GzipFile | io.BufferedReader, path: Path, limits: Limits, *, nul: bool) -> None:
        self._nul = nul
        self._stream = stream
        self._path = path
        self._packed = max(1, path.stat().st_size)
        self._limits = limits
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        view[: len(data)] = data
        if not self._nul and (nul := data.find(b"\0")) >= 0:
            raise DataError(
                f"{self._path.name}: byte {self._read + nul} is NUL, so this is not UTF-8 text. "
                "It may be a spreadsheet, a UTF-16 file or an archive: save it again as CSV, UTF-8."
            )
        self._read += len(data)
        if self._read > self._limits.max_bytes:
            raise DataError(
                f"{self._path.name}: more than {self._limits.max_bytes:,} bytes of text. "
                "Split the file or raise max_bytes."
            )
        if self._read > max(_RATIO_FROM_BYTES, self._limits.max_ratio * self._packed):
            raise DataError(
                f"{self._path.name}: {self._packed:,} packed bytes unpack to more than {self._read:,}, over "
                f"{self._limits.max_ratio:g} to 1. No watch log packs that well: unpack it yourself if you trust it."
            )
        return len(data)


@contextmanager
def opened(path: Path, limits: Limits, *, nul: bool = False) -> Iterator[io.BufferedReader]:
    """The bytes of a plain or gzip file (by its name's end), checked as they are read; with `nul`, NULs may pass.

    Raises DataError for a file that is missing, empty, not readable, not gzip, cut short or too large, here or at any
    later read inside the `with`.
    """
    size = existing_size(path)
    if size > limits.max_bytes:
        raise DataError(
            f"{path.name}: {size:,} bytes, more than the {limits.max_bytes:,} allowed. Split it or raise max_bytes."
        )
    packed = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as stream:
            yield io.BufferedReader(_Checked(stream, path, limits, nul=nul), 1 << 18)
    except (EOFError, zlib.error) as error:
        raise DataError(
            f"{path.name}: the gzip data breaks off or is damaged ({error}). Download or copy it again."
        ) from error
    except gzip.BadGzipFile as error:
        raise DataError(
            f"{path.name}: not a gzip file, or a damaged one ({error}). Rename it without .gz, or download it again."
        ) from error
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror or error}). Check its permissions.") from error


def existing_size(path: Path) -> int:
    """Bytes on disk. Raises DataError for a file that is missing, not a plain file, or empty."""
    try:
        if not path.is_file():
            what = "is a folder, not a file" if path.is_dir() else "no such file"
            raise DataError(f"{path.name}: {what} in {path.parent}. Check the name and the folder.")
        size = path.stat().st_size
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror or error}). Check its permissions.") from error
    if size == 0:
        raise DataError(f"{path.name}: the file is empty (0 bytes). Export or download it again.")
    return size
