"""Topics as people write them in one cell: lists with any separator, JSON, hashtags, and paths in a taxonomy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from relvid_core.data.topics import MAX_LEVELS, MAX_TOPICS, TopicPath

Separator = Literal["|", ";", ",", "#", "json", ""]
LevelSeparator = Literal[">", "/", ""]
MAX_NAME: Final = 100  # characters of one level
_GAPS: Final = frozenset({"", "nan", "none", "null", "n/a", "na", "unknown", "(no genres listed)", "[]", "-", "\\n"})
_NAME_KEYS: Final = ("name", "title", "label", "topic", "category", "genre")
_ITEM: Final = re.compile(r"'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\"")
_NAMED_ITEM: Final = re.compile(
    r"['\"](?:name|title|label)['\"]\s*:\s*(?:'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\")"
)
_ENOUGH: Final = 0.02  # share of cells that must hold a separator
_MOST_READ: Final = 1000  # topics read from one cell


@dataclass(frozen=True)
class TopicForm:
    """How a column writes its topics."""

    separator: Separator
    levels: LevelSeparator


def guess_form(cells: Iterable[str]) -> TopicForm:
    """The form of a column, from its distinct cells."""
    distinct = [cell for cell in dict.fromkeys(cells) if cell.strip().casefold() not in _GAPS][:5000]
    n = max(1, len(distinct))
    separator: Separator = ""
    if sum(cell.startswith(("[", "{")) for cell in distinct) > 0.5 * n:
        separator = "json"
    elif sum(cell.startswith("#") for cell in distinct) > 0.5 * n:
        separator = "#"
    elif sum("|" in cell for cell in distinct) > _ENOUGH * n:
        separator = "|"
    elif sum(";" in cell for cell in distinct) > _ENOUGH * n:
        separator = ";"
    elif any("," in cell for cell in distinct):
        parts = [part.strip() for cell in distinct for part in cell.split(",")]
        # Commas part a list if its items come again; in "Food, Drink and Travel" alone they are a name's own.
        separator = "," if len(set(parts)) < 0.75 * len(parts) or len(set(parts) & set(distinct)) > 1 else ""
    topics = [topic for cell in distinct for topic in _split(cell, separator)]
    return TopicForm(separator, _guess_levels(topics))


def _guess_levels(topics: list[str]) -> LevelSeparator:
    if sum(">" in topic for topic in topics) > _ENOUGH * len(topics):
        return ">"
    slashed = {topic.strip("/ ") for topic in topics if "/" in topic}
    tops = {topic.split("/")[0].strip() for topic in slashed}
    # A taxonomy: most topics have a parent, and parents have several children. "Rock/Pop" alone is a name.
    return "/" if len(slashed) >= 0.5 * len(set(topics)) and 0 < len(tops) <= 0.5 * len(slashed) else ""


def parse_cell(cell: str, form: TopicForm) -> tuple[tuple[TopicPath, ...], str | None]:
    """The topic paths of a cell, and what was wrong: None, "too many topics" or "topic cut".

    No level holds "|" or ">", which separate topics and levels in our own files.

    >>> parse_cell("Food/Baking; Travel", TopicForm(";", "/"))
    ((('Food', 'Baking'), ('Travel',)), None)
    """
    if cell.strip().casefold() in _GAPS:
        return (), None
    fault: str | None = None
    paths: dict[TopicPath, None] = {}
    for topic in _split(cell, form.separator):
        levels = [_name(level) for level in (topic.split(form.levels) if form.levels else [topic])]
        levels = [level for level in levels if level.casefold() not in _GAPS]
        if len(levels) > MAX_LEVELS or any(len(level) > MAX_NAME for level in levels):
            fault = "topic cut"
            levels = [level[:MAX_NAME].strip() for level in levels[:MAX_LEVELS]]
        if levels:
            paths[tuple(levels)] = None
    if len(paths) > MAX_TOPICS:
        return tuple(paths)[:MAX_TOPICS], "too many topics"
    return tuple(paths), fault


def clean_name(text: str) -> str:
    """A topic's name without line breaks, invisible characters and the signs that separate topics and levels."""
    return _name(text)[:MAX_NAME].strip()


def _name(text: str) -> str:
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.replace("|", "/").replace(">", "›").split())


def _split(cell: str, separator: Separator) -> list[str]:
    if separator == "json" and cell.lstrip().startswith(("[", "{")):
        return _listed(cell)[:_MOST_READ]
    if separator == "#":
        return [tag.strip(" ,;") for tag in re.split(r"[#\s]+", cell, maxsplit=_MOST_READ)][:_MOST_READ]
    if separator in ("|", ";", ","):
        return cell.split(separator, _MOST_READ)[:_MOST_READ]
    return [cell]


def _listed(cell: str) -> list[str]:
    """The items of a JSON list, or of a Python list written as text; of records, their names."""
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        found = _NAMED_ITEM.findall(cell) or _ITEM.findall(cell)
        if found:
            return [(single or double).replace("\\'", "'").replace('\\"', '"') for single, double in found]
        return cell.strip("[]{} ").split(",", _MOST_READ)
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := _item(item))]


def _item(item: object) -> str:
    if isinstance(item, dict):
        return next((str(item[key]) for key in _NAME_KEYS if isinstance(item.get(key), str)), "")
    return str(item) if isinstance(item, str | int | float) else ""
