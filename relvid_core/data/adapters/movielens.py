"""MovieLens: ml-latest, ml-latest-small, 20M and 25M (comma-separated) and 1M (`::`).

Harper & Konstan 2015, The MovieLens Datasets (ACM TiiS 5:4).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.adapters.catalogue_file import parsed_topics
from relvid_core.data.catalog import Catalog
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import find_file
from relvid_core.data.interactions import Interactions
from relvid_core.data.tables import Layout, read_table
from relvid_core.data.topics import rarest_first
from relvid_core.errors import DataError

RECOGNISES = "MovieLens: ratings.csv and movies.csv (also .gz), or ratings.dat and movies.dat of the 1M release"

_CSV = (".csv", ".csv.gz")
_DAT = (".dat", ".dat.gz")
_NO_GENRE = "(no genres listed)"
_TAG_QUANTILE = 0.7  # of the ratings' times: where the default split ends its training window
_OURS = {"userId": c.USER_ID, "movieId": c.VIDEO_ID, "timestamp": c.TIMESTAMP, "title": c.TITLE}


def matches(folder: Path) -> bool:
    """Whether the folder holds a ratings file and a movies file of one of the two layouts."""
    return any(_find(folder, "ratings", kind) and _find(folder, "movies", kind) for kind in (_CSV, _DAT))


def load(folder: Path, *, like_from: float = 3.5) -> Dataset:
    """The ratings of at least `like_from` stars as engagements; genres as topics, early tags as description."""
    if _find(folder, "ratings", _CSV) or _find(folder, "movies", _CSV):
        ratings_at, movies_at = _required(folder, "ratings", _CSV), _required(folder, "movies", _CSV)
        ratings = read_table(ratings_at, {"userId": "id", "movieId": "id", "rating": "amount", "timestamp": "amount"})
        movies = read_table(movies_at, {"movieId": "id", "title": "text", "genres": "text"})
    else:
        ratings_at, movies_at = _required(folder, "ratings", _DAT), _required(folder, "movies", _DAT)
        ratings = read_table(
            ratings_at,
            {"userId": "id", "movieId": "id", "rating": "amount", "timestamp": "amount"},
            layout=_dat("userId", "movieId", "rating", "timestamp"),
        )
        movies = read_table(
            movies_at, {"movieId": "id", "title": "text", "genres": "text"}, layout=_dat("movieId", "title", "genres")
        )
    movies = movies.rename(columns=_OURS)
    genres = rarest_first(list(parsed_topics(movies["genres"].replace(_NO_GENRE, ""))))
    movies[c.TOPICS] = pd.Series(genres, index=movies.index, dtype=object)
    catalog = Catalog.from_frame(movies, source=movies_at.name)
    log = ratings.rename(columns=_OURS)
    catalog.rows(log[c.VIDEO_ID], source=ratings_at.name)  # before the threshold hides a row: nothing is half-loaded
    liked = log.loc[ratings["rating"] >= like_from, [c.USER_ID, c.VIDEO_ID, c.TIMESTAMP]]
    interactions = Interactions.from_frames(catalog, liked, source=ratings_at.name)
    notes = [
        "Genres are listed by the alphabet; the rarest of a film stands first here and is its primary topic.",
        f"An engagement is a rating of at least {like_from:g} stars: {len(liked):,} of {len(log):,} ratings.",
    ]
    if (tags_at := _find(folder, "tags", _CSV)) is not None:
        catalog, note = _with_tags(catalog, tags_at, log[c.TIMESTAMP].to_numpy())
        notes.append(note)
    notes.append("Ratings say what was rated, not what was shown: there are no exposures.")
    return Dataset(
        key="movielens",
        title="MovieLens",
        catalog=catalog,
        interactions=interactions,
        notes=tuple(notes),
        licence="GroupLens: research use, no commercial use, redistribution under the same conditions",
    )


def _find(folder: Path, stem: str, suffixes: tuple[str, ...]) -> Path | None:
    return find_file(folder, (stem,), suffixes)


def _required(folder: Path, stem: str, suffixes: tuple[str, ...]) -> Path:
    path = _find(folder, stem, suffixes)
    if path is None:
        raise DataError(f"{folder.name}: no {stem}{suffixes[0]} in this folder. Unpack the whole MovieLens release.")
    return path


def _dat(*names: str) -> Layout:
    return Layout(encoding="latin-1", separator="::", names=names)


def _with_tags(catalog: Catalog, path: Path, rated_at: npt.NDArray[np.float64]) -> tuple[Catalog, str]:
    """Descriptions from the tags given up to the cut; later ones would tell a model about its test window."""
    tags = read_table(path, {"userId": "id", "movieId": "id", "tag": "text", "timestamp": "amount"})
    row = catalog.rows(tags["movieId"], source=path.name)
    cut = float(np.quantile(rated_at, _TAG_QUANTILE))
    early = (tags["timestamp"] <= cut).to_numpy()
    counted = pd.DataFrame({"row": row, "tag": tags["tag"].str.strip().str.lower()})[early]
    counted = counted[counted["tag"] != ""].groupby(["row", "tag"], sort=True).size().rename("n").reset_index()
    counted = counted.sort_values(["row", "n"], ascending=[True, False], kind="stable")
    joined = counted.groupby("row")["tag"].agg(", ".join)
    description = joined.reindex(range(len(catalog))).fillna("").astype(catalog.frame[c.DESCRIPTION].dtype)
    day = pd.Timestamp(cut, unit="s").date()
    note = (
        f"Descriptions are the users' tags up to {day}, when 70 % of the ratings were in: {int(early.sum()):,} of "
        f"{len(tags):,} tags. With a split by user, a tag may still be younger than somebody's training window."
    )
    return replace(catalog, frame=catalog.frame.assign(**{c.DESCRIPTION: description.to_numpy()})), note
