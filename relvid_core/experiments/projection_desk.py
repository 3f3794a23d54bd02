"""Maps that were drawn, in memory and on disk, and those that are being drawn: one at a time, beside the pages."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import zipfile
from collections import OrderedDict
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

import numpy as np

from relvid_core.data.files import write_whole
from relvid_core.errors import RelvidError, RunError
from relvid_core.experiments.projection import Drawing, Projection, ProjectionSettings, Vectors, project
from relvid_core.runtime import drain

FOLDER: Final = "maps"  # below the runs' home
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_IN_MEMORY, _ON_DISK = 12, 60  # maps: 160 kB each at 20,000 videos
State = Literal["waiting", "drawing", "cancelled", "failed"]


@dataclass(frozen=True)
class Job:
    """A map that is not finished: being drawn, or stopped, or failed."""

    state: State
    drawing: Drawing = field(default_factory=partial(Drawing, 0.0, "Waiting for another map"))
    error: str = ""

    @property
    def busy(self) -> bool:
        """Whether it may still become a map."""
        return self.state in ("waiting", "drawing")


def map_key(source: str, vectors: Vectors, settings: ProjectionSettings) -> str:
    """The name of a map: what it is of (a run's id, "content"), the method, and a digest of vectors and settings.

    Raises RunError for a source that could not stand in a file's name.
    """
    if not _SOURCE.fullmatch(source):
        raise RunError(f"map: received source {source[:100]!r}; use small letters, digits, - and _ only")
    settings = settings.decisive
    digest = hashlib.sha256(np.ascontiguousarray(vectors).tobytes())
    digest.update(repr((vectors.shape, sorted(asdict(settings).items()))).encode())
    return f"{source}-{settings.method.lower()}-{digest.hexdigest()[:16]}"


class ProjectionDesk:
    """Finds maps and has them drawn. Safe for several threads; `root` is the runs' home."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # t-SNE takes all cores it gets: one map after another
        self._held: OrderedDict[str, Projection] = OrderedDict()
        self._jobs: dict[str, Job] = {}
        self._stopped: set[str] = set()

    def find(self, key: str, n_videos: int) -> Projection | None:
        """A finished map; None where there is none, or where its file is damaged: then it is drawn again."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        found = _read(self._folder / f"{key}.npz", n_videos)
        if found is not None:
            self._hold(key, found)
        return found

    def draw_now(self, key: str, vectors: Vectors, settings: ProjectionSettings) -> Projection:
        """The map, drawn while the caller waits: for PCA, which takes a moment. Raises as `project` does."""
        found = self.find(key, len(vectors))
        if found is None:
            with closing(project(vectors, settings.decisive)) as drawing:
                found = drain(drawing)
            self._hold(key, found)
        return found

    def start(self, key: str, vectors: Vectors, settings: ProjectionSettings) -> None:
        """Have a map drawn in the background; nothing happens if it is being drawn already."""
        with self._lock:
            if key in self._jobs and self._jobs[key].busy:
                return
            self._jobs[key] = Job("waiting")
            self._stopped.discard(key)
        threading.Thread(target=self._work, args=(key, vectors, settings.decisive), name="map", daemon=True).start()

    def job(self, key: str) -> Job | None:
        """How far a map is, or how it ended if not well; None for one that is finished or was never asked for."""
        with self._lock:
            return self._jobs.get(key)

    def cancel(self, key: str) -> None:
        """Stop drawing; its process ends within a moment, and nothing of it is kept."""
        with self._lock:
            self._stopped.add(key)

    def _work(self, key: str, vectors: Vectors, settings: ProjectionSettings) -> None:
        try:
            while not self._turn.acquire(timeout=0.1):
                if self._is_stopped(key):
                    self._end(key, Job("cancelled"))
                    return
            try:
                self._draw(key, vectors, settings)
            finally:
                self._turn.release()
        except (RelvidError, OSError, MemoryError, ValueError) as error:
            self._end(key, Job("failed", error=str(error) or type(error).__name__))

    def _draw(self, key: str, vectors: Vectors, settings: ProjectionSettings) -> None:
        drawing = project(vectors, settings)
        try:
            while not self._is_stopped(key):
                self._end(key, Job("drawing", next(drawing)))
            self._end(key, Job("cancelled"))
        except StopIteration as done:
            self._hold(key, done.value)
            self._end(key, None)
            _write(self._folder, key, done.value)
        finally:
            drawing.close()

    def _is_stopped(self, key: str) -> bool:
        with self._lock:
            return key in self._stopped

    def _end(self, key: str, job: Job | None) -> None:
        with self._lock:
            if job is None:
                self._jobs.pop(key, None)
            else:
                self._jobs[key] = job

    def _hold(self, key: str, found: Projection) -> None:
        with self._lock:
            self._held[key] = found
            self._held.move_to_end(key)
            while len(self._held) > _IN_MEMORY:
                self._held.popitem(last=False)


def _read(path: Path, n_videos: int) -> Projection | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            points, facts = found["points"], found["facts"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    fits = points.shape == (n_videos, 2) and points.dtype == np.float32 and np.isfinite(points).all()
    return Projection(points, float(facts[0]), float(facts[1])) if fits and facts.shape == (2,) else None


def _write(folder: Path, key: str, found: Projection) -> None:
    """Keep a map, and let the oldest go. Raises RunError if the disk refuses; the map is then in memory only."""
    packed = io.BytesIO()
    np.savez(packed, points=found.points, facts=np.array([found.trustworthiness, found.explained]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{key}.npz", packed.getvalue())
        kept = sorted(folder.glob("[!.]*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[_ON_DISK:]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"map: it was drawn, but cannot be kept in {folder} ({error}). Free some space, or set RELVID_HOME."
        ) from error
