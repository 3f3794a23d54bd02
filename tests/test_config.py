"""Settings: the same after a TOML round trip, and refused when unknown, of the wrong type or out of range."""

import dataclasses
import math
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relvid_core.config import (
    CoEngagementConfig,
    EvaluationConfig,
    ExperimentConfig,
    ObjectiveConfig,
    OffPolicyConfig,
    SplitConfig,
    TowersConfig,
    TrainingConfig,
)
from relvid_core.errors import ConfigError

SECTIONS = [field.name for field in dataclasses.fields(ExperimentConfig)]
FLOATS = [
    (section, field.name)
    for section in SECTIONS
    for field in dataclasses.fields(getattr(ExperimentConfig(), section))
    if isinstance(getattr(getattr(ExperimentConfig(), section), field.name), float)
]


@st.composite
def splits(draw: st.DrawFn) -> SplitConfig:
    test_share = draw(st.floats(0.01, 0.9))
    return SplitConfig(
        kind=draw(st.sampled_from(["per_user", "global", "fully_observed"])),
        test_share=test_share,
        validation_share=(1 - test_share) * draw(st.floats(0.01, 0.9)),
        fold=draw(st.sampled_from(["test", "validation"])),
    )


@st.composite
def objectives(draw: st.DrawFn) -> ObjectiveConfig:
    weights = draw(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).filter(lambda pair: sum(pair) > 0))
    temperatures = st.floats(0.005, 10)
    return ObjectiveConfig(
        *weights,
        weighting=draw(st.sampled_from(["fixed", "uncertainty", "pcgrad"])),
        popularity_offset=draw(st.floats(0, 1)),
        popularity_term=draw(st.floats(-2, 2)),
        blend=draw(st.floats(0, 1)),
        temperature=draw(temperatures),
        relevance_source=draw(st.sampled_from(["topics", "teacher", "ratings"])),
        relevance_temperature=draw(temperatures),
        hard_negatives=draw(st.floats(0, 1000)),
        hide_topics=draw(st.booleans()),
        guess_topics=draw(st.booleans()),
        topic_level=draw(st.sampled_from([0, 1])),
    )


INPUTS = st.sampled_from([(True, True), (True, False), (False, True)])
CONFIGS = st.builds(
    ExperimentConfig,
    split=splits(),
    coengagement=st.builds(
        CoEngagementConfig, st.integers(0, 10_000), st.booleans(), st.sampled_from(["pair", "user"])
    ),
    objective=objectives(),
    off_policy=st.builds(
        OffPolicyConfig,
        st.floats(0, 2),
        st.floats(1),  # up to and with infinity: no clip
        st.sampled_from(["auto", "exposures", "popularity", "learned"]),
        st.floats(-1, 3),
        st.floats(0, 1e6, exclude_min=True),
        st.booleans(),
    ),
    towers=st.builds(
        lambda dim, heads, inputs, text_dim: TowersConfig(dim, heads, *inputs, text_dim),
        st.integers(2, 1024), st.sampled_from(["shared", "split"]), INPUTS, st.integers(2, 2048),
    ),
    training=st.builds(
        TrainingConfig,
        epochs=st.integers(1, 10_000),
        batch_seeds=st.integers(1, 100_000),
        learning_rate=st.floats(0, 10, exclude_min=True),
        weight_decay=st.floats(0, 10),
        softmax=st.sampled_from(["auto", "full", "sampled"]),
        sampled_candidates=st.integers(16, 1_000_000),
        log_q=st.booleans(),
        warm_start=st.booleans(),
        warm_epochs=st.integers(1, 10_000),
        seed=st.integers(0, 2**31 - 1),
        device=st.text(st.characters(codec="utf-8")),
    ),
    evaluation=st.builds(
        EvaluationConfig,
        st.integers(1, 1000),
        st.sampled_from(["any", "primary"]),
        st.integers(0, 9),
        st.floats(0, 1, exclude_min=True, exclude_max=True),
        st.integers(10, 100_000),
        st.floats(0.5, 1, exclude_max=True),
        st.floats(0, 1, exclude_min=True, exclude_max=True),
    ),
)  # fmt: skip


@given(CONFIGS)
def test_round_trip_gives_back_an_equal_config(config: ExperimentConfig) -> None:
    assert ExperimentConfig.from_toml(config.to_toml()) == config


