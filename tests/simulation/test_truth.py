import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from relvid_core.errors import DataError
from relvid_core.simulation.truth import Truth


def array(values: object) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


@pytest.fixture
def tiny() -> Truth:
    """Two viewers, three videos, two topics, small enough to work by hand."""
    return Truth(
        viewer_factors=array([[2, 0], [0, 2]]),
        viewer_profile=array([[1, 0], [0, 1]]),
        viewer_bias=array([0, 0.5]),
        video_factors=array([[1, 0], [1, 0], [0, 1]]),
        video_bias=array([-1, 0, -1]),
        fit_factors=array([[1, 0], [0.6, 0.8], [0, 1]]),
        quality=array([-1, 0, 1]),
        popularity=array([1, 0.25, 0.25]),
        context_gain=array(0.5),
        popularity_exponent=array(0.5),
        next_relevance=array(0.4),
        home_relevance=array(0.6),
    )


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_engage_probability_is_affinity_times_context(tiny: Truth) -> None:
    alone = tiny.engage_probability(np.array([0, 1]), np.array([0, 2]))
    assert alone == pytest.approx(np.array([[sigmoid(1), sigmoid(-1)], [sigmoid(-0.5), sigmoid(1.5)]]))
    beside = tiny.engage_probability(np.array([0]), np.array([1, 2]), seed=0)
    assert beside == pytest.approx(np.array([[sigmoid(2) * (0.5 + 0.5 * 0.6), sigmoid(-1) * 0.5]]))


def test_next_propensity_by_hand(tiny: Truth) -> None:
    # from video 0: pulls of 1 and 2 are 0.5 each; fits 0.6 and 0, to the fourth power
    assert tiny.next_propensity(np.array([0])) == pytest.approx(np.array([[0, 0.6 * 0.5 + 0.4 * 1.0, 0.6 * 0.5]]))


def test_home_propensity_by_hand(tiny: Truth) -> None:
    # trending: 1, 0.5, 0.5 of 2; for viewer 1 only video 2 matches the profile
    trending = [0.5, 0.25, 0.25]
    expected = [0.4 * trending[0], 0.4 * trending[1], 0.4 * trending[2] + 0.6]
    assert tiny.home_propensity(np.array([1])) == pytest.approx(np.array([expected]), abs=1e-7)


def test_related_engagement_is_the_viewers_weighted_mean(tiny: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    a = tiny.affinity(np.arange(2), np.arange(3))
    naive = np.zeros((3, 3))
    fit = np.array([[1, 0.6, 0], [0.6, 1, 0.8], [0, 0.8, 1]])
    for i in range(3):
        for j in range(3):
            mean = sum(a[v, i] * a[v, j] for v in range(2)) / sum(a[v, i] for v in range(2))
            naive[i, j] = mean * (0.5 + 0.5 * fit[i, j])
    assert tiny.related_engagement(np.arange(3)) == pytest.approx(naive)
    monkeypatch.setattr("relvid_core.simulation.truth._CHUNK_CELLS", 1)
    assert tiny.related_engagement(np.array([2, 0]), np.array([1])) == pytest.approx(naive[[2, 0]][:, [1]])


def test_related_engagement_ignores_popularity(tiny: Truth) -> None:
    other = replace(tiny, popularity=array([0.01, 1, 0.5]))
    assert np.array_equal(other.related_engagement(np.arange(3)), tiny.related_engagement(np.arange(3)))


def test_file_round_trip(tiny: Truth, tmp_path: Path) -> None:
    path = tmp_path / "truth.safetensors"
    path.write_bytes(tiny.to_bytes())
    again = Truth.from_file(path)
    assert np.array_equal(again.viewer_factors, tiny.viewer_factors)
    assert float(again.context_gain) == 0.5
    assert again.to_bytes() == tiny.to_bytes()


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 40, b"\x08\x00\x00\x00\x00\x00\x00\x00notjson!"])
def test_damaged_files_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "truth.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"truth\.safetensors.*python -m relvid_core\.simulation"):
        Truth.from_file(path)


def test_inconsistent_arrays_are_refused(tiny: Truth, tmp_path: Path) -> None:
    path = tmp_path / "truth.safetensors"
    path.write_bytes(replace(tiny, video_factors=array([[1, 0], [0, 1]])).to_bytes())
    with pytest.raises(DataError, match="video_factors"):
        Truth.from_file(path)
    path.write_bytes(replace(tiny, quality=array([math.nan, 0, 0])).to_bytes())
    with pytest.raises(DataError, match="quality"):
        Truth.from_file(path)
    save_file({"quality": array([1])}, path)
    with pytest.raises(DataError, match="holds quality; expected viewer_factors"):
        Truth.from_file(path)


def test_engagement_of_lists_is_the_matrix_at_the_lists(tiny: Truth) -> None:
    seeds, rows = np.array([2, 0]), np.array([[1, 0], [2, 1]])
    wanted = np.take_along_axis(tiny.related_engagement(seeds), rows, axis=1)
    assert tiny.engagement_of_lists(seeds, rows) == pytest.approx(wanted, rel=1e-6)
