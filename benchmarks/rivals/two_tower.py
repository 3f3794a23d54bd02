"""Our own towers in the shape of a rival, so that they are tuned by the very search that tunes the others."""

from __future__ import annotations

from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Rows
from relvid_core.data.propensity import weights_from_log
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.rivals.contract import Lister, Parameters, Rival
from relvid_core.experiments.grading import grades_for
from relvid_core.experiments.prepared import Prepared
from relvid_core.retrieval.blend import blended
from relvid_core.retrieval.indexes import build_index
from relvid_core.retrieval.ranking import Neighbours
from relvid_core.retrieval.search import neighbours
from relvid_core.runtime import drain
from relvid_core.training.fit import fit

_NAMES = {
    "temperature": "objective__temperature",
    "relevance": "objective__relevance_weight",
    "offset": "objective__popularity_offset",
    "term": "objective__popularity_term",
    "strength": "off_policy__strength",
    "dim": "towers__dim",
    "learning_rate": "training__learning_rate",
}


def changes_of(parameters: Parameters) -> dict[str, object]:
    """The settings by their dotted names."""
    return {_NAMES[name]: value for name, value in parameters.items()}


def two_tower(prepared: Prepared, base: ExperimentConfig) -> Rival:
    """The towers on one prepared dataset; it alone knows the topics, which rivals have no use for."""

    def fitted(data: BaselineData, parameters: Parameters, seed: int) -> Lister:
        config = base.with_values(training__seed=seed, **changes_of({"term": 0.0, **parameters}))
        marginal = data.coengagement.candidate_marginal
        weights, _ = weights_from_log(data.history, config.off_policy, marginal, prepared.dataset.catalog)
        towers = drain(
            fit(
                data.coengagement,
                weight=weights.weight,
                grades=grades_for(prepared.dataset, data.coengagement, prepared.content, config),
                content=prepared.content,
                config=config,
            )
        )
        lift = config.objective.temperature * data.coengagement.log_marginal

        def listed(parameters: Parameters, seeds: Rows, k: int) -> Neighbours:
            queries, candidates = blended(towers.heads, (1.0,), float(parameters["term"]) * lift)
            return neighbours(build_index(candidates), queries[seeds], seeds, k)

        return listed

    grid: dict[str, tuple[str | int | float | bool, ...]] = {
        "relevance": (0.0, 0.1, 0.25, 0.5),
        "temperature": (0.2, 0.1, 0.15, 0.3),
        "offset": (0.0, 0.5, 1.0),
        "strength": (0.0, 0.2),
        "dim": (64, 32, 128),
        "learning_rate": (0.1, 0.03),
        "term": (0.0, -0.1, 0.1, 0.25, 0.5, 1.0),
    }
    return Rival("two_tower", "Two-tower", grid, fitted, listing=("term",))
