"""The download button of Compare: a report that is only made when somebody presses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, report
from relvid_core.experiments.run import RunInfo

ROOT = Path(__file__).resolve().parents[2]


def labelled(home: Any, label: str) -> RunInfo:
    return next(info for info in home.infos if info.label == label)


def compare(home: Any, **query: str) -> AppTest:
    test = AppTest.from_file(ROOT / "pages/compare.py", default_timeout=60)
    for name, value in {"data": home.key, **query}.items():
        test.query_params[name] = value
    return test.run()


def test_the_button_makes_nothing_before_it_is_pressed(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(report, "report_html", made.append)
    page = compare(home)
    assert not page.exception
    button = page.get("download_button")[0].proto
    assert button.label == "Download report"
    assert button.deferred_file_id
    assert made == []


def test_a_run_that_stands_alone_can_be_reported_too(home: Any) -> None:
    page = compare(home, a=labelled(home, "long lists").run_id)
    assert not page.exception
    assert [box.label for box in page.selectbox if box.label.startswith("Run")] == ["Run A (compared with)"]
    assert [button.proto.label for button in page.get("download_button")] == [
        "Download report",
        "Download measures (CSV)",
    ]


def test_it_reports_the_runs_of_the_page_with_their_baselines(home: Any) -> None:
    a, b = (cache.run(labelled(home, label).run_id) for label in ("engagement only", "balanced"))
    material = report.material_of([a, b], cache.prepared().get(cache.dataset(home.key), a.info.config))
    assert material.runs == (a, b)
    assert material.prepared is not None
    assert len(material.baselines) > 4
    other = cache.prepared().get(cache.dataset(home.key), labelled(home, "long lists").config)
    assert report.material_of([a, b], other).missing
