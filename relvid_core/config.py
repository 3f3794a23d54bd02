"""Settings of an experiment: frozen, checked when made, and the same after a TOML round trip."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import tomli_w

from relvid_core.errors import ConfigError

SplitKind = Literal["global", "per_user", "fully_observed"]
FoldName = Literal["test", "validation"]
TopicRule = Literal["any", "primary"]
PropensitySource = Literal["auto", "exposures", "popularity", "learned"]
PairWeight = Literal["pair", "user"]
Weighting = Literal["fixed", "uncertainty", "pcgrad"]
RelevanceSource = Literal["topics", "teacher", "ratings"]
Heads = Literal["shared", "split"]
TextEncoder = Literal["tfidf", "sentence", "clip", "file"]
VisualEncoder = Literal["descriptor", "clip", "file"]
FramePooling = Literal["mean", "attention"]
Fusion = Literal["concat", "gated"]
Softmax = Literal["auto", "full", "sampled"]
T = TypeVar("T")
_SECTION_NAMES = {
    "SplitConfig": "split",
    "CoEngagementConfig": "coengagement",
    "ObjectiveConfig": "objective",
    "OffPolicyConfig": "off_policy",
    "TowersConfig": "towers",
    "TrainingConfig": "training",
    "EvaluationConfig": "evaluation",
}


def _check(ok: bool, name: str, received: object, wanted: str) -> None:
    if not ok:
        raise ConfigError(f"{name}: received {received!r}; expected {wanted}")


@lru_cache
def _hints(cls: type) -> dict[str, Any]:
    """The types of a section's settings: to read them from their text each time would be most of making a config."""
    return get_type_hints(cls)


class _Section:
    """Checks the type of every setting when a section is made, then its range."""

    def __post_init__(self) -> None:
        section = _SECTION_NAMES[type(self).__name__]
        hints = _hints(type(self))  # type: ignore[arg-type]  # a class can be hashed, which mypy does not see
        for setting in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            name = setting.name
            object.__setattr__(self, name, _convert(hints[name], getattr(self, name), f"{section}.{name}"))
        self._check_ranges()

    def _check_ranges(self) -> None:
        """Raises ConfigError for a value of the right type that makes no sense."""


@dataclass(frozen=True)
class SplitConfig(_Section):
    """How the log is cut in time. Popularity, propensity and co-counts come from the earlier part only."""

    kind: SplitKind = "global"  # what is held back, see experiments/protocols.py
    test_share: float = 0.2
    validation_share: float = 0.1  # of all events, the ones just before the test window
    fold: FoldName = "test"  # "validation": train on less, score on the validation window (for tuning)
    cold_share: float = 0.0  # of all videos, drawn at random: hidden from training, to be asked about as new ones

    def _check_ranges(self) -> None:
        _check(0 < self.test_share < 1, "split.test_share", self.test_share, "a share between 0 and 1")
        _check(
            0 < self.validation_share < 1 - self.test_share,
            "split.validation_share",
            self.validation_share,
            "a share that leaves something to train on",
        )
        _check(0 <= self.cold_share <= 0.5, "split.cold_share", self.cold_share, "0 to 0.5")


@dataclass(frozen=True)
class CoEngagementConfig(_Section):
    """Which two engagements of one viewer make a pair."""

    window: int = 5  # at most this many steps apart in the viewer's history; 0 = any two
    symmetric: bool = True  # False: only from the earlier video to the later one
    pair_weight: PairWeight = "pair"  # "user": every viewer's pairs sum to the number of their engagements

    def _check_ranges(self) -> None:
        _check(0 <= self.window <= 10_000, "coengagement.window", self.window, "0 (any two) to 10000 steps")


