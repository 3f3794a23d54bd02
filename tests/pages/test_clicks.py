"""What is heard of clicks: nothing but numbers of links that are there. The clicks themselves: tests/browser."""

from __future__ import annotations

from pages.ui.clicks import number_said


def test_only_a_number_of_a_link_is_heard() -> None:
    assert [number_said(said, 5) for said in (0, 4, 5, -1, "4", None, True, 1.0, [1])] == [0, 4] + 7 * [None]
