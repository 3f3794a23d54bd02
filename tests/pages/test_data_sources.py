"""Data: which datasets there are, folders added by path, and their health."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, cache_intake

ROOT = Path(__file__).resolve().parents[2]


def data_page(key: str = "mine", **query: str) -> AppTest:
    page = AppTest.from_file(ROOT / "pages" / "data.py", default_timeout=120)
    for name, value in {"data": key, **query}.items():
        page.query_params[name] = value
    return page.run()


def html_of(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def labels(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def test_every_dataset_is_listed_and_counted_on_request(empty_home: Any) -> None:
    cache._facts.clear()  # another test of this process may have counted them …
    cache._dataset.clear()  # … or hold the one in use, which then would not be read again
    page = data_page("mine")
    assert not page.exception
    rows = html_of(page).split("<tr")
    mine = next(row for row in rows if ">mine (table)<" in row)
    assert "<td>70</td><td>80</td><td>1,920</td><td>not stated</td>" in mine
    assert 'aria-current="true"' in mine
    bare = next(row for row in rows if ">bare (table)<" in row)
    assert "<td>–</td>" in bare
    assert "aria-current" not in bare
    button(page, "Count them all").click().run()
    bare = next(row for row in html_of(page).split("<tr") if ">bare (table)<" in row)
    assert "<td>70</td><td>80</td>" in bare
    assert "Count them all" not in labels(page)


def test_a_dataset_that_cannot_be_read_says_so_and_hides_no_other(
    empty_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "home" / "broken <b>"
    broken.mkdir(parents=True)
    for name in ("catalogue.csv", "log.csv"):
        (broken / name).write_text("nothing,useful\n1,2\n")
    monkeypatch.setenv("RELVID_DATA", str(broken.parent))
    page = data_page("sample")
    button(page, "Count them all").click().run()
    assert not page.exception
    row = next(row for row in html_of(page).split("<tr") if "broken &lt;b&gt;" in row)
    assert "cannot be read" in row
    assert "no column" in row


def test_a_folder_is_added_chosen_remembered_and_removed(empty_home: Any, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("catalogue.csv", "log.csv"):
        (folder / name).write_bytes((empty_home.data / "mine" / name).read_bytes())
    page = data_page()
    page.text_input(key="new_folder").set_value(f'"{folder}"')
    button(page, "Add").click().run()
    assert not page.error
    assert page.selectbox(key="choose_data").value == "own"
    page = data_page("own")  # another session, as after a restart
    assert page.selectbox(key="choose_data").value == "own"
    button(page, "Remove").click().run()
    assert "own" not in {source.key for source in cache.sources()}
    assert folder.is_dir()


@pytest.mark.parametrize("typed", ["", "no/such/folder", "x" * 5000, "a\x00b"])
def test_a_path_that_is_none_is_explained(empty_home: Any, typed: str) -> None:
    page = data_page()
    page.text_input(key="new_folder").set_value(typed)
    button(page, "Add").click().run()
    assert not page.exception
    assert page.error[0].value.startswith("data folder")


def test_health_of_a_dataset_is_found_out_when_it_is_asked_for(empty_home: Any) -> None:
    assert 'aria-label="Advice' not in html_of(data_page())
    page = data_page(health="true")
    assert not page.exception
    assert 'aria-label="Advice' in html_of(page)
    assert cache_intake.kept_health(cache.dataset("mine")) is not None
