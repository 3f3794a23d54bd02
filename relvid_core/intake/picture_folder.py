"""A user's folder of thumbnails: what is in it, which cell means which file, and which files are pictures."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Final

from relvid_core.data.files import leaves_folder
from relvid_core.encoders.frames import SUFFIXES
from relvid_core.encoders.pictures import PictureFault, PictureLimits, read_picture
from relvid_core.errors import DataError
from relvid_core.intake.faults import FaultKind

LIMITS: Final = PictureLimits(max_bytes=20 * 2**20, max_pixels=40_000_000)
MAX_FILES: Final = 500_000
_READERS: Final = 4  # decoding releases the interpreter


class PictureFolder:
    """The files below a folder, found by walking it: a cell is looked up among them and never made into a path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files: dict[str, str] = {}  # name in small letters → name relative to the root
        self._by_end: dict[str, str | None] = {}  # last part → the same, None where two files share it
        self._by_stem: dict[str, str | None] = {}
        for name in _walk(root):
            self._files.setdefault(name.casefold(), name)
            end = PurePosixPath(name)
            for key, index in ((end.name, self._by_end), (end.stem, self._by_stem)):
                index[key.casefold()] = None if key.casefold() in index else name

    def __len__(self) -> int:
        return len(self._files)

    def find(self, cell: str) -> str | None:
        """The file that a cell means, relative to the root: by its path, else by its name alone if that is unique."""
        wanted = cell.replace("\\", "/").removeprefix("./").casefold()
        found = self._files.get(wanted)
        return found if found is not None else self._by_end.get(wanted.rsplit("/", 1)[-1])

    def named_like(self, video_id: str) -> str | None:
        """The picture that is called like the video."""
        return self._by_stem.get(video_id.casefold())

    def faults(self, names: list[str]) -> dict[str, FaultKind]:
        """Which of these files are no usable picture, and why."""
        distinct = list(dict.fromkeys(names))
        with ThreadPoolExecutor(_READERS) as pool:
            found = pool.map(self._fault, distinct)
            return {name: kind for name, kind in zip(distinct, found, strict=True) if kind is not None}

    def _fault(self, name: str) -> FaultKind | None:
        read = read_picture(self.root / name, LIMITS)
        if not isinstance(read, PictureFault):
            return None
        return "picture too large" if "allowed" in read.reason else "not a picture"


def _walk(root: Path) -> list[str]:
    """Picture files below the root, links left out. Raises DataError for too many."""
    found: list[str] = []
    for folder, folders, files in os.walk(root, followlinks=False):
        folders.sort()
        here = Path(folder)
        for name in sorted(files):
            path = here / name
            relative = path.relative_to(root).as_posix()
            if path.suffix.lower() in SUFFIXES and not leaves_folder(relative) and not path.is_symlink():
                found.append(relative)
        if len(found) > MAX_FILES:
            raise DataError(f"thumbnails: more than {MAX_FILES:,} pictures in the folder. Give a smaller folder.")
    return found
