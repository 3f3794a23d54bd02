"""Compare: measures with verdicts, slices, the worst seeds, the noise of training, and what the log says of lists."""

from __future__ import annotations

import csv
import io
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, cache_readings, compare_change, compare_logged, compare_measures, compare_slices
from pages.ui.compare_measures import measures_csv
from pages.ui.compare_seeds import outcome_html
from pages.ui.compare_slices import slices_csv, topics_words
from relvid_core.charts.palette import QUIET, RUN_A, RUN_B
from relvid_core.evaluation.estimates import Estimate
from relvid_core.evaluation.off_policy.diagnostics import Support
from relvid_core.evaluation.off_policy.diagnostics import Verdict as Trust
from relvid_core.evaluation.off_policy.estimators import DR, IPS, SNIPS, OffPolicyReport, PolicyValue
from relvid_core.experiments import compare
from relvid_core.experiments.logged_value import LoggedValue
from relvid_core.experiments.measure_table import measure_table
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.report.words import MEASURES
from relvid_core.runtime import drain
from tests.pages.browsing import address, cards, drawn, labelled

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


def compared(home: Any, **query: str) -> AppTest:
    test = AppTest.from_file(ROOT / "pages/compare.py", default_timeout=SECONDS)
    for name, value in {"data": home.key, **query}.items():
        test.query_params[name] = value
    return test


