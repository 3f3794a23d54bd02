"""The results table: every dataset × ladder × baselines × rivals, with intervals, written to docs/results.md.

    python -m benchmarks.results --seeds 5 PATH/ml-latest-small PATH/kuairand-pure PATH/kuairec

The sample world is always in it. Settings come from settings.toml and rivals/tuned.toml, which were chosen on the
validation folds; nothing here looks at a result to choose. Rivals whose library is absent are left out, and said so.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from benchmarks.fully_observed import fully_observed_section
from benchmarks.introduction import introduction
from benchmarks.ladder import ladder_section
from benchmarks.rivals.tuned import RIVALS, TUNED_FILE, rival_lists
from benchmarks.settings import ALL_LEVERS, ENGAGEMENT_ONLY, TUNED, Levers, configs, read_settings
from benchmarks.topic_readings import topic_readings_section
from benchmarks.true_engagement import true_engagement_section
from benchmarks.warm import warm_section
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import write_whole
from relvid_core.evaluation.estimates import Estimate, bootstrap, paired_difference, ratio
from relvid_core.evaluation.protocol import TOPIC_CEILING, TOPIC_CHANCE
from relvid_core.experiments.content import content_store
from relvid_core.experiments.pipeline import baseline_runs, evaluate, train_run
from relvid_core.experiments.prepared import Prepared, PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.tuned_choices import read_choices
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

PerSeed = npt.NDArray[np.float64]
METRICS = ("recall", "ndcg", "topic_match", "popular_share", "tail_share")
TITLES = {
    "recall": "Recall@20",
    "ndcg": "nDCG@20",
    "topic_match": "Topic match@20",
    "popular_share": "Popular share@20",
    "tail_share": "Tail share@20",
}


SectionName = Literal["table", "topics", "ladder", "fully observed"]
SECTIONS: tuple[SectionName, ...] = get_args(SectionName)


@dataclass(frozen=True)
class Row:
    """One line of the table: per-seed-video values, averaged over training seeds."""

    name: str
    kind: str  # "model", "baseline" or "rival"
    values: dict[str, PerSeed]
    spread: float  # standard deviation of mean recall over training seeds; NaN for one seed
    whole: dict[str, float]  # coverage and Gini, means over training seeds


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="data folders, beside the sample world")
    parser.add_argument("--seeds", type=int, default=5, help="training seeds of every setting")
    parser.add_argument("--output", type=Path, default=Path("docs/results.md"))
    parser.add_argument("--jobs", type=int, default=1, help="sections at a time")
    parser.add_argument(
        "--leave-out", nargs="+", default=[], metavar="DATASET.RIVAL", help="rivals that would take too long there"
    )
    options = parser.parse_args()
    folders = [*options.folders, None]
    sections = [(folder, name) for folder in folders for name in SECTIONS]
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        begun = {one: pool.submit(_written, *one, options.seeds, options.leave_out) for one in reversed(sections)}
        truth = pool.submit(true_engagement_section, options.seeds)
        parts = [introduction(options.seeds, [folder.name for folder in options.folders], options.leave_out)]
        parts += [begun[one].result() for one in sections]
        parts.append(truth.result())
    write_whole(options.output, "\n".join(part for part in parts if part).encode())
    print(f"written to {options.output}")


def _written(folder: Path | None, section: SectionName, seeds: int, left_out: list[str]) -> str:
    """One section of one dataset as text; empty where it does not apply."""
    dataset = load_sample() if folder is None else load(folder)
    print(f"== {dataset.title}: {section}", flush=True)
    if section == "table":
        return _section(dataset, seeds, left_out)
    if section == "topics":
        has_topics = dataset.catalog.topics.n_levels > 0
        return topic_readings_section(dataset, seeds, PreparedCache(store=content_store())) if has_topics else ""
    if section == "ladder":
        return ladder_section(dataset, seeds)
    return fully_observed_section(dataset, seeds) if dataset.truth_kind == "fully observed" else ""


def _section(dataset: Dataset, seeds: int, left_out: list[str]) -> str:
    cache, base = PreparedCache(), ExperimentConfig()
    rows = [_trained(dataset, name, config, seeds, cache) for name, config in _configs(dataset, base).items()]
    rows += _baselines(dataset, base, cache)
    rivals, absent = _rivals(dataset, base, seeds, cache, left_out)
    rows += rivals
    parts = [_facts(dataset, cache.get(dataset, base)), _chosen(dataset, absent), _table(rows)]
    parts += [_comparison(rows), _against_others(rows), warm_section(dataset, seeds, cache)]
    return "\n".join(parts)


def _configs(dataset: Dataset, base: ExperimentConfig) -> dict[str, ExperimentConfig]:
    return configs(base, read_settings(dataset.key))


def _trained(dataset: Dataset, name: str, config: ExperimentConfig, seeds: int, cache: PreparedCache) -> Row:
    runs = [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
    return _row(name, "model", [run.per_seed for run in runs], [run.estimates for run in runs])


def _baselines(dataset: Dataset, base: ExperimentConfig, cache: PreparedCache) -> list[Row]:
    rows = []
    with TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        for run_id in drain(baseline_runs(dataset, base, cache=cache, store=store)):
            run = store.load(run_id)
            rows.append(_row(run.info.label, "baseline", [run.per_seed], [run.estimates]))
    return rows


def _rivals(
    dataset: Dataset, base: ExperimentConfig, seeds: int, cache: PreparedCache, left_out: list[str]
) -> tuple[list[Row], list[str]]:
    """The tuned rivals, and which are not among them and why."""
    prepared, tuned = cache.get(dataset, base), read_choices(TUNED_FILE).get(dataset.key, {})
    rows, absent = list[Row](), list[str]()
    for name, rival in RIVALS.items():
        reasons = {
            "not installed": bool(rival.missing),
            "not tuned here": name not in tuned,
            "left out as too slow": f"{dataset.key}.{name}" in left_out,
        }
        if why := [reason for reason, holds in reasons.items() if holds]:
            absent.append(f"{rival.title} ({', '.join(why)})")
            continue
        outcomes = [rival_lists(prepared, name, seed) for seed in range(seeds if rival.random else 1)]
        measured = [evaluate(prepared, outcome.lists, base) for outcome in outcomes]
        per_seed, estimates = [values for values, _ in measured], [means for _, means in measured]
        rows.append(_row(rival.tuned_title, "rival", per_seed, estimates))
    return rows, absent


def _row(name: str, kind: str, per_seed: list[dict[str, PerSeed]], estimates: list[dict[str, Estimate]]) -> Row:
    recalls = [of["recall"].mean for of in estimates]
    print(f"   {name:34s} recall {np.mean(recalls):.4f}", flush=True)
    values = {metric: np.mean([of[metric] for of in per_seed], axis=0) for metric in METRICS}
    spread = float(np.std(recalls, ddof=1)) if len(recalls) > 1 else float("nan")
    whole = {name: float(np.mean([of[name].mean for of in estimates])) for name in ("coverage", "gini")}
    return Row(name, kind, values, spread, whole)


def _facts(dataset: Dataset, prepared: Prepared) -> str:
    judge, evaluation = prepared.judge, prepared.evaluation
    chance, ceiling = (np.nanmean(judge.references[name]) for name in (TOPIC_CHANCE, TOPIC_CEILING))
    notes = "\n".join(f"- {note}" for note in dataset.notes)
    return f"""