@dataclass(frozen=True)
class ObjectiveConfig(_Section):
    """The two losses. `total = engagement_weight · L_e + relevance_weight · L_r`."""

    engagement_weight: float = 1.0
    relevance_weight: float = 0.0
    weighting: Weighting = "fixed"  # how the two weighted losses are added, see training/weighting.py
    popularity_offset: float = 0.0  # λ in [0, 1]: 0 lets the embedding absorb popularity, 1 learns lift
    popularity_term: float = 0.0  # κ in [−2, 2]: lists are ranked by s(i,j) + κ log p_j
    blend: float = 0.5  # ω in [0, 1] of split heads: share of the engagement head in the score; shared heads ignore it
    temperature: float = 0.2  # scores are cosines divided by this
    relevance_source: RelevanceSource = "topics"
    relevance_temperature: float = 0.1  # softness of the relevance target; lower = only the closest topics
    hard_negatives: float = 0.0  # videos engaged together but off topic count 1 + this in the relevance softmax
    hide_topics: bool = False  # keep the topics of `evaluation.hidden_share` of the videos from the relevance loss
    guess_topics: bool = False  # videos without a topic get likely ones, see data/guessed_topics.py
    topic_level: int = 0  # topics that the relevance loss sees: 0 = all levels, 1 = the top level only

    def _check_ranges(self) -> None:
        for name in ("engagement_weight", "relevance_weight"):
            value = getattr(self, name)
            _check(0 <= value < math.inf, f"objective.{name}", value, "a number ≥ 0")
        _check(
            self.engagement_weight + self.relevance_weight > 0,
            "objective",
            (self.engagement_weight, self.relevance_weight),
            "at least one loss weight above 0",
        )
        _check(0 <= self.popularity_offset <= 1, "objective.popularity_offset", self.popularity_offset, "0 to 1")
        _check(-2 <= self.popularity_term <= 2, "objective.popularity_term", self.popularity_term, "-2 to 2")
        _check(0 <= self.blend <= 1, "objective.blend", self.blend, "0 to 1")
        _check(0 <= self.topic_level <= 1, "objective.topic_level", self.topic_level, "0 (all levels) or 1 (the top)")
        _check(0 <= self.hard_negatives <= 1000, "objective.hard_negatives", self.hard_negatives, "0 to 1000")
        for name in ("temperature", "relevance_temperature"):
            value = getattr(self, name)
            _check(0.005 <= value <= 10, f"objective.{name}", value, "0.005 to 10")


@dataclass(frozen=True)
class OffPolicyConfig(_Section):
    """Inverse propensity weights `w = min(π^−strength, clip)`, scaled to mean 1 over the training pairs."""

    strength: float = 0.0  # β in [0, 2]; 0 switches the correction off
    clip: float = math.e**3  # c: Chen et al. 2019 use e³; inf = no clip
    propensity: PropensitySource = "auto"  # from exposures where the log has them, else the popularity proxy
    gamma: float = 1.0  # γ of the popularity proxy n^((γ+1)/2) (Yang et al. 2018)
    smoothing: float = 1.0  # pseudo-count added to every count, so that a never-seen video stays finite
    self_normalise: bool = True  # weights have mean 1 over the training pairs; False: the rarest weigh up to c

    def _check_ranges(self) -> None:
        _check(0 <= self.strength <= 2, "off_policy.strength", self.strength, "0 to 2")
        _check(self.clip >= 1, "off_policy.clip", self.clip, "a largest weight of at least 1")
        _check(-1 <= self.gamma <= 3, "off_policy.gamma", self.gamma, "-1 to 3")
        _check(0 < self.smoothing <= 1e6, "off_policy.smoothing", self.smoothing, "above 0, at most 1000000")


@dataclass(frozen=True)
class TowersConfig(_Section):
    """What the seed tower and the candidate tower read."""

    dim: int = 64
    heads: Heads = "shared"  # "split": one head a loss, blended when lists are made
    use_id: bool = True
    use_text: bool = True
    text_dim: int = 128  # width of the TF-IDF + SVD text features
    use_visual: bool = False  # read pictures, where there are any
    text_encoder: TextEncoder = "tfidf"
    visual_encoder: VisualEncoder = "descriptor"
    clip_model: str = "ViT-B-32"  # an open_clip architecture, for the encoders "clip"
    clip_weights: str = ""  # a weights file, `local-dir:FOLDER`, or a pretrained tag that was downloaded before
    frame_pooling: FramePooling = "mean"  # several pictures of one video become one vector
    fusion: Fusion = "concat"
    modality_dropout: float = 0.0  # share of videos that go without one input, drawn anew for each input and step

    def _check_ranges(self) -> None:
        _check(2 <= self.dim <= 1024, "towers.dim", self.dim, "2 to 1024")
        _check(2 <= self.text_dim <= 2048, "towers.text_dim", self.text_dim, "2 to 2048")
        _check(self.use_id or self.use_text or self.use_visual, "towers", "no input", "use_id, use_text or use_visual")
        _check(0 <= self.modality_dropout <= 0.9, "towers.modality_dropout", self.modality_dropout, "0 to 0.9")


@dataclass(frozen=True)
class TrainingConfig(_Section):
    """How long and how fast to train."""

    epochs: int = 6
    batch_seeds: int = 512  # seed videos (whole rows of the co-engagement matrix) a step
    learning_rate: float = 0.1
    weight_decay: float = 0.0
    softmax: Softmax = "auto"  # over the whole catalogue, or over a sample of candidates shared by the batch
    sampled_candidates: int = 4096  # size of that sample
    log_q: bool = True  # correct a sampled softmax for how its candidates were drawn (Yi et al. 2019)
    warm_start: bool = False  # begin from the nearest earlier run of the same data, with `warm_epochs`
    warm_epochs: int = 1  # a second one takes twice as long and changes little; see docs/results.md
    seed: int = 0
    device: str = "auto"

    def _check_ranges(self) -> None:
        _check(1 <= self.epochs <= 10_000, "training.epochs", self.epochs, "1 to 10000")
        _check(1 <= self.batch_seeds <= 100_000, "training.batch_seeds", self.batch_seeds, "1 to 100000")
        _check(0 < self.learning_rate <= 10, "training.learning_rate", self.learning_rate, "above 0, at most 10")
        _check(0 <= self.weight_decay <= 10, "training.weight_decay", self.weight_decay, "0 to 10")
        _check(
            16 <= self.sampled_candidates <= 1_000_000,
            "training.sampled_candidates",
            self.sampled_candidates,
            "16 to 1000000",
        )
        _check(1 <= self.warm_epochs <= 10_000, "training.warm_epochs", self.warm_epochs, "1 to 10000")
        _check(0 <= self.seed < 2**31, "training.seed", self.seed, "0 to 2147483647")


