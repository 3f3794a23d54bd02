"""KuaiRec 2.0: an ordinary watch log (big matrix) and a fully observed one (small matrix) over the same videos.

Gao et al. 2022, KuaiRec (CIKM). Two layouts: the authors' own, and the compact subset that keeps only the pairs with a
watch ratio above 2 and has no times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.dataset import Dataset
from relvid_core.data.files import find_file, shortened
from relvid_core.data.interactions import Interactions
from relvid_core.data.tables import Layout, read_table
from relvid_core.data.topics import TopicPath
from relvid_core.errors import DataError

RECOGNISES = "KuaiRec: big_matrix.csv, or the compact big_matrix_watch_ratio_gt_2.csv (also .gz)"

_SUFFIXES = (".csv", ".csv.gz")
_FULL, _COMPACT = "big_matrix", "big_matrix_watch_ratio_gt_2"
_SMALL, _SMALL_COMPACT, _SMALL_VIDEOS = "small_matrix", "small_matrix_watch_ratio_gt_2", "small_matrix_videos"
_SMALL_USERS = "small_matrix_users"
_CAPTIONS, _CATEGORIES = "kuairec_caption_category", "item_categories"
_VIEWS = "n_views_watch_ratio_gt_2"
_RATIO = "watch_ratio"
_COMPACT_RATIO = 2.0
_LEVELS = ("first_level_category_name", "second_level_category_name", "third_level_category_name")
_MISSING = frozenset({"", "UNKNOWN", "-124"})
_CELLS_LAYOUT = Layout(line_end="\n")  # four captions hold a bare carriage return


def matches(folder: Path) -> bool:
    """Whether the folder holds a big matrix of either layout."""
    return find_file(folder, (_FULL, _COMPACT), _SUFFIXES) is not None


@dataclass(frozen=True)
class _Logs:
    log: Interactions
    truth: Interactions | None
    truth_rows: Rows | None
    notes: tuple[str, ...]


def load(folder: Path, *, ratio_above: float = 2.0) -> Dataset:
    """Views with a watch ratio above `ratio_above` as engagements; the small matrix as `truth`.

    Raises DataError if the compact subset is asked for another ratio than 2.
    """
    catalog = _catalog(folder)
    full = find_file(folder, (_FULL,), _SUFFIXES)
    logs = _full_logs(folder, catalog, full, ratio_above) if full else _compact_logs(folder, catalog, ratio_above)
    return Dataset(
        key="kuairec",
        title="KuaiRec 2.0",
        catalog=catalog,
        interactions=logs.log,
        truth=logs.truth,
        truth_kind=None if logs.truth is None else "fully observed",
        truth_rows=logs.truth_rows,
        notes=(*logs.notes, "Popularity here is largely quality: expect strong popularity correction to lose."),
        licence="CC BY-SA 4.0",
    )


def _required(folder: Path, stem: str) -> Path:
    path = find_file(folder, (stem,), _SUFFIXES)
    if path is None:
        raise DataError(f"{folder.name}: no {stem}.csv in this folder. Copy it from the KuaiRec release.")
    return path


def _full_logs(folder: Path, catalog: Catalog, big_at: Path, ratio_above: float) -> _Logs:
    big = read_table(big_at, {c.USER_ID: "id", c.VIDEO_ID: "id", _RATIO: "amount", c.TIMESTAMP: "amount"})
    log = _judged(big, catalog, big_at, ratio_above)
    notes = [
        f"An engagement is a view with a watch ratio above {ratio_above:g}; every view is an exposure, "
        "as the feed plays by itself."
    ]
    small_at = find_file(folder, (_SMALL,), _SUFFIXES)
    if small_at is None:
        return _Logs(log, None, None, (*notes, "No small_matrix.csv here, so there is no fully observed truth."))
    small = read_table(small_at, {c.USER_ID: "id", c.VIDEO_ID: "id", _RATIO: "amount"})  # some rows there have no time
    truth = _judged(small, catalog, small_at, ratio_above)
    notes.append("The truth is the small matrix, where nearly every user saw every video: its exposures are by design.")
    return _Logs(log, truth, np.unique(catalog.rows(small[c.VIDEO_ID], source=small_at.name)), tuple(notes))


def _judged(views: pd.DataFrame, catalog: Catalog, path: Path, ratio_above: float) -> Interactions:
    loved = views[_RATIO] > ratio_above
    shown = views.drop(columns=_RATIO).assign(**{c.ENGAGEMENT: loved.astype("float64")})
    return Interactions.from_frames(catalog, shown[loved.to_numpy()], shown, source=path.name)


def _compact_logs(folder: Path, catalog: Catalog, ratio_above: float) -> _Logs:
    if ratio_above != _COMPACT_RATIO:
        raise DataError(
            f"{folder.name}: the compact KuaiRec holds only views with a watch ratio above 2; "
            f"received {ratio_above:g}. Use 2, or the full release."
        )
    big_at = _required(folder, _COMPACT)
    big = read_table(big_at, {c.USER_ID: "id", c.VIDEO_ID: "id", _VIEWS: "amount"})
    log = Interactions.from_frames(catalog, big.rename(columns={_VIEWS: c.ENGAGEMENT}), source=big_at.name)
    notes = [
        "An engagement is a user and video with at least one view of a watch ratio above 2; "
        "its value is the number of such views.",
        "This subset has no times: the split is by chance within each user, and there are no exposures.",
    ]
    small_at = find_file(folder, (_SMALL_COMPACT,), _SUFFIXES)
    if small_at is None:
        return _Logs(log, None, None, (*notes, "No small matrix here, so there is no fully observed truth."))
    small = read_table(small_at, {c.USER_ID: "id", c.VIDEO_ID: "id"})
    truth = Interactions.from_frames(catalog, small, source=small_at.name)
    videos_at, users_at = _required(folder, _SMALL_VIDEOS), _required(folder, _SMALL_USERS)
    videos = read_table(videos_at, {c.VIDEO_ID: "id"})[c.VIDEO_ID]
    observed = np.unique(catalog.rows(videos, source=videos_at.name))
    viewers = read_table(users_at, {c.USER_ID: "id"})[c.USER_ID].unique()
    if not (np.isin(truth.engagements.row, observed).all() and small[c.USER_ID].isin(viewers).all()):
        raise DataError(
            f"{small_at.name}: holds cells outside {users_at.name} and {videos_at.name}. "
            "Copy all three from the same release."
        )
    truth = replace(truth, n_users=len(viewers))  # viewers who loved nothing are numbered last
    notes.append(
        f"The truth is the fully observed small matrix ({truth.n_users:,} users, {len(observed):,} videos): a user and "
        "one of these videos not listed there were seen and not loved."
    )
    return _Logs(log, truth, observed, tuple(notes))


def _catalog(folder: Path) -> Catalog:
    captions_at = find_file(folder, (_CAPTIONS,), _SUFFIXES)
    feats_at = find_file(folder, (_CATEGORIES,), _SUFFIXES)
    feats = _category_topics(feats_at) if feats_at else {}
    if captions_at is None:  # release 1.0 has categories only
        if feats_at is None:
            raise DataError(f"{folder.name}: neither {_CAPTIONS}.csv nor {_CATEGORIES}.csv here. Copy one of them.")
        ids = pd.Series(list(feats))
        frame = pd.DataFrame({c.VIDEO_ID: ids, c.TOPICS: pd.Series(list(feats.values()))})
        return Catalog.from_frame(frame, source=feats_at.name)
    cells = read_table(
        captions_at,
        {c.VIDEO_ID: "id", "manual_cover_text": "text", "caption": "text"},
        {"topic_tag": "text", **dict.fromkeys(_LEVELS, "text")},
        layout=_CELLS_LAYOUT,
    )
    texts = [_texts(cells[name]) for name in ("caption", "manual_cover_text")]
    hashtags = _texts(cells["topic_tag"].str.strip(" []\r\n").str.replace(",", " ")) if "topic_tag" in cells else None
    texts += [] if hashtags is None else [hashtags]
    ids = cells[c.VIDEO_ID].astype("str")
    title = texts[0].where(texts[0] != "", texts[1])
    others = texts[1].where((texts[1] != title), "")
    description = others if hashtags is None else (others + "\n" + hashtags).str.strip()
    levels = [_texts(cells[name]) for name in _LEVELS if name in cells]
    paths = [_path(parts) for parts in zip(*levels, strict=True)] if levels else [()] * len(cells)
    topics = [(path,) if path else feats.get(video_id, ()) for video_id, path in zip(ids, paths, strict=True)]
    frame = pd.DataFrame(
        {
            c.VIDEO_ID: ids,
            c.TITLE: title,
            c.DESCRIPTION: description,
            c.TOPICS: pd.Series(topics, dtype=object),
        }
    )
    return Catalog.from_frame(frame, source=captions_at.name)


def _texts(column: pd.Series) -> pd.Series:
    """One line each, with the release's marks for "none" taken out."""
    text = column.str.replace(r"\s+", " ", regex=True).str.strip()
    return text.where(~text.isin(_MISSING), "")


