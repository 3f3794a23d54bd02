"""Propensities and the weights that undo them, by hand and on a planted bias."""

from collections.abc import Callable

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.config import OffPolicyConfig
from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.propensity import Propensity, importance_weights, weight_histogram_frame
from relvid_core.errors import ConfigError, DataError

MakeEvents = Callable[..., Events]


def test_counts_by_hand() -> None:
    counts = np.array([8, 2, 0])
    assert Propensity.from_counts(counts, 1.0, "popularity proxy").value.tolist() == pytest.approx([1, 1 / 3, 1 / 9])
    # γ = 0 halves the exponent, γ = 3 doubles it, γ = −1 forgets the counts.
    assert Propensity.from_counts(counts, 0.0, "popularity proxy").value.tolist() == pytest.approx([1, 3**-0.5, 1 / 3])
    assert Propensity.from_counts(counts, 3.0, "popularity proxy").value.tolist() == pytest.approx([1, 1 / 9, 1 / 81])
    assert Propensity.from_counts(counts, -1.0, "popularity proxy").value.tolist() == [1, 1, 1]


def test_the_source_is_the_log_or_the_one_asked_for(events: MakeEvents) -> None:
    engaged, shown = events((0, 0), (1, 0), (1, 1)), events((0, 0), (0, 1), (1, 0), (1, 1), (2, 1))
    plain, full = Interactions(3, 2, engaged), Interactions(3, 2, engaged, shown)
    auto = OffPolicyConfig()
    assert Propensity.from_log(plain, auto).kind == "popularity proxy"
    assert Propensity.from_log(plain, auto).value.tolist() == pytest.approx([1, 2 / 3])
    assert Propensity.from_log(full, auto).kind == "exposure propensity"
    assert Propensity.from_log(full, auto).value.tolist() == pytest.approx([3 / 4, 1])
    assert Propensity.from_log(full, OffPolicyConfig(propensity="popularity")).kind == "popularity proxy"
    with pytest.raises(DataError, match="the log holds no exposures"):
        Propensity.from_log(plain, OffPolicyConfig(propensity="exposures"))


def test_gamma_bends_the_proxy_only(events: MakeEvents) -> None:
    log = Interactions(1, 2, events((0, 0)), events((0, 0), (0, 1)))
    assert Propensity.from_log(log, OffPolicyConfig(gamma=3.0)).value.tolist() == [1, 1]


def test_weights_by_hand() -> None:
    propensity = Propensity(np.array([1.0, 0.25, 0.01]), "exposure propensity")
    weights = importance_weights(propensity, OffPolicyConfig(strength=1.0, clip=5.0), np.array([6.0, 3.0, 1.0]))
    mean = 0.6 * 1 + 0.3 * 4 + 0.1 * 5  # the third, 100, is cut at 5
    assert weights.weight.tolist() == pytest.approx([1 / mean, 4 / mean, 5 / mean])
    assert weights.largest == pytest.approx(5 / mean)
    assert weights.of_most_shown == pytest.approx(1 / mean)
    assert weights.share_clipped == pytest.approx(0.1)
    assert weights.effective_sample_size == pytest.approx(mean**2 / (0.6 * 1 + 0.3 * 16 + 0.1 * 25))
    assert weights.logit_bound == pytest.approx(np.log(5 / mean))


def test_strength_zero_changes_nothing() -> None:
    propensity = Propensity(np.array([1.0, 0.25, 0.01]), "exposure propensity")
    weights = importance_weights(propensity, OffPolicyConfig(strength=0.0), np.array([6.0, 3.0, 1.0]))
    assert weights.weight.tolist() == pytest.approx([1, 1, 1])
    assert weights.effective_sample_size == pytest.approx(1)
    assert weights.share_clipped == 0


def test_a_video_outside_the_positives_has_a_weight_but_no_say() -> None:
    propensity = Propensity(np.array([1.0, 0.5, 1e-3]), "popularity proxy")
    weights = importance_weights(propensity, OffPolicyConfig(strength=1.0, clip=20.0), np.array([1.0, 1.0, 0.0]))
    assert weights.weight.tolist() == pytest.approx([2 / 3, 4 / 3, 40 / 3])
    assert weights.largest == pytest.approx(4 / 3)
    assert weights.share_clipped == 0


