"""The ballot box: an append-only file for each pair of runs, one JSON object a line.

A vote is on the disk before the next ballot is shown. Nothing is ever rewritten: taking a vote back is a line too, and
a line that a crash cut short is skipped and counted.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from relvid_core.errors import DataError, RunError

Choice = Literal["left", "right", "none"]

FOLDER: Final = "votes"  # below the runs' home
ANONYMOUS: Final = "anonymous"
MAX_NAME: Final = 40
MAX_BYTES: Final = 50_000_000  # some 200,000 votes
_MAX_LINE: Final = 4_000
_MAX_VIDEO_ID: Final = 200
_RUN_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_VOTE_ID: Final = re.compile(r"[0-9a-f]{8,40}")
_TRASH: Final = ".trash"


@dataclass(frozen=True)
class Vote:
    """One answer."""

    vote_id: str
    seed_id: str  # video id of the seed
    left: str  # run ids
    right: str
    k: int  # videos in each list
    choice: Choice
    voter: str
    time: float  # seconds since 1970, UTC

    @property
    def preferred(self) -> str | None:
        """The run whose list was preferred, None for no preference."""
        return {"left": self.left, "right": self.right, "none": None}[self.choice]


@dataclass(frozen=True)
class Votes:
    """What a box holds: votes that were not taken back, in the order they were cast."""

    votes: tuple[Vote, ...]
    n_damaged: int  # lines that are no vote of this pair

    def of(self, voter: str) -> list[Vote]:
        """The votes of one voter."""
        return [vote for vote in self.votes if vote.voter == voter]


def voter_name(text: str) -> str:
    """A name as it is stored: one line of printable signs, at most 40; "anonymous" where nothing is left.

    >>> voter_name("  Ada\\n Lovelace "), voter_name("\\x00")
    ('Ada Lovelace', 'anonymous')
    """
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:1000]).split())
    return flat[:MAX_NAME].strip() or ANONYMOUS


class BallotBox:
    """The votes on one pair of runs, whichever of them is called A. `home` is the runs' home."""

    def __init__(self, home: Path, run: str, other: str) -> None:
        for run_id in (run, other):
            if not _RUN_ID.fullmatch(run_id):
                raise RunError(f"run id: received {run_id[:100]!r}; ids hold lower-case letters, digits, - and _ only")
        if run == other:
            raise RunError(f"vote: received run {run} twice; a ballot needs two different runs")
        self.runs: Final = frozenset((run, other))
        self._path: Final = home / FOLDER / f"{'--'.join(sorted(self.runs))}.jsonl"

    def secret(self) -> int:
        """The number that the order of ballots and sides follows from: drawn once for each box, and kept in it."""
        found = self._secret()
        if found is None:
            self._append({"kind": "box", "secret": secrets.randbits(62), "time": time.time()})
            found = self._secret()  # of two processes that came here at once, the first line counts
        if found is None:
            raise RunError(f"{self._path}: cannot be read back after writing. Check the disk.")
        return found

    def read(self) -> Votes:
        """Everything in the box. Raises DataError for a file that is too large or that the system refuses."""
        found: dict[str, Vote] = {}
        damaged = 0
        for line in self._lines():
            values = _object(line)
            kind = None if values is None else values.get("kind")
            if values is None or kind not in ("box", "vote", "undo"):
                damaged += 1
            elif kind == "undo":
                found.pop(str(values.get("vote_id")), None)
            elif kind == "vote":
                vote = _vote(values, self.runs)
                if vote is None:
                    damaged += 1
                else:
                    found.setdefault(vote.vote_id, vote)  # a click that arrived twice
        return Votes(tuple(found.values()), damaged)

    def cast(self, vote: Vote) -> None:
        """Write a vote to the disk; nothing changes if its id is in the box already. Raises RunError."""
        record: dict[str, object] = {"kind": "vote", **vote.__dict__}
        if _vote(record, self.runs) is None:
            raise RunError(f"vote: received {vote!r}, which is no vote on {' and '.join(sorted(self.runs))}")
        if all(vote.vote_id != other.vote_id for other in self.read().votes):
            self._append(record)

    def undo(self, voter: str) -> Vote | None:
        """Take a voter's last vote back and return it; None if there is none."""
        own = self.read().of(voter)
        if not own:
            return None
        self._append({"kind": "undo", "vote_id": own[-1].vote_id, "time": time.time()})
        return own[-1]

    def reset(self) -> str | None:
        """Empty the box and return the name under which `restore` finds what was in it; None if it was empty."""
        if not self._path.is_file():
            return None
        name = f"{self._path.stem}.{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}.jsonl"
        trash = self._path.parent / _TRASH
        try:
            trash.mkdir(exist_ok=True)
            os.replace(self._path, trash / name)
        except OSError as error:
            raise RunError(f"{self._path}: cannot be put aside ({error}). Check your rights to the folder.") from error
        return name

    def restore(self, name: str) -> None:
        """Undo `reset`: what was in the box stands before what was cast since. Raises RunError."""
        aside = self._path.parent / _TRASH / name
        if Path(name).name != name or not name.startswith(f"{self._path.stem}.") or not aside.is_file():
            raise RunError(f"vote: received {name[:200]!r}, which is not among the boxes put aside")
        draft = aside.with_name(f".{secrets.token_hex(8)}.jsonl")
        try:
            shutil.copyfile(aside, draft)
            if self._path.is_file():
                with draft.open("ab") as whole:
                    whole.write(b"\n" + self._path.read_bytes())
                    whole.flush()
                    os.fsync(whole.fileno())
            os.replace(draft, self._path)
            aside.unlink()
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise RunError(f"vote: {name} cannot be brought back ({error}). It is still in {aside.parent}.") from error

    def _secret(self) -> int | None:
        for line in self._lines():
            values = _object(line)
            if values is not None and values.get("kind") == "box" and type(values.get("secret")) is int:
                return int(str(values["secret"])) % 2**62
        return None

    def _lines(self) -> list[bytes]:
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise DataError(
                    f"{self._path}: larger than {MAX_BYTES:,} bytes, so it is no ballot box of ours. Move it away."
                )
            return [line for line in self._path.read_bytes().split(b"\n") if line.strip()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DataError(f"{self._path}: cannot be read ({error}). Check your rights to it.") from error

    def _append(self, record: Mapping[str, object]) -> None:
        """One write of one whole line, on the disk when this returns."""
        line = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            box = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                if os.lseek(box, 0, os.SEEK_END) and os.lseek(box, -1, os.SEEK_END) >= 0 and os.read(box, 1) != b"\n":
                    line = b"\n" + line  # a crash cut the last line short
                if os.write(box, line) != len(line):
                    raise OSError("the disk took only a part of the line")
                os.fsync(box)
            finally:
                os.close(box)
        except OSError as error:
            raise RunError(
                f"vote: it could not be written to {self._path} ({error}). Free some space, then vote again."
            ) from error


def _object(line: bytes) -> dict[str, object] | None:
    if len(line) > _MAX_LINE:
        return None
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _vote(values: Mapping[str, object], runs: frozenset[str]) -> Vote | None:
    """A vote from a line, None for anything that is not one."""
    texts = [values.get(name) for name in ("vote_id", "seed_id", "left", "right", "choice", "voter")]
    k, moment = values.get("k"), values.get("time")
    if not all(isinstance(text, str) for text in texts) or type(k) is not int or not 1 <= k <= 1000:
        return None
    vote_id, seed_id, left, right, choice, voter = map(str, texts)
    fits = (
        _VOTE_ID.fullmatch(vote_id)
        and 1 <= len(seed_id) <= _MAX_VIDEO_ID
        and {left, right} == runs
        and choice in get_args(Choice)
        and voter == voter_name(voter)
        and isinstance(moment, int | float)
        and 0 <= moment < 2**40
    )
    if not fits:
        return None
    chosen: Choice = "left" if choice == "left" else "right" if choice == "right" else "none"
    return Vote(vote_id, seed_id, left, right, k, chosen, voter, float(str(moment)))
