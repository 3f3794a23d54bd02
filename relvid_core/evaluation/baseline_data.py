"""What every baseline is given: the history of a fold, and what is known of the videos themselves."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import sparse

from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Floats, Interactions
from relvid_core.data.topics import Topics
from relvid_core.evaluation.ease import watched_matrix


@dataclass(frozen=True)
class BaselineData:
    """What a baseline may see: the history of a fold, never its target."""

    history: Interactions
    coengagement: CoEngagement  # of the history, with the same window as the models'
    features: Floats | None = None  # [n_videos, dim] content, a zero row = no content; None: no video has any
    topics: Topics | None = None  # None: no video has any

    @property
    def watched(self) -> sparse.csr_matrix:
        """1 where a viewer engaged with a video in the history, `[n_users, n_videos]`."""
        return watched_matrix(self.history.engagements, self.history.n_users, self.history.n_videos)
