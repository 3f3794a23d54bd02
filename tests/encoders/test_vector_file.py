"""Vectors that somebody computed elsewhere, as text or visual features of a dataset."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.data.vector_files import read_vectors
from relvid_core.encoders.contract import ModalityName
from relvid_core.encoders.features import Modality
from relvid_core.encoders.vector_file import modality_of
from relvid_core.errors import DataError, UnknownVideo


@pytest.fixture
def catalog() -> Catalog:
    return Catalog.from_frame(pd.DataFrame({"video_id": ["a", "b", "c"]}), source="videos.csv")


def read_modality(folder: Path, name: ModalityName, catalog: Catalog) -> Modality | None:
    found = read_vectors(folder, f"{name}_vectors", catalog)
    return None if found is None else modality_of(found, name)


def test_nothing_there(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "teacher.parquet").write_bytes(b"of another kind")
    assert read_modality(tmp_path, "text", catalog) is None
    assert read_modality(tmp_path, "visual", catalog) is None


def test_a_table(catalog: Catalog, tmp_path: Path) -> None:
    frame = pd.DataFrame({"video_id": ["c", "a"], "x": [3.0, 0.0], "y": [4, 0]})
    frame.to_parquet(tmp_path / "text_vectors.parquet")
    modality = read_modality(tmp_path, "text", catalog)
    assert modality is not None
    assert modality.matrix == pytest.approx(np.array([[0, 0], [0, 0], [0.6, 0.8]]))
    assert modality.present.tolist() == [False, False, True]
    assert modality.name == "text"
    assert modality.encoder.startswith("text_vectors.parquet (sha256 ")
    assert read_modality(tmp_path, "visual", catalog) is None


def test_a_matrix_with_its_ids(catalog: Catalog, tmp_path: Path) -> None:
    np.save(tmp_path / "visual_vectors.npy", np.array([[0, 2], [1, 0], [-3, 0]], dtype=np.float16))
    ids = tmp_path / "visual_vectors_ids.csv"
    ids.write_text("video_id\nb\na\nc\n")
    first = read_modality(tmp_path, "visual", catalog)
    assert first is not None
    assert first.matrix.tolist() == [[1, 0], [0, 1], [-1, 0]]
    assert first.matrix.dtype == np.float32
    ids.write_text("video_id\na\nb\nc\n")
    second = read_modality(tmp_path, "visual", catalog)
    assert second is not None
    assert second.encoder != first.encoder


def test_what_is_wrong_is_named(catalog: Catalog, tmp_path: Path) -> None:
    np.save(tmp_path / "text_vectors.npy", np.ones((2, 2)))
    with pytest.raises(DataError, match=r"text_vectors\.npy is here, but no text_vectors_ids\.csv"):
        read_modality(tmp_path, "text", catalog)
    (tmp_path / "text_vectors_ids.csv").write_text("video_id\na\nghost\n")
    with pytest.raises(UnknownVideo, match=r"text_vectors_ids\.csv: row 2: video 'ghost'"):
        read_modality(tmp_path, "text", catalog)
    (tmp_path / "text_vectors.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="both text_vectors"):
        read_modality(tmp_path, "text", catalog)
    (tmp_path / "text_vectors.npy").unlink()
    with pytest.raises(DataError, match=r"text_vectors\.parquet: not a readable Parquet file"):
        read_modality(tmp_path, "text", catalog)
