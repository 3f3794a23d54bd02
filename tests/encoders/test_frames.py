"""The pictures of a video, found by a rule that cannot leave the folder, and pooled into one vector."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.encoders.frames import attention_pooled, frames_of, mean_pooled, unit


def catalog(root: Path | None, *thumbnails: str) -> Catalog:
    ids = [f"v{place}" for place in range(len(thumbnails))]
    frame = pd.DataFrame({"video_id": ids, "thumbnail": list(thumbnails)})
    return Catalog.from_frame(frame, source="videos.csv", thumbnail_root=root)


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def test_the_thumbnail_comes_first_and_the_folder_of_its_name_after(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/a/10.png", "t/a/2.png", "t/a/notes.txt", "t/a/.hidden.png", "t/b.jpg", "t/a_1.jpg")
    found = frames_of(catalog(tmp_path, "t/a.jpg", "t/b.jpg", "", "t/gone.jpg"))
    names = [[path.relative_to(tmp_path.resolve()).as_posix() for path in frames] for frames in found]
    assert names == [["t/a.jpg", "t/a/2.png", "t/a/10.png"], ["t/b.jpg"], [], []]
    assert frames_of(catalog(None, "t/a.jpg")) == [()]


def test_at_most_sixteen_evenly_spread(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", *(f"a/{place}.jpg" for place in range(29)))
    (frames,) = frames_of(catalog(tmp_path, "a.jpg"))
    assert len(frames) == 16
    assert [int(path.stem) for path in frames[1:]] == list(range(0, 29, 2))


def test_nothing_leads_out_of_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "inside"
    touch(tmp_path, "inside/a.jpg", "inside/a/1.jpg", "inside/b.jpg", "outside/secret.jpg")
    (root / "a" / "2.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (root / "a" / "3.jpg").symlink_to(root / "b.jpg")
    (root / "a" / "4.jpg").mkdir()
    (root / "b").symlink_to(tmp_path / "outside")
    found = frames_of(catalog(root, "a.jpg", "b.jpg"))
    assert [[path.name for path in frames] for frames in found] == [["a.jpg", "1.jpg", "b.jpg"], ["b.jpg"]]


def test_the_mean_of_frames_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    found = mean_pooled(vectors, np.array([2, 2, 0]), 3)
    assert found == pytest.approx(np.array([[0.6, 0.8], [0, 0], [0.5**0.5, 0.5**0.5]]))
    assert found.dtype == np.float32
    opposite = np.array([[1, 0], [-1, 0]], dtype=np.float32)
    assert not mean_pooled(opposite, np.array([0, 0]), 1).any()
    assert mean_pooled(np.zeros((0, 4), np.float32), np.zeros(0, int), 2).tolist() == [[0] * 4] * 2


def test_attention_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    owner = np.array([0, 0, 1])
    queries = np.array([[5, 0], [1, 0]], dtype=np.float32)  # only their direction counts
    found = attention_pooled(vectors, owner, 2, temperature=0.5, queries=queries)
    heavy, light = np.exp(1 / 0.5), np.exp(0 / 0.5)
    expected = np.array([heavy, light]) / np.hypot(heavy, light)
    assert found == pytest.approx(np.array([expected, [0, 1]]))


def test_attention_against_a_loop() -> None:
    rng = np.random.default_rng(5)
    vectors = unit(rng.normal(size=(40, 8)))
    owner = np.sort(rng.integers(0, 9, 40))
    queries = rng.normal(size=(9, 8)).astype(np.float32)
    queries[3] = 0  # a video without text: its frames' mean asks
    found = attention_pooled(vectors, owner, 9, temperature=0.1, queries=queries)
    for video in range(9):
        mine = vectors[owner == video].astype(float)
        if not len(mine):
            assert not found[video].any()
            continue
        query = queries[video] if video != 3 else mine.mean(axis=0)
        weight = np.exp(mine @ query / np.sqrt(query @ query) / 0.1)
        pooled = (weight / weight.sum()) @ mine
        assert found[video] == pytest.approx(pooled / np.sqrt(pooled @ pooled), abs=1e-5)


def test_attention_ends() -> None:
    vectors = unit(np.random.default_rng(1).normal(size=(6, 4)))
    owner = np.zeros(6, dtype=np.int64)
    flat = attention_pooled(vectors, owner, 1, temperature=1e6)
    assert flat == pytest.approx(mean_pooled(vectors, owner, 1), abs=1e-4)
    sharp = attention_pooled(vectors, owner, 1, temperature=1e-4, queries=vectors[4:5])
    assert sharp == pytest.approx(vectors[4:5], abs=1e-6)
