"""Pictures of the app for the documentation: `python -m benchmarks.screenshots` writes docs/screenshots/*.webp.

Two runs are trained on the sample world at the app's first two presets, one with split heads, the four of the Debias
page and the five of the Ladder, into a folder that is thrown away; then every page, a step of the tour and the
lists as they are presented are photographed on a wide light, a wide dark and a narrow light screen. Needs a Chromium.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium, serving
from pages.ui.controls import DEFAULT_PRESET, preset_config
from pages.ui.debias_controls import DEFAULT_STRENGTH
from pages.ui.ladder_controls import DEFAULT_COLD
from relvid_core.config import ExperimentConfig
from relvid_core.data.dataset import Dataset
from relvid_core.data.propensity import weights_from_log
from relvid_core.evaluation.popularity_exponent import effective_strength
from relvid_core.experiments.content import content_store
from relvid_core.experiments.corrections import CorrectionSet
from relvid_core.experiments.ladder import Ladder
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.preview import split_config
from relvid_core.experiments.run import Run
from relvid_core.experiments.store import RunStore
from relvid_core.experiments.typical import typical_seed
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

DEFAULT_LENGTH = 12  # of the lists on Browse
ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "screenshots"
LARGEST = 150_000  # bytes of one picture
QUALITIES = (80, 72, 64, 56)  # the first that is small enough
WAIT_S = 90
MARGIN = 40  # pixels left below the last element
HEIGHTS = {  # most pixels: wide, narrow
    "overview": (1480, 2000),
    "tour": (1480, 1900),
    "presenting": (1080, 1400),
    "data": (1480, 1900),
    "tune": (1480, 2200),
    "mix": (1480, 1900),
    "debias": (1900, 2600),
    "ladder": (1900, 2600),
    "browse": (1480, 1900),
    "compare": (1900, 2600),
    "map": (1480, 1900),
    "vote": (1480, 1900),
}
# The run is over, and every picture and figure has been drawn.
READY = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const busy = '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]';
    return app !== null && app.dataset.testScriptState === 'notRunning' && document.querySelector(busy) === null
        && [...document.images].every(image => image.complete)
        && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(chart => chart.querySelector('svg'))
        && [...document.querySelectorAll('.rv-map')].every(map => map.querySelector('.rv-map-seed'));
}"""
BOTTOM = """() => Math.ceil(document.querySelector('[data-testid="stMainBlockContainer"]').scrollHeight)"""


@dataclass(frozen=True)
class Screen:
    """A width and a colour scheme, and how its pictures are named."""

    name: str
    width: int
    scheme: Literal["light", "dark"]


SCREENS = (Screen("light", 1280, "light"), Screen("dark", 1280, "dark"), Screen("narrow", 390, "light"))


def main() -> None:
    """Train, photograph, and print what was written."""
    with tempfile.TemporaryDirectory() as folder:
        home, data = Path(folder, "runs"), Path(folder, "data")
        data.mkdir()  # none but the sample world
        plain, balanced, split = trained(home)
        dataset = load_sample()
        judge = PreparedCache(store=content_store()).get(dataset, plain.info.config).judge
        seed = dataset.catalog.video_id(typical_seed([plain, balanced], judge, DEFAULT_LENGTH))
        pair = {"a": plain.info.run_id, "b": balanced.info.run_id, "seed": seed}
        mixed = {"data": "sample", "run": split.info.run_id, "seed": pair["seed"], "omega": 0.8, "kappa": -0.3}
        addresses = {
            "overview": "",
            "tour": "?data=sample&tour=5",
            "presenting": f"browse?{urlencode({'data': 'sample', **pair, 'present': 1})}",
            "data": "data?data=sample",
            "tune": "tune?data=sample",
            "mix": f"mix?{urlencode(mixed)}",
            "debias": "debias?data=sample",
            "ladder": "ladder?data=sample",
            "browse": f"browse?{urlencode({'data': 'sample', **pair})}",
            "compare": f"compare?{urlencode({'data': 'sample', 'a': pair['a'], 'b': pair['b']})}",
            "map": f"map?{urlencode({'data': 'sample', **pair})}",
            "vote": f"vote?{urlencode({'data': 'sample', 'a': pair['a'], 'b': pair['b']})}",
        }
        environment = os.environ | {"RELVID_HOME": str(home), "RELVID_DATA": str(data)}
        with serving(ROOT / "app.py", environment) as url, chromium() as browser:
            for screen in SCREENS:
                for name, query in addresses.items():
                    store(photograph(browser, screen, f"{url}/{query}", name), f"{name}-{screen.name}")


