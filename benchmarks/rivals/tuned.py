"""All rivals, the settings that the tuner chose for them, kept in tuned.toml, and each rival's lists with them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.rivals.cost import Outcome, measured_lists
from benchmarks.rivals.implicit_models import IMPLICIT
from benchmarks.rivals.rectools_dssm import DSSM
from relvid_core.errors import ConfigError
from relvid_core.evaluation.rivals.contract import Rival
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.pipeline import baseline_data
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import LIST_LENGTH
from relvid_core.experiments.tuned_choices import read_choices

RIVALS: dict[str, Rival] = TUNABLE | {rival.name: rival for rival in (*IMPLICIT, DSSM)}
TUNED_FILE = Path(__file__).with_name("tuned.toml")
TUNED_HEAD = (
    "# Written by `python -m benchmarks.rivals.tune`: the best setting of each rival on the validation fold.\n\n"
)


def rival_lists(prepared: Prepared, name: str, seed: int, *, k: int = LIST_LENGTH, path: Path = TUNED_FILE) -> Outcome:
    """Lists of all videos by a rival with the settings tuned for this dataset, and what they cost.

    Raises ConfigError for an unknown rival or one that was not tuned here, MissingDependency without its library.
    """
    if name not in RIVALS:
        raise ConfigError(f"rival {name!r}: unknown; use one of {', '.join(RIVALS)}")
    key = prepared.dataset.key
    choice = read_choices(path).get(key, {}).get(name)
    if choice is None:
        raise ConfigError(f"rival {name!r}: not tuned on {key!r}; run `python -m benchmarks.rivals.tune` on it first")
    return measured_lists(RIVALS[name], baseline_data(prepared), choice.parameters, seed=seed, k=k)
