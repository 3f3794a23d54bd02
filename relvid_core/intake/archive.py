"""Unpacking an uploaded archive of thumbnails that nobody has looked into yet."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from relvid_core.data.files import existing_size, leaves_folder, shortened
from relvid_core.encoders.frames import SUFFIXES
from relvid_core.errors import DataError

_CHUNK: Final = 1 << 18
_MAX_DEPTH: Final = 8
_MAX_PART: Final = 150  # characters of a folder's or file's name: fits every file system, in UTF-8 too
_RESERVED: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LINK: Final = 0o120000
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive of thumbnails may bring."""

    max_packed: int = 2 * 2**30  # bytes of the archive
    max_files: int = 200_000  # entries, whatever they are
    max_file: int = 20 * 2**20  # bytes of one picture
    max_bytes: int = 4 * 2**30  # of all pictures
    max_ratio: float = 100.0  # unpacked over packed, of all that is larger than a MiB; pictures hardly pack at all


@dataclass(frozen=True)
class Unpacked:
    """What came out of an archive."""

    folder: Path
    n_pictures: int
    n_bytes: int
    left_out: list[str]  # sentences on the entries that were no pictures to take; the first hundred


def unpack_pictures(zip_path: Path, into: Path, limits: ArchiveLimits | None = None) -> Unpacked:
    """Write the pictures of a zip file below `into`, under their own names where these are harmless.

    Links, encrypted entries, names that lead out of the folder, files that are no pictures by name, repeated names and
    pictures over the size limit are left out and said. Raises DataError for what is no zip file, or is over the limits
    as a whole; then `into` holds nothing of it.
    """
    limits = limits or ArchiveLimits()
    if (size := existing_size(zip_path)) > limits.max_packed:
        raise DataError(f"{zip_path.name}: {size:,} bytes, more than the {limits.max_packed:,} allowed. Split it.")
    written: list[Path] = []
    try:
        with zipfile.ZipFile(zip_path) as archive:
            entries = archive.infolist()
            if len(entries) > limits.max_files:
                raise DataError(
                    f"{zip_path.name}: {len(entries):,} entries, more than the {limits.max_files:,} allowed. Split it."
                )
            return _unpack(archive, entries, into, limits, written)
    except DataError:
        _remove(written)
        raise
    except _DAMAGED as error:
        _remove(written)
        raise DataError(
            f"{zip_path.name}: not a zip file, or a damaged one ({shortened(str(error))}). Pack the pictures again."
        ) from error
    except OSError as error:
        _remove(written)
        raise DataError(
            f"{zip_path.name}: cannot be unpacked ({error.strerror or error}). Free some disk space, or pack it again."
        ) from error


def _unpack(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], into: Path, limits: ArchiveLimits, written: list[Path]
) -> Unpacked:
    left_out: list[str] = []
    total = packed = 0
    taken: set[str] = set()
    for entry in entries:
        if entry.is_dir():
            continue
        reason = _reason(entry, limits)
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        key = name.as_posix().casefold()
        if reason is None and (key in taken or any(parent.as_posix().casefold() in taken for parent in name.parents)):
            reason = "there is a file of this name already"
        if reason is None:
            try:
                data = _content(archive, entry, limits)
            except _DAMAGED as error:
                reason = f"damaged ({shortened(str(error))})"
            else:
                if data is None:
                    reason = f"more than {limits.max_file:,} bytes"
        if reason is not None:
            if len(left_out) < 100 and not _is_rubbish(name):
                left_out.append(f"{shortened(entry.filename)}: {reason}")
            continue
        assert data is not None
        total += len(data)
        packed += max(1, entry.compress_size)
        if total > limits.max_bytes or total > max(1 << 20, limits.max_ratio * packed):
            raise DataError(
                f"{archive.filename and Path(archive.filename).name}: unpacks to more than {total:,} bytes. "
                "Give an archive of pictures of ordinary size."
            )
        target = into / Path(*name.parts)
        if target.is_dir():  # an earlier entry made a folder of this name
            left_out.append(f"{shortened(entry.filename)}: there is a folder of this name already")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        written.append(target)
        with target.open("xb") as sink:
            sink.write(data)
        taken.add(key)
    if not taken:
        why = f" The first was left out: {left_out[0]}." if left_out else ""
        raise DataError(
            f"{archive.filename and Path(archive.filename).name}: no picture in it.{why} "
            f"Pack files that end in {', '.join(sorted(SUFFIXES))}."
        )
    return Unpacked(into, len(taken), total, left_out)


def _reason(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> str | None:
    """Why an entry is not taken, from what the archive says about it."""
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if leaves_folder(entry.filename) or not name.parts or len(name.parts) > _MAX_DEPTH:
        return "its name leads out of the folder"
    for part in name.parts:
        if len(part.encode("utf-8", "replace")) > _MAX_PART or part.endswith((" ", ".")) or _RESERVED.fullmatch(part):
            return "its name cannot be used on every computer"
    if (entry.external_attr >> 16) & 0o170000 == _LINK:
        return "a link, not a file"
    if entry.flag_bits & 0x1:
        return "encrypted"
    if name.suffix.lower() not in SUFFIXES:
        return "no picture by its name"
    if entry.compress_type not in _METHODS:
        return "packed in an unusual way"
    if entry.file_size > limits.max_file:
        return f"more than {limits.max_file:,} bytes"
    return None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ArchiveLimits) -> bytes | None:
    """The bytes of an entry, None if there are more than allowed, whatever the archive says."""
    pieces, size = [], 0
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > limits.max_file:
                return None
            pieces.append(piece)
    return b"".join(pieces)


def _is_rubbish(name: PurePosixPath) -> bool:
    """What operating systems put into archives, which nobody misses."""
    return "__MACOSX" in name.parts or name.name in (".DS_Store", "Thumbs.db", "desktop.ini")


def _remove(written: list[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)