def cells(html: str, about: str) -> list[list[str]]:
    """The rows of the table with this name, as text."""
    table = re.search(rf'aria-label="{about}">(.*?)</table>', html, flags=re.DOTALL)
    assert table is not None
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table.group(1), flags=re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return [[re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", cell)).strip() for cell in row] for row in found]


def said(page: AppTest) -> str:
    return " ".join(element.value for element in [*page.markdown, *page.caption, *page.info, *page.warning])


def test_every_measure_of_every_run_stands_beside_what_it_is_against_a(home: Any) -> None:
    page = compared(home).run()
    html = drawn(page)
    a, b = (cache.run(address(page, side)) for side in "ab")
    assert (b.info.run_id, a.info.label) == (home.infos[0].run_id, "balanced")
    lines = cells(html, "Measures of the runs")
    table = {
        measure.key: next(row for row in lines if re.match(rf"{re.escape(measure.title_at(20))}(?!,)", row[0]))
        for measure in (MEASURES[key] for key in ("recall", "topic_match", "popular_share", "gini"))
    }
    rows = measure_table({"A": a, "B": b}, MEASURES).set_index(["metric", "run"])
    for key in ("recall", "topic_match", "popular_share"):
        measure, row = MEASURES[key], table[key]
        assert row[1].startswith(measure.text(a.estimates[key].mean))
        assert row[2].startswith(measure.text(b.estimates[key].mean))
        assert rows.at[(key, "B"), "verdict"] in row[3]
        assert measure.signed(rows.at[(key, "B"), "difference"]) in row[3]
    assert f"by chance {MEASURES['topic_match'].text(a.estimates['topic_chance'].mean)}" in table["topic_match"][0]
    assert "at best" in table["topic_match"][0]
    assert "content alone" in table["topic_match"][0]
    assert "↺" in table["topic_match"][0]  # both runs learned from topics
    assert "↺ Topic match: the relevance loss learned from the same topics" in said(page)
    verdict = rows.at[("gini", "B"), "verdict"]
    assert verdict in ("higher", "lower", "no evidence")
    assert verdict in table["gini"][3]
    groups = [row[0] for row in lines if len(row) == 1]
    assert groups[0] == "What viewers watched next"
    assert groups[-1] == "All lists together"
    n_seeds = len(a.seeds)
    assert any(f"Only {n_seeds} seed videos" in one.value for one in page.warning) == (n_seeds < 100)


def test_no_evidence_says_what_would_have_shown(home: Any) -> None:
    a = cache.run(labelled(home, "balanced").run_id)
    up_and_down = np.where(np.arange(len(a.seeds)) % 2, 0.01, -0.01)
    b = replace(a, per_seed=a.per_seed | {"recall": a.per_seed["recall"] + up_and_down})
    table = measure_table({"A": a, "B": b}, ["recall"])
    html = compare_measures.measures_html(table, {"A": a, "B": b}, {}, 0.95, {})
    size = float(table["detectable"].iloc[1])
    assert size > 0
    assert f"a difference would show from {100 * size:.1f} points on" in html


def test_the_switch_lays_histograms_apart(home: Any) -> None:
    page = compared(home).run()
    charts = {chart.proto.id.split("-")[-1]: chart for chart in page.get("plotly_chart")}
    assert len(charts) == 3
    page = compared(home, spread="one below the other").run()
    layouts = [chart.proto.spec for chart in page.get("plotly_chart")]
    assert sum('"yaxis2"' in layout for layout in layouts) == 3


def test_one_measure_decides_on_bars_slices_and_worst_seeds(home: Any) -> None:
    page = compared(home, a=labelled(home, "balanced").run_id, b=labelled(home, "engagement only").run_id).run()
    a, b = (cache.run(address(page, side)) for side in "ab")
    score = compare.win_tie_loss(a, b, "topic_match")
    assert f"B is ahead on {score.wins:,} of {score.n:,} seed videos, A on {score.losses:,}" in drawn(page)
    page.selectbox(key="by").set_value("Recall@20").run()
    score = compare.win_tie_loss(a, b, "recall")
    html = drawn(page)
    assert f"Recall@20: B is ahead on {score.wins:,}" in html
    targets = [row[0] for row in cells(html, "Differences by popularity")]
    assert "Rarely watched targets" in targets
    page.selectbox(key="by").set_value("Popular share@20").run()
    assert "Where B is less popular" in [head.value for head in page.subheader]


def test_topics_come_with_the_worst_first_and_filter_the_worst_seeds(home: Any) -> None:
    a, b = labelled(home, "balanced").run_id, labelled(home, "engagement only").run_id
    page = compared(home, a=a, b=b, topics="finest", least="5").run()
    table = cache_readings.topic_slices(cache.run(a), cache.run(b), "topic_match", 0, 5)
    rows = cells(drawn(page), "Differences by topic")[1:]
    assert [row[0].replace("&lt;", "<").replace("&gt;", ">") for row in rows] == table["slice"].tolist()
    assert [row[1].lstrip("▲▼– ") for row in rows] == table["verdict"].tolist()
    topic = str(table["slice"].iloc[0])
    assert "<b > topic" in topic  # hostile
    assert "<b > topic" not in drawn(page)
    page.selectbox(key="choose_topic").set_value(topic).run()
    assert address(page, "topic") == topic
    shown, titles = cards(page, "changed"), cache.dataset(home.key).catalog.titles
    number = int(topic.split()[-1])
    worst = compare.changed_most(cache.run(a), cache.run(b), "topic_match")["row"].tolist()
    expected = [row for row in worst if row % 5 == number][:12]  # a topic's videos are five rows apart
    assert shown == [(row, titles[row]) for row in expected] != []
    page.selectbox(key="choose_topic").set_value("").run()
    assert "topic" not in page.query_params


def test_a_bar_has_three_parts_that_make_the_whole_and_words_that_say_them() -> None:
    html = outcome_html(compare.WinTieLoss(wins=2, ties=1, losses=1), "B")
    assert re.findall(r">([^<]+)</span>", html) == ["A ahead 25\u202f%", "equal 25\u202f%", "B ahead 50\u202f%"]
    widths = re.findall(r"--part:(#\w+);width:([\d.]+)%", html)
    assert [float(width) for _, width in widths] == [25, 25, 50]
    assert [colour for colour, _ in widths] == [RUN_A, QUIET, RUN_B]
    assert 'title="B ahead on 2 of 4 seed videos (50.0 %)"' in html
    assert outcome_html(compare.WinTieLoss(0, 0, 0), "D").count("width:0.00%") == 3  # no seed video in common


def test_the_worst_seeds_can_be_turned(home: Any) -> None:
    a, b = labelled(home, "balanced").run_id, labelled(home, "engagement only").run_id
    page = compared(home, a=a, b=b).run()
    worst = compare.changed_most(cache.run(a), cache.run(b), "topic_match")
    assert 12 < len(worst) <= 36
    assert f"1 to 12 of {len(worst)}" in drawn(page)
    page.button(key="worst_after").click().run()
    assert f"13 to {min(24, len(worst))} of {len(worst)}" in drawn(page)
    page.selectbox(key="by").set_value("nDCG@20").run()
    assert "1 to " in drawn(page)  # another question begins at its worst


def test_more_runs_are_each_held_against_a(home: Any) -> None:
    third = labelled(home, "engagement only")
    page = compared(home, c=third.run_id, judged="C").run()
    html = drawn(page)
    head = cells(html, "Measures of the runs")[0]
    assert [one.split()[0] for one in head] == ["Measure", "A", "B", "B", "C", "C"]
    assert "C is ahead on" in html
    assert "Where C got worse" in [head.value for head in page.subheader]


def test_without_twins_the_noise_is_said_to_be_unknown_and_can_be_trained(home: Any) -> None:
    page = compared(home).run()
    assert "no two stored runs differ only in their random seed" in said(page)
    page.button(key="train_twin").click().run()
    assert not page.exception
    (job, *_) = cache.queue().jobs()
    a = labelled(home, "balanced").config
    assert job.config == a.with_values(training__seed=a.training.seed + 1)
    cache.queue().wait(job.job_id, 60)
    page.run()
    assert "two trainings of A differ" in said(page)
    rows = {row[0]: row[1:] for row in cells(drawn(page), "What the lists have in common")}
    assert set(rows) >= {"Share in common", "Jaccard", "Rank-biased overlap"}
    assert all("–" not in row for row in rows.values())
    assert "balanced, seed" in said(page)


def test_a_log_without_exposures_says_why_nothing_can_be_estimated(home: Any) -> None:
    page = compared(home).run()
    assert "records what was watched, not what was shown" in said(page)
    assert not [button for button in page.button if button.key == "ask_logged"]


def test_no_verdict_where_the_log_cannot_speak_of_the_lists(home: Any) -> None:
    a, b = (cache.run(labelled(home, label).run_id) for label in ("balanced", "engagement only"))
    estimate, gain = Estimate(0.5, 0.4, 0.6, 90), Estimate(0.1, 0.05, 0.15, 90)

    def value(run: Run, trust: Trust, gain: Estimate | None) -> LoggedValue:
        support = Support(1000, 1.0, 0.3, 640.0, 9.0, 0.01, estimate, 0.2, "logged", trust, "said")
        values = dict.fromkeys((DR, SNIPS, IPS), PolicyValue(np.zeros(1), estimate))
        return LoggedValue(run, OffPolicyReport(values, support, np.ones(1, bool), np.zeros(1, np.int32)), gain)

    for trust, said_of_b in (("reliable", "▲ better +0.100 (+0.050 to +0.150)"), ("no support", "–")):
        shown = {"A": value(a, "reliable", None), "B": value(b, trust, gain)}  # type: ignore[arg-type]
        html = compare_logged.logged_html(shown, 0.95)
        _, first, second = cells(html, "Values estimated from the log")
        assert (first[4], second[4]) == ("–", said_of_b)
        assert "worth 640 of 1,000 slots" in second[5]
    assert "cannot say" in second[5]


def test_a_run_alone_shows_its_measures_and_the_way_on(home: Any) -> None:
    page = compared(home, a=labelled(home, "long lists").run_id).run()
    assert "A comparison needs two runs" in said(page)
    assert [link.proto.page for link in page.get("page_link")] == ["tune"]
    assert [row[0] for row in cells(drawn(page), "Measures of the runs")][2].startswith("Recall@30")
    assert "list length 20 instead of 30" in said(page).replace("\\", "")


def test_a_catalogue_without_topics_is_judged_by_recall(home: Any) -> None:
    data = cache.dataset("bare")
    config = labelled(home, "engagement only").config
    for seed in (0, 1):
        cache.store().save(drain(train_run(data, config.with_values(training__seed=seed), cache=cache.prepared())))
    page = compared(home, data="bare").run()
    assert page.selectbox(key="by").value == "Recall@20"
    assert "No video of this catalogue has a topic" in said(page)
    assert "choose_topic" not in [box.key for box in page.selectbox]
    assert "A and B differ only in their random seed" in said(page)


def test_where_there_are_no_runs_the_page_leads_to_tune(empty_home: Any) -> None:
    page = compared(empty_home).run()
    assert "no runs on this dataset yet" in said(page)
    assert [link.proto.page for link in page.get("page_link")] == ["tune"]
    assert "Train two runs" in [button.label for button in page.button]


def test_a_damaged_run_is_said_and_not_raised(home: Any) -> None:
    (home.runs / home.infos[0].run_id / "per_seed.parquet").write_bytes(b"not parquet")
    page = compared(home).run()
    assert not page.exception
    assert "damaged" in page.error[0].value


def test_downloads_hold_every_figure_and_no_formula(home: Any) -> None:
    a, b = (cache.run(labelled(home, label).run_id) for label in ("balanced", "engagement only"))
    runs = {"A": a, "B": replace(b, info=replace(b.info, label="=1+2"))}
    table = measure_table(runs, MEASURES)
    read = list(csv.DictReader(io.StringIO(measures_csv(table, runs))))
    assert len(read) == len(table)
    of_b = [row for row in read if row["run"] == "B"]
    assert {row["run_label"] for row in of_b} == {"'=1+2"}
    recall = next(row for row in of_b if row["key"] == "recall")
    assert float(recall["mean"]) == b.estimates["recall"].mean
    assert float(recall["difference_to_a"]) == pytest.approx(b.estimates["recall"].mean - a.estimates["recall"].mean)
    assert recall["verdict"] in ("better", "worse", "no evidence")
    slices = cache_readings.topic_slices(a, b, "topic_match", 0, 5)
    question = compare_slices.Question(None, None, runs, "B", MEASURES["topic_match"])  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(slices_csv({"topic": slices}, question))))
    assert [row["slice"] for row in lines] == slices["slice"].tolist()
    assert [float(row["difference_to_a"]) for row in lines] == slices["difference"].tolist()


