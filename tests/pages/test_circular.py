"""The mark of circular readings: hostile words stay words, and what was not told is said with its chance level."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pages.ui.circular import mark_html, mark_note, untold_note
from relvid_core.config import ExperimentConfig
from relvid_core.evaluation.estimates import UNDEFINED, Estimate
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.retrieval.ranking import Neighbours


def run(estimates: dict[str, Estimate], **settings: Any) -> Run:
    config = ExperimentConfig().with_values(objective__relevance_weight=1.0, **settings)
    info = RunInfo("r", "Run", "model", 1.0, "d", "D", "print", "key", config, 2, 1.0)
    rows = np.zeros((2, 1), dtype=np.int32)
    return Run(info, rows[:, 0], {}, estimates, Neighbours(rows, rows.astype(np.float32)), pd.DataFrame())


def test_a_mark_holds_its_reason_as_text() -> None:
    assert mark_html(None) == ""
    assert 'title="a &quot;b&quot; &lt;c&gt;"' in mark_html('a "b" <c>')


def test_one_line_says_the_first_reason_and_counts_the_others() -> None:
    assert mark_note({}) == ""
    assert mark_note({"topic_match": "It was told."}) == "↺ Topic match: it was told."
    assert mark_note({"topic_match": "A.", "semantic_text": "B."}).endswith(
        "1 more has the sign; point at it to see why."
    )


def test_what_was_not_told_is_said_with_its_chance_level() -> None:
    found = {"topic_match_hidden": Estimate(0.5, 0.4, 0.6, 9), "topic_match_hidden_chance": Estimate(0.1, 0.1, 0.1, 9)}
    said = untold_note(run(found, objective__hide_topics=True))
    assert "topic match, hidden labels 50.0\u202f% (40.0 – 60.0\u202f%, by chance 10.0\u202f%)." in said
    assert untold_note(run(found)) == ""
    assert untold_note(run({}, objective__hide_topics=True)) == ""
    unseen = replace(run(found, objective__hide_topics=True), estimates=found | {"topic_match_hidden": UNDEFINED})
    assert untold_note(unseen) == ""
