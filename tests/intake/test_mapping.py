"""Guessing what a file is, and which column is which."""

from __future__ import annotations

import pandas as pd
import pytest

from relvid_core.intake.mapping import column_guesses, guess_columns, guess_role, role_guess
from relvid_core.intake.raw import RawTable, Role


def table(**columns: list[str]) -> RawTable:
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="row")
    return RawTable("t.csv", frame, 2, [])


N = 40
IDS = [f"x{i}" for i in range(N)]
TITLES = [f"How to bake bread number {i}" for i in range(N)]
USERS = [f"u{i % 7}" for i in range(N)]
SEEN = [f"x{i % 13}" for i in range(N)]
TIMES = [str(1_700_000_000 + i) for i in range(N)]


@pytest.mark.parametrize(
    ("role", "theirs", "cells", "ours"),
    [
        ("catalogue", "videoId", IDS, "video_id"),
        ("catalogue", "item_id", IDS, "video_id"),
        ("catalogue", "movieId", IDS, "video_id"),
        ("catalogue", "asset", IDS, "video_id"),
        ("catalogue", "VideoTitle", TITLES, "title"),
        ("catalogue", "name", TITLES, "title"),
        ("catalogue", "caption", TITLES, "title"),
        ("catalogue", "tags", ["a|b"] * N, "topics"),
        ("catalogue", "genre", ["Drama"] * N, "topics"),
        ("catalogue", "Category Name", ["Drama"] * N, "topics"),
        ("catalogue", "channelTitle", ["Me"] * N, "creator"),
        ("catalogue", "run-time", ["90"] * N, "duration_s"),
        ("catalogue", "releaseDate", ["2024-05-31"] * N, "published_at"),
        ("catalogue", "cover_image", ["a.jpg"] * N, "thumbnail"),
        ("log", "viewerId", USERS, "user_id"),
        ("log", "movieId", SEEN, "video_id"),
        ("log", "watched_at", TIMES, "timestamp"),
        ("log", "date", ["2024-05-31"] * N, "timestamp"),
        ("log", "watch_time", ["1.5"] * N, "engagement"),
        ("log", "liked", ["1"] * N, "engagement"),
        ("log", "clicks", ["3"] * N, "engagement"),
        ("log", "rating", ["4.5"] * N, "engagement"),
        ("log", "action_prob", ["0.2"] * N, "propensity"),
    ],
)
def test_names_are_understood(role: Role, theirs: str, cells: list[str], ours: str) -> None:
    assert guess_columns(table(**{theirs: cells}), role)[ours] == theirs


def test_contents_speak_where_names_do_not() -> None:
    found = guess_columns(table(a=IDS, b=TITLES, c=[f"p{i}.jpg" for i in range(N)], d=["2024-05-31"] * N), "catalogue")
    assert {ours: found[ours] for ours in ("video_id", "title", "thumbnail", "published_at")} == {
        "video_id": "a",
        "title": "b",
        "thumbnail": "c",
        "published_at": "d",
    }


def test_a_name_is_not_believed_against_the_cells() -> None:
    found = guess_columns(table(id=IDS, image=[f"colour {i}" for i in range(N)], date=["soon"] * N), "catalogue")
    assert found == {"video_id": "id", "title": "image"}


def test_no_column_is_used_twice() -> None:
    found = guess_columns(table(id=IDS, caption=TITLES), "catalogue")
    assert found["title"] == "caption"
    assert "description" not in found


def test_reasons_and_confidence() -> None:
    guesses = column_guesses(table(videoId=IDS, b=TITLES), "catalogue")
    assert guesses["video_id"].confidence > 0.9 > 0.6 > guesses["title"].confidence
    assert "videoId" in guesses["video_id"].reason
    assert guesses["title"].reason == "short texts of several words"


def test_roles() -> None:
    catalogue = table(movieId=IDS, title=TITLES, genres=["a|b"] * N)
    log = table(userId=USERS, movieId=SEEN, rating=["4"] * N, timestamp=TIMES)
    assert (guess_role(catalogue), guess_role(log)) == ("catalogue", "log")
    assert "userId" in role_guess(log).reason
    assert guess_role(table(x=["some long text without any id"] * N)) is None
    assert guess_role(table(user_id=USERS, session=USERS, item=SEEN)) == "log"


def test_an_empty_table_is_guessed_by_names() -> None:
    assert guess_columns(table(video_id=[], title=[]), "catalogue") == {"video_id": "video_id", "title": "title"}
