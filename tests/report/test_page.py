"""The file as a whole: it stands alone, runs only its own scripts, and says what the runs measured."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from relvid_core.errors import RunError
from relvid_core.experiments.compare import paired_table
from relvid_core.report.material import Material, gather
from relvid_core.report.page import report_html, write_report


class Read(HTMLParser):
    """The tags of a page, its text without scripts and styles, and its scripts."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.scripts, self._inside = "", [], ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._inside != "style":
            self.text += data


@pytest.fixture(scope="module")
def read(source: str) -> Read:
    return Read(source)


def test_nothing_is_asked_for_outside_the_file(read: Read) -> None:
    allowed = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,|data:text/plain;base64,|#[a-z]+$")
    named = [
        attrs[name]
        for tag, attrs in read.tags
        for name in ("src", "href", "srcset", "data", "action")
        if attrs.get(name)
    ]
    assert len(named) > 20
    assert [address for address in named if not allowed.match(str(address))] == []
    assert {tag for tag, _ in read.tags} & {"link", "iframe", "object", "embed", "base", "form"} == set()


def test_the_policy_lets_run_exactly_the_scripts_of_the_file(read: Read) -> None:
    policy = next(str(attrs["content"]) for tag, attrs in read.tags if attrs.get("http-equiv"))
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert rules["img-src"] == ["data:"]
    running = [text for attrs, text in read.scripts if attrs.get("type") != "application/json"]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in running]
    assert len(running) == 2
    assert rules["script-src"] == hashes
    assert not [name for _, attrs in read.tags for name in attrs if name.startswith("on")]


def test_hostile_names_stay_text(read: Read, hostile: str) -> None:
    assert hostile in read.text  # the label, and the titles of every seventh video
    assert {attrs.get("src") for tag, attrs in read.tags if tag == "img"} & {"x"} == set()
    assert all("alert" not in str(value) for _, attrs in read.tags for value in attrs.values())
    assert "i" not in {tag for tag, _ in read.tags}  # topics hold <i


def test_every_chart_has_its_place_and_its_data(read: Read) -> None:
    charts = {attrs["data-chart"]: json.loads(text) for attrs, text in read.scripts if "data-chart" in attrs}
    places = {attrs.get("id") for _, attrs in read.tags if attrs.get("class") == "chart"}
    assert set(charts) == places
    wanted = {"chart-tradeoff", "chart-topic", "chart-topic-match-B", "chart-popular-share-B"}
    wanted |= {"chart-recall-head", "chart-recall-mid", "chart-recall-tail", "chart-losses-A", "chart-losses-B"}
    assert wanted <= set(charts)
    assert all(chart["layout"].get("template") in (None, {}) for chart in charts.values())
    colours = [trace["line"]["color"] for trace in charts["chart-topic-match-B"]["data"]]
    assert colours == ["#0F7490", "#DD6B32"]  # A teal, B orange


def test_figures_of_the_text_are_those_of_the_runs(pair: Any, read: Read) -> None:
    for run in pair.runs:
        for metric in ("recall", "topic_match", "popular_share", "coverage"):
            assert f"{100 * run.estimates[metric].mean:.1f}\u202f%" in read.text
        assert f"{run.estimates['gini'].mean:.3f}" in read.text
    table = paired_table(*pair.runs)
    for difference in table["difference"].iloc[:1]:
        assert f"{100 * difference:+.1f} points".replace("-", "−") in read.text
    for baseline in pair.baselines:
        assert baseline.info.label in read.text
    assert "2023-11-14 22:13 UTC" in read.text


def test_verdicts_are_those_of_the_comparison(pair: Any, source: str) -> None:
    differences = source[source.index('<section id="differences">') :].split("</section>")[0]
    said = re.findall(r'<span class="rv-verdict [a-z-]+">\S* ?([a-z ]+)</span>', differences)
    table = paired_table(*pair.runs).set_index("metric")
    shown = ["recall", "ndcg", "topic_match", "popular_share", "popularity_percentile", "tail_share"]
    assert said == [table.loc[metric, "verdict"] for metric in shown]


def test_one_run_has_no_differences_and_three_have_two_tables(alone: Any, here: Any) -> None:
    assert 'id="differences"' not in report_html(alone)
    three = gather(here.store, list(here.ids.values())[:3])
    source = report_html(three)
    assert source.count('class="paired"') == 2
    assert "chart-topic-match-C" in source


def test_a_report_depends_on_its_material_only(pair: Any, source: str) -> None:
    assert report_html(pair, made_at=1_700_000_000.0) == source


def test_without_the_dataset_the_rest_is_there_and_the_reason_said(pair: Any) -> None:
    source = report_html(Material(pair.runs, pair.baselines, None, "dataset '<gone>': not found."))
    read = Read(source)
    assert "dataset '<gone>': not found." in read.text
    assert 'id="lists"' not in source
    assert 'id="differences"' in source
    assert f"{100 * pair.runs[1].estimates['recall'].mean:.1f}\u202f%" in read.text


def test_a_report_is_of_a_size_to_send(source: str) -> None:
    assert len(source.encode()) < 8e6


def test_a_tuned_baseline_says_its_settings_and_its_command(pair: Any, hostile: str) -> None:
    run = pair.runs[0]
    tuned = replace(run, info=replace(run.info, kind="baseline", notes=(f"chosen: {hostile}", "scored there")))
    source = report_html(Material((tuned,), (), None, "gone"))
    assert f"chosen: {hostile}; scored there" in Read(source).text
    assert "python -m relvid_core tune-baselines" in Read(source).text
    assert "tune-baselines" not in report_html(Material((run,), (), None, "gone"))


def test_a_run_without_topics_has_no_chart_of_topic_match(alone: Any) -> None:
    run = alone.runs[0]
    for name in ("topic_match", "topic_chance", "topic_ceiling"):
        run.estimates[name] = type(run.estimates[name])(math.nan, math.nan, math.nan, 0)
        run.per_seed[name][:] = math.nan
    source = report_html(alone)
    assert 'id="chart-topic"' not in source
    assert 'id="chart-topic-match-A"' not in source
    assert 'id="chart-popular-share-A"' in source


def test_writing_replaces_the_file_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, "old")
    write_report(path, "nëw\n")
    assert path.read_bytes() == "nëw\n".encode()
    (tmp_path / "taken").mkdir()
    for bad in (tmp_path / "missing" / "report.html", tmp_path / "taken"):
        with pytest.raises(RunError, match="cannot be written"):
            write_report(bad, "x")
    assert sorted(found.name for found in tmp_path.iterdir()) == ["report.html", "taken"]