def trained(home: Path) -> tuple[Run, Run, Run]:
    """Engagement only, the default preset and split heads, stored in `home` with the others and the baselines."""
    dataset, cache, runs = load_sample(), PreparedCache(store=content_store()), RunStore(home)
    split = split_config(dataset)
    assert split is not None  # the sample world has topics
    presets = [preset_config("Engagement only"), preset_config(DEFAULT_PRESET)]
    ladder_base = preset_config(DEFAULT_PRESET).with_values(split__cold_share=DEFAULT_COLD / 100)
    ladder = list(Ladder.of(ladder_base, dataset, has_pictures=True).configs.values())
    others = {"": ladder, **corrections(dataset, cache)}
    wanted = [(label, config) for label, configs in others.items() for config in configs]
    made = []
    for label, config in [*wanted, ("", split), *(("", preset) for preset in presets)]:  # Tune shows the newest
        made.append(drain(train_run(dataset, config, cache=cache, label=label)))
        runs.save(made[-1])
    for config in (ladder[0], ExperimentConfig()):
        drain(baseline_runs(dataset, config, cache=cache, store=runs))
    return made[-2], made[-1], made[-3]


def corrections(dataset: Dataset, cache: PreparedCache) -> dict[str, list[ExperimentConfig]]:
    """What the Debias page trains at its first sliders, by label."""
    base = ExperimentConfig().with_values(off_policy__strength=DEFAULT_STRENGTH)
    prepared = cache.get(dataset, base)
    marginal = prepared.pairs.candidate_marginal
    weights, _ = weights_from_log(prepared.history, base.off_policy, marginal, dataset.catalog)
    four = CorrectionSet.around(base, effective_strength(weights, marginal))
    return {four.labels[method]: [config] for method, config in four.configs.items()}


def photograph(browser: Browser, screen: Screen, url: str, name: str) -> bytes:
    """One page as PNG, as tall as it is or as `HEIGHTS` allows."""
    most = HEIGHTS[name][screen.width < 640]
    page = browser.new_page(color_scheme=screen.scheme, viewport={"width": screen.width, "height": most})
    page.goto(url)
    settle(page)
    page.set_viewport_size({"width": screen.width, "height": min(most, page.evaluate(BOTTOM) + MARGIN)})
    settle(page)
    picture = page.screenshot(animations="disabled")
    page.context.close()
    return picture


def settle(page: Page) -> None:
    """Wait until the page has been ready five times in a row, a fifth of a second apart."""
    quiet = 0
    while quiet < 5:
        page.wait_for_function(READY, timeout=1000 * WAIT_S)
        page.wait_for_timeout(200)
        quiet = quiet + 1 if page.evaluate(READY) else 0


def store(picture: bytes, name: str) -> None:
    """Write a PNG as WebP, at the best quality that is small enough."""
    TARGET.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in QUALITIES:
        packed = io.BytesIO()
        image.save(packed, "webp", quality=quality, method=6)
        if packed.tell() <= LARGEST:
            break
    else:
        sys.exit(f"{name}: {packed.tell():,} bytes even at quality {QUALITIES[-1]}; lower its height in HEIGHTS")
    path = TARGET / f"{name}.webp"
    path.write_bytes(packed.getvalue())
    print(f"{path.relative_to(ROOT)}  {image.width} × {image.height}  {packed.tell() / 1000:.0f} kB, quality {quality}")


if __name__ == "__main__":
    main()
