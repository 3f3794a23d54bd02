"""Settings of the losses and of the popularity correction, beside the main levers."""

from __future__ import annotations

from typing import Final, Literal

from pages.ui.groups import group, only_if
from pages.ui.words import PROPENSITIES, propensity_sources
from relvid_core.config import ExperimentConfig, RelevanceSource, Weighting
from relvid_core.data.dataset import Dataset

_PLAIN: Final = ExperimentConfig()
_BIND: Final[Literal["query-params"]] = "query-params"

_WEIGHTINGS: Final[dict[Weighting, str]] = {
    "fixed": "as the sliders say",
    "uncertainty": "learned on the way (Kendall et al. 2018)",
    "pcgrad": "without what conflicts (PCGrad, Yu et al. 2020)",
}
_LEVELS: Final = {0: "of all levels", 1: "of the top level only"}
_SOURCES: Final[dict[RelevanceSource, str]] = {
    "topics": "shared topics",
    "teacher": "a teacher encoder",
    "ratings": "ratings by people",
}


def relevance_sources(data: Dataset) -> list[RelevanceSource]:
    """Where this dataset can say what is relevant, the usual one first."""
    has: dict[RelevanceSource, bool] = {
        "topics": data.has_topics,
        "teacher": data.teacher is not None,
        "ratings": data.ratings is not None,
    }
    return [source for source in _SOURCES if has[source]]


def loss_settings(data: Dataset, *, relevance: bool, both: bool) -> dict[str, object]:
    """Group Loss. `relevance`: that loss has a weight; `both`: and the other one too."""
    places = group("Loss", 8)
    sources = relevance_sources(data) or ["topics"]
    plain = _PLAIN.objective
    temperature = next(places).number_input(
        "Temperature τ", 0.01, 2.0, plain.temperature, 0.01, key="tau", bind=_BIND,
        help="Scores are divided by it. Lower: the model minds only the closest videos.",
    )  # fmt: skip
    weighting = next(places).selectbox(
        "Add the two losses", list(_WEIGHTINGS), format_func=_WEIGHTINGS.__getitem__, key="weighting", bind=_BIND,
        disabled=not both,
        help="As the sliders say: fixed weights, hard to beat. Learned: training also scales each loss by how hard it "
        "is to fit; buys less searching for weights, and the sliders say less. Without what conflicts: where the two "
        "pull apart, each gives up the part that hurts the other; takes a third longer.",
    )  # fmt: skip
    source = next(places).selectbox(
        "Relevant means", sources, format_func=_SOURCES.__getitem__, key="relevant", bind=_BIND,
        disabled=not relevance or len(sources) == 1,
        help="Shared topics: coarse, and also what topic match measures. A teacher encoder (teacher.parquet in the "
        "data folder): finer, as good as that encoder. Ratings by people (relevance.csv): the real thing, for the "
        "rated pairs only. Offered is what this dataset has.",
    )  # fmt: skip
    softness = next(places).number_input(
        "Softness of relevance", 0.01, 2.0, plain.relevance_temperature, 0.01, key="rtau", bind=_BIND,
        disabled=not relevance,
        help="Lower: only the most relevant videos are to be close. Higher: slightly relevant ones count nearly as "
        "much.",
    )  # fmt: skip
    hard = next(places).number_input(
        "Hard negatives", 0.0, 100.0, plain.hard_negatives, 1.0, key="hard", bind=_BIND,
        disabled=not relevance,
        help="Videos watched together but off topic count 1 + this in the relevance loss. Buys: topic match where the "
        "two losses disagree. Costs: recall, in just those places.",
    )  # fmt: skip
    by_topics = relevance and source == "topics"
    levels = data.catalog.topics.n_levels
    level = next(places).selectbox(
        "Topics that train", list(_LEVELS), format_func=_LEVELS.__getitem__, key="tlevel", bind=_BIND,
        disabled=not by_topics or levels < 2,
        help="The top level only: then the measure “finest topic within the coarse” says what the model found out by "
        "itself. Costs: topic match, as it learns less." if levels > 1 else "The topics of this data have one level.",
    )  # fmt: skip
    hide = next(places).toggle(
        "Hide some topics", plain.hide_topics, key="hide", bind=_BIND, disabled=not by_topics,
        help="Training is not shown the topics of a random 30 % of the videos. Buys: an honest measure, topic match on "
        "hidden labels, since topics that train should not also grade. Costs: some topic match.",
    )  # fmt: skip
    untold = sum(not topics for topics in data.catalog.topics.paths)
    guess = next(places).toggle(
        "Guess missing topics", plain.guess_topics, key="guess", bind=_BIND, disabled=not by_topics,
        help="Videos without a topic get likely ones, by their content and by what is watched with them. Buys: "
        "relevance where nobody has filled in topics. Costs: a moment more, and guesses may be wrong. Here "
        f"{untold:,} of {len(data.catalog):,} videos have none, and those whose topics are hidden.",
    )  # fmt: skip
    return {
        "objective__temperature": temperature,
        **only_if(both, objective__weighting=weighting),
        **only_if(by_topics, objective__hide_topics=hide, objective__guess_topics=guess),
        **only_if(by_topics and levels > 1, objective__topic_level=level),
        **only_if(
            relevance,
            objective__relevance_source=source,
            objective__relevance_temperature=softness,
            objective__hard_negatives=hard,
        ),
    }


