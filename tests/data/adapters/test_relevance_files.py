"""Ratings and teacher vectors beside a dataset: read beside any format, and refused with the file and the cure."""

import contextlib
import io
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relvid_core.data import adapters
from relvid_core.data.adapters.relevance_files import with_relevance_files
from relvid_core.data.vector_files import read_npy
from relvid_core.errors import DataError, NotEnoughData, RelvidError, UnknownVideo

Folder = Callable[..., Path]
HEADER = "seed_id,candidate_id,grade\n"


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def test_nothing_there_changes_nothing(folder: Folder) -> None:
    dataset = adapters.load(folder("pairs"))
    assert (dataset.ratings, dataset.teacher) == (None, None)


def test_ratings_beside_any_format(folder: Folder) -> None:
    plain = adapters.load(folder("pairs"))
    dataset = adapters.load(folder("pairs", {"relevance.csv": HEADER + "a,b,0.5\nb,a,1\nc,c,1\nb,c,0\n"}))
    assert dataset.ratings is not None
    assert dataset.ratings.toarray().tolist() == [[0, 0.5, 0], [1, 0, 0], [0, 0, 0]]
    assert dataset.ratings.nnz == 3  # "rated 0" is kept
    assert "3 rated pairs" in dataset.notes[-1]
    assert "1 ratings of a video against itself" in dataset.notes[-1]
    assert dataset.fingerprint != plain.fingerprint
    kuairec = adapters.load(folder("kuairec", {"relevance.csv": HEADER + "0,1,0.5\n"}))
    assert kuairec.ratings is not None
    assert kuairec.ratings[0, 1] == 0.5


def test_the_rating_counts_in_the_fingerprint(folder: Folder) -> None:
    found = [
        adapters.load(folder("pairs", {"relevance.csv": HEADER + row})).fingerprint for row in ("a,b,0.5", "a,b,0.6")
    ]
    assert len(set(found)) == 2


@pytest.mark.parametrize(
    ("rows", "words", "error"),
    [
        ("", "no ratings.*Fill it in", NotEnoughData),
        ("a,b,1\na,c,1.5\n", r"row 2, column grade: found 1\.5, expected a number from 0 to 1.*Divide", DataError),
        ("a,b,1\na,c,-0.1\n", "row 2, column grade: found -0.1", DataError),
        ("a,b,nan\n", "row 1, column grade: found .*nan", DataError),
        ("a,b,good\n", "row 1, column grade: found 'good'", DataError),
        ("a,b,1\nb,a,1\na,b,0.5\n", "row 3: the pair 'a' and 'b' was already rated.*Keep one", DataError),
        ("a,b,1\na,ghost,1\n", "row 2: video 'ghost' is not in the catalogue", UnknownVideo),
        ("a,,1\n", "row 1.*empty", DataError),
        ("a,a,1\n", "against itself", NotEnoughData),
    ],
)
def test_bad_ratings(folder: Folder, rows: str, words: str, error: type[RelvidError]) -> None:
    with pytest.raises(error, match=r"relevance\.csv: .*" + words):
        adapters.load(folder("pairs", {"relevance.csv": HEADER + rows}))


def test_ratings_without_a_grade(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"relevance\.csv: no column 'grade'; found 'seed_id', 'candidate_id'"):
        adapters.load(folder("pairs", {"relevance.csv": "seed_id,candidate_id\na,b\n"}))


def test_a_teacher_as_a_matrix(folder: Folder) -> None:
    files = {"teacher.npy": npy(np.array([[3.0, 4.0], [0, 0]])), "teacher_ids.csv": "video_id\nc\na\n"}
    dataset = adapters.load(folder("pairs", files))
    assert dataset.teacher is not None
    assert dataset.teacher.dtype == np.float32
    assert dataset.teacher == pytest.approx(np.array([[0, 0], [0, 0], [0.6, 0.8]]))
    assert "2 videos have none" in dataset.notes[-1]
    other = adapters.load(folder("pairs", files | {"teacher_ids.csv": "video_id\na\nc\n"}))
    assert dataset.fingerprint != other.fingerprint


