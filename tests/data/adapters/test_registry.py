"""Finding the format of a folder by the names in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relvid_core.data import adapters
from relvid_core.errors import DataError

Folder = Callable[..., Path]
NAMES = ["movielens", "movielens 1M", "kuairec", "kuairec compact", "kuairand", "pairs", "table"]


@pytest.mark.parametrize("name", NAMES)
def test_each_folder_is_recognised_and_loaded_whole(folder: Folder, name: str) -> None:
    root = folder(name)
    key = adapters.detect(root)
    assert key == name.split()[0]
    dataset = adapters.load(root)
    assert dataset.key == key
    assert dataset.title
    assert dataset.notes
    assert dataset.fingerprint == adapters.load(root, key).fingerprint
    assert dataset.interactions.n_videos == len(dataset.catalog) == len(dataset.catalog.topics.paths)


def test_only_one_format_claims_a_folder(folder: Folder) -> None:
    root = folder("kuairec")
    assert [key for key, adapter in adapters.ADAPTERS.items() if adapter.matches(root)] == ["kuairec"]


def test_an_unknown_folder_lists_what_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    assert adapters.detect(tmp_path) is None
    with pytest.raises(DataError, match=r"no known dataset; found 'holiday\.jpg'.*") as caught:
        adapters.load(tmp_path)
    for word in ("MovieLens", "KuaiRec", "KuaiRand", "pairs.csv", "catalogue"):
        assert word in str(caught.value)


def test_a_missing_folder_and_an_unknown_key(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        adapters.load(tmp_path / "nowhere")
    with pytest.raises(DataError, match="'netflix': unknown; use one of 'movielens'"):
        adapters.load(tmp_path, "netflix")


@pytest.mark.parametrize("key", list(adapters.ADAPTERS))
def test_an_adapter_asked_for_an_empty_folder_says_what_it_misses(tmp_path: Path, key: str) -> None:
    assert not adapters.ADAPTERS[key].matches(tmp_path)
    with pytest.raises(DataError, match=r"no .*\.(csv|dat)|neither"):
        adapters.load(tmp_path, key)
