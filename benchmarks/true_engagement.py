"""Does correction truly pay? The sample world and a twin in which popularity is quality, scored by their planted truth.

python -m benchmarks.true_engagement --seeds 5
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.estimates import bootstrap, paired_difference
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.quality import read_quality
from relvid_core.experiments.known_truth import TRUE_ENGAGEMENT
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.runtime import drain
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.loader import dataset_of_world, load_sample
from relvid_core.simulation.world import make_world

STRENGTHS = (0.3, 0.6, 1.0)
QUALITY = 0.9  # of popularity, in the twin


@dataclass(frozen=True)
class Line:
    """One strength: true engagement by seed video, averaged over training seeds, and mean recall."""

    strength: float
    engagement: PerSeed
    recall: float


def main() -> None:
    """Train, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="training seeds of every strength")
    print(true_engagement_section(parser.parse_args().seeds))


def true_engagement_section(seeds: int) -> str:
    """Both worlds as a section of the results."""
    twin = make_world(WorldConfig(quality_in_popularity=QUALITY))
    worlds = [
        ("The shipped sample world (popularity is partly luck)", load_sample()),
        (f"Its twin (quality in popularity {QUALITY:g})", dataset_of_world(twin)),
    ]
    parts = [
        "\n## Does correction truly pay?\n",
        "True engagement@20: the planted chance that a random viewer of the seed engages with a video of the list, "
        "averaged over the list. Engagement-only towers with OPC of strength β, clip e³, everything else at its "
        "default.\n",
    ]
    for title, dataset in worlds:
        parts.append(_table(title, dataset, seeds))
    return "\n".join(parts)


def _table(title: str, dataset: Dataset, seeds: int) -> str:
    cache, base = PreparedCache(), ExperimentConfig().with_values(evaluation__bootstrap_replicates=10)
    lines = [_line(dataset, base.with_values(off_policy__strength=s), seeds, cache) for s in (0.0, *STRENGTHS)]
    reading = read_quality(cache.get(dataset, base).history)
    rows = [f"### {title}\n", f"The log alone says: *{reading.verdict}*. {reading.sentence}\n"]
    rows += ["| β | true engagement@20 | minus β = 0 | p | Recall@20 |", "|---|---|---|---|---|"]
    for line in lines:
        mean = bootstrap(line.engagement)
        found = paired_difference(line.engagement, lines[0].engagement)
        versus = "" if line is lines[0] else f"{found.difference:+.4f} | {found.p_value:.4f}"
        rows.append(f"| {line.strength:g} | {mean:.4f} | {versus or '| '} | {line.recall:.4f} |")
    return "\n".join(rows) + "\n"


def _line(dataset: Dataset, config: ExperimentConfig, seeds: int, cache: PreparedCache) -> Line:
    runs = [drain(train_run(dataset, config.with_values(training__seed=seed), cache=cache)) for seed in range(seeds)]
    values = [run.per_seed[TRUE_ENGAGEMENT] for run in runs]
    recall = float(np.mean([run.estimates["recall"].mean for run in runs]))
    return Line(config.off_policy.strength, np.mean(values, axis=0), recall)


if __name__ == "__main__":
    main()
