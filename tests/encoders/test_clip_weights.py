"""Finding weights without the network, and downloading them from a hub that is well, wrong, silent or gone."""

import hashlib
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from relvid_core.encoders.clip_weights import architectures, download_weights, find_weights
from relvid_core.encoders.hub import offline
from relvid_core.errors import Cancelled, EncoderError

COMMIT = "c0ffee" * 6 + "c0ff"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < seconds


# --- finding ---------------------------------------------------------------------------------------------------------


def test_where_weights_are_found(published: Any) -> None:
    file = find_weights("relvid-tiny", str(published.safetensors))
    folder = find_weights("anything", published.folder)
    cached = find_weights("relvid-tiny", "planted", cache_dir=published.cache)
    assert [found.origin for found in (file, folder, cached)] == ["file", "folder", "cache"]
    expected = hashlib.sha256(published.safetensors.read_bytes()).hexdigest()
    assert {found.digest for found in (file, folder, cached)} == {expected}
    assert {found.embed_dim for found in (file, folder, cached)} == {32}
    assert find_weights("relvid-tiny", None, cache_dir=published.cache) == cached


def test_the_digest_follows_the_file(tiny_clip: Any, tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(b"one")
    before = find_weights(tiny_clip.name, path).digest
    path.write_bytes(b"another")
    assert find_weights(tiny_clip.name, path).digest == hashlib.sha256(b"another").hexdigest() != before


def test_open_clips_names_are_known(tiny_clip: Any) -> None:
    assert {"ViT-B-32", "RN50", tiny_clip.name} <= set(architectures())
    assert find_weights("ViT-B/32", tiny_clip.safetensors).model == "ViT-B-32"


@pytest.mark.parametrize(
    ("model", "weights", "words"),
    [
        ("ViT-B-23", "x.pt", r"no architecture 'ViT-B-23'.*Did you mean .*'ViT-B-32'"),
        ("vit-b-32", "x.pt", r"'vit-b-32'.*Did you mean 'ViT-B-32'"),
        ("../../etc/passwd", "x.pt", "no architecture"),
        ("x" * 10_000, "x.pt", "no architecture"),
        ("ViT-B-32", "gone.safetensors", r"gone\.safetensors: no such file"),
        ("ViT-B-32", "no/such/place", "no such file"),
        ("ViT-B-32", "notes.txt", "not a file of weights"),
        ("ViT-B-32", "empty.pt", r"empty \(0 bytes\)"),
        ("ViT-B-32", "", r"no weights were named.*give a file"),
        ("ViT-B-32", "laion2b_s34b_b79k", r"'laion2b_s34b_b79k' are not in .*cache, and nothing is downloaded unasked"),
        ("ViT-B-32", None, r"no published weights are in .*cache.*Download them first.*give a file"),
        ("", "local-dir:nowhere", "nowhere: no such folder"),
        ("", "local-dir:bare", "no weights in this folder"),
    ],
)
def test_what_is_not_there_is_said_at_once(
    tiny_clip: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, weights: str | None, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("not weights")
    Path("empty.pt").touch()
    Path("bare").mkdir()
    with within(3), pytest.raises(EncoderError, match=words) as raised:
        find_weights(model, weights, cache_dir=tmp_path / "cache")
    assert len(str(raised.value)) < 1200


def test_tags_that_the_cache_does_not_hold(published: Any) -> None:
    with pytest.raises(EncoderError, match=r"'no_such_tag' is no weights that open_clip knows.*laion2b_s34b_b79k"):
        find_weights("ViT-B-32", "no_such_tag", cache_dir=published.cache)
    for tag in ("laion2b_s34b_b79k", None):
        with pytest.raises(EncoderError, match="nothing is downloaded unasked"):
            find_weights("ViT-B-32", tag, cache_dir=published.cache)


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        "{}",
        '{"model_cfg": {"embed_dim": 1e9}}',
        '{"model_cfg": {"embed_dim": 32, "vision_cfg": 1, "text_cfg": 2}}',
        "x" * (2**20 + 1),
    ],
)
def test_a_folder_that_describes_nothing(tiny_clip: Any, tmp_path: Path, config: str) -> None:
    shutil.copy(tiny_clip.safetensors, tmp_path / "open_clip_model.safetensors")
    with pytest.raises(EncoderError, match=r"open_clip_config\.json: no such file"):
        find_weights("", tmp_path)
    (tmp_path / "open_clip_config.json").write_text(config)
    with pytest.raises(EncoderError, match=r"open_clip_config\.json: .*[Cc]opy it again|no description"):
        find_weights("", tmp_path)


def test_inside_offline_nothing_goes_out() -> None:
    from huggingface_hub import constants, get_session
    from huggingface_hub.errors import OfflineModeIsEnabled

    before = constants.HF_HUB_OFFLINE
    with offline(), pytest.raises(OfflineModeIsEnabled):
        get_session().get("https://huggingface.co/api/models")
    assert before == constants.HF_HUB_OFFLINE


