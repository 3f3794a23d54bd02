"""Mix as somebody uses it: an arrow key moves the lists, a link shows the same, and a model is trained to confirm."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

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
    def __call__(self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page: ...


@pytest.fixture(scope="module", autouse=True)
def run_id(app_home: Path) -> str:
    """A quickly trained model with split heads."""
    config = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=16, towers__text_dim=16, towers__heads="split",
        objective__relevance_weight=1.0, evaluation__bootstrap_replicates=50,
    )  # fmt: skip
    run = drain(train_run(load_sample(), config, cache=PreparedCache(), label="Two heads"))
    RunStore(app_home).save(run)
    return run.info.run_id


def see(thing: Any) -> Any:
    """The expectation about a page or a part of it, with patience for a busy machine."""
    return sync_api.expect(thing)


def titles(page: Page, side: str) -> list[str]:
    return page.locator(f'ol.rv-list[data-side="{side}"] .rv-title').all_text_contents()


def asked_for(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_lists_follow_the_sliders_and_a_link_shows_the_same(
    app_url: str, run_id: str, page: Page, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page.goto(f"{app_url}/mix?data=sample")
    see(page.get_by_role("group", name="Measures at ω 0.5, κ 0")).to_be_visible()
    settle(page)
    start = titles(page, "A")
    assert len(start) == 12
    assert titles(page, "B") == start
    page.get_by_role("slider", name="Relevance ↔ engagement ω").press("End")
    see(page.get_by_role("group", name="Measures at ω 1, κ 0")).to_be_visible()
    page.get_by_role("slider", name="Popularity exponent κ").press("ArrowRight")
    measures = page.get_by_role("group", name="Measures at ω 1, κ 0.05")
    see(measures).to_contain_text(re.compile(r"[+−]\d+\.\d points"))
    see(page.get_by_role("heading", name="Now: ω 1, κ 0.05")).to_be_visible()
    settle(page)
    assert titles(page, "A") == start
    assert titles(page, "B") != start
    pictures = page.locator("figure.rv-spread img")
    see(pictures).to_have_count(2)
    assert "seed videos" in (pictures.first.get_attribute("alt") or "")
    assert asked_for(page).items() >= {"data": "sample", "run": run_id, "omega": "1", "kappa": "0.05"}.items()

    other = new_page(color_scheme="dark", width=390)
    other.goto(page.url)
    see(other.get_by_role("group", name="Measures at ω 1, κ 0.05")).to_have_text(measures.text_content() or "")
    settle(other)
    assert titles(other, "B") == titles(page, "B")
    main = other.locator('[data-testid="stMain"]')
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0

    link = page.locator('ol.rv-list[data-side="B"] a').nth(2)
    chosen = link.text_content() or ""
    page.evaluate("window.stayed = true")
    link.click()
    see(page.get_by_role("region", name="Seed video")).to_contain_text(chosen)
    see(page.get_by_role("group", name="Measures at ω 1, κ 0.05")).to_be_visible()
    assert page.evaluate("window.stayed")  # not loaded anew


def test_a_model_is_trained_to_confirm_the_preview(app_url: str, page: Page, settle: Callable[[Page], None]) -> None:
    page.goto(f"{app_url}/mix?data=sample&omega=0.6")
    see(page.get_by_role("group", name="Measures at ω 0.6, κ 0")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Confirm by retraining").click()
    see(page.get_by_text(re.compile(r"The preview was off by \d"))).to_be_visible()
    table = page.get_by_role("region", name="Preview against the retrained model")
    see(table).to_contain_text("Topic match@20")
    settle(page)
    page.get_by_role("button", name="Reset").click()
    see(page.get_by_role("group", name="Measures at ω 0.5, κ 0")).to_be_visible()
    see(page.get_by_role("button", name="Confirm by retraining")).to_be_enabled()
