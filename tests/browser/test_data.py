"""Somebody brings a catalogue with faults: each is reported, the rest is imported, and a model is trained on it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")


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


def upload(page: Page, place: str, path: Path, settle: Callable[[Page], None]) -> None:
    page.get_by_test_id("stFileUploader").filter(has_text=place).locator("input[type=file]").set_input_files(path)
    see(page.get_by_text(path.name, exact=True)).to_be_visible()
    settle(page)  # a file given while the page is drawn anew is lost


def bring(page: Page, app_url: str, files: Any, settle: Callable[[Page], None]) -> None:
    """Upload all three files and check them."""
    page.goto(f"{app_url}/data")
    settle(page)
    upload(page, "Catalogue", files.catalogue, settle)
    upload(page, "Watch log", files.log, settle)
    upload(page, "Thumbnails", files.pictures, settle)
    see(page.get_by_text("42 pictures")).to_be_visible()
    see(page.get_by_role("combobox", name="Thumbnail file")).to_have_value("image")
    page.get_by_role("button", name="Check the files").click()
    see(page.get_by_role("button", name="Check again")).to_be_visible()


def test_a_faulty_catalogue_is_reported_imported_and_trained_on(
    app_url: str, page: Page, settle: Callable[[Page], None], faulty_upload: Any
) -> None:
    bring(page, app_url, faulty_upload, settle)
    kinds = page.get_by_role("region", name="Faults by kind")
    see(kinds.get_by_role("row")).to_have_count(1 + len(faulty_upload.faults))  # all are of different kinds
    rows = [" ".join(text.split()) for text in kinds.get_by_role("row").all_inner_texts()]
    for planted in faulty_upload.faults:
        beginning = f"{planted.kind} {planted.file}.csv 1 {planted.done}"
        assert len([row for row in rows if row.startswith(beginning)]) == 1, beginning
    see(page.get_by_text(f"{500 - faulty_upload.n_videos} of 500 dropped")).to_be_visible()
    see(page.get_by_text(f"{6_000 - faulty_upload.n_views} of 6,000 dropped")).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download all faults (CSV)").click()
    listed = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))))
    told = [(line["file"], line["row"], line["column"], line["fault"], line["done"]) for line in listed]
    planted_ones = [
        (f"{one.file}.csv", "" if one.row is None else str(one.row), one.column or "", one.kind, one.done)
        for one in faulty_upload.faults
    ]
    assert sorted(told) == sorted(planted_ones)
    assert all(line["cure"] for line in listed)

    settle(page)
    page.get_by_role("textbox", name="Name of the dataset").fill("Faulty & mended")
    page.get_by_role("button", name="Import", exact=True).click()
    see(page.get_by_text(f"Imported “Faulty & mended”: {faulty_upload.n_videos} videos.")).to_be_visible()
    see(page).to_have_url(re.compile(r"[?&]data=faulty-mended(&|$)"))
    row = (
        page.get_by_role("region", name="The datasets there are").get_by_role("row").filter(has_text="Faulty & mended")
    )
    see(row).to_contain_text(f"{faulty_upload.n_views:,}")
    see(page.get_by_role("button", name="Train two runs")).to_be_enabled()

    page.goto(f"{app_url}/tune?data=faulty-mended&epochs=1")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    see(page.get_by_role("heading", name=re.compile("Newest result"))).to_be_visible()
    see(page.get_by_role("button", name="Cancel")).to_have_count(0)  # nor is a baseline still in the making


def test_proposed_topics_are_renamed_and_merged_in_the_table_on_a_phone(
    app_url: str, new_page: NewPage, settle: Callable[[Page], None], faulty_upload: Any
) -> None:
    page = new_page(width=390)
    bring(page, app_url, faulty_upload, settle)
    settle(page)
    wanted = page.get_by_role("spinbutton", name="How many topics")
    wanted.fill("4")
    wanted.press("Enter")
    settle(page)
    page.get_by_role("button", name="Propose topics").click()
    see(page.get_by_text("4 groups make 4 topics.")).to_be_visible()
    settle(page)
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    for place in (0, 1):
        table.locator(".dvn-scroller").dblclick(position={"x": 60, "y": 36 + 28 + 56 * place})
        editor = page.locator("#portal textarea")
        editor.fill("Together")
        editor.press("Enter")
        see(editor).to_have_count(0)
        settle(page)
    see(page.get_by_text("4 groups make 3 topics.")).to_be_visible()
    page.get_by_role("button", name="Use these topics").click()
    see(page.get_by_text("Your 3 proposed topics are in.")).to_be_visible()
    wide = page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    assert wide <= 390
