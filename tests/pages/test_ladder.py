"""Ladder: the plan, links, what is left out and why, training only what is missing, and what a trained one shows."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.content_download import WeightsDownload
from pages.ui.controls import preset_config
from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.protocol import RECALL
from relvid_core.experiments.ladder import TITLES

PAGE = Path(__file__).resolve().parents[2] / "pages" / "ladder.py"
QUICK = {"data": "mine", "cold": "20"}


def ladder(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=120)
    for name, value in {**QUICK, **query}.items():
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


def asked_configs(page: AppTest) -> list[ExperimentConfig]:
    """What the button submits; nothing of it is trained."""
    queue = cache.queue()
    blocker = queue.submit("mine", ExperimentConfig().with_values(training__epochs=10_000), "blocker")
    button(page, "Train the ladder").click().run()
    jobs = [job for job in reversed(queue.jobs()) if job.job_id != blocker.job_id]
    for job in [*jobs, blocker]:
        queue.cancel(job.job_id)
    return [job.config for job in jobs]


def test_the_plan_names_every_rung_and_why_one_is_left_out(empty_home: Any) -> None:
    page = ladder()
    html = drawn(page)
    assert all(title in html for title in TITLES.values())
    assert html.count("not trained yet") == 4
    assert "left out: no video has a picture" in html
    assert any(text.value.startswith("4 trainings") for text in page.caption)
    bare = drawn(ladder(data="bare"))
    assert "left out: nothing says what is relevant: no topics, no ratings, no teacher vectors" in bare
    assert bare.count("not trained yet") == 3


def test_the_defaults_are_the_balanced_preset_with_hidden_videos(empty_home: Any) -> None:
    top = asked_configs(ladder(cold="10"))[-1]
    assert top == preset_config("Balanced").with_values(split__cold_share=0.1)


def test_a_link_reproduces_the_controls(empty_home: Any) -> None:
    page = ladder(
        relevance="1.5", correction="0.8", clipped="10", cold="30", times="2", dropout="0.3",
        fusion="weighted for each video (gated)",
    )  # fmt: skip
    asked = asked_configs(page)
    assert len(asked) == 8  # four rungs, twice
    assert [config.training.seed for config in asked] == [0] * 4 + [1] * 4
    top = asked[3]
    assert (top.objective.relevance_weight, top.off_policy.strength, top.off_policy.clip) == (1.5, 0.8, 10.0)
    assert (top.split.cold_share, top.towers.modality_dropout, top.towers.fusion) == (0.3, 0.3, "gated")


@pytest.mark.parametrize(
    "query", [{"relevance": "0"}, {"cold": "99"}, {"times": "x"}, {"clipped": "<b>"}, {"words": "nonsense"}]
)
def test_a_broken_link_is_mended(empty_home: Any, query: dict[str, str]) -> None:
    page = ladder(**query)
    assert not page.exception
    assert not page.error


def test_pictures_and_vector_files_add_their_rung(empty_home: Any, data_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "seen"
    (folder / "thumbnails").mkdir(parents=True)
    for name in ("catalogue.csv", "log.csv"):
        (folder / name).write_bytes((data_home / "mine" / name).read_bytes())
    head, *rows = (folder / "catalogue.csv").read_text().splitlines()
    Image.new("RGB", (8, 8), "red").save(folder / "thumbnails" / "one.png")
    (folder / "catalogue.csv").write_text(
        "\n".join(
            [f"{head},thumbnail", *(f"{row},{'one.png' if place == 5 else ''}" for place, row in enumerate(rows))]
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_DATA", str(tmp_path))
        page = ladder(data="seen")
        assert "left out" not in drawn(page)
        assert page.selectbox(key="sees").options == ["colours, edges and texture", "CLIP"]
        assert not page.selectbox(key="sees").disabled


def test_the_ladder_is_trained_once_and_read(empty_home: Any) -> None:
    page = ladder()
    button(page, "Train the ladder").click().run()
    jobs = cache.queue().jobs()
    assert [job.label for job in reversed(jobs)] == [
        "Ladder: co-engagement alone", "Ladder: + relevance", "Ladder: + text", "Ladder: + popularity correction",
    ]  # fmt: skip
    assert "Train the ladder" not in labels(page)
    jobs = [cache.queue().wait(job.job_id, timeout=240) for job in jobs]
    assert [job.state for job in jobs] == ["done"] * 4
    page.session_state["cancel_ladder"] = True  # as a click on Cancel while the rungs are compared
    assert "The rungs compared" not in drawn(page.run())
    del page.session_state["cancel_ladder"]
    button(page, "Read the ladder").click().run()
    assert "The rungs compared" in drawn(page)
    page = ladder()
    assert "Train the ladder" not in labels(page)
    html = drawn(page)
    assert html.count("<small>trained</small>") == 4
    table = html[html.index('aria-label="The rungs compared"') :]
    order = [table.index(f">{title}<small>") for rung, title in TITLES.items() if rung != "visual"]
    assert order == sorted(order, reverse=True)  # the lowest at the bottom
    runs = {job.label: cache.run(str(job.run_id)) for job in jobs}
    assert f"{100 * runs['Ladder: + text'].estimates[RECALL].mean:.1f}\u202f%" in table
    words = set(re.findall(r'rv-verdict [\w-]+">(?:[▲▼–] | )([\w ]+)<', table))
    assert words <= {"better", "worse", "no evidence", "less popular", "more popular"}
    assert "Recall@20, cold seeds" in table
    said = [element.value for element in [*page.success, *page.info]]
    assert any("new videos" in text for text in said)
    assert "A cold seed is a video that nobody had watched" in html
    assert "Content alone" in html
    assert "Topics train the relevance loss here and also grade topic match" in html
    more = ladder(times="2")  # the first training of each rung is there already
    assert any(text.value.startswith("4 trainings") and "4 are there already" in text.value for text in more.caption)
    assert drawn(more).count("1 of 2 trained") == 4
    assert "The rungs compared" not in drawn(more)


def test_clip_without_weights_says_what_to_do_and_downloads_nothing(
    empty_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ladder(words="CLIP", clipweights=str(tmp_path / "nothing.pt"))
    assert not page.exception
    assert any("Not ready" in said.value and "nothing" in said.value for said in page.warning)
    assert "Download" in labels(page)
    assert cache.weights_download().status().state == "idle"
    top = asked_configs(page)[-1]
    assert (top.towers.text_encoder, top.towers.clip_weights) == ("clip", str(tmp_path / "nothing.pt"))
    hostile = ladder(words="CLIP", clipmodel="<b>**x**")
    assert any("knows no architecture" in said.value and r"\*\*x\*\*" in said.value for said in hostile.warning)


def test_a_download_that_cannot_work_says_why() -> None:
    download = WeightsDownload()
    download.start("no such model", "no such tag", 5.0)
    ended = download.wait(30)
    assert ended.state == "failed"
    assert "knows no architecture" in ended.error


@pytest.fixture
def silent_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub that takes the question and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.delenv("HF_HUB_OFFLINE")
        yield


@pytest.mark.slow
def test_a_download_is_cancelled_at_once(silent_hub: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    download = WeightsDownload()
    download.start("ViT-B-32", "laion2b_s34b_b79k", 300.0)
    download.start("ViT-B-32", "another", 300.0)  # one at a time: nothing happens
    timer = threading.Timer(5.0, download.cancel)
    timer.start()
    ended = download.wait(120)
    timer.cancel()
    assert (ended.state, ended.tag) == ("cancelled", "laion2b_s34b_b79k")
