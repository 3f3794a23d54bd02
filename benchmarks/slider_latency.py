"""How long Mix takes from a step of a slider to the changed screen, in Chromium.

    python -m benchmarks.slider_latency URL [--steps 60]

URL is that of the Mix page of a running app, for example "http://127.0.0.1:8501/mix?data=sample", with a model on it.
Two thirds of the steps are of ω and the rest of κ (all of κ for a shared head), one press of an arrow key each, from
the left end on. Times count from the key press: to the changed measures, and to the last change of the screen, which
is that of the lists. "Streamlit alone" is the same for an app that only writes the slider's value, served in between.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, expect

from benchmarks.browser import chromium, serving

READY_MS = 120_000  # preparing a large catalogue
QUIET_MS = 250  # without a change, a step is over
BARE = """import streamlit as st
@st.fragment
def show():
    value = st.slider("Value", 0.0, 1.0, 0.0, 0.02)
    st.html(f'<div class="rv-now" aria-label="{value}">{value}</div>')
show()
"""
# The newest time at which the measures, and anything at all, changed since the key press.
WATCH = """() => {
    const seen = window.seen = {press: 0, measures: 0, last: 0, label: ''};
    const label = () => document.querySelector('.rv-now')?.getAttribute('aria-label') ?? '';
    addEventListener('keydown', () => Object.assign(seen, {
        press: performance.now(), measures: 0, last: 0, label: label()}), true);
    new MutationObserver(changes => {
        const now = performance.now();
        if (changes.every(one => one.target.closest?.('.stSlider'))) return;
        if (!seen.measures && label() !== seen.label) seen.measures = now;
        seen.last = now;
    }).observe(document.querySelector('[data-testid="stMain"]'), {subtree: true, childList: true, attributes: true,
        attributeFilter: ['src', 'aria-label', 'alt'], characterData: true});
}"""
DONE = f"() => window.seen.measures && performance.now() - window.seen.last > {QUIET_MS}"


def main() -> None:
    """Print the percentiles of both times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(options.url)
        expect(page.locator(".rv-now")).to_be_visible(timeout=READY_MS)
        page.wait_for_timeout(2000)
        report("Mix", steps(page, options.steps))
        page.close()
        with tempfile.TemporaryDirectory() as folder:
            report("Streamlit alone", bare(browser.new_page(), Path(folder), options.steps))


def steps(page: Page, n_steps: int) -> np.ndarray:
    """Milliseconds from the key press to the measures and to the last change, `[n_steps, 2]`."""
    page.evaluate(WATCH)
    sliders = page.get_by_role("slider").all()
    shares = [1.0] if len(sliders) == 1 else [2 / 3, 1 / 3]
    spent = []
    for slider, share in zip(sliders, shares, strict=True):
        slider.press("Home")
        page.wait_for_timeout(1500)
        spent += [step(page, slider) for _ in range(round(share * n_steps))]
    return np.array(spent)


def step(page: Page, slider: Locator) -> tuple[float, float]:
    """One press of the right arrow."""
    slider.press("ArrowRight")
    page.wait_for_function(DONE)
    seen = page.evaluate("window.seen")
    return seen["measures"] - seen["press"], seen["last"] - seen["press"]


def bare(page: Page, folder: Path, n_steps: int) -> np.ndarray:
    """The same for an app that does nothing but write the value."""
    app = folder / "bare.py"
    app.write_text(BARE, encoding="utf-8")
    with serving(app) as url:
        page.goto(url)
        expect(page.locator(".rv-now")).to_be_visible(timeout=READY_MS)
        return steps(page, min(n_steps, 48))


def report(name: str, spent: np.ndarray) -> None:
    """One line a time."""
    for what, column in zip(("measures", "last change"), spent.T, strict=True):
        middle, high = np.quantile(column, [0.5, 0.95])
        print(f"{name:16} {what:12} p50 {middle:5.0f} ms   p95 {high:5.0f} ms   max {column.max():5.0f} ms")


if __name__ == "__main__":
    main()
