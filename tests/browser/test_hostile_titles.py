"""Titles, topics and labels that try to be code, markup or a very long line are shown as the text they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.datasets import load_dataset, source_named
from relvid_core.experiments.pipeline import baseline_runs, train_run
from relvid_core.experiments.prepared import PreparedCache
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
HOSTILE = (SCRIPT, PICTURE, MARKUP, HEBREW, LONG)
KEY = "mine & <b>yours"
N_TOPICS, PER_TOPIC, N_USERS, N_EVENTS = 5, 5, 60, 20  # 25 videos: a list of 24 holds all others


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
    catalogue = {
        "video_id": [f"v{row}" for row in range(n_videos)],
        "title": [HOSTILE[row] if row < len(HOSTILE) else f"clip {row}" for row in range(n_videos)],
        "description": [HOSTILE[row % len(HOSTILE)] for row in range(n_videos)],
        "topics": [f"Group > {PICTURE} {t}" for t in topic],
    }
    pd.DataFrame(catalogue).to_csv(folder / "catalogue.csv", index=False)
    events = []
    for user in range(N_USERS):
        for step in range(N_EVENTS):
            same = rng.random() < 0.7
            row = rng.choice(np.flatnonzero(topic == user % N_TOPICS)) if same else int(n_videos * rng.random() ** 2)
            events.append((f"u{user}", f"v{row}", 1_700_000_000 + 1_000 * step + user))
    pd.DataFrame(events, columns=["user_id", "video_id", "timestamp"]).to_csv(folder / "log.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(home))
        yield


@pytest.fixture(scope="module")
def run_ids(_own_data: None, app_home: Path) -> list[str]:
    """Two runs whose labels are hostile too, and the baselines."""
    dataset, cache, store = load_dataset(source_named(KEY)), PreparedCache(), RunStore(app_home)
    config = ExperimentConfig().with_values(
        training__epochs=2, towers__dim=8, towers__text_dim=8, evaluation__bootstrap_replicates=40
    )
    ids = []
    for label, settings in ((PICTURE, config), (MARKUP, config.with_values(objective__relevance_weight=1.0))):
        run = drain(train_run(dataset, settings, cache=cache, label=label))
        store.save(run)
        ids.append(run.info.run_id)
    drain(baseline_runs(dataset, config, cache=cache, store=store))
    return ids


def unharmed(page: Page) -> None:
    """No code ran, nothing became an element, and no long word widened the page."""
    assert page.evaluate("typeof window.hacked") == "undefined"
    made = page.locator("img[src=x], a[href*='b.example'], .katex, [data-testid=stIconMaterial]:text('home')")
    assert made.count() == 0
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")


def written(text: str) -> str:
    """What of a text can be seen: without the signs that only steer direction and line breaks."""
    return re.sub("[\u202a-\u202e\u2060\u2066-\u2069]", "", text)


@pytest.mark.parametrize("row", [0, len(HOSTILE) - 1])
def test_browse_shows_hostile_titles_as_text(
    row: int, run_ids: list[str], app_url: str, page: Page, settle: Callable[[Page], None]
) -> None:
    a, b = run_ids
    page.goto(f"{app_url}/browse?{urlencode({'data': KEY, 'a': a, 'b': b, 'seed': f'v{row}', 'k': '24'})}")
    settle(page)
    seed = page.get_by_role("region", name="Seed video").get_by_role("heading")
    assert written(seed.inner_text()) == written(HOSTILE[row])
    shown = {written(title) for title in page.locator(".st-key-rv-list-A .rv-title").all_text_contents()}
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
    sync_api.expect(found).to_contain_text("**bold** :")
    unharmed(page)
