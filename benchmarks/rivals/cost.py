"""What lists cost: the seconds of fitting and listing, and how far memory grew."""

from __future__ import annotations

import contextlib
import ctypes
import time
from dataclasses import dataclass
from pathlib import Path

from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.contract import Parameters, Rival
from relvid_core.retrieval.ranking import Neighbours

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_KIB = 1024


@dataclass(frozen=True)
class Outcome:
    """Lists and what they cost: fitting and listing together."""

    lists: Neighbours
    seconds: float
    peak_bytes: float  # growth of the resident set at its highest; NaN where the system does not tell


def measured_lists(rival: Rival, data: BaselineData, parameters: Parameters, *, seed: int, k: int) -> Outcome:
    """Fit, list `k` neighbours of every video, and say what that took. Raises as `Rival.lists`."""
    before = _restart_peak()
    began = time.perf_counter()
    lists = rival.lists(data, parameters, seed=seed, k=k)
    seconds = time.perf_counter() - began
    return Outcome(lists, seconds, _resident("VmHWM:") - before)


def _restart_peak() -> float:
    """Forget the highest resident set so far, and say what is resident now, in bytes.

    What was freed goes back to the system first: a fit that found room in it would seem to need none.
    """
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
    try:
        _CLEAR.write_text("5", encoding="ascii")  # proc(5): resets the peak, nothing else
    except OSError:
        return float("nan")
    return _resident("VmRSS:")


def _resident(field: str) -> float:
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    return next((float(line.split()[1]) * _KIB for line in lines if line.startswith(field)), float("nan"))
