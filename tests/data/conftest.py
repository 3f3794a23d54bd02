"""Files made on the spot, and the real datasets where a machine has them."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Events

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file in the test's folder and return its path; a name that ends in .gz is packed."""

    def write_file(name: str, content: str | bytes) -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write_file


@pytest.fixture
def real(shared_data: Path) -> Callable[[str], Path]:
    """The folder of one real dataset."""

    def folder(name: str) -> Path:
        if not (shared_data / name).is_dir():
            pytest.skip(f"no real data set {name} in {shared_data}")
        return shared_data / name

    return folder


@pytest.fixture
def catalog() -> Catalog:
    """Videos "a" to "f", rows 0 to 5."""
    return Catalog.from_frame(pd.DataFrame({"video_id": list("abcdef")}), source="videos.csv")


@pytest.fixture
def events() -> Callable[..., Events]:
    """Events from (user, row) or (user, row, timestamp) tuples, given in user and time order."""

    def make(*tuples: tuple[int, ...]) -> Events:
        columns = list(zip(*tuples, strict=True))
        timestamp = np.array(columns[2], dtype=np.int64) if len(columns) > 2 else None
        return Events(np.array(columns[0], np.int32), np.array(columns[1], np.int32), timestamp)

    return make
