"""What every test stands on: no network, no writing into the user's runs, the same examples on every CI run."""

from __future__ import annotations

import io
import ipaddress
import os
import socket
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from relvid_core.config import CoEngagementConfig
from relvid_core.data.coengagement import CoEngagement
from relvid_core.data.interactions import Events, Interactions
from relvid_core.data.topics import Topics
from relvid_core.evaluation.baseline_data import BaselineData

# Two cores shared by two workers: a time limit per example would measure the neighbour.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

DATA_VARIABLE = "RELVID_SHARED_DATA"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, outside the repository; tests that need it skip where it is absent."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: set {DATA_VARIABLE} to its folder, or put it in ../shared/data")
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs go to a temporary folder, and model hubs are told to answer from their cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_HOME", str(tmp_path_factory.mktemp("relvid_home")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave this machine only from tests marked `external`."""
    if request.node.get_closest_marker("external"):
        return
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: tuple[str, int] | str) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
            raise AssertionError(f"a test tried to reach {address}; mark it `external` if it must")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


@pytest.fixture(scope="session")
def planted_groups() -> BaselineData:
    """What a baseline should find: two groups of 20 videos (and 3 that nobody watched); each of 1,200 viewers watched 8
    videos of one group. Texts and topics say the group, too."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.choice(20, 8, replace=False) + 20 * (user % 2) for user in range(1_200)])
    user = np.repeat(np.arange(1_200), 8)
    events = Events(user.astype(np.int32), rows.astype(np.int32), np.arange(len(user), dtype=np.int64))
    group = np.arange(43) // 20
    features = np.eye(3, dtype=np.float32)[group] + 0.1 * rng.random((43, 3), dtype=np.float32)
    topics = Topics.from_paths([((f"group {g}",),) for g in group])
    pairs = CoEngagement.from_events(events, 43, CoEngagementConfig())
    return BaselineData(Interactions(1_200, 43, events), pairs, features, topics)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `gpu` says why it does not run where there is no CUDA device."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device, and torch finds none here")


@dataclass(frozen=True)
class PlantedFault:
    """One fault that was put into a file: what must be said of it, and nothing else."""

    file: str  # "catalogue" or "log"
    row: int | None  # as a spreadsheet counts: the header is row 1
    column: str | None
    kind: str
    done: str


@dataclass(frozen=True)
class FaultyUpload:
    """A catalogue of 500 rows, a log over it and an archive of thumbnails, with 30 faults of 30 kinds in them."""

    catalogue: Path
    log: Path
    pictures: Path  # a zip archive
    faults: tuple[PlantedFault, ...]
    n_videos: int  # that load
    n_views: int


@pytest.fixture(scope="session")
def faulty_upload(tmp_path_factory: pytest.TempPathFactory) -> FaultyUpload:
    """Files as somebody might bring them: 500 videos of 10 topics, 6,000 views of 200 viewers, 30 faults."""
    return write_faulty_upload(tmp_path_factory.mktemp("faulty_upload"))


def write_faulty_upload(folder: Path) -> FaultyUpload:
    """Write the files of `faulty_upload` into a folder."""
    rng = np.random.default_rng(7)
    subjects = ["baking", "chess", "cycling", "drums", "gardening", "knitting", "physics", "sailing", "travel", "yoga"]
    head = ["videoId", "name", "overview", "genres", "channel", "length", "uploadDate", "image"]
    videos = [
        [
            f"v{i:03d}",
            f"{subjects[i % 10].title()} lesson {i}: {rng.choice(['first', 'quiet', 'quick', 'odd'])} steps",
            f"About {subjects[i % 10]} and how to begin, part {i}.",
            f"{'Craft' if i % 2 else 'Sport'} > {subjects[i % 10].title()}",
            f"channel {i % 7}",
            str(60 + i),
            f"2024-0{1 + i % 9}-11",
            f"p{i:03d}.png" if i < 40 else "",
        ]
        for i in range(500)
    ]
    faults: list[PlantedFault] = []

    def plant(i: int, column: int, cell: str, kind: str, done: str) -> None:
        videos[i][column] = cell
        faults.append(PlantedFault("catalogue", i + 2, head[column], kind, done))

    plant(100, 0, "", "empty id", "row dropped")
    plant(101, 0, "v\x07bell", "unusable id", "row dropped")
    plant(102, 0, "v050", "repeated id", "row dropped")
    plant(103, 1, "", "empty title", "kept")
    plant(104, 1, "So long " * 60, "title cut", "value changed")
    plant(105, 2, "word " * 2_100, "description cut", "value changed")
    plant(106, 3, " | ".join(f"Topic {n}" for n in range(201)), "too many topics", "value changed")
    plant(107, 3, " > ".join(f"Level {n}" for n in range(12)), "topic cut", "value changed")
    plant(108, 5, "-30", "negative duration", "cell emptied")
    plant(109, 5, "long", "unreadable number", "cell emptied")
    plant(110, 6, "last summer", "unreadable date", "cell emptied")
    plant(111, 6, "2099-01-01", "future date", "cell emptied")
    plant(112, 7, "../../secret.png", "thumbnail outside folder", "cell emptied")
    plant(113, 7, "nowhere.png", "missing thumbnail", "cell emptied")
    plant(114, 7, "text.png", "not a picture", "cell emptied")
    plant(115, 7, "huge.png", "picture too large", "cell emptied")
    plant(116, 1, "Bell\x07 in the title", "control characters", "value changed")
    lines = [",".join(_csv_cell(cell) for cell in row).encode() for row in [head, *videos]]
    lines[121] = b'v120,"Unclosed title,About yoga,Sport > Yoga,channel 1,180,2024-01-11,'
    lines[122] = b"v121,Too, many, cells,About yoga,Sport > Yoga,channel 1,181,2024-01-11,"
    lines[123] = b"v122,Too few cells"
    lines[124] = b"v123,Caf\xe9 lesson,About yoga,Sport > Yoga,channel \xe2\x82\xac,183,2024-01-11,"
    lines[125] = "v124,N\0UL lesson,About yöga,Sport > Yoga,channel 1,184,2024-01-11,".encode()
    for i, kind, column, done in (
        (120, "open quote", None, "value changed"),
        (121, "too many cells", None, "row dropped"),
        (122, "too few cells", None, "kept"),
        (123, "undecodable bytes", "name", "value changed"),
        (124, "NUL bytes", "name", "value changed"),
    ):
        faults.append(PlantedFault("catalogue", i + 2, column, kind, done))
    catalogue = folder / "catalogue.csv"
    catalogue.write_bytes(b"\n".join(lines) + b"\n")

    views = []
    for i in range(6_000):
        user = int(rng.integers(200))
        video = int(rng.integers(50)) * 10 + user % 10 if rng.random() < 0.7 else int(500 * rng.random() ** 2)
        video = 200 if 100 <= video <= 102 or video == 121 else video  # those that are left out
        views.append(
            [f"u{user}", f"v{video:03d}", str(1_700_000_000 + 97 * i), f"{rng.integers(1, 11) / 10:g}", "0.25"]
        )
    log_head = ["user", "video", "watchedAt", "rating", "propensity"]

    def spoil(i: int, column: int, cell: str, kind: str, done: str) -> None:
        views[i][column] = cell
        faults.append(PlantedFault("log", i + 2, log_head[column], kind, done))

    spoil(1_000, 0, "", "empty user", "row dropped")
    spoil(1_001, 1, "v999", "unknown video", "row dropped")
    spoil(1_002, 2, "yesterday", "unreadable date", "row dropped")
    spoil(1_003, 2, "1700000000123", "other time unit", "value changed")
    spoil(1_004, 2, "4102444800", "future date", "row dropped")
    spoil(1_005, 3, "much", "unreadable number", "row dropped")
    spoil(1_006, 4, "1.5", "propensity out of range", "row dropped")
    views[1_008] = list(views[1_007])
    faults.append(PlantedFault("log", 1_010, None, "repeated row", "row dropped"))
    log = folder / "log.csv"
    log.write_text("\n".join(",".join(row) for row in [log_head, *views]) + "\n", encoding="utf-8")

    pictures = folder / "pictures.zip"
    with zipfile.ZipFile(pictures, "w") as archive:
        for i in range(40):
            archive.writestr(f"thumbs/p{i:03d}.png", _png(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8)))
        archive.writestr("thumbs/text.png", b"this is no picture")
        archive.writestr("thumbs/huge.png", _png_of_size(30_000, 30_000))
    return FaultyUpload(catalogue, log, pictures, tuple(faults), n_videos=496, n_views=5_993)


def _csv_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def _png_of_size(width: int, height: int) -> bytes:
    """A PNG that says it is this large, with hardly any data."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    packed = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