# --- downloading -----------------------------------------------------------------------------------------------------


@contextmanager
def hub(files: dict[str, bytes], send: Callable[[Any, bytes], None]) -> Iterator[str]:
    """A hub on this machine that has `files`; `send` writes the body of an answer."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _head(self) -> bytes | None:
            content = files.get(self.path.rpartition("/")[2])
            self.send_response(200 if content is not None else 404)
            self.send_header("X-Repo-Commit", COMMIT)
            if content is None:
                self.send_header("X-Error-Code", "EntryNotFound")
            else:
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            return content

        def do_HEAD(self) -> None:
            self._head()

        def do_GET(self) -> None:
            if (content := self._head()) is not None:
                send(self.wfile, content)

        def log_message(self, *parts: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Point the hub's library to an address on this machine."""

    def point(address: str) -> None:
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")

    return point


def left_in(cache: Path) -> list[Path]:
    """Files in the cache, but for the mark by which backup programs know a cache."""
    return [path for path in cache.rglob("*") if path.is_file() and path.name != "CACHEDIR.TAG"]


def test_a_download_brings_the_weights(published: Any, online: Callable[[str], None], tmp_path: Path) -> None:
    content = published.torch_file.read_bytes()
    seen: list[tuple[int, int | None]] = []
    with hub({"open_clip_pytorch_model.bin": content}, lambda out, data: out.write(data) and None) as address:
        online(address)
        found = download_weights(
            "relvid-tiny", "planted", timeout_s=10, cache_dir=tmp_path, on_progress=lambda *at: seen.append(at)
        )
    assert found.path.read_bytes() == content
    assert find_weights("relvid-tiny", "planted", cache_dir=tmp_path) == found
    assert seen
    online("http://127.0.0.1:9")  # nobody there: what is in the cache is not asked for again
    assert download_weights("relvid-tiny", "planted", timeout_s=1, cache_dir=tmp_path) == found


def test_a_silent_hub(published: Any, online: Callable[[str], None], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        online(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with within(8), pytest.raises(EncoderError, match=r"silent for 1 s.*HF_ENDPOINT"):
            download_weights("relvid-tiny", "planted", timeout_s=1, cache_dir=tmp_path / "cache")
    assert not left_in(tmp_path / "cache")


def test_a_hub_that_falls_silent_half_way(published: Any, online: Callable[[str], None], tmp_path: Path) -> None:
    content = published.safetensors.read_bytes()
    over = threading.Event()

    def half(out: Any, data: bytes) -> None:
        out.write(data[: len(data) // 2])
        out.flush()
        over.wait(30)

    with hub({"open_clip_model.safetensors": content}, half) as address:
        online(address)
        with within(10), pytest.raises(EncoderError, match=r"silent for 1\.5 s"):
            download_weights("relvid-tiny", "planted", timeout_s=1.5, cache_dir=tmp_path / "cache")
        over.set()
    assert not left_in(tmp_path / "cache")


def test_a_download_that_the_user_stops(published: Any, online: Callable[[str], None], tmp_path: Path) -> None:
    started, over = threading.Event(), threading.Event()

    def slow(out: Any, data: bytes) -> None:
        out.write(data[:1000])
        out.flush()
        started.set()
        over.wait(30)

    with hub({"open_clip_model.safetensors": published.safetensors.read_bytes()}, slow) as address:
        online(address)
        with pytest.raises(Cancelled):
            download_weights("relvid-tiny", "planted", timeout_s=60, cache_dir=tmp_path, cancel=started.is_set)
        over.set()
    assert not left_in(tmp_path)


def test_a_hub_that_nobody_answers_for(published: Any, online: Callable[[str], None], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    online(f"http://127.0.0.1:{port}")
    with within(8), pytest.raises(EncoderError, match=r"could not be reached.*refused"):
        download_weights("relvid-tiny", "planted", timeout_s=2, cache_dir=tmp_path / "cache")
    assert not left_in(tmp_path / "cache")


def test_a_hub_without_these_weights(published: Any, online: Callable[[str], None], tmp_path: Path) -> None:
    with hub({}, lambda out, data: None) as address:
        online(address)
        with pytest.raises(EncoderError, match=r"has no such weights.*another tag"):
            download_weights("relvid-tiny", "planted", timeout_s=5, cache_dir=tmp_path)


def test_a_download_keeps_to_the_offline_switch(
    published: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with within(3), pytest.raises(EncoderError, match="HF_HUB_OFFLINE is set"):
        download_weights("relvid-tiny", "planted", timeout_s=5, cache_dir=tmp_path)


def test_earlier_files_of_the_cache_survive_a_failure(
    published: Any, online: Callable[[str], None], tmp_path: Path
) -> None:
    other = tmp_path / "models--tests--relvid-tiny" / "blobs" / "earlier"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps("kept"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        online(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(EncoderError):
            download_weights("relvid-tiny", "planted", timeout_s=0.5, cache_dir=tmp_path)
    assert left_in(tmp_path) == [other]
