"""The rules by which settings are chosen, and the file that keeps them."""

from pathlib import Path

import pytest

from benchmarks.settings import (
    ALL_LEVERS,
    ENGAGEMENT_ONLY,
    NO_MARGIN,
    TUNED,
    Levers,
    Settings,
    read_settings,
    store_settings,
)
from benchmarks.tune import choose
from relvid_core.errors import DataError

MILD, FIRM, HARD = Levers(0.25, 0.2, 2.0), Levers(0.35, 0.4, 4.0), Levers(0.5, 0.4, 4.0)


Ratios = tuple[float, float, float]


def ratios(mild: Ratios, firm: Ratios, hard: Ratios) -> dict[Levers, dict[str, float]]:
    names = ("recall", "topic_match", "popular_share")
    return {
        levers: dict(zip(names, values, strict=True)) for levers, values in ((MILD, mild), (FIRM, firm), (HARD, hard))
    }


def test_the_highest_recall_of_those_that_meet_both_bounds() -> None:
    found = ratios((1.05, 1.6, 0.7), (1.04, 1.9, 0.58), (1.02, 2.5, 0.55))
    assert choose(found, 0.6) == FIRM
    assert choose(found, 0.57) == HARD


def test_without_any_that_fits_the_fewest_popular_at_nine_tenths_of_the_recall() -> None:
    assert choose(ratios((0.98, 1.2, 0.8), (0.92, 1.3, 0.7), (0.85, 1.4, 0.5)), 0.6) == FIRM


def test_and_where_recall_falls_everywhere_the_highest() -> None:
    assert choose(ratios((0.6, 9.0, 0.7), (0.4, 9.0, 0.65), (0.2, 9.0, 0.61)), 0.6) == MILD


def test_the_file_keeps_a_choice_and_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    store_settings("one", Settings(MILD, FIRM, {"towers__dim": 32}), path)
    store_settings("two", Settings(HARD, HARD, {}), path)
    store_settings("one", Settings(HARD, FIRM, {"towers__dim": 64}), path)
    assert read_settings("one", path) == Settings(HARD, FIRM, {"towers__dim": 64})
    assert list(read_settings("two", path).ladder()) == [ENGAGEMENT_ONLY, "+ relevance", "+ OPC", ALL_LEVERS, TUNED]
    assert read_settings("one", path).ladder()[NO_MARGIN] == FIRM.changes
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.toml"]
    with pytest.raises(DataError, match=r"benchmarks\.tune"):
        read_settings("three", path)


def test_every_dataset_of_the_results_has_settings() -> None:
    for key in ("sample", "movielens", "kuairand", "kuairec"):
        assert read_settings(key).levers.relevance > 0
