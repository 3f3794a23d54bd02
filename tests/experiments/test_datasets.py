"""Folders of data: found, added by path, remembered, removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relvid_core.errors import DataError
from relvid_core.experiments.datasets import (
    find_datasets,
    forget_folder,
    load_dataset,
    remember_folder,
    remembered_folders,
    source_named,
)


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `runs` (RELVID_HOME) and `data` (RELVID_DATA), both empty."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("RELVID_HOME", str(tmp_path / "runs"))
    monkeypatch.setenv("RELVID_DATA", str(tmp_path / "data"))
    return tmp_path


def table(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "catalogue.csv").write_text("video_id\na\nb\n", encoding="utf-8")
    (folder / "log.csv").write_text("user_id,video_id\nu,a\nu,b\n", encoding="utf-8")
    return folder


def keys() -> list[str]:
    return [source.key for source in find_datasets()]


def test_folders_of_the_data_home_are_found_and_others_not(homes: Path) -> None:
    table(homes / "data" / "mine")
    (homes / "data" / "empty").mkdir()
    (homes / "data" / "file.csv").write_text("x", encoding="utf-8")
    assert keys() == ["sample", "mine"]


def test_a_folder_cannot_pass_for_the_sample_world(homes: Path) -> None:
    table(homes / "data" / "sample")
    assert keys() == ["sample"]
    assert remember_folder(str(homes / "data" / "sample")).key == "sample-2"


def test_added_folder_is_remembered_until_it_is_removed(homes: Path) -> None:
    folder = table(homes / "elsewhere" / "mine")
    source = remember_folder(f'  "{folder}" ')
    assert (source.key, source.folder, source.remembered) == ("mine", folder, True)
    assert keys() == ["sample", "mine"]
    assert remember_folder(str(folder)) == source  # once is enough
    assert load_dataset(source_named("mine")).key == "mine"
    forget_folder("mine")
    assert keys() == ["sample"]
    assert folder.is_dir()
    with pytest.raises(DataError, match="not on the list"):
        forget_folder("mine")


def test_folders_of_one_name_get_keys_of_their_own(homes: Path) -> None:
    table(homes / "data" / "mine")
    for place in ("one", "two"):
        remember_folder(str(table(homes / place / "mine")))
    assert keys() == ["sample", "mine", "mine-2", "mine-3"]
    assert len({source.title for source in find_datasets()}) == 4
    assert remembered_folders() == {"mine-2": homes / "one" / "mine", "mine-3": homes / "two" / "mine"}


def test_a_folder_that_went_away_is_not_offered_but_stays_on_the_list(homes: Path) -> None:
    folder = table(homes / "elsewhere" / "mine")
    remember_folder(str(folder))
    folder.rename(folder.with_name("moved"))
    assert keys() == ["sample"]
    assert list(remembered_folders()) == ["mine"]


@pytest.mark.parametrize("typed", ["", " ", "nowhere/at/all", "x" * 5000, "a\0b", "~nobody-by-this-name/data"])
def test_what_is_no_folder_is_refused_in_words(homes: Path, typed: str) -> None:
    with pytest.raises(DataError, match="data folder"):
        remember_folder(typed)
    assert remembered_folders() == {}


def test_an_unrecognised_folder_is_told_what_is(homes: Path) -> None:
    with pytest.raises(DataError, match=r"holds none of the known formats(.|\n)*own files"):
        remember_folder(str(homes / "data"))


@pytest.mark.parametrize("text", ["folders = [", "folders = 3", "[folders]\nmine = 3", "\udcff"])
def test_a_damaged_list_is_named(homes: Path, text: str) -> None:
    (homes / "runs").mkdir()
    (homes / "runs" / "datasets.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=r"datasets\.toml"):
        find_datasets()


def test_writing_leaves_no_draft_behind(homes: Path) -> None:
    remember_folder(str(table(homes / "elsewhere" / "mine")))
    assert os.listdir(homes / "runs") == ["datasets.toml"]


def test_a_home_that_cannot_be_written_is_named(homes: Path) -> None:
    (homes / "runs").write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(DataError, match="RELVID_HOME"):
        remember_folder(str(table(homes / "elsewhere" / "mine")))
