"""The planted truth: how likely any viewer is to engage with any video, and how likely the logger was to show it.

Everything is a function of low-rank factors, so nothing of size viewers × videos is stored.

    affinity          a_vj = σ(V_v·X_j + viewer bias_v + video bias_j)
    fit               f_ij = F_i·F_j                       in [0, 1], 1 for i = j
    context           m_ij = 1 − κ + κ f_ij                (no video being watched: 1)
    engagement        P(engage | v, j, i) = a_vj · m_ij
    watch-next logger P(shown j | i) = (1 − r) norm_j[popularity_j^η] + r norm_j[popularity_j^η f_ij^4],  j ≠ i
    home logger       P(shown j | v) = (1 − h) norm_j[popularity_j^η] + h norm_j[popularity_j^η (G_v·X_j)^2]

where norm_j[·] divides by the sum over all j that may be shown.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from scipy.special import expit

from relvid_core.errors import DataError

Factors = npt.NDArray[np.float32]
Probabilities = npt.NDArray[np.float64]
Index = npt.NDArray[np.integer]

FIT_SHARPNESS: Final = 4  # the related shelf is far more topical than viewers are
PROFILE_SHARPNESS: Final = 2
_CHUNK_CELLS = 4_000_000  # cells of a float64 block: 32 MB


@dataclass(frozen=True)
class Truth:
    """A world's true parameters; videos in catalogue row order, viewers in sorted id order. All arrays float32."""

    viewer_factors: Factors  # V [n_viewers, dim]: gains included
    viewer_profile: Factors  # G [n_viewers, dim]: the interests that the home logger knows, ≥ 0, no style
    viewer_bias: Factors  # [n_viewers]
    video_factors: Factors  # X [n_videos, dim]: unit-length topic part, then style
    video_bias: Factors  # [n_videos]: base + quality_gain · quality
    fit_factors: Factors  # F [n_videos, dim_fit], unit rows with no negative product
    quality: Factors  # u [n_videos], mean 0, standard deviation 1
    popularity: Factors  # [n_videos]: audience before the log began, largest 1
    context_gain: Factors  # κ, a single number in [0, 1]
    popularity_exponent: Factors  # η, a single number
    next_relevance: Factors  # r, a single number in [0, 1)
    home_relevance: Factors  # h, a single number in [0, 1)

    @property
    def n_viewers(self) -> int:
        """Number of viewers."""
        return len(self.viewer_bias)

    @property
    def n_videos(self) -> int:
        """Number of videos."""
        return len(self.video_bias)

    def affinity(self, viewers: Index, videos: Index) -> Probabilities:
        """a_vj, what the viewer makes of the video on its own: `[n_viewers, n_videos]` of the given ones."""
        logit = self.viewer_factors[viewers].astype(np.float64) @ self.video_factors[videos].astype(np.float64).T
        out: Probabilities = expit(logit + self.viewer_bias[viewers, None] + self.video_bias[videos])
        return out

    def fit(self, seeds: Index, videos: Index) -> Probabilities:
        """f_ij, how well the video fits the one being watched: `[n_seeds, n_videos]`."""
        product = self.fit_factors[seeds].astype(np.float64) @ self.fit_factors[videos].astype(np.float64).T
        return np.clip(product, 0.0, 1.0)

    def engage_probability(self, viewers: Index, videos: Index, *, seed: int | None = None) -> Probabilities:
        """P(engage | viewer, video shown): `[n_viewers, n_videos]`; `seed` is the row being watched, if any."""
        affinity = self.affinity(viewers, videos)
        if seed is None:
            return affinity
        return affinity * (1 - self.context_gain + self.context_gain * self.fit(np.array([seed]), videos))

    def related_engagement(self, seeds: Index, candidates: Index | None = None) -> Probabilities:
        """P(engage with j | shown j while watching i), for a random viewer of i: `[n_seeds, n_candidates]`.

        The average of P(engage | v, j, i) over all viewers, each weighted by a_vi: by how likely they are to engage
        with the seed if it is shown to them. Nothing in it depends on popularity or on the logger. The diagonal is as
        computed (the seed offered again) and is never a recommendation.
        """
        candidates = np.arange(self.n_videos) if candidates is None else candidates
        total = np.zeros((len(seeds), len(candidates)))
        weight = np.zeros(len(seeds))
        step = max(1, _CHUNK_CELLS // max(1, len(seeds), len(candidates)))
        for first in range(0, self.n_viewers, step):
            viewers = np.arange(first, min(first + step, self.n_viewers))
            of_seed = self.affinity(viewers, seeds)
            total += of_seed.T @ self.affinity(viewers, candidates)
            weight += of_seed.sum(axis=0)
        context = 1 - self.context_gain + self.context_gain * self.fit(seeds, candidates)
        out: Probabilities = total / weight[:, None] * context
        return out

    @cached_property
    def _affinity_by_video(self) -> Factors:
        """a_vj of everybody, `[n_videos, n_viewers]` float32."""
        return self.affinity(np.arange(self.n_viewers), np.arange(self.n_videos)).T.astype(np.float32, order="C")

    def engagement_of_lists(self, seeds: Index, rows: Index) -> Probabilities:
        """`related_engagement` of the videos in each seed's list alone: `rows` `[n_seeds, k]` → `[n_seeds, k]`.

        Thousands of lists take less than a second, where the whole matrix takes many.
        """
        affinity, product = self._affinity_by_video, self.fit_factors.astype(np.float64)
        out = np.empty(rows.shape)
        for place, (seed, listed) in enumerate(zip(seeds, rows, strict=True)):
            of_seed = affinity[seed]
            likely = affinity[listed] @ of_seed / of_seed.sum(dtype=np.float64)
            fit = np.clip(product[listed] @ product[seed], 0.0, 1.0)
            out[place] = likely * (1 - self.context_gain + self.context_gain * fit)
        return out

    def next_propensity(self, seeds: Index) -> Probabilities:
        """P(shown j | watching i) of one watch-next slot, nothing shown yet: `[n_seeds, n_videos]`, rows sum to 1."""
        allowed = np.ones((len(seeds), self.n_videos))
        allowed[np.arange(len(seeds)), seeds] = 0.0
        related = allowed * self.fit(seeds, np.arange(self.n_videos)) ** FIT_SHARPNESS
        return self._mixture(allowed, related, float(self.next_relevance))

    def home_propensity(self, viewers: Index) -> Probabilities:
        """P(shown j | viewer) of one home-page slot, nothing shown yet: `[n_viewers, n_videos]`, rows sum to 1."""
        known = self.viewer_profile[viewers].astype(np.float64) @ self.video_factors.astype(np.float64).T
        return self._mixture(np.ones_like(known), known**PROFILE_SHARPNESS, float(self.home_relevance))

    def _mixture(self, allowed: Probabilities, related: Probabilities, relevance: float) -> Probabilities:
        pull = self.popularity.astype(np.float64) ** float(self.popularity_exponent)
        trending, chosen = allowed * pull, related * pull
        trending /= trending.sum(axis=1, keepdims=True)
        chosen /= chosen.sum(axis=1, keepdims=True)
        return (1 - relevance) * trending + relevance * chosen

    def to_bytes(self) -> bytes:
        """As a safetensors file; the same truth gives the same bytes."""
        return save({f.name: np.array(getattr(self, f.name), order="C") for f in fields(self)})

    @classmethod
    def from_file(cls, path: Path) -> Truth:
        """Read a file written from `to_bytes`. Raises DataError if it is missing, damaged or inconsistent."""
        try:
            arrays = load_file(path)
        except (OSError, SafetensorError) as error:
            raise DataError(f"{path.name}: cannot be read as safetensors ({error}). {_AGAIN}") from error
        names = [f.name for f in fields(cls)]
        if sorted(arrays) != sorted(names):
            raise DataError(f"{path.name}: holds {', '.join(sorted(arrays))}; expected {', '.join(names)}. {_AGAIN}")
        truth = cls(**arrays)
        truth._check(path.name)
        return truth

    def _check(self, source: str) -> None:
        viewers, videos = self.viewer_bias.size, self.video_bias.size
        dim = self.video_factors.shape[-1] if self.video_factors.ndim else 0
        wanted: dict[str, tuple[int, ...]] = {
            "viewer_factors": (viewers, dim),
            "viewer_profile": (viewers, dim),
            "viewer_bias": (viewers,),
            "video_factors": (videos, dim),
            "video_bias": (videos,),
            "fit_factors": (videos, self.fit_factors.shape[-1] if self.fit_factors.ndim else 0),
            "quality": (videos,),
            "popularity": (videos,),
        }
        for f in fields(self):
            array, shape = getattr(self, f.name), wanted.get(f.name, ())
            if array.dtype != np.float32 or array.shape != shape or not np.isfinite(array).all():
                raise DataError(
                    f"{source}: {f.name} is {array.dtype} {list(array.shape)}; "
                    f"expected finite float32 {list(shape)}. {_AGAIN}"
                )


_AGAIN = "Make the sample world again: python -m relvid_core.simulation"
