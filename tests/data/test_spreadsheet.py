"""What a spreadsheet would compute is written as the text it is, and everything else comes back as it was."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.spreadsheet import neutral, safe_csv

FORMULAS = [
    '=HYPERLINK("http://b.example","x")', "+1", "-2+3", "@SUM(1)", "\tx", "\rx", "\nx", "＝1", "－1",
    " =1", "\x00=1", "\ufeff=1", "\u200b@x", "-",
]  # fmt: skip
HARMLESS = ["", "plain", "a=b", "1-2", "'quoted", "<script>", "שלום", "🎬", "a,b", 'say "hi"', "two\nlines", "#1"]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text_wherever_it_stands(cell: str) -> None:
    frame = pd.DataFrame({cell: [cell], "kind": pd.Categorical([cell]), "some": pd.Series([cell], dtype="string")})
    assert rows(safe_csv(frame)) == [[f"'{cell}", "kind", "some"], [f"'{cell}"] * 3]


@pytest.mark.parametrize("cell", HARMLESS)
def test_other_text_comes_back_as_it_was(cell: str) -> None:
    assert neutral(cell) == cell
    assert rows(safe_csv(pd.DataFrame({"a": [cell], "b": ["end"]}))) == [["a", "b"], [cell, "end"]]


def test_numbers_stay_numbers_and_missing_is_empty() -> None:
    frame = pd.DataFrame(
        {
            "gap": [-0.25, np.nan],
            "n": pd.array([-3, pd.NA], dtype="Int64"),
            "mixed": [-1, "-1"],
            "when": pd.to_datetime(["2024-05-06", None]),
            "topics": [["-a", "b"], None],
            "yes": [True, False],
        }
    )
    assert rows(safe_csv(frame))[1:] == [
        ["-0.25", "-3", "-1", "2024-05-06 00:00:00", "['-a', 'b']", "True"],
        ["", "", "'-1", "", "", "False"],
    ]


def test_the_index_is_left_out_and_an_empty_frame_keeps_its_names() -> None:
    assert safe_csv(pd.DataFrame({"a": [1]}, index=["=x"])) == "a\r\n1\r\n"
    assert safe_csv(pd.DataFrame(columns=["a", "-b"])) == "a,'-b\r\n"
