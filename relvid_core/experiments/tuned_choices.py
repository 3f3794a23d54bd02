"""The settings that searches settled on, in a TOML file: group (a dataset, or a way to ask it) → rival → choice."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w

from relvid_core.data.files import write_whole
from relvid_core.errors import DataError
from relvid_core.evaluation.rivals.contract import Parameters, Rival
from relvid_core.evaluation.rivals.search import Trial, best_of


@dataclass(frozen=True)
class Choice:
    """What one search settled on."""

    parameters: Parameters
    recall: float  # Recall@k on the validation window
    tried: int  # settings, of `settings` in the grid
    settings: int

    @classmethod
    def of(cls, rival: Rival, trials: list[Trial]) -> Choice:
        """The best of the trials of a search."""
        best = best_of(trials)
        return cls(best.parameters, round(best.recall, 5), len(trials), rival.n_settings)


def read_choices(path: Path) -> dict[str, dict[str, Choice]]:
    """Group → rival → choice; empty without a file. Raises DataError for a file that no search wrote."""
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return {group: {name: _choice(entry) for name, entry in kept.items()} for group, kept in content.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: cannot be read ({error!r}). Delete it and tune again.") from error


def store_choice(path: Path, group: str, name: str, choice: Choice, *, head: str = "") -> None:
    """Put one choice into the file, in place of an earlier one; the file is replaced in one step.

    `head` is the comment it begins with. Raises DataError if the disk refuses.
    """
    known = read_choices(path)
    known.setdefault(group, {})[name] = choice
    content = {key: {of: asdict(kept[of]) for of in sorted(kept)} for key, kept in sorted(known.items())}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, (head + tomli_w.dumps(content)).encode())
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error}). Free some space, or set RELVID_HOME.") from error


def _choice(entry: dict[str, Any]) -> Choice:
    parameters = entry["parameters"]
    if not all(type(value) in (str, int, float, bool) for value in parameters.values()):
        raise TypeError("a parameter is neither a number nor a word")
    return Choice(dict(parameters), float(entry["recall"]), int(entry["tried"]), int(entry["settings"]))
