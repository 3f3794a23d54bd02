"""How the runs were made and measured, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.protocols import protocol_of, readings_of
from relvid_core.report.material import Material

SETTING_WORDS: Final = {
    "objective.engagement_weight": "Engagement weight",
    "objective.relevance_weight": "Relevance weight",
    "objective.weighting": "How the losses are added",
    "objective.popularity_offset": "Popularity offset λ in training",
    "objective.popularity_term": "Popularity term κ in the ranking",
    "objective.blend": "Engagement share ω of split heads",
    "objective.temperature": "Temperature τ",
    "objective.relevance_source": "Relevance by",
    "objective.relevance_temperature": "Temperature of the relevance target",
    "objective.hard_negatives": "Extra weight of hard negatives",
    "objective.hide_topics": "Topics of some videos hidden from training",
    "objective.guess_topics": "Missing topics guessed for training",
    "objective.topic_level": "Level of topics that train (0: all)",
    "off_policy.strength": "Popularity correction β",
    "off_policy.clip": "Clip of the weights",
    "off_policy.propensity": "Propensity from",
    "off_policy.gamma": "Exponent γ of the popularity proxy",
    "off_policy.self_normalise": "Weights scaled to mean 1",
    "towers.dim": "Vector length",
    "towers.heads": "Last layer",
    "towers.use_id": "Towers read the id",
    "towers.use_text": "Towers read the text",
    "towers.use_visual": "Towers read the pictures",
    "training.epochs": "Epochs",
    "training.batch_seeds": "Seed videos a step",
    "training.learning_rate": "Learning rate",
    "training.softmax": "Softmax over",
    "training.log_q": "logQ correction",
    "training.warm_start": "Begun from an earlier run",
    "training.seed": "Random seed",
}


def protocol_words(material: Material) -> list[str]:
    """What was held back, what was asked, and what counts as right, one HTML sentence or two each."""
    config = material.first.info.config
    known = [] if material.prepared is None else readings_of(material.prepared.dataset)
    more = [f"<b>{one.title}.</b> {one.asks} {one.mind}" for one in known]
    return [_split_words(material), _pair_words(material), *_seed_words(material), _list_words(config), *more]


def _split_words(material: Material) -> str:
    split = material.first.info.config.split
    protocol = protocol_of(material.first.info.config)
    if split.kind == "fully_observed":
        return f"<b>Truth.</b> {protocol.asks} {protocol.mind}"
    validation = split.fold == "validation"
    held, window = (split.validation_share, "validation") if validation else (split.test_share, "test")
    given = material.prepared is not None and material.prepared.dataset.pairs is not None
    log = None if material.prepared is None else material.prepared.dataset.interactions.engagements
    if given:
        how = f"{_percent(held)} of the pairs, drawn at random, were held back: ready-made pairs have no time."
    elif log is not None and log.timestamp is None:
        how = f"{_percent(held)} of each viewer’s engagements, drawn at random, were held back: the log has no times."
    elif split.kind == "global":
        how = f"Everything after one date was held back: the last {_percent(held)} of the log."
    else:
        how = f"The last {_percent(held)} of each viewer’s engagements were held back."
    if validation:
        how += f" The {_percent(split.test_share)} after them, the test window, were not touched."
    hidden = ""
    if split.cold_share > 0:
        hidden = f" {_percent(split.cold_share)} of the watched videos, drawn at random, were hidden from training too."
    return (
        f"<b>Split.</b> {how}{hidden} Training, popularity and propensities saw only what was left; the runs are "
        f"scored on the {window} window. {protocol.mind}"
    )


def _pair_words(material: Material) -> str:
    if material.prepared is not None and material.prepared.dataset.pairs is not None:
        return "<b>Pairs.</b> The dataset brings its own pairs of videos; none were counted from a log."
    counted = material.first.info.config.coengagement
    apart = f"at most {counted.window} steps apart" if counted.window else "at any distance"
    order = "in either order" if counted.symmetric else "from the one watched first to the one watched later"
    weight = "Every pair counts the same."
    if counted.pair_weight == "user":
        weight = "In training, each viewer’s pairs sum to the number of their engagements."
    return f"<b>Pairs.</b> Two videos make a pair if one viewer watched them {apart}, {order}. {weight}"


def _seed_words(material: Material) -> list[str]:
    observed = material.first.info.config.split.kind == "fully_observed"
    where = "out of the fully observed ones" if observed else "out of the whole catalogue"
    counts = (
        "A seed video counts if the log knows it and it is loved together with another one; those are the right "
        "answers."
        if observed
        else "A seed video counts if somebody watched it before the cut and together with another video after it; "
        "those other videos are the right answers."
    )
    asked = (
        f"<b>What is asked.</b> For each of {len(material.first.seeds):,} seed videos, the {material.k} videos that "
        f"would stand beside it, {where}. {counts}"
    )
    if material.prepared is None or observed:
        return [asked]
    evaluation = material.prepared.evaluation
    apart = (
        f"{evaluation.n_cold_seeds:,} videos that were watched after the cut, but by nobody before it: only their "
        "content could speak for them."
        if evaluation.n_cold_seeds
        else "No video: all that were watched after the cut had been watched before."
    )
    return [
        asked,
        f"<b>Left apart.</b> {apart} {_percent(evaluation.cold_target_share)} of the right answers had not been "
        "watched before either; they stay in, though no co-visit method can find them.",
    ]


def _list_words(config: ExperimentConfig) -> str:
    asked = config.evaluation
    rule = "its first-named topic equals" if asked.topic_rule == "primary" else "any of its topics equals one of"
    level = f", compared down to level {asked.topic_level}" if asked.topic_level else ""
    own = "that of the seed video" if asked.topic_rule == "primary" else "the seed video’s"
    return (
        f"<b>What is measured.</b> Lists of {asked.k}. A video is on topic if {rule} {own}{level}; copies of "
        "the seed video, with nearly the same title and description, do not count. Popular videos are "
        f"the {_percent(asked.head_share)} most watched. Intervals are {_percent(asked.confidence)} bootstrap "
        f"intervals over the seed videos ({asked.bootstrap_replicates:,} resamples): they speak of other seed videos, "
        "not of training again."
    )


def changed_settings(configs: Sequence[ExperimentConfig]) -> list[tuple[str, list[str]]]:
    """What differs between the configs, in words: setting → its value in each; of a single one, from the defaults."""
    compared = list(configs) if len(configs) > 1 else [*configs, ExperimentConfig()]
    flat = [_flat(config) for config in compared]
    names = [name for name in flat[0] if any(other[name] != flat[0][name] for other in flat[1:])]
    return [(setting_words(name), [_value(values[name]) for values in flat]) for name in names]


def setting_words(name: str) -> str:
    """A setting's name for people.

    >>> setting_words("training.epochs"), setting_words("training.weight_decay")
    ('Epochs', 'training: weight decay')
    """
    return SETTING_WORDS.get(name, name.replace(".", ": ").replace("_", " "))


def _flat(config: ExperimentConfig) -> dict[str, object]:
    return {f"{part}.{name}": value for part, values in asdict(config).items() for name, value in values.items()}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value) or "–"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}\u202f%" if share == 0 or share >= 0.001 else "Less than 0.1\u202f%"
