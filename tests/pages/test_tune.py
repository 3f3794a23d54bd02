"""Tune: sliders to config, presets, links, the queue, and repeating a run without the app."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
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
    assert marked(page) == ["✓ Popularity corrected"]
    page.select_slider(key="clip").set_value(5.0).run()
    assert marked(page) == []
    page.slider(key="beta").set_value(0.0).run()  # without correction the clip has no say
    assert marked(page) == ["✓ Engagement only"]


def marked(page: AppTest) -> list[str]:
    return [button.label for button in page.button if button.label.startswith("✓")]


def test_a_link_reproduces_the_sliders(empty_home: Any) -> None:
    page = tune(data="mine", we="2", wr="0.5", beta="0.8", clip="10", epochs="3", text="false", tau="0.3", chance="7")
    found = config_of(page)
    assert (found.objective.engagement_weight, found.objective.relevance_weight) == (2.0, 0.5)
    assert (found.off_policy.strength, found.off_policy.clip) == (0.8, 10.0)
    assert (found.training.epochs, found.training.seed) == (3, 7)
    assert (found.towers.use_text, found.objective.temperature) == (False, 0.3)


ADVANCED = {  # name in the link → what the link says, setting, what the config then holds
    "weighting": ("without what conflicts (PCGrad, Yu et al. 2020)", "objective.weighting", "pcgrad"),
    "rtau": ("0.2", "objective.relevance_temperature", 0.2),
    "hard": ("3", "objective.hard_negatives", 3.0),
    "tlevel": ("of the top level only", "objective.topic_level", 1),
    "hide": ("true", "objective.hide_topics", True),
    "guess": ("true", "objective.guess_topics", True),
    "kappa": ("-0.5", "objective.popularity_term", -0.5),
    "heads": ("one for each loss", "towers.heads", "split"),
    "blend": ("0.25", "objective.blend", 0.25),
    "prop": ("popularity proxy", "off_policy.propensity", "popularity"),
    "smooth": ("5", "off_policy.smoothing", 5.0),
    "gamma": ("0.5", "off_policy.gamma", 0.5),
    "norm": ("false", "off_policy.self_normalise", False),
    "batch": ("64", "training.batch_seeds", 64),
    "softmax": ("a sample of videos", "training.softmax", "sampled"),
    "drawn": ("100", "training.sampled_candidates", 100),
    "logq": ("false", "training.log_q", False),
    "warm": ("true", "training.warm_start", True),
    "pairs": ("every viewer by activity", "coengagement.pair_weight", "user"),
    "both": ("false", "coengagement.symmetric", False),
    "judged": ("Each viewer’s last watches", "split.kind", "per_user"),
    "fusion": ("weighted for each video (gated)", "towers.fusion", "gated"),
    "dropout": ("0.3", "towers.modality_dropout", 0.3),
    "words": ("CLIP", "towers.text_encoder", "clip"),
    "clipmodel": ("RN50", "towers.clip_model", "RN50"),
    "clipweights": ("local-dir:nothing", "towers.clip_weights", "local-dir:nothing"),
}


def test_a_link_reproduces_the_advanced_settings(empty_home: Any) -> None:
    link = {name: said for name, (said, _, _) in ADVANCED.items()}
    config, plain = config_of(tune(data="mine", **link)), ExperimentConfig()
    for _, setting, wanted in ADVANCED.values():
        section, name = setting.split(".")
        assert getattr(getattr(config, section), name) == wanted != getattr(getattr(plain, section), name)


def test_what_is_shown_can_be_learned(empty_home: Any) -> None:
    assert config_of(tune(data="mine", prop="a model of what is shown")).off_policy.propensity == "learned"


@pytest.mark.parametrize(
    "query",
    [
        {
            "wr": "0",
            "weighting": "without what conflicts (PCGrad, Yu et al. 2020)",
            "rtau": "0.2",
            "hard": "3",
            "tlevel": "of the top level only",
            "hide": "true",
        },
        {"blend": "0.25"},
        {"beta": "0", "clip": "10", "prop": "a model of what is shown", "gamma": "0.5", "smooth": "5", "norm": "false"},
        {"prop": "a model of what is shown", "smooth": "5"},
        {"drawn": "100", "logq": "false"},
        {"text": "false", "words": "CLIP", "fusion": "weighted for each video (gated)", "dropout": "0.3"},
        {"sees": "CLIP", "clipmodel": "RN50", "pictures": "true"},  # this catalogue has no pictures
    ],
)
def test_settings_without_effect_do_not_make_another_config(empty_home: Any, query: dict[str, str]) -> None:
    quiet = {name: value for name, value in query.items() if name in ("wr", "beta", "text")}
    if "smooth" in query and "beta" not in query:
        quiet["prop"] = query["prop"]
    assert config_of(tune(data="mine", **query)) == config_of(tune(data="mine", **quiet))


def test_relevance_is_offered_by_what_the_dataset_has(empty_home: Any, data_home: Path, tmp_path: Path) -> None:
    assert tune(data="mine").selectbox(key="relevant").options == ["shared topics"]
    home = tmp_path / "rated"
    for name in ("mine", "bare"):
        shutil.copytree(data_home / name, home / name)
        (home / name / "relevance.csv").write_text("seed_id,candidate_id,grade\nv001,v002,1\nv002,v003,0.5\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(home))
        assert tune(data="mine").selectbox(key="relevant").options == ["shared topics", "ratings by people"]
        assert config_of(tune(data="mine", relevant="ratings by people")).objective.relevance_source == "ratings"
        bare = tune(data="bare")  # no topics, and yet something to be relevant by
        assert "Train" in labels(bare)
        assert config_of(bare).objective.relevance_source == "ratings"


def test_pictures_are_offered_only_where_there_are_some(empty_home: Any, data_home: Path, tmp_path: Path) -> None:
    bare = tune(data="mine", pictures="true")
    assert bare.toggle(key="pictures").disabled
    assert "nothing to look at" in bare.toggle(key="pictures").help
    assert bare.selectbox(key="sees").disabled
    assert not config_of(bare).towers.use_visual
    home = tmp_path / "own"
    shutil.copytree(data_home / "mine", home / "mine")
    own_vectors = pd.DataFrame({"video_id": [f"v{row:03d}" for row in range(70)], "x": 1.0, "y": np.arange(70.0)})
    own_vectors.to_parquet(home / "mine" / "visual_vectors.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(home))
        own = tune(data="mine", pictures="true")
        assert own.selectbox(key="sees").options == ["vectors from a file"]
        towers = config_of(own).towers
        assert (towers.use_visual, towers.visual_encoder) == (True, "file")


def test_a_warm_start_says_what_it_would_begin_from(empty_home: Any, home: Any) -> None:
    small = {"data": "mine", "warm": "true", "dim": "8"}
    page = tune(**small)
    assert any("No earlier run fits" in said.value for said in page.caption)  # the stored ones have other texts
    config = config_of(page).with_values(training__warm_start=False, training__epochs=1)
    job = cache.queue().submit("mine", config, "the **first**")
    assert cache.queue().wait(job.job_id, timeout=60).state == "done"
    page = tune(**small, wr="0.5")
    assert any(r"Will begin from “the \*\*first\*\*”" in said.value for said in page.caption)
    button(page, "Train").click().run()
    warm = cache.queue().wait(cache.queue().jobs()[0].job_id, timeout=60)
    assert warm.config.training.warm_start
    assert warm.state == "done"
    began = r"Began from “the \*\*first\*\*” and trained 1 epoch more."
    assert any(caption.value.startswith(began) for caption in tune(**small).caption)
    cache.store().delete(cache.store().info(str(warm.run_id)).started_from or "")
    assert any("a run that was deleted since" in caption.value for caption in tune(**small).caption)


def test_a_warm_start_with_nothing_to_begin_from_says_so(empty_home: Any) -> None:
    page = tune(data="mine", warm="true", epochs="1")
    button(page, "Train").click().run()
    assert cache.queue().wait(cache.queue().jobs()[0].job_id, timeout=60).state == "done"
    assert any("trained from the start" in caption.value for caption in tune(data="mine").caption)


@pytest.mark.parametrize(
    "query",
    [
        {"wr": "99"},
        {"wr": "x"},
        {"clip": "11"},
        {"prop": "nonsense"},
        {"length": "-4"},
        {"relevant": "a teacher encoder"},
        {"batch": "0"},
        {"blend": "nan", "heads": "one for each loss"},
    ],
)
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
    assert any("my run" in heading.value for heading in page.header)
    assert any("exists already" in said.value and "my run" in said.value for said in page.info)
    assert "Train it again" in labels(page)


def test_a_run_without_a_name_gets_the_default_one(empty_home: Any) -> None:
    page = tune(data="mine", epochs="1")
    button(page, "Train").click().run()
    job = cache.queue().jobs()[0]
    assert job.label == default_label(job.config) == page.text_input(key="label").placeholder


def test_several_trainings_differ_in_their_seed_and_say_their_spread(empty_home: Any) -> None:
    asked = {"data": "mine", "epochs": "1", "dim": "8", "chance": "4", "trainings": "3"}
    page = tune(**asked)
    assert page.code[1].value.endswith("--config config.toml --seeds 3")
    page.text_input(key="label").set_value("**three**")
    button(page, "Train 3 models").click().run()
    jobs = list(reversed(cache.queue().jobs()))
    assert [job.label for job in jobs] == [f"**three** · seed {seed}" for seed in (4, 5, 6)]
    assert [job.config.training.seed for job in jobs] == [4, 5, 6]
    assert jobs[0].config == config_of(page) == jobs[2].config.with_values(training__seed=4)
    found = [cache.queue().wait(job.job_id, timeout=60) for job in jobs]
    assert {job.state for job in found} == {"done"}
    page = tune(**asked)
    recalls = [cache.store().estimates(str(job.run_id))["recall"].mean for job in found]
    said = next(caption.value for caption in page.caption if "spread of 3 trainings" in caption.value)
    assert "random seeds 4, 5 and 6" in said
    assert f"Recall@20 ± {100 * float(np.std(recalls, ddof=1)):.1f} points ({100 * min(recalls):.1f} – " in said
    assert "neither holds the other" in said
    assert any("3 of these 3 exist already" in info.value for info in page.info)
    assert "Train 3 models again" in labels(page)
    assert "Train 1 models" not in labels(page)
    assert "Train 1 model" in labels(tune(**asked | {"trainings": "4"}))  # three are there already
    assert "Train it again" in labels(tune(**asked | {"trainings": "1"}))


def test_a_warm_start_is_trained_once(empty_home: Any) -> None:
    page = tune(data="mine", warm="true", trainings="3")
    assert page.number_input(key="trainings").disabled
    assert "Train" in labels(page)


def test_seeds_beyond_the_last_are_refused_in_words(empty_home: Any) -> None:
    page = tune(data="mine", chance=str(2**31 - 1), trainings="2")
    assert "training\\.seed" in page.error[0].value


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
    assert any("tfidf" in caption.value for caption in page.caption)


def test_correction_figures_move_with_the_sliders(empty_home: Any) -> None:
    def said(**query: str) -> str:
        return "\n".join(element.proto.body for element in tune(data="mine", **query).get("html"))

    assert "Pairs that really count" not in said(beta="0")
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
    page = tune(data="mine", clip="e³ ≈ 20.1 (Chen et al. 2019)")
    assert math.isclose(config_of(page).off_policy.clip, math.e**3)


def test_first_steps_need_topics_for_relevance() -> None:
    assert [config.objective.relevance_weight for config in first_steps(has_topics=False).values()] == [0.0, 0.0]
    assert [config.off_policy.strength for config in first_steps(has_topics=False).values()] == [0.0, 0.4]
    plain, balanced = first_steps(has_topics=True).values()
    assert plain == ExperimentConfig()
    assert balanced.objective.relevance_weight > 0
