"""Which column of a user's file is which of ours: by its name, and by what its cells look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from relvid_core import columns as c
from relvid_core.data.files import shortened
from relvid_core.intake.numbers import as_numbers
from relvid_core.intake.raw import RawTable, Role
from relvid_core.intake.times import looks_like_times

CATALOGUE_COLUMNS: Final = (
    *(c.VIDEO_ID, c.TITLE, c.DESCRIPTION, c.TOPICS, c.CREATOR, c.DURATION_S, c.PUBLISHED_AT, c.THUMBNAIL),
)
LOG_COLUMNS: Final = (c.USER_ID, c.VIDEO_ID, c.TIMESTAMP, c.ENGAGEMENT, c.PROPENSITY)
REQUIRED: Final[Mapping[Role, tuple[str, ...]]] = {"catalogue": (c.VIDEO_ID,), "log": (c.USER_ID, c.VIDEO_ID)}

# Names that people use, most telling first; compared in small letters without anything but letters and digits.
_CATALOGUE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    c.VIDEO_ID: (
        *("videoid", "itemid", "movieid", "contentid", "assetid", "mediaid", "clipid", "showid", "productid"),
        *("photoid", "video", "item", "movie", "asset", "content", "vid", "iid", "id", "uuid", "guid", "key", "slug"),
    ),
    c.TITLE: ("title", "videotitle", "name", "videoname", "itemname", "movietitle", "headline", "caption", "label"),
    c.DESCRIPTION: (
        *("description", "desc", "videodescription", "overview", "summary", "synopsis", "abstract", "body", "text"),
        *("caption", "plot", "subtitle"),
    ),
    c.TOPICS: (
        *("topics", "topic", "genres", "genre", "categories", "category", "categoryname", "tags", "tag", "topictag"),
        *("keywords", "hashtags", "labels", "subjects", "section", "class"),
    ),
    c.CREATOR: (
        *(
            "creator",
            "channel",
            "channelname",
            "channeltitle",
            "channelid",
            "author",
            "authorid",
            "uploader",
            "publisher",
            "creatorid",
        ),
        *("owner", "studio", "director", "artist", "brand", "musician"),
    ),
    c.DURATION_S: (
        *("durations", "duration", "videoduration", "durationseconds", "durationsec", "length", "lengthseconds"),
        *("runtime", "durationms", "durationmillis", "videolength", "videodurationms"),
    ),
    c.PUBLISHED_AT: (
        *(
            "publishedat",
            "published",
            "publishdate",
            "publishtime",
            "uploaddate",
            "uploadtime",
            "uploaddt",
            "releasedate",
        ),
        *("released", "release", "createdat", "created", "creationdate", "date", "year", "releaseyear", "pubdate"),
    ),
    c.THUMBNAIL: (
        *("thumbnail", "thumbnails", "thumb", "thumbnailfile", "thumbnailpath", "image", "imagefile", "imagepath"),
        *("picture", "poster", "posterpath", "cover", "coverimage", "img", "photo", "filename", "file"),
    ),
}
_LOG_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    c.USER_ID: (
        *("userid", "user", "uid", "viewerid", "viewer", "memberid", "customerid", "accountid", "profileid"),
        *("visitorid", "deviceid", "personid", "sessionid", "session", "cookie", "member", "customer", "account"),
    ),
    c.VIDEO_ID: _CATALOGUE_NAMES[c.VIDEO_ID][:-4],
    c.TIMESTAMP: (
        *("timestamp", "ts", "watchedat", "viewedat", "eventtime", "time", "datetime", "eventtimestamp", "timems"),
        *("createdat", "startedat", "starttime", "watchdate", "viewdate", "playedat", "clickedat", "date", "unixtime"),
        *("epoch", "day", "when"),
    ),
    c.ENGAGEMENT: (
        *("engagement", "engaged", "watchratio", "watchpercent", "completion", "completionrate", "rating", "score"),
        *("liked", "like", "islike", "clicked", "click", "isclick", "clicks", "watchtime", "watchseconds", "watched"),
        *("watchduration", "playtime", "playduration", "playtimems", "views", "plays", "value", "stars", "longview"),
        *("reward", "label", "interest"),
    ),
    c.PROPENSITY: ("propensity", "probability", "prob", "actionprob", "pscore", "propensityscore", "showprob", "pctr"),
}
_PICTURE_FILE: Final = re.compile(r"(?i)[^<>\n]{1,300}\.(?:jpe?g|png|webp|gif|bmp)")
_DIGIT: Final = re.compile(r"\d")
_SAMPLE_ROWS: Final = 5_000
_READ_ROWS: Final = 200  # of these, read as numbers and times
_BY_NAME: Final = 0.6  # a guess by content alone never beats one by name


@dataclass(frozen=True)
class ColumnGuess:
    """One of our columns, the column of the file that it may be, and why."""

    ours: str
    theirs: str
    confidence: float  # 0 to 1; our own scale: above 0.8 name and content agree
    reason: str


@dataclass(frozen=True)
class RoleGuess:
    """What a file may be."""

    role: Role | None  # None: it looks like neither
    confidence: float
    reason: str


@dataclass(frozen=True)
class _Look:
    """What the cells of a column look like; shares are of the cells that are not empty."""

    filled: float
    values: int  # distinct ones
    distinct: float  # distinct values over cells
    numbers: float
    times: float
    pictures: float
    probabilities: float
    length: float  # mean characters
    words: float  # share of cells with a space
    ids: float  # share of cells that could be an id: short, no spaces


def guess_columns(table: RawTable, role: Role) -> dict[str, str]:
    """Our column name → the file's column, for the columns that are recognised; see `column_guesses` for reasons."""
    return {ours: guess.theirs for ours, guess in column_guesses(table, role).items()}