## {dataset.title}

{len(dataset.catalog):,} videos, {dataset.interactions.n_users:,} viewers,
{len(dataset.interactions.engagements):,} engagements; {evaluation.n_seeds:,} seed videos asked,
{evaluation.n_cold_seeds:,} cold ones left apart; {evaluation.cold_target_share:.1%} of the true partners have no
history. Topic match by chance {chance:.3f}, at best {ceiling:.3f}.

{notes}
"""


def _chosen(dataset: Dataset, absent: list[str]) -> str:
    settings = read_settings(dataset.key)
    tuned = ", ".join(f"{name.partition('__')[2]} {value}" for name, value in settings.tuned.items())
    missing = f" Not in the table: {', '.join(absent)}." if absent else ""
    return (
        f"Chosen on the validation fold: {_words(settings.levers)}; without the margin, {_words(settings.no_margin)}. "
        f"“{TUNED}”: {tuned}.{missing}\n"
    )


def _words(levers: Levers) -> str:
    return f"relevance weight {levers.relevance:g} with OPC strength {levers.strength:g}, clip {levers.clip:g}"


def _table(rows: list[Row]) -> str:
    head = "| | " + " | ".join(TITLES[m] for m in METRICS) + " | Coverage | Gini | spread |"
    lines = [head, "|---" * (len(METRICS) + 4) + "|"]
    for row in rows:
        cells = [f"{bootstrap(row.values[m]):.4f}" for m in METRICS]
        cells += [f"{row.whole['coverage']:.3f}", f"{row.whole['gini']:.3f}"]
        cells.append(f"{row.spread:.4f}" if np.isfinite(row.spread) else "")
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _comparison(rows: list[Row]) -> str:
    first = next(row for row in rows if row.name == ENGAGEMENT_ONLY)
    lines = [
        "Against the engagement-only run, ratio of means over the same seed videos:\n",
        "| | Recall@20 | Topic match@20 | Popular share@20 |",
        "|---|---|---|---|",
    ]
    for row in rows:
        if row.kind != "model" or row is first:
            continue
        cells = [f"{ratio(row.values[m], first.values[m]):.4f}" for m in ("recall", "topic_match", "popular_share")]
        lines.append(f"| {row.name} | " + " | ".join(f"× {cell}" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _against_others(rows: list[Row]) -> str:
    models = [row for row in rows if row.name in (ENGAGEMENT_ONLY, ALL_LEVERS, TUNED)]
    others = sorted((row for row in rows if row.kind != "model"), key=lambda row: -float(row.values["recall"].mean()))
    names = " | p | ".join(row.name for row in models)
    lines = [
        "Recall@20 as a multiple of each baseline's and rival's, best first (p: sign-flip test of the difference):\n",
        f"| | {names} | p |",
        "|---" * (1 + 2 * len(models)) + "|",
    ]
    for other in others:
        cells = []
        for model in models:
            p_value = paired_difference(model.values["recall"], other.values["recall"]).p_value
            cells += [f"× {ratio(model.values['recall'], other.values['recall']):.4f}", f"{p_value:.4f}"]
        lines.append(f"| {other.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
