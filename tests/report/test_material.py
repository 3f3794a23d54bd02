"""What a report is made of, and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from relvid_core.errors import ConfigError, DataError, RunError
from relvid_core.report.material import Material, gather


def test_baselines_stand_beside_the_runs_best_recall_first(pair: Any, here: Any) -> None:
    recalls = [baseline.estimates["recall"].mean for baseline in pair.baselines]
    assert len(recalls) > 4
    assert recalls == sorted(recalls, reverse=True)
    assert {baseline.info.kind for baseline in pair.baselines} == {"baseline"}
    assert [letter for letter, _, _ in pair.lettered] == ["A", "B"]
    assert [run.info.run_id for run in pair.runs] == list(here.ids.values())[:2]


def test_a_baseline_can_be_reported_and_then_does_not_stand_beside_itself(pair: Any, here: Any) -> None:
    best = pair.baselines[0].info.run_id
    material = gather(here.store, [here.ids["plain"], best])
    assert material.runs[1].info.kind == "baseline"
    assert best not in [baseline.info.run_id for baseline in material.baselines]


def test_a_dataset_that_is_gone_is_said(lab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    material = gather(lab.store, [lab.ids["plain"]])
    assert material.prepared is None
    assert "'mine': not found" in material.missing


def test_a_dataset_that_has_changed_is_said_and_one_that_was_asked_for_refused(
    lab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(lab.data / "mine", tmp_path / "mine")
    log = pd.read_csv(tmp_path / "mine" / "log.csv")
    log.iloc[:-5].to_csv(tmp_path / "mine" / "log.csv", index=False)
    monkeypatch.setenv("RELVID_DATA", str(tmp_path))
    material = gather(lab.store, [lab.ids["plain"]])
    assert material.prepared is None
    assert "has changed since" in material.missing
    with pytest.raises(DataError, match="Name the right one"):
        gather(lab.store, [lab.ids["plain"]], "mine")
    with pytest.raises(DataError, match="not found"):
        gather(lab.store, [lab.ids["plain"]], "nowhere")


def test_a_dataset_that_has_moved_is_found_by_its_folder(
    lab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(lab.data / "mine", tmp_path / "renamed")
    monkeypatch.setenv("RELVID_DATA", str(tmp_path / "nothing"))
    material = gather(lab.store, [lab.ids["plain"]], str(tmp_path / "renamed"))
    assert material.prepared is not None
    assert material.missing == ""


def test_what_cannot_be_reported_is_refused(here: Any) -> None:
    plain, longer = here.ids["plain"], here.ids["longer"]
    with pytest.raises(RunError, match="cannot be compared"):
        gather(here.store, [plain, longer])
    with pytest.raises(RunError, match="cannot be read"):
        gather(here.store, ["20200101-000000-abcdef"])
    with pytest.raises(ConfigError, match="twice"):
        gather(here.store, [plain, plain])
    with pytest.raises(ConfigError, match="received 0 runs"):
        Material(())
    with pytest.raises(ConfigError, match="received 6 runs"):
        Material((here.store.load(plain),) * 6)


def test_a_run_is_not_reported_with_another_state_of_its_data(alone: Any, here: Any) -> None:
    with pytest.raises(RunError, match="another state"):
        Material((here.store.load(here.ids["longer"]),), prepared=alone.prepared)