def column_guesses(table: RawTable, role: Role) -> dict[str, ColumnGuess]:
    """The best guess for each of our columns that has one. No column of the file is used twice."""
    return _best(_looks(table), role)


def _looks(table: RawTable) -> dict[str, _Look]:
    sample = table.frame.head(_SAMPLE_ROWS)
    return {str(name): _look(sample[name]) for name in sample.columns}


def _best(looks: Mapping[str, _Look], role: Role) -> dict[str, ColumnGuess]:
    names = _CATALOGUE_NAMES if role == "catalogue" else _LOG_NAMES
    options = [
        guess
        for ours in names
        for theirs, look in looks.items()
        if (guess := _guess(ours, theirs, look, names[ours], role)) is not None
    ]
    chosen: dict[str, ColumnGuess] = {}
    used: set[str] = set()
    for guess in sorted(options, key=_certainty, reverse=True):
        if guess.ours not in chosen and guess.theirs not in used:
            chosen[guess.ours] = guess
            used.add(guess.theirs)
    return {ours: chosen[ours] for ours in names if ours in chosen}


def guess_role(table: RawTable) -> Role | None:
    """Whether the file is a catalogue or a watch log; None where it looks like neither."""
    return role_guess(table).role


def role_guess(table: RawTable) -> RoleGuess:
    """What the file may be, with the reason: a log names users and repeats its videos, a catalogue does not."""
    looks = _looks(table)
    as_log, as_catalogue = _best(looks, "log"), _best(looks, "catalogue")
    user = as_log.get(c.USER_ID)
    texts = [ours for ours in (c.TITLE, c.DESCRIPTION, c.TOPICS) if _named(as_catalogue, ours)]
    unique = c.VIDEO_ID in as_catalogue and looks[as_catalogue[c.VIDEO_ID].theirs].distinct > 0.9
    if user is not None and user.confidence >= _BY_NAME and c.VIDEO_ID in as_log and not (texts and unique):
        return RoleGuess("log", user.confidence, f"column {shortened(user.theirs)} names users")
    if _named(as_catalogue, c.VIDEO_ID) and (texts or unique):
        what = "each video is there once" if unique else f"column {shortened(as_catalogue[texts[0]].theirs)} is text"
        return RoleGuess("catalogue", as_catalogue[c.VIDEO_ID].confidence, what)
    if user is not None and c.VIDEO_ID in as_log and not unique and not texts:
        return RoleGuess("log", 0.5 * user.confidence, "two columns of repeated ids")
    if c.VIDEO_ID in as_catalogue and (texts or unique):
        return RoleGuess("catalogue", 0.5, "the first column of unique values may be the id")
    return RoleGuess(None, 0.0, "no column looks like the ids of videos or of users")


def _named(guesses: Mapping[str, ColumnGuess], ours: str) -> bool:
    return ours in guesses and guesses[ours].confidence >= _BY_NAME


def _certainty(guess: ColumnGuess) -> float:
    return guess.confidence


