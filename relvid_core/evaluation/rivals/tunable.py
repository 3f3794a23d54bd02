"""The rivals that the app can tune, by name, the quickest first."""

from __future__ import annotations

from typing import Final

from relvid_core.evaluation.rivals.classical import CLASSICAL
from relvid_core.evaluation.rivals.contract import Rival
from relvid_core.evaluation.rivals.implicit_als import ALS
from relvid_core.evaluation.rivals.item2vec import ITEM2VEC

TUNABLE: Final[dict[str, Rival]] = {rival.name: rival for rival in (*CLASSICAL, ALS, ITEM2VEC)}
