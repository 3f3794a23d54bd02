"""Settings of the towers, of their training, and of what is measured."""

from __future__ import annotations

from typing import Final, Literal

from pages.ui.groups import group, only_if
from pages.ui.protocol import choose_protocol
from relvid_core.config import ExperimentConfig, Heads, PairWeight, Softmax, TopicRule
from relvid_core.data.dataset import Dataset
from relvid_core.training.batches import uses_sample

_PLAIN: Final = ExperimentConfig()
_BIND: Final[Literal["query-params"]] = "query-params"

_HEADS: Final[dict[Heads, str]] = {"shared": "one for both losses", "split": "one for each loss"}
_SOFTMAXES: Final[dict[Softmax, str]] = {
    "auto": "all, or a sample if many",
    "full": "all videos",
    "sampled": "a sample of videos",
}
_PAIR_WEIGHTS: Final[dict[PairWeight, str]] = {"pair": "every pair the same", "user": "every viewer by activity"}
_RULES: Final[dict[TopicRule, str]] = {"primary": "the first-named topic", "any": "any topic"}
_APART: Final = "Runs that differ here are not compared with each other."


def tower_settings() -> dict[str, object]:
    """Group Towers."""
    places = group("Towers", 3)
    dim = next(places).number_input(
        "Vector length", 2, 512, _PLAIN.towers.dim, 8, key="dim", bind=_BIND,
        help="Numbers that describe one video. More: finer distinctions, slower, easier to overfit.",
    )  # fmt: skip
    heads = next(places).selectbox(
        "Last layer", list(_HEADS), format_func=_HEADS.__getitem__, key="heads", bind=_BIND,
        help="One for both losses, as in the paper. One for each: the losses fight less, and their shares can be "
        "mixed after training. Costs: more to train, and each learns less from the other.",
    )  # fmt: skip
    blend = next(places).number_input(
        "Engagement share ω", 0.0, 1.0, _PLAIN.objective.blend, 0.05, key="blend", bind=_BIND,
        disabled=heads != "split",
        help="How lists are made from the two layers: 1 is engagement alone, 0 relevance alone. Training does not "
        "change.",
    )  # fmt: skip
    return {"towers__dim": dim, "towers__heads": heads, **only_if(heads == "split", objective__blend=blend)}


def training_settings(n_videos: int) -> dict[str, object]:
    """Group Training, for a catalogue of `n_videos`."""
    places = group("Training", 6)
    plain = _PLAIN.training
    rate = next(places).number_input(
        "Learning rate", 0.0005, 2.0, plain.learning_rate, 0.01, format="%.4g", key="lr", bind=_BIND,
        help="Size of the largest training step. Too high: the loss jumps. Too low: it stays high.",
    )  # fmt: skip
    batch = next(places).number_input(
        "Seed videos a step", 16, 8192, plain.batch_seeds, 64, key="batch", bind=_BIND,
        help="More: calmer and fewer steps, more memory. Fewer: more steps in an epoch, slower.",
    )  # fmt: skip
    softmax = next(places).selectbox(
        "Compare each seed with", list(_SOFTMAXES), format_func=_SOFTMAXES.__getitem__, key="softmax", bind=_BIND,
        help="All videos: exact. A sample: buys speed and memory on large catalogues, costs noise.",
    )  # fmt: skip
    sampled = uses_sample(_PLAIN.with_values(training__softmax=softmax), n_videos)
    drawn = next(places).number_input(
        "Size of the sample", 16, 100_000, plain.sampled_candidates, 256, key="drawn", bind=_BIND,
        disabled=not sampled, help="Videos drawn a step. More: less noise. Costs: time.",
    )  # fmt: skip
    seed = next(places).number_input(
        "Random seed", 0, 2**31 - 1, plain.seed, 1, key="chance", bind=_BIND,
        help="Two runs that differ only here show how much of a difference is chance.",
    )  # fmt: skip
    log_q = next(places).toggle(
        "logQ correction", plain.log_q, key="logq", bind=_BIND, disabled=not sampled,
        help="Popular videos are drawn more often. On: that is accounted for (Yi et al. 2019). Off: popular videos are "
        "pushed away, which is a popularity correction by accident.",
    )  # fmt: skip
    return {
        "training__learning_rate": rate,
        "training__batch_seeds": batch,
        "training__softmax": softmax,
        "training__seed": seed,
        **only_if(sampled, training__sampled_candidates=drawn, training__log_q=log_q),
    }


def measuring_settings(data: Dataset) -> dict[str, object]:
    """Group Measuring: runs that differ here are measured otherwise."""
    places = group("Measuring", 8)
    counted, measured = _PLAIN.coengagement, _PLAIN.evaluation
    given = data.pairs is not None
    window = next(places).number_input(
        "Pair window (steps)", 0, 1000, counted.window, 1, key="window", bind=_BIND, disabled=given,
        help="Two videos make a pair if one viewer watched them at most this many steps apart; 0 = any two. Changes "
        f"what counts as right. {_APART}",
    )  # fmt: skip
    weight = next(places).selectbox(
        "Weight of a pair", list(_PAIR_WEIGHTS), format_func=_PAIR_WEIGHTS.__getitem__, key="pairs", bind=_BIND,
        disabled=given,
        help="Every pair the same: whoever watches most decides most. Every viewer by activity: a viewer's pairs sum "
        f"to the number of their watches, so long histories decide less. {_APART}",
    )  # fmt: skip
    judged = choose_protocol(next(places), data, _APART)
    k = next(places).number_input(
        "Length of the lists K", 1, 50, measured.k, 1, key="length", bind=_BIND,
        help=f"Videos in a measured list. {_APART}",
    )  # fmt: skip
    rule = next(places).selectbox(
        "Same topic means", list(_RULES), format_func=_RULES.__getitem__, key="rule", bind=_BIND,
        help=f"When two videos count as on topic. {_APART}",
    )  # fmt: skip
    level = next(places).number_input(
        "Topic level", 0, max(1, data.catalog.topics.n_levels), measured.topic_level, 1, key="level", bind=_BIND,
        help=f"How deep the topics must agree: 1 is the top level, 0 the finest there is. {_APART}",
    )  # fmt: skip
    head = next(places).number_input(
        "Popular videos: top share", 0.01, 0.5, measured.head_share, 0.01, key="top", bind=_BIND,
        help=f"This share of the catalogue, by watch count, is called popular. {_APART}",
    )  # fmt: skip
    symmetric = next(places).toggle(
        "Pairs in both directions", counted.symmetric, key="both", bind=_BIND, disabled=given,
        help="Off: only from the video watched first to the one watched later. Buys: the order, for series. Costs: "
        f"half the pairs. {_APART}",
    )  # fmt: skip
    return {
        **judged,
        "evaluation__k": k,
        "evaluation__topic_rule": rule,
        "evaluation__topic_level": level,
        "evaluation__head_share": head,
        **only_if(
            not given,
            coengagement__window=window,
            coengagement__pair_weight=weight,
            coengagement__symmetric=symmetric,
        ),
    }
