"""The log must be what the planted truth says it is, up to chance."""

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.errors import ConfigError
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.vocabulary import COMPLEMENTS, LEAVES, TOPS
from relvid_core.simulation.world import World


def rows(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Viewer, video and seed (−1 for none) of every exposure."""
    place = {video: row for row, video in enumerate(world.videos.frame[c.VIDEO_ID])}
    place[""] = -1
    viewer = world.log[c.USER_ID].str.removeprefix("viewer").astype(int).to_numpy()
    return viewer, world.log[c.VIDEO_ID].map(place).to_numpy(), world.log[c.SEED_ID].map(place).to_numpy()


def test_taxonomy_is_eight_by_six() -> None:
    assert len(TOPS) == 8
    assert all(sum(leaf.top == top for leaf in LEAVES) == 6 for top in TOPS)
    names = [leaf.name for leaf in LEAVES]
    assert len(set(names)) == 48
    assert len({leaf.slug for leaf in LEAVES}) == 48
    tops = {leaf.name: leaf.top for leaf in LEAVES}
    assert all(tops[a] != tops[b] for a, b in COMPLEMENTS)
    assert {name for pair in COMPLEMENTS for name in pair} == set(names)


def test_engagement_follows_its_probability(world: World) -> None:
    viewer, video, seed = rows(world)
    truth = world.truth
    probability = truth.affinity(np.arange(truth.n_viewers), np.arange(truth.n_videos))[viewer, video]
    fit = np.clip((truth.fit_factors[seed].astype(float) * truth.fit_factors[video]).sum(axis=1), 0, 1)
    probability = np.where(seed >= 0, probability * (1 - 0.5 + 0.5 * fit), probability)
    engaged = world.log[c.ENGAGEMENT].to_numpy()
    order = np.argsort(probability)
    for tenth in np.array_split(order, 10):
        expected, sd = (
            probability[tenth].mean(),
            np.sqrt((probability[tenth] * (1 - probability[tenth])).sum()) / len(tenth),
        )
        assert abs(engaged[tenth].mean() - expected) < 4 * sd


def test_first_slots_match_the_home_propensity(world: World) -> None:
    """Counts of every video in the first slot of a visit against the sum of its stored distribution."""
    viewer, video, seed = rows(world)
    first = ~world.log["session"].duplicated().to_numpy()
    assert (seed[first] == -1).all()
    home = world.truth.home_propensity(np.arange(world.truth.n_viewers))
    assert home.sum(axis=1) == pytest.approx(1.0)
    assert world.log[c.PROPENSITY].to_numpy()[first] == pytest.approx(home[viewer[first], video[first]], rel=1e-5)
    expected = home[viewer[first]].sum(axis=0)
    seen = np.bincount(video[first], minlength=world.truth.n_videos)
    variance = (home[viewer[first]] * (1 - home[viewer[first]])).sum(axis=0)
    z = (seen - expected) / np.sqrt(variance)
    assert np.abs(z).max() < 4.5
    assert z.std() == pytest.approx(1.0, abs=0.25)


def test_watch_next_propensity_leaves_out_what_was_shown(world: World) -> None:
    viewer, video, seed = rows(world)
    table = world.truth.next_propensity(np.arange(world.truth.n_videos))
    assert table.sum(axis=1) == pytest.approx(1.0)
    assert np.diag(table) == pytest.approx(0.0)
    session, stored = world.log["session"].to_numpy(), world.log[c.PROPENSITY].to_numpy()
    home = world.truth.home_propensity(np.arange(world.truth.n_viewers))
    for visit in np.unique(session)[:150]:
        before: list[int] = []
        for at in np.flatnonzero(session == visit):
            chance = (home[viewer[at]] if seed[at] < 0 else table[seed[at]]).copy()
            chance[before] = 0
            assert stored[at] == pytest.approx(chance[video[at]] / chance.sum(), rel=1e-4)
            assert video[at] not in before
            before.append(int(video[at]))


def test_inverse_propensity_counts_every_video_once_a_slot(world: World) -> None:
    """Σ 1/π over first slots estimates the number of visits for each video: the propensity is a probability."""
    _, video, _ = rows(world)
    first = ~world.log["session"].duplicated().to_numpy()
    weight = 1 / world.log[c.PROPENSITY].to_numpy()[first]
    common = world.truth.popularity > np.quantile(world.truth.popularity, 0.5)
    estimate = np.bincount(video[first], weights=weight, minlength=world.truth.n_videos)[common].mean()
    assert estimate == pytest.approx(first.sum(), rel=0.1)


def test_seed_is_the_last_engaged_video_of_the_visit(world: World) -> None:
    _, video, seed = rows(world)
    session, engaged = world.log["session"].to_numpy(), world.log[c.ENGAGEMENT].to_numpy()
    current, visit = -1, -1
    for at in range(3000):
        if session[at] != visit:
            current, visit = -1, session[at]
        assert seed[at] == current
        current = video[at] if engaged[at] else current


def test_popularity_is_quality_as_far_as_configured(world: World, fair_world: World) -> None:
    for made, share in ((world, 0.3), (fair_world, 0.9)):
        r = np.corrcoef(np.log(made.truth.popularity), made.truth.quality)[0, 1]
        assert r**2 == pytest.approx(share, abs=1e-3)
    shown = [np.bincount(rows(made)[1], minlength=96) for made in (world, fair_world)]
    r = [np.corrcoef(np.log1p(n), made.truth.quality)[0, 1] for n, made in zip(shown, (world, fair_world), strict=True)]
    assert r[1] > r[0] + 0.15


def test_only_popularity_differs_between_the_two_worlds(world: World, fair_world: World) -> None:
    assert world.videos.frame.equals(fair_world.videos.frame)
    assert np.array_equal(world.truth.viewer_factors, fair_world.truth.viewer_factors)
    assert np.array_equal(world.truth.quality, fair_world.truth.quality)
    assert not np.array_equal(world.truth.popularity, fair_world.truth.popularity)


def test_settings_out_of_range_are_named() -> None:
    with pytest.raises(ConfigError, match=r"world\.quality_in_popularity: received 1\.5"):
        WorldConfig(quality_in_popularity=1.5)
    with pytest.raises(ConfigError, match=r"world\.n_videos"):
        WorldConfig(n_videos=10)
