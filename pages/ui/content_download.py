"""One download of CLIP weights for the whole process: started because somebody asked, and stopped when they ask."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Literal

from relvid_core.encoders.clip_weights import download_weights
from relvid_core.errors import Cancelled, RelvidError

DownloadState = Literal["idle", "running", "done", "cancelled", "failed"]


@dataclass(frozen=True)
class DownloadStatus:
    """A snapshot: what is being fetched, and how far it is."""

    state: DownloadState = "idle"
    model: str = ""
    tag: str = ""
    received: int = 0  # bytes
    total: int | None = None  # bytes, if the hub says
    began: float = 0.0  # seconds since 1970, as is `ended`
    ended: float = 0.0
    error: str = ""


class WeightsDownload:
    """At most one at a time, in a thread. It goes on when a page or a session ends, as trainings do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = DownloadStatus()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def status(self) -> DownloadStatus:
        """How it stands."""
        with self._lock:
            return self._status

    def start(self, model: str, tag: str, timeout_s: float) -> None:
        """Begin, unless one is running. `timeout_s` is the longest silence of the hub."""
        with self._lock:
            if self._status.state == "running":
                return
            self._status = DownloadStatus("running", model, tag, began=time.time())
            self._stop.clear()
            self._thread = threading.Thread(
                target=self._fetch, args=(model, tag, timeout_s), name="weights", daemon=True
            )
            self._thread.start()

    def cancel(self) -> None:
        """Stop; nothing half-downloaded stays."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> DownloadStatus:
        """Block until the download has ended, or the timeout has."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.status()

    def _fetch(self, model: str, tag: str, timeout_s: float) -> None:
        state: DownloadState = "failed"  # by what no RelvidError tells: its traceback goes to the terminal
        error = "unexpected error; the terminal shows where"
        try:
            download_weights(model, tag, timeout_s=timeout_s, on_progress=self._note, cancel=self._stop.is_set)
            state, error = "done", ""
        except Cancelled:
            state, error = "cancelled", ""
        except (RelvidError, OSError) as fault:
            error = str(fault) or type(fault).__name__
        finally:
            with self._lock:
                self._status = replace(self._status, state=state, error=error, ended=time.time())

    def _note(self, received: int, total: int | None) -> None:
        with self._lock:
            self._status = replace(self._status, received=received, total=total)
