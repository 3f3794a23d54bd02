"""Numbers, times and topics as people write them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from relvid_core.intake.numbers import as_numbers, as_seconds
from relvid_core.intake.times import read_times
from relvid_core.intake.topic_cells import TopicForm, clean_name, guess_form, parse_cell


def text(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("1", "2.5", "-3e2", "+.5"), [1, 2.5, -300, 0.5]),
        (("1,5", "2"), [1.5, 2]),
        (("1,234", "12,345,678"), [1234, 12345678]),
        (("1,234.5", "6,789"), [None, 6789]),
        (("yes", "No", "TRUE", "f"), [1, 0, 1, 0]),
        (("nan", "inf", "1e999", "0x10", "1_000", "", "٣"), [None] * 7),
    ],
)
def test_numbers(cells: tuple[str, ...], numbers: list[float | None]) -> None:
    found = as_numbers(text(*cells)).tolist()
    assert [None if math.isnan(number) else number for number in found] == numbers


def test_lengths() -> None:
    found = as_seconds(text("90", "1:30", "1:02:33", "PT4M13S", "PT1H", "P1DT1S", "PT", "soon")).tolist()
    assert found[:6] == [90, 90, 3753, 253, 3600, 86_401]
    assert all(math.isnan(length) for length in found[6:])


NOON = 1_717_156_800  # 2024-05-31T12:00:00Z


@pytest.mark.parametrize(
    ("cell", "reading"),
    [
        (str(NOON), "seconds"),
        (f"{NOON}.9", "seconds"),
        (f"{NOON}123", "milliseconds"),
        (f"{NOON}123456", "microseconds"),
        (f"{NOON}123456789", "nanoseconds"),
        ("2024-05-31T12:00:00Z", "date"),
        ("2024-05-31 14:00:00+02:00", "date"),
        ("31.05.2024 12:00", "date"),
        ("2024/05/31 12:00:00", "date"),
        ("05/31/2024 12:00", "date"),
        ("31/05/2024 12:00", "date"),
        ("Fri, 31 May 2024 12:00:00 +0000", "date"),
    ],
)
def test_one_moment_in_every_form(cell: str, reading: str) -> None:
    times = read_times(text(cell, cell, ""))
    assert times.seconds[:2].tolist() == [NOON, NOON]
    assert math.isnan(times.seconds[2])
    assert (times.usual, list(times.reading)) == (reading, [reading, reading, ""])


def test_days_and_years() -> None:
    assert read_times(text("20240531", "20240601")).seconds.tolist() == [NOON - 43_200, NOON + 43_200]
    assert read_times(text("1970", "1971")).seconds.tolist() == [0, 365 * 86_400]
    assert read_times(text("May 31, 2024")).seconds.tolist() == [NOON - 43_200]
    assert read_times(text("2024年5月31日")).seconds.tolist() == [NOON - 43_200]


def test_what_is_no_time() -> None:
    cells = text("soon", "2024-13-45", "99/99/2024", "1e30", "0001-01-01x", "-9999-01-01")
    assert pd.isna(read_times(cells).seconds).all()


def test_day_and_month_that_could_be_either_are_said() -> None:
    assert read_times(text("05/06/2024", "07/08/2024")).ambiguous
    assert not read_times(text("05/06/2024", "25/08/2024")).ambiguous
    assert read_times(text("05/06/2024", "25/08/2024")).seconds[0] == pd.Timestamp("2024-06-05").timestamp()


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        (["A > B | C", "D"], TopicForm("|", ">"), (("A", "B"), ("C",))),
        (["A;B", "B"], TopicForm(";", ""), (("A",), ("B",))),
        (["A, B", "B, C", "A"], TopicForm(",", ""), (("A",), ("B",))),
        (["Food, Drink and Travel", "Music"], TopicForm("", ""), (("Food, Drink and Travel",),)),
        (["Arts/Music", "Arts/Film", "Food/Wine", "Food/Tea"], TopicForm("", "/"), (("Arts", "Music"),)),
        (["Rock/Pop", "Jazz", "Blues"], TopicForm("", ""), (("Rock/Pop",),)),
        (['["A", "B"]', "[]"], TopicForm("json", ""), (("A",), ("B",))),
        (["['A', \"B's\"]"], TopicForm("json", ""), (("A",), ("B's",))),
        (["[{'id': 18, 'name': 'Drama'}]"], TopicForm("json", ""), (("Drama",),)),
        (['[{"id": 18, "name": "Drama"}]'], TopicForm("json", ""), (("Drama",),)),
        (["#fun #cats", "#dogs"], TopicForm("#", ""), (("fun",), ("cats",))),
        (["(no genres listed)", "A|B"], TopicForm("|", ""), ()),
    ],
)
def test_topics(cells: list[str], form: TopicForm, first: tuple[tuple[str, ...], ...]) -> None:
    assert guess_form(cells) == form
    assert parse_cell(cells[0], form) == (first, None)


def test_topics_over_the_limits_are_cut_and_said() -> None:
    paths, fault = parse_cell("|".join(f"t{i}" for i in range(300)), TopicForm("|", ""))
    assert (len(paths), fault) == (200, "too many topics")
    paths, fault = parse_cell(">".join("abcdefghijkl"), TopicForm("", ">"))
    assert (len(paths[0]), fault) == (9, "topic cut")
    paths, fault = parse_cell("x" * 500, TopicForm("", ""))
    assert (len(paths[0][0]), fault) == (100, "topic cut")


def test_names_hold_none_of_our_separators() -> None:
    assert clean_name(" a|b > c\n\x07d ") == "a/b › c d"
    assert parse_cell('["a|b", "c > d"]', TopicForm("json", "")) == ((("a/b",), ("c › d",)), None)
