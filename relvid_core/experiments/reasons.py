"""Why a video stands in a list: what the log, the topics and the model's own arithmetic say of the pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.propensity import weights_from_log
from relvid_core.data.topics import format_topic
from relvid_core.errors import RunError
from relvid_core.experiments.prepared import Prepared
from relvid_core.experiments.run import Run
from relvid_core.experiments.wording import listed_words
from relvid_core.retrieval.blend import shares_of
from relvid_core.training.contributions import Contributions, Explainer

INPUT_WORDS: Final = {"id": "what was watched together", "text": "its text", "visual": "its picture"}
_LARGE_SHARE: Final = 0.15  # of the positive part of a score: smaller parts are not worth a word


@dataclass(frozen=True)
class Reason:
    """One neighbour of one seed. `inputs` and `popularity` add up to the score of a model; a baseline has neither."""

    row: int
    co_engaged: float  # N_ij, how often viewers engaged with both close together, in what the run could learn from
    shared_topics: tuple[str, ...]
    cosines: Mapping[str, float]  # modality → cosine of both videos' content vectors; absent where either has none
    inputs: Mapping[str, float]  # "id", "text", "visual" → its part of the score, may be negative
    popularity: float  # τ κ log p_j, the part of the score that does not depend on the seed
    lift: float  # `popularity` against the mean of all videos: only differences of it rank a list
    weight: float  # off-policy weight of the training pairs that end in this video; 1 is the mean

    @property
    def score(self) -> float:
        """What ranks the list."""
        return sum(self.inputs.values()) + self.popularity


class Reasoner:
    """Explains the lists of one run. Made once a run: it takes the towers apart."""

    def __init__(self, run: Run, prepared: Prepared) -> None:
        """Raises RunError where the run's towers do not fit the data or its content as they are now."""
        if run.info.evaluation_key != prepared.key:
            raise RunError(f"run {run.info.label!r}: was made from other data or another split. Train it again.")
        config = run.info.config
        self._prepared = prepared
        self._explainer: Explainer | None = None
        self._shares = [1.0]
        self._popularity = np.zeros(run.info.n_videos)
        self._weight = np.ones(run.info.n_videos)
        if run.towers is None:
            return
        pairs = prepared.pairs
        self._explainer = Explainer(run.towers, config, prepared.content, pairs.known)
        self._shares = list(shares_of(len(run.towers.heads), config.objective.blend))
        self._popularity = config.objective.temperature * config.objective.popularity_term * pairs.log_marginal
        catalog = prepared.dataset.catalog
        self._weight = weights_from_log(prepared.history, config.off_policy, pairs.candidate_marginal, catalog)[
            0
        ].weight

    def reasons(self, seed: int, candidates: Rows) -> list[Reason]:
        """One for each candidate, in their order."""
        parts = Contributions((), np.zeros((len(candidates), 0)))
        if self._explainer is not None:
            parts = self._explainer.contributions(seed, candidates, self._shares)
        counts = self._prepared.pairs.matrix[[seed]][:, candidates].toarray()[0]
        catalog = self._prepared.dataset.catalog
        return [
            Reason(
                row=int(row),
                co_engaged=float(counts[place]),
                shared_topics=shared_topics(catalog, seed, int(row)),
                cosines=self._cosines(seed, int(row)),
                inputs=dict(zip(parts.names, parts.values[place].tolist(), strict=True)),
                popularity=float(self._popularity[row]),
                lift=float(self._popularity[row] - self._popularity.mean()),
                weight=float(self._weight[row]),
            )
            for place, row in enumerate(candidates)
        ]

    def _cosines(self, seed: int, row: int) -> dict[str, float]:
        return {
            modality.name: float(modality.matrix[seed] @ modality.matrix[row])
            for modality in self._prepared.content.modalities
            if modality.present[seed] and modality.present[row]
        }


def shared_topics(catalog: Catalog, a: int, b: int) -> tuple[str, ...]:
    """Topics that both videos carry, in the order of the first's, written out."""
    theirs = set(catalog.topics.paths[b])
    return tuple(format_topic(path) for path in catalog.topics.paths[a] if path in theirs)


def sentence(reason: Reason) -> str:
    """The reason in one sentence for people. Titles are not in it; topics are, and come from the data."""
    said = [_together(reason.co_engaged)]
    if reason.shared_topics:
        said.append(f"both are about {reason.shared_topics[0]}")
    elif reason.cosines.get("text", 0.0) > 0.5:
        said.append("their texts are much alike")
    else:
        said.append("they share no topic")
    drawn, lifted = _drawn_from(reason), _lifted(reason)
    return f"{said[0]}; {said[1]}." + (f" The model draws it from {drawn}." if drawn else "") + lifted


def _together(count: float) -> str:
    if count == 0:
        return "Nobody watched both close together"
    times = "once" if count == 1 else f"{count:,.0f} times" if count == int(count) else f"with weight {count:,.1f}"
    return f"Viewers watched both close together {times}"


def _drawn_from(reason: Reason) -> str:
    """The inputs that carry the score, largest first."""
    positive = {name: value for name, value in reason.inputs.items() if value > 0}
    total = sum(positive.values())
    large = [(value / total, name) for name, value in positive.items() if value / total >= _LARGE_SHARE]
    words = [f"{INPUT_WORDS.get(name, name)} ({share:.0%})" for share, name in sorted(large, reverse=True)]
    return listed_words(words)


def _lifted(reason: Reason) -> str:
    """What the popularity term does to it, where that is not small beside the inputs."""
    if abs(reason.lift) < _LARGE_SHARE * sum(value for value in reason.inputs.values() if value > 0) or not reason.lift:
        return ""
    return " Its popularity term lifts it." if reason.lift > 0 else " Its popularity term holds it down."
