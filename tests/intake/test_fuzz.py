"""Hostile files from end to end: each is taken in, or refused in words; none breaks, stalls or reaches a path."""

from __future__ import annotations

import gzip
import io
import os
import signal
import struct
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from relvid_core.errors import RelvidError
from relvid_core.intake.clean import clean, dataset_from
from relvid_core.intake.faults import faults_csv
from relvid_core.intake.health import health_report
from relvid_core.intake.kept import load_imported
from relvid_core.intake.mapping import REQUIRED, guess_columns, guess_role
from relvid_core.intake.raw import IntakeLimits, RawTable, Role, read_raw
from relvid_core.intake.store import ArchiveLimits, save_dataset, unpack_pictures

Rng = np.random.Generator
LIMITS = IntakeLimits(max_bytes=1 << 22, max_rows=2_000, max_columns=40, max_cell=500)
ENDS = {"trainable", "content only", "refused"}
PATIENCE_S = 20.0  # on a busy machine; each takes some hundredths of a second on an idle one
MARK = "zq9"  # in every hostile cell that could be taken for a path

CELLS = (
    *("", " ", "nan", "NULL", "\\N", "0", "-1", "1e308", "1e-320", "-1e999", "9" * 400, "0x10", "1_000", "٣", "½"),
    *("1,5", "1.234,5", "12:30", "99:99:99", "PT1M", "PT", "P", "true", "2024-05-31", "31.12.2024", "05/06/2024"),
    *("2024-13-45", "1700000000", "1700000000000", "17e17", "99999999", "20240531", "0000-00-00", "1e20", "24:00:00"),
    *("9999-12-31T23:59:59Z", "-9999-01-01", "2024-05-31T18:00:00+99:99", "1677-09-21", "2262-04-12", "5138-11-16"),
    *("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "+1", "@x", "-2+3", '"', '""', '"""', "'", "`", "$(id)"),
    *(f"../../{MARK}.png", f"/etc/{MARK}", f"C:\\{MARK}.png", f"https://{MARK}/a.png", f"..\\{MARK}.jpg"),
    *(f"{MARK}\0.png", "a.png", "A.PNG", "sub/b.jpg", "con.png", "a.png/b.png", "..", ".", "~", "x" * 600, "x" * 201),
    *("\ufeff", "\u202etxt", "\u200b", "\u0000", "\x07", "\x1b[31m", "\r", "\n", "a\nb", "a\rb", "\t", "%s%n", "inf"),
    *("👩‍👩‍👧", "ﷺ", "电影", "日本語", "한국어", "e\u0301", "\ud7ff", "A > B", "A|B", "|||", " > ", ">" * 50, "A/B/C"),
    *("#a #b", "[1, 2]", "['a', \"b\"]", '[{"id": 1, "name": "A"}]', "[" * 300, "{'name': 'x'}", "[null]", '["a"'),
    *("v1", "v2", "v3", "V1", "v1 ", "1.0", "2.0", "u1", "u2"),
)
NAMES = (
    *("video_id", "videoId", "id", "item", "title", "name", "description", "genres", "tags", "duration", "duration_ms"),
    *("publishedAt", "year", "thumbnail", "user_id", "uid", "timestamp", "date", "rating", "liked", "propensity", ""),
    *("video_id", "=x", "x" * 300, "a\nb", "\u202e", f"../{MARK}", "__proto__", "ａ", "channel", " "),
)


def pick(rng: Rng, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def table_cells(rng: Rng, role: Role) -> tuple[list[str], list[list[str]]]:
    """A header and rows: mostly sound or mostly hostile, so that some inputs go all the way."""
    sound = rng.random() < 0.6
    width, height = int(rng.integers(1, 9)), int(rng.integers(0, 40))
    first = ["video_id", "title", "genres"] if role == "catalogue" else ["user_id", "video_id", "timestamp", "rating"]
    head = (first if sound else []) + [pick(rng, NAMES) for _ in range(width)]
    rows = []
    for i in range(height):
        row = [pick(rng, CELLS) for _ in head]
        if sound and rng.random() < 0.8:
            good = (
                [f"v{i}", f"Title {i}", "A|B"] if role == "catalogue" else [f"u{i % 5}", f"v{i % 9}", str(1e9 + i), "1"]
            )
            row[: len(good)] = good
        rows.append(row)
    return head, rows


def csv_bytes(rng: Rng, role: Role) -> bytes:
    head, rows = table_cells(rng, role)
    separator = pick(rng, (",", ";", "\t", "|"))
    quote = rng.random() < 0.7

    def written(cell: str) -> str:
        if quote and (separator in cell or "\n" in cell or '"' in cell):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    text = pick(rng, ("\n", "\r\n", "\r")).join(separator.join(map(written, row)) for row in [head, *rows])
    encoding = pick(
        rng, ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "gb18030", "latin-1")
    )
    data = text.encode(encoding, errors="replace")
    if rng.random() < 0.4:  # damage
        broken = bytearray(data)
        for _ in range(int(rng.integers(1, 30))):
            if broken:
                broken[int(rng.integers(len(broken)))] = int(rng.integers(256))
        data = bytes(broken[: int(rng.integers(len(broken) + 1))]) if rng.random() < 0.3 else bytes(broken)
    return rng.bytes(int(rng.integers(0, 4_000))) if rng.random() < 0.05 else data


def table_file(rng: Rng, folder: Path, role: Role) -> Path:
    kind = rng.random()
    if kind < 0.7:
        path = folder / f"{role}.csv"
        path.write_bytes(csv_bytes(rng, role))
    elif kind < 0.8:
        path = folder / f"{role}.csv.gz"
        data = gzip.compress(csv_bytes(rng, role))
        path.write_bytes(data[: int(rng.integers(len(data)))] if rng.random() < 0.2 else data)
    else:
        path = folder / f"{role}.parquet"
        data = parquet_bytes(rng, role)
        if rng.random() < 0.4:
            broken = bytearray(data)
            for _ in range(int(rng.integers(1, 10))):
                broken[int(rng.integers(len(broken)))] = int(rng.integers(256))
            data = bytes(broken)
        path.write_bytes(data)
    return path


def parquet_bytes(rng: Rng, role: Role) -> bytes:
    head, rows = table_cells(rng, role)
    frame = pd.DataFrame(
        {f"{name}{'' if head.index(name) == i else i}": [row[i] for row in rows] for i, name in enumerate(head)}
    )
    n = len(frame)
    extra: list[Callable[[], object]] = [
        lambda: rng.normal(size=n) * 10.0 ** rng.integers(-300, 300),
        lambda: rng.integers(-(2**62), 2**62, n),
        lambda: pd.to_datetime(rng.integers(0, 2**40, n), unit="s"),
        lambda: [[f"t{i}", MARK] for i in range(n)],
        lambda: [{"name": f"t{i}"} for i in range(n)],
        lambda: [os.fsencode(f"{i}") + b"\xff" for i in range(n)],
        lambda: rng.random(n) < 0.5,
        lambda: [None] * n,
        lambda: pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
    ]
    for i in range(int(rng.integers(0, 4))):
        frame[pick(rng, NAMES) + f"_{i}"] = extra[int(rng.integers(len(extra)))]()
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def picture_bytes(rng: Rng) -> bytes:
    kind = int(rng.integers(5))
    if kind == 0:
        return rng.bytes(int(rng.integers(0, 300)))
    if kind == 1:  # says it is huge
        head = struct.pack(">IIBBBBB", *(int(n) for n in rng.integers(0, 2**31, 2)), 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + struct.pack(">I", 13)
            + b"IHDR"
            + head
            + struct.pack(">I", zlib.crc32(b"IHDR" + head))
        )
    stream = io.BytesIO()
    size = (int(rng.integers(1, 40)), int(rng.integers(1, 40)), 3)
    form = pick(rng, ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"))
    Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)).save(stream, form)
    data = bytearray(stream.getvalue())
    if kind == 2:
        for _ in range(5):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
    return bytes(data[: int(rng.integers(len(data)))] if kind == 3 else data)


def archive_file(rng: Rng, folder: Path) -> Path:
    path = folder / "pictures.zip"
    names = (
        "a.png",
        "sub/b.jpg",
        f"../{MARK}.png",
        f"/{MARK}.png",
        "a.png/x.png",
        "A.png",
        "con.png",
        "x" * 200 + ".png",
    )
    names += (
        f"..\\{MARK}.png",
        "a.txt",
        "d/",
        "v1.png",
        "v2.jpg",
        "\u202e.png",
        "é.png",
        "deep/" * 20 + "a.png",
        "a.png",
    )
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of zipfile, about names that are there twice
        for _ in range(int(rng.integers(0, 12))):
            entry = zipfile.ZipInfo(pick(rng, names))
            entry.compress_type = zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_STORED
            if rng.random() < 0.1:
                entry.external_attr = 0o120777 << 16
            elif rng.random() < 0.05:
                archive.writestr(entry, b"\0" * 3_000_000)
                continue
            archive.writestr(entry, picture_bytes(rng))
    if rng.random() < 0.3:
        data = bytearray(path.read_bytes())
        for _ in range(8):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(data)
    return path


class TooSlow(Exception):
    """An input took longer than it may."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the middle of whatever runs too long."""

    def stop(number: int, frame: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def columns_for(table: RawTable, role: Role, rng: Rng) -> dict[str, str]:
    """The guessed columns; where a needed one is missing, any column, as a user might choose."""
    found = guess_columns(table, role)
    free = [str(name) for name in table.frame.columns if name not in found.values()]
    for ours in REQUIRED[role]:
        if ours not in found and free:
            found[ours] = free.pop(int(rng.integers(len(free))))
    return found


def take_in(seed: int, folder: Path) -> str:
    """One hostile import; how it ended."""
    rng = np.random.default_rng(seed)
    try:
        pictures = None
        if rng.random() < 0.5:
            into = folder / "in"
            into.mkdir()
            limits = ArchiveLimits(max_files=50, max_file=1 << 20, max_bytes=1 << 21)
            pictures = unpack_pictures(archive_file(rng, folder), into, limits).folder
        catalogue = read_raw(table_file(rng, folder, "catalogue"), limits=LIMITS)
        log = read_raw(table_file(rng, folder, "log"), limits=LIMITS) if rng.random() < 0.8 else None
        if seed % 5 == 0:
            guess_role(catalogue)
        cleaned = clean(
            catalogue,
            log,
            catalogue_columns=columns_for(catalogue, "catalogue", rng),
            log_columns={} if log is None else columns_for(log, "log", rng),
            thumbnails=pictures,
            engagement_from=None if rng.random() < 0.7 else float(rng.normal()),
        )
    except RelvidError as error:
        return "refused" if len(str(error)) < 2_000 else "refused with too many words"
    # From here on nothing may raise: what was cleaned loads, is judged, is stored and comes back the same.
    dataset = dataset_from(cleaned, key="x", title="x", thumbnails=pictures)
    report = health_report(dataset, cleaned)
    assert report.advice
    faults_csv(cleaned.faults)
    stored = save_dataset(
        cleaned, home=folder / "home", name=pick(rng, CELLS).replace(MARK, "") + "x", thumbnails=pictures, notes=()
    )
    back = load_imported(stored)
    assert back.interactions.fingerprint == dataset.interactions.fingerprint
    assert back.catalog.topics == dataset.catalog.topics
    assert list(back.catalog.titles) == list(dataset.catalog.titles)
    return "trainable" if cleaned.log_frame is not None else "content only"


def run(seeds: range, tmp_path: Path) -> Counter[str]:
    ends: Counter[str] = Counter()
    for seed in seeds:
        folder = tmp_path / f"s{seed}"
        folder.mkdir()
        ended = ""
        try:
            with patience(PATIENCE_S):
                ended = take_in(seed, folder)
        finally:
            if not ended:
                print(f"seed {seed} broke it")  # pytest shows it with the error
        ends[ended] += 1
        written = [str(path.relative_to(folder)) for path in folder.rglob("*")]
        assert not [path for path in written if MARK in path], f"seed {seed}: a name from a file became a path"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"s{seed}" for seed in seeds)
    return ends


def test_hostile_files_end_well(tmp_path: Path) -> None:
    ends = run(range(100), tmp_path)
    assert ends["trainable"] >= 10
    assert ends["content only"] >= 10
    assert ends["refused"] >= 10
    assert set(ends) <= ENDS


@pytest.mark.slow
def test_a_thousand_hostile_files_end_well(tmp_path: Path) -> None:
    ends = run(range(1_000, 2_000), tmp_path)
    assert ends.total() == 1_000
    assert set(ends) <= ENDS
