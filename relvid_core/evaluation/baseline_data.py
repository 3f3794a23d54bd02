"""What every baseline is given, the history of a fold and what is known of its videos, and how scores make lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Floats, Interactions, Mask
from relvid_core.data.topics import Topics
from relvid_core.evaluation.ease import watched_matrix
from relvid_core.evaluation.exposure import popularity_order
from relvid_core.retrieval.ranking import Neighbours, ScoreBlock, top_k_of_blocks, top_k_of_scores


@dataclass(frozen=True)
class BaselineData:
    """What a baseline may see: the history of a fold, never its target."""

    history: Interactions
    coengagement: CoEngagement  # of the history, with the same window as the models'
    features: Floats | None = None  # [n_videos, dim] content, a zero row = no content; None: no video has any
    topics: Topics | None = None  # None: no video has any
    allowed: Mask | None = None  # [n_videos], what lists may hold where a truth knows only some videos; None = all

    @property
    def watched(self) -> sparse.csr_matrix:
        """1 where a viewer engaged with a video in the history, `[n_users, n_videos]`."""
        return watched_matrix(self.history.engagements, self.history.n_users, self.history.n_videos)


def ranked(data: BaselineData, scores: npt.NDArray[np.floating] | sparse.csr_matrix, seeds: Rows, k: int) -> Neighbours:
    """Lists of the allowed videos by scores `[n_seeds, n_videos]`, equal ones in order of popularity."""
    return top_k_of_scores(scores, k, seeds, order=popularity_order(data.history.popularity), allowed=data.allowed)


def ranked_blocks(data: BaselineData, scores_of: ScoreBlock, seeds: Rows, k: int) -> Neighbours:
    """`ranked` for scores that are made block by block."""
    order = popularity_order(data.history.popularity)
    return top_k_of_blocks(scores_of, seeds, data.history.n_videos, k, order=order, allowed=data.allowed)
