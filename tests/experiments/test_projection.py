"""Maps: planted groups stay together, equal settings draw equal maps, drawing can be stopped, and files are checked."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from relvid_core.data.topics import Topics
from relvid_core.encoders.features import ContentFeatures, Modality
from relvid_core.errors import ConfigError, MissingDependency, NotEnoughData, RunError
from relvid_core.experiments import projection
from relvid_core.experiments.map_topics import REST, TopicGroups, make_up
from relvid_core.experiments.projection import (
    Projection,
    ProjectionSettings,
    Vectors,
    candidate_vectors,
    content_vectors,
    pca,
    project,
)
from relvid_core.experiments.projection_desk import ProjectionDesk, map_key

WAIT_S = 120.0
PCA = ProjectionSettings()


def groups(n: int = 60, dim: int = 12) -> tuple[Vectors, np.ndarray]:
    """Three tight groups of directions."""
    rng = np.random.default_rng(0)
    group = np.arange(n) % 3
    return (10 * np.eye(dim)[group] + rng.normal(size=(n, dim)) / 2).astype(np.float32), group


def drawn(vectors: Vectors, settings: ProjectionSettings) -> Projection:
    drawing = project(vectors, settings)
    while True:
        try:
            next(drawing)
        except StopIteration as done:
            return done.value


def separation(points: Vectors, group: np.ndarray) -> float:
    """The least distance of two groups' middles over the largest spread of a group."""
    middles = np.array([points[group == one].mean(axis=0) for one in range(3)])
    spread = max(np.linalg.norm(points[group == one] - middles[one], axis=1).mean() for one in range(3))
    apart = [np.linalg.norm(middles[i] - middles[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    return float(min(apart) / spread)


def wait_until(desk: ProjectionDesk, key: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while (job := desk.job(key)) is not None and job.busy:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_pca_finds_the_directions_of_largest_variance() -> None:
    # Along (1, 1, 0)/√2 the values are ±2, along (0, 0, 1) they are ±1, and nowhere else is any difference.
    vectors = np.array([[2, 2, 0], [-2, -2, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float32) + 5
    points, explained = pca(vectors, 2)
    wanted = [[8**0.5, 0], [-(8**0.5), 0], [0, 1], [0, -1]]
    np.testing.assert_allclose(points, wanted, atol=1e-5)
    assert explained == pytest.approx(1.0)
    assert pca(vectors, 1)[1] == pytest.approx(16 / 18)


def test_pca_of_equal_vectors_is_one_point() -> None:
    points, explained = pca(np.ones((9, 1), dtype=np.float32), 2)
    assert points.shape == (9, 2)
    assert not points.any()
    assert np.isnan(explained)


@pytest.mark.parametrize("settings", [PCA, ProjectionSettings("t-SNE", perplexity=10.0)], ids=["pca", "tsne"])
def test_planted_groups_stay_together_and_apart(settings: ProjectionSettings) -> None:
    vectors, group = groups()
    found = drawn(vectors, settings)
    assert found.points.shape == (60, 2)
    assert found.points.dtype == np.float32
    assert separation(found.points, group) > 3
    assert found.trustworthiness > 0.6  # between the groups PCA keeps everything, within them nothing


def test_tsne_draws_the_same_map_again() -> None:
    vectors, _ = groups(30)
    settings = ProjectionSettings("t-SNE", perplexity=5.0)
    assert np.array_equal(drawn(vectors, settings).points, drawn(vectors, settings).points)


def test_trust_is_lost_on_a_random_map() -> None:
    vectors, _ = groups(200)
    noise = np.random.default_rng(1).normal(size=(200, 2)).astype(np.float32)
    assert projection._trust(vectors, vectors[:, :2]) > projection._trust(vectors, noise)
    assert projection._trust(vectors, noise) == pytest.approx(0.5, abs=0.1)
    assert projection._trust(vectors, vectors) == 1.0


@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed")
def test_umap_keeps_planted_groups() -> None:
    vectors, group = groups()
    assert separation(drawn(vectors, ProjectionSettings("UMAP", n_neighbours=8)).points, group) > 3


def test_umap_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "has_umap", bool)  # bool() is False
    with pytest.raises(MissingDependency, match=r"pip install -r requirements-map\.txt"):
        drawn(groups()[0], ProjectionSettings("UMAP"))


def test_too_few_videos_and_broken_vectors_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="received 7 videos"):
        drawn(np.ones((7, 3), dtype=np.float32), PCA)
    with pytest.raises(RunError, match="NaN"):
        drawn(np.full((9, 3), np.nan, dtype=np.float32), PCA)


@pytest.mark.parametrize(
    "values", [{"method": "MDS"}, {"perplexity": 1.0}, {"n_neighbours": 1}, {"min_dist": 2.0}, {"seed": -1}]
)
def test_impossible_settings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="map: received"):
        ProjectionSettings(**values)


def test_a_failed_process_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "asdict", lambda settings: {"method": "MDS"})
    with pytest.raises(RunError, match=r"drawing with t-SNE failed \(code 1\).*received method 'MDS'"):
        drawn(groups()[0], ProjectionSettings("t-SNE"))


def test_progress_is_read_from_the_last_step() -> None:
    said = "[t-SNE] Iteration 50: error\n[t-SNE] Iteration 250: error = 3"
    assert projection._drawing(said, "t-SNE") == projection.Drawing(0.25, "Step 250 of 1,000")
    assert projection._drawing("Epochs completed:   0%| | Epochs completed:  40%| ", "UMAP") == projection.Drawing(
        0.4, "40 % of the rounds"
    )
    assert projection._drawing("[t-SNE] Computing neighbors", "t-SNE") is None


def test_heads_are_mixed_as_the_lists_mix_them() -> None:
    engagement, relevance = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)[::-1]
    heads = tuple(SimpleNamespace(candidate=vectors) for vectors in (engagement, relevance))
    config = SimpleNamespace(objective=SimpleNamespace(blend=0.64))
    run = SimpleNamespace(towers=SimpleNamespace(heads=heads), info=SimpleNamespace(config=config))
    vectors = candidate_vectors(run)  # type: ignore[arg-type]
    np.testing.assert_allclose(vectors @ vectors.T, 0.64 * np.eye(4) + 0.36 * np.eye(4), atol=1e-6)
    np.testing.assert_allclose(vectors[0], [0.8, 0, 0, 0, 0, 0, 0, 0.6], atol=1e-6)
    baseline = SimpleNamespace(towers=None, info=SimpleNamespace(label="popular"))
    with pytest.raises(RunError, match="'popular' is a baseline"):
        candidate_vectors(baseline)  # type: ignore[arg-type]


def test_content_stands_side_by_side() -> None:
    present = np.ones(3, dtype=bool)
    text = Modality("text", "t", np.eye(3, dtype=np.float32), present)
    none = Modality("visual", "v", np.zeros((3, 2), dtype=np.float32), ~present)
    assert content_vectors(ContentFeatures((text, none))).shape == (3, 3)
    with pytest.raises(NotEnoughData, match="no video has a text or a picture"):
        content_vectors(ContentFeatures((none,)))


def test_a_map_is_named_after_what_decides_it() -> None:
    vectors, _ = groups()
    tsne = ProjectionSettings("t-SNE")
    key = map_key("run-1", vectors, tsne)
    assert key.startswith("run-1-t-sne-")
    assert map_key("run-1", vectors, ProjectionSettings("t-SNE", n_neighbours=50)) == key  # not a setting of t-SNE
    others = [
        map_key("run-2", vectors, tsne),
        map_key("run-1", vectors + 1, tsne),
        map_key("run-1", vectors, ProjectionSettings("UMAP")),
        map_key("run-1", vectors, ProjectionSettings("UMAP", seed=1)),
        map_key("run-1", vectors, ProjectionSettings("t-SNE", perplexity=31.0)),
        map_key("run-1", vectors, PCA),
    ]
    assert len({key, *others}) == 7
    with pytest.raises(RunError, match="received source"):
        map_key("../x", vectors, tsne)


def test_a_drawn_map_outlives_the_desk_and_a_damaged_file_does_not_count(tmp_path: Path) -> None:
    vectors, _ = groups(30)
    settings = ProjectionSettings("t-SNE", perplexity=5.0)
    key, desk = map_key("run", vectors, settings), ProjectionDesk(tmp_path)
    assert desk.find(key, 30) is None
    desk.start(key, vectors, settings)
    desk.start(key, vectors, settings)  # once is enough
    wait_until(desk, key)
    found = desk.find(key, 30)
    assert found is not None
    assert desk.job(key) is None
    deadline = time.monotonic() + WAIT_S
    while not (file := tmp_path / "maps" / f"{key}.npz").is_file():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [path.name for path in (tmp_path / "maps").iterdir()] == [file.name]
    again = ProjectionDesk(tmp_path).find(key, 30)
    assert again is not None
    assert np.array_equal(again.points, found.points)
    assert again.trustworthiness == pytest.approx(found.trustworthiness)
    assert ProjectionDesk(tmp_path).find(key, 31) is None
    whole = file.read_bytes()
    for broken in (whole[:100], b"", b"PK" + whole[2:50], b"x" * 500):
        file.write_bytes(broken)
        assert ProjectionDesk(tmp_path).find(key, 30) is None


def test_drawing_stops_when_it_is_cancelled(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(4000, 20)).astype(np.float32)  # a minute of t-SNE
    settings = ProjectionSettings("t-SNE")
    desk = ProjectionDesk(tmp_path)
    keys = [map_key(source, vectors, settings) for source in ("first", "second")]
    for key in keys:
        desk.start(key, vectors, settings)
    deadline = time.monotonic() + WAIT_S
    while {job.state for key in keys if (job := desk.job(key)) is not None} != {"drawing", "waiting"}:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for key in keys:
        desk.cancel(key)
    began = time.monotonic()
    for key in keys:
        wait_until(desk, key)
        job = desk.job(key)
        assert job is not None
        assert job.state == "cancelled"
        assert desk.find(key, 4000) is None
    assert time.monotonic() - began < 20
    assert not (tmp_path / "maps").exists()


def test_a_disk_that_refuses_loses_the_file_and_not_the_map(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("in the way", encoding="utf-8")
    vectors, _ = groups(30)
    settings = ProjectionSettings("t-SNE", perplexity=5.0)
    key, desk = map_key("run", vectors, settings), ProjectionDesk(tmp_path)
    desk.start(key, vectors, settings)
    deadline = time.monotonic() + WAIT_S
    while (job := desk.job(key)) is None or job.busy:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert job.state == "failed"
    assert "cannot be kept" in job.error
    assert desk.find(key, 30) is not None


def test_pca_needs_no_waiting_and_is_drawn_once(tmp_path: Path) -> None:
    vectors, _ = groups()
    desk, key = ProjectionDesk(tmp_path), map_key("run", groups()[0], PCA)
    assert desk.draw_now(key, vectors, PCA) is desk.draw_now(key, vectors, PCA)
    assert desk.job(key) is None


def test_topics_are_grouped_by_their_top_level() -> None:
    topics = Topics.from_paths([[("b", "x")], [("b",), ("a",)], [("a",)], [("c",)], []])
    found = TopicGroups.of(topics, 2)
    assert found.names == ("b", "a")
    assert found.codes.tolist() == [0, 0, 1, REST, REST]
    counts, bare = make_up(np.array([0, 1, 3, 4], dtype=np.int32), topics)
    assert counts == [("b", 2), ("c", 1)]
    assert bare == 1
