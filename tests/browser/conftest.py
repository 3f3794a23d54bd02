"""The app on a loopback port of its own, and Chromium pages that fail a test when the browser reports an error."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
IDLE_SECONDS = 180
WAIT_MS = 180_000  # for what a page is expected to show: a busy machine takes long
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# --no-sandbox: containers run as root; the rest keeps Chromium from calling home.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# On a deep link Streamlit's client first looks for its endpoints below the page's own path, then at the root.
PROBES = ("/_stcore/health", "/_stcore/host-config")
# Run finished, connected, and nothing left over from the run before.
IDLE = """() => {
    const busy = '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]';
    const app = document.querySelector('[data-testid="stApp"]');
    return app !== null
        && app.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState === 'CONNECTED'
        && document.querySelector(busy) === null;
}"""


class NewPage(Protocol):
    """Opens a page of a given size and colour scheme; errors in it fail the test."""

    def __call__(
        self,
        *,
        color_scheme: Literal["light", "dark"] = "light",
        width: int = 1280,
        height: int = 900,
        fresh: bool = False,
    ) -> Page: ...


@pytest.fixture(scope="module")
def app_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app of this module keeps its runs (RELVID_HOME)."""
    return tmp_path_factory.mktemp("app_home")


@pytest.fixture(scope="module")
def app_url(app_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running app, without a trailing slash. One server a module; a traceback in its log fails it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("app_log") / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    environment = os.environ | {"RELVID_HOME": str(app_home), "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as sink:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(server, url, log)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    said = _text(log)
    assert "Traceback (most recent call last)" not in said, f"the app raised:\n{said}"


def _wait_until_up(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"the app stopped with code {server.returncode}:\n{_text(log)}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:  # not listening yet
            time.sleep(0.1)
    pytest.fail(f"the app did not answer within {START_SECONDS} s:\n{_text(log)}")


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skips where none is installed. Not kept for the session: Playwright holds an event loop
    open, which other tests of the same worker could not start their own beside."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt"
    )
    with sync_api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path  # what `playwright install chromium` would have put there
        path = next(filter(None, map(shutil.which, BROWSERS)), own if Path(own).is_file() else None)
        if path is None:
            pytest.skip("no Chromium: install Debian's `chromium`, Google Chrome, or run `playwright install chromium`")
        running = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """Every expectation of these tests waits; a folder without playwright has nothing to wait for."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt"
    )
    sync_api.expect.set_options(timeout=WAIT_MS)
    yield
    sync_api.expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def idle_pages(browser: Browser) -> Iterator[list[WatchedPage]]:
    """Pages that tests of this module have left. One that has loaded the app before loads it in a third of the time."""
    pages: list[WatchedPage] = []
    yield pages
    for one in pages:
        one.page.context.close()


@pytest.fixture
def new_page(browser: Browser, idle_pages: list[WatchedPage]) -> Iterator[NewPage]:
    """Open pages with `new_page(color_scheme="dark", width=390)`; `fresh` ones have loaded nothing before. The test
    fails if any of them logged an error, raised in its scripts, or asked for anything outside this machine."""
    used: list[WatchedPage] = []
    fresh_ones: list[WatchedPage] = []

    def open_page(
        *,
        color_scheme: Literal["light", "dark"] = "light",
        width: int = 1280,
        height: int = 900,
        fresh: bool = False,
    ) -> Page:
        one = idle_pages.pop() if idle_pages and not fresh else WatchedPage(browser.new_context().new_page())
        (fresh_ones if fresh else used).append(one)
        one.wrong = []
        one.page.emulate_media(color_scheme=color_scheme)
        one.page.set_viewport_size({"width": width, "height": height})
        return one.page

    yield open_page
    wrong = [said for one in used + fresh_ones for said in one.wrong]
    for one in fresh_ones:
        one.page.context.close()
    for one in used:
        one.page.goto("about:blank")
        idle_pages.append(one)
    assert wrong == [], "the browser reported errors"


class WatchedPage:
    """A page with what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(f"uncaught: {error}"))
        page.on("console", lambda message: _note_console(message, self.wrong))
        page.on("request", lambda request: _note_request(request.url, self.wrong))


def _note_console(message: ConsoleMessage, wrong: list[str]) -> None:
    where = message.location.get("url", "")
    if message.type == "error" and not (urlsplit(where).path.endswith(PROBES) and "404" in message.text):
        wrong.append(f"console: {message.text} ({where})")


def _note_request(url: str, wrong: list[str]) -> None:
    address = urlsplit(url)
    if address.scheme not in ("data", "blob", "about") and address.hostname != "127.0.0.1":
        wrong.append(f"asked for {url}")


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A light page 1280 pixels wide, still blank."""
    return new_page()


@pytest.fixture
def settle() -> Callable[[Page], None]:
    """`settle(page)` returns when Streamlit has been idle for a moment; call it after every goto, click and fill."""

    def wait(page: Page) -> None:
        deadline = time.monotonic() + IDLE_SECONDS
        quiet = 0
        while quiet < 3:  # a click reaches the server only after a debounce, and a rerun may follow a run
            page.wait_for_function(IDLE, timeout=1000 * max(0.001, deadline - time.monotonic()), polling=50)
            page.wait_for_timeout(100)
            quiet = quiet + 1 if page.evaluate(IDLE) else 0

    return wait


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")
