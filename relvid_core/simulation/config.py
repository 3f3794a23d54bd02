"""Settings of a sample world: frozen, checked, and written into world.toml beside the data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields

import tomli_w

from relvid_core.errors import ConfigError


@dataclass(frozen=True)
class WorldConfig:
    """What decides a sample world; the same settings give the same bytes (with the same library versions)."""

    seed: int = 20250709
    n_videos: int = 2400  # 50 a leaf: enough that a leaf fills a list of 20 with room to choose
    n_viewers: int = 6000
    n_creators: int = 336  # 7 a leaf
    catalogue_days: float = 730.0  # publish dates reach back this far from the first day of the log
    log_days: int = 90
    mean_sessions: float = 9.0  # visits of one viewer over the whole log; log-normal between viewers
    session_slots: int = 8  # exposures in one visit, the opening ones included

    second_topic_share: float = 0.25  # of videos

    # Affinity a_vj = σ(base + interest·topic + style + quality + viewer)
    base: float = -2.9  # a plain video off the viewer's interests: σ(−2.9) = 5 %
    interest_gain: float = 3.1  # a first home topic takes a plain video from 5 % to 55 %
    style_gain: float = 0.9  # standard deviation of the style term: what topics cannot explain
    quality_gain: float = 0.55  # one standard deviation of quality multiplies the odds by 1.7
    viewer_spread: float = 0.35  # some viewers like everything a little more
    context_gain: float = 0.5  # κ: what a video loses that does not fit the one being watched at all

    # The logger
    quality_in_popularity: float = 0.3  # share of the variance of log popularity that is quality; the rest luck
    popularity_spread: float = 1.3  # standard deviation of log popularity: the top 5 % get a third of all engagements
    popularity_exponent: float = 0.8  # η
    next_relevance: float = 0.62  # r: share of watch-next slots filled from related videos, the rest is trending
    home_relevance: float = 0.55  # h: the same for opening slots, from the viewer's known interests

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigError(f"world.{name}: received {value!r}; expected {low:g} to {high:g}")

    def to_toml(self) -> str:
        """The settings as TOML."""
        return tomli_w.dumps(asdict(self))


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("seed", 0, 2**31 - 1),
    ("n_videos", 48, 20_000),
    ("n_viewers", 2, 100_000),
    ("n_creators", 1, 5000),
    ("catalogue_days", 2, 10_000),
    ("log_days", 1, 3650),
    ("mean_sessions", 0.1, 1000),
    ("session_slots", 2, 30),
    ("second_topic_share", 0, 1),
    ("base", -10, 10),
    ("interest_gain", 0, 10),
    ("style_gain", 0, 10),
    ("quality_gain", 0, 10),
    ("viewer_spread", 0, 10),
    ("context_gain", 0, 1),
    ("quality_in_popularity", 0, 1),
    ("popularity_spread", 0, 3),
    ("popularity_exponent", 0, 2),
    ("next_relevance", 0, 0.99),
    ("home_relevance", 0, 0.99),
)
assert {name for name, _, _ in _RANGES} == {f.name for f in fields(WorldConfig)}
