"""Runs whose lists and metrics are written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.estimates import bootstrap
from relvid_core.experiments.run import Run, RunInfo, history_frame
from relvid_core.retrieval.ranking import Neighbours


def made_run(
    run_id: str, lists: np.ndarray | None = None, *, config: ExperimentConfig | None = None, **per_seed: np.ndarray
) -> Run:
    """A run that asks every video as a seed: `lists` `[n_videos, k]`, metrics `[n_videos]`."""
    n = len(next(iter(per_seed.values()))) if lists is None else len(lists)
    rows = np.zeros((n, 1), dtype=np.int32) if lists is None else lists.astype(np.int32)
    config = config or ExperimentConfig()
    config = replace(config, evaluation=replace(config.evaluation, k=rows.shape[1]))
    info = RunInfo(run_id, f"label {run_id}", "model", 0.0, "d", "Data", "data", "same", config, n, 1.0)
    metrics = {name: np.asarray(values, dtype=np.float64) for name, values in per_seed.items()}
    estimates = {name: bootstrap(values, replicates=50) for name, values in metrics.items()}
    lists_of = Neighbours(rows, np.zeros(rows.shape, dtype=np.float32))
    return Run(info, np.arange(n, dtype=np.int32), metrics, estimates, lists_of, history_frame([]))
