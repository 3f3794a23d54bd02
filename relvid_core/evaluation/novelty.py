"""Beyond accuracy, by seed video: novelty, diversity of topics within a list, and freshness.

None of these says that a list is good: a list of dull unknown videos is novel and diverse. They say what a list is
made of, and are read beside engagement and topic match. Diversity of content is in `evaluation.likeness`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from relvid_core.data.catalog import Rows
from relvid_core.data.interactions import Counts, Interactions
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation.metrics import PerSeed, share

Values = npt.NDArray[np.float64]

FRESH_DAYS: Final = 30.0
_DAY_S: Final = 86_400
_BLOCK_CELLS = 1 << 21  # numbers of a block in memory: 16 MB of float64


def viewers(history: Interactions) -> Counts:
    """How many different users engaged with each video, `[n_videos]`."""
    events = history.engagements
    pair = np.unique(events.user.astype(np.int64) * history.n_videos + events.row)
    return np.bincount(pair % history.n_videos, minlength=history.n_videos)


def self_information(viewers: Counts, n_users: int) -> Values:
    """−log2 p_j in bits, `[n_videos]`: how surprising it is that a random user has watched j, p_j = viewers_j / users.

    Zhou et al. 2010 (PNAS 107:4511), their I_j. A video that nobody has watched is taken for half a viewer's: one bit
    more than the rarest watched one can have.

    >>> self_information(np.array([8, 1, 0]), 8).tolist()
    [0.0, 3.0, 4.0]
    """
    if n_users < 1:
        raise NotEnoughData("novelty: received no users, so nothing is known of how many have watched what")
    if viewers.min(initial=0) < 0 or viewers.max(initial=0) > n_users:
        raise DataError(
            f"novelty: received {viewers.min()} to {viewers.max()} viewers of a video among {n_users} users; "
            "count each user once for a video"
        )
    information: Values = np.log2(n_users) - np.log2(np.maximum(viewers, 0.5))
    return information


def novelty(rows: Rows, information: Values) -> PerSeed:
    """Mean self-information of each list `[n_seeds, k]`, in bits: high = little-watched videos."""
    values: PerSeed = information[rows].mean(axis=1)
    return values


def topic_diversity(rows: Rows, labels: sparse.csr_matrix) -> PerSeed:
    """Intra-list diversity by topics: share of the pairs of each list that have no label in common.

    `labels` `[n_videos, n_topics]` of 0 and 1 from `topic_match.topic_labels`. Pairs with an unlabelled video have no
    say; NaN for a list with fewer than two labelled ones.
    """
    n = (np.diff(labels.indptr) > 0)[rows].sum(axis=1)
    pairs = n * (n - 1)
    if labels.nnz == np.count_nonzero(np.diff(labels.indptr)):  # one label a video at most
        return share(pairs - _equal_pairs(rows, labels), pairs)
    values = np.empty(len(rows))
    k = rows.shape[1]
    for part in _blocks(len(rows), k * min(max(1, labels.shape[1]), 256)):
        chosen = labels[rows[part].ravel()]
        used, column = np.unique(chosen.indices, return_inverse=True)  # a block knows few of many thousand topics
        dense = np.zeros((chosen.shape[0], max(1, len(used))), dtype=np.float32)
        dense[np.repeat(np.arange(len(dense)), np.diff(chosen.indptr)), column] = chosen.data
        by_list = dense.reshape(-1, k, dense.shape[1])
        values[part] = ((by_list @ by_list.transpose(0, 2, 1)) > 0).sum(axis=(1, 2))
    return share(pairs - (values - n), pairs)  # a labelled video shares with itself


def _equal_pairs(rows: Rows, labels: sparse.csr_matrix) -> Counts:
    """Ordered pairs of different places with the same label, `[n_seeds]`: Σ m(m − 1) over the labels of a list.

    Sorted, a label that stands m times makes runs of length 1 … m, which sum to m(m − 1)/2 when each counts one less.
    """
    label = np.full(labels.shape[0], -1, dtype=np.int32)
    label[np.diff(labels.indptr) > 0] = labels.indices
    ordered = np.sort(label[rows], axis=1)
    run = np.zeros(len(rows), dtype=np.int64)
    pairs = np.zeros(len(rows), dtype=np.int64)
    for place in range(1, rows.shape[1]):
        run = np.where((ordered[:, place] == ordered[:, place - 1]) & (ordered[:, place] >= 0), run + 1, 0)
        pairs += 2 * run
    return pairs


def age_days(published: pd.Series, moment: np.datetime64) -> Values:
    """Age of every video at `moment`, in days, `[n_videos]`: 0 if published later, NaN without a date."""
    dates = published.to_numpy("datetime64[s]")
    seconds = (moment.astype("datetime64[s]") - dates).astype(np.float64)
    values: Values = np.where(np.isnat(dates), np.nan, np.maximum(seconds, 0.0) / _DAY_S)
    return values


def end_of_history(history: Interactions) -> np.datetime64:
    """When the history ends: the moment at which freshness is asked. Raises NotEnoughData for a log without times.

    In a split by each user's own order some users' histories end earlier; this is the last of them.
    """
    times = history.engagements.timestamp
    if times is None or not len(times):
        raise NotEnoughData("freshness: the log has no times, so the age of a video when it was asked is unknown")
    return np.datetime64(int(times.max()), "s")


def mean_age(rows: Rows, age: Values) -> PerSeed:
    """Mean age of the dated videos of each list, days; NaN where none is dated."""
    ages = age[rows]
    dated = ~np.isnan(ages)
    return share(np.where(dated, ages, 0.0).sum(axis=1), dated.sum(axis=1))


def fresh_share(rows: Rows, age: Values, *, days: float = FRESH_DAYS) -> PerSeed:
    """Share of the dated videos of each list that are younger than `days`; NaN where none is dated."""
    ages = age[rows]
    return share((ages < days).sum(axis=1), (~np.isnan(ages)).sum(axis=1))  # NaN is not younger than anything


def _blocks(n_lists: int, cells: int) -> Iterator[slice]:
    """Some lists at a time, so that `cells` numbers a list fit in memory."""
    size = max(1, _BLOCK_CELLS // max(1, cells))
    for start in range(0, n_lists, size):
        yield slice(start, min(start + size, n_lists))
