"""Whether popularity correction raises true engagement, and whether the log can tell beforehand.

The worlds here are others than those that the thresholds of `evaluation.quality` come from (seeds from 10000 there).
"""

from dataclasses import dataclass

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.quality import QualityReading, read_quality
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.runtime import drain
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.loader import dataset_of_world, load_sample, load_truth
from relvid_core.simulation.truth import Truth
from relvid_core.simulation.world import make_world

K = 20


@dataclass(frozen=True)
class Outcome:
    """True engagement of the two-tower's lists by strength of the correction, and what the log said beforehand."""

    engagement: list[float]
    reading: QualityReading

    @property
    def gain(self) -> float:
        """Of the first strength above 0, over none."""
        return self.engagement[1] - self.engagement[0]


def outcome(dataset: Dataset, truth: Truth, strengths: tuple[float, ...], seeds: tuple[int, ...] = (0,)) -> Outcome:
    """Train on the history of the test fold, for every strength and training seed; the reading has the same history."""
    n = len(dataset.catalog)
    engagement = truth.related_engagement(np.arange(n))
    cache = PreparedCache()
    plain = ExperimentConfig().with_values(evaluation__bootstrap_replicates=10)
    means = []
    for strength in strengths:
        scores = []
        for seed in seeds:
            config = plain.with_values(off_policy__strength=strength, training__seed=seed)
            run = drain(train_run(dataset, config, cache=cache))
            lists = run.neighbours.rows[run.seeds][:, :K]
            scores.append(float(np.take_along_axis(engagement[run.seeds], lists, axis=1).mean()))
        means.append(float(np.mean(scores)))
    return Outcome(means, read_quality(cache.get(dataset, plain).history))


def world_outcome(seed: int, quality: float, n_videos: int, strengths: tuple[float, ...]) -> Outcome:
    config = WorldConfig(
        seed=seed,
        n_videos=n_videos,
        n_viewers=int(2.5 * n_videos),
        n_creators=max(48, n_videos // 7),
        quality_in_popularity=quality,
    )
    world = make_world(config)
    return outcome(dataset_of_world(world), world.truth, strengths)


def area_under_curve(slopes: np.ndarray, raised: np.ndarray) -> float:
    """Chance that a world where correction paid had the lower slope, ties counted half."""
    paid, lost = slopes[raised][:, None], slopes[~raised][None, :]
    return float((paid < lost).mean() + 0.5 * (paid == lost).mean())


def test_it_pays_where_popularity_is_luck_and_costs_where_it_is_quality() -> None:
    lucky, earned = (world_outcome(seed=21, quality=q, n_videos=360, strengths=(0.0, 0.4)) for q in (0.0, 1.0))
    for name, found in (("luck", lucky), ("quality", earned)):
        print(name, [round(value, 4) for value in found.engagement], found.reading.slope, found.reading.verdict)
    assert lucky.gain > 0.003
    assert earned.gain < -0.001
    assert lucky.reading.verdict == "popularity is luck"
    assert earned.reading.verdict != "popularity is luck"
    assert earned.reading.slope.low > lucky.reading.slope.high


@pytest.mark.slow
def test_the_log_tells_where_it_pays() -> None:
    """20 worlds, 720 videos each. Permutation test of the AUC of the slope for "correction raised engagement"."""
    found = [world_outcome(seed, q, 720, (0.0, 0.3)) for seed in range(31, 35) for q in (0.0, 0.3, 0.6, 0.8, 1.0)]
    slopes = np.array([one.reading.slope.mean for one in found])
    raised = np.array([one.gain > 0 for one in found])
    for one in found:
        print(f"gain {one.gain:+.4f} slope {one.reading.slope.mean:+.3f} {one.reading.verdict}")
    auc = area_under_curve(slopes, raised)
    draw = np.random.default_rng(0)
    by_chance = np.array([area_under_curve(slopes, draw.permutation(raised)) for _ in range(2000)])
    p_value = (1 + (by_chance >= auc).sum()) / 2001
    verdicts = np.array([one.reading.verdict for one in found])
    right = (verdicts[raised] == "popularity is luck").sum() + (verdicts[~raised] == "popularity is quality").sum()
    wrong = (verdicts[raised] == "popularity is quality").sum() + (verdicts[~raised] == "popularity is luck").sum()
    print(f"{raised.sum()} of {len(found)} raised; AUC {auc:.3f}, p {p_value:.4f}; {right} right, {wrong} wrong")
    assert 4 <= raised.sum() <= 16
    assert auc > 0.85
    assert p_value < 0.05
    assert right > 5 * wrong


@pytest.mark.slow
def test_it_pays_in_the_shipped_world() -> None:
    found = outcome(load_sample(), load_truth(), (0.0, 0.3, 0.6, 1.0), seeds=(0, 1, 2))
    print("strength 0, 0.3, 0.6, 1:", [round(value, 4) for value in found.engagement], found.reading.verdict)
    assert min(found.engagement[1:]) > found.engagement[0] + 0.001
    assert found.reading.verdict != "popularity is quality"