def test_a_teacher_as_a_table(folder: Folder) -> None:
    root = folder("pairs")
    frame = pd.DataFrame({"x": [1, 0, -2], "video_id": ["b", "a", "c"], "y": [0.0, 1e300, 0.0]})
    frame.to_parquet(root / "teacher.parquet")
    dataset = adapters.load(root)
    assert dataset.teacher is not None
    assert dataset.teacher.tolist() == [[0, 1], [1, 0], [-1, 0]]  # a huge number is no infinity
    assert "have none" not in dataset.notes[-1]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"video_id": ["a", "b"], "x": [1.0, np.nan]}, "row 2, column x: found nan"),
        ({"video_id": ["a", "b"], "x": [1.0, np.inf]}, "row 2, column x: found inf"),
        ({"video_id": ["a", "a"], "x": [1.0, 2.0]}, "row 2: video_id 'a' was already used"),
        ({"video_id": ["a", "ghost"], "x": [1.0, 2.0]}, "row 2: video 'ghost' is not in the catalogue"),
        ({"video_id": ["a"], "x": ["words"]}, "row 1, column x: found 'words', expected a number"),
        ({"video_id": ["a"]}, "found columns 'video_id'; expected"),
        ({"id": ["a"], "x": [1.0]}, "found columns 'id', 'x'; expected 'video_id'"),
        ({"video_id": ["a"], "x": [[1.0]]}, "column x: found type list"),
        ({"video_id": ["a"], "x": [0.0]}, "every vector is zero"),
        ({"video_id": pd.Series([], dtype=str), "x": pd.Series([], dtype=float)}, "holds no video"),
    ],
)
def test_bad_teacher_tables(folder: Folder, frame: dict[str, object], words: str) -> None:
    root = folder("pairs")
    pd.DataFrame(frame).to_parquet(root / "teacher.parquet")
    with pytest.raises(DataError, match=r"teacher\.parquet: .*" + words):
        adapters.load(root)


def claimed(descr: str, shape: str) -> bytes:
    """A file whose header claims this, followed by sixteen bytes."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return (
        b"\x93NUMPY\x01\x00"
        + len(header).to_bytes(2, "little")
        + header.encode()
        + b"\x80\x04]\x94(K\x01K\x02e."
        + b" " * 4
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"PK\x03\x04 an archive", "not a NumPy file"),
        (b"\x80\x04]\x94(K\x01K\x02e.", "not a NumPy file"),
        (claimed("|O", "(1, 2)"), "not a readable NumPy matrix"),
        (npy(np.ones((2, 2)))[:-1], "not a readable NumPy matrix"),
        (claimed("<f8", "(1000000000000, 8)"), "not a readable NumPy matrix"),
        (npy(np.ones(3)), r"shape \(3,\)"),
        (npy(np.ones((2, 2, 2))), r"shape \(2, 2, 2\)"),
        (npy(np.array([["a", "b"]])), "of type"),
        (npy(np.array([[1j]])), "of type"),
        (npy(np.array([[1.0, 2.0], [0.0, np.nan]])), "row 2, column 2: found nan"),
    ],
)
def test_bad_teacher_matrices(folder: Folder, content: bytes, words: str) -> None:
    files = {"teacher.npy": content, "teacher_ids.csv": "video_id\na\nb\n"}
    with pytest.raises(DataError, match=r"teacher\.npy: .*" + words):
        adapters.load(folder("pairs", files))


def test_teacher_ids_that_do_not_fit(folder: Folder) -> None:
    matrix = npy(np.ones((2, 2)))
    with pytest.raises(DataError, match=r"no teacher_ids\.csv"):
        adapters.load(folder("pairs", {"teacher.npy": matrix}))
    with pytest.raises(DataError, match=r"teacher_ids\.csv: 1 ids for the 2 rows of teacher\.npy"):
        adapters.load(folder("pairs", {"teacher.npy": matrix, "teacher_ids.csv": "video_id\na\n"}))
    with pytest.raises(UnknownVideo, match=r"teacher_ids\.csv: row 2: video 'ghost'"):
        adapters.load(folder("pairs", {"teacher.npy": matrix, "teacher_ids.csv": "video_id\na\nghost\n"}))


def test_two_teachers_are_one_too_many(folder: Folder) -> None:
    root = folder("pairs", {"teacher.npy": npy(np.ones((2, 2))), "teacher_ids.csv": "video_id\na\nb\n"})
    dataset = adapters.load(root)
    (root / "teacher.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"both teacher\.parquet and teacher\.npy are here. Keep one"):
        with_relevance_files(dataset, root)


@settings(max_examples=80)
@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_of_a_matrix(tmp_path_factory: pytest.TempPathFactory, content: bytes, real: bool) -> None:
    path = tmp_path_factory.mktemp("npy") / "teacher.npy"
    size = len(content).to_bytes(2, "little")
    path.write_bytes(b"\x93NUMPY\x01\x00" + size + content if real else content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns of headers in the style of Python 2
        with contextlib.suppress(RelvidError):
            assert read_npy(path).ndim == 2


def test_vectors_of_ones_own_encoders_come_with_the_dataset(folder: Folder) -> None:
    files = {"visual_vectors.npy": npy(np.array([[3.0, 4.0]])), "visual_vectors_ids.csv": "video_id\nc\n"}
    plain, found = adapters.load(folder("pairs")), adapters.load(folder("pairs", files))
    assert not plain.vectors
    assert set(found.vectors) == {"visual"}
    assert found.vectors["visual"].matrix == pytest.approx(np.array([[0, 0], [0, 0], [0.6, 0.8]]))
    assert found.notes[-1] == "visual_vectors.npy: visual vectors of 2 numbers. 2 videos have none."
    assert found.fingerprint != plain.fingerprint
