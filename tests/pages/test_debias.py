"""Debias: the reading of the log, sliders and links, the clip from the log, the axis, and the four runs."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, cache_readings
from pages.ui.debias_controls import CLIPS, nearest_step
from pages.ui.debias_exponents import SLIDERS, exponents_frame
from pages.ui.debias_weights import meter
from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.clipping import ClipChoice
from relvid_core.experiments.corrections import NAMES, CorrectionSet

PAGE = Path(__file__).resolve().parents[2] / "pages" / "debias.py"


def debias(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in {"data": "mine", **query}.items():
        page.query_params[name] = value
    return page.run()


def drawn(page: AppTest) -> str:
    """All HTML of the page, its styles left out."""
    assert not page.exception
    text = "".join(element.proto.body for element in page.get("html"))
    return re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def labels(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def test_a_log_without_exposures_or_values_cannot_tell(empty_home: Any) -> None:
    html = drawn(debias())
    assert "The log cannot tell whether popularity is luck or quality" in html
    assert "nobody can know" in html
    assert "Export exposures" in html
    assert "No number can be given." in html


def test_the_sample_world_is_read_by_its_exposures(empty_home: Any) -> None:
    page = debias(data="sample")
    html = drawn(page)
    reading = cache_readings.quality("sample", ExperimentConfig())
    assert reading.sentence.replace(" %", "\u202f%") in html
    slope = reading.slope
    assert f"{slope.mean:.3g} ({slope.low:.3g} to {slope.high:.3g}, 95 %)" in html
    assert page.slider(key="bend").disabled  # the proxy's exponent has no say where there are exposures


def test_sliders_move_the_facts_and_a_link_reproduces_them(empty_home: Any) -> None:
    moved = debias()
    before = drawn(moved)
    moved.slider(key="strength").set_value(1.0).run()
    moved.select_slider(key="largest").set_value(CLIPS[4]).run()
    moved.slider(key="bend").set_value(2.0).run()
    moved.select_slider(key="pseudo").set_value(10.0).run()
    moved.toggle(key="mean").set_value(False).run()
    linked = debias(strength="1.0", largest="2.72", bend="2.0", pseudo="10", mean="false")
    assert drawn(linked) == drawn(moved) != before


@pytest.mark.parametrize("query", [{"strength": "9"}, {"largest": "<b>"}, {"source": "exposures"}, {"pseudo": "-1"}])
def test_a_broken_link_is_mended(empty_home: Any, query: dict[str, str]) -> None:
    page = debias(**query)
    assert not page.exception
    assert not page.error


def test_strength_zero_says_what_to_do(empty_home: Any) -> None:
    page = debias(strength="0")
    assert any("Move β above 0" in said.value for said in page.info)
    assert any("nothing to compare" in said.value for said in page.info)
    assert "Train the comparison" not in labels(page)


def test_the_clip_from_the_log_is_the_step_nearest_to_its_choice(empty_home: Any) -> None:
    page = debias(strength="1.0")
    button(page, "Choose the clip from the log").click().run()
    chosen = page.select_slider(key="largest").value
    said = next(text.value for text in page.markdown if "the log chooses" in text.value).replace("\\", "")
    wanted = float(re.search(r"c = ([\d.]+)", said)[1])  # type: ignore[index]
    assert chosen in CLIPS
    assert abs(math.log(chosen) - math.log(wanted)) < 0.25


@pytest.mark.parametrize(
    ("clip", "clipped", "wanted"),
    [
        (20.0, 0.1, math.e**3),
        (22.7, 0.1, math.e**3),
        (22.9, 0.1, math.e**3.25),
        (20.2, 0.0, math.e**3.25),
        (1.0, 0.0, 1.0),
        (1e7, 0.0, math.inf),
        (1e7, 0.1, math.e**9),
    ],
)
def test_nearest_step(clip: float, clipped: float, wanted: float) -> None:
    assert nearest_step(ClipChoice(clip, pd.DataFrame(), clipped)) == wanted


def test_e3_is_a_step_and_the_default(empty_home: Any) -> None:
    assert math.e**3 in CLIPS
    assert debias().select_slider(key="largest").value == math.e**3


def test_meter_marks_three_nats() -> None:
    assert 'width:50.0%"></i><b style="left:75.0%"' in meter(2.0)
    assert 'width:100.0%"></i><b style="left:60.0%"' in meter(5.0)


def test_comparable_runs_join_the_axis(home: Any) -> None:
    page = debias()
    assert not page.exception
    models = [info for info in home.infos if info.config.evaluation == home.infos[0].config.evaluation]
    frame = exponents_frame(0.25, models)
    assert frame[c.RUN].iat[0] == SLIDERS
    assert frame[c.MEAN].iat[0] == 0.25
    plain = frame[frame[c.RUN] == "engagement only"]
    assert plain[c.KIND].tolist() == [c.PREDICTED, c.FITTED]
    assert plain[c.MEAN].iat[0] == 1.0
    low, mean, high = plain[[c.LOW, c.MEAN, c.HIGH]].iloc[1]
    assert low < mean < high


def test_the_comparison_is_trained_once_and_judged(empty_home: Any) -> None:
    page = debias(strength="0.5")
    button(page, "Train the comparison").click().run()
    jobs = cache.queue().jobs()
    assert len(jobs) == 4
    assert "Train the comparison" not in labels(page)
    jobs = [cache.queue().wait(job.job_id, timeout=120) for job in jobs]
    assert [job.state for job in jobs] == ["done"] * 4
    page = debias(strength="0.5")
    assert "Train the comparison" not in labels(page)
    html = drawn(page)
    table = html[html.index('aria-label="The four runs compared"') :]
    for name in NAMES.values():
        assert f">{name}<small>" in table
    runs = {job.label: cache.run(job.run_id) for job in jobs if job.run_id}
    opc = next(run for label, run in runs.items() if label.startswith("OPC β 0.5"))
    assert f"{100 * opc.estimates['recall'].mean:.1f}\u202f%" in table
    gap = 100 * float(np.nanmean(opc.per_seed["recall"] - runs[NAMES["none"]].per_seed["recall"]))
    assert f"{gap:+.1f}".replace("-", "−") in table
    words = set(re.findall(r'rv-verdict [\w-]+">(?:[▲▼–] | )([\w ]+)<', table))
    assert words <= {"better", "worse", "no evidence", "less popular", "more popular"}
    assert "no evidence" in words
    said = [element.value for element in [*page.success, *page.info]]
    assert any("wins here" in text or "does as well as" in text for text in said)
    assert not any("true engagement" in text.lower() for text in said)  # nobody knows it here
    other = debias(strength="0.9")  # other sliders: no correction and no logQ are there already
    assert "Train the comparison" in labels(other)
    assert any("2 of the four" in text.value for text in other.caption)


def test_the_set_asks_for_the_same_run_whatever_else_the_sliders_say() -> None:
    base = ExperimentConfig().with_values(off_policy__strength=0.4, off_policy__clip=5.0)
    four = CorrectionSet.around(base, 0.3)
    assert four.configs["none"] == ExperimentConfig()


def test_ready_made_pairs_without_topics_are_judged_too(empty_home: Any, tmp_path: Path, monkeypatch: Any) -> None:
    rng = np.random.default_rng(1)
    seeds, candidates = rng.integers(0, 40, 1500), (40 * rng.random(1500) ** 2).astype(int)
    (tmp_path / "ready").mkdir()
    frame = pd.DataFrame({"seed_id": seeds, "candidate_id": candidates, "weight": 1.0})
    frame = frame[frame["seed_id"] != frame["candidate_id"]].groupby(["seed_id", "candidate_id"], as_index=False).sum()
    frame.to_csv(tmp_path / "ready" / "pairs.csv", index=False)
    pd.DataFrame({"video_id": range(40), "title": [f"clip {row}" for row in range(40)]}).to_csv(
        tmp_path / "ready" / "catalogue.csv", index=False
    )
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    page = debias(data="ready")
    button(page, "Train the comparison").click().run()
    for job in cache.queue().jobs():
        assert cache.queue().wait(job.job_id, timeout=120).state == "done"
    table = drawn(debias(data="ready"))
    assert 'aria-label="The four runs compared"' in table
    assert "nan" not in table.lower()
