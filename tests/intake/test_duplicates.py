"""Copies of videos that were planted are found; videos that only look alike are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from relvid_core.data.catalog import Catalog
from relvid_core.intake.duplicates import difference_hash, near_duplicates, picture_pairs

WORDS = [
    f"{a}{b}" for a in ("bar", "col", "dim", "fen", "gul", "hop", "jet") for b in ("an", "ek", "ist", "or", "uth", "yp")
]


def sentences(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 14)) for _ in range(n)]


def catalog_of(titles: list[str], descriptions: list[str] | None = None, **more: object) -> Catalog:
    frame = pd.DataFrame({"video_id": [f"v{i}" for i in range(len(titles))], "title": titles})
    if descriptions is not None:
        frame["description"] = descriptions
    root = more.pop("root", None)
    return Catalog.from_frame(frame.assign(**more), source="t", thumbnail_root=root if isinstance(root, Path) else None)


def found(frame: pd.DataFrame, kind: str) -> set[tuple[int, int]]:
    part = frame[frame["kind"] == kind]
    return set(zip(part["row_a"].tolist(), part["row_b"].tolist(), strict=True))


def test_titles_are_compared_without_case_signs_and_accents() -> None:
    catalog = catalog_of(["Café – part 2", "cafe PART 2!", "cafe part 3", "", ""])
    assert found(near_duplicates(catalog), "title") == {(0, 1)}


def test_planted_text_copies_are_found_and_no_others() -> None:
    texts = sentences(300)
    copies = {7: 290, 8: 291, 9: 292}
    for original, copy in copies.items():
        texts[copy] = texts[original].replace(" ", "  ").upper() + "!"
    texts[293] = texts[10] + " " + WORDS[0]  # one word more of fifteen
    catalog = catalog_of([""] * 300, texts)
    pairs = near_duplicates(catalog)
    expected = set(copies.items())
    assert expected <= found(pairs, "text") <= expected | {(10, 293)}
    assert pairs["similarity"].max() >= 0.95
    assert found(pairs, "title") == set()


def test_a_thousand_equal_videos_are_linked_not_squared() -> None:
    frame = near_duplicates(catalog_of(["the very same title"] * 1_000))
    assert 999 <= len(found(frame, "title")) <= 2_000


def gradient(shift: float, size: int = 64) -> np.ndarray:
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    wave = 127 + 120 * np.sin((x + shift) / 6.0) * np.cos(y / (5.0 + shift))
    return np.repeat(wave[:, :, None], 3, axis=2).astype(np.uint8)


def test_difference_hash_by_hand() -> None:
    falling = np.repeat(np.linspace(250, 0, 9)[None, :], 8, axis=0)
    picture = np.repeat(falling[:, :, None], 3, axis=2).astype(np.uint8)
    assert difference_hash(picture) == 2**64 - 1  # every cell is brighter than its right neighbour
    assert difference_hash(picture[:, ::-1]) == 0
    assert difference_hash(np.full((8, 9, 3), 77, dtype=np.uint8)) is None


def test_picture_pairs_agree_with_counting_bits() -> None:
    rng = np.random.default_rng(0)
    hashes = {row: int(rng.integers(0, 2**63)) for row in range(200)}
    hashes[200] = hashes[3] ^ 0b1111
    hashes[201] = hashes[4] ^ 0b11111
    hashes[202] = hashes[5]
    pairs, similarity = picture_pairs(hashes, 4)
    assert pairs.tolist() == [[3, 200], [5, 202]]
    assert similarity.tolist() == [60 / 64, 1.0]


def test_a_copied_picture_is_found_in_another_size_and_format(tmp_path: Path) -> None:
    for i, shift in enumerate((0.0, 9.0, 23.0)):
        Image.fromarray(gradient(shift)).save(tmp_path / f"{i}.png")
    Image.fromarray(gradient(9.0)).resize((120, 90)).save(tmp_path / "copy.jpg", quality=80)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    names = ["0.png", "1.png", "2.png", "copy.jpg", "broken.png", ""]
    catalog = catalog_of(sentences(6), thumbnail=names, root=tmp_path)
    assert found(near_duplicates(catalog), "picture") == {(1, 3)}
    assert found(near_duplicates(catalog, pictures=False), "picture") == set()
