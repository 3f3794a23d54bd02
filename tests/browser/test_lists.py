"""Browse as somebody sees it who was sent a link, and the tour."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
K = 6


class NewPage(Protocol):
    def __call__(self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page: ...


@dataclass(frozen=True)
class Lab:
    """The app with three runs on the sample world."""

    url: str
    a: str
    b: str
    c: str
    video_id: str  # a video with a topic that somebody watched
    title: str
    topics: list[str]

    def browse(self, **changed: str) -> str:
        """The address of both lists."""
        query = {"data": "sample", "a": self.a, "b": self.b, "seed": self.video_id, "k": str(K), **changed}
        return f"{self.url}/browse?{urlencode(query)}"


@pytest.fixture(scope="module")
def runs(app_home: Path) -> dict[str, str]:
    """Label → id of three quickly trained runs."""
    dataset, cache, store = load_sample(), PreparedCache(), RunStore(app_home)
    quick = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=16, towers__text_dim=16, evaluation__bootstrap_replicates=50
    )
    relevant = quick.with_values(objective__relevance_weight=2.0)
    configs = {"Corrected": relevant.with_values(off_policy__strength=0.4), "Watched": quick, "On topic": relevant}
    ids = {}
    for label, config in configs.items():
        run = drain(train_run(dataset, config, cache=cache, label=label))
        store.save(run)
        ids[label] = run.info.run_id
    return ids


@pytest.fixture(scope="module")
def lab(runs: dict[str, str], app_url: str) -> Lab:
    dataset = load_sample()
    row = int(np.argsort(-dataset.interactions.popularity)[40])
    topics = [label.rsplit(" > ", 1)[-1] for label in dataset.catalog.topics.labels(row)]
    catalog = dataset.catalog
    return Lab(
        app_url,
        *(runs[name] for name in ("Watched", "On topic", "Corrected")),
        catalog.video_id(row),
        catalog.titles[row],
        topics,
    )


def see(thing: Any) -> Any:
    """The expectation about a page or a part of it, with patience for a busy machine."""
    return sync_api.expect(thing)


def seed_title(page: Page) -> Locator:
    return page.get_by_role("region", name="Seed video").get_by_role("heading")


def cards(page: Page, side: str) -> Locator:
    """The cards of one list; each is one link, its title."""
    return page.locator(f'.rv-list[data-side="{side}"]').get_by_role("link")


def asked_for(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_link_shows_both_lists_to_anybody_and_cards_lead_on(
    lab: Lab, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(lab.browse())
    settle(page)
    see(seed_title(page)).to_have_text(lab.title)
    see(page.get_by_role("heading", name="A Watched")).to_be_visible()
    see(page.get_by_role("heading", name="B On topic")).to_be_visible()
    for side in "AB":
        see(cards(page, side)).to_have_count(K)
        pictures = page.locator(f'.rv-list[data-side="{side}"] img')
        widths = pictures.evaluate_all("images => images.map(image => image.naturalWidth)")
        assert len(widths) == K
        assert min(widths) > 0
    chips = page.locator('.rv-list[data-side="B"] .rv-chips').get_by_role("listitem")
    shared = chips.filter(has_text="✓").all_inner_texts()
    assert shared
    assert {text.removeprefix("✓").strip() for text in shared} <= set(lab.topics)
    see(page.get_by_role("list", name="B against A")).to_contain_text("Topic match@20")

    before = cards(page, "A").all_inner_texts()
    target = cards(page, "B").nth(2)
    chosen = target.inner_text()
    with page.context.expect_page() as opened:
        target.click(modifiers=["ControlOrMeta"])  # a card is a link: it can be opened beside
    settle(opened.value)
    see(seed_title(opened.value)).to_have_text(chosen)
    opened.value.close()
    see(seed_title(page)).to_have_text(lab.title)
    page.evaluate("window.stayed = true")
    target.click()
    see(seed_title(page)).to_have_text(chosen)
    settle(page)
    assert page.evaluate("window.stayed")  # a hop does not load the page anew
    assert asked_for(page)["seed"] != lab.video_id
    assert cards(page, "A").all_inner_texts() != before

    address, lists = page.url, {side: cards(page, side).all_inner_texts() for side in "AB"}
    page.reload()
    settle(page)
    see(seed_title(page)).to_have_text(chosen)
    assert asked_for(page) == {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
    assert {side: cards(page, side).all_inner_texts() for side in "AB"} == lists


def test_searching_finds_a_video_by_words_of_its_title(lab: Lab, page: Page, settle: Callable[[Page], None]) -> None:
    page.goto(lab.browse())
    settle(page)
    wanted = cards(page, "A").first.inner_text()
    search = page.get_by_role("searchbox", name="Search a video by its title")
    search.fill(wanted.upper())
    search.press("Enter")
    page.locator(".st-key-rv-found").get_by_role("button", name=wanted).first.click()
    see(seed_title(page)).to_have_text(wanted)
    see(search).to_have_value("")


def test_hopping_leaves_a_trail_that_leads_back_and_the_keyboard_does_it_too(
    lab: Lab, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page()
    page.goto(lab.browse(c=lab.c))
    settle(page)
    for side in "ABC":
        see(cards(page, side)).to_have_count(K)
    trail = page.locator(".st-key-rv-trail")
    see(trail).to_have_count(0)
    way = [lab.video_id]
    for side in "CA":  # two hops
        chosen = cards(page, side).nth(1).inner_text()
        cards(page, side).nth(1).press("Enter")
        see(seed_title(page)).to_have_text(chosen)
        settle(page)
        see(cards(page, side).nth(1)).to_be_focused()  # so that the keyboard goes on from there
        way.append(asked_for(page)["seed"])
    see(trail.get_by_role("button")).to_have_count(3)  # Back and two crumbs

    page.go_back()
    settle(page)
    assert asked_for(page)["seed"] == way[1]
    see(trail.get_by_role("button")).to_have_count(2)
    page.keyboard.press("b")
    settle(page)
    assert asked_for(page)["seed"] == way[0]
    see(seed_title(page)).to_have_text(lab.title)
    see(trail).to_have_count(0)
    page.keyboard.press("s")
    see(seed_title(page)).not_to_have_text(lab.title)
    settle(page)
    trail.get_by_role("button").last.click()  # the crumb
    see(seed_title(page)).to_have_text(lab.title)
    settle(page)

    page.get_by_role("searchbox").fill("camping")  # as somebody types, without Enter
    found = page.locator(".st-key-rv-found-topic0").get_by_role("button")
    see(found).to_have_count(3)
    see(page.get_by_text("Topic Outdoors > Camping")).to_be_visible()
    chosen = found.first.inner_text()
    found.first.click()
    see(seed_title(page)).to_have_text(chosen)
    settle(page)
    see(page.get_by_role("region", name="Seed video").get_by_text("Camping")).to_be_visible()

    shown = {side: cards(page, side).all_inner_texts() for side in "ABC"}
    other = new_page()
    other.goto(page.url)
    settle(other)
    see(seed_title(other)).to_have_text(chosen)
    assert {side: cards(other, side).all_inner_texts() for side in "ABC"} == shown
    assert asked_for(other) == asked_for(page)


def test_a_point_of_the_picture_opens_its_lists_and_back_leads_back(
    lab: Lab, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(lab.url)
    settle(page)
    point = page.locator(".st-key-tradeoff .scatterlayer .points path.point").first  # the newest run
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    see(page.get_by_role("heading", name="B On topic")).to_be_visible()
    settle(page)
    assert (asked_for(page)["a"], asked_for(page)["b"]) == (lab.a, lab.b)
    page.go_back()
    see(page.get_by_role("heading", name="All runs")).to_be_visible()


def test_the_tour_is_taken_with_the_arrow_keys_and_presented(
    lab: Lab, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(lab.url)
    settle(page)
    page.get_by_role("button", name="Take the tour").click()
    see(page.get_by_text("1 of 8")).to_be_visible()
    settle(page)
    for step in (2, 3):
        page.keyboard.press("ArrowRight")
        see(page.get_by_text(f"{step} of 8")).to_be_visible()
        settle(page)
    see(cards(page, "A")).to_have_count(12)
    chosen = cards(page, "B").nth(2).inner_text()
    cards(page, "B").nth(2).click()
    see(seed_title(page)).to_have_text(chosen)
    settle(page)

    page.keyboard.press("p")
    see(page.get_by_role("button", name="Leave presentation")).to_be_visible()
    see(page.get_by_test_id("stHeader")).to_be_hidden()
    settle(page)
    assert asked_for(page)["present"] == "1"
    page.keyboard.press("ArrowRight")
    see(page.get_by_text("4 of 8")).to_be_visible()
    settle(page)
    page.keyboard.press("Escape")
    see(page.get_by_test_id("stHeader")).to_be_visible()
    settle(page)
    page.go_back()
    page.go_back()
    see(page.get_by_text("3 of 8")).to_be_visible()
    see(seed_title(page)).to_have_text(chosen)


def test_a_link_to_what_is_gone_says_so_and_shows_something_instead(
    lab: Lab, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(lab.browse(a="20200101-000000-abcdef", b="../../etc", seed="<b>nobody</b>", data="lost"))
    settle(page)
    see(page.get_by_text("The link asks for the dataset “lost”, which is not here.")).to_be_visible()
    see(page.get_by_text("Run A (compared with): the link asks for a run that is not here")).to_be_visible()
    see(page.get_by_text("Run B (judged): the link asks for a run that is not here")).to_be_visible()
    see(page.get_by_text("the video “<b>nobody</b>”, which is not in this catalogue")).to_be_visible()
    see(cards(page, "A")).to_have_count(K)
    see(cards(page, "B")).to_have_count(K)


def test_why_explains_a_video_with_parts_of_its_score_and_a_link_shows_the_same(
    lab: Lab, page: Page, settle: Callable[[Page], None]
) -> None:
    page.goto(lab.browse())
    settle(page)
    page.get_by_text("Why is it here?").click()
    facts = page.get_by_role("region", name="Facts about both videos")
    see(facts).to_contain_text("Watched close together")
    bars = page.locator(".st-key-why-parts .js-plotly-plot")
    see(bars.locator(".barlayer path").first).to_be_visible()
    see(bars.get_by_text(re.compile(r"score −?[\d.]+")).first).to_be_visible()
    settle(page)
    first = asked_for(page)["why"]

    page.get_by_role("combobox", name=re.compile("A video of the lists")).click()
    page.get_by_role("option").last.click()  # of list A alone; the default is one of B
    see(page).to_have_url(re.compile(rf"why=(?!{re.escape(first)})"))
    settle(page)
    chosen, said = asked_for(page)["why"], facts.inner_text()
    page.reload()
    settle(page)
    assert asked_for(page)["why"] == chosen
    see(facts).to_be_visible()
    assert facts.inner_text() == said

    page.get_by_text("Why is it here?").click()
    see(facts).to_be_hidden()
    settle(page)
    assert "why" not in asked_for(page)
