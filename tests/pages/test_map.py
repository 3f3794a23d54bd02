"""Map: whose space, which method, the seed and its neighbours, selections, and links to what is not there."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.cards import Shelf
from pages.ui.map_selection import selected_rows, selection_words
from relvid_core.experiments.projection import ProjectionSettings, candidate_vectors
from relvid_core.experiments.projection_desk import map_key

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


def page(home: Any, **query: str) -> AppTest:
    test = AppTest.from_file(ROOT / "pages/map.py", default_timeout=SECONDS)
    for name, value in {"data": home.key, **query}.items():
        test.query_params[name] = value
    return test


def words(test: AppTest) -> str:
    assert not test.exception
    return " ".join([element.value for element in test.markdown] + [one.proto.body for one in test.get("html")])


def sent(test: AppTest) -> dict[str, Any]:
    """What the browser draws: the points, and the marks upon them."""
    points, marks = (json.loads(element.proto.json) for element in test.get("bidi_component"))
    assert marks["points"] == points["catalogue"]["key"]
    return {**marks, **points}


def names(test: AppTest) -> list[str]:
    drawn = sent(test)
    return [one["words"] for one in drawn["catalogue"]["styles"]] + [one["name"] for one in drawn["runs"]]


def test_both_runs_are_drawn_in_the_space_of_a(home: Any) -> None:
    shown = page(home, seed="v010").run()
    assert "run A’s space" in words(shown)
    assert {"neighbours under A", "neighbours under B"} <= set(names(shown))
    assert sent(shown)["seed"]["row"] == 10
    assert {"Group 0", "Group 1"} <= set(names(shown))
    assert [metric.label for metric in shown.metric] == ["Trustworthiness"]
    assert 0 < float(shown.metric[0].value) <= 1
    assert "Space B" not in words(shown)


def test_a_link_asks_for_space_colour_and_length(home: Any) -> None:
    shown = page(home, seed="v010", space="B", colour="Popularity", k="24").run()
    assert "run B’s space" in words(shown)
    assert "Group 0" not in names(shown)
    assert [len(run["videos"]) for run in sent(shown)["runs"]] == [24, 24]
    content = page(home, space="Content").run()
    assert "texts and pictures" in words(content)


def test_what_a_link_asks_for_in_vain_is_left_out(home: Any) -> None:
    shown = page(home, space="C", colour="Size", method="MDS", seed="<b>gone").run()
    assert "run A’s space" in words(shown)
    assert any("gone" in warning.value and "<b>" not in warning.value for warning in shown.warning)


def test_without_a_second_run_a_stands_alone(home: Any) -> None:
    alone = next(info for info in home.infos if info.label == "long lists")
    shown = page(home, a=alone.run_id, space="B").run()
    assert "run A’s space" in words(shown)
    assert "neighbours under B" not in names(shown)
    space = next(box for box in shown.get("button_group") if box.key == "space")
    assert list(space.options) == ["A", "Content"]


def test_a_baseline_has_no_space_of_its_own(home: Any) -> None:
    baseline = next(info for info in cache.runs_of(home.key) if info.kind == "baseline")
    shown = page(home, a=baseline.run_id, b=home.infos[0].run_id).run()
    assert "run B’s space" in words(shown)
    assert "neighbours under A" in names(shown)


def test_tsne_is_drawn_when_asked_and_then_kept(home: Any) -> None:
    shown = page(home, method="t-SNE", perplexity="12").run()
    assert "was not drawn yet" in words(shown)
    assert "drawn with PCA" in words(shown)
    next(button for button in shown.button if button.label == "Draw with t-SNE").click().run()
    asked = shown.query_params["a"]
    run = cache.run(asked if isinstance(asked, str) else asked[0])
    key = map_key(run.info.run_id, candidate_vectors(run), ProjectionSettings("t-SNE", perplexity=12.0))
    deadline = time.monotonic() + SECONDS
    while cache.projections().find(key, run.info.n_videos) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    shown.run()
    assert "drawn with t-SNE" in words(shown)
    assert not any(button.label == "Draw with t-SNE" for button in shown.button)


def test_umap_says_how_to_install_it(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.map_space.has_umap", bool)  # bool() is False
    shown = page(home, method="UMAP").run()
    assert any("requirements-map.txt" in info.value for info in shown.info)
    assert "drawn with PCA" in words(shown)


def test_hostile_titles_stay_text_on_the_map(home: Any) -> None:
    shown = page(home, seed="v000").run()
    assert any(title.startswith("<img src=x") for title in sent(shown)["catalogue"]["titles"])  # becomes a text node
    assert "<img src=x" not in words(shown)
    assert sent(shown)["label"].startswith("Map of 70 videos")  # no data in it


def test_where_there_are_no_runs_the_page_leads_to_tune(empty_home: Any) -> None:
    shown = page(empty_home).run()
    assert not shown.exception
    assert "no runs on this dataset yet" in shown.info[0].value


def test_a_selection_holds_videos_of_this_map_alone() -> None:
    said = {"points": "this", "rows": [3, 1, 3, 9, -1, "2", 2.0, None, True, [0]]}
    assert selected_rows(said, "this", 5).tolist() == [1, 3]
    assert selected_rows(said, "another", 5).tolist() == []
    for nothing in (None, [], "rows", {}, {"points": "this"}, {"points": "this", "rows": "12"}):
        assert selected_rows(nothing, "this", 5).tolist() == []


def test_a_selection_is_told_in_words(home: Any) -> None:
    data = cache.dataset(home.key)
    run = cache.run(home.infos[0].run_id)
    judge = cache.prepared().get(data, run.info.config).judge
    shelf = Shelf(data.key, data.catalog, np.zeros(len(data.catalog), dtype=np.int64))
    said = selection_words(shelf, judge, np.array([0, 1, 2, 3, 4], dtype=np.int32))
    assert "Group 0 3 (60 %), Group 1 2 (40 %)" in said  # topics 0 … 4, of which 0, 2 and 4 are in group 0


def test_a_large_catalogue_is_drawn_in_part_and_says_so(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sent(page(home, seed="v010", k="6").run())
    assert len(whole["catalogue"]["titles"]) == 70
    monkeypatch.setattr("relvid_core.charts.map.MOST_DRAWN", 30)
    shown = page(home, seed="v010", k="6").run()
    part = sent(shown)
    assert len(part["catalogue"]["titles"]) == 30
    assert part["runs"] == whole["runs"]
    assert part["seed"] == whole["seed"]
    assert any("30 of the 70 videos are drawn" in caption.value for caption in shown.caption)


def test_a_hop_changes_the_marks_alone(home: Any) -> None:
    first, other = (sent(page(home, seed=seed).run()) for seed in ("v010", "v011"))
    assert first["catalogue"] == other["catalogue"]
    assert first["seed"] != other["seed"]
