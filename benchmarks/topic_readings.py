"""What relevance buys by judges that did not train it: hidden labels, the finest topics, and encoders as judges.

    python -m benchmarks.topic_readings PATH/ml-latest-small --seeds 5

Topics that train the relevance loss and then grade the lists show only that training did what it was told. Here one
training keeps the topics of 30 % of the videos from that loss and is graded among these alone; one has them guessed
from the content, the company and the topics of the others; another sees the top level of a taxonomy only and is graded
by the finest one. The relevance weight is that of settings.toml.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.settings import ENGAGEMENT_ONLY, configs, read_settings
from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.estimates import bootstrap, paired_difference
from relvid_core.evaluation.facets import chance_of
from relvid_core.evaluation.judge_encoders import SEMANTIC
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.protocol import TOPIC_CHANCE, TOPIC_MATCH
from relvid_core.evaluation.topic_readings import FINE_MATCH, HIDDEN_MATCH
from relvid_core.experiments.circularity import circularity
from relvid_core.experiments.content import content_store
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.run import Run
from relvid_core.report.words import MEASURES
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

RELEVANCE: Final = "+ relevance"
HIDDEN: Final = "+ relevance, 30 % of the labels hidden"
GUESSED: Final = "+ relevance, 30 % of the labels hidden and guessed"
COARSE: Final = "+ relevance, top level only"


def main() -> None:
    """Train the rows and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a data folder (default: the sample world)")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    dataset = load(options.folder) if options.folder else load_sample()
    cache = PreparedCache(store=content_store())
    print(topic_readings_section(dataset, options.seeds, cache))


def topic_readings_section(dataset: Dataset, seeds: int, cache: PreparedCache) -> str:
    """One row a training; a star where the measure grades on what trained that row."""
    rows = {
        name: [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
        for name, config in _configs(dataset).items()
    }
    first = rows[ENGAGEMENT_ONLY][0]
    measured = [name for name in (TOPIC_MATCH, HIDDEN_MATCH, FINE_MATCH, *SEMANTIC) if first.estimates.get(name)]
    measured = [name for name in measured if first.estimates[name].n]
    k = first.info.config.evaluation.k
    head = " | ".join(MEASURES[name].title_at(k) for name in measured)
    lines = [
        f"**Judges that did not train it** ({dataset.title}, {seeds} training seeds; difference to “{ENGAGEMENT_ONLY}” "
        "with its sign-flip p below; \\* the measure grades on what trained this row):\n",
        f"| | {head} |",
        "|---" * (1 + len(measured)) + "|",
        "| by chance | " + " | ".join(_chance(first, name) for name in measured) + " |",
    ]
    for name, runs in rows.items():
        cells, gaps = [], []
        for metric in measured:
            values = _mean(runs, metric)
            star = " \\*" if circularity(runs[0].info, metric) else ""
            cells.append(f"{bootstrap(values):.4f}{star}")
            found = paired_difference(values, _mean(rows[ENGAGEMENT_ONLY], metric))
            gaps.append(f"*{found.difference:+.4f}, p {found.p_value:.4f}*")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        if name != ENGAGEMENT_ONLY:
            lines.append("| *gap* | " + " | ".join(gaps) + " |")
    return "\n".join(lines) + "\n"


def _configs(dataset: Dataset) -> dict[str, ExperimentConfig]:
    ladder = configs(ExperimentConfig(), read_settings(dataset.key))
    relevance = ladder[RELEVANCE]
    found = {
        ENGAGEMENT_ONLY: ladder[ENGAGEMENT_ONLY],
        RELEVANCE: relevance,
        HIDDEN: relevance.with_values(objective__hide_topics=True),
        GUESSED: relevance.with_values(objective__hide_topics=True, objective__guess_topics=True),
    }
    if dataset.catalog.topics.n_levels > 1:
        found[COARSE] = relevance.with_values(objective__topic_level=1)
    return found


def _mean(runs: list[Run], metric: str) -> PerSeed:
    values: PerSeed = np.mean([run.per_seed[metric] for run in runs], axis=0)
    return values


def _chance(run: Run, metric: str) -> str:
    key = TOPIC_CHANCE if metric == TOPIC_MATCH else chance_of(metric)
    found = run.estimates.get(key)
    return "" if found is None else f"{found.mean:.4f}"


if __name__ == "__main__":
    main()
