"""Splitting a text table into rows of cells without ever giving up: what is wrong is said, the other rows are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Trouble = Literal["open quote", "stray quote"]
SEPARATORS: Final = (",", "\t", ";", "|")
_SAMPLE_LINES: Final = 200
_LONGEST_RECORD: Final = 200_000  # characters of a row with line breaks inside its cells
_MOST_LOOKED_AHEAD: Final = 50_000_000  # characters in all, so that a file of open quotes cannot stall the reader


@dataclass(frozen=True)
class Record:
    """One row as it stands in the file."""

    row: int  # counted from 1, as a spreadsheet does: blank lines count, line breaks inside a cell do not
    cells: list[str]
    trouble: Trouble | None = None


def guess_separator(text: str) -> str:
    """The separator that cuts the first lines most evenly into more than one cell; a comma where none does.

    >>> guess_separator("id;title\\n1;a, b\\n2;c")
    ';'
    """
    lines = text[:_LONGEST_RECORD].split("\n")[:_SAMPLE_LINES]
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        widths = [len(record.cells) for record in records(lines, separator)]
        if not widths or widths[0] < 2:
            continue
        # Most rows are as wide as the header; of two that cut evenly, the one that gives more cells.
        score = Counter(widths)[widths[0]] / len(widths) + 0.001 * min(widths[0], 100)
        if score > best_score:
            best, best_score = separator, score
    return best


def split_lines(text: str) -> list[str]:
    """Lines by line feed, or by carriage return where there is no line feed; a lone one inside a line is text."""
    if "\n" in text:
        return [line.removesuffix("\r") for line in text.split("\n")]
    return text.split("\r")


def records(lines: list[str], separator: str) -> Iterator[Record]:
    """Every row that is not blank. A quoted cell may run over several lines; one that never closes ends its line.

    "open quote": a quoted cell is not closed where it could be; the row is the line alone. "stray quote": text follows
    a closing quote; it stays in the cell.
    """
    quoted = re.compile(rf'[ ]*"([^"]*+(?:""[^"]*+)*+)"[ ]*(?=\Z|{re.escape(separator)})')
    unfinished = re.compile(r'[ ]*"[^"]*+(?:""[^"]*+)*+\Z')
    place, row, looked_ahead, width = 0, 0, 0, 0
    while place < len(lines):
        line = lines[place]
        row += 1
        place += 1
        if not line.strip():
            continue
        if '"' not in line:
            plain = line.split(separator)
            width = width or len(plain)
            yield Record(row, plain)
            continue
        cells, trouble = _cells(line, separator, quoted, unfinished)
        width = width or len(cells)
        if trouble == "open quote":
            size = len(line)
            for end in range(place + 1, len(lines) + 1):
                size += len(lines[end - 1]) + 1
                looked_ahead += len(lines[end - 1])
                if size > _LONGEST_RECORD or looked_ahead > _MOST_LOOKED_AHEAD:
                    break
                if '"' not in lines[end - 1]:
                    continue
                looked_ahead += size
                whole, trouble_of_whole = _cells("\n".join([line, *lines[place:end]]), separator, quoted, unfinished)
                if trouble_of_whole == "open quote":
                    continue
                if trouble_of_whole is None and (len(whole) == width or len(cells) != width):
                    cells, trouble, place = whole, None, end
                break
        yield Record(row, cells, trouble)


def _cells(
    text: str, separator: str, quoted: re.Pattern[str], unfinished: re.Pattern[str]
) -> tuple[list[str], Trouble | None]:
    cells: list[str] = []
    trouble: Trouble | None = None
    place = 0
    while True:
        begins = text[place : place + 64].lstrip(" ").startswith('"')
        found = quoted.match(text, place) if begins else None
        if found:
            cells.append(found.group(1).replace('""', '"'))
            place = found.end()
        else:
            if begins:
                trouble = trouble or ("open quote" if unfinished.match(text, place) else "stray quote")
            end = text.find(separator, place)
            end = len(text) if end < 0 else end
            cell = text[place:end]
            cells.append(cell.replace('"', "").strip(" ") if begins else cell)
            place = end
        if place >= len(text):
            return cells, trouble
        place += len(separator)
        if place == len(text):
            return [*cells, ""], trouble
