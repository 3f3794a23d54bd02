"""`python -m relvid_core report`, as a user would type it; and one Holm family over several runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relvid_core.cli import main
from relvid_core.evaluation.estimates import paired_difference
from relvid_core.experiments.compare import HEADLINE_METRICS, paired_table, paired_tables
from relvid_core.report.material import gather


def test_a_report_is_written_where_it_was_asked_for(
    here: Any, hostile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.html"
    ids = [here.ids["plain"], here.ids[hostile][-6:]]  # a part of an id will do
    assert main(["--runs", str(here.store.root), "report", *ids, "--output", str(target)]) == 0
    assert "2 run(s)" in capsys.readouterr().out
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_without_a_name_it_is_written_here(here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--runs", str(here.store.root), "report", here.ids["plain"]]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [f"report-{here.ids['plain']}.html"]


def test_without_the_dataset_it_is_made_and_says_so(
    lab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    target = tmp_path / "out.html"
    assert main(["--runs", str(lab.store.root), "report", lab.ids["plain"], "--output", str(target)]) == 0
    assert "made without the dataset" in capsys.readouterr().out
    assert "could not be read" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing-like-it"], "names 0 runs"),
        (["{plain}", "{longer}"], "cannot be compared"),
        (["{plain}", "{plain}"], "twice"),
        (["{plain}", "--data", "nowhere"], "not found"),
        (["{plain}", "--output", "no/such/folder/x.html"], "cannot be written"),
    ],
)
def test_mistakes_are_answered_in_one_line(
    here: Any, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [argument.format(plain=here.ids["plain"], longer=here.ids["longer"]) for argument in arguments]
    assert main(["--runs", str(here.store.root), "report", *filled]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_p_values_of_several_runs_are_adjusted_as_one_family(here: Any) -> None:
    first, *others = gather(here.store, list(here.ids.values())[:3]).runs
    raw = [
        paired_difference(other.per_seed[metric], first.per_seed[metric], replicates=60, confidence=0.95).p_value
        for other in others
        for metric in HEADLINE_METRICS
    ]
    order = sorted(range(len(raw)), key=raw.__getitem__)
    expected, highest = [0.0] * len(raw), 0.0
    for rank, place in enumerate(order):  # Holm (1979), step by step
        highest = max(highest, min(1.0, raw[place] * (len(raw) - rank)))
        expected[place] = highest
    tables = paired_tables(first, others)
    assert [p for table in tables for p in table["p_value"]] == pytest.approx(expected)
    alone = paired_table(first, others[0])
    assert (alone["p_value"] <= tables[0]["p_value"]).all()
    assert alone["difference"].tolist() == tables[0]["difference"].tolist()
