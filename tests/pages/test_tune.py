"""Tune: sliders to config, presets, links, the queue, and repeating a run without the app."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.controls import PRESETS, first_steps, preset_config
from pages.ui.weights import curve
from relvid_core.config import ExperimentConfig, OffPolicyConfig
from relvid_core.data.propensity import Propensity, importance_weights
from relvid_core.experiments.run import default_label

PAGE = Path(__file__).resolve().parents[2] / "pages" / "tune.py"


def tune(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def labels(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def config_of(page: AppTest) -> ExperimentConfig:
    """What "Repeat this" shows, read back: the very config that Train would submit."""
    return ExperimentConfig.from_toml(page.code[0].value)


@pytest.mark.parametrize("name", PRESETS)
def test_preset_sets_the_levers(empty_home: Any, name: str) -> None:
    page = tune(data="mine")
    page.button(key=f"preset {name}").click().run()
    assert config_of(page) == preset_config(name)


def test_preset_mark_follows_the_sliders(empty_home: Any) -> None:
    page = tune(data="mine")
    assert marked(page) == ["✓ Balanced"]
    page.slider(key="wr").set_value(0.7).run()
    assert marked(page) == []
    page.slider(key="wr").set_value(0.0).run()
    assert marked(page) == ["✓ Engagement only"]


def marked(page: AppTest) -> list[str]:
    return [button.label for button in page.button if button.label.startswith("✓")]


def test_a_link_reproduces_the_sliders(empty_home: Any) -> None:
    page = tune(data="mine", we="2", wr="0.5", beta="0.8", clip="10", epochs="3", text="false", tau="0.2", chance="7")
    found = config_of(page)
    assert (found.objective.engagement_weight, found.objective.relevance_weight) == (2.0, 0.5)
    assert (found.off_policy.strength, found.off_policy.clip) == (0.8, 10.0)
    assert (found.training.epochs, found.training.seed) == (3, 7)
    assert (found.towers.use_text, found.objective.temperature) == (False, 0.2)


@pytest.mark.parametrize("query", [{"wr": "99"}, {"wr": "x"}, {"clip": "11"}, {"prop": "nonsense"}, {"length": "-4"}])
def test_a_broken_link_is_mended(empty_home: Any, query: dict[str, str]) -> None:
    page = tune(data="mine", **query)
    assert not page.exception
    config_of(page)  # a valid config


def test_untouched_advanced_settings_are_the_defaults(empty_home: Any) -> None:
    page = tune(data="mine")
    page.button(key="preset Engagement only").click().run()
    assert config_of(page) == ExperimentConfig()


def test_no_loss_at_all_is_refused_in_words(empty_home: Any) -> None:
    page = tune(data="mine", we="0", wr="0")
    assert not page.exception
    assert "at least one loss weight" in page.error[0].value
    assert "Train" not in labels(page)


def test_no_input_at_all_is_refused_in_words(empty_home: Any) -> None:
    page = tune(data="mine", text="false", id="false")
    assert "use\\_id" in page.error[0].value
    assert "Train" not in labels(page)


def test_relevance_without_topics_is_refused_in_words(empty_home: Any) -> None:
    page = tune(data="bare")
    assert "no topics" in page.warning[0].value
    assert "Train" not in labels(page)
    page.slider(key="wr").set_value(0.0).run()
    assert "Train" in labels(page)


def test_exposures_are_offered_only_where_there_are_some(empty_home: Any) -> None:
    assert "exposures" not in tune(data="mine").selectbox(key="prop").options
    assert "exposures" in tune(data="sample").selectbox(key="prop").options


def test_train_submits_what_the_sliders_say(empty_home: Any) -> None:
    page = tune(data="mine", wr="0.5", epochs="1")
    page.text_input(key="label").set_value("  my   run ")
    wanted = config_of(page)
    button(page, "Train").click().run()
    job = cache.queue().jobs()[0]
    assert (job.label, job.dataset_key, job.config) == ("my run", "mine", wanted)
    assert cache.queue().wait(job.job_id, timeout=60).state == "done"
    page = tune(data="mine", wr="0.5", epochs="1")  # another tab
    assert any("my run" in heading.value for heading in page.subheader)
    assert any("exists already" in said.value and "my run" in said.value for said in page.info)
    assert "Train it again" in labels(page)


def test_a_run_without_a_name_gets_the_default_one(empty_home: Any) -> None:
    page = tune(data="mine", epochs="1")
    button(page, "Train").click().run()
    job = cache.queue().jobs()[0]
    assert job.label == default_label(job.config) == page.text_input(key="label").placeholder


def test_a_running_training_shows_in_every_tab_and_can_be_cancelled(empty_home: Any) -> None:
    long = preset_config("Balanced").with_values(training__epochs=10_000)
    first = cache.queue().submit("mine", long, "**long**")
    second = cache.queue().submit("mine", long.with_values(training__seed=1), "waiting")
    page = tune(data="mine")
    assert any("waiting" in said.value and "number 2" in said.value for said in page.markdown)
    assert any(r"\*\*long\*\*" in said.value for said in page.markdown)
    for job in (second, first):
        page.button(key=f"cancel_{job.job_id}").click().run()
        assert cache.queue().wait(job.job_id, timeout=30).state == "cancelled"
    assert not cache.store().list()[0]
    page.run()
    assert any("cancelled" in said.value for said in page.info)


def test_a_failed_training_says_why(empty_home: Any) -> None:
    job = cache.queue().submit("bare", preset_config("Balanced"), "no topics here")
    assert cache.queue().wait(job.job_id, timeout=60).state == "failed"
    page = tune(data="mine")
    assert "no topics here" in page.error[0].value


def test_results_stand_beside_the_engagement_only_run(home: Any) -> None:
    page = tune(data="mine")
    body = "\n".join(element.proto.body for element in page.get("html"))
    run = cache.run(home.infos[0].run_id)
    reference = cache.run(next(info.run_id for info in home.infos if info.label == "engagement only"))
    assert f"{100 * run.estimates['recall'].mean:.1f}" in body
    gap = 100 * float(np.nanmean(run.per_seed["recall"] - reference.per_seed["recall"]))
    assert f"{gap:+.1f} points".replace("-", "−") in body


def test_correction_figures_move_with_the_sliders(empty_home: Any) -> None:
    def said(**query: str) -> str:
        return "\n".join(element.proto.body for element in tune(data="mine", **query).get("html"))

    assert "Pairs that really count" not in said()
    weak, strong = said(beta="0.2"), said(beta="1.0")
    assert "Pairs that really count" in weak
    assert weak != strong


def test_curve_rises_from_the_most_to_the_least_shown() -> None:
    propensity = Propensity.from_counts(np.array([1, 100, 10]), 1.0, "popularity proxy")
    weights = importance_weights(propensity, OffPolicyConfig(strength=1.0, clip=1000.0), np.ones(3))
    # π = 2/101, 1, 11/101 → 1/π = 50.5, 1, 9.18, divided by their mean 20.23
    mean = (101 / 2 + 1 + 101 / 11) / 3
    drawn = curve(propensity, weights)
    assert f"most shown video: {1 / mean:.3g} ×" in drawn
    assert f"least shown: {101 / 2 / mean:.3g} ×" in drawn


def test_repeat_names_the_command(empty_home: Any) -> None:
    page = tune(data="mine")
    assert page.code[1].value == "python -m relvid_core train --data mine --config config.toml"
    assert math.isclose(config_of(page).off_policy.clip, math.e**3)


def test_first_steps_need_topics_for_relevance() -> None:
    assert [config.objective.relevance_weight for config in first_steps(has_topics=False).values()] == [0.0, 0.0]
    plain, balanced = first_steps(has_topics=True).values()
    assert plain == ExperimentConfig()
    assert balanced.objective.relevance_weight > 0
