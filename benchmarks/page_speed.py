"""How long a page takes from the click on its name to rest, and a hop in Browse, in Chromium with everything warm.

    python -m benchmarks.page_speed URL [--rounds 5]

URL is that of a running app whose data has runs, for example "http://127.0.0.1:8501/?data=sample". Every page is opened
from the Overview, once unmeasured; a hop is a click on a card of list A. Times are the browser's own
(performance.now), from the click to when the script has ended and nothing on the screen is left from before; "last
change" is when the document changed last, charts included. "Streamlit alone" is a switch between two empty pages in an
app that is served in between: no page can be faster, and a busy machine slows both.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium, serving
from pages.ui.frame import PAGES

WAIT_MS = 120_000
QUIET_MS = 300  # at rest for so long, a page is over
BARE = """import streamlit as st
def one(): st.html('<p class="rv-lead" data-page="one">one</p>')
def two(): st.html('<p class="rv-lead" data-page="two">two</p>')
st.navigation([st.Page(one, title="One"), st.Page(two, title="Two")], position="top").run()
"""
# Since the click: when the app came to rest, and when the document changed last. `arrived` says whether the new
# content is there; without it the old page would count as rest.
WATCH = """() => {
    const seen = window.seen = {click: 0, rest: 0, last: 0, arrived: () => true};
    addEventListener('click', () => Object.assign(seen, {click: performance.now(), rest: 0, last: 0}), true);
    new MutationObserver(() => { seen.last = performance.now(); }).observe(document.body,
        {subtree: true, childList: true, attributes: true, characterData: true});
    const busy = '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]';
    const look = () => {
        const app = document.querySelector('[data-testid="stApp"]');
        const resting = app?.dataset.testScriptState === 'notRunning' && !document.querySelector(busy);
        if (!resting || !seen.arrived()) seen.rest = 0;
        else if (!seen.rest) seen.rest = performance.now();
        requestAnimationFrame(look);
    };
    look();
}"""
DONE = f"() => window.seen.rest && performance.now() - Math.max(window.seen.rest, window.seen.last) > {QUIET_MS}"
PAGE_IS = """key => { window.seen.arrived = () => document.querySelector(`[data-page="${key}"]`) !== null; }"""
SEED_IS_OTHER = """() => {
    const title = () => document.querySelector('.rv-seed h2')?.textContent;
    const before = title();
    window.seen.arrived = () => title() && title() !== before;
}"""


def main() -> None:
    """Print the percentiles of every switch and of the hop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with chromium() as browser:
        with tempfile.TemporaryDirectory() as folder:
            app = Path(folder) / "bare.py"
            app.write_text(BARE, encoding="utf-8")
            bare(browser, app, options.rounds)
        page = opened(browser, options.url)
        home = next(spec for spec in PAGES.values() if spec.default)
        for key, spec in PAGES.items():
            if spec is not home:
                switch(page, spec.title, key)
                times = [switch(page, spec.title, key) for _ in repeated(page, home.title, home.key, options.rounds)]
                report(f"Overview → {spec.title}", times)
        switch(page, "Browse", "browse")
        hop(page)
        report("hop in Browse", [hop(page) for _ in range(2 * options.rounds)])


def bare(browser: Browser, app: Path, rounds: int) -> None:
    """The same switch in an app of two empty pages."""
    with serving(app) as url:
        page = opened(browser, url)
        times = [switch(page, "Two", "two") for _ in repeated(page, "One", "one", rounds)]
        report("Streamlit alone", times)
        page.close()


def opened(browser: Browser, url: str) -> Page:
    """A page of the app, at rest and watched."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    page.wait_for_selector("[data-page]", state="attached", timeout=WAIT_MS)
    page.evaluate(WATCH)
    page.wait_for_function(DONE, timeout=WAIT_MS)
    return page


def repeated(page: Page, title: str, key: str, rounds: int) -> Iterator[None]:
    """So many times, each from the page of that name."""
    for _ in range(rounds):
        switch(page, title, key)
        yield


def switch(page: Page, title: str, key: str) -> tuple[float, float]:
    """One click on a page's name in the bar."""
    page.evaluate(PAGE_IS, key)
    return timed(page, lambda: page.get_by_test_id("stTopNavLink").get_by_text(title, exact=True).click())


def hop(page: Page) -> tuple[float, float]:
    """One click on the second card of list A."""
    page.evaluate(SEED_IS_OTHER)
    return timed(page, lambda: page.locator('.rv-list[data-side="A"] a').nth(1).click())


def timed(page: Page, click: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds from the click to rest, and to the last change."""
    click()
    page.wait_for_function(DONE, timeout=WAIT_MS)
    seen = page.evaluate("({...window.seen, arrived: null})")
    return seen["rest"] - seen["click"], seen["last"] - seen["click"]


def report(name: str, times: list[tuple[float, float]]) -> None:
    """One line: the percentiles of both times."""
    parts = []
    for what, column in zip(("at rest", "last change"), np.array(times).T, strict=True):
        middle, high = np.quantile(column, [0.5, 0.95])
        parts.append(f"{what} p50 {middle:5.0f} ms  p95 {high:5.0f} ms")
    print(f"{name:20} {'   '.join(parts)}", flush=True)


if __name__ == "__main__":
    main()
