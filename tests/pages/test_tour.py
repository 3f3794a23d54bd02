"""The tour step by step on stored runs, its addresses, and presenting without controls."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.tour import STEPS
from relvid_core.experiments import compare

ROOT = Path(__file__).resolve().parents[2]


def overview(home: Any, **query: str) -> AppTest:
    page = AppTest.from_file(ROOT / "pages" / "overview.py", default_timeout=60)
    for name, value in {"data": home.key, **query}.items():
        page.query_params[name] = value
    return page.run()


def said(page: AppTest) -> str:
    """Everything that is read on the page, without tags and signs of emphasis."""
    assert not page.exception
    html = "\n".join(element.proto.body for element in page.get("html"))
    html = re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)
    return "\n".join([*(one.value for one in page.markdown), re.sub(r"<[^>]*>", " ", html)]).replace("*", "")


def address(page: AppTest, name: str) -> str:
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def test_the_tour_is_walked_forth_and_back_and_left(home: Any) -> None:
    page = press(overview(home), "tour-start")
    titles = []
    for step in range(1, len(STEPS) + 1):
        assert not page.exception
        assert address(page, "tour") == str(step)
        assert f"{step} of {len(STEPS)}" in said(page)
        titles.append(page.title[0].value)
        if step < len(STEPS):
            press(page, "tour-next")
    assert titles == [step.title for step in STEPS]
    press(page, "tour-back")
    assert page.title[0].value == STEPS[-2].title
    press(page, "tour-leave")
    assert "tour" not in page.query_params
    assert "seed" not in page.query_params
    assert page.title[0].value == "What to show next to a video"


def test_every_term_is_explained_where_it_first_stands(home: Any) -> None:
    whole = ""
    for step in range(1, len(STEPS) + 1):
        whole += said(overview(home, tour=str(step)))
    for term, meaning in {
        "towers": "where the video being watched belongs",
        "relevance weight": "how much that counts is",
        "seed": "the video being watched, called the seed",
        "recall": "later; this is called recall",
        "topic match": "subject (topic match)",
        "popular share": "places (popular share)",
        "popularity correction": "pairs with rarely shown videos count more",
    }.items():
        assert meaning.lower() in whole.lower(), term


def test_figures_of_the_tour_are_those_of_the_stored_runs(home: Any) -> None:
    plain, other = (next(info for info in home.infos if info.label == name) for name in ("engagement only", "balanced"))
    recall = cache.store().estimates(plain.run_id)["recall"].mean
    assert f"{100 * recall:.1f}" in said(overview(home, tour="4"))
    trade = said(overview(home, tour="5"))
    table = compare.paired_table(cache.run(plain.run_id), cache.run(other.run_id)).set_index("metric")
    for metric in ("recall", "topic_match", "popular_share"):
        before, after = (100 * table.loc[metric, side] for side in ("mean_a", "mean_b"))
        assert f"{before:.1f}\u202f% → {after:.1f}\u202f%" in trade
        claims = {"topic_match": "It buys relevance", "recall": "It costs recall", "popular_share": "Its lists hold"}
        evident = table.loc[metric, "verdict"] != "no evidence"
        assert evident or claims[metric] not in trade
    corrected = said(overview(home, tour="6"))
    assert "(strength 0.5)" in corrected


def test_lists_of_the_tour_are_real_and_lead_on(home: Any) -> None:
    page = overview(home, tour="3", seed="v010")
    run = cache.run(next(info for info in home.infos if info.label == "balanced").run_id)
    row = int(run.neighbours.rows[10, 4])
    html = "".join(element.proto.body for element in page.get("html"))
    links = [unescape(link) for link in re.findall(r'class="rv-hop" href="\?([^"]*)"', html)]
    assert len(links) == 24
    fifth = {name: values[0] for name, values in parse_qs(links[12 + 4]).items()}  # of list B
    assert fifth == {"data": home.key, "tour": "3", "seed": f"v{row:03d}"}
    assert overview(home, tour="3").query_params["seed"]  # a typical one, written into the address


@pytest.mark.parametrize(
    ("asked", "step"), [("0", 1), ("9" * 5000, len(STEPS)), ("<b>", 1), ("-3", 1), ("٣", 1), ("", 1)], ids=range(6)
)
def test_an_impossible_step_is_the_nearest(home: Any, asked: str, step: int) -> None:
    assert overview(home, tour=asked).title[0].value == STEPS[step - 1].title


def test_without_runs_every_step_leads_to_training(empty_home: Any) -> None:
    page = overview(empty_home, tour="5")
    assert page.title[0].value == STEPS[0].title
    assert address(page, "tour") == "1"
    assert page.button(key="tour-next").disabled
    next(button for button in page.button if button.label == "Train the models").click().run()
    jobs = list(reversed(cache.queue().jobs()))
    assert [job.label for job in jobs] == ["Engagement only", "On the subject", "Balanced"]
    weights = [(job.config.objective.relevance_weight, job.config.off_policy.strength) for job in jobs]
    assert weights == [(0.0, 0.0), (0.5, 0.0), (0.5, 0.4)]


def test_what_is_missing_for_the_correction_can_be_trained(home: Any) -> None:
    cache.store().delete(next(info.run_id for info in home.infos if info.label == "balanced"))
    page = overview(home, tour="6")
    assert "not known yet" in said(page)
    assert any(button.label == "Train the missing model" for button in page.button)


def test_presenting_hides_controls_on_every_address_until_it_is_left(home: Any) -> None:
    page = press(overview(home), "present")
    assert address(page, "present") == "1"
    styles = "\n".join(element.proto.body for element in page.get("html"))
    assert '[data-testid="stHeader"], .st-key-rv-lead' in styles
    assert "browse?data=mine&amp;a=" in styles
    assert all(link.endswith("present=1") for link in re.findall(r'href="(browse[^"]*)"', styles))
    press(page, "leave")
    assert "present" not in page.query_params
    styles = "\n".join(element.proto.body for element in page.get("html"))
    assert '[data-testid="stHeader"], .st-key-rv-lead' not in styles
    assert "present=1" not in styles