def popularity_settings(data: Dataset, *, corrected: bool) -> dict[str, object]:
    """Group Popularity. `corrected`: the correction is on."""
    places = group("Popularity", 6)
    exposures = data.interactions.exposures is not None
    sources = propensity_sources(has_exposures=exposures)
    objective, plain = _PLAIN.objective, _PLAIN.off_policy
    offset = next(places).number_input(
        "Popularity offset λ", 0.0, 1.0, objective.popularity_offset, 0.1, key="lam", bind=_BIND,
        help="0: the vectors learn popularity too. 1: they learn only what is watched together more often than "
        "popularity explains. Buys: less popular lists. Costs: recall where popular is also good.",
    )  # fmt: skip
    term = next(places).number_input(
        "Popularity in the ranking κ", -2.0, 2.0, objective.popularity_term, 0.1, key="kappa", bind=_BIND,
        help="Lists are ranked by score + κ · log popularity. Above 0: more popular videos, usually more recall. Below "
        "0: fewer. Training does not change, so it can be undone at any time.",
    )  # fmt: skip
    propensity = next(places).selectbox(
        "“How often shown” from", sources, format_func=PROPENSITIES.__getitem__, key="prop", bind=_BIND,
        disabled=not corrected,
        help="From exposures it is a propensity. From watch counts it is only a popularity proxy, which also holds "
        "what made the video good. A model of what is shown smooths either by topic, length and age: buys calm "
        "weights for rarely shown videos, costs trust in that model.",
    )  # fmt: skip
    proxy = corrected and (not exposures or propensity == "popularity")
    gamma = next(places).number_input(
        "Exponent γ of the proxy", -1.0, 3.0, plain.gamma, 0.25, key="gamma", bind=_BIND, disabled=not proxy,
        help="The proxy is count^((γ+1)/2) (Yang et al. 2018). Without effect on exposures.",
    )  # fmt: skip
    counts = corrected and propensity != "learned"
    smoothing = next(places).number_input(
        "Added to every count", 0.01, 1000.0, plain.smoothing, 1.0, key="smooth", bind=_BIND, disabled=not counts,
        help="So that a video never shown stays finite. Higher: calmer weights for rarely shown videos. Costs: they "
        "are corrected less.",
    )  # fmt: skip
    normalise = next(places).toggle(
        "Weights average 1", plain.self_normalise, key="norm", bind=_BIND, disabled=not corrected,
        help="On: correction only shifts weight between pairs. Off: rare pairs weigh up to c, so correction also "
        "makes the engagement loss louder against relevance.",
    )  # fmt: skip
    return {
        "objective__popularity_offset": offset,
        "objective__popularity_term": term,
        **only_if(
            corrected,
            off_policy__propensity=propensity,
            off_policy__self_normalise=normalise,
        ),
        **only_if(proxy, off_policy__gamma=gamma),
        **only_if(counts, off_policy__smoothing=smoothing),
    }
