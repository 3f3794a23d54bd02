"""Whether relevance fights engagement, as Tune says it of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.conflict import conflict_sentence
from relvid_core.experiments.run import history_frame

PAGE = Path(__file__).resolve().parents[2] / "pages" / "tune.py"


def tune(*, opened: bool = False, **query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    if opened:
        page.session_state["conflict_open"] = True
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def test_conflict_is_shown_where_both_losses_had_a_say(home: Any) -> None:
    title = "Does relevance fight engagement?"
    assert title in [expander.label for expander in tune(data="mine").expander]
    assert len(tune(data="mine").get("plotly_chart")) == 0  # a folded picture costs nothing
    assert len(tune(data="mine", opened=True).get("plotly_chart")) == 1
    for info in home.infos:
        if info.config.objective.relevance_weight > 0:
            cache.store().delete(info.run_id)
    assert title not in [expander.label for expander in tune(data="mine").expander]


@pytest.mark.parametrize(
    ("cosine", "verdict"), [(-0.4, "pull the model apart"), (0.05, "hardly touch"), (0.3, "pull the same way")]
)
def test_conflict_in_words(home: Any, cosine: float, verdict: str) -> None:
    terms = {"all": cosine, "content": -0.62, "rare seeds": 0.01, "popular seeds": -0.2}
    later = {part: -0.9 for part in terms}
    history = history_frame(
        [(epoch, {f"cosine {part}": value for part, value in of.items()}) for epoch, of in ((1.0, terms), (2.0, later))]
    )
    run = replace(cache.run(home.infos[0].run_id), history=history)
    said = conflict_sentence(run)
    assert said.startswith("In the first epoch")
    assert verdict in said
    assert "furthest apart in the text map (−0.62) and nearest in rare videos as seeds (+0.01)" in said
    warm = replace(run, info=replace(run.info, started_from="earlier"))
    assert conflict_sentence(warm).startswith("When this training began, from a trained run")
    assert conflict_sentence(replace(run, history=history_frame([(1.0, {"total": 2.0})]))) == ""
