"""Equal contents have equal digests; anything else has another."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relvid_core.encoders import content_hash
from relvid_core.encoders.content_hash import content_digest, corpus_hash


def test_text_by_hand() -> None:
    assert content_digest("tea") == hashlib.sha256(b"text\0tea").digest()[:16]
    assert content_digest("\ud800 half a pair") == hashlib.sha256(b"text\0\xed\xa0\x80 half a pair").digest()[:16]


@given(st.lists(st.text(st.characters(exclude_categories=[])), unique=True))
def test_different_texts_differ(texts: list[str]) -> None:
    assert len({content_digest(text) for text in texts}) == len(texts)


def test_frames_count_by_bytes_and_order_not_by_name(tmp_path: Path) -> None:
    for name, data in {"a": b"one", "b": b"two", "c": b"one", "empty": b""}.items():
        (tmp_path / name).write_bytes(data)
    a, b, c, empty = (tmp_path / name for name in ("a", "b", "c", "empty"))
    assert content_digest((a, b)) == content_digest((c, b))
    contents = [(), (a,), (b,), (a, b), (b, a), (a, a), (empty,), (tmp_path / "missing",)]
    assert len({content_digest(frames) for frames in contents} | {content_digest("")}) == len(contents) + 1


def test_a_changed_file_is_a_new_content_even_under_its_old_time_and_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_hash, "_SETTLED_NS", -1)  # every digest is remembered
    picture = tmp_path / "p"
    picture.write_bytes(b"one")
    os.utime(picture, (1_000, 1_000))
    first = content_digest((picture,))
    assert content_digest((picture,)) == first
    time.sleep(0.05)  # longer than a tick of the file system's clock
    picture.write_bytes(b"two")
    os.utime(picture, (1_000, 1_000))
    assert content_digest((picture,)) != first


def test_a_file_that_was_just_written_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_hash, "_memo", {})
    picture = tmp_path / "p"
    picture.write_bytes(b"one")
    content_digest((picture,))
    assert content_hash._memo == {}


def test_a_settled_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_hash, "_SETTLED_NS", -1)
    monkeypatch.setattr(content_hash, "_memo", {})
    picture = tmp_path / "p"
    picture.write_bytes(b"one")
    first = content_digest((picture,))
    monkeypatch.setattr(content_hash, "_hash_file", None)  # reading again would fail
    assert content_digest((picture,)) == first


def test_what_is_no_readable_file_is_one_content_and_never_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    odd = [tmp_path / "missing", tmp_path / "pipe", tmp_path / "folder", tmp_path / "loop", Path("nul\0name")]
    assert len({content_digest((path,)) for path in odd}) == 1
    (tmp_path / "missing").write_bytes(b"now here")
    assert content_digest((odd[0],)) != content_digest((odd[1],))


def test_of_a_huge_file_the_beginning_and_the_size_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_hash, "MAX_READ", 4)
    for name, data in {"a": b"12345", "b": b"12349", "c": b"123456", "d": b"1234"}.items():
        (tmp_path / name).write_bytes(data)
    a, b, c, d = (content_digest((tmp_path / name,)) for name in "abcd")
    assert a == b
    assert len({a, c, d}) == 3


def test_a_corpus_is_its_contents_in_order() -> None:
    one, two = content_digest("1"), content_digest("2")
    assert len({corpus_hash(part) for part in ([one, two], [two, one], [one], [], [one, one])}) == 5
    assert corpus_hash([one, two]) == hashlib.sha256(b"corpus\0" + one + two).hexdigest()[:32]
