"""Mix: sliders from the address, what follows them, shared heads, cancelling, and confirming by a trained model."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache, mix_prepare
from pages.ui.mix_confirm import label_of, table_html, verdict_words
from pages.ui.mix_pictures import measures_html, spread_html
from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.experiments.confirm import ERROR, PREVIEW, Confirmation, NoiseFloor, Overlap, shared_config
from relvid_core.experiments.datasets import DatasetSource, load_dataset
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.preview import Change, Position
from relvid_core.experiments.run import RunInfo
from relvid_core.experiments.store import RunStore
from relvid_core.runtime import drain

PAGE = Path(__file__).resolve().parents[2] / "pages" / "mix.py"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="session")
def split_runs(data_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of split heads and the shared run that confirms it at ω = 0.6 and κ = 0.2."""
    dataset = load_dataset(DatasetSource("mine", "mine (table)", data_home / "mine", "table"))
    config = ExperimentConfig().with_values(
        training__epochs=2, towers__dim=8, towers__text_dim=8, towers__heads="split",
        objective__relevance_weight=1.0, evaluation__k=10, evaluation__bootstrap_replicates=40,
    )  # fmt: skip
    root, kept = tmp_path_factory.mktemp("split_runs"), PreparedCache()
    confirming = shared_config(config, Position(0.6, 0.2))
    for label, wanted in {"Confirming": confirming, f"Split {HOSTILE}": config}.items():
        RunStore(root).save(drain(train_run(dataset, wanted, cache=kept, label=label)))
    return root


@pytest.fixture
def split_home(empty_home: Any, split_runs: Path) -> Any:
    """Those runs, in a folder of this test's own; newest first."""
    shutil.copytree(split_runs, empty_home.runs)
    return replace(empty_home, infos=tuple(cache.store().list()[0]))


def mix(home: Any, **query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in {"data": home.key, **query}.items():
        page.query_params[name] = value
    return page.run()


def drawn(page: AppTest) -> str:
    """All HTML of the page, its styles left out."""
    assert not page.exception
    text = "".join(element.proto.body for element in page.get("html"))
    return re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)


def split_info(home: Any) -> RunInfo:
    return next(info for info in home.infos if info.config.towers.heads == "split")


def shown(page: AppTest, measure: str) -> str:
    found = re.search(rf'<b data-measure="{measure}">(.*?)</b>', drawn(page))
    assert found is not None
    return found.group(1)


def titles(page: AppTest, side: str) -> list[str]:
    part = re.search(rf'<ol class="rv-list" data-side="{side}">.*?</ol>', drawn(page), flags=re.DOTALL)
    assert part is not None
    return re.findall(r'class="rv-title" dir="auto"><a [^>]*>(.*?)</a></div>', part.group())


def test_it_starts_where_the_lists_of_the_run_were_made(split_home: Any) -> None:
    page = mix(split_home)
    run = cache.run(split_info(split_home).run_id)
    assert (page.slider(key="omega").value, page.slider(key="kappa").value) == (0.5, 0.0)
    assert shown(page, "recall") == f"{100 * run.estimates['recall'].mean:.1f}\u202f%"
    assert drawn(page).count("as at the start") == 3
    assert len(titles(page, "A")) == 12
    assert titles(page, "A") == titles(page, "B")
    assert "Both lists hold the same videos" in drawn(page)


def test_lists_and_measures_follow_the_sliders(split_home: Any) -> None:
    page = mix(split_home, seed="v020")
    before, start = shown(page, "topic_match"), titles(page, "A")
    page.slider(key="omega").set_value(1.0).run()
    page.slider(key="kappa").set_value(1.0).run()
    assert shown(page, "topic_match") != before
    assert f"start {before}" in drawn(page)
    assert titles(page, "A") == start
    assert titles(page, "B") != start
    assert "Now: ω 1, κ 1" in drawn(page)
    assert ">new</span>" in drawn(page)
    next(button for button in page.button if button.label == "Reset").click().run()
    assert (page.slider(key="omega").value, page.slider(key="kappa").value) == (0.5, 0.0)
    assert titles(page, "B") == start


def test_a_link_reproduces_the_view_and_a_card_keeps_the_sliders(split_home: Any) -> None:
    page = mix(split_home, omega="0.8", kappa="-0.25", seed="v021")
    assert (page.slider(key="omega").value, page.slider(key="kappa").value) == (0.8, -0.25)
    link = re.search(r'href="\?(.*?)"', drawn(page))
    assert link is not None
    assert {"omega=0.8", "kappa=-0.25", "data=mine", f"run={split_info(split_home).run_id}"} < set(
        link.group(1).split("&amp;")
    )


@pytest.mark.parametrize("query", [{"omega": "7"}, {"kappa": "x"}, {"run": "../x"}, {"seed": "<b>nobody"}])
def test_a_broken_link_is_mended(split_home: Any, query: dict[str, str]) -> None:
    page = mix(split_home, **query)
    assert len(titles(page, "B")) == 12


def test_hostile_titles_and_labels_stay_text(split_home: Any) -> None:
    page = mix(split_home, seed="v000", omega="0.9")
    assert "<img src=x" not in drawn(page)
    assert "&lt;img src=x onerror" in drawn(page)
    assert not any("<img" in element.value for element in [*page.markdown, *page.caption])


