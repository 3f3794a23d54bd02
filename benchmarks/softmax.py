"""From how many videos on does a sampled softmax pay? Seconds and memory of a training step, full and sampled.

python -m benchmarks.softmax --videos 5000 10000 20000 40000 80000
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy import sparse

from relvid_core.config import ExperimentConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.encoders.features import ContentFeatures
from relvid_core.runtime import generator
from relvid_core.training.fit import fit

PARTNERS = 40  # of every seed
STEPS = 8


def main() -> None:
    """Print one line for each size of the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, nargs="+", default=[5_000, 10_000, 20_000, 40_000, 80_000])
    parser.add_argument("--candidates", type=int, default=ExperimentConfig().training.sampled_candidates)
    options = parser.parse_args()
    print("| videos | full, s a step | sampled, s a step | full / sampled | one score matrix, full (MB) |")
    print("|---|---|---|---|---|")
    for n_videos in options.videos:
        full, sampled = (_step(n_videos, softmax, options.candidates) for softmax in ("full", "sampled"))
        megabytes = ExperimentConfig().training.batch_seeds * n_videos * 4 / 1e6
        print(f"| {n_videos:,} | {full:.3f} | {sampled:.3f} | {full / sampled:.1f} | {megabytes:.0f} |", flush=True)


def _step(n_videos: int, softmax: str, candidates: int) -> float:
    """Median seconds of a step, the first two left out."""
    pairs = _pairs(n_videos)
    config = ExperimentConfig().with_values(
        towers__use_text=False,
        training__softmax=softmax,
        training__sampled_candidates=candidates,
        training__batch_seeds=ExperimentConfig().training.batch_seeds,
        training__epochs=1,
    )
    seconds = []
    weight = np.ones(n_videos)
    work = fit(pairs, weight=weight, grades=None, content=ContentFeatures(), config=config, report_every_s=0.0)
    began = 0.0
    for progress in work:
        now = time.perf_counter()
        if began:
            seconds.append(now - began)
        began = now
        if len(seconds) > STEPS or progress.epoch_done:
            work.close()
            break
    return float(np.median(seconds[1:]))


def _pairs(n_videos: int) -> CoEngagement:
    rng = generator(0, "pairs")
    row = np.repeat(np.arange(n_videos), PARTNERS)
    column = (n_videos * rng.random(len(row)) ** 2).astype(np.int64)  # a popular head
    keep = row != column
    matrix = sparse.csr_matrix((np.ones(keep.sum(), dtype=np.float32), (row[keep], column[keep])), (n_videos, n_videos))
    return CoEngagement(matrix)


if __name__ == "__main__":
    main()
