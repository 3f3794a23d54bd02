"""Association truth on logs whose structure was planted, and every metric by hand or by a naive loop."""

from dataclasses import replace

import numpy as np
import pytest

from relvid_core.config import EvaluationConfig
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.topics import Topics
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.evaluation.fully_observed import (
    AssociationTruth,
    expected_by_activity,
    false_discovery_bound,
    split_viewers,
)
from relvid_core.evaluation.protocol import Judge
from relvid_core.retrieval.ranking import Neighbours

N_VIDEOS = 50
ROWS = np.arange(5, 45, dtype=np.int32)  # the catalogue has ten videos more, without a truth


def as_log(loved: np.ndarray) -> Interactions:
    """`loved` `[n_users, len(ROWS)]` of 0 and 1."""
    user, column = np.nonzero(loved)
    return Interactions(len(loved), N_VIDEOS, Events(user.astype(np.int32), ROWS[column]))


def activity_only(rng: np.random.Generator, n_users: int = 1500) -> np.ndarray:
    """Nobody has a taste: viewers differ in how much they love, videos in how much they are loved."""
    activity = rng.gamma(1.5, 1 / 1.5, size=(n_users, 1))
    quality = rng.uniform(0.05, 0.4, size=len(ROWS))
    return (rng.random((n_users, len(ROWS))) < np.minimum(activity * quality, 0.95)).astype(float)


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, AssociationTruth]:
    """Columns 0–1–2 are one taste of some viewers, 10–11 another; the rest is activity and quality alone."""
    rng = np.random.default_rng(3)
    loved = activity_only(rng)
    for group in ([0, 1, 2], [10, 11]):
        fans = rng.random(len(loved)) < 0.25
        loved[np.ix_(fans, group)] = rng.random((int(fans.sum()), len(group))) < 0.7
        loved[np.ix_(~fans, group)] *= rng.random((int((~fans).sum()), len(group))) < 0.6
    return loved, AssociationTruth.from_log(as_log(loved), ROWS)