@given(CONFIGS)
def test_the_toml_holds_every_setting(config: ExperimentConfig) -> None:
    assert tomllib.loads(config.to_toml()) == dataclasses.asdict(config)


def test_an_empty_file_is_the_default() -> None:
    assert ExperimentConfig.from_toml("") == ExperimentConfig()


def test_keys_left_out_keep_their_default() -> None:
    config = ExperimentConfig.from_toml("[off_policy]\nstrength = 0.5")
    assert config == dataclasses.replace(ExperimentConfig(), off_policy=OffPolicyConfig(strength=0.5))


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ExperimentConfig().training.epochs = 3  # type: ignore[misc]  # what is being tested


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training = ", "not valid TOML"),
        ("[training]\nepochs = 3\nepochs = 4", "not valid TOML"),
        ("epochs = 3", "unknown setting epochs; known here: .*training"),
        ("[trainig]\nepochs = 3", "unknown setting trainig"),
        ("[training]\nepoch = 3", "unknown setting training.epoch; known here: .*epochs"),
        ("[training]\n__class__ = 3", "unknown setting training.__class__"),
        ("training = 3", "training: received 3; expected a table"),
        ("[[training]]\nepochs = 3", "training: received .*expected a table"),
        ("[training]\nepochs = true", "training.epochs: received True; expected a int"),
        ("[training]\nepochs = 3.0", "training.epochs: received 3.0; expected a int"),
        ("[training]\nepochs = '3'", "training.epochs: received '3'; expected a int"),
        ("[training]\nepochs = [3]", "training.epochs: received"),
        ("[training]\nlearning_rate = true", "training.learning_rate: received True; expected a float"),
        ("[training]\nlearning_rate = 2024-05-31", "training.learning_rate: received"),
        ("[training]\ndevice = 0", "training.device: received 0; expected a str"),
        ("[towers]\nuse_id = 1", "towers.use_id: received 1; expected a bool"),
        ("[split]\nkind = 'Global'", "split.kind: received 'Global'; expected one of global, per_user, fully_observed"),
        ("[split]\nkind = ['global']", "split.kind: received"),
        ("[objective]\nweighting = 'PCGrad'", "received 'PCGrad'; expected one of fixed, uncertainty, pcgrad"),
        ("[objective]\nrelevance_source = 'topic'", "expected one of topics, teacher, ratings"),
        ("[off_policy]\npropensity = 'guess'", "expected one of auto, exposures, popularity, learned"),
        ("[off_policy]\nself_normalise = 0", "self_normalise: received 0; expected a bool"),
        ("[towers]\nheads = 'two'", "expected one of shared, split"),
        ("[training]\nsoftmax = 'sample'", "expected one of auto, full, sampled"),
        ("[training]\nlog_q = 1", "log_q: received 1; expected a bool"),
        ("[training]\nwarm_start = 'yes'", "warm_start: received 'yes'; expected a bool"),
    ],
)
def test_a_file_that_is_not_a_config_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ExperimentConfig.from_toml(text)


def test_a_whole_number_is_a_float_where_one_is_wanted() -> None:
    rate = ExperimentConfig.from_toml("[training]\nlearning_rate = 1").training.learning_rate
    assert (rate, type(rate)) == (1.0, float)


