"""The model hub: nothing is loaded from it by accident, and a download can always be stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from relvid_core.data.files import shortened
from relvid_core.errors import Cancelled, EncoderError

OnProgress = Callable[[int, int | None], None]  # bytes so far, bytes in all if known

_POLL_S: Final = 0.05
_START_S: Final = 60.0  # for the child to import its library, on a busy machine
_NOT_FOUND: Final = 3  # exit code of the child: the hub answers, and has no such file
_SPARE_BYTES: Final = 200 * 2**20  # that stay free on the disk
_LOCK: Final = threading.RLock()


@contextmanager
def offline() -> Iterator[None]:
    """Inside, model libraries answer from disk alone: what would need the hub fails at once instead of for minutes."""
    from huggingface_hub import constants

    with _LOCK:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = True
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before


def cache_folder(cache_dir: Path | None = None) -> Path:
    """Where the hub's library keeps what it downloaded (HF_HUB_CACHE, HF_HOME)."""
    from huggingface_hub import constants

    return Path(cache_dir or constants.HF_HUB_CACHE).expanduser().absolute()


def cached_file(repo: str, names: tuple[str, ...], cache_dir: Path | None = None) -> Path | None:
    """The first of `names` that the cache holds of a repository ("owner/name"); looks at the disk only."""
    from huggingface_hub import try_to_load_from_cache

    for name in names:
        found = try_to_load_from_cache(repo, name, cache_dir=cache_folder(cache_dir))
        if isinstance(found, str):
            return Path(found).absolute()
    return None


def download(
    repo: str,
    names: tuple[str, ...],
    *,
    timeout_s: float,
    cache_dir: Path | None = None,
    on_progress: OnProgress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> None:
    """Bring the first of `names` that the repository has into the cache, in a process of its own.

    `timeout_s` is the longest silence: without one new byte for so long, the process is ended. Whatever the end,
    nothing half-downloaded stays in the cache. Raises EncoderError, and Cancelled once `cancel()` is true.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise EncoderError(
            f"{repo}: not downloaded, because HF_HUB_OFFLINE is set. Unset it and start again, or copy the file here."
        )
    cache = cache_folder(cache_dir)
    folder = cache / f"models--{repo.replace('/', '--')}"
    before = _files(folder)
    command = [sys.executable, "-m", "relvid_core.encoders.hub", str(cache), str(timeout_s), repo, *names]
    with tempfile.TemporaryFile() as complaints:
        # Its standard input is held open and never written: when it closes, the parent is gone, and the child ends.
        child = subprocess.Popen(
            command,
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        done = False
        try:
            _watch(child, repo, folder, timeout_s, on_progress, cancel)
            done = child.returncode == 0
        finally:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()
            if not done:
                _sweep(cache, folder, before)
        if child.returncode == _NOT_FOUND:
            raise EncoderError(f"{repo}: the hub has no such weights there ({' or '.join(names)}). Choose another tag.")
        if not done:
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise EncoderError(
                f"{repo}: the model hub could not be reached or broke off ({shortened(lines[-1])}). Check the network, "
                "or download the weights elsewhere and name the file."
            )


def _watch(
    child: subprocess.Popen[str],
    repo: str,
    folder: Path,
    timeout_s: float,
    on_progress: OnProgress | None,
    cancel: Callable[[], bool] | None,
) -> None:
    """Return when the child has ended; raise when it must be."""
    said: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(child, said), daemon=True).start()
    patience, total, so_far = _START_S, None, -1
    heard = time.monotonic()
    while child.poll() is None:
        if cancel is not None and cancel():
            raise Cancelled(f"{repo}: the download was stopped; nothing of it was kept")
        while (line := _next(said)) is not None:
            heard, patience = time.monotonic(), timeout_s
            if line.startswith("size "):
                total = int(line[5:])
                _check_space(folder, repo, total)
        arrived = sum(path.stat().st_size for path in _arriving(folder))
        if arrived != so_far:
            heard, so_far = time.monotonic(), arrived
            if on_progress is not None:
                on_progress(arrived, total)
        if time.monotonic() - heard > patience:
            raise EncoderError(
                f"{repo}: the model hub was silent for {patience:g} s, and the download was given up. Check the "
                "network or HF_ENDPOINT, allow more seconds, or download the weights elsewhere and name the file."
            )
        time.sleep(_POLL_S)


def _listen(child: subprocess.Popen[str], said: SimpleQueue[str]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        said.put(line.strip())


def _next(said: SimpleQueue[str]) -> str | None:
    try:
        return said.get_nowait()
    except Empty:
        return None


def _check_space(folder: Path, repo: str, total: int) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if (free := shutil.disk_usage(there).free) < total + _SPARE_BYTES:
        raise EncoderError(
            f"{repo}: the weights have {total:,} bytes, and {free:,} are free in {there}. Free some space, or set "
            "HF_HUB_CACHE to a folder on another disk."
        )


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()} if folder.is_dir() else set()


def _arriving(folder: Path) -> list[Path]:
    return [path for path in folder.glob("blobs/*.incomplete") if path.is_file()]


def _sweep(cache: Path, folder: Path, before: set[Path]) -> None:
    """Take away what a stopped download left."""
    if not before:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(cache / ".locks" / folder.name, ignore_errors=True)
        return
    for path in _arriving(folder):
        if path not in before:
            path.unlink(missing_ok=True)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _child(cache: str, timeout_s: float, repo: str, names: list[str]) -> int:
    """What the other process does: it says "ready" and how many bytes will come. Any error ends it, its words last."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError

    patience_s = timeout_s + 5  # the parent speaks first, in clearer words
    print("ready", flush=True)
    for name in names:
        try:  # asked first, since this does not retry for half a minute where nobody answers
            metadata = get_hf_file_metadata(hf_hub_url(repo, name), timeout=patience_s)
        except (EntryNotFoundError, RepositoryNotFoundError):
            continue
        print(f"size {metadata.size or 0}", flush=True)
        hf_hub_download(repo, name, cache_dir=cache, etag_timeout=patience_s)
        return 0
    return _NOT_FOUND


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(_child(sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4:]))