def test_a_shared_head_moves_by_kappa_alone_and_split_heads_are_offered(home: Any) -> None:
    page = mix(home, kappa="0.5")
    assert [slider.key for slider in page.slider] == ["kappa"]
    assert "only the popularity exponent can move" in drawn(page)
    assert "Now: κ 0.5" in drawn(page)
    assert any(button.label == "Train a model with split heads" for button in page.button)


def test_an_empty_lab_trains_its_first_split_model_with_one_button(empty_home: Any) -> None:
    page = mix(empty_home)
    assert not page.exception
    assert [button.label for button in page.button] == ["Present", "Train a model with split heads"]
    assert any("model with **split heads**" in words.value for words in page.markdown)
    page.button[1].click().run()
    jobs = cache.queue().jobs()
    assert [job.config.towers.heads for job in jobs] == ["split"]
    cache.queue().cancel(jobs[0].job_id)
    cache.queue().wait(jobs[0].job_id, 60)


def test_where_nothing_is_relevant_the_page_says_so(empty_home: Any) -> None:
    page = mix(replace(empty_home, key="bare"))
    assert not page.exception
    assert "Nothing says what is relevant here" in page.info[0].value
    assert [link.proto.page for link in page.get("page_link")] == ["tune"]


def test_a_cancelled_preparation_can_be_taken_up_again(split_home: Any) -> None:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.query_params["data"] = split_home.key
    page.session_state[mix_prepare._STOPPED] = split_info(split_home).run_id
    page.run()
    assert "you cancelled it" in page.info[0].value
    assert not page.slider
    page.button[1].click().run()  # the first one is that of presenting
    assert len(titles(page, "B")) == 12


def test_a_position_without_a_trained_model_offers_to_train_it(split_home: Any) -> None:
    page = mix(split_home, omega="0.3")
    page.button(key="mix_confirm").click().run()
    job = cache.queue().jobs()[0]
    assert (job.config.objective.engagement_weight, job.config.objective.relevance_weight) == (0.3, 0.7)
    assert job.config.towers.heads == "shared"
    assert job.config.training.warm_start
    assert job.label == "mix 0.3 : 0.7, retrained"
    cache.queue().cancel(job.job_id)
    cache.queue().wait(job.job_id, 60)


def test_a_trained_model_is_set_against_the_preview_at_once(split_home: Any) -> None:
    page = mix(split_home, omega="0.6", kappa="0.2")
    html = drawn(page)
    assert not any(button.key == "mix_confirm" for button in page.button)
    assert any("The preview was off by" in text.value for text in page.markdown)
    confirming = next(info for info in split_home.infos if info.label == "Confirming")
    mean = cache.run(confirming.run_id).estimates["topic_match"].mean
    table = html[html.index("rv-confirm") :]
    assert f"{100 * mean:.1f}\u202f%" in table
    assert "Preview − retrained" in table


def test_a_damaged_run_is_said_and_not_raised(split_home: Any) -> None:
    (split_home.runs / split_info(split_home).run_id / "towers.safetensors").write_bytes(b"no")
    page = mix(split_home)
    assert not page.exception
    assert "damaged" in page.error[0].value


def test_the_verdict_names_both_errors_and_the_noise_floor() -> None:
    table = pd.DataFrame(
        {
            c.METRIC: ["recall", "topic_match"],
            PREVIEW: [0.30, 0.80],
            c.MEAN: [0.31, 0.76],
            c.LOW: [0.30, 0.75],
            c.HIGH: [0.32, 0.77],
            ERROR: [-0.01, 0.04],
        }
    )
    result = Confirmation(table, Overlap(20, 0.7, 0.55, 0.6), 100)
    alone = verdict_words(result, None)
    assert "off by **4.0 points of topic match and 1.0 points of recall**; 70 % of a list" in alone
    assert "two random seeds" in alone
    beside = verdict_words(result, NoiseFloor({"recall": 0.002, "topic_match": 0.005}, Overlap(20, 0.8, 0.7, 0.75)))
    assert "0.5 points and 0.2 points apart and share 80 % of a list" in beside
    html = table_html(table, 20, 0.95)
    assert "+4.0 points" in html
    assert "75.0 – 77.0\u202f%" in html


def test_a_confirming_run_is_named_by_its_weights() -> None:
    config = ExperimentConfig().with_values(
        objective__engagement_weight=0.4, objective__relevance_weight=0.6, objective__popularity_term=-0.5
    )
    assert label_of(config) == "mix 0.4 : 0.6, κ −0.5, retrained"


def test_bars_are_shares_of_the_seeds_and_undefined_measures_are_dashes() -> None:
    change = Change("topic_match", 0.5, 0.75)
    html = spread_html(change, np.array([0, 4, 0]), np.array([0, 2, 2]), 20, float("nan"))
    assert "Topic match@20 of 4 seed videos: 50.0\u202f% on average at the start, 75.0\u202f% now" in html
    assert "up to 100 % of the seeds" in html
    assert "chance" not in html
    nothing = float("nan")
    assert ">–</b>" in measures_html([Change("topic_match", nothing, nothing)], 20, "ω 1, κ 0")
