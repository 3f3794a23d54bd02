from collections.abc import Callable

import numpy as np
import pytest

from relvid_core.data.interactions import Interactions
from relvid_core.errors import ConfigError, DataError
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.off_policy.estimators import (
    CLIPPED,
    DIRECT,
    DR,
    IPS,
    MATCHED,
    SNIPS,
    SWITCH_DR,
    OffPolicyReport,
    Resampling,
    difference,
    evaluate,
    weights,
)
from relvid_core.evaluation.off_policy.logged import LoggedSlots
from relvid_core.evaluation.off_policy.policy import ListPolicy
from relvid_core.evaluation.off_policy.reward_model import predict
from relvid_core.retrieval.ranking import Neighbours, top_k_of_scores
from relvid_core.simulation.loader import dataset_of_world
from relvid_core.simulation.truth import Truth
from relvid_core.simulation.world import World

TrueValue = Callable[[Truth, LoggedSlots, ListPolicy], float]
Logs = Callable[[int], Interactions]
QUICK = Resampling(replicates=2)
CLIP = 20.0


def uniform(scores: np.ndarray, k: int = 10) -> ListPolicy:
    every = np.arange(len(scores), dtype=np.int32)
    return ListPolicy.uniform(every, top_k_of_scores(scores.astype(np.float32), k, every), len(scores))


@pytest.fixture(scope="module")
def policies(world: World) -> dict[str, ListPolicy]:
    """Fixed before any log is drawn: the truly best lists, the most and the least popular, the most fitting, chance."""
    truth = world.truth
    every = np.arange(truth.n_videos)
    popular = np.tile(truth.popularity.astype(np.float64), (truth.n_videos, 1))
    scores = {
        "best": truth.related_engagement(every),
        "popular": popular,
        "unpopular": -popular,
        "fit": truth.fit(every, every),
        "random": np.random.default_rng(0).random(popular.shape),
    }
    return {name: uniform(one) for name, one in scores.items()}


def hand_slots() -> LoggedSlots:
    """Seed 0, list (1, 2); propensities ½, ¼, ½, ¼; users 0 and 1."""
    return LoggedSlots(
        np.zeros(4, dtype=np.int32),
        np.array([1, 2, 3, 1], dtype=np.int32),
        np.array([1.0, 0.0, 1.0, 1.0]),
        np.array([0.5, 0.25, 0.5, 0.125]),
        np.array([0, 0, 1, 1], dtype=np.int32),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
        np.arange(4),
        4,
        "logged",
        0,
    )


HAND_POLICY = ListPolicy.uniform(
    np.array([0], dtype=np.int32), Neighbours(np.array([[1, 2]], dtype=np.int32), np.zeros((1, 2), dtype=np.float32)), 4
)


def test_by_hand() -> None:
    # Weights ½/½, ½/¼, 0, ½/⅛ = 1, 2, 0, 4 and rewards 1, 0, 1, 1.
    found = evaluate(hand_slots(), HAND_POLICY, clip=3.0)
    mean = {name: value.estimate.mean for name, value in found.values.items()}
    assert mean[MATCHED] == pytest.approx(2 / 3)
    assert mean[IPS] == pytest.approx((1 + 4) / 4)
    assert mean[CLIPPED] == pytest.approx((1 + 3) / 4)
    assert mean[SNIPS] == pytest.approx((1 + 4) / 7)
    assert found.support.effective_sample_size == pytest.approx(7**2 / (1 + 4 + 16))
    assert (found.support.largest_weight, found.support.overlap) == (4.0, 0.75)
    assert found.support.mean_weight.mean == pytest.approx(7 / 4)
    assert found.values[IPS].estimate.n == 2


