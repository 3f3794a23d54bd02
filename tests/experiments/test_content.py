"""Which encoders a config gets, that nothing is encoded twice, and that a run says what it read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.vector_files import VideoVectors
from relvid_core.encoders.content_store import ContentStore
from relvid_core.encoders.encoding_progress import EncodingProgress
from relvid_core.encoders.features import ContentFeatures
from relvid_core.errors import EncoderError
from relvid_core.experiments.content import content_key, encode_content
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain
from relvid_core.simulation.embeddings import SHIPPED_EMBEDDINGS
from relvid_core.simulation.loader import load_sample


@pytest.fixture
def pictured(planted: Dataset, tmp_path: Path) -> Dataset:
    """The planted videos with a picture in the colour of their topic; one is missing and one is no picture."""
    root = tmp_path / "thumbnails"
    root.mkdir()
    names = [f"{row}.png" for row in range(len(planted.catalog))]
    rng = np.random.default_rng(0)
    for row, name in enumerate(names[1:], start=1):
        paint = np.full((36, 64, 3), 40 * (row % 6), dtype=np.uint8) + rng.integers(0, 20, (36, 64, 3), dtype=np.uint8)
        Image.fromarray(paint).save(root / name)
    (root / names[5]).write_bytes(b"not a picture")
    frame = planted.catalog.frame.assign(**{c.THUMBNAIL: names})
    return replace(planted, catalog=replace(planted.catalog, frame=frame, thumbnail_root=root))


def encoded(dataset: Dataset, config: ExperimentConfig, store: ContentStore | None) -> tuple[ContentFeatures, int]:
    """The content, and for how many videos and modalities it was not at hand."""
    seen: list[EncodingProgress] = []
    content = drain(encode_content(dataset, config.towers, store), seen.append)
    return content, seen[-1].total - seen[-1].reused if seen else 0


def test_pictures_are_read_only_where_they_are_asked_for(pictured: Dataset, quick: ExperimentConfig) -> None:
    plain, _ = encoded(pictured, quick, None)
    assert [one.name for one in plain.modalities] == ["text"]
    both, _ = encoded(pictured, quick.with_values(towers__use_visual=True), None)
    assert [one.name for one in both.modalities] == ["text", "visual"]
    assert both.modalities[1].present.tolist() == [row not in (0, 5) for row in range(len(pictured.catalog))]
    assert both.notes == (
        "1 picture could not be used: '5.png' (not a picture of a known kind (JPEG, PNG, WEBP, GIF, BMP)).",
    )
    none, _ = encoded(replace(pictured, catalog=replace(pictured.catalog, thumbnail_root=None)), quick, None)
    assert [one.name for one in none.modalities] == ["text"]


def test_a_second_process_encodes_only_what_changed(pictured: Dataset, quick: ExperimentConfig, tmp_path: Path) -> None:
    config = quick.with_values(towers__use_visual=True)
    n = len(pictured.catalog)
    assert encoded(pictured, config, ContentStore(tmp_path / "store"))[1] == 2 * n
    first, missing = encoded(pictured, config, ContentStore(tmp_path / "store"))
    assert missing == 0
    assert pictured.catalog.thumbnail_root is not None
    Image.new("RGB", (64, 36), (255, 0, 200)).save(pictured.catalog.thumbnail_root / "7.png")
    second, missing = encoded(pictured, config, ContentStore(tmp_path / "store"))
    assert missing == 1
    changed = np.abs(second.modalities[1].matrix - first.modalities[1].matrix).max(axis=1) > 0
    assert np.flatnonzero(changed).tolist() == [7]


def test_a_cache_in_memory_notices_a_changed_picture(pictured: Dataset, quick: ExperimentConfig) -> None:
    config, cache = quick.with_values(towers__use_visual=True), PreparedCache()
    assert list(cache.encode(pictured, config))
    before = cache.get(pictured, config)
    assert not list(cache.encode(pictured, config))
    assert cache.get(pictured, config) is before
    assert pictured.catalog.thumbnail_root is not None
    Image.new("RGB", (64, 36), (0, 0, 200)).save(pictured.catalog.thumbnail_root / "9.png")
    assert list(cache.encode(pictured, config))
    after = cache.get(pictured, config)
    assert not np.array_equal(after.content.modalities[1].matrix[9], before.content.modalities[1].matrix[9])


def test_a_run_says_what_it_read_and_what_it_could_not(
    pictured: Dataset, quick: ExperimentConfig, tmp_path: Path
) -> None:
    store = RunStore(tmp_path / "runs")
    config = quick.with_values(towers__use_visual=True, towers__use_text=False)
    run = drain(train_run(pictured, config, cache=PreparedCache()))
    store.save(run)
    kept = store.load(run.info.run_id).info.content
    assert kept == run.info.content
    assert kept[0].startswith("visual: descriptor 1 (")
    assert kept[0].endswith("70 of 72 videos")
    assert "'5.png'" in kept[1]


def test_vectors_of_a_file_are_an_encoder_too(planted: Dataset, quick: ExperimentConfig, tmp_path: Path) -> None:
    config = quick.with_values(towers__text_encoder="file", towers__use_visual=True, towers__visual_encoder="file")
    with pytest.raises(EncoderError, match=r"Planted: the text encoder is set to “file”.*text_vectors\.parquet"):
        encoded(planted, config, None)
    matrix = np.eye(len(planted.catalog), 8, dtype=np.float32)
    own = VideoVectors(matrix, (tmp_path / "vectors.npy",))
    content, _ = encoded(replace(planted, vectors={"text": own, "visual": own}), config, None)
    assert [one.name for one in content.modalities] == ["text", "visual"]
    assert np.array_equal(content.modalities[1].matrix, matrix)
    assert content.modalities[0].present.sum() == 8


def test_the_key_follows_what_is_asked(planted: Dataset) -> None:
    plain = ExperimentConfig()

    def key(**changes: object) -> str:
        return content_key(planted, plain.with_values(**changes).towers)

    assert key() == key(towers__dim=8, towers__visual_encoder="clip", towers__use_text=False)
    others = [
        key(towers__text_dim=9),
        key(towers__text_encoder="sentence"),
        key(towers__use_visual=True),
        key(towers__use_visual=True, towers__visual_encoder="clip"),
        key(towers__use_visual=True, towers__visual_encoder="clip", towers__clip_weights="tag"),
    ]
    assert len({key(), *others}) == 6


def test_the_first_start_on_the_sample_world_encodes_nothing(tmp_path: Path) -> None:
    store = ContentStore(tmp_path, (SHIPPED_EMBEDDINGS,))
    content, missing = encoded(load_sample(), ExperimentConfig().with_values(towers__use_visual=True), store)
    assert missing == 0
    assert [one.name for one in content.modalities] == ["text", "visual"]
    assert all(one.present.all() for one in content.modalities)