@pytest.mark.parametrize(
    ("setting", "outside", "inside"),
    [
        ("split.test_share", [0.0, 1.0, -0.1], [0.5]),
        ("split.validation_share", [0.0, 0.8, 1.0], [0.79]),  # the test window takes 0.2 by default
        ("coengagement.window", [-1, 10_001], [0, 10_000]),
        ("objective.engagement_weight", [-0.1, 0.0], [0.1]),  # 0: no loss left, as the other weight is 0 by default
        ("objective.relevance_weight", [-0.1], [0.0, 3.0]),
        ("objective.popularity_offset", [-0.1, 1.1], [0.0, 1.0]),
        ("objective.popularity_term", [-2.1, 2.1], [-2.0, 0.0, 2.0]),
        ("objective.blend", [-0.1, 1.1], [0.0, 1.0]),
        ("objective.hard_negatives", [-0.1, 1000.1], [0.0, 1000.0]),
        ("objective.topic_level", [-1, 2], [0, 1]),
        ("evaluation.hidden_share", [0.0, 1.0], [0.01, 0.99]),
        ("objective.temperature", [0.0, 0.0049, 10.1], [0.005, 10.0]),
        ("objective.relevance_temperature", [0.0, 0.0049, 10.1], [0.005, 10.0]),
        ("off_policy.strength", [-0.1, 2.1], [0.0, 2.0]),
        ("off_policy.clip", [0.99, 0.0, -1.0], [1.0, 1e9]),
        ("off_policy.gamma", [-1.1, 3.1], [-1.0, 3.0]),
        ("off_policy.smoothing", [0.0, -1.0, 1e6 + 1], [1e-9, 1e6]),
        ("towers.dim", [1, 0, -64, 1025], [2, 1024]),
        ("towers.text_dim", [1, 2049], [2, 2048]),
        ("training.epochs", [0, -1, 10_001], [1, 10_000]),
        ("training.batch_seeds", [0, 100_001], [1, 100_000]),
        ("training.learning_rate", [0.0, -0.1, 10.1], [1e-9, 10.0]),
        ("training.weight_decay", [-1e-9, 10.1], [0.0, 10.0]),
        ("training.sampled_candidates", [15, 1_000_001], [16, 1_000_000]),
        ("training.warm_epochs", [0, 10_001], [1, 10_000]),
        ("training.seed", [-1, 2**31], [0, 2**31 - 1]),
        ("evaluation.k", [0, 1001], [1, 1000]),
        ("evaluation.topic_level", [-1, 10], [0, 9]),
        ("evaluation.head_share", [0.0, 1.0], [0.5]),
        ("evaluation.bootstrap_replicates", [9, 100_001], [10, 100_000]),
        ("evaluation.confidence", [0.49, 1.0], [0.5, 0.999]),
    ],
)
def test_ranges(setting: str, outside: list[float], inside: list[float]) -> None:
    section, name = setting.split(".")
    for value in outside:
        with pytest.raises(ConfigError, match=section):
            ExperimentConfig.from_toml(f"[{section}]\n{name} = {value}")
    for value in inside:
        config = ExperimentConfig.from_toml(f"[{section}]\n{name} = {value}")
        assert getattr(getattr(config, section), name) == value


@pytest.mark.parametrize(("section", "name"), FLOATS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(section: str, name: str, value: float) -> None:
    if (name, value) == ("clip", math.inf):  # min(w, inf) = w: the one infinity with a meaning
        assert ExperimentConfig.from_toml("[off_policy]\nclip = inf").off_policy.clip == math.inf
        return
    with pytest.raises(ConfigError, match=section):
        ExperimentConfig.from_toml(f"[{section}]\n{name} = {value}")
    with pytest.raises(ConfigError, match=section):
        ExperimentConfig().with_values(**{f"{section}__{name}": value})


def test_towers_must_read_something() -> None:
    with pytest.raises(ConfigError, match="use_id, use_text or use_visual"):
        TowersConfig(use_id=False, use_text=False)


def test_with_values_changes_what_it_names_and_leaves_the_original() -> None:
    before = ExperimentConfig()
    after = before.with_values(training__epochs=3, training__seed=5, split__kind="global")
    assert (after.training.epochs, after.training.seed, after.split.kind) == (3, 5, "global")
    assert after == dataclasses.replace(
        before, training=TrainingConfig(epochs=3, seed=5), split=SplitConfig(kind="global")
    )
    assert before == ExperimentConfig()


@pytest.mark.parametrize(
    "name", ["epochs", "training", "training__", "training__epoch", "__class__", "trainig__epochs"]
)
def test_with_values_refuses_unknown_settings(name: str) -> None:
    with pytest.raises(ConfigError, match="unknown setting"):
        ExperimentConfig().with_values(**{name: 3})


def test_with_values_checks_the_section_as_a_whole() -> None:
    swapped = ExperimentConfig().with_values(objective__engagement_weight=0.0, objective__relevance_weight=1.0)
    assert swapped.objective.relevance_weight == 1.0
    with pytest.raises(ConfigError, match="at least one loss weight"):
        ExperimentConfig().with_values(objective__engagement_weight=0.0)