def test_planted_tastes_are_found_and_nearly_nothing_else(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    _, truth = planted
    found = {(int(i) - 5, int(j) - 5) for i, j in zip(*truth.partners.nonzero(), strict=True)}
    wanted = {(i, j) for group in ([0, 1, 2], [10, 11]) for i in group for j in group if i != j}
    assert wanted <= found
    assert len(found - wanted) <= 2  # both ways of one false pair
    assert (truth.partners != truth.partners.T).nnz == 0


def test_activity_alone_is_no_association() -> None:
    """Under the null any discovery is false, and the chance of one is about the rate of 5 %; phi finds hundreds."""
    with_any, by_phi = 0, []
    for seed in range(20):
        loved = activity_only(np.random.default_rng(seed))
        z = np.corrcoef(loved.T) * np.sqrt(len(loved))
        by_phi.append((np.triu(z, 1) > 4.2).sum())  # Bonferroni over 780 pairs at 5 %: 3.8
        try:
            AssociationTruth.from_log(as_log(loved), ROWS)
            with_any += 1
        except NotEnoughData:
            pass
    assert with_any <= 4  # 4 or fewer of 20 has probability 0.997 at 5 %
    assert np.mean(by_phi) > 100


def test_the_expected_count_is_that_of_shuffled_viewers() -> None:
    """Within a stratum every column is shuffled by itself: what then remains is activity and quality."""
    rng = np.random.default_rng(0)
    loved = (rng.random((60, 4)) < rng.random((60, 1))).astype(float)
    expected, variance = expected_by_activity(loved, 3)
    order = np.argsort(loved.sum(axis=1), kind="stable")
    counts = np.empty((4000, 4, 4))
    for draw in range(4000):
        shuffled = np.vstack([rng.permuted(loved[part], axis=0) for part in np.array_split(order, 3)])
        counts[draw] = shuffled.T @ shuffled
    other = ~np.eye(4, dtype=bool)
    assert expected[other] == pytest.approx(counts.mean(axis=0)[other], abs=0.15)
    assert variance[other] == pytest.approx(counts.var(axis=0)[other], rel=0.12)


def test_false_discoveries_by_the_definition() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        p = np.concatenate([rng.random(30), rng.random(5) * 0.005])
        passed = [value for value in p if value <= 0.1 * (p <= value).sum() / len(p)]
        assert false_discovery_bound(p, 0.1) == (max(passed) if passed else -1.0)
    assert false_discovery_bound(np.array([]), 0.05) == -1.0


def test_only_the_strongest_partners_are_kept_and_ties_go_to_the_lower_row() -> None:
    fans = np.random.default_rng(0).random(400) < 0.5
    loved = np.zeros((400, len(ROWS)))
    loved[:, :4] = fans[:, None]  # four videos with the very same lovers
    loved[:, 10:] = np.random.default_rng(1).random((400, 30)) < 0.5  # keeps everybody's activity alike
    truth = AssociationTruth.from_log(as_log(loved), ROWS, most=2, strata=1)
    partners = {int(row): truth.partners[row].indices.tolist() for row in ROWS[:4]}
    assert partners == {5: [6, 7], 6: [5, 7], 7: [5, 6], 8: [5, 6]}


def test_metrics_by_a_naive_loop(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    loved, truth = planted
    rng = np.random.default_rng(5)
    seeds = truth.seeds
    lists = np.stack([rng.permutation(ROWS[seed != ROWS])[:6] for seed in seeds])
    engaged, chance, recall = [], [], []
    for seed, row in zip(seeds, lists, strict=True):
        lovers = loved[loved[:, seed - 5] == 1]
        engaged.append(lovers[:, row - 5].mean())
        chance.append(np.delete(lovers, seed - 5, axis=1).mean())
        partners = truth.partners[seed].indices
        recall.append(np.isin(partners, row).mean() if len(partners) else np.nan)
    assert truth.related_engagement(seeds, lists) == pytest.approx(np.array(engaged), rel=1e-5)
    assert truth.related_chance(seeds) == pytest.approx(np.array(chance), rel=1e-5)
    assert truth.recall(seeds, lists) == pytest.approx(np.array(recall), nan_ok=True)
    assert np.isfinite(recall).sum() >= 5


def test_a_random_list_has_the_chance_level(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    _, truth = planted
    rng = np.random.default_rng(6)
    seeds = np.repeat(ROWS[[0, 1, 2, 10, 11]], 2000)
    lists = np.stack([rng.permutation(ROWS[seed != ROWS])[:8] for seed in seeds])
    assert truth.chance_recall(8) == pytest.approx(8 / 39)
    assert np.nanmean(truth.recall(seeds, lists)) == pytest.approx(8 / 39, abs=0.01)
    assert truth.related_engagement(seeds, lists).mean() == pytest.approx(truth.related_chance(seeds).mean(), abs=0.005)


def test_the_mean_excess_tells_true_lists_from_random_ones(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    _, truth = planted
    rng = np.random.default_rng(7)
    random = np.stack([rng.permutation(ROWS[ROWS > 7])[:2] for _ in range(500)])
    random[random == ROWS[20]] = ROWS[21]  # a seed without a taste, not in its own list
    seeds = np.repeat(ROWS[20:21], 500)
    assert abs(truth.mean_excess(seeds, random).mean()) < 0.7
    assert truth.mean_excess(ROWS[:1], np.array([[6, 7]], np.int32))[0] > 5


def test_the_evaluation_set_serves_the_judge(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    _, truth = planted
    known = np.array([5, 6, 15, 16], np.int32)  # row 7 has partners and no history
    history = Interactions(1, N_VIDEOS, Events(np.zeros(4, np.int32), known))
    asked = truth.evaluation_set(history)
    assert set(known) <= set(asked.seeds)
    assert 7 in asked.cold_seeds
    judge = Judge.from_data(asked, Topics.from_paths([()] * N_VIDEOS), history.popularity, EvaluationConfig(k=2))
    lists = np.array([ROWS[seed != ROWS][:2] for seed in asked.seeds])
    measured = judge.per_seed(Neighbours(lists, np.zeros(lists.shape, np.float32)))["recall"]
    assert measured == pytest.approx(truth.recall(asked.seeds, lists))
    assert truth.allowed.nonzero()[0].tolist() == ROWS.tolist()


def test_viewers_are_split_without_loss(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    loved, _ = planted
    log = as_log(loved)
    log = replace(log, exposures=log.engagements)
    parts = split_viewers(log, 0.3, np.random.default_rng(0))
    assert [part.n_users for part in parts] == [450, 1050]
    profiles = []
    for part in parts:
        matrix = np.zeros((part.n_users, N_VIDEOS), int)
        np.add.at(matrix, (part.engagements.user, part.engagements.row), 1)
        profiles += [row.tobytes() for row in matrix]
        assert (np.diff(part.engagements.user) >= 0).all()
        assert part.exposures is not None
        assert len(part.exposures) == len(part.engagements)
    whole = np.zeros((len(loved), N_VIDEOS), int)
    whole[:, ROWS] = loved
    assert sorted(profiles) == sorted(row.tobytes() for row in whole)
    with pytest.raises(NotEnoughData, match="leaves one part empty"):
        split_viewers(log, 0.0, np.random.default_rng(0))


def test_what_is_no_fully_observed_truth_is_refused(planted: tuple[np.ndarray, AssociationTruth]) -> None:
    loved, truth = planted
    log = as_log(loved)
    with pytest.raises(NotEnoughData, match=r"only \d+\.\d% of the cells .* were seen"):
        AssociationTruth.from_log(replace(log, exposures=log.engagements), ROWS)
    user, row = (axis.ravel().astype(np.int32) for axis in np.meshgrid(np.arange(len(loved)), ROWS, indexing="ij"))
    seen = AssociationTruth.from_log(replace(log, exposures=Events(user, row)), ROWS)
    assert (seen.partners != truth.partners).nnz == 0
    with pytest.raises(DataError, match="engagements outside its videos"):
        AssociationTruth.from_log(log, ROWS[1:])
    with pytest.raises(NotEnoughData, match="it takes 2 to"):
        AssociationTruth.from_log(log, ROWS[:1])
    with pytest.raises(DataError, match="outside the 40 that it knows"):
        truth.related_engagement(ROWS[:1], np.array([[0, 6]], np.int32))

    with pytest.raises(NotEnoughData, match=r"none of .* is significant over 30 viewers"):
        AssociationTruth.from_log(as_log(loved[:30]), ROWS)
