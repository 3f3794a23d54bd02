"""Drawing a world's true parameters, and the log that its biased logger leaves behind."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.runtime import generator
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.truth import Probabilities, Truth
from relvid_core.simulation.videos import LOG_START, Ints, Videos, partners
from relvid_core.simulation.vocabulary import LEAVES, TOPS

SESSION: Final = "session"  # number of the visit
SEED: Final = c.SEED_ID  # the video being watched when this one was shown; empty on the home page

STYLE_DIM: Final = 6  # tastes that no topic explains: for format, for channel, and for the single video
HOME_STRENGTHS: Final = (1.0, 0.8, 0.65, 0.5)  # a viewer has two to four home leaves, in falling strength
SIBLING_STRENGTH: Final = 0.2  # interest in the other leaves of the first home leaf's top topic
FIT_SHARES: Final = {"leaf": 0.55, "top": 0.15, "style": 0.30}  # what makes one video follow well on another; sums to 1
SLOT_GAP_S: Final = 40.0  # typical seconds between two exposures of a visit, engaged time not included

Floats = npt.NDArray[np.float64]
_BLOCK = 2000  # visits simulated together


def make_truth(config: WorldConfig, videos: Videos) -> Truth:
    """Draw qualities, popularities, tastes and styles: the true parameters of a world."""
    rng = generator(config.seed, "truth")
    topics = _unit(_topic_weights(videos))
    style = _unit(_style(videos, rng))
    quality = _standard(rng.standard_normal(config.n_videos))
    luck = _standard(rng.standard_normal(config.n_videos))
    luck = _standard(luck - quality * (luck @ quality) / (quality @ quality))  # so that the configured share is exact
    share = config.quality_in_popularity
    log_popularity = config.popularity_spread * (np.sqrt(share) * quality + np.sqrt(1 - share) * luck)
    interests = _interests(config.n_viewers, rng)
    taste = rng.standard_normal((config.n_viewers, STYLE_DIM))  # style rows are unit, so taste·style has deviation 1
    top = np.array([TOPS.index(leaf.top) for leaf in LEAVES])
    by_top = np.stack([topics[:, top == number].sum(axis=1) for number in range(len(TOPS))], axis=1)
    agree = np.concatenate([np.ones((config.n_videos, 1)), style], axis=1) / np.sqrt(2)  # (1 + cos) / 2, so in [0, 1]
    parts = {"leaf": topics, "top": _unit(by_top), "style": agree}
    single = {name: np.float32(getattr(config, name)) for name in _SINGLE}
    arrays = {
        "viewer_factors": np.concatenate([config.interest_gain * interests, config.style_gain * taste], axis=1),
        "viewer_profile": np.concatenate([interests, np.zeros_like(taste)], axis=1),
        "viewer_bias": config.viewer_spread * rng.standard_normal(config.n_viewers),
        "video_factors": np.concatenate([topics, style], axis=1),
        "video_bias": config.base + config.quality_gain * quality,
        "fit_factors": np.concatenate([np.sqrt(FIT_SHARES[name]) * part for name, part in parts.items()], axis=1),
        "quality": quality,
        "popularity": np.exp(log_popularity - log_popularity.max()),
    }
    return Truth(
        **{name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()},
        **{name: np.asarray(value) for name, value in single.items()},
    )


_SINGLE = ("context_gain", "popularity_exponent", "next_relevance", "home_relevance")


def _unit(rows: Floats) -> Floats:
    out: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return out


def _standard(values: Floats) -> Floats:
    out: Floats = (values - values.mean()) / values.std()
    return out


def _topic_weights(videos: Videos) -> Floats:
    """[n_videos, n_leaves]: 1 for the primary leaf, 0.75 for the second (unit length is left to the caller)."""
    weights = np.zeros((len(videos.frame), len(LEAVES)))
    rows = np.arange(len(weights))
    weights[rows, videos.primary] = 1.0
    has = videos.secondary >= 0
    weights[rows[has], videos.secondary[has]] = 0.75
    return weights


def _style(videos: Videos, rng: np.random.Generator) -> Floats:
    """[n_videos, STYLE_DIM]: partly the format's (seen in titles and pictures), partly the channel's, partly unseen."""
    of_format = rng.standard_normal((int(videos.format.max()) + 1, STYLE_DIM))
    of_channel = rng.standard_normal((int(videos.creator.max()) + 1, STYLE_DIM))
    own = rng.standard_normal((len(videos.frame), STYLE_DIM))
    out: Floats = of_format[videos.format] + 0.8 * of_channel[videos.creator] + 0.5 * own
    return out


def _interests(n_viewers: int, rng: np.random.Generator) -> Floats:
    """[n_viewers, n_leaves] ≥ 0, sparse: home leaves that go together, and a little of everything near the first."""
    elsewhere = partners()
    top = np.array([TOPS.index(leaf.top) for leaf in LEAVES])
    appeal = rng.dirichlet(np.full(len(LEAVES), 8.0))  # some topics have more fans
    out = np.zeros((n_viewers, len(LEAVES)))
    for viewer in out:
        first = int(rng.choice(len(LEAVES), p=appeal))
        homes = [first]
        for _ in range(int(rng.integers(1, len(HOME_STRENGTHS)))):
            draw = rng.random()
            if draw < 0.35:
                pool = np.flatnonzero(top == top[first])
            elif draw < 0.75:
                pool = np.array(elsewhere[homes[-1]])
            else:
                pool = np.arange(len(LEAVES))
            homes.append(int(rng.choice(pool)))
        viewer[top == top[first]] = SIBLING_STRENGTH
        for strength, leaf in zip(HOME_STRENGTHS, homes, strict=False):
            viewer[leaf] = max(viewer[leaf], strength)
    return out


def make_log(config: WorldConfig, truth: Truth, video_ids: list[str]) -> pd.DataFrame:
    """The exposure log: user_id, video_id, timestamp (s), engagement 0/1, propensity, session, seed_id.

    A visit opens with home slots until something is engaged with; that becomes the video being watched, and from then
    on slots are watch-next slots of the last engaged video. Within a visit nothing is shown twice: each slot's
    distribution leaves out what was shown before and is normalised again, and the propensity stored is of that.
    """
    rng = generator(config.seed, "log")
    activity = rng.lognormal(0.0, 0.6, size=config.n_viewers)
    visits = np.maximum(1, rng.poisson(config.mean_sessions * activity / activity.mean()))
    viewer = np.repeat(np.arange(config.n_viewers), visits)
    start = np.sort(rng.uniform(0, config.log_days * 86_400 - 7200, size=len(viewer)))
    start = start[rng.permutation(len(viewer))]
    next_propensity = truth.next_propensity(np.arange(truth.n_videos))
    blocks = [
        _visits(config, truth, next_propensity, viewer[i : i + _BLOCK], rng) for i in range(0, len(viewer), _BLOCK)
    ]
    shown, seed, propensity, engaged = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    gap = rng.gamma(2.0, SLOT_GAP_S / 2, size=shown.shape) + 240.0 * engaged * rng.random(shown.shape)
    elapsed = np.cumsum(1.0 + gap, axis=1)
    begun = int(LOG_START.timestamp())
    ids = pd.Index([*video_ids, ""])
    width = len(str(config.n_viewers - 1))
    names = pd.Index([f"viewer{v:0{width}d}" for v in range(config.n_viewers)])
    frame = pd.DataFrame(
        {
            c.USER_ID: names.take(np.repeat(viewer, shown.shape[1])),
            c.VIDEO_ID: ids.take(shown.ravel()),
            c.TIMESTAMP: begun + np.floor(start[:, None] + elapsed).astype(np.int64).ravel(),
            c.ENGAGEMENT: engaged.ravel().astype(np.int8),
            c.PROPENSITY: propensity.ravel().astype(np.float32),
            SESSION: np.repeat(np.arange(len(viewer), dtype=np.int32), shown.shape[1]),
            SEED: ids.take(seed.ravel()),
        }
    )
    return frame.sort_values([c.USER_ID, c.TIMESTAMP, SESSION], kind="stable", ignore_index=True)


def _visits(
    config: WorldConfig, truth: Truth, next_propensity: Probabilities, viewer: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints, Floats, npt.NDArray[np.bool_]]:
    """Shown video, seed (−1 on the home page), propensity and engagement: each `[n_visits, session_slots]`."""
    n, slots = len(viewer), config.session_slots
    home = truth.home_propensity(viewer)
    affinity = truth.affinity(viewer, np.arange(truth.n_videos))
    shown = np.zeros((n, slots), dtype=np.int64)
    seeds = np.full((n, slots), -1, dtype=np.int64)
    propensity = np.zeros((n, slots))
    engaged = np.zeros((n, slots), dtype=bool)
    current = np.full(n, -1, dtype=np.int64)
    visit = np.arange(n)
    for slot in range(slots):
        chance = np.where((current >= 0)[:, None], next_propensity[current], home)
        chance[visit[:, None], shown[:, :slot]] = 0.0
        chance /= chance.sum(axis=1, keepdims=True)
        total = np.cumsum(chance, axis=1)
        drawn = (total < (rng.random(n) * total[:, -1])[:, None]).sum(axis=1)
        seeds[:, slot], shown[:, slot] = current, drawn
        propensity[:, slot] = chance[visit, drawn]
        fit = (truth.fit_factors[current].astype(np.float64) * truth.fit_factors[drawn]).sum(axis=1)
        context = np.where(current >= 0, 1 - truth.context_gain + truth.context_gain * np.clip(fit, 0.0, 1.0), 1.0)
        engaged[:, slot] = rng.random(n) < affinity[visit, drawn] * context
        current = np.where(engaged[:, slot], drawn, current)
    return shown, seeds, propensity, engaged
