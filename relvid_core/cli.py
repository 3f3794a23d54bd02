"""The same work without a browser: train, tune-baselines, evaluate, neighbours, value, report.

python -m relvid_core train --data sample --set objective.relevance_weight=1 --label "with relevance"
python -m relvid_core tune-baselines --data sample
python -m relvid_core evaluate RUN [RUN …]
python -m relvid_core neighbours RUN VIDEO_ID
python -m relvid_core value RUN [RUN …]
python -m relvid_core report RUN [RUN …] --output report.html
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from relvid_core import __version__, cli_report, cli_tune, cli_value
from relvid_core.cli_progress import progress_bar
from relvid_core.config import ExperimentConfig
from relvid_core.errors import ConfigError, RelvidError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.experiments.alike import Spread, seeded, spreads, twin_groups
from relvid_core.experiments.content import content_store
from relvid_core.experiments.datasets import find_datasets, load_dataset, runs_home, source_named
from relvid_core.experiments.logged_value import logged_values
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

SHOWN = ("recall", "ndcg", "topic_match", "topic_chance", "popular_share", "coverage", "gini")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 a RelvidError (said on standard error), 130 stopped."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except RelvidError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing of the unfinished run was kept", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m relvid_core", description="Train, evaluate and look into related-video models."
    )
    parser.add_argument("--version", action="version", version=f"RelVid Lab {__version__}")
    parser.add_argument("--runs", type=Path, default=None, help="folder of runs (default: $RELVID_HOME, else ./runs)")
    commands = parser.add_subparsers(required=True, metavar="command")

    listing = commands.add_parser("list", help="show the datasets and runs that are here")
    listing.set_defaults(command=_list)

    config = commands.add_parser("config", help="print a config as TOML, to save and edit")
    config.add_argument("--set", action="append", default=[], metavar="SECTION.NAME=VALUE", dest="changes")
    config.add_argument("--config", type=Path, default=None, help="start from this TOML file instead of the defaults")
    config.set_defaults(command=_config)

    train = commands.add_parser("train", help="train a model, evaluate and store it")
    _add_what(train)
    train.add_argument("--label", default="", help="a name for the run")
    train.add_argument(
        "--seeds", type=int, default=1, help="trainings that differ only in their random seed (default: 1)"
    )
    train.add_argument("--no-baselines", action="store_true", help="do not make the baselines that belong beside it")
    train.set_defaults(command=_train)

    tune = commands.add_parser("tune-baselines", help="tune the baselines on the validation window and store them")
    _add_what(tune)
    cli_tune.add_arguments(tune)
    tune.set_defaults(command=_tune_baselines)

    evaluate = commands.add_parser("evaluate", help="show the metrics of stored runs beside their baselines")
    evaluate.add_argument("run", nargs="+", metavar="RUN", help="run id, or a part of it that names one run")
    evaluate.set_defaults(command=_evaluate)

    neighbours = commands.add_parser("neighbours", help="show the list of one video")
    neighbours.add_argument("run", metavar="RUN", help="run id, or a part of it that names one run")
    neighbours.add_argument("video", metavar="VIDEO_ID")
    neighbours.add_argument("-k", type=int, default=20, help="length of the list (default: 20)")
    neighbours.set_defaults(command=_neighbours)

    value = commands.add_parser("value", help="estimate from the log what these lists would have brought")
    value.add_argument("run", nargs="+", metavar="RUN", help="run id, or a part of it; needs split.kind = global")
    value.set_defaults(command=_value_of)

    report = commands.add_parser("report", help="write a standalone HTML report of stored runs")
    cli_report.add_arguments(report)
    report.set_defaults(command=_report)
    return parser


def _add_what(parser: argparse.ArgumentParser) -> None:
    """The dataset and the config that a command works with."""
    parser.add_argument("--data", default="sample", help="a dataset key (see `list`) or the path of a data folder")
    parser.add_argument("--config", type=Path, default=None, help="a TOML file; settings left out keep their defaults")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.NAME=VALUE", dest="changes")


def _store(options: argparse.Namespace) -> RunStore:
    return RunStore(options.runs or runs_home())


def _list(options: argparse.Namespace) -> None:
    print("Datasets")
    for source in find_datasets():
        print(f"  {source.key:24s} {source.title}")
    infos, problems = _store(options).list()
    print("\nRuns, newest first")
    for info in infos:
        if info.kind == "model":
            print(f"  {info.run_id}  {_line(info.dataset_title, 24):24s}  {_line(info.label, 60)}")
    if not any(info.kind == "model" for info in infos):
        print("  none yet: python -m relvid_core train")
    for problem in problems:
        print(f"  ! {problem}")


def _config(options: argparse.Namespace) -> None:
    print(read_config(options.config, options.changes).to_toml(), end="")


def read_config(path: Path | None, changes: Sequence[str]) -> ExperimentConfig:
    """A config from a TOML file (or the defaults) with `section.name=value` changes. Raises ConfigError."""
    text = ""
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"config {path}: cannot be read ({error}). Name a TOML file.") from error
    config = ExperimentConfig.from_toml(text)
    for change in changes:
        name, equals, value = change.partition("=")
        section, dot, setting = name.partition(".")
        if not equals or not dot:
            raise ConfigError(
                f"--set: received {change!r}; write it as section.name=value, e.g. off_policy.strength=0.5"
            )
        config = config.with_values(**{f"{section}__{setting}": _value(value)})
    return config


def _value(text: str) -> object:
    """The TOML value that was meant: true, 3, 0.5, or else the text itself."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _train(options: argparse.Namespace) -> None:
    config = read_config(options.config, options.changes)
    dataset = load_dataset(source_named(options.data))
    store, cache = _store(options), PreparedCache(store=content_store(options.runs))
    runs = []
    with progress_bar() as show:
        for one, label in seeded(config, options.seeds, options.label):
            runs.append(drain(train_run(dataset, one, cache=cache, label=label, earlier=store), show))
            store.save(runs[-1])
        if not options.no_baselines:
            drain(baseline_runs(dataset, config, cache=cache, store=store), show)
    for run in runs:
        print(f"run {run.info.run_id}, trained in {run.info.seconds:.1f} s, stored in {store.root}")
        if config.training.warm_start:
            print(_origin(store, run.info))
    _table(_with_baselines(store, runs))


