"""The learned propensity: shrinkage by hand, and nearer to a planted propensity than the counts."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.config import OffPolicyConfig
from relvid_core.data.behaviour_model import behaviour_features, fit_behaviour, gamma_shape
from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.propensity import Propensity
from relvid_core.data.topics import parse_topics
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.simulation.behaviour import SEED
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.world import World, make_world

Floats = npt.NDArray[np.float64]


def catalogue(n: int, **columns: object) -> Catalog:
    return Catalog.from_frame(pd.DataFrame({c.VIDEO_ID: [f"v{i}" for i in range(n)], **columns}), source="test")


def world_catalogue(world: World) -> Catalog:
    frame = world.videos.frame.copy()
    frame[c.TOPICS] = frame[c.TOPICS].map(parse_topics).astype(object)
    return Catalog.from_frame(frame, source="world")


def planted_propensity(world: World) -> Floats:
    """Exact mean over the log's slots of P(shown j | slot), repeats within a visit aside."""
    seeds = world.log[SEED].to_numpy()
    row = {video: i for i, video in enumerate(world.videos.frame[c.VIDEO_ID])}
    next_slots = np.bincount([row[s] for s in seeds[seeds != ""]], minlength=len(row))
    viewers = np.unique(world.log[c.USER_ID], return_inverse=True)[1]
    home_slots = np.bincount(viewers[seeds == ""], minlength=world.truth.n_viewers)
    shown = next_slots @ world.truth.next_propensity(np.arange(len(row)))
    shown = shown + home_slots @ world.truth.home_propensity(np.arange(world.truth.n_viewers))
    return shown / shown.sum()


def log_error(estimate: Floats, truth: Floats) -> float:
    """Mean squared error of log π; a common factor is nobody's error."""
    off = np.log(estimate) - np.log(truth)
    return float(((off - off.mean()) ** 2).mean())


def estimates(shown: npt.NDArray[np.int32], catalog: Catalog, *, smoothing: float = 1.0) -> tuple[Floats, Floats]:
    """Learned and counted propensities of a log with these exposures."""
    events = Events(np.zeros(len(shown), np.int32), np.sort(shown).astype(np.int32))
    log = Interactions(1, len(catalog), events, events)
    learned, counted = (
        Propensity.from_log(log, OffPolicyConfig(propensity=source, smoothing=smoothing), catalog).value
        for source in ("learned", "exposures")
    )
    return learned, counted


def test_thinned_logs_of_a_sample_world() -> None:
    """There the catalogue says nothing about exposure, and what is learned is how far to trust the counts.

    The posterior turns out as (n + a) with a near 1, so it ties with Laplace's n + 1, which it did not know of, and
    beats counts that are left nearly raw.
    """
    world = make_world(WorldConfig(n_videos=480, n_viewers=900, n_creators=96, seed=4))
    catalog, truth = world_catalogue(world), planted_propensity(world)
    rows = catalog.rows(world.log[c.VIDEO_ID], source="world")
    draw = np.random.default_rng(0)
    for per_video in (1, 3, 10):
        shown = draw.choice(rows, per_video * len(catalog), replace=False)
        learned, raw = estimates(shown, catalog, smoothing=0.1)
        _, laplace = estimates(shown, catalog)
        of_learned, of_raw, of_laplace = (log_error(p, truth) for p in (learned, raw, laplace))
        print(f"{per_video} a video: learned {of_learned:.3f}, counts + 0.1 {of_raw:.3f}, counts + 1 {of_laplace:.3f}")
        assert of_learned < 0.8 * of_raw
        assert of_learned < 1.05 * of_laplace


def test_learned_beats_every_fixed_smoothing_where_the_catalogue_tells_who_is_shown() -> None:
    draw = np.random.default_rng(6)
    topic, minutes = draw.integers(0, 12, 800), draw.lognormal(2, 1, 800)
    log_rate = draw.normal(0, 1, 12)[topic] - 0.5 * np.log(minutes) + draw.normal(0, 0.5, 800)
    truth = np.exp(log_rate) / np.exp(log_rate).sum()
    catalog = catalogue(800, topics=[((f"t{t}",),) for t in topic], duration_s=60 * minutes)
    for per_video, at_most in ((1, 0.6), (3, 0.7), (10, 0.8)):
        shown = draw.choice(800, 800 * per_video, p=truth).astype(np.int32)
        fixed = []
        for smoothing in (0.1, 0.3, 1.0, 3.0, 10.0):
            learned, counted = estimates(shown, catalog, smoothing=smoothing)
            fixed.append(log_error(counted, truth))
        print(f"{per_video} a video: learned {log_error(learned, truth):.3f}, best fixed smoothing {min(fixed):.3f}")
        assert log_error(learned, truth) < at_most * min(fixed)


def test_plain_shrinkage_by_hand_where_the_catalogue_says_nothing() -> None:
    counts = np.array([0, 1, 2, 30, 0, 5, 9, 1, 0, 2])
    model = fit_behaviour(counts, catalogue(10))
    a = model.dispersion
    by_hand = [(n + a) / (1 + a / mu) for n, mu in zip(counts, model.predicted, strict=True)]
    assert model.expected == pytest.approx(by_hand)
    assert (np.diff(model.expected[np.argsort(counts)]) > -1.0).all()
    assert model.expected[3] < 30
    assert model.expected[0] > 0


def test_no_prediction_has_seen_the_video_itself() -> None:
    counts = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    more = counts.copy()
    more[6] = 500
    before, after = (fit_behaviour(n, catalogue(10)).predicted for n in (counts, more))
    assert after[6] == pytest.approx(before[6])
    assert (after != before).sum() == 8  # those of the other four folds


def test_the_gamma_shape_is_found_and_none_is_needed_for_poisson_counts() -> None:
    draw = np.random.default_rng(2)
    mean = draw.lognormal(1, 0.5, 4000)
    spread = draw.poisson(mean * draw.gamma(2.0, 0.5, 4000)).astype(float)
    assert gamma_shape(spread, mean) == pytest.approx(2, rel=0.15)
    assert gamma_shape(draw.poisson(mean).astype(float), mean) > 20


def test_features_carry_over_to_unseen_videos() -> None:
    topics = [(("Hit",),) if i % 2 else (("Flop",),) for i in range(200)]
    counts = np.random.default_rng(1).poisson([8 if i % 2 else 1 for i in range(200)])
    model = fit_behaviour(counts, catalogue(200, topics=topics))
    assert model.predicted[1::2].mean() == pytest.approx(8, rel=0.2)
    assert model.predicted[0::2].mean() == pytest.approx(1, rel=0.4)


def test_missing_and_constant_columns_make_no_trouble() -> None:
    assert behaviour_features(catalogue(4)).shape == (4, 0)
    some = catalogue(
        4,
        duration_s=[60.0, None, 600.0, 6000.0],
        published_at=["2024-01-01", "2024-06-01", None, "2024-07-01"],
        creator=["a", "a", "", "b"],
    )
    features = behaviour_features(some)
    assert np.isfinite(features).all()
    assert features.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert features.std(axis=0) == pytest.approx(1)
    fit_behaviour(np.array([1, 0, 2, 9]), some)


def test_what_cannot_be_learned_from() -> None:
    with pytest.raises(DataError, match="counts of 3 videos for a catalogue of 2"):
        fit_behaviour(np.array([1, 2, 3]), catalogue(2))
    with pytest.raises(NotEnoughData, match="nothing was ever shown"):
        fit_behaviour(np.zeros(2, np.int64), catalogue(2))
    assert np.isfinite(fit_behaviour(np.array([7]), catalogue(1)).expected).all()
