"""The fingerprint of a dataset follows each of its parts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from relvid_core.data.catalog import Catalog
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.dataset import Dataset
from relvid_core.data.interactions import Events, Interactions


def test_every_part_counts_and_words_do_not(catalog: Catalog, events: Callable[..., Events]) -> None:
    log, other = (Interactions(2, 6, events((0, 0), (1, row))) for row in (1, 2))
    base = Dataset("key", "Title", catalog, log)
    rows = np.array([0, 1], np.int32)
    pairs = CoEngagement.from_pairs(rows, rows + 1, np.ones(2, np.float32), 6)
    changed = [
        replace(base, interactions=other),
        replace(base, truth=other),
        replace(base, truth=other, truth_rows=rows),
        replace(base, truth=other, truth_rows=rows + 1),
        replace(base, pairs=pairs),
        replace(base, ratings=pairs.matrix),
        replace(base, ratings=pairs.matrix * 0.5),
        replace(base, ratings=sparse.csr_matrix(pairs.matrix.T)),
        replace(base, teacher=np.eye(6, dtype=np.float32)),
        replace(base, teacher=np.eye(6, dtype=np.float32)[::-1]),
    ]
    assert len({base.fingerprint, *(dataset.fingerprint for dataset in changed)}) == 1 + len(changed)
    assert replace(base, key="other", title="Other", notes=("a note",)).fingerprint == base.fingerprint
