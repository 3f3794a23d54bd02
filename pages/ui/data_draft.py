"""The files that somebody is bringing: kept for this visit, in a folder of their own that goes when the visit ends."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import weakref
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import streamlit as st

from relvid_core.data.dataset import Dataset
from relvid_core.errors import DataError
from relvid_core.intake.clean import Cleaned
from relvid_core.intake.health import HealthReport
from relvid_core.intake.proposals import TopicProposal
from relvid_core.intake.raw import RawTable, Role

ROLES: Final[tuple[Role, Role]] = ("catalogue", "log")
PICTURES: Final = "pictures"  # the third slot
ENDINGS: Final = (".csv.gz", ".tsv.gz", ".txt.gz", ".csv", ".tsv", ".txt", ".parquet")
_DRAFT: Final = "data_draft"
_NO_PLACE: Final = "cannot be kept"
_FREE: Final = "Free some disk space and try again."
_CHUNK: Final = 1 << 20  # bytes


def new_token() -> str:
    """What tells this upload from every other."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Upload:
    """One table as it was read, and what its owner calls the file: for the eye only, never for a path."""

    called: str
    n_bytes: int
    table: RawTable
    token: str = field(default_factory=new_token)


@dataclass(frozen=True)
class Pictures:
    """A folder of thumbnails: unpacked from an archive into the draft's own folder, or one on this computer."""

    folder: Path
    called: str  # as its owner calls the archive or the folder, for the eye only
    said: str
    left_out: tuple[str, ...] = ()  # sentences on entries of the archive
    own: bool = False  # unpacked by us, so it goes with the draft


@dataclass(frozen=True)
class Settings:
    """What the check was made with; other settings make it stale."""

    columns: tuple[tuple[Role, tuple[tuple[str, str], ...]], ...]
    engagement_from: float | None
    uploads: tuple[str, ...]
    pictures: Path | None


@dataclass(frozen=True)
class Checked:
    """What would be stored, and what is to be said about it."""

    settings: Settings
    cleaned: Cleaned
    dataset: Dataset
    report: HealthReport


@dataclass
class Draft:
    """State of one import, from the first file to the last look before it is stored."""

    folder: Path | None = None  # made when the first file comes
    uploads: dict[Role, Upload] = field(default_factory=dict)
    pictures: Pictures | None = None
    checked: Checked | None = None
    proposal: TopicProposal | None = None
    names: list[str] = field(default_factory=list)  # of the proposed topics, as edited
    shown_names: list[str] = field(default_factory=list)  # those that the table of topics began with
    n_proposals: int = 0
    own_topics: Checked | None = None  # as it was before proposed topics were accepted
    _attempts: Counter[str] = field(default_factory=Counter)

    def keys(self, slot: str) -> str:
        """A part of widget keys: widgets about a slot begin afresh when another file comes into it."""
        return f"{slot}_{self._attempts[slot]}"

    def own_path(self, name: str) -> Path:
        """A path in a new folder of this draft; `name` is ours, not a user's. Raises DataError without disk space."""
        try:
            if self.folder is None:
                self.folder = Path(tempfile.mkdtemp(prefix="relvid-"))
                weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)  # with the visit or the process
            place = self.folder / uuid.uuid4().hex
            place.mkdir()
        except OSError as error:
            raise DataError(f"upload: {_NO_PLACE} ({error.strerror or error}). {_FREE}") from error
        return place / name

    def attempted(self, slot: str) -> None:
        """A file came or went, or was refused: its widgets begin afresh."""
        self._attempts[slot] += 1

    def put(self, role: Role, upload: Upload) -> None:
        """Take a table in; what was checked before is void."""
        self.uploads[role] = upload
        self._changed(role)

    def drop(self, role: Role) -> None:
        """Take a table out again."""
        self.uploads.pop(role, None)
        self._changed(role)

    def swap(self) -> None:
        """The catalogue becomes the log and the other way round."""
        found = [self.uploads.pop(role, None) for role in ROLES]
        for role, upload in zip(reversed(ROLES), found, strict=True):
            if upload is not None:
                self.uploads[role] = upload
        for role in ROLES:
            self._changed(role)

    def set_pictures(self, pictures: Pictures | None) -> None:
        """Take thumbnails in, or out again."""
        old, self.pictures = self.pictures, pictures
        if old is not None and old.own:
            shutil.rmtree(old.folder, ignore_errors=True)
        self._changed(PICTURES)

    def check(self, checked: Checked) -> None:
        """Take the result of a check in."""
        self.checked, self.proposal, self.own_topics = checked, None, None

    def propose(self, proposal: TopicProposal) -> None:
        """Take proposed topics in, to be edited."""
        self.proposal, self.names = proposal, list(proposal.names)
        self.n_proposals += 1

    def accept_topics(self, checked: Checked) -> None:
        """`checked` has the proposed topics; what was before is kept."""
        self.own_topics, self.checked = self.checked, checked

    def take_topics_back(self) -> None:
        """Undo `accept_topics`; the proposal stays."""
        self.checked, self.own_topics = self.own_topics, None

    def _changed(self, slot: str) -> None:
        self.attempted(slot)
        self.checked = self.proposal = self.own_topics = None


def draft() -> Draft:
    """The draft of this visit, empty at first."""
    found = st.session_state.get(_DRAFT)
    if found is None:
        found = st.session_state[_DRAFT] = Draft()
    assert isinstance(found, Draft)
    return found


def discard() -> None:
    """Forget the files; the next `draft` is empty."""
    old = st.session_state.pop(_DRAFT, None)
    if old is not None and old.folder is not None:
        shutil.rmtree(old.folder, ignore_errors=True)


def ending(called: str) -> str:
    """Which of the known endings a file name has. Raises DataError for any other."""
    lowered = called.lower()
    found = next((known for known in ENDINGS if lowered.endswith(known)), None)
    if found is None:
        raise DataError(
            f"{called[-40:]!r}: not a kind of table that can be read. Give CSV, TSV or Parquet (text also as .gz)."
        )
    return found


def write_own(source: BinaryIO, path: Path) -> None:
    """Copy an upload into the draft's folder piece by piece. Raises DataError where the disk does not take it."""
    try:
        with path.open("xb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise DataError(f"upload: {_NO_PLACE} ({error.strerror or error}). {_FREE}") from error
