"""Intervals drawn in the rows of a table."""

from __future__ import annotations

import math
import re

import pytest

from pages.ui.forest import Axis
from relvid_core.charts.palette import QUIET, VERDICT_COLOURS


def styles(html: str) -> dict[str, dict[str, str]]:
    """Tag → the properties of its style."""
    found = re.findall(r'<(span|i|b) style="([^"]*)"', html)
    return {tag: dict(part.split(":") for part in style.split(";")) for tag, style in found}


def test_zero_is_on_every_axis_and_all_ends_are_within() -> None:
    for values in ([0.2, 0.3], [-0.3, -0.2], [-0.1, 0.4, math.nan], [], [0.0], [1e-9], [4e7]):
        axis = Axis.over(values)
        known = [value for value in [0.0, *values] if not math.isnan(value)]
        assert all(0 <= axis.at(value) <= 100 for value in known)
        assert 0.0 in axis.ticks
        assert 1 <= len(axis.ticks) <= 5
        assert all(0 <= axis.at(tick) <= 100 for tick in axis.ticks)
        assert len({b - a > 0 for a, b in zip(axis.ticks, axis.ticks[1:], strict=False)}) <= 1


def test_dot_and_whisker_stand_at_their_values() -> None:
    axis = Axis(-0.1, 0.4)  # 0 at a fifth
    drawn = styles(axis.cell(0.15, 0.025, 0.275, "better"))
    assert drawn["span"] == {"--zero": "20.0%"}
    assert drawn["i"] == {"left": "25.00%", "width": "50.00%", "background": VERDICT_COLOURS["better"]}
    assert (drawn["b"]["left"], drawn["b"]["background"]) == ("50.00%", VERDICT_COLOURS["better"])


def test_without_evidence_the_dot_is_hollow_and_without_an_interval_alone() -> None:
    drawn = styles(Axis(0.0, 1.0).cell(0.5, math.nan, math.nan, "no evidence"))
    assert "i" not in drawn
    assert (drawn["b"]["border-color"], drawn["b"]["background"]) == (QUIET, "Canvas")
    assert set(styles(Axis(0.0, 1.0).cell(math.nan, math.nan, math.nan, "no evidence"))) == {"span"}


@pytest.mark.parametrize(("percent", "said"), [(True, ["0", "+20", "+40"]), (False, ["0", "+0.2", "+0.4"])])
def test_ticks_are_in_points_or_in_the_unit_of_the_measure(percent: bool, said: list[str]) -> None:
    assert re.findall(r">([^<]+)</small>", Axis.over([0.4]).head(percent=percent)) == said
    assert ">−20<" in Axis.over([-0.4]).head(percent=True)
