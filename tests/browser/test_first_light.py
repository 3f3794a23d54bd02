"""The first visit to an empty lab: look around, train, stop a training, leave and come back, compare."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

# How far what is seen moved by itself, as the browser counts it. Without the room that holds a page, which is narrow
# until the browser hears that ours are wide: a busy machine draws both at once.
SHIFTS = """window.moved = 0;
new PerformanceObserver(list => list.getEntries().forEach(shift => {
    const widened = shift.sources.some(({node}) => node?.dataset?.testid === 'stMainBlockContainer');
    if (!shift.hadRecentInput && !widened) window.moved += shift.value;
})).observe({type: 'layout-shift', buffered: true});"""


class NewPage(Protocol):
    def __call__(self, *, width: int = 1280) -> Page: ...


@pytest.fixture(scope="module", autouse=True)
def _only_the_sample_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(tmp_path_factory.mktemp("no_data")))
        yield


def see(thing: Any) -> Any:
    """The expectation about a page or a part of it, with patience for a busy machine."""
    return sync_api.expect(thing)


def go_to(page: Page, title: str) -> None:
    """Switch the page by the navigation on top."""
    page.get_by_role("navigation").get_by_role("link", name=title).click()


def has(**query: str) -> re.Pattern[str]:
    """Fits an address that says all this, in any order."""
    return re.compile("".join(f"(?=.*[?&]{name}={re.escape(value)}(&|$))" for name, value in query.items()))


def kept_runs(home: Path) -> list[str]:
    return [folder.name for folder in home.iterdir() if not folder.name.startswith(".")]


@pytest.fixture(autouse=True)
def _empty_lab(_patience: None, app_url: str, app_home: Path, page: Page) -> None:
    """Every test begins without runs and trainings, however the one before it ended."""
    page.goto(app_url)
    see(page.get_by_role("heading", name="The data")).to_be_visible()
    see(page.get_by_text("What to know about this data")).to_be_visible()  # the last words of the page
    cancel = page.get_by_role("button", name="Cancel")
    for _ in range(cancel.count()):
        left = cancel.count()
        cancel.first.click()
        see(cancel).not_to_have_count(left)
    see(cancel).to_have_count(0)
    for run in kept_runs(app_home):
        shutil.rmtree(app_home / run)


def test_an_empty_lab_shows_its_data_and_says_what_to_do(
    app_url: str, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(app_url)
    settle(page)
    see(page.get_by_role("heading", name="What to show next to a video")).to_be_visible()
    see(page.get_by_role("combobox", name="Dataset")).to_have_value("Sample world (built in)")
    videos = page.get_by_role("definition").first
    assert int(videos.inner_text().replace(",", "")) > 1000
    see(page.get_by_text("No model has been trained on this data yet.")).to_be_visible()
    train = page.get_by_role("button", name="Train two runs")
    see(train).to_be_enabled()
    for width, height in ((390, 844), (1280, 720)):  # what to do stands on the first screen
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        box = train.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height
    see(page.get_by_text("Made up: no video")).to_be_hidden()
    page.get_by_text("What to know about this data (4)").click()
    see(page.get_by_text("Made up: no video")).to_be_visible()
    go_to(page, "Browse")
    see(page.get_by_text("There are no runs on this dataset yet")).to_be_visible()
    page.get_by_role("link", name="set up a training of your own on Tune").click()
    see(page.get_by_role("heading", name="Tune a model")).to_be_visible()


def test_nothing_jumps_while_a_page_is_first_drawn(
    app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    """It is under 0.1, which counts as good (web.dev, Cumulative Layout Shift), but not on a machine that does much
    else: what a browser then draws first is more by chance."""
    moved = []
    for width in (1280, 390):
        page = new_page(width=width, fresh=True)
        page.add_init_script(SHIFTS)
        page.goto(app_url)
        see(page.get_by_text("What to know about this data")).to_be_visible()
        settle(page)
        moved.append(page.evaluate("window.moved"))
    assert max(moved) < 0.2, moved


def test_a_training_outlives_the_page_and_a_cancelled_one_leaves_nothing(
    app_url: str, app_home: Path, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(f"{app_url}/tune?dim=512&batch=256")  # long vectors and many steps, so that it lasts
    settle(page)
    page.get_by_role("slider", name="Epochs").press("End")
    see(page.get_by_role("slider", name="Epochs")).to_have_value("60")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    see(page.get_by_text("Training: relevance 0.5")).to_be_visible()
    see(page.get_by_text(re.compile(r"Epoch \d+ of 60"))).to_be_visible()  # one epoch may be gone between two polls
    see(page.get_by_text("This very run is being trained")).to_be_visible()
    see(page.locator(".js-plotly-plot .scatterlayer path.js-line").first).to_be_attached()

    go_to(page, "Overview")
    see(page.get_by_role("heading", name="Start here")).to_be_visible()
    see(page.get_by_text("Training: relevance 0.5")).to_be_visible()
    page.reload()
    see(page.get_by_text("Training: relevance 0.5")).to_be_visible()
    see(page.get_by_text("of training left")).to_be_visible()

    page.get_by_role("button", name="Cancel").click()
    see(page.get_by_text("was cancelled; nothing of it was kept")).to_be_visible()
    see(page.get_by_text("No model has been trained on this data yet.")).to_be_visible()
    assert kept_runs(app_home) == []


def test_two_trained_runs_appear_and_a_link_shows_them_to_somebody_else(
    app_url: str, app_home: Path, page: Page, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page.goto(f"{app_url}/tune")
    settle(page)
    relevance = page.get_by_role("slider", name="Relevance weight")
    for _ in range(2):
        relevance.press("ArrowRight")
    see(relevance).to_have_value("0.6")
    page.get_by_role("slider", name="Epochs").press("Home")
    see(page.get_by_role("slider", name="Epochs")).to_have_value("1")
    settle(page)
    see(page).to_have_url(has(wr="0.6", epochs="1"))
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_text("Weights average 1", exact=True).click()
    see(page).to_have_url(has(norm="false"))
    name = page.get_by_role("textbox", name="Name of the run")
    name.fill("More on topic")
    name.press("Enter")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    see(page.get_by_role("heading", name="Newest result: More on topic")).to_be_visible()
    see(page.get_by_text("This run exists already")).to_be_visible()
    assert len([run for run in kept_runs(app_home) if not run.startswith("baseline")]) == 1
    page.get_by_text("Does relevance fight engagement?").click()
    see(page.get_by_text("the gradients of the two losses have a cosine of")).to_be_visible()
    see(page.get_by_text("no conflict", exact=True)).to_be_visible()

    page.get_by_role("button", name="Engagement only").click()
    see(relevance).to_have_value("0")
    name.fill("")
    name.press("Enter")
    settle(page)
    page.get_by_text("Start from the nearest earlier run").click()
    see(page.get_by_text("Will begin from “More on topic”")).to_be_visible()
    see(page).to_have_url(has(warm="true"))
    page.get_by_role("button", name="Train", exact=True).click()
    see(page.get_by_role("heading", name="Newest result: engagement only")).to_be_visible()
    see(page.get_by_text("Began from “More on topic” and trained 1 epoch more.")).to_be_visible()
    settle(page)

    go_to(page, "Overview")
    table = page.get_by_role("region", name="Measures of all runs")
    see(table.get_by_role("link", name="More on topic")).to_be_visible()
    see(table.get_by_role("link", name="engagement only")).to_be_visible()
    see(table.get_by_role("link", name="Most popular")).to_be_visible()
    see(page.locator(".js-plotly-plot .scatterlayer .points path").first).to_be_visible()
    address = table.get_by_role("link", name="More on topic").get_attribute("href")

    other = new_page()
    other.goto(f"{app_url}/{address}")
    see(other.get_by_role("heading", name="More on topic")).to_be_visible()
    see(other.get_by_role("heading", name="engagement only")).to_be_visible()
