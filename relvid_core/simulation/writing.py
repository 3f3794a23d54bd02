"""Writing a sample world: into a new folder first, which takes the old one's place only when it is complete."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from relvid_core import columns as c
from relvid_core.errors import DataError
from relvid_core.simulation.loader import (
    CATALOGUE_FILE,
    CONFIG_FILE,
    LOG_FILE,
    THUMBNAIL_FOLDER,
    TRUTH_FILE,
    load_sample,
)
from relvid_core.simulation.phrases import FORMATS
from relvid_core.simulation.statistics import Statistic, describe
from relvid_core.simulation.thumbnails import thumbnail_bytes
from relvid_core.simulation.vocabulary import LEAVES
from relvid_core.simulation.world import World

README_FILE: Final = "README.md"


def write_world(world: World, folder: Path) -> list[Statistic]:
    """Write all files of a world to `folder` and return its description.

    An earlier sample world there is replaced; anything else is left alone with a DataError.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: is a file; give the name of a folder for the sample world.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CONFIG_FILE).is_file():
        raise DataError(f"{folder}: holds other files and no {CONFIG_FILE}; give an empty or a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
        new, old = Path(work) / "new", Path(work) / "old"
        new.mkdir()
        statistics = _write_files(world, new)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    return statistics


def _write_files(world: World, folder: Path) -> list[Statistic]:
    world.videos.frame.to_parquet(folder / CATALOGUE_FILE, index=False, compression="zstd")
    world.log.to_parquet(folder / LOG_FILE, index=False, compression="zstd")
    (folder / TRUTH_FILE).write_bytes(world.truth.to_bytes())
    (folder / CONFIG_FILE).write_text(world.config.to_toml(), encoding="utf-8")
    for leaf in LEAVES:
        (folder / THUMBNAIL_FOLDER / leaf.slug).mkdir(parents=True)
    videos = world.videos
    for row, (video_id, name) in enumerate(zip(videos.frame[c.VIDEO_ID], videos.frame[c.THUMBNAIL], strict=True)):
        second = LEAVES[videos.secondary[row]] if videos.secondary[row] >= 0 else None
        leaf, kind = LEAVES[videos.primary[row]], FORMATS[videos.format[row]]
        picture = thumbnail_bytes(world.config.seed, video_id, leaf, second, kind)
        (folder / THUMBNAIL_FOLDER / name).write_bytes(picture)
    statistics = describe(load_sample(folder), world.truth)
    (folder / README_FILE).write_text(_readme(statistics), encoding="utf-8")
    return statistics


def _readme(statistics: list[Statistic]) -> str:
    rows = "\n".join(f"| {line.name} | {line.shown} |" for line in statistics)
    return _README.format(rows=rows)


_README: Final = """# The sample world

Everything here was made by `python -m relvid_core.simulation`: no video, channel, viewer or picture comes from anywhere
else, and none exists. Licence: Apache-2.0, like the program. The generative model is in `docs/sample_world.md`.

| file | content |
|---|---|
| `catalogue.parquet` | one row a video; topics are written `Top > Leaf`, several parted by a bar |
| `log.parquet` | one row an exposure; timestamp in seconds UTC; seed_id is the video being watched, if any |
| `truth.safetensors` | the true parameters, read by `relvid_core.simulation.loader.load_truth` |
| `thumbnails/` | one 320 × 180 WebP a video, in a folder for each leaf topic |
| `world.toml` | the settings that made it |
| `embeddings/` | content vectors made beforehand; its `provenance.toml` names the encoders, versions and command |

| statistic | value |
|---|---|
{rows}
"""
