"""Overview: the first step, the table, keeping runs in order, and the way to the data."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.ui import cache, standings
from pages.ui.training import points
from pages.ui.words import MEASURES
from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.rivals.tunable import TUNABLE
from relvid_core.experiments.standings import CorrectionVerdict

PAGE = Path(__file__).resolve().parents[2] / "pages" / "overview.py"
NARROW = "\u202f"


def overview(key: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.query_params["data"] = key
    return page.run()


def html_of(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def test_first_step_trains_two_runs(empty_home: Any) -> None:
    page = overview("mine")
    assert not cache.store().list()[0]
    button(page, "Train two runs").click().run()
    jobs = cache.queue().jobs()
    assert [job.label for job in reversed(jobs)] == ["Engagement only", "Balanced"]
    assert [job.config.objective.relevance_weight > 0 for job in reversed(jobs)] == [False, True]
    assert any("models are in training" in said.value for said in page.markdown)
    assert not any("No model has been trained" in said.value for said in page.markdown)
    for job in jobs:
        assert cache.queue().wait(job.job_id, timeout=60).state == "done"
    page = overview("mine")
    assert not page.exception
    assert html_of(page).count("<tr") == 1 + 2 + sum(info.kind == "baseline" for info in cache.runs_of("mine"))


def test_what_to_do_comes_before_the_data_and_the_runs_once_there_are_some(empty_home: Any, trained: Any) -> None:
    assert [found.value for found in overview("mine").header] == ["Start here", "The data"]
    shutil.copytree(trained.runs, empty_home.runs, dirs_exist_ok=True)
    page = overview("mine")
    assert [found.value for found in page.header] == ["All runs", "The data"]
    assert "Take the tour" in [found.label for found in page.button]


def test_notes_on_the_data_are_folded_and_counted(empty_home: Any) -> None:
    said = html_of(overview("mine"))
    notes = [*cache.dataset("mine").notes, "Licence: not stated."]
    assert f"<summary>What to know about this data ({len(notes)})</summary>" in said
    assert all(f"<li>{html.escape(note)}</li>" in said for note in notes)


def test_first_step_on_videos_without_topics_needs_no_relevance(empty_home: Any) -> None:
    page = overview("bare")
    button(page, "Train two runs").click().run()
    assert [job.config.objective.relevance_weight for job in cache.queue().jobs()] == [0.0, 0.0]


def test_table_shows_the_stored_estimates(home: Any) -> None:
    page = overview(home.key)
    body = html_of(page)
    shown = next(info for info in home.infos if info.label == "balanced")
    recall = cache.store().estimates(shown.run_id)["recall"]
    row = next(row for row in body.split("<tr") if ">balanced</a>" in row)
    assert f"<td>{100 * recall.mean:.1f}{NARROW}%<small>{100 * recall.low:.1f} – {100 * recall.high:.1f}" in row


def test_trainings_that_differ_in_their_seed_say_their_spread(home: Any) -> None:
    assert "spread of" not in html_of(overview(home.key))
    info = next(info for info in home.infos if info.label == "balanced")
    twin = info.config.with_values(training__seed=1)
    job = cache.queue().wait(cache.queue().submit(home.key, twin, "twin").job_id, timeout=60)
    assert job.state == "done"
    first, second = (cache.store().estimates(str(run_id)) for run_id in (info.run_id, job.run_id))
    rows = [row for row in html_of(overview(home.key)).split("<tr") if ">± spread of 2 trainings<" in row]
    assert "chance of training" in rows[0]
    assert ["twin" in rows[0], "balanced" in rows[1], len(rows)] == [True, True, 2]
    for metric in ("recall", "topic_match"):
        apart = abs(first[metric].mean - second[metric].mean)
        expected = f"<small>± {100 * apart / 2**0.5:.1f}</small>"  # of two values
        assert all(expected in row for row in rows)


def test_baselines_are_explained_and_tuned(home: Any) -> None:
    page = overview(home.key)
    assert not page.exception
    said = html_of(page)
    assert "<b>EASE</b>: A linear model of what else a viewer watched" in said
    assert ("<small>not installed: pip install -r requirements-rivals.txt</small>" in said) == bool(
        TUNABLE["als"].missing
    )
    button(page, "Tune the baselines").click().run()
    job = cache.queue().jobs()[0]
    assert (job.kind, job.dataset_key, job.config) == ("tuning", home.key, home.infos[0].config)
    assert cache.queue().wait(job.job_id, timeout=120).state == "done"
    page = overview(home.key)
    assert ">EASE, tuned</a>" in html_of(page)
    assert "<small>chosen on the validation window: regularisation " in html_of(page)
    button(page, "Tune them again").click().run()
    assert [job.again for job in cache.queue().jobs()] == [True, False]


def test_a_cancelled_tuning_says_what_is_kept(home: Any) -> None:
    cache.queue().submit(home.key, home.infos[0].config.with_values(training__epochs=10_000), "before")
    waiting = cache.queue().submit_tuning(home.key, home.infos[0].config)
    page = overview(home.key)
    assert any("Tuning the baselines: waiting, number 2" in said.value for said in page.markdown)
    assert button(page, "Tune the baselines").disabled
    page.button(key=f"cancel_{waiting.job_id}").click().run()
    assert cache.queue().wait(waiting.job_id, timeout=30).state == "cancelled"
    cache.queue().cancel(waiting.job_id - 1)
    cache.queue().wait(waiting.job_id - 1, timeout=30)
    page = overview(home.key)
    assert any("the baselines that were done are kept" in said.value for said in page.info)


def test_videos_without_topics_have_no_topic_baseline(empty_home: Any) -> None:
    page = overview("bare")
    button(page, "Train two runs").click().run()
    for job in cache.queue().jobs():
        assert cache.queue().wait(job.job_id, timeout=60).state == "done"
    said = html_of(overview("bare"))
    assert "<small>left out: no video has a topic</small>" in said
    assert ">Topic only</a>" not in said
    assert ">EASE</a>" in said


def test_labels_from_users_are_never_markup(home: Any) -> None:
    page = overview(home.key)
    hostile = home.infos[0].label
    assert "<img src=x" in hostile
    assert "<img src=x" not in html_of(page)
    assert "&lt;img src=x" in html_of(page)
    for said in [*page.markdown, *page.warning, *page.success, *page.info]:
        assert "**bold**" not in said.value
        assert "<img" not in said.value.replace("\\<img", "")


def test_run_measured_otherwise_is_kept_apart_with_its_reason(home: Any) -> None:
    page = overview(home.key)
    assert ">long lists<" not in html_of(page)
    assert any("long lists" in said.value and "list length 30 instead of 20" in said.value for said in page.markdown)


def test_what_the_newest_model_costs_stands_before_the_chart(home: Any) -> None:
    page = overview(home.key)
    kinds = ["line" if 'class="rv-line"' in getattr(part.proto, "body", "") else part.type for part in page.main]
    assert kinds.index("line") < kinds.index("plotly_chart")


def test_every_row_links_into_browse_against_its_reference(home: Any) -> None:
    reference = next(info for info in home.infos if info.label == "engagement only")
    shown = next(info for info in home.infos if info.label == "balanced")
    assert f'href="browse?data=mine&amp;a={reference.run_id}&amp;b={shown.run_id}"' in html_of(overview(home.key))


def test_deletion_can_be_undone(home: Any) -> None:
    page = overview(home.key)
    run_id = page.selectbox(key="kept_run").value
    button(page, "Delete").click().run()
    assert not cache.store().exists(run_id)
    button(page, "Undo").click().run()
    assert cache.store().exists(run_id)
    assert not [found for found in page.button if found.label == "Undo"]


def test_rename_shows_everywhere(home: Any) -> None:
    page = overview(home.key)
    run_id = next(info.run_id for info in home.infos if info.label == "balanced")
    page.selectbox(key="kept_run").set_value(run_id).run()
    page.text_input(key=f"label_{run_id}").set_value("my favourite").run()
    button(page, "Rename").click().run()
    assert cache.store().info(run_id).label == "my favourite"
    assert ">my favourite</a>" in html_of(page)


def test_the_way_to_the_data_page_keeps_the_dataset(home: Any) -> None:
    links = [link for link in overview(home.key).get("page_link") if link.proto.page == "data"]
    assert [link.proto.query_string for link in links] == ["data=mine"]


def test_damaged_run_does_not_take_the_page_with_it(home: Any) -> None:
    (home.runs / home.infos[0].run_id / "run.toml").write_text("not = [toml", encoding="utf-8")
    page = overview(home.key)
    assert not page.exception
    assert ">balanced</a>" in html_of(page)


def _verdict(home: Any, recall: Estimate) -> str:
    config = ExperimentConfig().with_values(off_policy__strength=0.5)
    assert config.off_policy.strength == 0.5
    corrected, plain = home.infos[0], home.infos[1]
    verdict = CorrectionVerdict(corrected, plain, recall, Estimate(-0.05, -0.06, -0.04, 9))
    return standings.verdict_text(verdict)


def test_verdict_says_plainly_whether_the_correction_pays(home: Any) -> None:
    assert "pays here" in _verdict(home, Estimate(0.02, 0.01, 0.03, 9))
    assert "costs recall" in _verdict(home, Estimate(-0.02, -0.03, -0.01, 9))
    said = _verdict(home, Estimate(0.001, -0.01, 0.012, 9))
    assert "does not beat" in said
    assert "+0.1 points (−1.0 to +1.2)" in said
    assert "−5.0 points (−6.0 to −4.0)" in said


def test_points_and_measures_are_written_with_units() -> None:
    assert points(Estimate(0.012, -0.008, 0.016, 9)) == "+1.2 points (−0.8 to +1.6)"
    recall, gini = MEASURES["recall"], MEASURES["gini"]
    assert (recall.text(0.2859), gini.text(0.2859), gini.text(float("nan"))) == (f"28.6{NARROW}%", "0.286", "–")
    assert recall.interval(Estimate(0.2, 0.1, 0.3, 9)) == f"10.0 – 30.0{NARROW}%"
    assert recall.interval(Estimate(0.2, float("nan"), float("nan"), 1)) == ""
    assert all(re.search(r"[.]$", measure.help) for measure in MEASURES.values())