def _path(parts: tuple[str, ...]) -> TopicPath:
    """The category path down to the first level that is missing."""
    known = [bool(part) for part in parts]
    return parts[: known.index(False)] if False in known else parts


def _category_topics(path: Path) -> dict[str, tuple[TopicPath, ...]]:
    """Topics such as ("Category 8",) of every video, from cells such as "[27, 9]"."""
    table = read_table(path, {c.VIDEO_ID: "id", "feat": "text"})
    cells = table["feat"].str.strip()
    wrong = ~cells.str.fullmatch(r"\[?\s*(-?\d{1,9}(\s*,\s*-?\d{1,9})*)?\s*\]?")
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"{path.name}: row {row + 1}, column feat: found {shortened(cells.iat[row])}, expected numbers such as "
            "[27, 9]. Copy the file from the release again."
        )
    numbers = [[number for number in re.findall(r"-?\d+", cell) if number not in _MISSING] for cell in cells]
    topics = [tuple((f"Category {number}",) for number in dict.fromkeys(found)) for found in numbers]
    ids = table[c.VIDEO_ID].astype("str").tolist()
    if len(set(ids)) < len(ids):
        row = int(np.flatnonzero(pd.Series(ids).duplicated())[0])
        raise DataError(
            f"{path.name}: row {row + 1}: video_id {shortened(ids[row])} was already used. Delete the copies."
        )
    return dict(zip(ids, topics, strict=True))
