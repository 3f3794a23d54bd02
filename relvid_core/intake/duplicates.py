"""Videos that look like copies of each other: by title, by text, by picture."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from relvid_core import columns as c
from relvid_core.data.catalog import Catalog
from relvid_core.data.text_pairs import LONGEST_TEXT, Pairs, distinct_pairs, pairs_within, text_pairs
from relvid_core.encoders.pictures import PictureFault, read_picture
from relvid_core.intake.picture_folder import LIMITS

ROW_A: Final = "row_a"
ROW_B: Final = "row_b"
SIMILARITY: Final = "similarity"
TITLE: Final = "title"  # values of the column `kind`
TEXT: Final = "text"
PICTURE: Final = "picture"

_BLOCK: Final = 4_096
_READERS: Final = 4


def near_duplicates(
    catalog: Catalog,
    *,
    threshold: float = 0.95,
    max_distance: int = 4,
    pictures: bool = True,
    on_progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Pairs of videos that may be one: row_a < row_b, kind, similarity; each pair once for each kind.

    "title": equal titles, whatever their case, signs and spaces. "text": title and description together with a cosine
    of at least `threshold` in TF-IDF of character 4-grams. "picture": difference hashes of 64 bits at most
    `max_distance` apart. Of a large group of copies every member is paired with the first and with the next one.
    """
    report = on_progress or _silent
    title_pairs = _equal(_normalised(catalog.titles[row]) if catalog.text[row] else "" for row in range(len(catalog)))
    frames = [_frame(title_pairs, TITLE, np.ones(len(title_pairs)))]
    report(0.1)
    pairs, similarity = text_pairs(catalog.text, threshold)
    frames.append(_frame(pairs, TEXT, similarity))
    report(0.5)
    if pictures:
        pairs, similarity = picture_pairs(picture_hashes(catalog), max_distance)
        frames.append(_frame(pairs, PICTURE, similarity))
    report(1.0)
    return pd.concat(frames, ignore_index=True)


def _silent(done: float) -> None:
    """Progress that nobody watches."""


def _frame(pairs: Pairs, kind: str, similarity: npt.NDArray[np.float64]) -> pd.DataFrame:
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -similarity))
    rows = pairs[order]
    kinds = pd.Series([kind] * len(rows), dtype="str")
    return pd.DataFrame({ROW_A: rows[:, 0], ROW_B: rows[:, 1], c.KIND: kinds, SIMILARITY: similarity[order]})


def _normalised(text: str) -> str:
    """Letters and digits only, in one case and one form.

    >>> _normalised("Café – Ｐart 2!") == _normalised("cafe part 2")
    True
    """
    plain = unicodedata.normalize("NFKD", text[:LONGEST_TEXT]).casefold()
    return re.sub(r"[\W_]+", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _equal(keys: Iterable[str]) -> Pairs:
    groups: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if key:
            groups.setdefault(key, []).append(row)
    return distinct_pairs(pair for group in groups.values() for pair in pairs_within(group))


# --- Pictures --------------------------------------------------------------------------------------------------------


def picture_hashes(catalog: Catalog) -> dict[int, int]:
    """The difference hash of every video's thumbnail that can be read and is not one even surface: row → 64 bits."""
    rows = [row for row in range(len(catalog)) if catalog.frame[c.THUMBNAIL].iat[row]]
    with ThreadPoolExecutor(_READERS) as pool:  # decoding releases the interpreter
        hashes = pool.map(_hash_of, [catalog] * len(rows), rows)
        return {row: found for row, found in zip(rows, hashes, strict=True) if found is not None}


def _hash_of(catalog: Catalog, row: int) -> int | None:
    path = catalog.thumbnail(row)
    if path is None:
        return None
    pixels = read_picture(path, LIMITS)
    return None if isinstance(pixels, PictureFault) else difference_hash(pixels)


def difference_hash(pixels: npt.NDArray[np.uint8]) -> int | None:
    """64 bits: is each of 8 × 8 cells brighter than its right neighbour? (Krawetz 2013, "dHash"); None if all is even.

    `pixels` is `[height, width, 3]`.
    """
    grey = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
    cells = np.asarray(grey, dtype=np.int16)
    if int(cells.max()) - int(cells.min()) < 8:
        return None
    bits = (cells[:, :-1] > cells[:, 1:]).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def picture_pairs(hashes: dict[int, int], max_distance: int) -> tuple[Pairs, npt.NDArray[np.float64]]:
    """Pairs of rows whose hashes differ in at most `max_distance` bits; similarity is the share of equal bits."""
    groups: dict[int, list[int]] = {}
    for row, value in sorted(hashes.items()):
        groups.setdefault(value, []).append(row)
    found = {pair: 0 for group in groups.values() for pair in pairs_within(group)}
    values = np.array(list(groups), dtype=np.uint64)
    first = [group[0] for group in groups.values()]
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        for other in range(start, len(values), _BLOCK):
            distance = np.bitwise_count(block[:, None] ^ values[None, other : other + _BLOCK])
            for a, b in np.argwhere(distance <= max_distance).tolist():
                if start + a < other + b:
                    pair = sorted((first[start + a], first[other + b]))
                    found[pair[0], pair[1]] = int(distance[a, b])
    pairs = distinct_pairs(found)
    bits = np.array([found[a, b] for a, b in pairs.tolist()], dtype=np.float64)
    return pairs, 1.0 - bits / 64.0
