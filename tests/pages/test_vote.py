"""Vote: ballots hide whose list is whose, answers are on disk at once, results are hidden until asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.ui import cache
from relvid_core.experiments.votes import BallotBox, Vote

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


def page(home: Any, **query: str) -> AppTest:
    test = AppTest.from_file(ROOT / "pages/vote.py", default_timeout=SECONDS)
    for name, value in {"data": home.key, **query}.items():
        test.query_params[name] = value
    return test


def drawn(test: AppTest) -> str:
    assert not test.exception
    return " ".join(one.proto.body for one in test.get("html") if "<style>" not in one.proto.body)


def pair(home: Any) -> dict[str, str]:
    balanced = next(info for info in home.infos if info.label == "balanced")
    return {"a": balanced.run_id, "b": home.infos[0].run_id}


def box(home: Any) -> BallotBox:
    runs = pair(home)
    return BallotBox(home.runs, runs["a"], runs["b"])


def answer(test: AppTest, choice: str) -> AppTest:
    return next(button for button in test.button if (button.key or "").startswith(f"{choice}-")).click().run()


def cast(home: Any, votes: list[tuple[str, str, str]]) -> None:
    """(voter, seed, preferred "a", "b" or "") with A on the left."""
    runs = pair(home)
    choices = {"a": "left", "b": "right", "": "none"}
    for n, (voter, seed, preferred) in enumerate(votes):
        vote = Vote(f"{n:08x}", seed, runs["a"], runs["b"], 6, choices[preferred], voter, 1.0)  # type: ignore[arg-type]
        box(home).cast(vote)


def test_a_ballot_shows_both_lists_and_not_whose_they_are(home: Any) -> None:
    shown = page(home, **pair(home), vote="1").run()
    html = drawn(shown)
    assert html.count("<ol>") == 2
    assert html.count("<li>") >= 12
    for info in home.infos:
        assert info.run_id not in html
    assert "balanced" not in html
    assert shown.selectbox.len == 0
    assert shown.toggle.len == 0
    assert [button.label for button in shown.button] == ["Undo last vote", "Left", "No preference", "Right"]


def test_an_answer_is_on_disk_and_the_next_ballot_is_shown(home: Any) -> None:
    shown = page(home, **pair(home)).run()
    first = drawn(shown)
    answer(shown, "left")
    (vote,) = box(home).read().votes
    assert vote.choice == "left"
    assert vote.voter == "anonymous"
    assert {vote.left, vote.right} == set(pair(home).values())
    assert drawn(shown) != first
    answer(shown, "none")
    assert [one.choice for one in box(home).read().votes] == ["left", "none"]
    assert len({one.seed_id for one in box(home).read().votes}) == 2


def test_the_lists_are_those_of_the_runs_that_the_vote_names(home: Any) -> None:
    shown = page(home, **pair(home)).run()
    for _ in range(4):
        html = drawn(shown)
        answer(shown, "right")
        vote = box(home).read().votes[-1]
        catalog = cache.dataset(home.key).catalog
        left, right = html.split('aria-label="Right list"')
        for part, run_id in ((left.split('aria-label="Left list"')[1], vote.left), (right, vote.right)):
            row = cache.run(run_id).neighbours.rows[catalog.row(vote.seed_id), 0]
            title = catalog.titles[row]
            assert title in part or row < 3  # the first three titles are hostile, and escaped


def test_undo_shows_the_same_ballot_again(home: Any) -> None:
    shown = page(home, **pair(home)).run()
    answer(shown, "left")
    second = drawn(shown)
    answer(shown, "right")
    assert drawn(shown) != second
    shown.button(key="vote_undo").click().run()
    assert drawn(shown) == second
    assert len(box(home).read().votes) == 1


def test_a_name_has_votes_of_its_own(home: Any) -> None:
    shown = page(home, **pair(home)).run()
    answer(shown, "left")
    shown.text_input(key="voter").set_value(" <b>Ada</b>  ").run()
    assert shown.button(key="vote_undo").disabled
    answer(shown, "right")
    assert [one.voter for one in box(home).read().votes] == ["anonymous", "<b>Ada</b>"]


def test_results_are_hidden_until_asked_and_then_told_in_words(home: Any) -> None:
    cast(home, [("ada", f"v{n:03d}", "a" if n < 9 else "b") for n in range(3, 13)] + [("<i>bob", "v003", "a")])
    shown = page(home, **pair(home)).run()
    assert "Prefer" not in drawn(shown) + " ".join(one.value for one in shown.markdown)
    assert shown.metric.len == 0
    shown.toggle(key="vote_result").set_value(True).run()
    said = " ".join(one.value for one in shown.markdown)
    assert "No evidence that people prefer either: A on 6 and B on 4 of 10 decided seed videos" in said
    assert [metric.value for metric in shown.metric] == ["60.0\u202f%", "–", "63.6\u202f%"]
    html = drawn(shown)
    assert "&lt;i&gt;bob" in html
    assert "<i>bob" not in html
    assert 'href="browse?data=mine&amp;a=' in html
    assert "seed=v003" in html


def test_a_clear_preference_is_named(home: Any) -> None:
    cast(home, [("ada", f"v{n:03d}", "b") for n in range(3, 13)])
    shown = page(home, **pair(home)).run()
    shown.toggle(key="vote_result").set_value(True).run()
    assert any(one.value.startswith("**People prefer B: A on 0 and B on 10") for one in shown.markdown)


def test_damaged_lines_are_counted(home: Any) -> None:
    cast(home, [("ada", "v003", "a")])
    file = next((home.runs / "votes").glob("*.jsonl"))
    file.write_bytes(file.read_bytes() + b"{broken\n")
    shown = page(home, **pair(home)).run()
    shown.toggle(key="vote_result").set_value(True).run()
    assert any("1 lines of the ballot box are damaged" in warning.value for warning in shown.warning)


def test_a_reset_asks_first_and_can_be_undone(home: Any) -> None:
    cast(home, [("ada", "v003", "a"), ("ada", "v004", "b")])
    shown = page(home, **pair(home)).run()
    shown.toggle(key="vote_result").set_value(True).run()
    shown.button(key="vote_reset").click().run()
    assert box(home).read().votes == ()
    assert not shown.exception
    shown.button(key="vote_restore").click().run()
    assert len(box(home).read().votes) == 2
    assert not any(button.key == "vote_restore" for button in shown.button)


def test_the_link_for_voters_names_runs_and_length(home: Any) -> None:
    shown = page(home, **pair(home), vote_k="3").run()
    (link,) = [one.value for one in shown.code]
    assert link.endswith(f"/vote?vote=1&data=mine&a={pair(home)['a']}&b={pair(home)['b']}&vote_k=3")


def test_a_link_that_leads_nowhere_says_so(home: Any) -> None:
    lost = page(home, vote="1").run()
    assert "names no two runs" in lost.error[0].value
    folder = page(home, **pair(home) | {"data": str(home.data / "mine")}, vote="1").run()
    assert "a dataset that is not here" in folder.error[0].value
    gone = page(home, vote="1", a="../../etc", b="x").run()
    assert "run id" in gone.error[0].value
    assert not gone.exception


def test_one_run_is_not_enough(home: Any) -> None:
    alone = next(info for info in home.infos if info.label == "long lists")
    shown = page(home, a=alone.run_id).run()
    assert not shown.exception
    assert any("a vote needs two" in info.value for info in shown.info)


def test_where_there_are_no_runs_the_page_leads_to_tune(empty_home: Any) -> None:
    shown = page(empty_home).run()
    assert not shown.exception
    assert "no runs on this dataset yet" in shown.info[0].value


def test_a_vote_file_is_one_json_object_a_line(home: Any) -> None:
    shown = page(home, **pair(home)).run()
    answer(shown, "right")
    lines = next((home.runs / "votes").glob("*.jsonl")).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["box", "vote"]
