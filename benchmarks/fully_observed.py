"""Who finds the videos that are truly loved together? Scored on a log in which every viewer saw every video.

    python -m benchmarks.fully_observed PATH/kuairec --seeds 5          (--tune prints the grid of the towers first)

Everything trains on the whole ordinary log; no cell of the truth is in it. The viewers of the truth are split in two:
settings are chosen by recall on the first half's associations, and every number in the table is of the second half.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.adapters import load
from relvid_core.data.catalog import Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Mask
from relvid_core.data.propensity import weights_from_log
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import NotEnoughData
from relvid_core.evaluation.baseline_data import BaselineData
from relvid_core.evaluation.baselines import BASELINES
from relvid_core.evaluation.estimates import bootstrap, paired_difference, ratio
from relvid_core.evaluation.exposure import head_set, popularity_order, share_in
from relvid_core.evaluation.fully_observed import AssociationTruth, split_viewers
from relvid_core.evaluation.metrics import PerSeed
from relvid_core.evaluation.topic_match import topic_labels, topic_match
from relvid_core.experiments.content import encode_content
from relvid_core.experiments.grading import grades_for
from relvid_core.retrieval.ranking import top_k_of_scores
from relvid_core.retrieval.search import neighbours_among
from relvid_core.runtime import drain, generator
from relvid_core.training.fit import fit
from relvid_core.training.towers import FittedTowers

K = 20
EXPONENTS = (0.4, 0.5, 0.6, 0.7, 0.8)
SHRINKAGES = (0.0, 20.0, 50.0)
DEFAULT_TOWERS, TUNED_TOWERS, TUNED_COSINE = "towers, default", "towers, tuned", "cosine, tuned"
Settings = dict[str, object]

VARIATIONS: dict[str, Settings] = {DEFAULT_TOWERS: {}, "towers, λ 0.5": {"objective__popularity_offset": 0.5}}
CHOSEN: Settings = {  # on the first half of the viewers, see --tune
    "coengagement__pair_weight": "user",
    "objective__popularity_offset": 0.85,
    "objective__temperature": 0.4,
    "towers__use_text": False,
    "training__epochs": 14,
}
_CORRECTION: Settings = {"off_policy__strength": 0.2, "off_policy__clip": 2.0}
LEVERS: dict[str, Settings] = {  # on top of the tuned towers; λ has taken popularity out already
    " + relevance 0.02": {"objective__relevance_weight": 0.02},
    " + OPC 0.2": _CORRECTION,
    " + relevance 0.02 + OPC 0.2": {"objective__relevance_weight": 0.02, **_CORRECTION},
}
Lists = Callable[[Rows], Rows]  # seeds [n_seeds] → lists [n_seeds, K]


@dataclass(frozen=True)
class Half:
    """One half of the truth's viewers, and the seeds that it can speak of and that the log knows."""

    truth: AssociationTruth
    seeds: Rows


@dataclass(frozen=True)
class Material:
    """What is shared by everything that is measured."""

    dataset: Dataset
    content: ContentFeatures
    tune: Half
    report: Half
    labels: sparse.csr_matrix  # of topics, see `topic_match.topic_labels`
    head: Mask  # the popular videos
    pairs: dict[str, CoEngagement] = field(default_factory=dict)  # by pair weight, counted when first asked for

    def pairs_of(self, config: ExperimentConfig) -> CoEngagement:
        """Pairs of the whole log."""
        weight = config.coengagement.pair_weight
        if weight not in self.pairs:
            events = self.dataset.interactions.engagements
            self.pairs[weight] = CoEngagement.from_events(events, len(self.dataset.catalog), config.coengagement)
        return self.pairs[weight]


@dataclass(frozen=True)
class Line:
    """One line of the table: per-seed values on the reporting half."""

    name: str
    recall: PerSeed
    engagement: PerSeed
    excess: PerSeed
    topic_match: PerSeed
    popular_share: PerSeed
    note: str = ""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5, help="training seeds of every setting of the towers")
    parser.add_argument("--tune", action="store_true", help="try the grid of the towers on the first half of viewers")
    options = parser.parse_args()
    print(fully_observed_section(load(options.folder), options.seeds, tune=options.tune))


def fully_observed_section(dataset: Dataset, seeds: int, *, tune: bool = False) -> str:
    """Everything measured, as a section of the results. Raises NotEnoughData where the dataset has no such truth."""
    if dataset.truth is None or dataset.truth_rows is None:
        raise NotEnoughData(f"{dataset.title}: has no fully observed truth. Use KuaiRec with its small matrix.")
    known = dataset.interactions.popularity > 0
    halves = []
    for viewers in split_viewers(dataset.truth, 0.5, np.random.default_rng(0)):
        truth = AssociationTruth.from_log(viewers, dataset.truth_rows)
        halves.append(Half(truth, truth.seeds[known[truth.seeds]]))
    base = ExperimentConfig()
    rule = base.evaluation
    labels = topic_labels(dataset.catalog.topics, rule.topic_rule, rule.topic_level)
    head = head_set(dataset.interactions.popularity, rule.head_share)
    material = Material(dataset, drain(encode_content(dataset, base.towers, None)), halves[0], halves[1], labels, head)
    tuned = _tuned_towers(material) if tune else CHOSEN
    lines = [*_references(material), *_baselines(material, base), _tuned_cosine(material, base)]
    levers = {f"{TUNED_TOWERS}{name}": {**tuned, **changes} for name, changes in LEVERS.items()}
    for name, settings in {**VARIATIONS, TUNED_TOWERS: tuned, **levers}.items():
        lines.append(_towers(material, name, settings, seeds))
    table = _table(lines, material.report.truth.chance_recall(K))
    return "\n".join([_facts(material), table, _trade_off(material, lines), _differences(lines)])


