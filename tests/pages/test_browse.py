"""Browse: lists side by side, hopping, reasons, and links that ask for what is not there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, cache_readings
from relvid_core.experiments.typical import typical_seed
from relvid_core.report.words import MEASURES, VERDICT_LOOKS
from tests.pages.browsing import SECONDS, address, browse, cards, drawn, follow, labelled


def test_the_newest_two_comparable_models_stand_side_by_side(home: Any) -> None:
    page = browse(home).run()
    html = drawn(page)
    assert address(page, "b") == home.infos[0].run_id
    assert address(page, "a") == labelled(home, "balanced").run_id
    assert len(cards(page, "A")) == len(cards(page, "B")) == 12
    assert html.count('<h3 class="rv-heading">') == 2
    assert "stand in both lists" in html
    assert len(page.get("plotly_chart")) == 0


def test_it_opens_on_a_typical_video_and_says_how_that_was_chosen(home: Any) -> None:
    page = browse(home).run()
    shown = [cache.run(address(page, side)) for side in "ab"]
    prepared = cache.prepared().get(cache.dataset(home.key), shown[0].info.config)
    row = int(address(page, "seed").removeprefix("v"))
    assert row == typical_seed(shown, prepared.judge, 12)
    assert row != prepared.history.popularity.argmax()  # the most watched, on which lists are most alike
    assert {row for row, _ in cards(page, "A")} != {row for row, _ in cards(page, "B")}
    assert "the page opens on a typical one" in page.text_input(key="seed_search").help
    alone = browse(home, a=labelled(home, "long lists").run_id).run()
    run = cache.run(address(alone, "a"))
    prepared = cache.prepared().get(cache.dataset(home.key), run.info.config)
    assert address(alone, "seed") == f"v{typical_seed([run], prepared.judge, 12):03d}"


def test_without_runs_two_are_trained_at_one_press(empty_home: Any) -> None:
    page = browse(empty_home).run()
    assert not page.exception
    assert "no runs on this dataset yet" in page.info[0].value
    assert [link.proto.page for link in page.get("page_link")] == ["tune"]
    next(button for button in page.button if button.label == "Train two runs").click().run()
    jobs = cache.queue().jobs()
    assert [job.label for job in reversed(jobs)] == ["Engagement only", "Balanced"]
    for job in jobs:
        assert cache.queue().wait(job.job_id, timeout=SECONDS).state == "done"
    page.run()
    assert len(cards(page, "A")) == len(cards(page, "B")) == 12


def test_runs_that_cannot_stand_here_are_named_with_the_reason(home: Any) -> None:
    page = browse(home).run()
    assert [box.label for box in page.expander if "Not comparable" in box.label] == ["Not comparable with run A (1)"]
    assert any("long lists" in said.value and "list length 30" in said.value for said in page.markdown)


def test_one_line_says_what_the_runs_are_worth_and_leads_to_all_of_it(home: Any) -> None:
    page = browse(home).run()
    line = re.search(r'<ul class="rv-line".*?</ul>', drawn(page))
    assert line is not None
    said = re.sub(r"<[^>]*>", " ", line.group())
    table = cache_readings.measures({side: cache.run(address(page, side.lower())) for side in "AB"})
    rows = table[table["run"] == "B"].set_index("metric")
    for key in ("recall", "topic_match", "popular_share"):
        assert f"{MEASURES[key].title_at(20)}  {VERDICT_LOOKS[rows.at[key, 'verdict']][1]} ".strip() in said
        assert MEASURES[key].signed(rows.at[key, "difference"]) in said
    link = page.get("page_link")[-1].proto
    assert link.page == "compare"
    assert parse_qs(link.query_string) == {name: [address(page, name)] for name in ("data", "a", "b")}


def test_the_line_is_left_out_for_a_run_that_stands_alone(home: Any) -> None:
    page = browse(home, a=labelled(home, "long lists").run_id).run()
    assert "rv-line" not in drawn(page)
    assert page.get("page_link")[-1].proto.page == "compare"


def test_cards_show_the_list_of_the_run(home: Any) -> None:
    page = browse(home, seed="v010").run()
    run = cache.run(address(page, "a"))
    titles = cache.dataset(home.key).catalog.titles  # the first three are hostile
    assert cards(page, "A") == [(row, titles[row]) for row in run.neighbours.rows[10, :12].tolist()]


def test_a_copied_link_shows_the_same(home: Any) -> None:
    first = browse(home, seed="v020", k="24").run()
    query = {name: address(first, name) for name in ("a", "b", "seed", "k")}
    again = browse(home, **query).run()
    assert query["seed"] == "v020"
    assert len(cards(again, "A")) == 24
    assert drawn(again) == drawn(first)


def test_a_click_on_a_card_makes_it_the_seed(home: Any) -> None:
    page = browse(home, seed="v010").run()
    row = int(cache.run(address(page, "b")).neighbours.rows[10, 4])
    follow(page, "B", 4)
    assert address(page, "seed") == f"v{row:03d}"
    assert address(page, "data") == home.key
    assert f'alt="Picture of {cache.dataset(home.key).catalog.titles[row]}"' in drawn(page) or row < 3


def test_unknown_ids_in_the_link_are_named_and_replaced(home: Any) -> None:
    page = browse(home, seed="<b>nope", a="gone", b="../x").run()
    said = " ".join(warning.value for warning in page.warning)
    assert "nope" in said
    assert "<b>" not in said
    assert "Run A" in said
    assert len(cards(page, "A")) == 12


def test_hostile_titles_and_labels_stay_text(home: Any) -> None:
    page = browse(home, seed="v000", k="48").run()
    html = drawn(page)
    assert "<img src=x" not in html
    assert "<b>topic" not in html
    assert "&lt;img src=x onerror" in html
    assert not any(":smile:" in button.label for button in page.button)


def test_only_comparable_runs_are_offered_as_b(home: Any) -> None:
    page = browse(home, a=labelled(home, "long lists").run_id).run()
    drawn(page)
    assert [box.label for box in page.selectbox if box.label.startswith("Run")] == ["Run A (compared with)"]
    assert any("No other run was measured like this one" in info.value for info in page.info)
    assert cards(page, "B") == []
    assert len(cards(page, "A")) == 12


def test_a_model_alone_is_set_against_the_best_baseline(home: Any) -> None:
    for info in home.infos:
        if info.label not in ("balanced", "long lists"):
            cache.store().delete(info.run_id)
    page = browse(home).run()
    rest = [info for info in cache.runs_of(home.key) if info.kind == "baseline"]
    best = max(rest, key=lambda info: cache.run(info.run_id).estimates["recall"].mean)
    assert address(page, "b") == labelled(home, "balanced").run_id
    assert address(page, "a") == best.run_id


def test_a_damaged_run_is_said_and_not_raised(home: Any) -> None:
    (home.runs / home.infos[0].run_id / "per_seed.parquet").write_bytes(b"not parquet")
    page = browse(home).run()
    assert not page.exception
    assert "damaged" in page.error[0].value


def test_browse_runs_through_the_app(home: Any) -> None:
    page = browse(home, "app.py").run()
    page.switch_page("pages/browse.py").run()
    page.selectbox(key="choose_data").set_value(home.key).run()
    assert len(cards(page, "A")) == 12
    assert not page.exception


def facts(page: AppTest) -> dict[str, list[str]]:
    """The rows of the facts table: name → cells, the tags of their texts left out."""
    body = drawn(page).split('<table class="rv-table rv-pair">')[1].split("</table>")[0]
    rows = re.findall(r"<tr><td><abbr[^>]*>(.*?)</abbr></td>(.*?)</tr>", body)
    table = {name: re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in rows}
    return {name: [re.sub(r"<[^>]*>", "", cell) for cell in cells] for name, cells in table.items()}


def test_why_costs_nothing_while_it_is_closed(home: Any) -> None:
    page = browse(home, seed="v010").run()
    assert 'class="rv-why"' not in drawn(page)
    assert "why" not in page.query_params
    assert [box.key for box in page.selectbox] == ["choose_data", "choose_a", "choose_b"]
    page.session_state["why_open"] = True
    page.run()
    assert drawn(page).count('class="rv-why"') == 2
    assert address(page, "why")
    page.session_state["why_open"] = False
    page.run()
    assert "why" not in page.query_params


def test_a_link_explains_a_video_by_the_numbers_of_both_runs(home: Any) -> None:
    a, b = labelled(home, "balanced"), home.infos[0]
    of_a, of_b = (cache.run(info.run_id).neighbours for info in (a, b))
    both = [row for row in of_b.rows[10, :12].tolist() if row in of_a.rows[10, :12]]
    row = next(row for row in both if row % 5 == 0)  # a topic's videos are five rows apart
    page = browse(home, seed="v010", why=f"v{row:03d}").run()
    html, table = drawn(page), facts(page)
    assert page.selectbox(key="choose_why").value == f"v{row:03d}"
    ranks = [int(np.flatnonzero(one.rows[10] == row)[0]) for one in (of_a, of_b)]
    assert list(dict.fromkeys(table["Place in the list"])) == [
        f"number\u00a0{rank + 1}" for rank in dict.fromkeys(ranks)
    ]
    stored = [float(one.scores[10, rank]) for one, rank in zip((of_a, of_b), ranks, strict=True)]
    assert [float(cell.replace("−", "-")) for cell in table["Score"]] == pytest.approx(stored, rel=0.01)
    assert len(page.get("plotly_chart")) == 1
    assert "not why viewers liked it" in html
    topic = "Group 0 &gt; &lt;b &gt; topic&lt;/b &gt; 0"
    assert table["Topics in common"] == [topic]
    assert f"both are about {topic}" in html


def test_why_begins_with_the_video_that_moved_most_and_again_after_a_hop(home: Any) -> None:
    def moved(page: AppTest, seed: int) -> str:
        of_a, of_b = (cache.run(address(page, side)).neighbours.rows[seed].tolist() for side in "ab")
        moves = [(abs(of_a.index(row) - place) if row in of_a else 999) for place, row in enumerate(of_b[:12])]
        return f"v{of_b[moves.index(max(moves))]:03d}"

    page = browse(home, seed="v010")
    page.session_state["why_open"] = True
    page.run()
    assert address(page, "why") == moved(page, 10)
    page.selectbox(key="choose_why").select_index(3).run()
    kept = page.selectbox(key="choose_why").value
    assert address(page, "why") == kept
    page.run()
    assert page.selectbox(key="choose_why").value == kept
    follow(page, "B", 4)
    seed = int(address(page, "seed").removeprefix("v"))
    assert address(page, "why") == moved(page, seed) == page.selectbox(key="choose_why").value


def test_a_link_to_a_video_in_neither_list_is_named_and_replaced(home: Any) -> None:
    page = browse(home, seed="v010", why="<b>nope").run()
    assert "nope" in page.warning[0].value
    assert "<b>" not in page.warning[0].value
    assert address(page, "why") != "<b>nope"
    assert len(facts(page)) == 8


def test_a_baseline_has_counts_but_no_parts(home: Any) -> None:
    popular = next(info for info in cache.runs_of(home.key) if info.label == "Most popular")
    page = browse(home, seed="v010", a=popular.run_id)
    page.session_state["why_open"] = True
    page.run()
    assert drawn(page).count("A baseline has no parts") == 1
    assert facts(page)["Off-policy weight"][0] == "–"
    assert len(page.get("plotly_chart")) == 1  # of B alone


def test_a_model_that_cannot_be_taken_apart_says_so_and_leaves_the_other(home: Any) -> None:
    store, run_id = cache.store(), home.infos[0].run_id
    run = store.load(run_id)
    assert run.towers is not None
    name, *_ = run.towers.parameters
    fewer = {key: value for key, value in run.towers.parameters.items() if key != name}
    store.delete(run_id)
    store.save(replace(run, info=replace(run.info, created_at=1.0), towers=replace(run.towers, parameters=fewer)))
    page = browse(home, seed="v010", a=labelled(home, "balanced").run_id, b=run_id)
    page.session_state["why_open"] = True
    page.run()
    assert drawn(page).count('class="rv-why"') == 1
    assert "Train the run again" in page.error[0].value


def test_three_runs_stand_beside_each_other_and_the_address_keeps_them(home: Any) -> None:
    page = browse(home, seed="v010").run()
    assert cards(page, "C") == []
    next(button for button in page.button if button.label == "+ Add a run").click().run()
    assert len(cards(page, "C")) == 12
    html = drawn(page)
    assert "stand in all 3 lists" in html or "stands in all 3 lists" in html
    again = browse(home, **{name: address(page, name) for name in ("a", "b", "c", "seed")}).run()
    assert drawn(again) == html
    page.button(key="drop_c").click().run()
    assert "c" not in page.query_params
    assert cards(page, "C") == []
