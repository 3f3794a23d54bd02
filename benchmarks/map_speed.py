"""How smooth the map of a large catalogue is: hops, box selections and drags, in Chromium without a graphics card.

    python -m benchmarks.map_speed [--videos 20000] [--rounds 10]

A catalogue and a log are made up, two small runs are trained on them into a folder that is thrown away, and the app is
served. A hop is a click on a neighbour, until the page is at rest with another seed; a box is timed from when it is let
go until its videos are listed. "Longest frame" of a drag, and of a box with its lists, is the longest that the screen
stood still meanwhile. Times are the browser's own, as in `benchmarks.page_speed`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from playwright.sync_api import Page

from benchmarks.browser import chromium, serving
from benchmarks.page_speed import WAIT_MS, opened, report, timed
from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.experiments.datasets import find_datasets, load_dataset
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

ROOT = Path(__file__).resolve().parents[1]
KEY = "made-up"
N_TOPICS, N_USERS, N_EVENTS = 10, 2000, 40
SEED_IS_OTHER = """() => {
    const title = () => document.querySelector('.rv-beside b')?.textContent, before = title();
    window.seen.arrived = () => title() && title() !== before;
}"""
HEADING_IS_OTHER = """() => {
    const heading = () => document.querySelector('h2')?.textContent ?? '', before = heading();
    window.seen.arrived = () => heading().includes('selected') && heading() !== before;
}"""
FRAMES = """() => {
    const frames = window.frames_ = {longest: 0, on: true};
    let last = performance.now();
    const next = now => {
        frames.longest = Math.max(frames.longest, now - last);
        last = now;
        if (frames.on) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
}"""
Point = tuple[float, float]


def main() -> None:
    """Make, train, serve, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, home = Path(folder, "data"), Path(folder, "runs")
        make_catalogue(data / KEY, options.videos)
        source = next(source for source in find_datasets(data) if source.key == KEY)
        query = {"data": KEY, **trained(load_dataset(source), home)}
        environment = os.environ | {"RELVID_DATA": str(data), "RELVID_HOME": str(home)}
        with serving(ROOT / "app.py", environment) as url, chromium() as browser:
            page = opened(browser, f"{url}/map?{urlencode(query)}")
            page.wait_for_selector(".rv-map-seed", state="attached", timeout=WAIT_MS)
            page.set_viewport_size({"width": 1280, "height": 1400})  # all of the map is on the screen
            page.wait_for_timeout(1000)
            measure(page, options.rounds)


def make_catalogue(folder: Path, n_videos: int) -> None:
    """Videos with a topic and a popularity of their own, and viewers who keep to a topic for the most part."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    topic = rng.integers(N_TOPICS, size=n_videos)
    ids = np.array([f"v{row:05d}" for row in range(n_videos)])
    titles = [f"Video {row} about subject {group}, as long as a title is" for row, group in enumerate(topic)]
    catalogue = {c.VIDEO_ID: ids, c.TITLE: titles, c.TOPICS: [f"Topic {group}" for group in topic]}
    pd.DataFrame(catalogue).to_csv(folder / "catalogue.csv", index=False)
    liked, weight = rng.integers(N_TOPICS, size=N_USERS), rng.pareto(1.5, n_videos) + 0.2
    events = []
    for user, group in enumerate(liked):
        chance = weight * np.where(topic == group, 1.0, 0.02)
        seen = rng.choice(n_videos, N_EVENTS, p=chance / chance.sum())
        events += [(f"u{user}", ids[row], 1_700_000_000 + 1000 * step + user) for step, row in enumerate(seen)]
    pd.DataFrame(events, columns=[c.USER_ID, c.VIDEO_ID, c.TIMESTAMP]).to_csv(folder / "log.csv", index=False)


def trained(dataset: Dataset, home: Path) -> dict[str, str]:
    """Two small runs, by side."""
    cache, store = PreparedCache(), RunStore(home)
    small = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=16, towers__text_dim=16, evaluation__bootstrap_replicates=50
    )
    ids = {}
    for side, config in (("a", small), ("b", small.with_values(objective__relevance_weight=2.0))):
        run = drain(train_run(dataset, config, cache=cache, label=f"run {side}"))
        store.save(run)
        ids[side] = run.info.run_id
    return ids


def measure(page: Page, rounds: int) -> None:
    """Hops, drags and boxes, each line with its percentiles."""
    hop(page, 0)  # unmeasured: everything is warm afterwards
    report("hop", [hop(page, place) for place in range(rounds)])
    area = page.locator(".rv-map-points").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    across = [longest_frame(page, lambda: drag(page, (x, y), (x + 120, y + 60))) for _ in range(rounds)]
    report_frames("drag", across)
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("button", name="Box select").click()
    box(page, (x, y), 40)
    times, frames = [], []
    for number in range(rounds):
        frames.append(longest_frame(page, lambda half=50 + 5 * number: times.append(box(page, (x, y), half))))
    report("box", times)
    report_frames("box and its lists", frames)
    print(page.get_by_role("heading", name="selected").inner_text())


def hop(page: Page, place: int) -> tuple[float, float]:
    """One click on a neighbour under A, or under B, which is not the seed as well."""
    page.evaluate(SEED_IS_OTHER)
    marks = page.locator(f".rv-map-marks [data-run={'AB'[place % 2]}]")
    mark = marks.nth(place % marks.count()).bounding_box()
    assert mark is not None
    x, y = mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2
    return timed(page, lambda: page.mouse.click(x, y))


def box(page: Page, middle: Point, half: float) -> tuple[float, float]:
    """One square of so many pixels around a place."""
    page.evaluate(HEADING_IS_OTHER)
    (x, y) = middle
    return timed(page, lambda: drag(page, (x - half, y - half), (x + half, y + half)))


def drag(page: Page, start: Point, end: Point) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=20)
    page.mouse.up()


def longest_frame(page: Page, act: Callable[[], object]) -> float:
    """The longest time between two frames while something is done, in milliseconds."""
    page.evaluate(FRAMES)
    act()
    return float(page.evaluate("() => { window.frames_.on = false; return window.frames_.longest; }"))


def report_frames(name: str, longest: list[float]) -> None:
    """One line: how long the screen stood still."""
    print(f"{name:20} longest frame p50 {np.median(longest):5.0f} ms  max {max(longest):5.0f} ms", flush=True)


if __name__ == "__main__":
    main()