def _tune_baselines(options: argparse.Namespace) -> None:
    config = read_config(options.config, options.changes)
    dataset = load_dataset(source_named(options.data))
    cache = PreparedCache(store=content_store(options.runs))
    _table(cli_tune.tuned_runs(options, dataset, config, cache, _store(options)))


def _origin(store: RunStore, info: RunInfo) -> str:
    if info.started_from is None:
        return "no earlier run fitted, so it was trained from the start"
    label = _line(store.info(info.started_from).label, 60)
    epochs = info.config.training.warm_epochs
    return f"began from run {info.started_from} ({label}), trained {epochs} epoch{'s' if epochs > 1 else ''} more"


def _evaluate(options: argparse.Namespace) -> None:
    store = _store(options)
    runs = [store.load(_found(store, part).run_id) for part in options.run]
    _table(_with_baselines(store, runs))


def _with_baselines(store: RunStore, runs: list[Run]) -> list[Run]:
    keys = {run.info.evaluation_key for run in runs}
    have = {run.info.run_id for run in runs}
    infos, _ = store.list()
    beside = [info for info in infos if info.kind == "baseline" and info.evaluation_key in keys]
    return runs + [store.load(info.run_id) for info in beside if info.run_id not in have]


def _found(store: RunStore, part: str) -> RunInfo:
    infos, _ = store.list()
    matching = [info for info in infos if part in info.run_id]
    if len(matching) != 1:
        ids = ", ".join(info.run_id for info in matching[:5]) or "none"
        raise ConfigError(f"run {part!r}: names {len(matching)} runs ({ids}). Give the whole id; see `list`.")
    return matching[0]


def _table(runs: list[Run]) -> None:
    print(f"\n{'':32s}" + "".join(f"{name:>26s}" for name in SHOWN))
    for run in runs:
        cells = "".join(f"{_estimate(run.estimates.get(name)):>26s}" for name in SHOWN)
        print(f"{_line(run.info.label, 31):32s}{cells}")
    groups = twin_groups([run.info for run in runs])
    for twins in groups:
        found = spreads([run.estimates for run in runs if run.info in twins])
        cells = "".join(f"{_spread(found.get(name)):>26s}" for name in SHOWN)
        print(f"{f'± spread of {len(twins)} trainings':32s}{cells}")
    first = runs[0].info.config.evaluation
    print(
        f"\nmean over {len(runs[0].seeds)} seed videos, k = {first.k}, with {first.confidence:.0%} bootstrap intervals"
    )
    if groups:
        print("spread: standard deviation [lowest, highest] over random seeds of training, which no interval holds")


def _estimate(estimate: Estimate | None) -> str:
    return "-" if estimate is None else f"{estimate:.4f}"


def _spread(spread: Spread | None) -> str:
    return "-" if spread is None else f"{spread.deviation:.4f} [{spread.low:.4f}, {spread.high:.4f}]"


def _neighbours(options: argparse.Namespace) -> None:
    store = _store(options)
    run = store.load(_found(store, options.run).run_id)
    dataset = load_dataset(source_named(run.info.dataset_key))
    if dataset.fingerprint != run.info.dataset_fingerprint:
        raise ConfigError(f"run {run.info.run_id}: dataset {dataset.key!r} has changed since; train it again")
    catalog = dataset.catalog
    row = catalog.row(options.video)
    found = run.neighbours_of(row, options.k)
    print(f"{_line(catalog.titles[row], 70)}   [{' | '.join(catalog.topics.labels(row))}]\n")
    for rank, (neighbour, score) in enumerate(zip(found.rows[0], found.scores[0], strict=True), start=1):
        topics = " | ".join(catalog.topics.labels(int(neighbour)))
        print(f"{rank:3d}  {score:6.3f}  {_line(catalog.titles[neighbour], 60):60s}  {_line(topics, 50)}")


def _value_of(options: argparse.Namespace) -> None:
    store = _store(options)
    runs = [store.load(_found(store, part).run_id) for part in options.run]
    dataset = load_dataset(source_named(runs[0].info.dataset_key))
    labels = [f"{run.info.run_id}  {_line(run.info.label, 60)}" for run in runs]
    cli_value.print_values(logged_values(runs, dataset), labels)


def _report(options: argparse.Namespace) -> None:
    store = _store(options)
    run_ids = [_found(store, part).run_id for part in options.run]
    cli_report.make_report(store, run_ids, output=options.output, data=options.data)


def _line(text: str, width: int) -> str:
    """Text from a user's file, safe and short enough for one line of a terminal."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= width else printable[: width - 1] + "…"
