"""Every page on a catalogue that tries to be code, markup, formulas or a very long line: all of it is shown as text,
nothing is wider than its window, and axe finds no barrier. A page that is added is walked by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from pages.ui.controls import DEFAULT_PRESET, preset_config
from pages.ui.frame import PAGES
from pages.ui.ladder_controls import DEFAULT_COLD
from relvid_core.config import ExperimentConfig
from relvid_core.experiments.datasets import load_dataset, source_named
from relvid_core.experiments.ladder import Ladder
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.preview import split_config
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
SCRIPT = "<script>window.hacked=1</script>"
PICTURE = "<img src=x onerror='window.hacked=1'>"
MARKUP = "**bold** :material/home: :smile: $x^2$ [a](http://b.example)"
HEBREW = "שלום \u202eevil\u202c עולם"
LONG = "endless" * 714 + "!!"  # 5,000 characters without a space
FORMULA = '=HYPERLINK("http://b.example","x")'
CONTROLS = ("nul\x00here", "cr\rhere")
HOSTILE = (SCRIPT, PICTURE, MARKUP, HEBREW, LONG, FORMULA, "+1", "-2+3", "@SUM(A1)", "🎬👩🏽‍🚀" * 9, *CONTROLS)
KEY = "mine & <b>yours"
N_TOPICS, PER_TOPIC, N_USERS, N_EVENTS = 5, 5, 60, 20  # 25 videos: a list of 24 holds all others
HOSTILE_IDS = [text for text in HOSTILE if text not in (LONG, *CONTROLS)]  # those are refused
IDS = HOSTILE_IDS + [f"v{row}" for row in range(N_TOPICS * PER_TOPIC - len(HOSTILE_IDS))]
WIDTHS = (390, 768, 1920, 1280)  # axe reads the last
# Serious and critical barriers of WCAG 2 A and AA, and headings out of order. The link of a card lies over all of
# it, and axe cannot see through it: contrast is read once more without.
AXE = """async () => {
    const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const contrast = {runOnly: {type: 'rule', values: ['color-contrast', 'heading-order']}};
    const found = await axe.run({runOnly: levels, resultTypes: ['violations']});
    if (!document.querySelector('a.rv-hop')) return told(found.violations);
    const style = document.createElement('style');
    style.textContent = 'a.rv-hop::after {display: none !important}';
    document.head.append(style);
    const cards = await axe.run(contrast);
    style.remove();
    return told([...found.violations, ...cards.violations]);
    function told(rules) {
        return rules.filter(rule => rule.id === 'heading-order' || ['serious', 'critical'].includes(rule.impact))
            .flatMap(rule => rule.nodes.map(
                node => `${rule.id}: ${node.target.join(' ')}: ${node.html.slice(0, 200)}`));
    }
}"""
OVERFLOW = """() => {
    const parts = [document.scrollingElement, document.querySelector('[data-testid="stMain"]')];
    return Math.max(...parts.map(part => part.scrollWidth - part.clientWidth));
}"""
FACE = """() => {
    const style = getComputedStyle(document.querySelector('[data-testid="stApp"]'));
    return [style.backgroundColor, style.color];
}"""


class NewPage(Protocol):
    def __call__(self, *, width: int = 1280) -> Page: ...


@pytest.fixture(scope="module", autouse=True)
def _own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """RELVID_DATA with one folder of a user's own files."""
    home = tmp_path_factory.mktemp("data_home")
    folder = home / KEY
    folder.mkdir()
    rng = np.random.default_rng(0)
    n_videos = N_TOPICS * PER_TOPIC
    topic = np.arange(n_videos) % N_TOPICS
    texts = [HOSTILE[row] if row < len(HOSTILE) else f"clip {row}" for row in range(n_videos)]
    catalogue = {
        "video_id": IDS,
        "title": texts,
        "description": [HOSTILE[row % len(HOSTILE)] for row in range(n_videos)],
        "creator": texts[::-1],
        "topics": [f"Group > {HOSTILE[t]}" for t in topic],
    }
    pd.DataFrame(catalogue).to_parquet(folder / "catalogue.parquet", index=False)  # a CSV with a NUL is refused
    events = []
    for user in range(N_USERS):
        for step in range(N_EVENTS):
            same = rng.random() < 0.7
            row = rng.choice(np.flatnonzero(topic == user % N_TOPICS)) if same else int(n_videos * rng.random() ** 2)
            events.append((f"u{user}", IDS[row], 1_700_000_000 + 1_000 * step + user))
    pd.DataFrame(events, columns=["user_id", "video_id", "timestamp"]).to_csv(folder / "log.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(home))
        yield


@pytest.fixture(scope="module")
def run_ids(_own_data: None, app_home: Path) -> list[str]:
    """Two runs whose labels are hostile too, one with split heads, and all that Debias and Ladder ask for, so that no
    page is empty; and the baselines."""
    from benchmarks.screenshots import corrections  # not above: it needs playwright

    dataset, cache, store = load_dataset(source_named(KEY)), PreparedCache(), RunStore(app_home)
    quick = {"training__epochs": 2, "evaluation__bootstrap_replicates": 40}
    config = ExperimentConfig().with_values(towers__dim=8, towers__text_dim=8, **quick)
    top = preset_config(DEFAULT_PRESET).with_values(split__cold_share=DEFAULT_COLD / 100)
    ladder = Ladder.of(top, dataset, has_pictures=False).configs
    split = split_config(dataset)
    assert split is not None  # the catalogue has topics
    made = [(label, settings) for label, four in corrections(dataset, cache).items() for settings in four]
    made += [*(("", settings) for settings in ladder.values()), ("", split)]
    made += [(PICTURE, config), (MARKUP, config.with_values(objective__relevance_weight=1.0))]
    ids = []
    for label, settings in made:
        run = drain(train_run(dataset, settings, cache=cache, label=label))
        store.save(run)
        ids.append(run.info.run_id)
    for settings in (config, ladder["engagement"]):
        drain(baseline_runs(dataset, settings, cache=cache, store=store))
    return ids[-2:]


@pytest.fixture(scope="module")
def axe() -> str | None:
    """axe-core as a script, from the package that carries it; None where that is absent."""
    try:
        return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        return None


def unharmed(page: Page) -> None:
    """No code ran, nothing became an element, and no long word widened the page."""
    assert page.evaluate("typeof window.hacked") == "undefined"
    made = page.locator(
        "img[src=x], a[href^='http'][href*='b.example'], .katex, [data-testid=stIconMaterial]:text('home')"
    )
    assert made.count() == 0
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")
    assert page.evaluate(OVERFLOW) <= 0
    raw = page.locator("[data-testid=stElementToolbar] [aria-label^='Download']").all()
    assert [button.get_attribute("aria-label") for button in raw if button.is_visible()] == []  # formulas go through it


def written(text: str) -> str:
    """What of a text can be seen: without the signs that only steer, and with one space for each gap."""
    return " ".join(re.sub("[\0\u202a-\u202e\u2060\u2066-\u2069]", "", text).split())


@pytest.mark.parametrize("row", [0, len(HOSTILE) - 1])
def test_browse_shows_hostile_titles_as_text(
    row: int, run_ids: list[str], app_url: str, page: Page, settle: Callable[[Page], None]
) -> None:
    a, b = run_ids
    page.goto(f"{app_url}/browse?{urlencode({'data': KEY, 'a': a, 'b': b, 'seed': IDS[row], 'k': '24'})}")
    settle(page)
    seed = page.get_by_role("region", name="Seed video").get_by_role("heading")
    assert written(seed.inner_text()) == written(HOSTILE[row])
    shown = {written(title) for title in page.locator('.rv-list[data-side="A"] .rv-title').all_text_contents()}
    assert shown >= {written(title) for title in HOSTILE if title != HOSTILE[row]}
    sync_api.expect(page.get_by_role("heading", name=PICTURE)).to_be_visible()
    sync_api.expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()
    unharmed(page)


def test_search_overview_and_tune_show_hostile_names_as_text(
    run_ids: list[str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(width=390)
    page.goto(f"{app_url}/?{urlencode({'data': KEY})}")
    settle(page)
    sync_api.expect(page.get_by_role("combobox", name="Dataset")).to_have_value(f"{KEY} (table)")
    sync_api.expect(page.get_by_role("link", name=PICTURE)).to_be_visible()
    sync_api.expect(page.get_by_role("link", name=MARKUP)).to_be_visible()
    unharmed(page)
    page.goto(f"{app_url}/tune?{urlencode({'data': KEY})}")
    settle(page)
    newest = page.get_by_role("heading", name="Newest result")
    assert written(newest.inner_text()) == f"Newest result: {MARKUP}"[:75]
    unharmed(page)
    page.goto(f"{app_url}/browse?{urlencode({'data': KEY})}")
    settle(page)
    search = page.get_by_role("searchbox", name="Search a video by its title")
    search.fill("bold smile")
    search.press("Enter")
    found = page.locator(".st-key-rv-found").get_by_role("button")
    sync_api.expect(found.first).to_contain_text("**bold** :")
    unharmed(page)


def unfold(page: Page, settle: Callable[[Page], None]) -> None:
    """Open everything that is folded."""
    for head in page.locator("[data-testid=stMain] details:not([open]) > summary").all():
        if head.is_visible():
            head.click()
    settle(page)


def test_every_page_shows_hostile_data_in_every_width_and_without_barriers(
    run_ids: list[str], axe: str | None, app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page()
    barriers = []
    for key, spec in PAGES.items():
        page.emulate_media(color_scheme="light")
        address = "" if spec.default else key
        page.goto(f"{app_url}/{address}?{urlencode({'data': KEY, 'a': run_ids[0], 'b': run_ids[1]})}")
        settle(page)
        sync_api.expect(page.locator(f"[data-page={key}]")).to_be_attached()
        unfold(page, settle)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(200)  # a chart is drawn anew some moments after its room has changed
            unharmed(page)
        faces = {}
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            settle(page)
            faces[scheme] = page.evaluate(FACE)
            if axe is not None:
                page.evaluate(axe)
                barriers += [f"{key}, {scheme}: {found}" for found in page.evaluate(AXE)]
        assert set(faces["light"]).isdisjoint(faces["dark"])
    assert barriers == [], "\n".join(barriers)
    if axe is None:
        pytest.skip("without axe-core; all else was looked at: pip install -r requirements-dev.txt")