def test_against_loops(logs: Logs, world: World, policies: dict[str, ListPolicy]) -> None:
    """Every estimator once more, slot by slot in plain Python, on 11,000 slots of a drawn log."""
    slots, policy = LoggedSlots.from_interactions(logs(1)), policies["best"]
    topics = dataset_of_world(world).catalog.topics
    found = evaluate(slots, policy, topics=topics, clip=CLIP, resampling=QUICK)
    placed = policy.on(slots)
    model = predict(slots, placed, topics)
    lists = {int(i): row for i, row in zip(policy.seeds, policy.rows.tolist(), strict=True)}
    before: dict[int, set[int]] = {}
    for s, row in zip(slots.seen_slot.tolist(), slots.seen_row.tolist(), strict=True):
        before.setdefault(s, set()).add(row)
    sums = dict.fromkeys(found.values, 0.0) | {"w": 0.0, "w2": 0.0, "hits": 0.0}
    for at, s in enumerate(placed.asked.tolist()):
        left = [j for j in lists[int(slots.seed_row[s])] if j not in before.get(s, set())]
        r = float(slots.reward[s])
        w = float(int(slots.shown_row[s]) in left) / len(left) / float(slots.propensity[s])
        expected, shown = float(model.expected[at]), float(model.shown[at])
        sums["w"] += w
        sums["w2"] += w * w
        sums["hits"] += w > 0
        sums[MATCHED] += r * (w > 0)
        sums[IPS] += w * r
        sums[CLIPPED] += min(w, CLIP) * r
        sums[DIRECT] += expected
        sums[DR] += expected + w * (r - shown)
        sums[SWITCH_DR] += expected + (w * (r - shown) if w <= CLIP else 0.0)
    n = len(placed.asked)
    sums[SNIPS] = sums[IPS]
    for name, value in found.values.items():
        below = {MATCHED: sums["hits"], SNIPS: sums["w"]}.get(name, n)
        assert value.estimate.mean == pytest.approx(sums[name] / below, abs=1e-12)
        assert value.contribution.mean() == pytest.approx(value.estimate.mean, abs=1e-12)
        assert value.contribution.shape == (n,)
    assert found.support.effective_sample_size == pytest.approx(sums["w"] ** 2 / sums["w2"])
    assert found.support.overlap == pytest.approx(sums["hits"] / n)


def _errors(
    logs: Logs,
    seeds: range,
    world: World,
    policies: dict[str, ListPolicy],
    true_value: TrueValue,
    resampling: Resampling,
) -> dict[str, dict[str, list[tuple[float, bool]]]]:
    """policy → estimator → (error, whether the interval holds the truth) of every log."""
    topics = dataset_of_world(world).catalog.topics
    found: dict[str, dict[str, list[tuple[float, bool]]]] = {name: {} for name in policies}
    for seed in seeds:
        slots = LoggedSlots.from_interactions(logs(seed))
        for name, policy in policies.items():
            report = evaluate(slots, policy, topics=topics, clip=CLIP, resampling=resampling)
            truth = true_value(world.truth, slots, policy)
            for estimator, value in report.values.items():
                one = value.estimate
                found[name].setdefault(estimator, []).append((one.mean - truth, one.low <= truth <= one.high))
    return found


def test_closer_to_the_truth_than_the_naive_mean(
    logs: Logs, world: World, policies: dict[str, ListPolicy], true_value: TrueValue
) -> None:
    """For every policy: SNIPS and DR are unbiased within what 8 logs can tell; what was seen of the list is not."""
    found = _errors(logs, range(8), world, policies, true_value, QUICK)
    for name in policies:
        errors = {key: np.array([error for error, _ in pairs]) for key, pairs in found[name].items()}
        size = {key: float(np.sqrt((one**2).mean())) for key, one in errors.items()}
        for estimator in (SNIPS, DR, IPS):
            assert size[estimator] < 0.4 * size[MATCHED], (name, estimator)
            standard_error = errors[estimator].std(ddof=1) / np.sqrt(8)
            assert abs(errors[estimator].mean()) < 5 * standard_error, (name, estimator)
        assert errors[MATCHED].mean() > 0.02  # the logger shows list videos to those who like them
        assert (errors[CLIPPED] <= errors[IPS] + 1e-12).all()
    for name in ("best", "unpopular", "fit", "random"):  # here weights above 20 occur: clipping loses their part
        clipped = np.array([error for error, _ in found[name][CLIPPED]])
        assert clipped.mean() < -0.004


@pytest.mark.slow
def test_closer_to_the_truth_in_nearly_all_of_200_logs(
    logs: Logs, world: World, policies: dict[str, ListPolicy], true_value: TrueValue
) -> None:
    """Log by log, not only on average: SNIPS errs less than the mean of what was seen of the list."""
    asked = {name: policies[name] for name in ("best", "popular", "fit")}
    found = _errors(logs, range(300, 500), world, asked, true_value, QUICK)
    for name, by_estimator in found.items():
        snips, naive = (np.abs([error for error, _ in by_estimator[key]]) for key in (SNIPS, MATCHED))
        assert len(snips) == 200
        assert (snips < naive).mean() >= 0.95, name


