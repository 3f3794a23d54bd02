"""The file of tuned settings: choices stand beside each other, and damage is named."""

from pathlib import Path

import pytest

from relvid_core.errors import DataError
from relvid_core.experiments.tuned_choices import Choice, read_choices, store_choice


def test_choices_are_kept_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tuned.toml"
    assert read_choices(path) == {}
    first, second = Choice({"a": 0.5, "on": True}, 0.25, 3, 4), Choice({"word": "cosine", "n": 2}, 0.5, 1, 1)
    store_choice(path, "one", "ease", second)
    store_choice(path, "two", "als", second)
    store_choice(path, "one", "ease", first, head="# by a test\n")
    assert read_choices(path) == {"one": {"ease": first}, "two": {"als": second}}
    assert path.read_text(encoding="utf-8").startswith("# by a test\n")
    assert [file.name for file in path.parent.iterdir()] == ["tuned.toml"]


@pytest.mark.parametrize(
    "text", ["[", "a = 1", "[a.b]\nrecall = 1", "[a.b]\nrecall=1\ntried=1\nsettings=1\nparameters={x=[]}"]
)
def test_a_damaged_file_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tuned.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"tuned\.toml"):
        read_choices(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be written"):
        store_choice(tmp_path / "file" / "tuned.toml", "one", "ease", Choice({}, 0.5, 1, 1))