def test_full_strength_undoes_a_planted_exposure_bias() -> None:
    draw = np.random.default_rng(3)
    n_videos, n_shown = 20, 200_000
    taste = draw.uniform(0.2, 0.8, n_videos)
    exposure = 0.7 ** np.arange(n_videos) + 0.01
    exposure /= exposure.sum()
    shown = np.sort(draw.choice(n_videos, n_shown, p=exposure)).astype(np.int32)
    engaged = draw.random(n_shown) < taste[shown]
    user = np.zeros(n_shown, np.int32)
    log = Interactions(1, n_videos, Events(user[engaged], shown[engaged]), Events(user, shown))
    config = OffPolicyConfig(strength=1.0, clip=1e6)
    positives = log.popularity.astype(np.float64)
    corrected = positives * importance_weights(Propensity.from_log(log, config), config, positives).weight
    truth = taste / taste.sum()
    off = [np.abs(estimate / estimate.sum() - truth).sum() for estimate in (positives, corrected)]
    assert off[1] < 0.05 < 0.5 < off[0]


def test_smoothing_is_the_configured_count(events: MakeEvents) -> None:
    log = Interactions(2, 3, events((0, 0), (0, 1), (1, 0)), events((0, 0), (0, 1), (0, 2), (1, 0)))
    heavy = OffPolicyConfig(smoothing=10.0)
    assert Propensity.from_log(log, heavy).value.tolist() == pytest.approx([1, 11 / 12, 11 / 12])
    proxy = Propensity.from_log(log, OffPolicyConfig(smoothing=0.5, propensity="popularity", gamma=3.0))
    assert proxy.value.tolist() == pytest.approx([1, 1.5**2 / 2.5**2, 0.5**2 / 2.5**2])


def test_learned_needs_the_catalogue_and_says_what_it_learned_from(events: MakeEvents, catalog: Catalog) -> None:
    engaged = events((0, 0), (0, 1), (1, 0), (1, 5))
    learned = OffPolicyConfig(propensity="learned")
    assert Propensity.from_log(Interactions(2, 6, engaged), learned, catalog).kind == "popularity proxy, learned"
    assert Propensity.from_log(Interactions(2, 6, engaged, engaged), learned, catalog).kind == (
        "exposure propensity, learned"
    )
    with pytest.raises(DataError, match="received no catalogue"):
        Propensity.from_log(Interactions(2, 6, engaged), learned)


def test_logged_propensities_are_not_used() -> None:
    user, row = np.zeros(3, np.int32), np.array([0, 0, 1], np.int32)
    shown = Events(user, row, propensity=np.array([0.001, 0.001, 0.9], np.float32))
    log = Interactions(1, 2, Events(user, row), shown)
    assert Propensity.from_log(log, OffPolicyConfig()).value.tolist() == pytest.approx([1, 2 / 3])


def test_without_self_normalisation_weights_keep_their_own_scale() -> None:
    propensity = Propensity(np.array([1.0, 0.25, 0.01]), "exposure propensity")
    positives = np.array([6.0, 3.0, 1.0])
    plain = importance_weights(propensity, OffPolicyConfig(strength=1.0, clip=5.0, self_normalise=False), positives)
    scaled = importance_weights(propensity, OffPolicyConfig(strength=1.0, clip=5.0), positives)
    assert plain.weight.tolist() == pytest.approx([1, 4, 5])
    assert plain.unclipped.tolist() == pytest.approx([1, 4, 100])
    assert scaled.unclipped.tolist() == pytest.approx([1 / 2.3, 4 / 2.3, 100 / 2.3])
    assert scaled.pair_share.tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert plain.effective_sample_size == pytest.approx(scaled.effective_sample_size)
    assert plain.logit_bound == pytest.approx(scaled.logit_bound)


def test_histogram_of_weights_by_hand() -> None:
    propensity = Propensity(np.array([1.0, 0.25, 0.01, 1e-9]), "exposure propensity")
    config = OffPolicyConfig(strength=1.0, clip=10.0, self_normalise=False)
    frame = weight_histogram_frame(importance_weights(propensity, config, np.array([6.0, 3.0, 1.0, 0.0])), bins=2)
    before = frame[frame[c.STAGE] == c.BEFORE]
    after = frame[frame[c.STAGE] == c.AFTER]
    for stage in (before, after):
        assert stage["left"].tolist() == pytest.approx([1, 10])  # from 1 to 100; the fourth ends no pair
        assert stage["right"].tolist() == pytest.approx([10, 100])
    assert before["share"].tolist() == pytest.approx([0.9, 0.1])
    assert after["share"].sum() == pytest.approx(1)
    flat = weight_histogram_frame(importance_weights(propensity, OffPolicyConfig(), np.ones(4)), bins=5)
    assert flat["share"].tolist() == [0, 0, 1, 0, 0] * 2
    with pytest.raises(ConfigError, match="received 0 bins"):
        weight_histogram_frame(importance_weights(propensity, config, np.ones(4)), bins=0)
