"""The settings that the tuner chose, kept in tuned.toml, and each rival's lists with them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rivals.classical import CLASSICAL
from benchmarks.rivals.contract import Outcome, Parameters, Rival
from benchmarks.rivals.implicit_models import IMPLICIT
from benchmarks.rivals.item2vec import ITEM2VEC
from benchmarks.rivals.rectools_dssm import DSSM
from benchmarks.rivals.search import data_of
from benchmarks.toml_file import replace_toml
from relvid_core.errors import ConfigError, DataError
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import LIST_LENGTH

RIVALS: dict[str, Rival] = {rival.name: rival for rival in (*CLASSICAL, *IMPLICIT, ITEM2VEC, DSSM)}
TUNED_FILE = Path(__file__).with_name("tuned.toml")
_HEAD = "# Written by `python -m benchmarks.rivals.tune`: the best setting of each rival on the validation fold.\n\n"


@dataclass(frozen=True)
class Choice:
    """What one search settled on."""

    parameters: Parameters
    recall: float  # validation Recall@k
    tried: int  # settings, of `settings` in the grid
    settings: int


def read_tuned(path: Path = TUNED_FILE) -> dict[str, dict[str, Choice]]:
    """Dataset key → rival → choice; empty without a file. Raises DataError for a file that the tuner did not write."""
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return {key: {name: _choice(entry) for name, entry in rivals.items()} for key, rivals in content.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: cannot be read ({error!r}). Delete it and run the tuner again.") from error


def store_choice(dataset_key: str, name: str, choice: Choice, path: Path = TUNED_FILE) -> None:
    """Put one choice into the file, in place of an earlier one; the file is replaced in one step."""
    known = read_tuned(path)
    known.setdefault(dataset_key, {})[name] = choice
    content = {key: {rival: _plain(found[rival]) for rival in sorted(found)} for key, found in sorted(known.items())}
    replace_toml(path, _HEAD, content)


def rival_lists(prepared: Prepared, name: str, seed: int, *, k: int = LIST_LENGTH, path: Path = TUNED_FILE) -> Outcome:
    """Lists of all videos by a rival with the settings tuned for this dataset, and what they cost.

    Raises ConfigError for an unknown rival or one that was not tuned here, MissingDependency without its library.
    """
    if name not in RIVALS:
        raise ConfigError(f"rival {name!r}: unknown; use one of {', '.join(RIVALS)}")
    key = prepared.dataset.key
    choice = read_tuned(path).get(key, {}).get(name)
    if choice is None:
        raise ConfigError(f"rival {name!r}: not tuned on {key!r}; run `python -m benchmarks.rivals.tune` on it first")
    return RIVALS[name].fit_and_list(data_of(prepared), choice.parameters, seed=seed, k=k)


def _choice(entry: dict[str, Any]) -> Choice:
    parameters = entry["parameters"]
    if not all(type(value) in (str, int, float, bool) for value in parameters.values()):
        raise TypeError("a parameter is neither a number nor a word")
    return Choice(dict(parameters), float(entry["recall"]), int(entry["tried"]), int(entry["settings"]))


def _plain(choice: Choice) -> dict[str, Any]:
    return {
        "recall": round(choice.recall, 5),
        "tried": choice.tried,
        "settings": choice.settings,
        "parameters": dict(choice.parameters),
    }