def test_topics_in_words(home: Any) -> None:
    a, b = (cache.run(labelled(home, label).run_id) for label in ("balanced", "engagement only"))
    table = cache_readings.topic_slices(a, b, "topic_match", 0, 5)
    table["verdict"] = ["worse"] + ["no evidence"] * (len(table) - 2) + ["better"]
    assert f"Of {len(table)} topics with at least 5 seed videos, 2 differ with evidence" in topics_words(
        table, "worse", 5
    )
    assert "1 of them worse, which come first" in topics_words(table, "worse", 5)
    table["verdict"] = "no evidence"
    assert "0 differ with evidence (Holm-adjusted over all of them), none of them worse" in topics_words(
        table, "worse", 5
    )


def test_a_training_that_ends_while_the_page_is_drawn_is_shown(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page reads the runs first and the queue last; what ends in between must not be lost to both."""
    drawn_first, show = [], compare_change.show_change

    def slow(question: Any, infos: list[RunInfo]) -> None:
        show(question, infos)
        if not drawn_first:
            config = question.a.info.config.with_values(training__seed=7)
            job_id = cache.queue().submit(home.key, config, "twin").job_id
            assert cache.queue().wait(job_id, timeout=SECONDS).state == "done"
        drawn_first.append(len(infos))

    monkeypatch.setattr(compare_change, "show_change", slow)
    page = compared(home, a=labelled(home, "balanced").run_id, b=labelled(home, "engagement only").run_id).run()
    assert not page.exception
    assert drawn_first[1:] == [drawn_first[0] + 1]
    assert "Noise floor: “twin” and “balanced”" in " ".join(one.value for one in page.caption)


def test_a_second_look_is_quick(home: Any) -> None:
    page = compared(home).run()
    took = []
    for _ in range(3):
        began = time.perf_counter()
        page.run()
        took.append(time.perf_counter() - began)
    assert not page.exception
    assert min(took) < 1.5  # 0.2 s on two quiet cores
