"""Map in a browser: points are drawn, a click makes a seed, a box lists videos, and drawing can be cancelled."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")


class NewPage(Protocol):
    def __call__(
        self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280, height: int = 900
    ) -> Page: ...


@pytest.fixture(scope="module")
def runs(app_home: Path) -> dict[str, str]:
    dataset, cache, store = load_sample(), PreparedCache(), RunStore(app_home)
    quick = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=16, towers__text_dim=16, evaluation__bootstrap_replicates=50
    )
    ids = {}
    for side, config in (("a", quick), ("b", quick.with_values(objective__relevance_weight=2.0))):
        run = drain(train_run(dataset, config, cache=cache, label=f"run {side}"))
        store.save(run)
        ids[side] = run.info.run_id
    return ids


def see(thing: Any) -> Any:
    return sync_api.expect(thing)


def open_map(page: Page, url: str, settle: Callable[[Page], None], **query: str) -> None:
    page.goto(f"{url}/map?{urlencode(query)}")
    settle(page)
    see(page.locator(".js-plotly-plot .gl-canvas").first).to_be_attached()
    see(page.locator(".js-plotly-plot .legendtext", has_text="seed video")).to_be_visible()
    page.wait_for_function("document.querySelector('.js-plotly-plot')._fullData?.length > 3")


def place_of(page: Page, trace: str, point: int) -> tuple[float, float]:
    """Where a point is on the screen."""
    x, y = page.evaluate(
        """([name, i]) => {
            const graph = document.querySelector('.js-plotly-plot'), layout = graph._fullLayout;
            const trace = graph._fullData.find(one => one.name === name), box = graph.getBoundingClientRect();
            return [box.x + layout.xaxis._offset + layout.xaxis.l2p(trace.x[i]),
                    box.y + layout.yaxis._offset + layout.yaxis.l2p(trace.y[i])];
        }""",
        [trace, point],
    )
    return x, y


def test_a_click_makes_the_seed_and_a_box_lists_videos(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(height=1400)
    open_map(page, app_url, settle, data="sample", k="6", **runs)
    seed = page.get_by_role("region", name="Seed video")
    before = seed.inner_text()
    x, y = place_of(page, "neighbours under B", 3)
    page.mouse.move(x - 2, y - 2)
    page.mouse.move(x, y, steps=3)
    see(page.locator(".hovertext").first).to_be_attached()
    page.mouse.click(x, y)
    see(seed).not_to_have_text(before)
    settle(page)
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["seed"][0] != ""
    assert page.get_by_role("link", name=re.compile("Browse →")).get_attribute("href") is not None

    page.locator(".modebar-btn[data-title^='Box']").click()
    x, y = place_of(page, "seed video", 0)
    page.mouse.move(x - 60, y - 60)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.move(x + 60, y + 60, steps=4)
    page.mouse.up()
    see(page.get_by_role("heading", name=re.compile(r"[\d,]+ videos selected"))).to_be_visible()
    see(page.get_by_text(re.compile("By main topic: "))).to_be_visible()
    card = page.locator("ol.rv-list[data-side=selected] a").first
    assert "browse?data=sample" in (card.get_attribute("href") or "")
    assert page.locator("ol.rv-list[data-side=selected] > li").count() <= 48


def test_drawing_with_tsne_can_be_cancelled(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(color_scheme="dark", width=390)
    open_map(page, app_url, settle, data="sample", method="t-SNE", **runs)
    see(page.get_by_text("was not drawn yet")).to_be_visible()
    page.get_by_role("button", name="Draw with t-SNE").click()
    page.get_by_role("button", name="Cancel").click()  # 2,400 videos take ten seconds and more
    see(page.get_by_text("You cancelled the drawing.")).to_be_visible()
    see(page.get_by_role("button", name="Draw with t-SNE")).to_be_enabled()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= window.innerWidth")
