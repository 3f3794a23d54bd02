"""What the recall of cold seeds must be read against: chance, the most popular videos, and content alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relvid_core.errors import RunError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.protocol import RECALL
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.seed_groups import COLD, read_groups

POPULAR: Final = "popularity"
CONTENT: Final = "content_only"


@dataclass(frozen=True)
class ColdReferences:
    """Recall of cold seeds without a trained model."""

    n_seeds: int
    chance: float  # expected of a random list
    baselines: dict[str, Estimate]  # by POPULAR and CONTENT; content is missing where no video has any


def reference_runs(infos: Sequence[RunInfo], evaluation_key: str) -> dict[str, RunInfo]:
    """The stored baselines to hold cold seeds against, made beside runs with this evaluation key; by their names."""
    beside = [info for info in infos if info.kind == "baseline" and info.evaluation_key == evaluation_key]
    return {name: info for name in (POPULAR, CONTENT) for info in beside if info.run_id.startswith(f"baseline-{name}-")}


def cold_references(prepared: Prepared, k: int, baselines: Mapping[str, Run]) -> ColdReferences | None:
    """The references for lists of `k`, None where no seed is cold. `baselines` are the runs of `reference_runs`.

    A true partner stands in a random list of k of the n − 1 other videos with chance k / (n − 1), so that is the
    expected recall of every seed. Raises RunError for lists that were measured otherwise.
    """
    if not prepared.evaluation.n_cold_seeds:
        return None
    for run in baselines.values():
        if run.info.evaluation_key != prepared.key:
            raise RunError(
                f"cold seeds: the lists {run.info.label!r} were made for {run.info.evaluation_key}, not for "
                f"{prepared.key}. Take the baselines that were made beside these runs."
            )
    found = {name: read_groups(run, prepared)[COLD, RECALL].estimate for name, run in baselines.items()}
    n_videos = len(prepared.dataset.catalog)
    return ColdReferences(prepared.evaluation.n_cold_seeds, min(1.0, k / max(1, n_videos - 1)), found)
