"""The ladder on a small log: controls stand in the address, one click trains every rung, and a link shows the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
N_VIDEOS, N_USERS, N_EVENTS = 70, 60, 20
RUNGS = ("Co-engagement alone", "+ relevance", "+ text", "+ visual", "+ popularity correction")
COLOURS = ("red", "green", "blue", "orange", "purple")


class NewPage(Protocol):
    def __call__(self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page: ...


@pytest.fixture(scope="module", autouse=True)
def _small_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder whose five topics are followed by their viewers; titles and the colours of pictures tell the topic."""
    home = tmp_path_factory.mktemp("small_data")
    pictures = home / "small" / "thumbnails"
    pictures.mkdir(parents=True)
    for colour in COLOURS:
        Image.new("RGB", (32, 18), colour).save(pictures / f"{colour}.png")
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
            "title": [f"clip {row} on subject{t}" for row, t in enumerate(topic)],
            "topics": [f"topic {t}" for t in topic],
            "thumbnail": [f"{COLOURS[t]}.png" for t in topic],
        }
    ).to_csv(home / "small" / "catalogue.csv", index=False)
    log = pd.DataFrame(events, columns=["user_id", "video_id", "timestamp"])
    log.to_csv(home / "small" / "log.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(home))
        yield


def see(thing: Any) -> Any:
    """The expectation about a page or a part of it, with patience for a busy machine."""
    return sync_api.expect(thing)


def asked_for(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_the_ladder_from_controls_to_a_link(
    app_url: str, app_home: Path, page: Page, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page.goto(f"{app_url}/ladder?data=small")
    settle(page)
    see(page.get_by_role("heading", name="What does each lever bring?")).to_be_visible()
    rungs = page.locator("ol.rv-rungs li")
    see(rungs).to_have_text([re.compile(rf"^{re.escape(name)}.*not trained yet$") for name in reversed(RUNGS)])
    page.get_by_role("slider", name="Hidden as new videos").press("ArrowRight")
    settle(page)
    assert asked_for(page)["cold"] == "15"

    page.get_by_role("button", name="Train the ladder").click()
    table = page.get_by_role("region", name="The rungs compared")
    see(table).to_be_visible()
    settle(page)
    assert len([run for run in app_home.iterdir() if not run.name.startswith((".", "baseline", "content"))]) == 5
    for name in RUNGS:
        see(table.get_by_role("rowheader", name=re.compile(rf"^{re.escape(name)}"))).to_be_visible()
    see(page.get_by_text(re.compile("new videos: recall|No lever is shown to help new videos"))).to_be_visible()
    see(page.get_by_role("button", name="Train the ladder")).to_have_count(0)
    see(page.get_by_role("group", name="Recall of cold seeds")).to_contain_text("Content alone")
    charts = page.locator(".st-key-rv-panels .js-plotly-plot")
    see(charts).to_have_count(5)
    for chart in charts.all():
        see(chart.locator(".scatterlayer path").first).to_be_attached()
    said = table.inner_text()

    other = new_page(color_scheme="dark", width=390)
    other.goto(page.url)
    settle(other)
    see(other.get_by_role("region", name="The rungs compared")).to_be_visible()
    assert other.get_by_role("region", name="The rungs compared").inner_text() == said
    for one in (page, other):
        main = one.locator('[data-testid="stMain"]')
        assert main.evaluate("part => part.scrollWidth - part.clientWidth") <= 0


def test_pictures_and_their_encoder_on_tune(app_url: str, page: Page, settle: Callable[[Page], None]) -> None:
    page.goto(f"{app_url}/tune?data=small&sees=CLIP")
    settle(page)
    see(page.get_by_role("textbox", name="CLIP weights")).to_have_count(0)  # nobody looks at pictures yet
    page.get_by_text("Look at the pictures", exact=True).click()
    settle(page)
    assert asked_for(page)["pictures"] == "true"
    page.get_by_text("Advanced", exact=True).click()
    settle(page)
    page.get_by_role("textbox", name="CLIP weights").fill("nowhere/nothing.pt")
    page.get_by_role("textbox", name="CLIP weights").press("Enter")
    see(page.get_by_text(re.compile(r"Not ready: .*nothing\.pt"))).to_be_visible()
    see(page.get_by_text("Download weights", exact=True)).to_be_visible()
