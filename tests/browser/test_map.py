"""Map in a browser: points are drawn, a click makes a seed, a box or a lasso lists videos, the view moves,
and drawing can be cancelled."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

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
    from benchmarks.map_speed import trained  # not above: it needs playwright

    return trained(load_sample(), app_home)


def see(thing: Any) -> Any:
    return sync_api.expect(thing)


def open_map(page: Page, url: str, settle: Callable[[Page], None], **query: str) -> None:
    page.goto(f"{url}/map?{urlencode(query)}")
    settle(page)
    see(page.get_by_role("button", name="seed video")).to_be_visible()
    see(page.locator(".rv-map-seed")).to_be_attached()


def place_of(mark: Any) -> tuple[float, float]:
    """Where the middle of a mark is on the screen."""
    box = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def neighbours(page: Page, run: str) -> Any:
    return page.locator(f".rv-map-marks [data-run={run}]")


def drag(page: Page, *stops: tuple[float, float]) -> None:
    page.mouse.move(*stops[0])
    page.mouse.down()
    for x, y in stops[1:]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def tool(page: Page, name: str) -> Any:
    return page.get_by_role("toolbar", name="Map").get_by_role("button", name=name)


def colours(page: Page) -> int:
    """How many pixels of the map are not paper: a map of points has thousands."""
    return page.locator(".rv-map-points").evaluate(
        """canvas => {
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const pixels = new Uint32Array(data.buffer), paper = pixels[0];
            return pixels.filter(pixel => pixel !== paper).length;
        }"""
    )


def test_a_click_makes_the_seed_and_a_box_lists_videos(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(height=1400)
    open_map(page, app_url, settle, data="sample", k="6", **runs)
    assert colours(page) > 5000
    see(neighbours(page, "A")).to_have_count(6)
    seed = page.get_by_role("region", name="Seed video")
    before = seed.inner_text()
    x, y = place_of(neighbours(page, "B").nth(3))
    page.mouse.move(x - 2, y - 2)
    page.mouse.move(x, y, steps=3)
    see(page.locator(".rv-map-tip")).to_be_visible()
    page.mouse.click(x, y)
    see(seed).not_to_have_text(before)
    settle(page)
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["seed"][0] != ""
    assert page.get_by_role("link", name=re.compile("Browse →")).get_attribute("href") is not None

    tool(page, "Box select").click()
    x, y = place_of(page.locator(".rv-map-seed"))
    drag(page, (x - 60, y - 60), (x, y), (x + 60, y + 60))
    heading = page.get_by_role("heading", name=re.compile(r"[\d,]+ videos selected"))
    see(heading).to_be_visible()
    see(page.get_by_text(re.compile("By main topic: "))).to_be_visible()
    card = page.locator("ol.rv-list[data-side=selected] a").first
    assert "browse?data=sample" in (card.get_attribute("href") or "")
    assert page.locator("ol.rv-list[data-side=selected] > li").count() <= 48

    in_box = heading.inner_text()
    tool(page, "Lasso select").click()
    drag(page, (x - 60, y - 60), (x + 60, y - 60), (x, y + 60))
    see(heading).not_to_have_text(in_box)  # a triangle in that box
    assert number(heading.inner_text()) < number(in_box)
    page.keyboard.press("Escape")
    see(heading).to_have_count(0)


def number(text: str) -> int:
    return int(text.split()[0].replace(",", ""))


def test_the_map_is_moved_by_hand_and_keys_and_a_hop_keeps_the_view(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(height=1400)
    open_map(page, app_url, settle, data="sample", k="6", **runs)
    seed = page.locator(".rv-map-seed")
    x, y = place_of(seed)
    canvas = page.get_by_role("application", name=re.compile("^Map of 2,400 videos"))
    box = canvas.bounding_box()
    assert box is not None
    left, top = box["x"] + 40, box["y"] + 40
    drag(page, (left, top), (left + 50, top + 20))
    page.wait_for_function("x => document.querySelector('.rv-map-seed').getBoundingClientRect().x > x", arg=x)
    assert place_of(seed) == pytest.approx((x + 50, y + 20), abs=1)
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert place_of(seed) == pytest.approx((x - 10, y + 20), abs=1)
    page.keyboard.press("+")
    page.wait_for_timeout(200)
    near = [place_of(neighbours(page, "A").nth(place)) for place in range(6)]
    page.get_by_role("button", name="neighbours under A").click()
    see(neighbours(page, "A")).to_have_count(0)
    page.get_by_role("button", name="neighbours under A").click()
    see(neighbours(page, "A")).to_have_count(6)
    assert [place_of(neighbours(page, "A").nth(place)) for place in range(6)] == near
    shown = colours(page)
    page.get_by_role("group", name="Legend").get_by_role("button").first.dblclick()
    page.wait_for_timeout(200)
    assert colours(page) < shown / 2  # one topic alone
    see(neighbours(page, "B")).to_have_count(0)
    page.get_by_role("group", name="Legend").get_by_role("button").first.dblclick()
    tool(page, "Show all").click()
    page.wait_for_timeout(200)
    assert place_of(seed) == pytest.approx((x, y), abs=1)

    tool(page, "Zoom in").click()
    page.wait_for_timeout(200)
    asked, there = page.url, place_of(neighbours(page, "B").nth(2))
    page.mouse.click(*there)
    page.wait_for_url(lambda url: url != asked)
    settle(page)
    assert place_of(seed) == pytest.approx(there, abs=8)  # that neighbour, or a point upon it


def test_a_dark_map_lies_on_dark_paper_and_names_popularity(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(color_scheme="dark", width=390, height=1800)
    open_map(page, app_url, settle, data="sample", colour="Popularity", **runs)
    see(page.get_by_text("popularity percentile")).to_be_visible()
    paper = """([red]) => {
        const canvas = document.querySelector('.rv-map-points');
        return canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0] === red;
    }"""
    assert page.evaluate(paper, [0x11])
    assert colours(page) > 1000
    x, y = place_of(neighbours(page, "A").first)
    page.mouse.move(x, y)
    see(page.locator(".rv-map-tip")).to_contain_text("more watched than")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(paper, arg=[0xFB])


def fingers_on(page: Page) -> Callable[..., None]:
    """Sends what a touch screen would: a kind of event and where the fingers are."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_two_fingers_move_and_zoom_the_map_and_draw_no_selection(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(width=390, height=1800)
    open_map(page, app_url, settle, data="sample", **runs)
    tool(page, "Box select").click()
    (x, y), (left, top) = place_of(page.locator(".rv-map-seed")), place_of(neighbours(page, "A").first)
    asked, touch = page.url, fingers_on(page)
    touch("touchStart", (x - 60, y - 40))
    touch("touchMove", (x - 20, y - 5))  # a box is begun
    touch("touchStart", (x - 20, y - 5), (x + 20, y - 5))
    see(page.locator(".rv-map-marks polygon")).to_have_count(0)
    for spread in (25, 30, 35, 40):
        touch("touchMove", (x - spread + 10, y + 15), (x + spread + 10, y + 15))
    touch("touchEnd")
    page.wait_for_timeout(200)
    after, moved = place_of(page.locator(".rv-map-seed")), place_of(neighbours(page, "A").first)
    assert (moved[0] - after[0], moved[1] - after[1]) == pytest.approx((2 * (left - x), 2 * (top - y)), abs=4)
    assert after == pytest.approx((x + 10, y + 25), abs=2)  # the seed was 5 pixels below the fingers, now twice that
    assert page.url == asked
    see(page.get_by_role("heading", name=re.compile("videos selected"))).to_have_count(0)


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
