"""Voting in a browser: by keys, with undo, without a word on whose list is whose."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlencode

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
LABELS = {"a": "Watched alone", "b": "Mostly on topic"}


class NewPage(Protocol):
    def __call__(self, *, color_scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page: ...


@pytest.fixture(scope="module")
def runs(app_home: Path) -> dict[str, str]:
    dataset, cache, store = load_sample(), PreparedCache(), RunStore(app_home)
    quick = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=16, towers__text_dim=16, evaluation__bootstrap_replicates=50
    )
    ids = {}
    for side, config in (("a", quick), ("b", quick.with_values(objective__relevance_weight=2.0))):
        run = drain(train_run(dataset, config, cache=cache, label=LABELS[side]))
        store.save(run)
        ids[side] = run.info.run_id
    return ids


def see(thing: Any) -> Any:
    return sync_api.expect(thing)


def judged(page: Page, n: int) -> None:
    """Wait until a voter's progress says so."""
    see(page.get_by_text(re.compile(rf"Judged by you: {n} ·"))).to_be_visible()


def recorded(home: Path) -> list[dict[str, Any]]:
    lines = next((home / "votes").glob("*.jsonl")).read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["kind"] != "box"]


def test_a_voter_answers_by_keys_and_sees_no_names(
    runs: dict[str, str], app_home: Path, app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page()
    page.goto(f"{app_url}/vote?{urlencode({'vote': '1', 'data': 'sample', 'vote_k': '3', **runs})}")
    settle(page)
    judged(page, 0)
    for label in LABELS.values():
        see(page.get_by_text(label)).to_have_count(0)
    see(page.get_by_text("Show the result")).to_have_count(0)
    for name in ("Left list", "Right list"):
        see(page.get_by_role("region", name=name).get_by_role("listitem")).to_have_count(3)
    name = page.get_by_role("textbox", name="Your name")
    name.fill("Ada 1")  # a digit in a name is no vote
    name.press("Enter")
    settle(page)
    judged(page, 0)
    page.get_by_role("heading", name="Blind vote").click()
    seed = page.get_by_role("region", name="Seed video").get_by_role("heading")
    for n, key in enumerate("120", start=1):
        before = seed.inner_text()
        page.keyboard.press(key)
        judged(page, n)
        see(seed).not_to_have_text(before)
        settle(page)
    last = seed.inner_text()
    assert [vote["choice"] for vote in recorded(app_home)] == ["left", "right", "none"]
    assert {vote["voter"] for vote in recorded(app_home)} == {"Ada 1"}
    page.get_by_role("button", name=re.compile("Undo last vote")).click()
    judged(page, 2)
    see(seed).not_to_have_text(last)
    settle(page)
    page.get_by_role("button", name=re.compile("^No preference")).click()
    judged(page, 3)
    see(seed).to_have_text(last)  # the order goes on as if nothing had happened
    assert [record["kind"] for record in recorded(app_home)] == ["vote"] * 3 + ["undo", "vote"]


def test_results_show_when_asked_on_a_narrow_dark_screen(
    runs: dict[str, str], app_url: str, new_page: NewPage, settle: Callable[[Page], None]
) -> None:
    page = new_page(color_scheme="dark", width=390)
    page.goto(f"{app_url}/vote?{urlencode({'data': 'sample', **runs})}")
    settle(page)
    page.get_by_role("button", name=re.compile("^Left")).click()
    judged(page, 1)
    settle(page)
    see(page.get_by_text("Prefer A")).to_have_count(0)
    page.get_by_text("Show the result").click()
    see(page.get_by_text("Prefer A")).to_be_visible()
    see(page.get_by_role("heading", name=f"A {LABELS['a']}")).to_be_visible()
    see(page.get_by_role("region", name="Votes by voter")).to_contain_text("anonymous")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= window.innerWidth")
