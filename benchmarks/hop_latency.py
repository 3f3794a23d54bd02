"""How long Browse takes from a click on a card to the lists of the new seed video, in Chromium.

    python -m benchmarks.hop_latency URL [--hops 20]

URL is that of the Browse page of a running app, for example "http://127.0.0.1:8501/browse?data=sample", with runs on
it. Times count within the page from the click: until the card of the new seed stands there, and until the app is idle,
that is until all of its lists do. The first hops, which load pictures and code, are left out.
"""

from __future__ import annotations

import argparse
import shutil

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

READY_MS = 120_000  # reading a large log
WARMING = 4
REST_MS = 900  # between two hops, so that scrolling and painting of one do not burden the next
LONGEST_MS = 20_000
HOP = """([side, place, longest]) => new Promise((resolve, reject) => {
    const title = () => document.querySelector('.rv-seed h2')?.textContent;
    const app = document.querySelector('[data-testid="stApp"]');
    const busy = '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]';
    const cards = document.querySelectorAll(`.st-key-rv-list-${side} [class*="st-key-rv-card-"]`);
    const before = title(), began = performance.now();
    let seed = 0;
    const look = () => {
        const spent = performance.now() - began;
        if (!seed && title() !== before) seed = spent;
        const idle = app.dataset.testScriptState === 'notRunning' && !document.querySelector(busy);
        if (seed && idle) resolve([seed, spent]);
        else if (spent > longest) reject(new Error('no new seed video'));
        else setTimeout(look, 4);
    };
    cards[place % cards.length].querySelector('button').click();
    look();
})"""


def main() -> None:
    """Print the percentiles of both times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--hops", type=int, default=20)
    options = parser.parse_args()
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(options.url)
        expect(page.locator(".rv-seed")).to_be_visible(timeout=READY_MS)
        page.wait_for_timeout(3000)
        spent = hops(page, options.hops)
        browser.close()
    for what, column in zip(("new seed", "all lists"), spent.T, strict=True):
        middle, high = np.quantile(column, [0.5, 0.95])
        print(f"{what:10} p50 {middle:5.0f} ms   p95 {high:5.0f} ms   max {column.max():5.0f} ms")


def hops(page: Page, n_hops: int) -> np.ndarray:
    """Milliseconds from the click to the new seed's card and to the idle app, `[n_hops, 2]`; by turns in every list."""
    sides = [side for side in "ABCD" if page.locator(f".st-key-rv-list-{side}").count()]
    spent = []
    for hop in range(WARMING + n_hops):
        spent.append(page.evaluate(HOP, [sides[hop % len(sides)], 2 + hop % 3, LONGEST_MS]))
        page.wait_for_timeout(REST_MS)
    return np.array(spent[WARMING:])


if __name__ == "__main__":
    main()
