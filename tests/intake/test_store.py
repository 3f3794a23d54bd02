"""Storing an import: there completely or not at all, under names of ours, and back after a deletion."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from relvid_core.config import ExperimentConfig
from relvid_core.errors import DataError, NotEnoughData
from relvid_core.experiments.datasets import (
    delete_imported,
    find_datasets,
    load_dataset,
    restore_imported,
    source_named,
)
from relvid_core.experiments.pipeline import train_run
from relvid_core.experiments.prepared import PreparedCache
from relvid_core.experiments.store import RunStore
from relvid_core.intake.clean import Cleaned, clean, dataset_from
from relvid_core.intake.kept import imported_folders, load_imported
from relvid_core.intake.raw import RawTable
from relvid_core.intake.store import NO_LOG, ArchiveLimits, is_key, read_card, save_dataset, slug, unpack_pictures


def raw(**columns: list[str]) -> RawTable:
    frame = pd.DataFrame({key: pd.Series(cells, dtype="str") for key, cells in columns.items()})
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="row")
    return RawTable("t.csv", frame, 2, [])


def png(value: int = 0) -> bytes:
    stream = BytesIO()
    Image.fromarray(np.full((5, 8, 3), value, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def cleaned(thumbnails: Path | None = None, *, log: bool = True) -> Cleaned:
    catalogue = raw(
        video_id=["a", "b", "../c"],
        title=["A", "", "=C"],
        topics=["x > y|z", "", "w"],
        thumbnail=["a.png", "", "sub/c.png"],
    )
    views = raw(user_id=["u", "u", "w", ""], video_id=["a", "b", "a", "a"], timestamp=["1", "2", "3", "4"])
    return clean(
        catalogue,
        views if log else None,
        catalogue_columns={name: name for name in ("video_id", "title", "topics", "thumbnail")},
        log_columns={name: name for name in ("user_id", "video_id", "timestamp")},
        thumbnails=thumbnails,
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").mkdir()
    (folder / "a.png").write_bytes(png(1))
    (folder / "a" / "1.png").write_bytes(png(2))  # a further frame of video a
    (folder / "sub" / "c.png").write_bytes(png(3))
    return folder


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RELVID_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RELVID_DATA", str(tmp_path / "data"))
    return tmp_path / "home"


def test_a_stored_dataset_comes_back_as_it_was(tmp_path: Path, pictures: Path) -> None:
    taken = cleaned(pictures)
    folder = save_dataset(taken, home=tmp_path / "home", name="My videos", thumbnails=pictures, notes=["from me"])
    direct, stored = dataset_from(taken, key="k", title="t", thumbnails=pictures), load_imported(folder)
    assert folder == tmp_path / "home" / "datasets" / "my-videos"
    assert stored.catalog.frame.drop(columns="thumbnail").equals(direct.catalog.frame.drop(columns="thumbnail"))
    assert stored.catalog.topics == direct.catalog.topics
    assert stored.interactions.fingerprint == direct.interactions.fingerprint
    names = sorted(path.relative_to(folder / "thumbnails").as_posix() for path in folder.rglob("*.png"))
    assert names == ["0000000.png", "0000000/01.png", "0000002.png"]
    assert stored.catalog.thumbnail(2) == (folder / "thumbnails" / "0000002.png").resolve()
    assert stored.catalog.thumbnail(1) is None
    card = read_card(folder)
    assert (card.name, card.has_log) == ("My videos", True)
    assert "from me" in card.notes
    assert any("2 faulty rows" in note or "1 faulty rows" in note for note in card.notes)
    assert len(pd.read_parquet(folder / "faults.parquet")) == len(taken.faults)


def test_without_a_log_it_is_stored_with_a_clear_word(tmp_path: Path) -> None:
    folder = save_dataset(cleaned(log=False), home=tmp_path, name="x", thumbnails=None, notes=())
    stored = load_imported(folder)
    assert NO_LOG in stored.notes
    assert len(stored.interactions.engagements) == 0
    with pytest.raises(NotEnoughData):
        list(train_run(stored, ExperimentConfig(), cache=PreparedCache()))


def test_names_that_are_taken_get_numbers(tmp_path: Path) -> None:
    keys = [
        save_dataset(cleaned(), home=tmp_path, name=n, thumbnails=None, notes=(), taken=("mine-2",)).name
        for n in ("Mine", "mine!")
    ]
    assert keys == ["mine", "mine-3"]


@given(st.text(max_size=80))
def test_a_key_is_never_a_path(name: str) -> None:
    assert is_key(slug(name))
    assert slug(name) not in ("sample", "datasets", "con")


def test_an_unreadable_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="dataset name"):
        save_dataset(cleaned(), home=tmp_path, name=" \n\u202e ", thumbnails=None, notes=())


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "datasets").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(DataError, match="RELVID_HOME"):
        save_dataset(cleaned(), home=tmp_path, name="x", thumbnails=None, notes=())
    assert [path.name for path in tmp_path.iterdir()] == ["datasets"]


def test_a_crash_half_way_leaves_nothing_behind(
    tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = cleaned(pictures)
    monkeypatch.setattr("relvid_core.intake.store.shutil.copyfile", _full_disk)
    with pytest.raises(DataError, match="No space left"):
        save_dataset(taken, home=tmp_path / "home", name="x", thumbnails=pictures, notes=())
    assert list((tmp_path / "home" / "datasets").iterdir()) == []


def _full_disk(source: Path, target: Path) -> None:
    raise OSError(28, "No space left on device")


def test_imported_datasets_are_found_deleted_and_brought_back(homes: Path) -> None:
    save_dataset(cleaned(), home=homes, name="Mine", thumbnails=None, notes=())
    assert [(source.key, source.imported) for source in find_datasets()] == [("sample", False), ("mine", True)]
    assert RunStore(homes).list() == ([], [])  # they are no broken runs
    before = load_dataset(source_named("mine")).fingerprint
    delete_imported("mine")
    assert [source.key for source in find_datasets()] == ["sample"]
    assert imported_folders(homes) == []
    with pytest.raises(DataError, match="deleted already"):
        delete_imported("mine")
    assert restore_imported("mine").title == "Mine (imported)"
    assert load_dataset(source_named("mine")).fingerprint == before
    with pytest.raises(DataError, match="nothing to bring back"):
        restore_imported("mine")


@pytest.mark.parametrize("key", ["../home", "..", "", "a/b", ".trash", "Mine", "a\0"])
def test_only_keys_can_be_deleted(homes: Path, key: str) -> None:
    save_dataset(cleaned(), home=homes, name="Mine", thumbnails=None, notes=())
    for action in (delete_imported, restore_imported):
        with pytest.raises(DataError, match="not the name of"):
            action(key)
    assert len(imported_folders(homes)) == 1


def test_a_folder_of_the_same_name_gets_a_number(homes: Path) -> None:
    save_dataset(cleaned(), home=homes, name="mine", thumbnails=None, notes=())
    folder = homes.parent / "data" / "mine"
    folder.mkdir(parents=True)
    (folder / "catalogue.csv").write_text("video_id\na\nb\n", encoding="utf-8")
    (folder / "log.csv").write_text("user_id,video_id\nu,a\n", encoding="utf-8")
    assert [source.key for source in find_datasets()] == ["sample", "mine", "mine-2"]


def test_a_damaged_card_is_named(homes: Path) -> None:
    folder = save_dataset(cleaned(), home=homes, name="Mine", thumbnails=None, notes=())
    (folder / "intake.toml").write_text("name = [", encoding="utf-8")
    assert [source.key for source in find_datasets()] == ["sample", "mine"]
    with pytest.raises(DataError, match=r"intake\.toml.*import it again"):
        load_dataset(source_named("mine"))


# --- Archives --------------------------------------------------------------------------------------------------------


def archive(folder: Path, *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "p.zip"
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, data in entries:
            packed.writestr(name, data)
    return path


def test_pictures_come_out_and_nothing_else(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        ("a.png", png()),
        ("sub/b.JPG", b"x"),
        ("../evil.png", png()),
        ("/abs.png", png()),
        ("..\\win.png", png()),
        ("C:\\x.png", png()),
        ("con.png", png()),
        ("run.sh", b"#!/bin/sh"),
        ("A.png", png()),
        ("a.png/deeper.png", png()),
        ("n" * 200 + ".png", png()),
        ("__MACOSX/._a.txt", b"x"),
    )
    result = unpack_pictures(path, tmp_path / "in")
    assert sorted(p.relative_to(tmp_path).as_posix() for p in (tmp_path / "in").rglob("*") if p.is_file()) == [
        "in/a.png",
        "in/sub/b.JPG",
    ]
    assert (result.n_pictures, len(result.left_out)) == (2, 9)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "p.zip"]


def test_links_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as packed:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("a.png", png())
    result = unpack_pictures(path, tmp_path / "in")
    assert (result.n_pictures, result.left_out) == (1, ["'link.png': a link, not a file"])


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (ArchiveLimits(max_files=3), "4 entries"),
        (ArchiveLimits(max_packed=10), "more than the 10 allowed"),
        (ArchiveLimits(max_bytes=5_000), "unpacks to more"),
        (ArchiveLimits(max_file=100), "no picture in it"),
    ],
)
def test_limits_of_archives(tmp_path: Path, limits: ArchiveLimits, words: str) -> None:
    path = archive(tmp_path, *((f"{i}.png", bytes(2_000)) for i in range(4)), method=zipfile.ZIP_STORED)
    with pytest.raises(DataError, match=words):
        unpack_pictures(path, tmp_path / "in", limits)
    assert not [p for p in (tmp_path / "in").rglob("*") if p.is_file()]


def test_a_bomb_is_defused(tmp_path: Path) -> None:
    path = archive(tmp_path, *((f"{i}.png", bytes(8 << 20)) for i in range(4)))
    with pytest.raises(DataError, match="unpacks to more"):
        unpack_pictures(path, tmp_path / "in")
    assert not [p for p in (tmp_path / "in").rglob("*") if p.is_file()]


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    path = archive(tmp_path, ("a.png", bytes(300_000)), ("b.png", png()))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 300_000), struct.pack("<I", 10)))
    result = unpack_pictures(path, tmp_path / "in")
    assert result.n_pictures == 1
    assert "a.png" in result.left_out[0]


@pytest.mark.parametrize(
    "data", [b"no zip at all", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + zlib.compress(b"x" * 99)]
)
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.zip").write_bytes(data)
    with pytest.raises(DataError, match=r"not a zip file|no picture in it"):
        unpack_pictures(tmp_path / "p.zip", tmp_path / "in")
