"""Pictures of every kind become upright RGB on white; whatever else a file holds becomes a fault with a reason."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from relvid_core.encoders.pictures import PictureFault, PictureLimits, read_picture, summary

RED, WHITE = [255, 0, 0], [255, 255, 255]


def kept(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


def read(path: Path) -> np.ndarray:
    found = read_picture(path)
    assert not isinstance(found, PictureFault), found
    assert found.dtype == np.uint8
    return found


def fault(path: Path, limits: PictureLimits | None = None) -> str:
    found = read_picture(path, limits)
    assert isinstance(found, PictureFault)
    assert found.path == path
    return found.reason


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "webp"])
def test_formats_without_loss(tmp_path: Path, suffix: str) -> None:
    path = kept(
        tmp_path / f"x.{suffix}", Image.new("RGB", (4, 2), tuple(RED)), **{"lossless": True} if suffix == "webp" else {}
    )
    assert read(path).tolist() == [[RED] * 4] * 2


def test_a_name_is_not_believed(tmp_path: Path) -> None:
    kept(tmp_path / "x.png", Image.new("RGB", (4, 2), tuple(RED)))
    assert read((tmp_path / "x.png").rename(tmp_path / "x.jpg")).shape == (2, 4, 3)
    kept(tmp_path / "y.tiff", Image.new("RGB", (4, 2)))
    assert "not a picture of a known kind (JPEG" in fault((tmp_path / "y.tiff").rename(tmp_path / "y.png"))


def test_a_picture_on_its_side_is_turned(tmp_path: Path) -> None:
    picture = Image.new("RGB", (4, 2), "black")
    picture.putpixel((0, 0), tuple(RED))
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera turned: the top left corner belongs at the top right
    found = read(kept(tmp_path / "x.png", picture, exif=exif))
    assert found.shape == (4, 2, 3)
    assert found[0, 1].tolist() == RED


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    picture.putpixel((0, 0), (0, 0, 0, 0))
    assert read(kept(tmp_path / "rgba.png", picture)).tolist() == [[WHITE, RED]]
    grey = Image.new("LA", (1, 1), (0, 0))
    assert read(kept(tmp_path / "la.png", grey)).tolist() == [[WHITE]]
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 0, *RED])
    palette.putpixel((1, 0), 1)
    assert read(kept(tmp_path / "p.png", palette, transparency=0)).tolist() == [[WHITE, RED]]
    assert read(kept(tmp_path / "bytes.png", palette, transparency=b"\x00\xff")).tolist() == [[WHITE, RED]]


def test_other_kinds_of_colour(tmp_path: Path) -> None:
    ink = read(kept(tmp_path / "cmyk.jpg", Image.new("CMYK", (8, 8), (0, 255, 255, 0)), quality=95))
    assert np.abs(ink[4, 4].astype(int) - RED).max() < 12
    assert read(kept(tmp_path / "bit.png", Image.new("1", (1, 1), 1))).tolist() == [[WHITE]]
    deep = Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16))
    assert read(kept(tmp_path / "deep.png", deep))[0, :, 0].tolist() == [0, 128, 255]


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (3, 3), "red"), Image.new("RGB", (3, 3), "blue")
    for suffix in ("gif", "webp"):
        path = kept(
            tmp_path / f"x.{suffix}",
            first,
            save_all=True,
            append_images=[second],
            **{"lossless": True} if suffix == "webp" else {},
        )
        assert read(path)[1, 1].tolist() == RED


def bomb(wide: int, high: int) -> bytes:
    """A PNG of a few hundred bytes whose header claims this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<svg onload=alert(1)>", "not a picture of a known kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a picture of a known kind"),
        (bomb(7_000, 7_000), "49,000,000|7,000 × 7,000 pixels, more than the 40,000,000"),
        (bomb(12_000, 10_000), "more than the 40,000,000"),
        (bomb(60_000, 60_000), "more than the 40,000,000"),
        (bomb(40_000, 10), "strip"),
        (bomb(100, 100), "damaged"),
        (bomb(0, 10), "not a picture|damaged|strip"),
    ],
)
def test_hostile_files(tmp_path: Path, content: bytes, words: str) -> None:
    import re

    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert re.search(words, fault(path))


def test_cut_short(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8))
    for suffix in ("jpg", "png", "webp", "bmp", "gif"):
        path = kept(tmp_path / f"x.{suffix}", noise)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert "damaged" in fault(path) or "not a picture" in fault(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    assert fault(tmp_path / "gone.png") == "no such file"
    assert fault(tmp_path) == "not a file"
    path = kept(tmp_path / "x.bmp", Image.new("RGB", (30, 30)))
    assert "bytes, more than the 100 allowed" in fault(path, PictureLimits(max_bytes=100))


def _seed(suffix: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(stream, suffix)
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore")  # Pillow warns of some damaged headers
@settings(max_examples=150)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP"]),
    changes=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), max_size=8),
    tail=st.binary(max_size=40),
)
def test_any_damage_is_a_picture_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, kind: str, changes: list[tuple[int, int]], tail: bytes
) -> None:
    content = bytearray(_seed(kind) + tail)
    for place, value in changes:
        content[place % len(content)] = value
    path = tmp_path_factory.mktemp("damaged") / "x"
    path.write_bytes(content)
    found = read_picture(path)
    assert isinstance(found, PictureFault) or (found.ndim, found.shape[2]) == (3, 3)


def test_the_summary_names_a_few_and_counts_the_rest() -> None:
    assert summary([]) == ""
    faults = [PictureFault(Path(f"{place}.png"), "the file is empty") for place in range(5)]
    told = summary([*faults, faults[0]])
    assert told.startswith("5 pictures could not be used: '0.png' (the file is empty); '1.png'")
    assert told.endswith("and 2 more.")
