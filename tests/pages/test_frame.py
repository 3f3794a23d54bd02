"""The frame: routes, text from data, choices that stand in the address, pictures of videos."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.frame import PAGES, plain
from relvid_core.data.pictures import placeholder

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


def app(path: str, **query: str) -> AppTest:
    test = AppTest.from_file(ROOT / path, default_timeout=SECONDS)
    for name, value in query.items():
        test.query_params[name] = value
    return test


@pytest.mark.parametrize("key", PAGES)
def test_every_page_runs_alone(key: str, home: Any) -> None:
    page = app(f"pages/{key}.py", data=home.key).run()
    assert not page.exception
    assert len(page.title) == 1


@pytest.mark.parametrize("key", PAGES)
def test_every_page_runs_without_runs(key: str, empty_home: Any) -> None:
    page = app(f"pages/{key}.py", data=empty_home.key).run()
    assert not page.exception
    assert not page.error


def test_every_page_runs_through_the_app(home: Any) -> None:
    through = app("app.py", data=home.key).run()
    titles = [through.title[0].value]
    for key in [key for key, spec in PAGES.items() if not spec.default]:
        through.switch_page(f"pages/{key}.py")
        through.run()
        assert not through.exception
        titles.append(through.title[0].value)
    assert len(set(titles)) == len(PAGES)


def test_every_page_file_has_a_route() -> None:
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(PAGES)
    assert sum(spec.default for spec in PAGES.values()) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain words, and ünïcode", "plain words, and ünïcode"),
        ("**b**", r"\*\*b\*\*"),
        ("a\nb\x00c", "a b c"),
        ("<b>", r"\<b\>"),
        ("$x$", r"\$x\$"),
        (":smile:", "\\:\u2060smile\\:"),
        ("https://b.c", "https\\:\u2060//b\\.c"),
        ("www.b.c", "www\u2060\\.b\\.c"),
        ("a@b.c", "a@\u2060b\\.c"),
        ("\u202eevil", "evil"),
        ("שלום", "\u2068שלום\u2069"),
    ],
)
def test_plain_shows_text_as_it_is(text: str, wanted: str) -> None:
    assert plain(text) == wanted


@given(st.text())
def test_plain_neither_loses_nor_adds_visible_text(text: str) -> None:
    shown = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|<>~$:^=&])", r"\1", plain(text, limit=10**6))
    invisible = "\u2060\u2068\u2069\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067"
    kept = "".join(" " if ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in invisible else sign for sign in text)
    assert re.sub(f"[{invisible}\\s]", "", shown) == re.sub(r"\s", "", kept)


def test_plain_cuts_what_is_too_long() -> None:
    assert plain("x" * 50, limit=10) == "x" * 9 + "…"


def test_a_link_decides_and_a_choice_stands_in_the_address(home: Any) -> None:
    page = app("pages/tune.py", data="mine").run()
    chooser = page.selectbox(key="choose_data")
    assert chooser.value == "mine"
    chooser.set_value("bare").run()
    assert page.query_params["data"] in ("bare", ["bare"])
    page.query_params["data"] = "mine"  # another link is opened in the same session
    page.run()
    assert page.selectbox(key="choose_data").value == "mine"


def test_a_link_to_an_unknown_dataset_says_so(home: Any) -> None:
    page = app("pages/tune.py", data="**gone**").run()
    assert not page.exception
    assert r"\*\*gone\*\*" in page.warning[0].value
    assert page.selectbox(key="choose_data").value == "sample"


def test_a_damaged_list_of_folders_is_named(empty_home: Any) -> None:
    empty_home.runs.mkdir()
    (empty_home.runs / "datasets.toml").write_text("folders = [", encoding="utf-8")
    page = app("pages/overview.py").run()
    assert not page.exception
    assert "datasets" in page.error[0].value


def test_placeholder_is_a_picture_without_markup_from_data() -> None:
    uri = placeholder("<script> & more", "topic")
    kind, data = uri.split(",", 1)
    svg = base64.b64decode(data).decode()
    assert kind == "data:image/svg+xml;base64"
    assert "<script" not in svg
    assert ">M<" in svg  # "<script>" and "&" begin with no letter


def test_placeholder_colour_follows_the_topic() -> None:
    def colours(topic: str, title: str) -> list[str]:
        return re.findall(r"hsl\([^)]*\)", base64.b64decode(placeholder(title, topic).split(",")[1]).decode())

    assert colours("Food", "one") == colours("Food", "two") != colours("Travel", "one")


def test_thumbnail_serves_pictures_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pics"
    (folder / "thumbnails").mkdir(parents=True)
    (folder / "catalogue.csv").write_text("video_id,thumbnail\na,a.png\nb,b.png\n", encoding="utf-8")
    (folder / "log.csv").write_text("user_id,video_id,timestamp\nu,a,1700000000\nu,b,1700000100\n", encoding="utf-8")
    (folder / "thumbnails" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nrest")
    (folder / "thumbnails" / "b.png").write_bytes(b"<svg onload='alert(1)'/>")
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    assert cache.thumbnail("pics", 0).startswith("data:image/png;base64,")
    assert cache.thumbnail("pics", 1).startswith("data:image/svg+xml;base64,")
    assert b"onload" not in base64.b64decode(cache.thumbnail("pics", 1).split(",")[1])
