"""What a content is, in 16 bytes: equal text or equal pictures give equal digests, whatever they are called."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from relvid_core.encoders.contract import Frames

DIGEST_BYTES: Final = 16
MAX_READ: Final = 256 * 2**20  # of one file; no picture is larger, and of a larger file the size tells the rest
_SETTLED_NS: Final = 2_000_000_000  # a file changed more recently could change again within one tick of its clock
_MEMO_ENTRIES: Final = 500_000

_memo: dict[tuple[str, int, int, int, int], bytes] = {}
_memo_lock = threading.Lock()


def content_digest(content: str | Frames) -> bytes:
    """16 bytes (SHA-256, cut). Frames count by their bytes and order, not by their names.

    A file that is missing, unreadable or no plain file has a mark of its own, so a picture that turns up later is a
    new content.

    >>> content_digest("tea") == content_digest("tea"), content_digest("") == content_digest(())
    (True, False)
    """
    if isinstance(content, str):
        # surrogatepass: half a surrogate pair, as broken exports hold, is a content like any other
        return _cut(b"text\0" + content.encode("utf-8", "surrogatepass"))
    return _cut(b"frames\0" + b"".join(_file_digest(path) for path in content))


def corpus_hash(digests: Sequence[bytes]) -> str:
    """32 hex digits of all contents in row order, for encoders that learn from all of them together."""
    return _cut(b"corpus\0" + b"".join(digests)).hex()


def _cut(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:DIGEST_BYTES]


def _file_digest(path: Path) -> bytes:
    """32 bytes of one file. Remembered within this process while size and times of the file stay what they are."""
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            return _ABSENT
        # The time of the last change of the entry is in the key because a copy can bring its old modification time.
        key = (os.fspath(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        with _memo_lock:
            known = _memo.get(key)
        if known is not None:
            return known
        digest = _hash_file(path, found.st_size)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return _ABSENT
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _SETTLED_NS:
        with _memo_lock:
            if len(_memo) >= _MEMO_ENTRIES:
                _memo.clear()
            _memo[key] = digest
    return digest


def _hash_file(path: Path, size: int) -> bytes:
    hasher = hashlib.sha256(b"file\0" if size <= MAX_READ else b"large file\0%d\0" % size)
    left = MAX_READ
    with path.open("rb") as stream:
        while left > 0 and (block := stream.read(min(left, 1 << 20))):
            hasher.update(block)
            left -= len(block)
    return hasher.digest()


_ABSENT: Final = hashlib.sha256(b"no file\0").digest()
