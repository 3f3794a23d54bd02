"""A relevance file beside the sample world is read like any other."""

import shutil
from pathlib import Path

from relvid_core.simulation.loader import CATALOGUE_FILE, LOG_FILE, TRUTH_FILE, load_sample


def test_ratings_beside_the_sample_world(sample_folder: Path, tmp_path: Path) -> None:
    for name in (CATALOGUE_FILE, LOG_FILE, TRUTH_FILE):
        shutil.copy(sample_folder / name, tmp_path)
    plain = load_sample(tmp_path)
    assert (plain.ratings, plain.teacher) == (None, None)
    first, second = plain.catalog.video_id(0), plain.catalog.video_id(1)
    (tmp_path / "relevance.csv").write_text(f"seed_id,candidate_id,grade\n{first},{second},0.25\n", encoding="utf-8")
    rated = load_sample(tmp_path)
    assert rated.ratings is not None
    assert rated.ratings[0, 1] == 0.25
    assert rated.fingerprint != plain.fingerprint
