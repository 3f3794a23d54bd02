"""A Chromium and a served app, for whatever measures or photographs pages."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
START_S = 90


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser: the first that is installed, else what `playwright install chromium` put there."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serving(app: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a Streamlit app while it runs, from its own folder. Raises TimeoutError if it does not answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", app.name, "--server.headless=true", f"--server.port={port}"]
    server = subprocess.Popen(command, cwd=app.parent, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return
        except OSError:  # not listening yet
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {START_S} s")
