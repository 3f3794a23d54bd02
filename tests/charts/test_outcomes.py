import re

import pandas as pd
import pytest

from relvid_core import columns as c
from relvid_core.charts.outcomes import AHEAD, BEHIND, EQUAL, outcome_bars
from relvid_core.errors import DataError

FRAME = pd.DataFrame({c.RUN: ["B", "D"], BEHIND: [1, 0], EQUAL: [1, 0], AHEAD: [2, 0]})


def test_a_bar_has_three_parts_that_make_the_whole_and_words_that_say_them() -> None:
    figure = outcome_bars(FRAME, colours={"B": "#DD6B32"})
    parts = [(trace.x[0], trace.y[0]) for trace in figure.data]
    assert parts == [(25, 0), (25, 0), (50, 0), (0, 1), (0, 1), (0, 1)]  # D shares no seed with A
    assert figure.data[2].marker.color == "#DD6B32"
    assert "on 2 of 4 seed videos (50.0 %)" in figure.data[2].hovertemplate
    words = re.sub(r"<[^>]*>", "", figure.layout.annotations[0].text)
    assert words == "▌A ahead 25\u202f%   ▌equal 25\u202f%   ▌B ahead 50\u202f%"


def test_a_frame_without_its_columns_is_named() -> None:
    with pytest.raises(DataError, match="'ahead'"):
        outcome_bars(FRAME.drop(columns=AHEAD), colours={})