@dataclass(frozen=True)
class EvaluationConfig(_Section):
    """What is measured on the lists."""

    k: int = 20
    topic_rule: TopicRule = "primary"  # share the first-named topic, or share any
    topic_level: int = 0  # depth in the taxonomy that must agree: 1 = the top level, 0 = the finest
    head_share: float = 0.05  # popular videos: this share of the catalogue, by training engagement
    bootstrap_replicates: int = 1000
    confidence: float = 0.95
    hidden_share: float = 0.3  # of the videos with topics: scored among themselves, see `objective.hide_topics`

    def _check_ranges(self) -> None:
        _check(1 <= self.k <= 1000, "evaluation.k", self.k, "1 to 1000")
        _check(0 <= self.topic_level <= 9, "evaluation.topic_level", self.topic_level, "0 (finest) to 9")
        _check(0 < self.head_share < 1, "evaluation.head_share", self.head_share, "a share between 0 and 1")
        _check(0 < self.hidden_share < 1, "evaluation.hidden_share", self.hidden_share, "a share between 0 and 1")
        _check(
            10 <= self.bootstrap_replicates <= 100_000,
            "evaluation.bootstrap_replicates",
            self.bootstrap_replicates,
            "10 to 100000",
        )
        _check(0.5 <= self.confidence < 1, "evaluation.confidence", self.confidence, "0.5 to below 1")


@dataclass(frozen=True)
class ExperimentConfig:
    """Everything that decides a run, apart from the data itself."""

    split: SplitConfig = field(default_factory=SplitConfig)
    coengagement: CoEngagementConfig = field(default_factory=CoEngagementConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    off_policy: OffPolicyConfig = field(default_factory=OffPolicyConfig)
    towers: TowersConfig = field(default_factory=TowersConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def to_toml(self) -> str:
        """The config as TOML; `from_toml` gives back an equal config."""
        return tomli_w.dumps(_plain(self))

    @classmethod
    def from_toml(cls, text: str) -> ExperimentConfig:
        """Read a config; keys left out keep their default. Raises ConfigError for anything else."""
        try:
            values = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # ValueError: syntax, and integers of thousands of digits
            raise ConfigError(
                f"config: not valid TOML ({error}). Compare with the output of `python -m relvid_core config`."
            ) from error
        return _build(cls, values, "")

    def with_values(self, **dotted: object) -> ExperimentConfig:
        """A copy with some settings changed, named `section__name`.

        >>> ExperimentConfig().with_values(off_policy__strength=0.5).off_policy.strength
        0.5
        """
        changed: dict[str, dict[str, Any]] = {}
        for key, value in dotted.items():
            section, _, name = key.partition("__")
            known = {f.name for f in fields(self)}
            if section not in known or name not in {f.name for f in fields(getattr(self, section))}:
                raise ConfigError(f"config: unknown setting {section}.{name}; sections are {', '.join(sorted(known))}")
            changed.setdefault(section, {})[name] = value
        sections = {section: replace(getattr(self, section), **values) for section, values in changed.items()}
        return replace(self, **sections)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) is not None}
    return value


def _build(cls: type[T], values: dict[str, Any], where: str) -> T:
    hints = _hints(cls)  # type: ignore[arg-type]  # likewise
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]  # every caller passes a dataclass
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigError(f"config: unknown setting {where}{unknown[0]}; known here: {', '.join(sorted(known))}")
    return cls(**{name: _convert(hints[name], value, where + name) for name, value in values.items()})


def _convert(hint: Any, value: Any, name: str) -> Any:
    if is_dataclass(hint):
        _check(isinstance(value, dict), name, value, "a table of settings")
        return _build(hint, value, name + ".")  # type: ignore[arg-type]  # narrowed by is_dataclass
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        _check(isinstance(value, str) and value in choices, name, value, "one of " + ", ".join(map(str, choices)))
        return value
    if get_origin(hint) in (Union, UnionType):
        hint = next(option for option in get_args(hint) if option is not type(None))
    if hint is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    _check(type(value) is hint, name, value, f"a {hint.__name__}")
    _check(hint is not float or not math.isnan(value), name, value, "a number")
    return value
