"""The catalogue: ids, defaults, hostile cells, and the way from id to row and back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.errors import DataError, UnknownVideo


def build(**columns: object) -> Catalog:
    return Catalog.from_frame(pd.DataFrame(columns), source="videos.csv")


def test_ids_are_text_and_rows_go_both_ways() -> None:
    catalog = build(video_id=[7, 3, 12])
    assert [catalog.row(name) for name in ("7", "3", "12")] == [0, 1, 2]
    assert [catalog.video_id(row) for row in range(len(catalog))] == ["7", "3", "12"]
    assert catalog.rows(["12", "7", "12"], source="log.csv").tolist() == [2, 0, 2]
    assert catalog.rows(pd.Series([" 12", "7 "], dtype="category"), source="log.csv").tolist() == [2, 0]
    assert catalog.rows([], source="log.csv").tolist() == []


def test_an_unknown_video_is_named_with_its_row_and_their_number() -> None:
    with pytest.raises(UnknownVideo, match=r"log\.csv: row 2: video 'x' is not in .* of 2 videos \(2 such rows\)"):
        build(video_id=["a", "b"]).rows(["a", "x", "b", "y"], source="log.csv")


def test_missing_texts_have_defaults() -> None:
    catalog = build(video_id=["a", "b"], title=[None, " "], description=["about a", None])
    assert catalog.titles == ["Video a", "Video b"]
    assert catalog.text == ["about a", ""]  # an id says nothing about a video
    assert catalog.frame["creator"].tolist() == ["", ""]
    assert np.isnan(catalog.frame["duration_s"]).all()
    assert catalog.thumbnail(0) is None


def test_the_input_frame_may_have_any_index() -> None:
    frame = pd.DataFrame({"video_id": ["a", "b"], "title": ["A", "B"], "topics": [(("x",),), ()]}, index=[9, 4])
    catalog = Catalog.from_frame(frame, source="videos.csv")
    assert catalog.titles == ["A", "B"]
    assert catalog.topics.labels(0) == ["x"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": ["a"]}, "no column 'video_id'; found id"),
        ({"video_id": []}, "no videos"),
        ({"video_id": ["a", " ", "b"]}, "row 2: empty video_id"),
        ({"video_id": ["a", None]}, "row 2: empty video_id"),
        ({"video_id": ["a", "b", " a"]}, "row 3: video_id 'a' was already used"),
        ({"video_id": ["a", "b\nc"]}, "row 2: video_id .* line break or control character"),
        ({"video_id": ["a", "b" * 201]}, "row 2: video_id .* longer than 200"),
        ({"video_id": ["a", "b"], "duration_s": ["9", "long"]}, "row 2, column duration_s: 'long' is not a number"),
        ({"video_id": ["a", "b"], "duration_s": [9, -1]}, "row 2, column duration_s: -1 is not a number of at least 0"),
        ({"video_id": ["a", "b"], "duration_s": [9, np.inf]}, "row 2, column duration_s: inf is not"),
        ({"video_id": ["a", "b"], "published_at": ["2024-05-31", "31/05/2024"]}, "row 2, column published_at: '31/05"),
        ({"video_id": ["a"], "thumbnail": ["../../etc/passwd"]}, "row 1, column thumbnail: .* leaves the thumbnail"),
        ({"video_id": ["a"], "thumbnail": ["/etc/passwd"]}, ".* leaves the thumbnail folder"),
        ({"video_id": ["a"], "thumbnail": ["..\\secret.png"]}, ".* leaves the thumbnail folder"),
        ({"video_id": ["a"], "thumbnail": ["file:///etc/passwd"]}, ".* leaves the thumbnail folder"),
        ({"video_id": ["a"], "thumbnail": ["a\0.png"]}, ".* leaves the thumbnail folder"),
    ],
)
def test_a_bad_catalogue_is_refused(columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(DataError, match=r"videos\.csv: " + message):
        build(**columns)


def test_a_thumbnail_must_lie_in_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "thumbnails"
    root.mkdir()
    (root / "a.png").write_bytes(b"picture")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (root / "b.png").symlink_to(tmp_path / "secret.png")
    frame = pd.DataFrame({"video_id": list("abcd"), "thumbnail": ["a.png", "b.png", "c.png", ""]})
    catalog = Catalog.from_frame(frame, source="videos.csv", thumbnail_root=root)
    assert catalog.thumbnail(0) == root / "a.png"
    assert [catalog.thumbnail(row) for row in (1, 2, 3)] == [None, None, None]


def test_the_fingerprint_follows_ids_texts_and_topics() -> None:
    base = {"video_id": ["a", "b"], "title": ["A", "B"], "topics": [(("x",),), ()]}
    first = build(**base).fingerprint
    assert first == build(**base).fingerprint
    changed = [
        {**base, "video_id": ["a", "c"]},
        {**base, "title": ["A", "b"]},
        {**base, "topics": [(), (("x",),)]},
        {**base, "thumbnail": ["a.png", ""]},
        {**base, "duration_s": [1, None]},
    ]
    assert len({first, *(build(**columns).fingerprint for columns in changed)}) == 6
