"""The settings that are compared: what the tuner chose on each dataset's validation fold, kept in settings.toml."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

import tomli_w

from relvid_core.config import ExperimentConfig
from relvid_core.data.files import write_whole
from relvid_core.errors import DataError

SETTINGS_FILE = Path(__file__).with_name("settings.toml")
ENGAGEMENT_ONLY = "engagement only"
TUNED = "tuned for recall"
ALL_LEVERS = "+ relevance + OPC"
NO_MARGIN = "+ relevance + OPC, no margin"
Changes = dict[str, object]  # settings by their dotted names, as `ExperimentConfig.with_values` takes them
_HEAD = "# Written by `python -m benchmarks.tune`: choices on the validation fold, by dataset.\n\n"


@dataclass(frozen=True)
class Levers:
    """A relevance weight with a correction."""

    relevance: float
    strength: float
    clip: float

    @property
    def correction(self) -> Changes:
        """The settings of the correction alone."""
        return {"off_policy__strength": self.strength, "off_policy__clip": self.clip}

    @property
    def changes(self) -> Changes:
        """All of them."""
        return {"objective__relevance_weight": self.relevance, **self.correction}


@dataclass(frozen=True)
class Settings:
    """What was chosen on one dataset."""

    levers: Levers
    no_margin: Levers  # by the same rule with its bound on the popular share taken as it is; often the same
    tuned: Changes  # the towers with the highest validation recall, popularity and topics disregarded

    def ladder(self) -> dict[str, Changes]:
        """The rows of the results table, each a small change of the defaults."""
        rows: dict[str, Changes] = {
            ENGAGEMENT_ONLY: {},
            "+ relevance": {"objective__relevance_weight": self.levers.relevance},
            "+ OPC": self.levers.correction,
            ALL_LEVERS: self.levers.changes,
        }
        if self.no_margin != self.levers:
            rows[NO_MARGIN] = self.no_margin.changes
        return {**rows, TUNED: self.tuned}


def configs(base: ExperimentConfig, settings: Settings) -> dict[str, ExperimentConfig]:
    """The ladder as configs."""
    return {name: base.with_values(**changes) for name, changes in settings.ladder().items()}


def read_settings(dataset_key: str, path: Path = SETTINGS_FILE) -> Settings:
    """What was chosen on a dataset. Raises DataError where nothing was, or for a file that the tuner did not write."""
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))[dataset_key]
        return Settings(_levers(entry["levers"]), _levers(entry["no_margin"]), dict(entry["tuned"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path.name}: holds no settings for {dataset_key!r} ({error!r}). Run `python -m benchmarks.tune` on it."
        ) from error


def store_settings(dataset_key: str, settings: Settings, path: Path = SETTINGS_FILE) -> None:
    """Put a choice into the file, in place of an earlier one; the file is replaced in one step."""
    known = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[dataset_key] = asdict(settings)
    write_whole(path, (_HEAD + tomli_w.dumps(dict(sorted(known.items())))).encode())


def _levers(entry: dict[str, float]) -> Levers:
    return Levers(float(entry["relevance"]), float(entry["strength"]), float(entry["clip"]))
