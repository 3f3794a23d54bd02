"""Choosing the seed video: searching, chance, and the trail that leads back."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from pages.ui import cache
from tests.pages.browsing import address, browse


def found(page: AppTest) -> list[Any]:
    """The results of a search."""
    return [button for button in page.button if (button.key or "").startswith("found-")]


def test_search_finds_titles_and_a_result_becomes_the_seed(home: Any) -> None:
    page = browse(home, seed="v010").run()
    page.text_input(key="seed_search").set_value("CLIP 33").run()
    assert len(found(page)) == 1
    page.button(key="found-title-0").click().run()
    assert address(page, "seed") == "v033"
    assert page.text_input(key="seed_search").value == ""
    assert found(page) == []
    page.text_input(key="seed_search").set_value("*nothing* like this").run()
    assert "No title, topic or id holds" in page.info[0].value


def test_surprise_takes_an_evaluated_seed_and_writes_it_into_the_address(home: Any) -> None:
    page = browse(home).run()
    seen = set()
    for _ in range(4):
        next(button for button in page.button if button.label == "Surprise me").click().run()
        seen.add(address(page, "seed"))
    asked = {f"v{row:03d}" for row in cache.run(address(page, "a")).seeds.tolist()}
    assert seen <= asked
    assert len(seen) > 1  # four times the same of some seventy is one chance in 340,000


def crumbs(page: AppTest) -> list[str]:
    """The ids that the trail leads to, the oldest first."""
    titles = cache.dataset("mine").catalog.titles
    labels = [button.label.replace("\\", "") for button in page.button if (button.key or "").startswith("crumb-")]
    return [f"v{titles.index(label):03d}" for label in labels]


def test_the_trail_leads_back_step_by_step_and_by_any_of_its_crumbs(home: Any) -> None:
    page = browse(home, seed="v010").run()
    assert crumbs(page) == []
    assert not [button for button in page.button if button.key == "back"]
    way = ["v010"]
    for wanted in ("20", "33", "41"):
        page.text_input(key="seed_search").set_value(f"clip {wanted}").run()
        page.button(key="found-title-0").click().run()
        way.append(address(page, "seed"))
    assert crumbs(page) == way[:3] == ["v010", "v020", "v033"]
    page.button(key="back").click().run()
    assert (address(page, "seed"), crumbs(page)) == ("v033", ["v010", "v020"])
    page.button(key="crumb-0").click().run()
    assert (address(page, "seed"), crumbs(page)) == ("v010", [])


def test_the_browsers_own_back_is_a_step_back_and_a_pasted_address_joins_the_trail(home: Any) -> None:
    page = browse(home, seed="v010").run()
    for wanted in ("20", "33"):
        page.text_input(key="seed_search").set_value(f"clip {wanted}").run()
        page.button(key="found-title-0").click().run()
    page.query_params["seed"] = "v020"  # what Back does
    page.run()
    assert crumbs(page) == ["v010"]
    page.query_params["seed"] = "v055"
    page.run()
    assert crumbs(page) == ["v010", "v020"]
    page.run()
    assert crumbs(page) == ["v010", "v020"]


def test_the_trail_is_cut_on_screen_and_forgotten_with_its_dataset(home: Any) -> None:
    page = browse(home, seed="v010").run()
    for wanted in range(11, 20):
        page.query_params["seed"] = f"v0{wanted}"
        page.run()
    assert crumbs(page) == [f"v0{row}" for row in range(13, 19)]
    page.session_state["seed_shown"] = ("another dataset", "v019")
    page.run()
    assert crumbs(page) == []


def test_search_finds_ids_and_topics(home: Any) -> None:
    page = browse(home, seed="v010").run()
    page.text_input(key="seed_search").set_value("V033").run()
    page.button(key="found-id-0").click().run()
    assert address(page, "seed") == "v033"
    page.text_input(key="seed_search").set_value("group 1").run()
    found = [button.key for button in page.button if (button.key or "").startswith("found-topic0-")]
    assert len(found) == 3
    assert all("<b>" not in caption.value for caption in page.caption)
    page.button(key=found[0]).click().run()
    topics = cache.dataset(home.key).catalog.topics.labels(int(address(page, "seed").removeprefix("v")))
    assert topics[0].startswith("Group 1 > ")