@pytest.mark.slow
def test_intervals_cover_the_truth(
    logs: Logs, world: World, policies: dict[str, ListPolicy], true_value: TrueValue
) -> None:
    """95 % intervals over users hold the truth in 90 to 99 of 100 logs wherever the verdict is "reliable"."""
    reliable = {name: policies[name] for name in ("best", "popular", "fit")}
    found = _errors(logs, range(100, 220), world, reliable, true_value, Resampling(replicates=300))
    for name, by_estimator in found.items():
        for estimator in (IPS, SNIPS, DR):
            covered = np.mean([held for _, held in by_estimator[estimator]])
            assert 0.89 <= covered <= 0.99, (name, estimator, covered)


def test_a_softmax_policy_too(logs: Logs, world: World, true_value: TrueValue) -> None:
    every = np.arange(world.truth.n_videos, dtype=np.int32)
    lists = top_k_of_scores(world.truth.related_engagement(every).astype(np.float32), 10, every)
    cold = ListPolicy.softmax(every, lists, len(every), temperature=0.02)
    errors = []
    for seed in range(8):
        slots = LoggedSlots.from_interactions(logs(seed))
        report = evaluate(slots, cold, resampling=QUICK)
        errors.append(report.values[SNIPS].estimate.mean - true_value(world.truth, slots, cold))
    assert abs(np.mean(errors)) < 5 * np.std(errors, ddof=1) / np.sqrt(8)  # Student's t with 7


def test_differences_are_narrower_and_hold_the_truth(
    logs: Logs, world: World, policies: dict[str, ListPolicy], true_value: TrueValue
) -> None:
    nearly = ListPolicy(  # the best lists with their last three places from the fitting ones
        policies["best"].seeds,
        uniform(
            world.truth.related_engagement(np.arange(120)) + 0.02 * world.truth.fit(np.arange(120), np.arange(120))
        ).rows,
        policies["best"].probability,
        120,
    )
    covered, narrower = 0, []
    for seed in range(8):
        slots = LoggedSlots.from_interactions(logs(seed))
        a, b = (evaluate(slots, one, resampling=Resampling(replicates=200)) for one in (policies["best"], nearly))
        gap = difference(a, b, SNIPS, resampling=Resampling(replicates=200))
        truth = true_value(world.truth, slots, policies["best"]) - true_value(world.truth, slots, nearly)
        assert gap.mean == pytest.approx(a.values[SNIPS].estimate.mean - b.values[SNIPS].estimate.mean, abs=1e-9)
        covered += gap.low <= truth <= gap.high
        narrower.append(_width(gap) / _width(a.values[SNIPS].estimate))
    assert covered >= 5  # of 8 at 95 %: fewer happens 4 times in 10,000
    assert np.median(narrower) < 0.7


def _width(estimate: Estimate) -> float:
    return estimate.high - estimate.low


def test_lists_made_from_the_log_itself_are_overrated(logs: Logs, world: World, true_value: TrueValue) -> None:
    """Why the log of a target window is asked for: no estimator sees that these very clicks chose the lists."""
    trained_on, fresh = (LoggedSlots.from_interactions(logs(seed)) for seed in (0, 1))
    engaged = np.zeros((120, 120))
    np.add.at(engaged, (trained_on.seed_row, trained_on.shown_row), trained_on.reward)
    memorised = uniform(engaged + 1e-3 * np.random.default_rng(0).random(engaged.shape))
    errors = [
        evaluate(slots, memorised, resampling=QUICK).values[DR].estimate.mean
        - true_value(world.truth, slots, memorised)
        for slots in (trained_on, fresh)
    ]
    assert errors[0] > 0.1
    assert abs(errors[1]) < errors[0] / 4


def test_refused(logs: Logs) -> None:
    slots = hand_slots()
    with pytest.raises(ConfigError, match="clip: received 0"):
        evaluate(slots, HAND_POLICY, clip=0)
    here = evaluate(slots, HAND_POLICY, resampling=QUICK)
    other = OffPolicyReport(here.values, here.support, np.ones(3, dtype=np.bool_), np.zeros(3, dtype=np.int32))
    with pytest.raises(DataError, match="4 and 3 slots"):
        difference(here, other, IPS)
    assert weights(slots, HAND_POLICY.on(slots)).tolist() == [1.0, 2.0, 0.0, 4.0]
