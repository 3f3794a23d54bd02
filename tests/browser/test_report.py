"""A report in a real browser: from the button of Browse to a file that is opened without any network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import pytest

from relvid_core.config import ExperimentConfig
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain
from relvid_core.simulation.loader import load_sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
WAIT_MS = 180_000
LABEL = "</script><img src=x onerror=alert(1)>"
N_CHARTS = 9  # trade-off, topic match, two spreads, three strata, two trainings


@pytest.fixture(scope="module")
def runs(app_home: Path) -> list[str]:
    """Ids of two quickly trained runs on the sample world."""
    dataset, cache, store = load_sample(), PreparedCache(), RunStore(app_home)
    quick = ExperimentConfig().with_values(
        training__epochs=1, towers__dim=16, towers__text_dim=16, evaluation__bootstrap_replicates=50
    )
    configs = {"Watched": quick, LABEL: quick.with_values(objective__relevance_weight=2.0)}
    ids = []
    for label, config in configs.items():
        run = drain(train_run(dataset, config, cache=cache, label=label))
        store.save(run)
        ids.append(run.info.run_id)
    return ids


@pytest.fixture(scope="module")
def report(runs: list[str], app_url: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the button of Browse gives."""
    page = browser.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{app_url}/browse?{urlencode({'data': 'sample', 'a': runs[0], 'b': runs[1]})}")
    button = page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download report")
    with page.expect_download(timeout=WAIT_MS) as download:
        button.click()
    path = tmp_path_factory.mktemp("report") / download.value.suggested_filename
    download.value.save_as(path)
    page.close()
    return path


@pytest.fixture
def wrong() -> list[str]:
    """What browsers report while a test runs; it must stay empty."""
    return []


@pytest.fixture
def opened(report: Path, browser: Browser, wrong: list[str]) -> Iterator[Any]:
    """`opened(390, "dark")` opens the file without a network."""
    contexts = []

    def open_page(width: int, scheme: Literal["light", "dark"] = "light") -> Page:
        context = browser.new_context(
            offline=True, color_scheme=scheme, viewport={"width": width, "height": 900}, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"uncaught: {error}"))
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("request", lambda request: _note(request.url, report, wrong))
        page.goto(report.as_uri())
        sync_api.expect(page.locator(".chart.js-plotly-plot .cartesianlayer .subplot")).to_have_count(N_CHARTS)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == [], "the browser reported errors"


def _note(url: str, report: Path, wrong: list[str]) -> None:
    if not url.startswith("data:") and url != report.as_uri():
        wrong.append(f"asked for {url}")


def test_the_file_stands_alone(opened: Any, report: Path, runs: list[str], tmp_path: Path) -> None:
    assert report.name == f"report-{runs[1]}.html"
    assert report.stat().st_size < 8e6
    page = opened(1280)
    see = sync_api.expect
    see(page.get_by_role("heading", level=1)).to_have_text("2 runs on Sample world")
    see(page.locator("#differences table.paired tbody tr")).to_have_count(6)
    see(page.locator("#summary bdi").first).to_have_text(LABEL)
    see(page.locator(".example")).to_have_count(5)
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    page.locator("#runs details summary").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as run-a.toml").click()
    download.value.save_as(tmp_path / "run-a.toml")
    config = ExperimentConfig.from_toml((tmp_path / "run-a.toml").read_text(encoding="utf-8"))
    assert config.towers.dim == 16


def test_it_fits_a_telephone_and_a_wide_screen_in_the_dark(opened: Any) -> None:
    for width in (390, 1920):
        page = opened(width, "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ground, ink = page.evaluate("[getComputedStyle(document.body).backgroundColor, "
                                    "getComputedStyle(document.querySelector('.xtick text')).fill]")  # fmt: skip
        assert ground == "rgb(17, 24, 31)"
        assert ink == "rgb(228, 234, 239)"


def test_it_can_be_printed(opened: Any) -> None:
    page = opened(1280)
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    widths = page.evaluate("[...document.querySelectorAll('.chart')].map((chart) => chart.offsetWidth)")
    assert max(widths) > 1000  # back to the width of the screen


def test_the_policy_stops_a_script_that_is_not_its_own(opened: Any, wrong: list[str]) -> None:
    page = opened(1280)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.planted = true";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("window.planted") is None
    assert any("Content Security Policy" in text for text in wrong)
    wrong.clear()
