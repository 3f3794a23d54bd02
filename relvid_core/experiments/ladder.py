"""The ablation ladder: one lever more at every step, each run compared with the one below.

Co-engagement alone → + relevance → + text → + visual → + off-policy correction: the three levers of Jaspal et al.
(2025), with the content split by modality. The order is theirs as far as their abstract tells; what each step means
here is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from relvid_core.config import ExperimentConfig, OffPolicyConfig
from relvid_core.data.dataset import Dataset
from relvid_core.errors import ConfigError, RunError
from relvid_core.evaluation.estimates import Estimate, bootstrap
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments.compare import check_comparable
from relvid_core.experiments.gaps import Gap, judge_gaps
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.seed_groups import read_groups
from relvid_core.experiments.standings import same_run

RungName = Literal["engagement", "relevance", "text", "visual", "correction"]
TITLES: Final[dict[RungName, str]] = {
    "engagement": "Co-engagement alone",
    "relevance": "+ relevance",
    "text": "+ text",
    "visual": "+ visual",
    "correction": "+ popularity correction",
}
RECALL_TAIL_SEEDS: Final = "recall_of_tail_seeds"
RECALL_COLD_SEEDS: Final = "recall_of_cold_seeds"
MEASURED: Final = (RECALL, RECALL_TAIL_SEEDS, RECALL_COLD_SEEDS, TOPIC_MATCH, POPULAR_SHARE)


@dataclass(frozen=True)
class Ladder:
    """The configs from the bottom up, and what the data cannot offer."""

    configs: dict[RungName, ExperimentConfig]
    left_out: dict[RungName, str]  # rung → why it is not there

    @classmethod
    def of(cls, base: ExperimentConfig, dataset: Dataset, *, has_pictures: bool) -> Ladder:
        """The ladder to `base`, whose relevance weight and correction strength must be above 0.

        The towers of `base` say which encoders the text and visual rungs use. Raises ConfigError.
        """
        if base.objective.relevance_weight == 0 or base.off_policy.strength == 0:
            raise ConfigError(
                f"ladder: received relevance weight {base.objective.relevance_weight:g} and correction strength "
                f"{base.off_policy.strength:g}; both must be above 0, or their rungs would be the ones below"
            )
        left_out = _left_out(dataset, has_pictures)
        config = base.with_values(
            objective__relevance_weight=0.0, towers__use_id=True, towers__use_text=False, towers__use_visual=False
        )
        config = replace(config, off_policy=OffPolicyConfig())
        configs: dict[RungName, ExperimentConfig] = {"engagement": config}
        added: dict[RungName, dict[str, object]] = {
            "relevance": {"objective__relevance_weight": base.objective.relevance_weight},
            "text": {"towers__use_text": True},
            "visual": {"towers__use_visual": True},
        }
        for rung, change in added.items():
            if rung not in left_out:
                config = config.with_values(**change)
                configs[rung] = config
        configs["correction"] = replace(config, off_policy=base.off_policy)
        return cls(configs, left_out)

    def stored(self, infos: list[RunInfo], fingerprint: str) -> dict[RungName, RunInfo]:
        """Which rungs were trained on this data already."""
        found = {rung: same_run(config, fingerprint, infos) for rung, config in self.configs.items()}
        return {rung: info for rung, info in found.items() if info is not None}


def _left_out(dataset: Dataset, has_pictures: bool) -> dict[RungName, str]:
    reasons: dict[RungName, str] = {}
    if dataset.catalog.topics.n_levels == 0 and dataset.ratings is None and dataset.teacher is None:
        reasons["relevance"] = "nothing says what is relevant: no topics, no ratings, no teacher vectors"
    if not any(dataset.catalog.text):
        reasons["text"] = "no video has a title or a description"
    if not has_pictures:
        reasons["visual"] = "no video has a picture"
    return reasons


@dataclass(frozen=True)
class LadderStep:
    """One rung: its measures, and its gaps to the rung below (none at the bottom)."""

    rung: RungName
    estimates: dict[str, Estimate]
    gaps: dict[str, Gap]


def climb(runs: Mapping[RungName, Sequence[Run]], prepared: Prepared) -> list[LadderStep]:
    """The ladder as a table, from the bottom up. `runs` holds one run or several training seeds of each rung.

    A seed video's value is its mean over the training seeds, so that the gap between two rungs is between settings and
    not between two throws of the dice. All gaps are one family for Holm's adjustment. Measures that no seed video
    allows (no cold ones, no topics) are left out. Raises RunError for runs that were not measured alike.
    """
    rungs = [rung for rung in TITLES if rung in runs]
    if not rungs or any(not runs[rung] for rung in rungs):
        raise RunError("ladder: received a rung without a run. Train every rung first.")
    check_comparable([run for rung in rungs for run in runs[rung]])
    settings = runs[rungs[0]][0].info.config.evaluation
    values = {rung: _values([_measures(run, prepared) for run in runs[rung]]) for rung in rungs}
    names = [name for name in MEASURED if not all(np.isnan(values[rung][name]).all() for rung in rungs)]
    asked = [(above, below, name) for below, above in pairwise(rungs) for name in names]
    judged = judge_gaps(
        [
            (RECALL if name.startswith(RECALL) else name, values[above][name], values[below][name])
            for above, below, name in asked
        ],
        settings,
    )
    gaps: dict[RungName, dict[str, Gap]] = {rung: {} for rung in rungs}
    for (above, _, name), gap in zip(asked, judged, strict=True):
        gaps[above][name] = gap
    return [LadderStep(rung, {name: _mean(values[rung][name], runs) for name in names}, gaps[rung]) for rung in rungs]


def _measures(run: Run, prepared: Prepared) -> dict[str, PerSeed]:
    groups = read_groups(run, prepared)
    none = np.full(1, np.nan)
    return {
        RECALL: run.per_seed[RECALL],
        RECALL_TAIL_SEEDS: groups["tail", RECALL].values if ("tail", RECALL) in groups else none,
        RECALL_COLD_SEEDS: groups["cold", RECALL].values if ("cold", RECALL) in groups else none,
        TOPIC_MATCH: run.per_seed[TOPIC_MATCH],
        POPULAR_SHARE: run.per_seed[POPULAR_SHARE],
    }


def _values(of_seeds: list[dict[str, PerSeed]]) -> dict[str, PerSeed]:
    return {name: np.mean([measures[name] for measures in of_seeds], axis=0) for name in MEASURED}


def _mean(values: PerSeed, runs: Mapping[RungName, Sequence[Run]]) -> Estimate:
    settings = next(iter(runs.values()))[0].info.config.evaluation
    return bootstrap(values, replicates=settings.bootstrap_replicates, confidence=settings.confidence)
