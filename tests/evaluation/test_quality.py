"""Is popularity quality? Slopes on planted logs, and the words that go with them."""

import numpy as np
import numpy.typing as npt
import pytest

from relvid_core.data.interactions import Events, Interactions
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.quality import QualityReading, _verdict, rate_slope, read_quality

Floats = npt.NDArray[np.float64]
N = 1500


def counts(slope: float, seed: int, *, mean_shown: float, spread: float = 1.0) -> tuple[Floats, Floats]:
    """Engagements and exposures; the log rate rises by `slope` a standard deviation of the log exposure rate."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=N)
    x = (x - x.mean()) / x.std()
    shown = draw.poisson(mean_shown * np.exp(spread * x - spread**2 / 2))
    rate = np.clip(0.15 * np.exp(slope * x + draw.normal(0, 0.3, N)), 0, 1)
    return draw.binomial(shown, rate), shown


def log(engaged: Floats, shown: Floats | None, value: Floats | None = None) -> Interactions:
    """A log of one user with these counts; `value` is the mean value of each video's engagements."""
    row = np.repeat(np.arange(len(engaged)), engaged.astype(int)).astype(np.int32)
    values = None if value is None else value[row].astype(np.float32)
    events = Events(np.zeros(len(row), np.int32), row, value=values)
    if shown is None:
        return Interactions(1, len(engaged), events)
    row = np.repeat(np.arange(len(shown)), shown.astype(int)).astype(np.int32)
    return Interactions(1, len(engaged), events, Events(np.zeros(len(row), np.int32), row))


@pytest.mark.parametrize("slope", [-0.2, 0.0, 0.3])
def test_a_planted_slope_is_found_and_its_interval_holds(slope: float) -> None:
    held = 0
    for seed in range(60):
        found = rate_slope(*counts(slope, seed, mean_shown=100))
        held += found.low < slope < found.high
    assert held >= 51
    assert found.n == N


def test_thin_exposures_do_not_flatten_the_slope() -> None:
    """With 4 exposures a video a plain regression on log counts loses a third of the slope."""
    found, naive = [], []
    for seed in range(20):
        engaged, shown = counts(0.3, seed, mean_shown=4, spread=0.6)
        found.append(rate_slope(engaged, shown).mean)
        seen = shown > 0
        x = np.log(shown[seen])
        rate = engaged[seen] / shown[seen]
        per_log = np.polyfit(x, rate, 1, w=np.sqrt(shown[seen]))[0] / (engaged.sum() / shown.sum())
        naive.append(0.6 * per_log)  # the planted standard deviation of the log rate is 0.6
    assert np.mean(naive) < 0.22
    assert abs(np.mean(found) - 0.3) < 0.5 * abs(np.mean(naive) - 0.3)


def test_the_reading_takes_exposures_first_then_values() -> None:
    draw = np.random.default_rng(3)
    engaged, shown = counts(0.4, 1, mean_shown=60)
    assert read_quality(log(engaged, shown)).kind == "engagement rate by exposures"
    assert read_quality(log(engaged, shown)).verdict == "popularity is quality"
    by_value = read_quality(log(engaged, None, np.exp(0.3 * np.log(engaged + 1.0) + draw.normal(0, 0.1, N))))
    assert by_value.kind == "value of engagements by popularity"
    assert by_value.verdict == "popularity is quality"
    assert "weaker evidence" in by_value.sentence
    unrelated = read_quality(log(engaged, None, draw.uniform(1, 5, N)))
    assert unrelated.verdict == "cannot tell"  # the values of those who did not engage are not there
    assert "leaves it open" in unrelated.sentence


def test_luck_is_read_as_luck() -> None:
    found = read_quality(log(*counts(0.0, 5, mean_shown=60)))
    assert found.verdict == "popularity is luck"
    assert "correcting for popularity should help" in found.sentence


@pytest.mark.parametrize("value", [None, np.full(N, 3.0)])
def test_without_exposures_or_values_nobody_can_know(value: Floats | None) -> None:
    found = read_quality(log(counts(0.4, 1, mean_shown=60)[0], None, value))
    assert (found.kind, found.verdict) == ("nothing to go by", "cannot tell")
    assert np.isnan(found.slope.mean)
    assert "nobody can know" in found.sentence


def test_too_few_videos_are_said_to_be_too_few() -> None:
    found = read_quality(log(np.array([3, 1, 2]), np.array([9, 8, 30])))
    assert found.verdict == "cannot tell"
    assert "Too few videos" in found.sentence


def test_a_wide_interval_is_no_verdict() -> None:
    kind = "engagement rate by exposures"
    assert _verdict(kind, Estimate(0.0, -0.05, 0.05, 99)) == "popularity is luck"
    assert _verdict(kind, Estimate(0.0, -0.3, 0.3, 99)) == "cannot tell"
    assert _verdict(kind, Estimate(0.15, 0.14, 0.16, 99)) == "cannot tell"
    assert _verdict(kind, Estimate(0.25, 0.2, 0.3, 99)) == "popularity is quality"
    assert _verdict(kind, Estimate(0.25, 0.0, 0.5, 99)) == "cannot tell"


def test_the_sentence_says_how_much() -> None:
    found: QualityReading = read_quality(log(*counts(0.4, 1, mean_shown=60)))
    percent = round(100 * (np.exp(found.slope.mean) - 1))
    assert f"engaged with {percent} % more than an average one" in found.sentence
