"""Turning the bytes of a text file into text when nobody says which encoding it is in."""

from __future__ import annotations

import codecs
from typing import Final

REPLACED: Final = "\ufffd"  # stands where bytes could not be read
_HEAD: Final = 1 << 16
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(data: bytes) -> tuple[str, str | None]:
    """The text, and in words which encoding was guessed where it is not plain UTF-8 or marked.

    Bytes that are no text come back as U+FFFD.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace"), None
    if (unmarked := _utf16_without_mark(data[:_HEAD])) is not None:
        return data.decode(unmarked, errors="replace"), f"read as {unmarked.upper()}, which the file does not say"
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        pass
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count(REPLACED)
    whole = sum(1 for letter in lenient if letter > "\x7f") - broken
    if whole > broken:  # mostly right: some cells were damaged
        return lenient, None
    chinese = _gb18030(data)
    if chinese is not None:
        return chinese, "not UTF-8; read as GB18030"
    return data.decode("cp1252", errors="replace"), "not UTF-8; read as Windows-1252"


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in every other place."""
    if len(head) < 8:
        return None
    pairs = len(head) // 2
    high, low = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if low > 0.4 * pairs and high < 0.1 * pairs:
        return "utf-16-le"
    if high > 0.4 * pairs and low < 0.1 * pairs:
        return "utf-16-be"
    return None


def _gb18030(data: bytes) -> str | None:
    """The text if it reads as Chinese: nearly all of its letters are of the common set (GB 2312)."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [letter for letter in text if letter > "\x7f"]
    common = sum(1 for letter in foreign[:100_000] if len(letter.encode("gb2312", errors="ignore")) == 2)
    return text if common >= 0.8 * min(len(foreign), 100_000) else None