def _facts(material: Material) -> str:
    half = material.report
    return (
        f"\n### {material.dataset.title}, fully observed\n\n{half.truth.title}. {half.truth.explanation}\n\n"
        "Everything trains on the whole ordinary log, of which no cell of the truth is a part. Settings were chosen by "
        "recall on one half of the truth's viewers; every number is of the other half.\n"
        f"{len(half.truth.rows):,} videos; {len(half.seeds):,} seeds, of which "
        f"{half.truth.evaluation_set(material.dataset.interactions).n_seeds:,} have a partner "
        f"({half.truth.partners.nnz:,} in all; half of the viewers). "
        f"By chance recall@{K} is {half.truth.chance_recall(K):.4f}.\n"
    )


def _line(material: Material, name: str, lists: list[Lists], note: str = "") -> Line:
    """Means over the lists of several training seeds."""
    truth, seeds = material.report.truth, material.report.seeds
    rows = [make(seeds) for make in lists]
    measures = (
        truth.recall,
        truth.related_engagement,
        truth.mean_excess,
        lambda asked, found: topic_match(found, asked, material.labels),
        lambda _, found: share_in(found, material.head),
    )
    means = [np.mean([measure(seeds, found) for found in rows], axis=0) for measure in measures]
    return Line(name, *means, note)


def _chosen_by(material: Material, lists: Lists) -> float:
    """What settings are chosen by: mean recall on the first half's associations."""
    return float(np.nanmean(material.tune.truth.recall(material.tune.seeds, lists(material.tune.seeds))))


# --- what is compared ------------------------------------------------------------------------------------------------


def _references(material: Material) -> list[Line]:
    """Random lists, and the lists that the other half of the viewers would draw up: as good as these data can say."""
    rng = generator(0, "random lists")
    n_rows = len(material.report.truth.rows)

    def drawn(seeds: Rows) -> Rows:
        return _by_scores(material, rng.random((n_rows, n_rows)))(seeds)

    other = _by_scores(material, material.tune.truth.excess)
    return [_line(material, "chance", [drawn] * 20), _line(material, "the other half's own z", [other])]


def _by_scores(material: Material, scores: np.ndarray) -> Lists:
    """Lists from scores `[n_rows, n_rows]` over the observed videos; ties by popularity, as the baselines do."""
    rows = material.report.truth.rows
    order = popularity_order(material.dataset.interactions.popularity[rows])

    def lists(seeds: Rows) -> Rows:
        place = np.searchsorted(rows, seeds).astype(np.int32)
        found: Rows = rows[top_k_of_scores(np.asarray(scores[place]), K, place, order=order).rows]
        return found

    return lists


def _baselines(material: Material, base: ExperimentConfig) -> list[Line]:
    text = material.content.named("text")
    features, topics = None if text is None else text.matrix, material.dataset.catalog.topics
    data = BaselineData(
        material.dataset.interactions,
        material.pairs_of(base),
        features,
        topics if topics.n_levels > 0 else None,
        material.report.truth.allowed,
    )
    lines = []
    for baseline in BASELINES.values():
        if baseline.obstacle(has_content=features is not None, has_topics=data.topics is not None):
            continue
        began = time.monotonic()
        found = baseline.retrieve(data, material.report.seeds, K).rows
        lines.append(_line(material, baseline.title, [partial(_same, found)]))
        print(f"   {baseline.title:28s} {time.monotonic() - began:6.1f} s", flush=True)
    return lines


def _same(found: Rows, seeds: Rows) -> Rows:
    assert len(found) == len(seeds)
    return found


def _tuned_cosine(material: Material, base: ExperimentConfig) -> Line:
    """c_ij / (c_j + shrinkage)^a; the exponent of the seed's own count changes no list."""
    rows = material.report.truth.rows
    popularity = material.dataset.interactions.popularity[rows]
    best, choice, note = -1.0, None, ""
    for weight in ("pair", "user"):
        pairs = material.pairs_of(base.with_values(coengagement__pair_weight=weight))
        counts = pairs.matrix[rows][:, rows].toarray()
        for exponent in EXPONENTS:
            for shrinkage in SHRINKAGES:
                lists = _by_scores(material, counts / np.maximum(popularity + shrinkage, 1.0) ** exponent)
                recall = _chosen_by(material, lists)
                if recall > best:
                    best, choice, note = recall, lists, f"{weight} counts, a = {exponent:g}, shrinkage {shrinkage:g}"
    assert choice is not None
    return _line(material, TUNED_COSINE, [choice], note)