def _look(cells: pd.Series) -> _Look:
    filled = cells[cells != ""]
    if filled.empty:
        return _Look(0.0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    read = filled.head(_READ_ROWS)
    texts = [str(text) for text in read]
    n = len(texts)
    values = int(filled.nunique())
    numbers = as_numbers(read)
    spaced = [" " in text or "\n" in text or "\u3000" in text for text in texts]
    with_digits = sum(_DIGIT.search(text) is not None for text in texts)
    return _Look(
        filled=len(filled) / max(1, len(cells)),
        values=values,
        distinct=values / len(filled),
        numbers=float(numbers.notna().mean()),
        times=looks_like_times(read, numbers) if with_digits >= 0.3 * n else 0.0,
        pictures=sum(_PICTURE_FILE.fullmatch(text) is not None for text in texts) / n,
        probabilities=float(((numbers > 0) & (numbers <= 1)).mean()),
        length=sum(map(len, texts)) / n,
        words=sum(spaced) / n,
        ids=sum(len(text) <= 100 and not space for text, space in zip(texts, spaced, strict=True)) / n,
    )


def _plain(name: str) -> str:
    """A column name as it is compared.

    >>> _plain("Video_ID"), _plain("watchedAt")
    ('videoid', 'watchedat')
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _guess(ours: str, theirs: str, look: _Look, names: tuple[str, ...], role: Role) -> ColumnGuess | None:
    fits, why = _content(ours, look, role)
    if fits < 0:
        return None
    plain = _plain(theirs)
    if plain in names:
        confidence = 0.95 - 0.2 * names.index(plain) / len(names)
        reason = f"called {shortened(theirs)}"
    elif (part := next((name for name in names if len(name) > 3 and name in plain), None)) is not None:
        confidence = 0.7 - 0.1 * names.index(part) / len(names)
        reason = f"its name holds “{part}”"
    elif fits > 0:
        return ColumnGuess(ours, theirs, 0.5 * fits, why)
    else:
        return None
    confidence = min(1.0, confidence + 0.05) if fits > 0 else confidence - 0.05
    return ColumnGuess(ours, theirs, confidence, f"{reason}; {why}" if fits > 0 else reason)


def _content(ours: str, look: _Look, role: Role) -> tuple[float, str]:
    """How well the cells fit, 0 to 1, with the reason; -1 where they cannot be it."""
    if look.filled == 0.0:
        return 0.0, "empty"
    is_id = look.ids > 0.9
    checks: dict[str, tuple[bool, bool, float, str]] = {  # cannot be · speaks for it · strength · words
        c.VIDEO_ID: (
            look.ids < 0.5,
            is_id and (role == "log" or look.distinct > 0.95) and look.pictures < 0.5 and look.times < 0.9,
            0.8 if role == "catalogue" else 0.4,
            "every value is there once" if role == "catalogue" else "short values without spaces",
        ),
        c.USER_ID: (
            look.ids < 0.5,
            is_id and look.distinct < 0.9 and look.times < 0.9,
            0.5,
            "short values that repeat",
        ),
        c.TITLE: (
            look.numbers > 0.9 or look.pictures > 0.5,
            look.words > 0.6 and 8 <= look.length <= 150 and look.distinct > 0.5,
            0.7,
            "short texts of several words",
        ),
        c.DESCRIPTION: (look.numbers > 0.9, look.words > 0.7 and look.length > 60, 0.8, "long texts"),
        c.TOPICS: (
            look.pictures > 0.5,
            look.values >= 3 and look.distinct < 0.5 and look.numbers < 0.1 and look.length < 80,
            0.4,
            "few, repeated values",
        ),
        c.CREATOR: (look.pictures > 0.5, False, 0.0, "names that repeat"),
        c.DURATION_S: (False, False, 0.0, "numbers"),
        c.PUBLISHED_AT: (look.times < 0.3, look.times > 0.9 and look.numbers < 0.5, 0.8, "dates"),
        c.THUMBNAIL: (look.pictures < 0.1, look.pictures > 0.8, 1.0, "names of picture files"),
        c.TIMESTAMP: (look.times < 0.3, look.times > 0.9, 0.8, "dates or times"),
        c.ENGAGEMENT: (look.numbers < 0.3, False, 0.0, "numbers"),
        c.PROPENSITY: (look.numbers < 0.3, look.probabilities > 0.9, 0.0, "numbers above 0, at most 1"),
    }
    cannot, speaks, strength, words = checks[ours]
    return (-1.0, "") if cannot else (strength if speaks else 0.0, words)
