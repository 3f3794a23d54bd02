"""Topics for a catalogue that has none: groups of videos with similar content, named by what sets them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import normalize

from relvid_core.data.catalog import Catalog
from relvid_core.data.topics import Topics
from relvid_core.encoders.features import ContentFeatures, Matrix
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.intake.topic_cells import clean_name
from relvid_core.intake.topic_text import is_chinese, subject_terms
from relvid_core.runtime import generator, seed_for

Assignment = npt.NDArray[np.int64]

NO_TOPIC: Final = -1
MAX_TOPICS: Final = 200
_FEWEST_VIDEOS: Final = 4
_CANDIDATES: Final = (4, 6, 8, 10, 12, 16, 20, 25, 32, 40)
_SILHOUETTE_SAMPLE: Final = 2_000
_FIT_SAMPLE: Final = 20_000  # videos that centres are learned from; the rest are assigned
_TERMS: Final = 8
_NAME_TERMS: Final = 3


@dataclass(frozen=True)
class TopicProposal:
    """Groups of videos, the largest first."""

    assignment: Assignment  # [n_videos] group of each video, NO_TOPIC (-1) where it has no content
    names: list[str]  # distinct, one a group
    terms: list[list[str]]  # what sets each group apart, most telling first
    sizes: list[int]  # videos
    silhouette: float  # mean over a sample, -1 to 1: above 0.25 groups are clear, near 0 they run into each other


def propose_topics(
    catalog: Catalog, features: ContentFeatures, *, n_topics: int | None, seed: int = 0
) -> TopicProposal:
    """Group the videos by k-means over their content, modalities side by side, and name the groups by c-TF-IDF.

    `n_topics` None: the number with the best silhouette (Rousseeuw 1987) of a few. Same seed, same groups. Raises
    NotEnoughData where fewer than four videos have content.
    """
    matrix = _content(features, len(catalog))
    present = np.flatnonzero(np.abs(matrix).sum(axis=1) > 0)
    if n_topics is not None and not 2 <= n_topics <= MAX_TOPICS:
        raise DataError(f"topics: received {n_topics}; propose 2 to {MAX_TOPICS}")
    distinct = len(np.unique(matrix[present].round(5), axis=0))
    if len(present) < _FEWEST_VIDEOS or distinct < 2:
        raise NotEnoughData(
            f"topics: {len(present)} videos have content to group, {distinct} of it distinct; "
            f"at least {_FEWEST_VIDEOS} are needed. Add titles or descriptions."
        )
    points = matrix[present]
    sample = generator(seed, "topic sample").permutation(len(points))
    judged = points[sample[:_SILHOUETTE_SAMPLE]]
    wanted = [n_topics] if n_topics else [k for k in _CANDIDATES if k <= len(points) // 3] or [2]
    best: tuple[float, KMeans] | None = None
    for k in wanted:
        model = KMeans(min(k, distinct), n_init=3, random_state=seed_for(seed, f"topics {k}"))
        model.fit(points[sample[:_FIT_SAMPLE]])
        groups = model.predict(judged)
        score = float(silhouette_score(judged, groups)) if 1 < len(set(groups)) < len(judged) else -1.0
        if best is None or score > best[0]:
            best = score, model
    assert best is not None
    score, model = best
    found = _by_size(model.predict(points))
    assignment = np.full(len(catalog), NO_TOPIC, dtype=np.int64)
    assignment[present] = found
    sizes = np.bincount(found).tolist()
    terms = distinctive_terms(catalog.text, assignment, len(sizes))
    return TopicProposal(assignment, _names(terms), terms, sizes, score)


def apply_topics(
    catalog: Catalog,
    proposal: TopicProposal,
    renamed: Mapping[int, str] | None = None,
    merged: Mapping[int, int] | None = None,
) -> Catalog:
    """The catalogue with the proposed topics in place of its own; group → its new name, and group → the one it joins.

    Two groups of one name are one topic; the videos of a group with an empty name have none. Raises DataError for a
    group that does not exist and for another catalogue than the proposal was made for.
    """
    renamed, merged = renamed or {}, merged or {}
    groups = range(len(proposal.names))
    for group in [*renamed, *merged, *merged.values()]:
        if group not in groups:
            raise DataError(f"topics: there is no group {group}; the proposal has {len(groups)}")
    if len(proposal.assignment) != len(catalog):
        raise DataError(
            f"topics: proposed for {len(proposal.assignment)} videos, applied to {len(catalog)}. Propose them again."
        )
    names = []
    for group in groups:
        target, seen = group, {group}
        while (following := merged.get(target, target)) not in seen:
            target = following
            seen.add(target)
        names.append(clean_name(renamed.get(target, proposal.names[target])))
    paths = [((names[group],),) if group != NO_TOPIC and names[group] else () for group in proposal.assignment.tolist()]
    return replace(catalog, topics=Topics.from_paths(paths))


def _content(features: ContentFeatures, n_videos: int) -> Matrix:
    """All modalities side by side, unit rows; a video that lacks one rests on the others."""
    blocks = [modality.matrix for modality in features.modalities]
    if not blocks:
        raise NotEnoughData("topics: there is no content to group videos by. Add titles, descriptions or pictures.")
    if len(blocks[0]) != n_videos:
        raise DataError(f"topics: content of {len(blocks[0])} videos, catalogue of {n_videos}. Encode it again.")
    matrix: Matrix = np.ascontiguousarray(normalize(np.hstack(blocks)), dtype=np.float32)
    return matrix


def _by_size(groups: npt.NDArray[np.int32]) -> Assignment:
    """Groups numbered anew: the largest is 0; empty numbers vanish."""
    found, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.lexsort((found, -sizes))
    rank = np.empty(len(found), dtype=np.int64)
    rank[order] = np.arange(len(found))
    renumbered: Assignment = rank[place]
    return renumbered


def distinctive_terms(texts: list[str], assignment: Assignment, n_groups: int) -> list[list[str]]:
    """The words that set each group apart, by class-based TF-IDF (Grootendorst 2022, arXiv:2203.05794, eq. 2).

    W_tc = tf_tc · log(1 + A / f_t): tf_tc is how often t stands in group c, here as a share of the group's terms; f_t
    its count over all groups; A the mean number of terms a group. Scripts without spaces count by pairs and triples of
    characters.
    """
    vocabulary: dict[str, int] = {}
    counts: list[Counter[int]] = [Counter() for _ in range(n_groups)]
    videos: Counter[int] = Counter()
    for found_terms, group in zip(subject_terms(texts), assignment.tolist(), strict=True):
        if group == NO_TOPIC:
            continue
        terms = [vocabulary.setdefault(term, len(vocabulary)) for term in found_terms]
        counts[group].update(terms)
        videos.update(set(terms))
    words = list(vocabulary)
    rows = [group for group in range(n_groups) for _ in counts[group]]
    columns = [term for group in counts for term in group]
    values = np.array([n for group in counts for n in group.values()], dtype=np.float64)
    table = sparse.csr_matrix((values, (rows, columns)), shape=(n_groups, max(1, len(words))))
    total = np.asarray(table.sum(axis=0)).ravel()
    per_group = np.asarray(table.sum(axis=1)).ravel()
    rarity = np.log1p(per_group.mean() / np.maximum(total, 1.0))
    once = np.array([videos[term] < 2 for term in range(len(words))], dtype=np.bool_)  # one video's own words
    found = []
    for group in range(n_groups):
        row = table[[group]].tocoo()
        scores = row.data / max(1.0, per_group[group]) * rarity[row.col]
        scores = np.where(once[row.col], 1e-6 * scores, scores)
        order = np.lexsort((np.array([words[term] for term in row.col], dtype=np.str_), -scores))
        found.append(_without_parts([words[row.col[place]] for place in order[: 6 * _TERMS]])[:_TERMS])
    return found


def _without_parts(terms: list[str]) -> list[str]:
    """Terms without those that only overlap a better one, as neighbouring pairs of characters do."""
    kept: list[str] = []
    for term in terms:
        if not (is_chinese(term) and any(term in other or other in term or term[1:] in other for other in kept)):
            kept.append(term)
    return kept


def _names(terms: list[list[str]]) -> list[str]:
    """A distinct name for each group from its first terms."""
    names: list[str] = []
    for group, found in enumerate(terms):
        name = clean_name(" · ".join(found[:_NAME_TERMS])) or f"Group {group + 1}"
        names.append(name if name not in names else f"{name} ({group + 1})")
    return names