def _fit(material: Material, config: ExperimentConfig) -> FittedTowers:
    dataset, pairs = material.dataset, material.pairs_of(config)
    weights, _ = weights_from_log(dataset.interactions, config.off_policy, pairs.candidate_marginal, dataset.catalog)
    grades = grades_for(dataset, pairs, material.content, config)
    return drain(fit(pairs, weight=weights.weight, grades=grades, content=material.content, config=config))


def _lists_of_towers(material: Material, config: ExperimentConfig) -> Lists:
    head = _fit(material, config).heads[0]
    allowed = material.report.truth.allowed

    def lists(seeds: Rows) -> Rows:
        return neighbours_among(head.seed[seeds], head.candidate, seeds, K, allowed).rows

    return lists


def _towers(material: Material, name: str, settings: Settings, seeds: int) -> Line:
    base = ExperimentConfig().with_values(**settings)
    began = time.monotonic()
    lists = [_lists_of_towers(material, base.with_values(training__seed=seed)) for seed in range(seeds)]
    line = _line(
        material, name, lists, ", ".join(f"{key.partition('__')[2]} {value}" for key, value in settings.items())
    )
    spread = np.std([float(np.nanmean(_line(material, name, [made]).recall)) for made in lists])
    seconds = (time.monotonic() - began) / seeds
    print(f"   {name:28s} {seconds:6.1f} s a training, recall ± {spread:.4f} over training seeds", flush=True)
    return line


def _tuned_towers(material: Material) -> Settings:
    """One setting at a time, from the best so far; one training seed, recall on the first half."""
    best, chosen = -1.0, dict[str, object]()
    steps: list[tuple[str, tuple[object, ...]]] = [
        ("coengagement__pair_weight", ("pair", "user")),
        ("objective__popularity_offset", (0.5, 0.75, 0.85, 1.0)),
        ("objective__temperature", (0.05, 0.3, 0.4, 0.5, 0.7)),
        ("towers__use_text", (False,)),
        ("towers__dim", (128, 256)),
        ("training__epochs", (14,)),
        ("training__learning_rate", (0.03,)),
    ]
    for key, values in steps:
        winner = chosen
        for value in values:
            tried = {**chosen, key: value}
            recall = _chosen_by(material, _lists_of_towers(material, ExperimentConfig().with_values(**tried)))
            print(f"   {recall:.4f}  {tried}", flush=True)
            if recall > best:
                best, winner = recall, tried
        chosen = winner
    return chosen


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(lines: list[Line], chance: float) -> str:
    head = [
        f"\n| | Recall@{K} | × chance | P(love given loved the seed) | mean z | settings |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        times = float(np.nanmean(line.recall)) / chance
        cells = [f"{bootstrap(line.recall):.4f}", f"{times:.1f}", f"{bootstrap(line.engagement):.4f}"]
        head.append(f"| {line.name} | {' | '.join([*cells, f'{bootstrap(line.excess):.3f}', line.note])} |")
    return "\n".join(head) + "\n"


def _trade_off(material: Material, lines: list[Line]) -> str:
    """The levers on top of the tuned towers, as ratios to them and to the default."""
    named = {line.name: line for line in lines}
    first = named[TUNED_TOWERS]
    rows = [
        f"Against “{TUNED_TOWERS}”, ratio of means over the same seed videos:\n",
        "| | recall | P(love given loved the seed) | topic match | popular share |",
        "|---|---|---|---|---|",
    ]
    for name in (DEFAULT_TOWERS, TUNED_COSINE, *(f"{TUNED_TOWERS}{lever}" for lever in LEVERS)):
        line = named[name]
        pairs = (
            (line.recall, first.recall),
            (line.engagement, first.engagement),
            (line.topic_match, first.topic_match),
            (line.popular_share, first.popular_share),
        )
        rows.append(f"| {name} | " + " | ".join(f"× {ratio(*pair):.3f}" for pair in pairs) + " |")
    return "\n".join(rows) + "\n"


def _differences(lines: list[Line]) -> str:
    named = {line.name: line for line in lines}
    rows = [
        f"Recall@{K}, paired by seed video (p: sign-flip test):\n",
        "| | minus | difference | p |",
        "|---|---|---|---|",
    ]
    rivals = (BASELINES["cosine"].title, TUNED_COSINE, BASELINES["ease"].title, DEFAULT_TOWERS)
    for model in (TUNED_TOWERS, DEFAULT_TOWERS):
        for rival in rivals:
            if rival == model:
                continue
            found = paired_difference(named[model].recall, named[rival].recall)
            rows.append(f"| {model} | {rival} | {found.difference:+.4f} | {found.p_value:.4f} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
