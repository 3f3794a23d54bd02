"""Compare as somebody walks through it: from two lists to what they are worth, for whom, and back to a list."""

from __future__ import annotations

import csv
import io
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
OVERFLOW = """() => {
    const parts = [document.scrollingElement, document.querySelector('[data-testid="stMain"]')];
    return Math.max(...parts.map(part => part.scrollWidth - part.clientWidth));
}"""


class NewPage(Protocol):
    def __call__(self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page: ...


@pytest.fixture(scope="module")
def address(app_home: Path, app_url: str) -> str:
    """The query of two quickly trained runs on the sample world, cut at one moment for everybody."""
    dataset, cache, store = load_sample(), PreparedCache(), RunStore(app_home)
    quick = ExperimentConfig().with_values(
        split__kind="global", training__epochs=1, towers__dim=16, towers__text_dim=16,
        evaluation__bootstrap_replicates=50,
    )  # fmt: skip
    ids = []
    for label, config in {"Watched": quick, "On topic": quick.with_values(objective__relevance_weight=2.0)}.items():
        run = drain(train_run(dataset, config, cache=cache, label=label))
        store.save(run)
        ids.append(run.info.run_id)
    return urlencode({"data": "sample", "a": ids[1], "b": ids[0]})


def see(thing: Any) -> Any:
    """The expectation about a page or a part of it, with patience for a busy machine."""
    return sync_api.expect(thing)


def asked_for(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_from_two_lists_to_what_they_are_worth_and_back(
    address: str, app_url: str, page: Page, settle: Callable[[Page], None]
) -> None:
    runs = {name: values[0] for name, values in parse_qs(address).items()}
    page.goto(f"{app_url}/browse?{address}")
    settle(page)
    see(page.get_by_role("list", name="B against A")).to_contain_text("▼ worse")
    page.get_by_text("Compare over all seed videos").click()
    measures = page.get_by_role("region", name="Measures of the runs")
    see(measures).to_contain_text("What viewers watched next")
    see(measures.get_by_role("row", name=re.compile("^Topic match@20"))).to_contain_text("▼ worse")
    settle(page)
    assert asked_for(page) == runs

    with page.expect_download() as download:
        page.get_by_role("button", name="Download measures (CSV)").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert {row["verdict"] for row in csv.DictReader(io.StringIO(text)) if row["key"] == "topic_match"} == {"", "worse"}

    page.get_by_role("radio", name="one below the other").click()
    see(page.get_by_text("height: share of seed videos").first).to_be_visible()
    settle(page)
    assert asked_for(page)["spread"] == "one below the other"

    slices = page.get_by_role("region", name="Differences by topic")
    see(slices.get_by_role("row").nth(1)).to_contain_text("worse")
    slices.get_by_role("link").first.click()
    see(slices.locator("tr[aria-current=true]")).to_contain_text(slices.get_by_role("row").nth(1).inner_text()[:5])
    settle(page)
    assert slices.locator("tr[aria-current=true] th").inner_text() == asked_for(page)["topic"]

    see(page.get_by_role("heading", name="Where B got worse")).to_be_in_viewport()
    cards = page.locator('.rv-list[data-side="changed"]').get_by_role("link")
    worst = cards.first.inner_text()
    page.get_by_role("button", name="Next →").click()
    see(page.get_by_text(re.compile("^13 to "))).to_be_visible()
    page.get_by_role("button", name="← Previous").click()
    see(cards.first).to_have_text(worst)
    settle(page)
    cards.first.click()
    see(page.get_by_role("region", name="Seed video").get_by_role("heading")).to_have_text(worst)
    settle(page)
    there = asked_for(page)
    assert urlsplit(page.url).path == "/browse"
    assert runs.items() <= there.items()
    assert there["seed"]


def test_training_again_shows_the_noise_and_the_log_says_what_lists_would_earn(
    address: str, app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(color_scheme="dark", width=390)
    page.goto(f"{app_url}/compare?{address}")
    settle(page)
    assert page.evaluate(OVERFLOW) <= 0
    see(page.get_by_text("no two stored runs differ only in their random seed")).to_be_visible()
    page.get_by_role("button", name="Train A again with another random seed").click()
    see(
        page.get_by_text(re.compile(r"B’s lists differ from A’s (no )?more than two trainings of A differ"))
    ).to_be_visible()
    settle(page)
    see(page.get_by_role("region", name="What the lists have in common")).to_contain_text("Rank-biased overlap")

    page.get_by_role("button", name="Estimate from the log").click()
    values = page.get_by_role("region", name="Values estimated from the log")
    see(values.get_by_role("row", name=re.compile("^B"))).to_contain_text(re.compile("can be relied on|is a hint"))
    settle(page)
    see(page.get_by_role("button", name="Estimate from the log")).to_have_count(0)
    assert page.evaluate(OVERFLOW) <= 0
