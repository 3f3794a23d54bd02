"""The command line on a small table of its own, as a user would type it."""

from pathlib import Path

import numpy as np
import pytest

from relvid_core.cli import main, read_config
from relvid_core.config import ExperimentConfig
from relvid_core.errors import ConfigError
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.store import RunStore

QUICK = [
    "training.epochs=3",
    "towers.dim=8",
    "towers.text_dim=8",
    "evaluation.k=5",
    "evaluation.bootstrap_replicates=20",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's own catalogue and log: 30 videos in 3 topics, 40 viewers."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "mine"
    folder.mkdir()
    videos = [f"v{i},clip number {i} on subject{i % 3},topic {i % 3}" for i in range(30)]
    (folder / "videos.csv").write_text("\n".join(["video_id,title,topics", *videos]), encoding="utf-8")
    events = [
        f"u{user},v{3 * rng.integers(10) + user % 3 if rng.random() < 0.7 else rng.integers(30)},{1_700_000_000 + step}"
        for user in range(40)
        for step in range(20)
    ]
    (folder / "log.csv").write_text("\n".join(["user_id,video_id,timestamp", *events]), encoding="utf-8")
    return folder


def test_train_evaluate_and_neighbours(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    runs = ["--runs", str(tmp_path / "runs")]
    changes = [part for change in QUICK for part in ("--set", change)]
    assert main([*runs, "train", "--data", "mine", "--label", "first try", *changes]) == 0
    printed = capsys.readouterr().out
    assert "first try" in printed
    assert "Co-visit cosine" in printed
    run_id = printed.split()[1].rstrip(",")

    assert main([*runs, "list"]) == 0
    assert run_id in capsys.readouterr().out

    assert main([*runs, "evaluate", run_id[-6:]]) == 0
    assert "first try" in capsys.readouterr().out

    assert main([*runs, "neighbours", run_id, "v4", "-k", "5"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert "clip number 4" in lines[0]
    assert len(lines) == 2 + 5
    assert not any("clip number 4 " in line for line in lines[2:])


def test_train_takes_the_settings_of_the_objectives_and_can_begin_warm(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    store = RunStore(tmp_path / "runs")
    changes = [
        *QUICK,
        "objective.relevance_weight=0.5",
        "objective.weighting=pcgrad",
        "objective.hard_negatives=2",
        "towers.heads=split",
        "training.softmax=sampled",
        "training.sampled_candidates=20",
        "training.log_q=false",
        "coengagement.pair_weight=user",
    ]

    def train(label: str, *more: str) -> str:
        said = [part for change in (*changes, *more) for part in ("--set", change)]
        runs = ["--runs", str(store.root), "train", "--data", "mine", "--no-baselines"]
        assert main([*runs, "--label", label, *said]) == 0
        return capsys.readouterr().out

    assert "trained from the start" in train("alone", "training.warm_start=true", "towers.dim=6")
    assert "began from" not in train("cold")
    cold = store.list()[0][0]
    assert cold.config.objective.weighting == "pcgrad"
    assert cold.config.towers.heads == "split"
    assert (cold.config.training.softmax, cold.config.training.log_q) == ("sampled", False)
    printed = train("warm", "training.warm_start=true", "objective.blend=0.8")
    assert f"began from run {cold.run_id} (cold), trained 1 epoch more" in printed
    assert store.list()[0][0].started_from == cold.run_id


def test_several_seeds_are_several_runs_with_their_spread(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    home = ["--runs", str(tmp_path / "runs")]
    changes = [part for change in (*QUICK, "training.seed=2") for part in ("--set", change)]
    train = ["train", "--data", "mine", "--label", "mine", "--no-baselines"]
    assert main([*home, *train, "--seeds", "3", *changes]) == 0
    store = RunStore(tmp_path / "runs")
    infos = store.list()[0]
    assert [info.label for info in infos] == [f"mine · seed {seed}" for seed in (4, 3, 2)]
    assert [info.config.training.seed for info in infos] == [4, 3, 2]
    recalls = [store.estimates(info.run_id)["recall"].mean for info in infos]
    expected = f"{np.std(recalls, ddof=1):.4f} [{min(recalls):.4f}, {max(recalls):.4f}]"
    printed = capsys.readouterr().out
    (line,) = (line for line in printed.splitlines() if line.startswith("± spread of 3 trainings"))
    assert line.split("trainings")[1].strip().startswith(expected)
    assert "which no interval holds" in printed
    assert main([*home, "evaluate", *(info.run_id for info in infos)]) == 0
    assert expected in capsys.readouterr().out
    assert main([*home, "evaluate", infos[0].run_id]) == 0
    assert "spread" not in capsys.readouterr().out
    assert main([*home, *train, "--seeds", "0"]) == 1
    assert "received 0; ask for 1 or more" in capsys.readouterr().err


def test_tuned_baselines_stand_beside_a_run(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    runs = ["--runs", str(tmp_path / "runs")]
    changes = [part for change in QUICK for part in ("--set", change)]
    assert main([*runs, "tune-baselines", "--data", "mine", *changes]) == 0
    printed = capsys.readouterr().out
    assert "EASE, tuned: chosen on the validation window: regularisation " in printed
    if TUNABLE["als"].missing:
        assert "implicit ALS: not installed: pip install -r requirements-rivals.txt" in printed
    assert main([*runs, "tune-baselines", "--data", "mine", *changes]) == 0
    assert capsys.readouterr().out == printed  # found again
    assert main([*runs, "train", "--data", "mine", "--label", "mine", *changes]) == 0
    beside = capsys.readouterr().out
    assert "EASE, tuned" in beside
    assert "Topic only" in beside


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--data", "nowhere"], "not found"),
        (["evaluate", "nothing"], "names 0 runs"),
        (["train", "--set", "off_policy.strength=9"], "0 to 2"),
        (["train", "--set", "objective.weighting=mine"], "one of fixed, uncertainty, pcgrad"),
        (["train", "--set", "towers.heads=three"], "one of shared, split"),
        (["train", "--set", "nonsense"], "section.name=value"),
        (["tune-baselines", "--data", "nowhere"], "not found"),
        (["tune-baselines", "--limit", "0"], "a number above 0"),
        (["train", "--config", "missing.toml"], "cannot be read"),
    ],
)
def test_mistakes_are_answered_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--runs", str(tmp_path), *arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_config_round_trips_through_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--set", "off_policy.strength=0.5", "--set", "towers.use_text=false"]) == 0
    path = tmp_path / "config.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    config = read_config(path, ["training.seed=3"])
    assert config == ExperimentConfig().with_values(off_policy__strength=0.5, towers__use_text=False, training__seed=3)
    with pytest.raises(ConfigError, match="unknown setting"):
        read_config(path, ["training.nothing=3"])


def test_value_says_what_the_log_says_of_the_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["training.epochs=1", "towers.dim=8", "split.kind=global", "evaluation.bootstrap_replicates=20"]
    settings = [part for change in quick for part in ("--set", change)]
    home = ["--runs", str(tmp_path)]
    assert main([*home, "train", "--no-baselines", "--label", "first", *settings]) == 0
    (info,) = RunStore(tmp_path).list()[0]
    capsys.readouterr()
    assert main([*home, "value", info.run_id]) == 0
    said = capsys.readouterr().out
    for words in ("first", "no correction", "IPS", "SNIPS", "doubly robust", "effective sample size", "reliable:"):
        assert words in said
    assert "gain" not in said  # of nothing to compare with
    assert main([*home, "value", "nothing"]) == 1
