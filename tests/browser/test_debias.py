"""Debias on a small log: sliders move the picture, the clip comes from the log, and four runs give a verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
N_VIDEOS, N_USERS, N_EVENTS = 70, 60, 20


class NewPage(Protocol):
    def __call__(self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page: ...


@pytest.fixture(scope="module", autouse=True)
def _small_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder whose five topics are followed by their viewers, and whose first videos are the popular ones."""
    home = tmp_path_factory.mktemp("small_data")
    folder = home / "small"
    folder.mkdir()
    rng = np.random.default_rng(0)
    topic = np.arange(N_VIDEOS) % 5
    events = []
    for user in range(N_USERS):
        for step in range(N_EVENTS):
            own = rng.random() < 0.6
            row = rng.choice(np.flatnonzero(topic == user % 5)) if own else int(N_VIDEOS * rng.random() ** 3)
            events.append((f"u{user}", f"v{row:03d}", 1_700_000_000 + 1_000 * step + user))
    pd.DataFrame(
        {
            "video_id": [f"v{row:03d}" for row in range(N_VIDEOS)],
            "title": [f"clip {row}" for row in range(N_VIDEOS)],
            "topics": [f"topic {t}" for t in topic],
        }
    ).to_csv(folder / "catalogue.csv", index=False)
    pd.DataFrame(events, columns=["user_id", "video_id", "timestamp"]).to_csv(folder / "log.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(home))
        yield


def see(thing: Any) -> Any:
    """The expectation about a page or a part of it, with patience for a busy machine."""
    return sync_api.expect(thing)


def asked_for(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_sliders_clip_comparison_and_link(
    app_url: str, app_home: Path, page: Page, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page.goto(f"{app_url}/debias?data=small")
    settle(page)
    see(page.get_by_role("heading", name="Correct for popularity")).to_be_visible()
    see(page.get_by_role("region", name="Is popularity luck or quality?")).to_contain_text("The log cannot tell")
    see(page.get_by_text("Trained runs will join these sliders here")).to_be_visible()
    facts = page.locator("dl.rv-facts")
    before = facts.inner_text()
    page.get_by_role("slider", name="Strength").press("End")
    settle(page)
    see(facts).not_to_have_text(before)
    assert asked_for(page)["strength"] == "1.5"
    page.get_by_role("button", name="Choose the clip from the log").click()
    settle(page)
    assert float(asked_for(page)["largest"]) > 1
    page.get_by_text("How the clip is chosen", exact=True).click()
    see(page.get_by_text("Best for this one number, not necessarily for lists")).to_be_visible()
    for chart in page.locator(".js-plotly-plot").all():
        see(chart.locator(".scatterlayer path, .barlayer path").first).to_be_attached()

    page.get_by_role("button", name="Train the comparison").click()
    table = page.get_by_role("region", name="The four runs compared")
    see(table).to_be_visible()
    settle(page)
    assert len([card for card in app_home.glob("[!.]*/run.toml") if not card.parent.name.startswith("baseline")]) == 4
    for name in ("No correction", "OPC", "Logit adjustment", "No logQ, no OPC"):
        see(table.get_by_role("rowheader", name=re.compile(rf"^{name}"))).to_be_visible()
    see(page.get_by_text(re.compile("wins here|does as well as"))).to_be_visible()
    see(page.get_by_role("button", name="Train the comparison")).to_have_count(0)
    said = table.inner_text()

    other = new_page(color_scheme="dark", width=390)
    other.goto(page.url)
    settle(other)
    see(other.get_by_role("region", name="The four runs compared")).to_be_visible()
    assert other.get_by_role("region", name="The four runs compared").inner_text() == said
    for one in (page, other):
        main = one.locator('[data-testid="stMain"]')
        assert main.evaluate("part => part.scrollWidth - part.clientWidth") <= 0
